"""What a holder hands over: one or several secured documents, in a shape that others use too.

One SD-JWT is its own text, one JSON-LD document its own JSON. Several travel as an OpenID4VP
``vp_token`` (OpenID4VP 1.0 §8.1): an object whose members are lists of presentations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary import limits, shape
from boundary.shape import a_list, an_object
from boundary.strict_json import Json, JsonValue, read_object, write
from problems import LimitError, ParsingError

BEARER: Final = "urn:passeport:bearer"
"""The audience of a presentation made for whoever reads it; it must carry an expiry."""


@dataclass(frozen=True)
class SdJwtPart:
    """An SD-JWT in compact serialization, with or without key binding."""

    text: str


@dataclass(frozen=True)
class JsonLdPart:
    """A JSON-LD credential, or a presentation of some."""

    kind: Literal["credential", "presentation"]
    document: Json


Part: TypeAlias = SdJwtPart | JsonLdPart


def read(data: bytes) -> list[Part]:
    """Return the documents in ``data``, unverified; raise ParsingError when it is nothing we know."""
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ParsingError("presentation.unrecognized") from None
    if not text:
        raise ParsingError("presentation.empty")
    parts = _parts_of_json(read_object(text)) if text.startswith("{") else [_part_of_text(text)]
    if len(parts) > limits.CREDENTIALS_PER_PRESENTATION:
        raise LimitError("presentation.too_many", limit=limits.CREDENTIALS_PER_PRESENTATION)
    return parts


def write_parts(parts: Sequence[Part]) -> str:
    """Return the text to hand over; the reverse of :func:`read`."""
    values: list[JsonValue] = [part.text if isinstance(part, SdJwtPart) else part.document for part in parts]
    if len(parts) > 1:
        return write({"vp_token": {f"credential_{n}": [value] for n, value in enumerate(values)}})
    return values[0] if isinstance(values[0], str) else write(values[0])


def join(texts: Sequence[str]) -> str:
    """Return several presentations as one text to hand over."""
    return write_parts([part for text in texts for part in read(text.encode())])


def _parts_of_json(document: Json) -> list[Part]:
    if "vp_token" not in document:
        return [_part_of_object(document)]
    answers = an_object(document["vp_token"], "vp_token")
    return [
        _part_of_text(item) if isinstance(item, str) else _part_of_object(an_object(item, f"vp_token.{name}"))
        for name, items in answers.items()
        for item in a_list(items, f"vp_token.{name}")
    ]


def _part_of_object(document: Json) -> Part:
    if "payload" in document and ("signature" in document or "signatures" in document):
        return SdJwtPart(write(document))  # RFC 9901 §8, JSON serialization
    types = shape.texts(document.get("type"), "type")
    if "VerifiablePresentation" in types:
        return JsonLdPart("presentation", document)
    if "VerifiableCredential" in types:
        return JsonLdPart("credential", document)
    raise ParsingError("presentation.no_credential")


def _part_of_text(text: str) -> Part:
    if len(text) > limits.SD_JWT_BYTES:
        raise LimitError("json.too_large", limit=limits.SD_JWT_BYTES)
    if text.partition("~")[0].count(".") != 2:
        raise ParsingError("presentation.unrecognized")
    return SdJwtPart(text)
