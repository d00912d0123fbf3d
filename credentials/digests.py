"""Digests by which an endorsement names what it endorses; none changes with selective disclosure.

====================  ==========================================  =====================================
over                  SHA-256 of                                  for
====================  ==========================================  =====================================
sd-jwt-issuer-jwt     the bytes before the first ``~``            SD-JWT VC
jcs-unsecured         the JCS form (RFC 8785) without ``proof``   Data Integrity over the whole document; COSE
di-base-signature     the base signature                          ecdsa-sd-2023
none                                                              bbs-2023
====================  ==========================================  =====================================

Each is a multihash in multibase: ``uEi…``.

The base signature commits to the mandatory statements and to a one-time key, not to the other
statements: whoever issued the credential and kept that key can swap them later. So it names nothing
that the holder issued: see :func:`acceptable`.

A presentation by bbs-2023 shows nothing that is the same in every presentation, which is what it is for; so
there is nothing to take a digest of, and nobody can countersign it. Who wants a credential countersigned
asks its issuer for another form beside.
"""

import hashlib
from typing import Final, Literal, get_args

import rfc8785

from boundary import base64url
from boundary.shape import a_text, many
from boundary.strict_json import Json
from problems import MalformedValueError, ProofVerificationError
from proofs.ecdsa_sd_2023.proof_value import parse_base_proof_value, parse_derived_proof_value
from proofs.sd_jwt import SdJwt

Over = Literal["sd-jwt-issuer-jwt", "di-base-signature", "jcs-unsecured"]
Digests = tuple[tuple[Over, str], ...]
"""What names one secured credential: which digest, and its multibase."""

OVERS: Final[tuple[Over, ...]] = get_args(Over)
_SELECTIVE: Final = "ecdsa-sd-2023"
_UNLINKABLE: Final = "bbs-2023"
_SHA256_MULTIHASH: Final = b"\x12\x20"


def of_sd_jwt(text: str) -> str:
    """Return the digest of an SD-JWT in compact form, whatever it discloses."""
    return multihash(text.partition("~")[0].encode("utf-8"))


def of_document(document: Json) -> str:
    """Return the digest of a whole document, its proofs aside. Raises MalformedValueError."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    try:
        return multihash(rfc8785.dumps(unsecured))
    except rfc8785.CanonicalizationError:
        raise MalformedValueError("digest.no_canonical_form") from None


def of_base_signature(secured: Json) -> str:
    """Return the digest of the base signature of an ecdsa-sd-2023 credential, base or derived.

    Raises MalformedValueError when it has not exactly one such proof, ProofVerificationError when the
    proof value is broken.
    """
    proofs = [proof for proof in _proofs(secured) if proof.get("cryptosuite") == _SELECTIVE]
    if len(proofs) != 1:
        raise MalformedValueError("digest.no_base_signature")
    return multihash(_base_signature(a_text(proofs[0].get("proofValue"), "proof.proofValue")))


def of_json_ld(secured: Json) -> Digests:
    """Return every digest that names a JSON-LD credential as it is secured.

    A derived credential is named by its base signature only: what was disclosed is not what was signed.
    One whose presentations do not link has none.
    """
    suites = {proof.get("cryptosuite") for proof in _proofs(secured)}
    whole: Digests = (("jcs-unsecured", of_document(secured)),) if suites - {_SELECTIVE, _UNLINKABLE} else ()
    base: Digests = (("di-base-signature", of_base_signature(secured)),) if _SELECTIVE in suites else ()
    return whole + base


def of_sd_jwt_part(parsed: SdJwt) -> Digests:
    """Return the digest that names an SD-JWT VC already taken apart."""
    return (("sd-jwt-issuer-jwt", multihash(parsed.issuer_jwt.encode("utf-8"))),)


def of_message(document: Json) -> Digests:
    """Return the digest that names a document in a COSE envelope: a signature over all of it."""
    return (("jcs-unsecured", of_document(document)),)


def acceptable(over: str, issuer: str, subject: str | None) -> bool:
    """Whether a digest of this kind binds an endorsement to a credential of this issuer and subject."""
    return over in OVERS and (over != "di-base-signature" or issuer != subject)


def name_of(digest: str) -> str:
    """Return the ``ni:`` name (RFC 6920 §3) that stands for an SD-JWT VC, which has no id of its own."""
    return "ni:///sha-256;" + base64url.encode(base64url.decode(digest[1:])[len(_SHA256_MULTIHASH) :])


def multihash(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as a multihash in multibase."""
    return "u" + base64url.encode(_SHA256_MULTIHASH + hashlib.sha256(data).digest())


def _proofs(secured: Json) -> list[Json]:
    return [proof for proof in many(secured.get("proof")) if isinstance(proof, dict)]


def _base_signature(proof_value: str) -> bytes:
    try:
        return parse_derived_proof_value(proof_value).base_signature
    except ProofVerificationError as problem:
        if problem.code != "ecdsa_sd.base_proof_shown":
            raise
    return parse_base_proof_value(proof_value).base_signature
