"""What is offered, and by whom: put together from the offer, the issuer's metadata and its server's.

An offer is what somebody sent, nothing more: whoever opens it may be meant to take what is somebody else's.
So all of this is shown first, and nothing of it is a promise (OpenID4VCI 1.0 §13.6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from boundary import strict_json, urls
from boundary.shape import a_list, a_text, an_object
from boundary.strict_json import Json
from credentials.forms import MediaType
from exchange.oauth import metadata as servers
from exchange.oauth.metadata import AuthorizationServer
from exchange.oauth.token import AUTHORIZATION_CODE, PRE_AUTHORIZED
from exchange.openid4vci import metadata as issuers
from exchange.openid4vci import offer as offers
from exchange.openid4vci.metadata import IssuerMetadata
from exchange.openid4vci.offer import CredentialOffer, TxCode
from problems import MalformedValueError, ParsingError, ProtocolError, RetrievalError
from problems.characters import printable
from problems.sentences import Lang
from wallet.receive.talk import JSON, Web

FORMATS: Final[Mapping[str, MediaType]] = {
    "dc+sd-jwt": "application/dc+sd-jwt",
    "ldp_vc": "application/vc",
    "jwt_vc_json": "application/vc+jwt",
    "jwt_vc_json-ld": "application/vc+jwt",
}
"""The formats of OpenID4VCI Appendix A that this wallet holds."""
_NAME_CHARS: Final = 200


@dataclass(frozen=True)
class OfferedCredential:
    """``possible`` is false for a format that this wallet does not hold."""

    configuration: str
    format: str
    name: str
    possible: bool


@dataclass(frozen=True)
class Offered:
    """``issuer`` has only the configurations that are offered. ``signed_by`` is who signed the metadata;
    None when they were not: then the issuer is a host name and what it says of itself."""

    offer: CredentialOffer
    issuer: IssuerMetadata
    server: AuthorizationServer
    signed_by: str | None = None

    @property
    def host(self) -> str:
        return urls.host(self.issuer.issuer)

    @property
    def tx_code(self) -> TxCode | None:
        """What is known of the transaction code that will be asked for; None when none will."""
        return self.offer.pre_authorized.tx_code if self.offer.pre_authorized else None

    @property
    def by_sign_in(self) -> bool:
        """Whether the person has to sign in with the issuer."""
        return self.offer.pre_authorized is None

    def name(self, lang: Lang) -> str:
        """Return what the issuer calls itself, its host when it does not."""
        return _name(self.issuer.display, lang) or self.host

    def credentials(self, lang: Lang) -> list[OfferedCredential]:
        return [
            OfferedCredential(
                name,
                one.format,
                _name(_displays(one.shown), lang) or name[:_NAME_CHARS],
                one.format in FORMATS,
            )
            for name, one in self.issuer.configurations.items()
        ]


def look(link: str, web: Web) -> Offered:
    """Return what the offer behind ``link`` offers; nothing is accepted by it.

    Raises InputError for what is no offer, ProtocolError ``wallet.metadata_mismatch`` for metadata of
    somebody else or a token endpoint elsewhere; RetrievalError, MalformedValueError, ParsingError.
    """
    found = offers.read_link(link, plain=True)  # the client judges addresses
    if isinstance(found, str):
        found = offers.read(_document(web, found))
    issuer, signed_by = _issuer(found, web)
    return Offered(found, issuer, _server(found, issuer, web), signed_by)


def _issuer(offer: CredentialOffer, web: Web) -> tuple[IssuerMetadata, str | None]:
    document, signed_by = _issuer_document(issuers.address(offer.issuer), web)
    if document.get("credential_issuer") != offer.issuer:  # §12.2.4: to the letter
        raise _mismatch()
    supported = an_object(
        document.get("credential_configurations_supported"), "credential_configurations_supported"
    )
    missing = [name for name in offer.configurations if name not in supported]
    if missing:
        raise MalformedValueError("receive.unknown_configuration")
    wanted: Json = {name: supported[name] for name in offer.configurations}
    return issuers.read({**document, "credential_configurations_supported": wanted}, offer.issuer), signed_by


def _issuer_document(address: str, web: Web) -> tuple[Json, str | None]:
    """§12.2.3: signed metadata are another representation of the same address."""
    accept = f"{issuers.SIGNED}, {JSON};q=0.5" if web.signed else f"{JSON}, {issuers.SIGNED};q=0.5"
    answer = web.client.send("GET", address, headers={"Accept": accept})
    if answer.status != 200:
        raise RetrievalError("receive.no_metadata", answer=answer.status)
    if answer.headers.get("content-type", "").partition(";")[0].strip() == issuers.SIGNED:
        return issuers.verify(answer.body.decode("ascii", "replace").strip(), web.keys, web.now())
    return strict_json.read_object(answer.body), None


def _server(offer: CredentialOffer, issuer: IssuerMetadata, web: Web) -> AuthorizationServer:
    """Return the server at which the offer is taken up: the one it names, or the first that will do."""
    grant = PRE_AUTHORIZED if offer.pre_authorized else AUTHORIZATION_CODE
    named = offer.pre_authorized.server if offer.pre_authorized else offer.sign_in_server
    listed = issuer.authorization_servers or (issuer.issuer,)
    if named is not None and named not in listed:  # §4.1.1
        raise _mismatch()
    candidates = [_server_metadata(name, web) for name in ([named] if named else listed)]
    return next((one for one in candidates if grant in one.grant_types), candidates[0])


def _server_metadata(issuer: str, web: Web) -> AuthorizationServer:
    document = _document(web, servers.address(issuer))
    if document.get("issuer") != issuer:  # RFC 8414 §3.3
        raise _mismatch()
    server = servers.read(document, issuer)
    secret = [server.token_endpoint, server.pushed_endpoint or server.token_endpoint]
    if any(urls.host(address) != urls.host(issuer) for address in secret):
        raise _mismatch()
    return replace(server, grant_types=_grants(document))


def _grants(document: Json) -> tuple[str, ...]:
    """Whoever does not say which grants it knows may know the pre-authorized one, too (§12.3)."""
    listed = document.get("grant_types_supported")
    if listed is None:
        return (AUTHORIZATION_CODE, PRE_AUTHORIZED)
    return tuple(a_text(one, "grant_types_supported") for one in a_list(listed, "grant_types_supported"))


def _document(web: Web, address: str) -> Json:
    answer = web.client.send("GET", address, headers={"Accept": JSON})
    if answer.status != 200:
        raise RetrievalError("receive.no_metadata", answer=answer.status)
    try:
        return strict_json.read_object(answer.body)
    except ParsingError:
        raise RetrievalError("receive.no_metadata", answer=answer.status) from None


def _mismatch() -> ProtocolError:
    return ProtocolError("wallet.metadata_mismatch", error="invalid_request")


def _displays(shown: Json) -> list[Json]:
    return [one for one in a_list(shown.get("display", []), "display") if isinstance(one, dict)]


def _name(displays: list[Json] | tuple[Json, ...], lang: Lang) -> str | None:
    """Return the name in the reader's language, in any if there is none; what it says is its author's."""
    ranked = sorted(displays, key=lambda one: not str(one.get("locale", "")).lower().startswith(lang))
    names = [one["name"] for one in ranked if isinstance(one.get("name"), str)]
    return printable(str(names[0]))[:_NAME_CHARS] if names else None
