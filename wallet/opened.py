"""What a held credential holds, for its own holder: the document, its type, the items to choose from."""

from dataclasses import dataclass

from boundary.shape import a_text, many, texts
from boundary.strict_json import Json, read_object
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.items import Item, items_ld, items_sd
from credentials.templates import Template, for_types, for_vct
from proofs import SUITES, jws, sd_jwt
from proofs.sd_jwt.process import process
from proofs.suite import Pointer, SelectiveCryptosuite
from wallet.contents import Held


@dataclass(frozen=True)
class Opened:
    """``document`` is the JSON-LD credential with its proof, or the SD-JWT payload with all it holds.

    ``pointers`` (JSON-LD) or ``paths`` (SD-JWT) lead to all that its holder may hide; ``whole`` when it is
    shown whole or not at all.
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
    if held.media_type == "application/vc":
        return open_json_ld(read_object(held.body))
    return _open_sd_jwt(held.body.decode())


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
    payload = process(jws.claims(jws.parse(parsed.issuer_jwt)), parsed.disclosures).payload
    template = for_vct(a_text(payload.get("vct"), "vct"))
    items = tuple(items_sd(template, payload)) if template else ()
    return Opened(payload, facts_sd(payload), template, items, paths=tuple(sd_jwt.disclosed(parsed)))


def _is_selective(document: Json) -> bool:
    proofs = [proof for proof in many(document.get("proof")) if isinstance(proof, dict)]
    return any(isinstance(SUITES.get(str(p.get("cryptosuite"))), SelectiveCryptosuite) for p in proofs)
