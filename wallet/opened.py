"""What a held credential holds, for its own holder: the document, its type, the items to choose from."""

from dataclasses import dataclass

from boundary.shape import a_text, many, texts
from boundary.strict_json import Json
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.items import Item, items_ld, items_sd, items_token
from credentials.templates import Template, for_types, for_vct
from credentials.token_facts import facts_token
from exchange.presentation import (
    BadgePart,
    CosePart,
    OlderPart,
    SdJwtPart,
    TokenPart,
    TwinPart,
    read,
    unverified,
)
from problems import InputError
from proofs import SUITES, sd_jwt
from proofs.suite import Pointer, SelectiveCryptosuite
from wallet.contents import Held


@dataclass(frozen=True)
class Opened:
    """``document`` is the JSON-LD credential, with its proof if it has one inside, or the payload of an
    SD-JWT VC; of either all that is held.

    ``pointers`` (Data Integrity) or ``paths`` (SD-JWT) lead to all that its holder may hide; ``whole`` when
    it is shown whole or not at all.
    """

    document: Json
    facts: Facts
    template: Template | None
    items: tuple[Item, ...]
    pointers: tuple[Pointer, ...] = ()
    paths: tuple[sd_jwt.Path, ...] = ()
    whole: bool = False


def open_held(held: Held) -> Opened:
    """Read a credential that was verified when it was taken in; nothing is verified again here."""
    [part] = read(held.body)
    if isinstance(part, SdJwtPart):
        return _open_sd_jwt(part.text)
    if isinstance(part, TokenPart | CosePart):
        return _open_enveloped(part)
    if isinstance(part, BadgePart):
        raise InputError("wallet.badge_token")
    if isinstance(part, TwinPart | OlderPart):
        raise InputError("wallet.presentation")
    return open_json_ld(part.document)


def open_json_ld(document: Json) -> Opened:
    """Read a JSON-LD credential as its issuer delivers it."""
    template = for_types(texts(document.get("type"), "type"))
    items = tuple(items_ld(template, document)) if template else ()
    pointers = tuple(dict.fromkeys(pointer for item in items for pointer in item.pointers))
    return Opened(
        document,
        facts_ld(document),
        template,
        items,
        pointers=pointers or ("/credentialSubject",),
        whole=not _is_selective(document),
    )


def _open_sd_jwt(text: str) -> Opened:
    parsed = sd_jwt.parse(text)
    payload = sd_jwt.unverified(parsed).payload
    template = for_vct(a_text(payload.get("vct"), "vct"))
    items = tuple(items_sd(template, payload)) if template else ()
    return Opened(payload, facts_sd(payload), template, items, paths=tuple(sd_jwt.disclosed(parsed)))


def _open_enveloped(part: TokenPart | CosePart) -> Opened:
    said = unverified(part)
    document, facts = said.document, facts_token(said.document, said.claims)
    template = for_types(texts(document.get("type"), "type"))
    if part.form != "vc+sd-jwt":
        items = tuple(items_ld(template, document)) if template else ()
        return Opened(document, facts, template, items, whole=True)
    paths = tuple(sd_jwt.disclosed(sd_jwt.parse(part.text)))
    items = tuple(items_token(template, document)) if template else ()
    return Opened(document, facts, template, items, paths=paths)


def _is_selective(document: Json) -> bool:
    proofs = [proof for proof in many(document.get("proof")) if isinstance(proof, dict)]
    return any(isinstance(SUITES.get(str(p.get("cryptosuite"))), SelectiveCryptosuite) for p in proofs)
