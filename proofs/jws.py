"""JSON Web Signatures in compact form (RFC 7515), with the alternatives taken out (RFC 8725).

Nothing in a header chooses how it is verified: algorithms come from a short list and must match the
type of the key, keys come from whom the caller trusts, extensions and compression are refused.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from boundary import base64url, limits, strict_json
from boundary.strict_json import Json
from keys.jwk import ALG
from keys.public import PublicKey
from keys.signer import Algorithm, Signer
from problems import LimitError, ParsingError, ProofGenerationError, ProofVerificationError

ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "ES256": "P-256",
    "ES384": "P-384",
    "EdDSA": "Ed25519",
    "Ed25519": "Ed25519",  # RFC 9864 §2.2 names the curve; read, not yet written: few wallets know it
}
_EXTENSIONS: Final = ("crit", "b64", "zip")
_REMOTE_KEYS: Final = ("jku", "x5u")
_KEY_NAME: Final = re.compile(r"[!-~]{1,2048}")


@dataclass(frozen=True)
class Jws:
    """A token taken apart; nothing about it has been verified."""

    header: Json
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse(token: str, *, allowed: Collection[str] = ALGORITHMS) -> Jws:
    """Take a compact token apart; ``allowed`` are the names of the algorithms that it may use.

    Raises LimitError (``jose.too_large``), ParsingError (``jose.malformed``), and ProofVerificationError
    for a header that asks for anything this project does not do.
    """
    if len(token) > limits.JWS_BYTES:
        raise LimitError("jose.too_large", limit=limits.JWS_BYTES)
    parts = token.split(".")
    if len(parts) != 3:
        raise ParsingError("jose.malformed", cause="segments")
    head, body, tail = parts
    if len(head) > limits.JOSE_HEADER_BYTES:
        raise LimitError("jose.too_large", limit=limits.JOSE_HEADER_BYTES)
    header = dict(_header(head))
    refuse_unsupported(header, allowed)
    return Jws(header, _decoded(body), f"{head}.{body}".encode("ascii"), _decoded(tail))


@lru_cache(maxsize=256)  # an issuer writes the same header on everything
def _header(segment: str) -> Json:
    return _object(_decoded(segment))


def refuse_unsupported(header: Json, allowed: Collection[str] = ALGORITHMS) -> None:
    """Raise ProofVerificationError for a header that asks for anything this project does not do."""
    if header.get("alg") not in tuple(allowed):
        raise ProofVerificationError("jose.alg_not_allowed", allowed=", ".join(allowed))
    for name in _EXTENSIONS:
        if name in header:
            raise ProofVerificationError("jose.crit_unsupported", name=name)
    if any(name in header for name in _REMOTE_KEYS):
        raise ProofVerificationError("jose.untrusted_key")


def claims(jws: Jws) -> Json:
    """Return the payload as a JSON object; raise ParsingError (``jose.malformed``)."""
    return _object(jws.payload)


def key_id(jws: Jws) -> str:
    """Return ``kid``, for keys that are found by name; a header that brings a key along is refused.

    Raises ProofVerificationError, for a chain of certificates (``x5c``) as well: see :mod:`proofs.certified`.
    """
    return named_key(jws.header)


def named_key(header: Json) -> str:
    """Return what :func:`key_id` returns, of a header."""
    if "x5c" in header:
        raise ProofVerificationError("jose.x5c_unsupported")
    return kid_of(header)


def kid_of(header: Json) -> str:
    """Return ``kid`` of a header whose chain of certificates, if it brings one, is judged elsewhere."""
    kid = header.get("kid")
    if "jwk" in header or not isinstance(kid, str) or not _KEY_NAME.fullmatch(kid):
        raise ProofVerificationError("jose.untrusted_key")
    return kid


def sign(header: Json, payload: Json, signer: Signer) -> str:
    """Return the compact token; ``alg`` is the signer's, ``typ``, ``kid`` and the rest the caller's.

    Raises ProofGenerationError for a payload that our own strict reader would refuse.
    """
    signing_input = f"{_encoded({**header, 'alg': ALG[signer.algorithm]})}.{_encoded(payload)}"
    return f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode('ascii')))}"


def verify(jws: Jws, key: PublicKey, *, typ: Collection[str]) -> None:
    """Return when ``key`` signed this token and its ``typ`` is one of ``typ``, to the letter.

    Explicit typing keeps a token made for one purpose from serving another (RFC 8725 §3.11). Raises
    ProofVerificationError.
    """
    found = jws.header.get("typ")
    if not isinstance(found, str) or found not in frozenset(typ):
        raise ProofVerificationError("jose.wrong_typ", expected=", ".join(sorted(typ)))
    if _algorithm(jws.header) != key.algorithm:
        raise ProofVerificationError("jose.key_type", algorithm=key.algorithm)
    key.verify(jws.signature, jws.signing_input)


def _algorithm(header: Json) -> Algorithm:
    refuse_unsupported(header)
    return ALGORITHMS[str(header["alg"])]


def _decoded(segment: str) -> bytes:
    try:
        return base64url.decode(segment)
    except ParsingError as problem:
        raise ParsingError("jose.malformed", cause=problem.code) from None


def _object(data: bytes) -> Json:
    try:
        return strict_json.read_object(data)
    except ParsingError as problem:
        raise ParsingError("jose.malformed", cause=problem.code) from None


def _encoded(value: Json) -> str:
    try:
        return base64url.encode(strict_json.encode(value))
    except (ParsingError, LimitError):
        raise ProofGenerationError("jose.unreadable") from None
