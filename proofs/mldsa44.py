"""What mldsa44-rdfc-2024 and mldsa44-jcs-2024 share: an ML-DSA-44 signature as a proof value.

Quantum-Resistant Cryptosuites 1.0 (W3C working draft of June 2026), Proof Representations: base64url
behind a ``u``, since base58 takes the square of the length and this signature has 2,420 bytes. The draft
is not finished: what it names so may still change, FIPS 204 under it does not.
"""

from collections.abc import Callable

from boundary import base64url
from boundary.strict_json import Json
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from problems import ParsingError, ProofVerificationError
from proofs.config import require_signer, resolve_key, text, unsigned_proof
from proofs.suite import ProofOptions

ALGORITHMS: tuple[Algorithm, ...] = ("ML-DSA-44",)


def create_proof(
    name: str, options: ProofOptions, signer: Signer, members: Json, hash_data: Callable[[Json], bytes]
) -> Json:
    """Return the proof with ``members`` beside the options; ``hash_data`` gives what it signs."""
    require_signer(signer, name, ALGORITHMS)
    proof = {**unsigned_proof(name, options, signer), **members}
    return {**proof, "proofValue": "u" + base64url.encode(signer.sign(hash_data(proof)))}


def verify_proof(proof: Json, keys: Resolver, hash_data: Callable[[Json], bytes]) -> VerificationKey:
    signature = _proof_bytes(proof)
    key = resolve_key(proof, keys, ALGORITHMS)
    key.key.verify(signature, hash_data(proof))
    return key


def _proof_bytes(proof: Json) -> bytes:
    value = text(proof, "proofValue", "proof.value")
    try:
        if value.startswith("u"):
            return base64url.decode(value[1:])
    except ParsingError:
        pass
    raise ProofVerificationError("proof.value_encoding")
