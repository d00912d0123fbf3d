"""What the product's own names stand for: its contexts, its types (``vct``) and its schemas."""

import base64
import hashlib
from functools import cache
from typing import Final, get_args

from boundary.strict_json import write
from contexts import PRODUCT
from credentials import schemas, templates
from credentials.metadata import type_metadata
from credentials.templates import Template

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


def integrity(template: Template) -> str:
    """Return the ``vct#integrity`` of a type's metadata (SD-JWT VC §7; W3C SRI §3.5)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(_metadata(template)).digest()).decode()


def _metadata(template: Template) -> bytes:
    return write(type_metadata(template)).encode()
