"""What a held credential holds, for its own holder: the document, its type, the items to choose from."""

from dataclasses import dataclass

from boundary.shape import a_text, texts
from boundary.strict_json import Json, read_object
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.items import Item, items_ld, items_sd
from credentials.templates import Template, for_types, for_vct
from proofs import jws, sd_jwt
from proofs.sd_jwt.process import process
from wallet.contents import Held


@dataclass(frozen=True)
class Opened:
    """``document`` is the JSON-LD credential with its proof, or the SD-JWT payload with all it holds."""

    document: Json
    facts: Facts
    template: Template | None
    items: tuple[Item, ...]


def open_held(held: Held) -> Opened:
    """Read a credential that was verified when it was taken in; nothing is verified again here."""
    if held.media_type == "application/vc":
        document = read_object(held.body)
        template = for_types(texts(document.get("type"), "type"))
        return Opened(
            document, facts_ld(document), template, tuple(items_ld(template, document)) if template else ()
        )
    parsed = sd_jwt.parse(held.body.decode())
    payload = process(jws.claims(jws.parse(parsed.issuer_jwt)), parsed.disclosures).payload
    template = for_vct(a_text(payload.get("vct"), "vct"))
    return Opened(
        payload, facts_sd(payload), template, tuple(items_sd(template, payload)) if template else ()
    )
