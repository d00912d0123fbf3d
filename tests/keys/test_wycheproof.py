"""Public keys against the signatures of project Wycheproof (abuse case JO-017)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys.public import PublicKey
from keys.signer import Algorithm
from problems import ProofVerificationError


def cases(fixtures: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each case with the public key of its group."""
    file = fixtures / "abuse" / "fixtures" / "wycheproof" / f"{name}_test.json"
    for group in json.loads(file.read_text("utf-8"))["testGroups"]:
        for case in group["tests"]:
            yield group["publicKey"], case


def compressed(algorithm: Algorithm, point: dict[str, Any]) -> PublicKey:
    raw = bytes.fromhex(point["uncompressed"])
    x, y = raw[1 : len(raw) // 2 + 1], raw[len(raw) // 2 + 1 :]
    return PublicKey(algorithm, bytes([2 + y[-1] % 2]) + x)


def accepts(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except ProofVerificationError:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "algorithm", "valid", "invalid"),
    [
        pytest.param("ecdsa_secp256r1_sha256_p1363", "P-256", 173, 89, id="P-256"),
        pytest.param("ecdsa_secp384r1_sha384_p1363", "P-384", 193, 87, id="P-384"),
    ],
)
def test_ecdsa(fixtures: Path, name: str, algorithm: Algorithm, valid: int, invalid: int) -> None:
    """Raw r‖s, as JOSE and Data Integrity write it."""
    results = []
    for point, case in cases(fixtures, name):
        key = compressed(algorithm, point)
        result = accepts(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        assert result == (case["result"] == "valid"), case
        results.append(result)
    assert (results.count(True), results.count(False)) == (valid, invalid)


def test_ecdsa_in_der(fixtures: Path) -> None:
    """DER is never accepted as it stands; what a strict reader makes raw of it verifies if valid."""
    results = []
    for point, case in cases(fixtures, "ecdsa_secp256r1_sha256"):
        key, signature = compressed("P-256", point), bytes.fromhex(case["sig"])
        message = bytes.fromhex(case["msg"])
        assert not accepts(key, signature, message)
        raw = raw_of(signature)
        result = raw is not None and accepts(key, raw, message)
        assert result == (case["result"] == "valid"), case
        results.append(result)
    assert (results.count(True), results.count(False)) == (174, 310)


def raw_of(der: bytes) -> bytes | None:
    try:
        return b"".join(number.to_bytes(32) for number in decode_dss_signature(der))
    except (ValueError, OverflowError):
        return None


def test_ed25519(fixtures: Path) -> None:
    results = []
    for point, case in cases(fixtures, "ed25519"):
        key = PublicKey("Ed25519", bytes.fromhex(point["pk"]))
        result = accepts(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
        assert result == (case["result"] == "valid"), case
        results.append(result)
    assert (results.count(True), results.count(False)) == (88, 63)
