"""What the product's own names stand for: its contexts, its types (``vct``) and its schemas."""

from functools import cache
from typing import Final, get_args

from boundary.shape import a_text
from boundary.strict_json import Json, write
from contexts import PRODUCT
from credentials import schemas, templates
from credentials.integrity import holds, written
from credentials.metadata import type_metadata
from credentials.templates import Template
from problems import ProofVerificationError

VCT_INTEGRITY: Final = "vct#integrity"
HOME: Final = "https://w3id.org/passeport"


@cache
def documents() -> dict[str, tuple[str, bytes]]:
    """Return media type and bytes of each document by its address; the bytes never change."""
    found = {
        url: ("application/ld+json", pin.file.read_bytes())
        for url, pin in PRODUCT.pins.items()
        if url.startswith(HOME)
    }
    for name in templates.names():
        template = templates.load(name)
        found[template.vct] = ("application/json", _metadata(template))
        for form in get_args(schemas.Form):
            document = schemas.schema(name, form)
            found[str(document["$id"])] = ("application/schema+json", write(document).encode())
    return found


@cache
def integrity(template: Template) -> str:
    """Return the ``vct#integrity`` of a type's metadata (SD-JWT VC §7; W3C SRI §3.2)."""
    return written(_metadata(template))


def check_integrity(payload: Json) -> None:
    """Check that an SD-JWT VC of a type of ours means the metadata that we publish of it.

    Of other types nothing is fetched, and nothing said. Raises MalformedValueError for a digest that is
    none, ProofVerificationError ``sdjwt.vct_integrity``.
    """
    template = templates.for_vct(a_text(payload.get("vct"), "vct"))
    if template is None or VCT_INTEGRITY not in payload:
        return
    if not holds(a_text(payload[VCT_INTEGRITY], VCT_INTEGRITY), _metadata(template)):
        raise ProofVerificationError("sdjwt.vct_integrity")


def _metadata(template: Template) -> bytes:
    return write(type_metadata(template)).encode()
