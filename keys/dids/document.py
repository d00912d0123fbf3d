"""DID documents as others wrote them: find the key that a verification method stands for.

DID Core 1.0 §5.2-5.3, Controlled Identifiers 1.0 §2.2-2.3 and §3.3. Documents from elsewhere are read
as plain JSON, strictly: what could be read in two ways is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from boundary import date_time_stamp, limits
from boundary.shape import a_text, an_object, many, texts
from boundary.strict_json import Json, JsonValue
from keys import multikey
from keys.jwk import from_jwk
from keys.public import PublicKey
from keys.resolver import Purpose, Revocation, RevocationReason, VerificationKey
from problems import LimitError, MalformedValueError, ProofVerificationError

_REASONS: Final[Sequence[RevocationReason]] = get_args(RevocationReason)
_PURPOSES: Final[Sequence[Purpose]] = get_args(Purpose)
_MULTIBASE_TYPES: Final = ("Multikey", "Ed25519VerificationKey2020")  # the same bytes, one name older
_JWK_TYPES: Final = ("JsonWebKey", "JsonWebKey2020")


def find(document: Json, did: str, verification_method: str, purpose: Purpose) -> VerificationKey:
    """Return the key of ``verification_method`` in the ``document`` that was found under ``did``.

    Raises MalformedValueError when the document is not that of ``did`` or contradicts itself,
    ProofVerificationError when it does not list the method for ``purpose``.
    """
    if document.get("id") != did:
        raise MalformedValueError("did.document_id")
    if document.get("deactivated") is True:
        raise ProofVerificationError("did.deactivated")
    methods = _methods(document, did)
    if verification_method not in methods:
        raise ProofVerificationError("did.key_not_listed")
    method = methods[verification_method]
    if verification_method not in _listed(document, did, purpose) and purpose not in _formerly(method):
        raise ProofVerificationError("did.purpose", purpose=purpose)
    if method.get("controller") != did:
        raise ProofVerificationError("did.controller")
    companions = _companions(method, methods, did)
    return VerificationKey(_public_key(method), verification_method, did, _revocation(method), companions)


def _companions(method: Json, methods: Mapping[str, Json], did: str) -> tuple[PublicKey, ...]:
    """Return the keys that the owner announces to sign whatever this one signs (:mod:`keys.dids.web`)."""
    names = [_absolute(name, did) for name in texts(method.get("signsOnlyWith"), "signsOnlyWith")]
    if len(names) > limits.PROOFS or not methods.keys() >= set(names):
        raise MalformedValueError("did.companion_missing")
    return tuple(_public_key(methods[name]) for name in names)


def _methods(document: Json, did: str) -> dict[str, Json]:
    """Return every verification method, embedded ones included, by its absolute id."""
    listed = many(document.get("verificationMethod"))
    embedded = [
        item for purpose in _PURPOSES for item in many(document.get(purpose)) if isinstance(item, dict)
    ]
    if len(listed) + len(embedded) > limits.VERIFICATION_METHODS:
        raise LimitError("did.too_many_keys", limit=limits.VERIFICATION_METHODS)
    methods: dict[str, Json] = {}
    for item in listed + embedded:
        method = an_object(item, "verificationMethod")
        name = _absolute(a_text(method.get("id"), "verificationMethod.id"), did)
        if name in methods:
            raise MalformedValueError("did.duplicate_key")
        methods[name] = method
    return methods


def _listed(document: Json, did: str, purpose: Purpose) -> set[str]:
    """Return the ids under a verification relationship, by reference or embedded."""
    return {_absolute(_name(item, purpose), did) for item in many(document.get(purpose))}


def _name(item: JsonValue, at: str) -> str:
    return a_text(item.get("id") if isinstance(item, dict) else item, at)


def _absolute(name: str, did: str) -> str:
    """DID Core §3.2.2: ``#key-1`` is relative to the DID."""
    return did + name if name.startswith("#") else name


def _formerly(method: Json) -> list[str]:
    """Return what a revoked key used to be listed for (see :func:`keys.dids.web.document`)."""
    return texts(method.get("revokedPurpose"), "revokedPurpose") if "revoked" in method else []


def _public_key(method: Json) -> PublicKey:
    """CID §2.2: the one form of the key that goes with the method's type."""
    kind = method.get("type")
    if "publicKeyMultibase" in method and "publicKeyJwk" in method:
        raise MalformedValueError("did.two_keys")
    if kind in _MULTIBASE_TYPES:
        return multikey.decode(a_text(method.get("publicKeyMultibase"), "publicKeyMultibase"))
    if kind in _JWK_TYPES:
        return from_jwk(an_object(method.get("publicKeyJwk"), "publicKeyJwk"))
    raise MalformedValueError("key.type_unsupported")


def _revocation(method: Json) -> Revocation | None:
    """Return since when the key may not sign, and why: the worst, unless the document says better.

    CID §2.2: ``revoked`` ends a key by an act, ``expires`` ends it as planned.
    """
    if "revoked" in method:
        at = date_time_stamp.read(a_text(method["revoked"], "revoked"), "revoked")
        said = method.get("revocationReason")
        return Revocation(next((reason for reason in _REASONS if reason == said), "compromised"), at)
    if "expires" in method:
        at = date_time_stamp.read(a_text(method["expires"], "expires"), "expires")
        return Revocation("ceased", at)
    return None
