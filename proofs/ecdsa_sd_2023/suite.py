"""Create, derive and verify ecdsa-sd-2023 proofs (vc-di-ecdsa §3.6).

The issuer's key signs the mandatory statements together with a one-time key, and that key signs each
other statement. So the base signature commits to the mandatory statements only: whoever kept the
one-time key can swap any other statement under the same base signature.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.local import LocalSigner
from keys.public import PublicKey
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from proofs.config import hash_proof_config, require_signer, resolve_key, text, unsigned_proof
from proofs.ecdsa_sd_2023.disclosure import create_disclosure_data
from proofs.ecdsa_sd_2023.proof_value import (
    HMAC_KEY_BYTES,
    BaseProof,
    multikey_bytes,
    parse_base_proof_value,
    parse_derived_proof_value,
    serialize_base_proof_value,
    serialize_derived_proof_value,
)
from proofs.ecdsa_sd_2023.verify_data import create_verify_data
from proofs.selective.group import canonicalize_and_group, hash_mandatory_nquads
from proofs.selective.labels import create_hmac_id_label_map_function
from proofs.selective.outline import Outlines
from proofs.suite import Pointer, ProofOptions


def _new_proof_key() -> LocalSigner:
    return LocalSigner.one_time("P-256")


@dataclass(frozen=True)
class EcdsaSd2023:
    """``random`` and ``proof_key`` make what each proof has of its own: its HMAC key, its one-time key."""

    contexts: Contexts = PRODUCT
    random: Callable[[int], bytes] = os.urandom
    proof_key: Callable[[], LocalSigner] = _new_proof_key
    outlines: Outlines | None = None
    name: ClassVar[str] = "ecdsa-sd-2023"
    algorithms: ClassVar[tuple[Algorithm, ...]] = ("P-256",)

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        """Create Base Proof (§3.6.1); ``options.mandatory`` is what every derivation will show."""
        require_signer(signer, self.name, self.algorithms)
        proof = unsigned_proof(self.name, options, signer)
        base = self._base_proof(document, self.proof_hash(document, proof), options.mandatory, signer)
        return {**proof, "proofValue": serialize_base_proof_value(base)}

    def _base_proof(
        self, document: Json, proof_hash: bytes, pointers: Sequence[Pointer], signer: Signer
    ) -> BaseProof:
        """Transformation, hashing and serialization of a base proof (§3.6.2-3.6.5)."""
        hmac_key, one_time = self.random(HMAC_KEY_BYTES), self.proof_key()
        factory = create_hmac_id_label_map_function(hmac_key)
        groups = canonicalize_and_group(
            document, factory, {"mandatory": pointers}, self.contexts, self.outlines
        ).groups
        mandatory, others = groups["mandatory"].matching, groups["mandatory"].non_matching
        mandatory_hash = hash_mandatory_nquads(mandatory.values())
        return BaseProof(
            signer.sign(serialize_sign_data(proof_hash, one_time.public_key, mandatory_hash)),
            one_time.public_key,
            hmac_key,
            one_time.sign_each(line.encode("utf-8") for line in others.values()),
            pointers,
        )

    def derive_proof(self, document: Json, proof: Json, reveal: Sequence[Pointer]) -> tuple[Json, Json]:
        """Add Derived Proof (§3.6.6): what ``reveal`` names, and what is mandatory."""
        base = parse_base_proof_value(text(proof, "proofValue", "proof.value"))
        disclosure = create_disclosure_data(document, base, reveal, self.contexts, self.outlines)
        value = serialize_derived_proof_value(disclosure.proof)
        return disclosure.reveal_document, {**proof, "proofValue": value}

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        """Verify Derived Proof (§3.6.7); a base proof is refused, for it is nobody's but the holder's."""
        derived = parse_derived_proof_value(text(proof, "proofValue", "proof.value"))
        key = resolve_key(proof, keys, self.algorithms)
        data = create_verify_data(document, derived, self.contexts)
        proof_hash = self.proof_hash(document, proof)
        signed = serialize_sign_data(proof_hash, derived.public_key, data.mandatory_hash)
        key.key.verify(derived.base_signature, signed)
        for signature, line in zip(derived.signatures, data.non_mandatory, strict=True):
            derived.public_key.verify(signature, line.encode("utf-8"))
        return key

    def proof_hash(self, document: Json, proof: Json) -> bytes:
        return hash_proof_config(document, proof, self.contexts, "sha256")


def serialize_sign_data(proof_hash: bytes, public_key: PublicKey, mandatory_hash: bytes) -> bytes:
    """serializeSignData (§3.5.1)."""
    return proof_hash + multikey_bytes(public_key) + mandatory_hash
