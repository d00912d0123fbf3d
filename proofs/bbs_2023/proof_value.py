"""What stands in a bbs-2023 ``proofValue``: five CBOR elements behind a header (vc-di-bbs §3.4).

Of the feature options only ``baseline`` is read. The others rest on drafts of the IETF (blind signatures,
pseudonyms) and are at risk in the specification: they are refused by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from boundary import base64url, cbor, limits
from boundary.cbor import Cbor, Key
from keys.bbs.curve import G2_BYTES
from keys.bbs.signature import SIGNATURE_BYTES
from problems import LimitError, MalformedValueError, ParsingError, ProofVerificationError
from proofs.suite import Pointer

_BASE: Final = b"\xd9\x5d\x02"
_DERIVED: Final = b"\xd9\x5d\x03"
_MISTAKEN: Final = {
    _BASE: ProofVerificationError("bbs.base_proof_shown"),
    _DERIVED: ProofVerificationError("bbs.derived_already"),
}
_FEATURES: Final = {
    b"\xd9\x5d\x04": "anonymous_holder_binding",
    b"\xd9\x5d\x05": "anonymous_holder_binding",
    b"\xd9\x5d\x06": "pseudonym",
    b"\xd9\x5d\x07": "pseudonym",
    b"\xd9\x5d\x08": "holder_binding_pseudonym",
    b"\xd9\x5d\x09": "holder_binding_pseudonym",
}
_HEADER_BYTES: Final = 3
_ELEMENTS: Final = 5
HMAC_KEY_BYTES: Final = 32
BBS_HEADER_BYTES: Final = 64
"""The hash of the proof's configuration and that of the mandatory statements."""


@dataclass(frozen=True)
class BaseProof:
    """What the issuer gives to the holder; whoever sees it can show whatever they like."""

    bbs_signature: bytes
    bbs_header: bytes
    public_key: bytes
    hmac_key: bytes
    mandatory_pointers: Sequence[Pointer]


@dataclass(frozen=True)
class DerivedProof:
    """What the holder shows.

    ``label_map`` goes from a verifier's canonical labels to the signed ones, ``mandatory_indexes`` are
    places among the statements shown, ``selective_indexes`` places among those that are not mandatory.
    """

    bbs_proof: bytes
    label_map: Mapping[str, str]
    mandatory_indexes: Sequence[int]
    selective_indexes: Sequence[int]
    presentation_header: bytes


def serialize_base_proof_value(proof: BaseProof) -> str:
    """serializeBaseProofValue (§3.4.1)."""
    head: list[Cbor] = [proof.bbs_signature, proof.bbs_header, proof.public_key, proof.hmac_key]
    return _written(_BASE, [*head, list(proof.mandatory_pointers)])


def parse_base_proof_value(text: str) -> BaseProof:
    """parseBaseProofValue (§3.4.2); raise ProofVerificationError or LimitError."""
    signature, header, key, hmac_key, pointers = _elements(text, _BASE)
    try:
        return BaseProof(
            cbor.some_bytes(signature, "bbsSignature", SIGNATURE_BYTES),
            cbor.some_bytes(header, "bbsHeader", BBS_HEADER_BYTES),
            cbor.some_bytes(key, "publicKey", G2_BYTES),
            cbor.some_bytes(hmac_key, "hmacKey", HMAC_KEY_BYTES),
            [cbor.a_text(one, "mandatoryPointers") for one in cbor.an_array(pointers, "mandatoryPointers")],
        )
    except MalformedValueError:
        raise ProofVerificationError("bbs.cbor") from None


def serialize_derived_proof_value(proof: DerivedProof) -> str:
    """serializeDerivedProofValue (§3.4.6)."""
    compressed: Cbor = compress_label_map(proof.label_map)
    indexes: list[Cbor] = [list(proof.mandatory_indexes), list(proof.selective_indexes)]
    return _written(_DERIVED, [proof.bbs_proof, compressed, *indexes, proof.presentation_header])


def parse_derived_proof_value(text: str) -> DerivedProof:
    """parseDerivedProofValue (§3.4.7); raise ProofVerificationError or LimitError."""
    proof, labels, mandatory, selective, presentation_header = _elements(text, _DERIVED)
    try:
        return DerivedProof(
            cbor.some_bytes(proof, "bbsProof"),
            decompress_label_map(labels),
            _increasing(mandatory, "mandatoryIndexes"),
            _increasing(selective, "selectiveIndexes"),
            cbor.some_bytes(presentation_header, "presentationHeader"),
        )
    except MalformedValueError:
        raise ProofVerificationError("bbs.cbor") from None


def compress_label_map(labels: Mapping[str, str]) -> dict[Key, Cbor]:
    """compressLabelMap (§3.4.4), in the order of the canonical labels."""
    pairs = ((int(k.removeprefix("c14n")), int(v.removeprefix("b"))) for k, v in labels.items())
    return dict(sorted(pairs))


def decompress_label_map(compressed: Cbor) -> dict[str, str]:
    """decompressLabelMap (§3.4.5); each canonical label from 0 up once, no signed label twice."""
    pairs = cbor.a_map(compressed, "labelMap")
    numbers = [cbor.an_integer(number, "labelMap", least=0) for number in pairs]
    labels = [cbor.an_integer(label, "labelMap", least=0) for label in pairs.values()]
    if sorted(numbers) != list(range(len(numbers))) or len(set(labels)) != len(labels):
        raise ProofVerificationError("bbs.label_map")
    return {f"c14n{number}": f"b{label}" for number, label in zip(numbers, labels, strict=True)}


def _written(header: bytes, elements: list[Cbor]) -> str:
    data = header + cbor.write(elements)
    if len(data) > limits.CBOR_BYTES:
        raise LimitError("cbor.too_large", limit=limits.CBOR_BYTES)
    return "u" + base64url.encode(data)


def _elements(text: str, header: bytes) -> list[Cbor]:
    data = _data(text)
    found = data[:_HEADER_BYTES]
    if found in _FEATURES:
        raise ProofVerificationError("bbs.feature", feature=_FEATURES[found])
    if found != header:
        raise _MISTAKEN.get(found, ProofVerificationError("bbs.header"))
    try:
        return cbor.an_array(cbor.read(data[_HEADER_BYTES:], any_order=True), "proofValue", _ELEMENTS)
    except (ParsingError, MalformedValueError):
        raise ProofVerificationError("bbs.cbor") from None


def _data(text: str) -> bytes:
    if len(text) > limits.CBOR_BYTES * 4 // 3:
        raise LimitError("cbor.too_large", limit=limits.CBOR_BYTES)
    try:
        if text.startswith("u"):
            return base64url.decode(text[1:])
    except ParsingError:
        pass
    raise ProofVerificationError("bbs.header")


def _increasing(value: Cbor, at: str) -> list[int]:
    """Refuse an index that comes twice, out of order or below zero: there is one spelling per choice."""
    found = [cbor.an_integer(one, at, least=0) for one in cbor.an_array(value, at)]
    if found != sorted(set(found)):
        raise ProofVerificationError("bbs.indexes")
    return found
