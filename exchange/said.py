"""What a delivered credential says, whichever way it is secured; nothing here verifies it.

For those who made it or hold it: an issuer that signs a twin beside it, a wallet that offers it.
"""

from dataclasses import dataclass

from credentials import digests
from credentials.digests import Digests
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.token_facts import facts_token
from exchange.presentation import CosePart, JsonLdPart, Part, SdJwtPart, TokenPart, unverified
from problems import InputError
from proofs import jose, sd_jwt
from proofs.sd_jwt import SdJwt


@dataclass(frozen=True)
class Said:
    """``digests`` are those that name the credential, all of them."""

    facts: Facts
    digests: Digests


def said(part: Part) -> Said:
    """Return what one credential says, with all that its holder may hide.

    Raises InputError for a presentation, a twin, or a badge of others; ParsingError, MalformedValueError
    for what is no credential.
    """
    if part.kind == "presentation":
        raise InputError("wallet.presentation")
    if isinstance(part, SdJwtPart):
        parsed = sd_jwt.parse(part.text)
        return Said(facts_sd(sd_jwt.unverified(parsed).payload), digests.of_sd_jwt_part(parsed))
    if isinstance(part, TokenPart):
        payload = jose.unverified(part.form, part.text)
        parsed = sd_jwt.parse(part.text) if part.form == "vc+sd-jwt" else SdJwt(part.text)
        return Said(facts_token(payload.document, payload.claims), digests.of_sd_jwt_part(parsed))
    if isinstance(part, CosePart):
        payload = unverified(part)
        return Said(facts_token(payload.document, payload.claims), digests.of_message(payload.document))
    if isinstance(part, JsonLdPart):
        return Said(facts_ld(part.document), digests.of_json_ld(part.document))
    raise InputError("wallet.badge_token")
