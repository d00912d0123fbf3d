"""What stands in an ecdsa-sd-2023 ``proofValue``: five CBOR elements behind a header (vc-di-ecdsa §3.5).

There is one spelling per value: whatever a plain CBOR writer would not have written (tags, indefinite
lengths, long forms, duplicate keys, trailing bytes) is refused, so that no two readers can differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cbor2

from boundary import base64url, cbor, limits
from boundary.cbor import Cbor
from keys.public import PublicKey
from problems import LimitError, MalformedValueError, ParsingError, ProofVerificationError
from proofs.suite import Pointer

_BASE: Final = b"\xd9\x5d\x00"
_DERIVED: Final = b"\xd9\x5d\x01"
_MISTAKEN: Final = {_BASE: "ecdsa_sd.base_proof_shown", _DERIVED: "ecdsa_sd.derived_already"}
_ELEMENTS: Final = 5
_P256_MULTICODEC: Final = b"\x80\x24"
_P256_MULTIKEY_BYTES: Final = 35
_SIGNATURE_BYTES: Final = 64
HMAC_KEY_BYTES: Final = 32
_LABEL_BYTES: Final = 32


@dataclass(frozen=True)
class BaseProof:
    """What the issuer gives to the holder; whoever sees it can relabel and so guess what is hidden."""

    base_signature: bytes
    public_key: PublicKey
    """The one-time key that made ``signatures``, one per statement that is not mandatory."""
    hmac_key: bytes
    signatures: Sequence[bytes]
    mandatory_pointers: Sequence[Pointer]


@dataclass(frozen=True)
class DerivedProof:
    """What the holder shows; ``label_map`` goes from a verifier's canonical labels to the signed ones."""

    base_signature: bytes
    public_key: PublicKey
    signatures: Sequence[bytes]
    label_map: Mapping[str, str]
    mandatory_indexes: Sequence[int]


def multikey_bytes(key: PublicKey) -> bytes:
    """Return the key as Multikey writes it, before base58."""
    return _P256_MULTICODEC + key.raw


def serialize_base_proof_value(proof: BaseProof) -> str:
    """serializeBaseProofValue (§3.5.2)."""
    key = multikey_bytes(proof.public_key)
    tail = [list(proof.signatures), list(proof.mandatory_pointers)]
    return _written(_BASE, [proof.base_signature, key, proof.hmac_key, *tail])


def serialize_derived_proof_value(proof: DerivedProof) -> str:
    """serializeDerivedProofValue (§3.5.7)."""
    key = multikey_bytes(proof.public_key)
    tail = [compress_label_map(proof.label_map), list(proof.mandatory_indexes)]
    return _written(_DERIVED, [proof.base_signature, key, list(proof.signatures), *tail])


def parse_base_proof_value(text: str) -> BaseProof:
    """parseBaseProofValue (§3.5.3); raise ProofVerificationError or LimitError."""
    signature, key, hmac_key, signatures, pointers = _five_elements(text, _BASE)
    return BaseProof(
        _bytes(signature, _SIGNATURE_BYTES, "baseSignature"),
        _public_key(key),
        _bytes(hmac_key, HMAC_KEY_BYTES, "hmacKey"),
        [_bytes(one, _SIGNATURE_BYTES, "signatures") for one in _list(signatures, "signatures")],
        [_text(one, "mandatoryPointers") for one in _list(pointers, "mandatoryPointers")],
    )


def parse_derived_proof_value(text: str) -> DerivedProof:
    """parseDerivedProofValue (§3.5.8); raise ProofVerificationError or LimitError."""
    signature, key, signatures, labels, indexes = _five_elements(text, _DERIVED)
    return DerivedProof(
        _bytes(signature, _SIGNATURE_BYTES, "baseSignature"),
        _public_key(key),
        [_bytes(one, _SIGNATURE_BYTES, "signatures") for one in _list(signatures, "signatures")],
        decompress_label_map(labels),
        _increasing(_integer(one, "mandatoryIndexes") for one in _list(indexes, "mandatoryIndexes")),
    )


