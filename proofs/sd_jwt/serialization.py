"""The forms in which an SD-JWT travels: compact (RFC 9901 §4) and JSON (§8), read into one value."""

from dataclasses import dataclass

from boundary import limits, strict_json
from boundary.shape import a_list, a_text, an_object, texts
from boundary.strict_json import Json
from problems import LimitError, ParsingError

_SEPARATOR = "~"


@dataclass(frozen=True)
class SdJwt:
    """An SD-JWT, or an SD-JWT+KB when ``key_binding`` is there; nothing in it has been verified."""

    issuer_jwt: str
    disclosures: tuple[str, ...] = ()
    key_binding: str | None = None

    @property
    def presented(self) -> str:
        """What ``sd_hash`` covers: everything up to and including the last tilde (§4.3.1)."""
        return _SEPARATOR.join((self.issuer_jwt, *self.disclosures, ""))

    @property
    def text(self) -> str:
        """The compact form."""
        return self.presented + (self.key_binding or "")


def parse(text: str) -> SdJwt:
    """Read either form.

    Raises LimitError beyond ``limits.SD_JWT_BYTES`` characters or ``limits.SD_JWT_DISCLOSURES``
    disclosures, ParsingError, MalformedValueError.
    """
    _refuse_long(text)
    sd_jwt = _from_json(text) if text.startswith("{") else _from_compact(text)
    _refuse_many(sd_jwt)
    return sd_jwt


def written(sd_jwt: SdJwt) -> str:
    """Return the compact form; raise LimitError when :func:`parse` would."""
    text = sd_jwt.text
    _refuse_long(text)
    _refuse_many(sd_jwt)
    return text


def _refuse_long(text: str) -> None:
    if len(text) > limits.SD_JWT_BYTES:
        raise LimitError("sdjwt.too_large", limit=limits.SD_JWT_BYTES)


def _refuse_many(sd_jwt: SdJwt) -> None:
    if len(sd_jwt.disclosures) > limits.SD_JWT_DISCLOSURES:
        raise LimitError("sdjwt.too_complex")


def _from_compact(text: str) -> SdJwt:
    before, _, last = text.rpartition(_SEPARATOR)
    issuer_jwt, *disclosures = before.split(_SEPARATOR)
    if "" in (issuer_jwt, *disclosures):  # also when there is no tilde at all: nothing stands before it
        raise ParsingError("sdjwt.form")
    return SdJwt(issuer_jwt, tuple(disclosures), last or None)


def _from_json(text: str) -> SdJwt:
    """Read the flattened or general form; of several signatures the first counts (§8.3)."""
    document = strict_json.read_object(text, limit=limits.SD_JWT_BYTES)
    signature = _first_signature(document)
    parts = (signature.get("protected"), document.get("payload"), signature.get("signature"))
    issuer_jwt = ".".join(a_text(part, "protected, payload, signature") for part in parts)
    header = an_object(signature.get("header", {}), "header")
    disclosures = texts(a_list(header.get("disclosures", []), "disclosures"), "disclosures")
    key_binding = header.get("kb_jwt")
    return SdJwt(
        issuer_jwt, tuple(disclosures), None if key_binding is None else a_text(key_binding, "kb_jwt")
    )


def _first_signature(document: Json) -> Json:
    if "signatures" not in document:
        return document
    first, *others = a_list(document["signatures"], "signatures") or [None]
    for other in others:
        if an_object(an_object(other, "signatures").get("header", {}), "header").keys() & {
            "disclosures",
            "kb_jwt",
        }:
            raise ParsingError("sdjwt.form")
    return an_object(first, "signatures")
