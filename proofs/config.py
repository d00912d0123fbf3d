"""The proof beside its value: what every cryptosuite reads from it, and signs of it."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final

from boundary import limits
from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from keys.resolver import Purpose, Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from problems import ProofGenerationError, ProofVerificationError
from proofs.rdf import canonical_form, require_lossless
from proofs.rdf.canonical import HASHES, Canonical
from proofs.rdf.canonical import Algorithm as Hash
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions

PROOF_TYPE: Final = "DataIntegrityProof"
_PURPOSES: Final[Mapping[str, Purpose]] = {
    "assertionMethod": "assertionMethod",
    "authentication": "authentication",
}


def unsigned_proof(cryptosuite: str, options: ProofOptions, signer: Signer) -> Json:
    """Return the proof that ``options`` ask for, without a value yet."""
    stated: Json = {
        "type": PROOF_TYPE,
        "id": options.id,
        "cryptosuite": cryptosuite,
        "created": options.created,
        "expires": options.expires,
        "verificationMethod": signer.verification_method,
        "proofPurpose": options.purpose,
        "challenge": options.challenge,
        "domain": options.domain,
        "previousProof": _one_or_many(options.previous),
    }
    return {name: value for name, value in stated.items() if value is not None}


def _one_or_many(names: Sequence[str]) -> JsonValue:
    """Return None for no name: JSON has no other way to say nothing."""
    return None if not names else names[0] if len(names) == 1 else list(names)


def canonical_proof_config(document: Json, proof: Json, contexts: Contexts, algorithm: Hash) -> Canonical:
    """Proof Configuration (vc-di-eddsa §3.2.5): the proof without its value, read like the document.

    Every member that the document's contexts do not define is an error, so that nothing in a proof
    goes unsigned. A proof with contexts of its own says something else than what is signed: refused.
    """
    return canonical_form(_config(document, proof), contexts, algorithm=algorithm)


def hash_proof_config(document: Json, proof: Json, contexts: Contexts, algorithm: Hash) -> bytes:
    """Return the hash of :func:`canonical_proof_config`.

    Nearly all proofs have one of a few shapes, and those of one key and one day are often the same.
    """
    config = _config(document, proof)
    known = _hash_of_texts(config, contexts, algorithm)
    return known or _hashed(canonical_form(config, contexts, algorithm=algorithm).text, algorithm)


def require_lossless_config(config: Json, contexts: Contexts) -> None:
    """Return when JSON-LD would drop nothing of ``config``, a proof without value but with contexts."""
    if _hash_of_texts(config, contexts, "sha256") is None:
        require_lossless(config, contexts)


def _hash_of_texts(config: Json, contexts: Contexts, algorithm: Hash) -> bytes | None:
    """Return the hash of a configuration of texts, not too long; None for another, and without contexts."""
    members = tuple(item for item in config.items() if item[0] != "@context")
    context = many(config["@context"])
    # Only texts: among numbers, some are equal and differ.
    texts = [text for text in (*context, *dict(members).values()) if isinstance(text, str)]
    if len(texts) < len(context) + len(members) or sum(map(len, texts)) > limits.CONTEXT_KEY_CHARS:
        return None
    return _hash(contexts, algorithm, tuple(texts[: len(context)]), members) if context else None


@lru_cache(maxsize=limits.SHAPES)
def _hash(
    contexts: Contexts, algorithm: Hash, context: tuple[str, ...], members: tuple[tuple[str, JsonValue], ...]
) -> bytes:
    config: Json = {**dict(members), "@context": [*context]}
    return _hashed(_shapes(contexts).canonical_text(config, algorithm=algorithm), algorithm)


def _hashed(text: str, algorithm: Hash) -> bytes:
    return HASHES[algorithm](text.encode("utf-8")).digest()


def _config(document: Json, proof: Json) -> Json:
    context = document.get("@context")
    if proof.get("@context", context) != context:
        raise ProofVerificationError("proof.context")
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    return {**config, "@context": context}


@lru_cache(maxsize=8)
def _shapes(contexts: Contexts) -> Shapes:
    return Shapes(contexts, sightings=2)


def require_signer(signer: Signer, cryptosuite: str, algorithms: Collection[Algorithm]) -> None:
    if signer.algorithm not in algorithms:
        raise ProofGenerationError("proof.signer_key_type", cryptosuite=cryptosuite, found=signer.algorithm)


def resolve_key(proof: Json, keys: Resolver, algorithms: Collection[Algorithm]) -> VerificationKey:
    """Return the key that the proof names, if it may sign for the proof's purpose with this suite."""
    key = keys.resolve(text(proof, "verificationMethod", "proof.verification_method"), purpose(proof))
    if key.key.algorithm not in algorithms:
        raise ProofVerificationError("proof.key_type", found=key.key.algorithm)
    return key


def text(proof: Json, name: str, code: str) -> str:
    """Return a member that is text; raise ProofVerificationError with ``code``."""
    value = proof.get(name)
    if not isinstance(value, str) or not value:
        raise ProofVerificationError(code)
    return value


def purpose(proof: Json) -> Purpose:
    found = _PURPOSES.get(text(proof, "proofPurpose", "proof.purpose_missing"))
    if found is None:
        raise ProofVerificationError("proof.purpose_unknown")
    return found
