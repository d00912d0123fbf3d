"""One signature in CBOR: the working group's examples, and everything a header must not choose."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boundary import cbor, limits
from boundary.cbor import Cbor, Key
from keys.jwk import from_jwk
from keys.local import LocalSigner
from keys.public import PublicKey
from keys.signer import Algorithm
from problems import LimitError, Problem, ProofVerificationError
from proofs.cose import sign1
from proofs.cose.sign1 import ALG, CONTENT_TYPE, KID, TYP

VECTORS = tomllib.loads((Path(__file__).parents[2] / "vectors" / "cose_sign1.toml").read_text("utf-8"))
TYPE = "application/x"
HEADER: dict[Key, Cbor] = {KID: b"key-1", TYP: TYPE}
ALGORITHMS: tuple[Algorithm, ...] = ("P-256", "P-384", "Ed25519")
P256 = LocalSigner.generate("P-256")


def _key(name: str) -> PublicKey:
    return from_jwk({"kty": "EC", "crv": name, **VECTORS["key"][name]})


def _refusal(data: bytes, key: PublicKey = P256.public_key, **how: Any) -> Problem:
    with pytest.raises(Problem) as raised:
        sign1.verify(sign1.parse(data), key, typ=how.pop("typ", {TYPE}), **how)
    assert raised.value.says("fr").next_step
    return raised.value


def _bent(change: Callable[[list[Any]], None], header: dict[Key, Cbor] | None = None) -> bytes:
    """Return a message with its parts changed after it was signed."""
    parts: Any = cbor.read(sign1.sign(header or HEADER, b"content", P256)[1:])
    change(parts)
    return sign1.TAG + cbor.write(parts)


def _signed_header(**more: Any) -> bytes:
    """Return a message honestly signed over a header that we would not write."""
    named: dict[Key, Any] = {ALG: -7, **HEADER, **{int(name[1:]): value for name, value in more.items()}}
    protected = cbor.write({key: value for key, value in named.items() if value is not ...})
    signature = P256.sign(cbor.write(["Signature1", protected, b"", b"content"]))
    return sign1.TAG + cbor.write([protected, {}, b"content", signature])


@pytest.mark.parametrize("name", VECTORS["pass"])
def test_examples_of_the_working_group(name: str) -> None:
    vector = VECTORS["pass"][name]
    message = sign1.parse(bytes.fromhex(vector["message"]), tagged=vector.get("tagged", True))
    external = bytes.fromhex(vector.get("external", ""))
    assert message.payload == b"This is the content."
    assert sign1.key_id(message) in (b"11", b"P384")
    written = cbor.write(["Signature1", message.protected, external, message.payload])
    assert written.hex() == vector["to_be_signed"]
    sign1.verify(message, _key(vector.get("key", "P-256")), typ={None}, external=external)


@pytest.mark.parametrize("name", VECTORS["refused"])
def test_examples_that_are_refused(name: str) -> None:
    vector = VECTORS["refused"][name]
    assert _refusal(bytes.fromhex(vector["message"]), typ={None}).code == vector["code"]


def test_the_signature_covers_what_is_not_sent() -> None:
    """sign-pass-02 without its external data."""
    message = bytes.fromhex(VECTORS["pass"]["sign-pass-02"]["message"])
    assert _refusal(message, _key("P-256"), typ={None}).code == "signature.invalid"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_signed_verifies(algorithm: Algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    message = sign1.parse(sign1.sign(HEADER, b"content", signer, external=b"more"))
    sign1.verify(message, signer.public_key, typ={TYPE}, external=b"more")
    assert (message.payload, sign1.key_id(message)) == (b"content", b"key-1")


def test_the_precise_name_of_ed25519_is_read() -> None:
    """RFC 9864: -19 says Ed25519 where -8 leaves the curve open."""
    signer = LocalSigner.generate("Ed25519")
    protected = cbor.write({ALG: -19, **HEADER})
    signature = signer.sign(cbor.write(["Signature1", protected, b"", b"content"]))
    data = sign1.TAG + cbor.write([protected, {}, b"content", signature])
    sign1.verify(sign1.parse(data), signer.public_key, typ={TYPE})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_changed_byte(algorithm: Algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    message = sign1.sign(HEADER, b"content", signer)
    for position in range(len(message)):
        for change in (0x01, 0x20, 0x80):
            bent = bytearray(message)
            bent[position] ^= change
            _refusal(bytes(bent), signer.public_key)


@pytest.mark.parametrize("size", [0, 1, 20, 80])
def test_a_cut_message(size: int) -> None:
    assert _refusal(sign1.sign(HEADER, b"content", P256)[:size]).code in {"cose.untagged", "cbor.malformed"}


@pytest.mark.parametrize("algorithm", ["P-384", "Ed25519"])
def test_a_key_of_another_kind(algorithm: Algorithm) -> None:
    other = LocalSigner.generate(algorithm).public_key
    assert _refusal(sign1.sign(HEADER, b"content", P256), other).code == "cose.key_type"


def test_the_key_of_somebody_else() -> None:
    other = LocalSigner.generate("P-256").public_key
    assert _refusal(sign1.sign(HEADER, b"content", P256), other).code == "signature.invalid"


HEADERS = {
    "no algorithm": ({"_1": ...}, "cose.alg_not_allowed"),
    "none by name": ({"_1": "none"}, "cose.alg_not_allowed"),
    "a MAC": ({"_1": 5}, "cose.alg_not_allowed"),
    "ES512": ({"_1": -36}, "cose.alg_not_allowed"),
    "true": ({"_1": True}, "cose.alg_not_allowed"),
    "another algorithm": ({"_1": -35}, "cose.key_type"),
    "an extension": ({"_2": [99], "_99": 1}, "cose.crit_unsupported"),
    "a chain of certificates": ({"_33": b"cert"}, "cose.untrusted_key"),
    "where its key is": ({"_35": "https://x.example"}, "cose.untrusted_key"),
    "another type": ({"_16": "application/y"}, "cose.wrong_typ"),
    "the type in short": ({"_16": "x"}, "cose.wrong_typ"),
    "no type": ({"_16": ...}, "cose.wrong_typ"),
    "true for a type": ({"_16": True}, "cose.wrong_typ"),
    "a list for a type": ({"_16": [TYPE]}, "cose.wrong_typ"),
    "a text for the key's name": ({"_4": "key-1"}, "cbor.shape"),
}


@pytest.mark.parametrize(("more", "code"), HEADERS.values(), ids=HEADERS)
def test_a_header_that_asks_for_something_else(more: dict[str, Any], code: str) -> None:
    """Each is signed by the right key: the header does not choose how it is verified."""
    assert _refusal(_signed_header(**more), typ={TYPE, 1}).code == code


def test_an_unknown_parameter_is_ignored() -> None:
    """RFC 9052 §3: only crit makes a parameter a condition."""
    sign1.verify(sign1.parse(_signed_header(_15={1: "x"})), P256.public_key, typ={TYPE})


STRUCTURES: dict[str, tuple[Callable[[list[Any]], None], str]] = {
    "detached": (lambda parts: parts.__setitem__(2, None), "cbor.shape"),
    "no signature": (lambda parts: parts.pop(), "cbor.shape"),
    "a fifth part": (lambda parts: parts.append(b""), "cbor.shape"),
    "empty signature": (lambda parts: parts.__setitem__(3, b""), "signature.length"),
    "header as a map": (lambda parts: parts.__setitem__(0, {1: -7}), "cbor.shape"),
    "header as a list": (lambda parts: parts.__setitem__(0, b"\x80"), "cbor.shape"),
    "header empty": (lambda parts: parts.__setitem__(0, b""), "cbor.malformed"),
    "header in another spelling": (
        lambda parts: parts.__setitem__(0, b"\xa1\x18\x01\x26"),
        "cbor.other_spelling",
    ),
    "algorithm unsigned too": (lambda parts: parts.__setitem__(1, {ALG: -7}), "cose.unprotected"),
    "the key's name twice": (lambda parts: parts.__setitem__(1, {KID: b"key-1"}), "cose.unprotected"),
    "something unsigned": (lambda parts: parts.__setitem__(1, {99: 1}), "cose.unprotected"),
}


@pytest.mark.parametrize(("change", "code"), STRUCTURES.values(), ids=STRUCTURES)
def test_another_structure(change: Callable[[list[Any]], None], code: str) -> None:
    assert _refusal(_bent(change)).code == code


def test_a_tag_where_none_belongs_and_none_where_it_belongs() -> None:
    message = sign1.sign(HEADER, b"content", P256)
    assert _refusal(message[1:]).code == "cose.untagged"
    with pytest.raises(Problem) as raised:
        sign1.parse(message, tagged=False)
    assert raised.value.code == "cbor.unsupported"
    assert _refusal(b"\xd8\x3d" + message).code == "cose.untagged"  # the tag of CWT before it


@pytest.mark.parametrize("name", [b"", b"k" * 2_049], ids=["empty", "without end"])
def test_a_key_without_a_name(name: bytes) -> None:
    with pytest.raises(ProofVerificationError) as raised:
        sign1.key_id(sign1.parse(_signed_header(_4=name)))
    assert raised.value.code == "cose.untrusted_key"


def test_a_message_has_a_size() -> None:
    with pytest.raises(LimitError):
        sign1.parse(sign1.TAG + bytes(limits.COSE_BYTES + 1))
    with pytest.raises(LimitError):
        sign1.parse(_bent(lambda parts: parts.__setitem__(0, bytes(limits.JOSE_HEADER_BYTES + 1))))


def test_the_name_of_the_key_may_stand_where_nobody_signs_it() -> None:
    """As in the examples of the drafts; another name leads to another key, or to none."""

    def moved(parts: list[Any]) -> None:
        parts[1] = {KID: b"key-1"}

    message = sign1.parse(_bent(moved, {TYP: TYPE, CONTENT_TYPE: "text/plain"}))
    assert sign1.key_id(message) == b"key-1"
    sign1.verify(message, P256.public_key, typ={TYPE})
