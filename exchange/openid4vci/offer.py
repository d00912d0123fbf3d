"""The credential offer: by value, by reference, and as the link that a code or a page shows (OpenID4VCI §4).

Whoever reads an offer knows nothing of who made it: what it says is checked with the issuer it names.
"""

from dataclasses import dataclass
from typing import Final

from boundary import forms, strict_json, urls
from boundary.shape import a_list, a_text, an_integer, an_object
from boundary.strict_json import Json
from exchange.oauth.token import AUTHORIZATION_CODE, PRE_AUTHORIZED
from problems import InputError, MalformedValueError

SCHEME: Final = "openid-credential-offer://"
_LINKS: Final = (SCHEME, "haip-vci://", "https://", "http://127.0.0.1:", "http://localhost:")
"""What a wallet answers to: any wallet, those of HAIP 1.0 §4.2, those on the web, one on this machine."""
_DESCRIPTION_CHARS: Final = 300  # §4.1.1
_CONFIGURATIONS: Final = 50


@dataclass(frozen=True)
class TxCode:
    """What a wallet should know of the transaction code that it must ask for."""

    length: int | None = None
    numeric: bool = True
    description: str | None = None

    def document(self) -> Json:
        members: Json = {
            "input_mode": "numeric" if self.numeric else "text",
            "length": self.length,
            "description": self.description,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True)
class PreAuthorized:
    """``server`` is the authorization server to redeem the code at, where the issuer has several."""

    code: str
    tx_code: TxCode | None = None
    server: str | None = None


@dataclass(frozen=True)
class CredentialOffer:
    """``pre_authorized`` and ``issuer_state`` are the two ways to take it up; neither means that the
    issuer's metadata say how. ``sign_in_server`` is where to sign in, where the issuer has several."""

    issuer: str
    configurations: tuple[str, ...]
    pre_authorized: PreAuthorized | None = None
    by_sign_in: bool = False
    issuer_state: str | None = None
    sign_in_server: str | None = None

    def document(self) -> Json:
        grants: Json = {}
        if self.pre_authorized:
            asked = self.pre_authorized.tx_code
            grants[PRE_AUTHORIZED] = {
                "pre-authorized_code": self.pre_authorized.code,
                **({"tx_code": asked.document()} if asked else {}),
                **_given("authorization_server", self.pre_authorized.server),
            }
        if self.by_sign_in:
            grants[AUTHORIZATION_CODE] = {
                **_given("issuer_state", self.issuer_state),
                **_given("authorization_server", self.sign_in_server),
            }
        return {
            "credential_issuer": self.issuer,
            "credential_configuration_ids": [*self.configurations],
            **({"grants": grants} if grants else {}),
        }


def read(document: Json) -> CredentialOffer:
    """Return the offer; raise MalformedValueError. Unknown members and grants are ignored (§4.1.1)."""
    listed = a_list(document.get("credential_configuration_ids"), "credential_configuration_ids")
    configurations = tuple(a_text(entry, "credential_configuration_ids") for entry in listed)
    if not 0 < len(set(configurations)) == len(configurations) <= _CONFIGURATIONS:
        raise MalformedValueError("vci.offer_configurations")
    grants = an_object(document.get("grants", {}), "grants")
    state: Json = {}
    if AUTHORIZATION_CODE in grants:
        state = an_object(grants[AUTHORIZATION_CODE], AUTHORIZATION_CODE)
    return CredentialOffer(
        a_text(document.get("credential_issuer"), "credential_issuer"),
        configurations,
        _pre_authorized(grants),
        AUTHORIZATION_CODE in grants,
        _text_or_none(state, "issuer_state"),
        _text_or_none(state, "authorization_server"),
    )


def _pre_authorized(grants: Json) -> PreAuthorized | None:
    if PRE_AUTHORIZED not in grants:
        return None
    grant = an_object(grants[PRE_AUTHORIZED], PRE_AUTHORIZED)
    code = a_text(grant.get("pre-authorized_code"), "pre-authorized_code")
    server = _text_or_none(grant, "authorization_server")
    if grant.get("tx_code") is None:
        return PreAuthorized(code, None, server)
    return PreAuthorized(code, _tx_code(an_object(grant["tx_code"], "tx_code")), server)


def _tx_code(asked: Json) -> TxCode:
    """An empty object asks for a code too (§4.1.1)."""
    length, description = asked.get("length"), _text_or_none(asked, "description")
    if description is not None and len(description) > _DESCRIPTION_CHARS:
        raise MalformedValueError("vci.offer_description", limit=_DESCRIPTION_CHARS)
    return TxCode(
        None if length is None else an_integer(length, "length"),
        a_text(asked.get("input_mode", "numeric"), "input_mode") != "text",
        description,
    )


def _given(name: str, value: str | None) -> Json:
    return {} if value is None else {name: value}


def _text_or_none(node: Json, name: str) -> str | None:
    return a_text(node[name], name) if name in node else None


def by_value(offer: CredentialOffer, base: str = SCHEME) -> str:
    """Return the link that holds the whole offer; ``base`` is a wallet's https address, or the scheme that
    any wallet may answer to (§12.1.1)."""
    return forms.with_fields(base, {"credential_offer": strict_json.write(offer.document())})


def by_reference(address: str, base: str = SCHEME) -> str:
    """Return the link that says where the offer is: short enough for a code."""
    return forms.with_fields(base, {"credential_offer_uri": address})


def read_link(link: str, *, plain: bool = False) -> CredentialOffer | str:
    """Return the offer that a link holds, or the https address at which it is to be fetched.

    With ``plain`` an address of this machine itself is taken as well. Raises InputError for what is no
    such link, MalformedValueError, ParsingError, LimitError.
    """
    base, mark, query = link.partition("?")
    if not mark or not base.startswith(_LINKS):
        raise InputError("vci.no_offer_link")
    fields = forms.read(query.partition("#")[0])
    by_value, address = fields.get("credential_offer"), fields.get("credential_offer_uri")
    if by_value is not None and address is None:
        return read(strict_json.read_object(by_value))
    if address is not None and by_value is None:
        urls.parse(address, plain=plain)
        return address
    raise InputError("vci.no_offer_link")
