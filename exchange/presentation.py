"""What a holder hands over: one or several secured documents, in a shape that others use too.

One SD-JWT or other token is its own text, one JSON-LD document its own JSON. Several travel as an
OpenID4VP ``vp_token`` (OpenID4VP 1.0 §8.1): an object whose members are lists of presentations. A token
may also come in a JSON-LD object that carries it (VCDM 2.0 §4.13); that is opened here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary import data_url, limits, shape
from boundary.shape import a_list, an_object, many
from boundary.strict_json import Json, JsonValue, read_object, write
from credentials import envelopes
from credentials.envelopes import Kind
from exchange import offline
from problems import LimitError, ParsingError, Problem
from proofs import badge_token, jose, older_token
from proofs.cose import envelope as cose

BEARER: Final = "urn:passeport:bearer"
"""The audience of a presentation made for whoever reads it; it must carry an expiry."""


@dataclass(frozen=True)
class SdJwtPart:
    """An SD-JWT VC in compact serialization, with or without key binding."""

    text: str
    kind: Literal["credential"] = "credential"


@dataclass(frozen=True)
class JsonLdPart:
    """A JSON-LD credential, or a presentation of some."""

    kind: Kind
    document: Json


@dataclass(frozen=True)
class TokenPart:
    """A VCDM credential or presentation that is the payload of a JWT or SD-JWT, as it says itself."""

    form: jose.Form
    text: str

    @property
    def kind(self) -> Kind:
        return "presentation" if self.form.startswith("vp") else "credential"


@dataclass(frozen=True)
class CosePart:
    """A VCDM credential or presentation that is the payload of a COSE_Sign1, as it says itself."""

    form: cose.Form
    data: bytes

    @property
    def kind(self) -> Kind:
        return "presentation" if self.form.startswith("vp") else "credential"

    @property
    def text(self) -> str:
        return data_url.write(f"application/{self.form}", self.data)


@dataclass(frozen=True)
class BadgePart:
    """An Open Badge as a compact token, from before VCDM 2.0 had tokens of its own."""

    text: str
    kind: Literal["credential"] = "credential"


@dataclass(frozen=True)
class OlderPart:
    """A presentation in a token of VCDM 1.1, which has its document in a claim."""

    text: str
    kind: Literal["presentation"] = "presentation"


@dataclass(frozen=True)
class TwinPart:
    """An offline twin as it is shown: on paper, or on a screen with the holder's signature of now."""

    data: bytes
    kind: Literal["credential"] = "credential"

    @property
    def text(self) -> str:
        return offline.to_text(self.data)


Part: TypeAlias = SdJwtPart | JsonLdPart | TokenPart | CosePart | BadgePart | OlderPart | TwinPart


def read(data: bytes) -> list[Part]:
    """Return the documents in ``data``, unverified; raise ParsingError when it is nothing we know."""
    if offline.is_offline(data):
        return [TwinPart(data)]
    if cose.is_message(data):
        return [_part_of_message(data)]
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
    values: list[JsonValue] = [part.document if isinstance(part, JsonLdPart) else part.text for part in parts]
    if len(parts) > 1:
        return write({"vp_token": {f"credential_{n}": [value] for n, value in enumerate(values)}})
    return values[0] if isinstance(values[0], str) else write(values[0])


def join(texts: Sequence[str]) -> str:
    """Return several presentations as one text to hand over."""
    return write_parts([part for text in texts for part in read(text.encode())])


def contained(presentation: Json) -> list[Part]:
    """Return the credentials of a JSON-LD presentation, each as what it is.

    Raises MalformedValueError for what is no credential, LimitError.
    """
    items = many(presentation.get("verifiableCredential"))
    return [_contained(an_object(item, "verifiableCredential")) for item in items]


def count(part: Part) -> int:
    """Return how many credentials ``part`` says it holds, before anything of it is verified."""
    if part.kind == "credential":
        return 1
    try:
        document = part.document if isinstance(part, JsonLdPart) else unverified(part).document
    except Problem:  # to be said of the part, by whoever verifies it
        return 1
    return len(many(document.get("verifiableCredential")))


def unverified(part: TokenPart | CosePart | OlderPart) -> jose.Payload:
    """Return what an enveloped document says, and what its envelope does; no signature is verified."""
    if isinstance(part, OlderPart):
        return older_token.unverified(part.text)
    if isinstance(part, CosePart):
        return cose.unverified(part.data)
    return jose.unverified(part.form, part.text)


def _contained(item: Json) -> Part:
    if envelopes.is_enveloped(item, "credential"):
        return _part_of_envelope(item, "credential")
    return JsonLdPart("credential", item)


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
    for kind in envelopes.TYPES:
        if envelopes.is_enveloped(document, kind):
            return _part_of_envelope(document, kind)
    if "VerifiablePresentation" in types:
        return JsonLdPart("presentation", document)
    if "VerifiableCredential" in types:
        return JsonLdPart("credential", document)
    raise ParsingError("presentation.no_credential")


def _part_of_text(text: str) -> Part:
    if len(text) > limits.SD_JWT_BYTES:
        raise LimitError("json.too_large", limit=limits.SD_JWT_BYTES)
    if offline.is_text(text):
        return TwinPart(offline.from_text(text))
    for cose_form in cose.FORMS:
        if data_url.is_of(text, f"application/{cose_form}"):
            return CosePart(cose_form, data_url.read(text, f"application/{cose_form}"))
    if text.partition("~")[0].count(".") != 2:
        raise ParsingError("presentation.unrecognized")
    form = jose.peek(text)
    if form:
        return TokenPart(form, text)
    return BadgePart(text) if badge_token.is_badge(text) else SdJwtPart(text)


def _part_of_envelope(node: Json, kind: Kind) -> Part:
    """What the envelope says of its content is what the content is verified to be."""
    envelope = envelopes.unwrap(node, kind)
    if len(envelope.data) > limits.SD_JWT_BYTES:
        raise LimitError("json.too_large", limit=limits.SD_JWT_BYTES)
    if envelope.form == "dc+sd-jwt":
        return SdJwtPart(envelope.data)
    if envelope.form == envelopes.ANY_TOKEN:
        return _part_of_any_token(envelope.data, kind)
    for form in jose.FORMS:
        if form == envelope.form:
            return TokenPart(form, envelope.data)
    for cose_form in cose.FORMS:
        if cose_form == envelope.form:
            return CosePart(cose_form, data_url.from_base64(envelope.data))
    raise ParsingError("presentation.unrecognized")


def _part_of_any_token(text: str, kind: Kind) -> Part:
    form = jose.peek(text)
    if form is None:
        return BadgePart(text) if kind == "credential" else OlderPart(text)
    part = TokenPart(form, text)
    if part.kind != kind:
        raise ParsingError("presentation.unrecognized")
    return part


def _part_of_message(data: bytes) -> CosePart:
    form = cose.peek(data)
    if form is None:
        raise ParsingError("presentation.unrecognized")
    return CosePart(form, data)
