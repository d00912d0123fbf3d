"""What a wallet takes in: credentials delivered to this holder, each with what confirms it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from boundary.strict_json import Json
from credentials import digests
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.forms import FORMS, MediaType
from credentials.token_facts import facts_token
from exchange.presentation import BadgePart, CosePart, JsonLdPart, Part, SdJwtPart, TokenPart, TwinPart, read
from exchange.said import said
from problems import ConflictError, InputError, MalformedValueError, NotFoundError
from proofs import jose, sd_jwt
from proofs.sd_jwt import SdJwt
from wallet.contents import Held
from wallet.vault import Vault

Verify = Callable[[bytes, MediaType], None]
"""Verifies what is about to be kept; raises a Problem. Wired by the application: roles know no role."""


@dataclass(frozen=True)
class Taken:
    """A credential that was offered, and what it says; nothing here has verified it."""

    media_type: MediaType
    body: bytes
    facts: Facts
    digests: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Shelved:
    """A credential in the vault, what it says, and the endorsements beside it."""

    held: Held
    facts: Facts
    endorsements: tuple["Shelved", ...] = ()


def take(body: bytes, vault: Vault, now: datetime, verify: Verify | None = None) -> Held:
    """Keep a credential as it was delivered; an endorsement is kept beside what it endorses.

    Raises MalformedValueError ``sdjwt.unexpected_kb`` for what somebody already presented, InputError for
    a presentation, several credentials at once, or one bound to a key that the vault does not have; what
    ``verify`` raises; ParsingError, MalformedValueError, LimitError for what is no credential.
    """
    taken = look(body)
    _require_ours(taken.facts, vault)
    if verify is not None:
        verify(taken.body, taken.media_type)
    held = vault.add(Held(taken.media_type, taken.body, now, _endorsed(taken.facts, vault)))
    _attach_strays(held, taken, vault)
    return held


def look(body: bytes) -> Taken:
    """Return what ``body`` offers, unverified and not kept: for a person to accept or refuse."""
    parts = read(body)
    if len(parts) != 1:
        raise InputError("wallet.several", count=len(parts))
    return _taken(parts[0], body)


def facts_of(held: Held) -> Facts:
    """Return what a credential of the vault says."""
    return look(held.body).facts


def find(vault: Vault, name: str) -> Held:
    """Return the credential whose id begins with ``name``, or the only one whose title does.

    Raises NotFoundError ``wallet.no_credential``, ConflictError ``wallet.ambiguous``.
    """
    try:
        return vault.get(name)
    except NotFoundError:
        titled = [held for held in vault.credentials() if name and facts_of(held).title.startswith(name)]
        if len(titled) > 1:
            raise ConflictError("wallet.ambiguous", count=len(titled)) from None
        if not titled:
            raise
        return titled[0]


def shelf(vault: Vault) -> list[Shelved]:
    """Return the credentials, oldest first, each with its endorsements; one without a place stands alone."""
    held = vault.credentials()
    ids = {one.id for one in held}
    return [Shelved(one, facts_of(one), tuple(_beside(one, held))) for one in held if one.endorses not in ids]


def _beside(endorsed: Held, held: list[Held]) -> list[Shelved]:
    return [Shelved(one, facts_of(one)) for one in held if one.endorses == endorsed.id]


def _taken(part: Part, body: bytes) -> Taken:
    if part.kind == "presentation" or isinstance(part, TwinPart):  # a twin as it is shown
        raise InputError("wallet.presentation")
    if isinstance(part, SdJwtPart):
        return _taken_sd_jwt(_unbound(part.text))
    if isinstance(part, TokenPart):
        return _taken_token(part)
    if isinstance(part, CosePart):
        told = said(part)
        return Taken("application/vc+cose", part.data, told.facts, frozenset(told.digests))
    if isinstance(part, BadgePart):
        raise InputError("wallet.badge_token")
    return _taken_json_ld(part, body)


def _unbound(text: str) -> SdJwt:
    parsed = sd_jwt.parse(text)
    if parsed.key_binding is not None:  # RFC 9901 §7.2: an issuer never delivers one
        raise MalformedValueError("sdjwt.unexpected_kb")
    return parsed


def _taken_sd_jwt(parsed: SdJwt) -> Taken:
    facts = facts_sd(sd_jwt.unverified(parsed).payload)
    named = frozenset(digests.of_sd_jwt_part(parsed))
    return Taken("application/dc+sd-jwt", parsed.text.encode(), facts, named)


def _taken_token(part: TokenPart) -> Taken:
    """The token alone is kept, whether or not it came inside a JSON object."""
    parsed = _unbound(part.text) if part.form == "vc+sd-jwt" else SdJwt(part.text)
    told = jose.unverified(part.form, part.text)
    named = frozenset(digests.of_sd_jwt_part(parsed))
    media_type = FORMS[part.form].media_type
    return Taken(media_type, part.text.encode(), facts_token(told.document, told.claims), named)


def _taken_json_ld(part: JsonLdPart, body: bytes) -> Taken:
    document: Json = part.document
    return Taken("application/vc", body, facts_ld(document), frozenset(digests.of_json_ld(document)))


def _require_ours(facts: Facts, vault: Vault) -> None:
    """A credential bound to nobody names its subject by something other than a DID."""
    if facts.holder_key is not None:
        ours = facts.holder_key in {key.public for key in vault.holder_keys()}
    else:
        ours = not (facts.holder_id or "").startswith("did:")
    if not ours:
        raise InputError("wallet.not_yours")


def _endorsed(facts: Facts, vault: Vault) -> str | None:
    """Return the id of the credential that these facts endorse, if the vault has it."""
    if facts.endorsement is None:
        return None
    named = set(facts.endorsement.digests)
    return next((held.id for held in vault.credentials() if named & look(held.body).digests), None)


def _attach_strays(held: Held, taken: Taken, vault: Vault) -> None:
    """An endorsement may have come before what it endorses."""
    for stray in vault.credentials():
        if stray.endorses is None and stray.id != held.id:
            endorsement = facts_of(stray).endorsement
            if endorsement and taken.digests & set(endorsement.digests):
                vault.attach(stray, held)