def compress_label_map(labels: Mapping[str, str]) -> dict[int, bytes]:
    """compressLabelMap (§3.5.5), in the order of the canonical labels."""
    compressed = {int(key.removeprefix("c14n")): base64url.decode(value[1:]) for key, value in labels.items()}
    return dict(sorted(compressed.items()))


def decompress_label_map(compressed: Cbor) -> dict[str, str]:
    """decompressLabelMap (§3.5.6); each canonical label from 0 up once, each signed label once."""
    if not isinstance(compressed, dict):
        raise ProofVerificationError("ecdsa_sd.element", element="labelMap")
    numbers = [_integer(number, "labelMap") for number in compressed]
    labels = [_bytes(label, _LABEL_BYTES, "labelMap") for label in compressed.values()]
    if sorted(numbers) != list(range(len(numbers))) or len(set(labels)) != len(labels):
        raise ProofVerificationError("ecdsa_sd.label_map")
    return {
        f"c14n{number}": "u" + base64url.encode(label) for number, label in zip(numbers, labels, strict=True)
    }


def _written(header: bytes, elements: list[object]) -> str:
    text = "u" + base64url.encode(header + cbor2.dumps(elements))
    _refuse_size(text)
    return text


def _five_elements(text: str, header: bytes) -> list[Cbor]:
    data = _data(text)
    if not data.startswith(header):
        raise ProofVerificationError(_MISTAKEN.get(data[: len(header)], "ecdsa_sd.header"))
    elements = _list(_decoded(data[len(header) :]), "proofValue")
    if len(elements) != _ELEMENTS:
        raise ProofVerificationError("ecdsa_sd.element", element="proofValue")
    return elements


def _data(text: str) -> bytes:
    _refuse_size(text)
    if not text.startswith("u"):
        raise ProofVerificationError("ecdsa_sd.encoding")
    try:
        return base64url.decode(text[1:])
    except ParsingError:
        raise ProofVerificationError("ecdsa_sd.encoding") from None


def _refuse_size(text: str) -> None:
    if len(text) > limits.CBOR_BYTES * 4 // 3:
        raise LimitError("ecdsa_sd.too_large", limit=limits.CBOR_BYTES)


def _decoded(data: bytes) -> Cbor:
    try:
        return cbor.read(data, any_order=True)
    except ParsingError:
        raise ProofVerificationError("ecdsa_sd.cbor") from None


def _list(value: Cbor, element: str) -> list[Cbor]:
    if not isinstance(value, list):
        raise ProofVerificationError("ecdsa_sd.element", element=element)
    return value


def _bytes(value: Cbor, size: int, element: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise ProofVerificationError("ecdsa_sd.element", element=element)
    return value


def _text(value: Cbor, element: str) -> str:
    if not isinstance(value, str):
        raise ProofVerificationError("ecdsa_sd.element", element=element)
    return value


def _integer(value: Cbor, element: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ProofVerificationError("ecdsa_sd.element", element=element)
    return value


def _public_key(value: Cbor) -> PublicKey:
    multikey = _bytes(value, _P256_MULTIKEY_BYTES, "publicKey")
    if not multikey.startswith(_P256_MULTICODEC):
        raise ProofVerificationError("ecdsa_sd.element", element="publicKey")
    try:
        return PublicKey("P-256", multikey[len(_P256_MULTICODEC) :])
    except MalformedValueError:
        raise ProofVerificationError("ecdsa_sd.element", element="publicKey") from None


def _increasing(indexes: Iterable[int]) -> list[int]:
    """Refuse an index that comes twice, out of order or below zero: there is one spelling per choice."""
    found = list(indexes)
    if found != sorted(set(found)) or (found and found[0] < 0):
        raise ProofVerificationError("ecdsa_sd.mandatory_indexes")
    return found
