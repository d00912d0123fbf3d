"""COSE_Sign1 (RFC 9052 §4.2), with the alternatives taken out, as :mod:`proofs.jws` does for JOSE.

Nothing in a header chooses how it is verified: algorithms come from a short list, stand in the protected
header and must match the type of the key; keys come from whom the caller trusts; extensions and detached
payloads are refused. Every layer is deterministic CBOR, so no byte of a message can be changed unnoticed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from boundary import cbor, limits
from boundary.cbor import Cbor, Key
from keys.public import PublicKey
from keys.signer import Algorithm, Signer
from problems import ParsingError, ProofGenerationError, ProofVerificationError

ALG, CRIT, CONTENT_TYPE, KID, TYP = 1, 2, 3, 4, 16
"""Header parameters (RFC 9052 §3.1; RFC 9596 §2 for ``typ``)."""

TAG: Final = b"\xd2"
"""Tag 18, which says that a COSE_Sign1 follows (§2)."""

ALGORITHMS: Final[Mapping[int, Algorithm]] = {
    -7: "P-256",  # ES256, RFC 9053 §2.1
    -35: "P-384",  # ES384
    -8: "Ed25519",  # EdDSA, RFC 9053 §2.2
    -19: "Ed25519",  # RFC 9864 §2.2 names the curve; read, not yet written: few know it
}
_WRITTEN: Final[Mapping[Algorithm, int]] = {"P-256": -7, "P-384": -35, "Ed25519": -8}
_NAMES: Final = "ES256, ES384, EdDSA, Ed25519"
_KEYS_BROUGHT_ALONG: Final = (32, 33, 34, 35)  # x5bag, x5chain, x5t, x5u (RFC 9360 §2)
_KEY_NAME_BYTES: Final = 2_048

Typ = str | int | None
"""A media type, its CoAP content format, or none at all."""


@dataclass(frozen=True)
class Sign1:
    """A message taken apart; nothing about it has been verified. ``header`` is what ``protected`` encodes."""

    header: Mapping[Key, Cbor]
    protected: bytes
    kid: bytes | None
    payload: bytes
    signature: bytes


def parse(data: bytes, *, tagged: bool = True, limit: int = limits.COSE_BYTES) -> Sign1:
    """Take a message apart; ``tagged`` when its format asks for the tag, which must otherwise not be there.

    Raises LimitError, ParsingError (``cbor.…``), MalformedValueError (``cbor.shape``), and
    ProofVerificationError for a header that asks for anything this project does not do.
    """
    if tagged:
        if not data.startswith(TAG):
            raise ParsingError("cose.untagged")
        data = data[len(TAG) :]
    parts = cbor.an_array(cbor.read(data, limit=limit), "COSE_Sign1", 4)
    protected = cbor.some_bytes(parts[0], "protected")
    header = cbor.a_map(cbor.read(protected, limit=limits.JOSE_HEADER_BYTES), "protected")
    _refuse_unsupported(header)
    return Sign1(
        header,
        protected,
        _kid(header, cbor.a_map(parts[1], "unprotected")),
        cbor.some_bytes(parts[2], "payload"),
        cbor.some_bytes(parts[3], "signature"),
    )


def key_id(message: Sign1) -> bytes:
    """Return ``kid``, for keys that are found by name; raise ProofVerificationError without one."""
    if not message.kid or len(message.kid) > _KEY_NAME_BYTES:
        raise ProofVerificationError("cose.untrusted_key")
    return message.kid


def sign(
    header: Mapping[Key, Cbor],
    payload: bytes,
    signer: Signer,
    *,
    external: bytes = b"",
    tagged: bool = True,
) -> bytes:
    """Return the message: ``alg`` is the signer's, the rest of the protected header the caller's.

    ``external`` is signed too and not sent: ``external_aad`` of §4.3. Raises ProofGenerationError for a
    key of a kind that has no place in COSE here.
    """
    if signer.algorithm not in _WRITTEN:
        raise ProofGenerationError("cose.no_algorithm", algorithm=signer.algorithm)
    protected = cbor.write({**header, ALG: _WRITTEN[signer.algorithm]})
    signature = signer.sign(_to_be_signed(protected, external, payload))
    return (TAG if tagged else b"") + cbor.write([protected, {}, payload, signature])


def verify(message: Sign1, key: PublicKey, *, typ: Collection[Typ], external: bytes = b"") -> None:
    """Return when ``key`` signed this message and its ``typ`` is one of ``typ`` (None: there is none).

    Explicit typing keeps what was signed for one purpose from serving another (RFC 9596 §3). Raises
    ProofVerificationError.
    """
    found = message.header.get(TYP)
    if isinstance(found, bool) or not (found is None or isinstance(found, str | int)) or found not in typ:
        expected = ", ".join(sorted(str(name) for name in typ if isinstance(name, str)))
        raise ProofVerificationError("cose.wrong_typ", expected=expected or "–")
    if _algorithm(message.header) != key.algorithm:
        raise ProofVerificationError("cose.key_type", algorithm=key.algorithm)
    key.verify(message.signature, _to_be_signed(message.protected, external, message.payload))


def _to_be_signed(protected: bytes, external: bytes, payload: bytes) -> bytes:
    """Sig_structure (§4.4); an empty header would be an empty string, and ours never is."""
    return cbor.write(["Signature1", protected, external, payload])


def _refuse_unsupported(header: Mapping[Key, Cbor]) -> None:
    _algorithm(header)
    if CRIT in header:
        raise ProofVerificationError("cose.crit_unsupported")
    if any(name in header for name in _KEYS_BROUGHT_ALONG):
        raise ProofVerificationError("cose.untrusted_key")


def _algorithm(header: Mapping[Key, Cbor]) -> Algorithm:
    name = header.get(ALG)
    if isinstance(name, bool) or not isinstance(name, int) or name not in ALGORITHMS:
        raise ProofVerificationError("cose.alg_not_allowed", allowed=_NAMES)
    return ALGORITHMS[name]


def _kid(header: Mapping[Key, Cbor], unprotected: Mapping[Key, Cbor]) -> bytes | None:
    """Nothing but the name of the key may stand where nobody signs it: another name is another key."""
    if not unprotected.keys() <= {KID} or (KID in header and unprotected):
        raise ProofVerificationError("cose.unprotected")
    kid = header.get(KID, unprotected.get(KID))
    return None if kid is None else cbor.some_bytes(kid, "kid")
