"""What eddsa-rdfc-2022 and ecdsa-rdfc-2019 share: one signature over the whole document.

vc-di-eddsa §3.2 and vc-di-ecdsa §3.2 differ in name, keys and hash only.
"""

from collections.abc import Mapping
from typing import TypeAlias

from boundary import base58btc
from boundary.strict_json import Json
from contexts import Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from problems import ParsingError, ProofVerificationError
from proofs.config import hash_proof_config, require_signer, resolve_key, text, unsigned_proof
from proofs.rdf import canonical_form
from proofs.rdf.canonical import HASHES
from proofs.rdf.canonical import Algorithm as Hash
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions

Hashes: TypeAlias = Mapping[Algorithm, Hash]
"""The hash that goes with each type of key that a suite takes."""


def create_proof(
    name: str,
    hashes: Hashes,
    document: Json,
    options: ProofOptions,
    signer: Signer,
    contexts: Contexts,
    shapes: Shapes | None = None,
) -> Json:
    """Create Proof (§3.2.1)."""
    require_signer(signer, name, hashes)
    proof = unsigned_proof(name, options, signer)
    signature = signer.sign(hash_data(document, proof, contexts, hashes[signer.algorithm], shapes))
    return {**proof, "proofValue": base58btc.encode(signature)}


def verify_proof(
    hashes: Hashes,
    document: Json,
    proof: Json,
    keys: Resolver,
    contexts: Contexts,
    shapes: Shapes | None = None,
) -> VerificationKey:
    """Verify Proof (§3.2.2)."""
    signature = proof_bytes(proof)
    key = resolve_key(proof, keys, hashes)
    key.key.verify(signature, hash_data(document, proof, contexts, hashes[key.key.algorithm], shapes))
    return key


def hash_data(
    document: Json, proof: Json, contexts: Contexts, algorithm: Hash, shapes: Shapes | None = None
) -> bytes:
    """Hashing (§3.2.4): the hash of the proof's configuration, then that of the document.

    With ``shapes`` what is alike in many documents is worked out once.
    """
    if shapes is None:
        text = canonical_form(document, contexts, algorithm=algorithm).text
    else:
        text = shapes.canonical_text(document, algorithm=algorithm)
    config = hash_proof_config(document, proof, contexts, algorithm)
    return config + HASHES[algorithm](text.encode("utf-8")).digest()


def proof_bytes(proof: Json) -> bytes:
    """Return the signature that ``proofValue`` holds in base58btc, behind its header ``z``."""
    try:
        return base58btc.decode(text(proof, "proofValue", "proof.value"))
    except ParsingError:
        raise ProofVerificationError("proof.value_encoding") from None
