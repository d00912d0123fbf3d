"""Create, derive and verify bbs-2023 proofs (vc-di-bbs §3.5).

One signature covers every statement. A presentation does not show it but proves that it is there, in a
proof that is drawn anew each time: two presentations have nothing in common but what they show.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.bbs.proof import proof_verify
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, MessagesSigner, Signer
from problems import ProofGenerationError
from proofs.bbs_2023.disclosure import Presentation, create_disclosure_data
from proofs.bbs_2023.proof_value import (
    HMAC_KEY_BYTES,
    BaseProof,
    parse_base_proof_value,
    parse_derived_proof_value,
    serialize_base_proof_value,
    serialize_derived_proof_value,
)
from proofs.config import hash_proof_config, require_signer, resolve_key, text, unsigned_proof
from proofs.selective.group import canonicalize_and_group, hash_mandatory_nquads
from proofs.selective.labels import create_shuffled_id_label_map_function
from proofs.selective.outline import Outlines
from proofs.selective.shown import Codes, statements_shown
from proofs.suite import Pointer, ProofOptions

CODES: Final = Codes("bbs.label_map", "bbs.mandatory_indexes")


@dataclass(frozen=True)
class Bbs2023:
    """``random`` makes what each proof has of its own: its HMAC key, and the blinding of a derived one."""

    contexts: Contexts = PRODUCT
    random: Callable[[int], bytes] = os.urandom
    outlines: Outlines | None = None
    name: ClassVar[str] = "bbs-2023"
    algorithms: ClassVar[tuple[Algorithm, ...]] = ("Bls12381G2",)

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        """Create Base Proof (§3.5.1); ``options.mandatory`` is what every derivation will show."""
        require_signer(signer, self.name, self.algorithms)
        if not isinstance(signer, MessagesSigner):
            raise ProofGenerationError("bbs.signer")
        proof = unsigned_proof(self.name, options, signer)
        base = self._base_proof(document, self.proof_hash(document, proof), options.mandatory, signer)
        return {**proof, "proofValue": serialize_base_proof_value(base)}

    def _base_proof(
        self, document: Json, proof_hash: bytes, pointers: Sequence[Pointer], signer: MessagesSigner
    ) -> BaseProof:
        """Transformation, hashing and serialization of a base proof (§3.5.2-3.5.5)."""
        hmac_key = self.random(HMAC_KEY_BYTES)
        factory = create_shuffled_id_label_map_function(hmac_key)
        group = canonicalize_and_group(
            document, factory, {"mandatory": pointers}, self.contexts, self.outlines
        )
        mandatory, others = group.groups["mandatory"].matching, group.groups["mandatory"].non_matching
        header = proof_hash + hash_mandatory_nquads(mandatory.values())
        signature = signer.sign_messages(header, [line.encode("utf-8") for line in others.values()])
        return BaseProof(signature, header, signer.public_bytes, hmac_key, pointers)

    def derive_proof(
        self,
        document: Json,
        proof: Json,
        reveal: Sequence[Pointer],
        presentation_header: bytes = b"",
    ) -> tuple[Json, Json]:
        """Add Derived Proof (§3.5.6): what ``reveal`` names, and what is mandatory."""
        base = parse_base_proof_value(text(proof, "proofValue", "proof.value"))
        presentation = Presentation(presentation_header, self.random)
        proof_hash = self.proof_hash(document, proof)
        made = create_disclosure_data(
            document, base, proof_hash, reveal, presentation, self.contexts, self.outlines
        )
        return made.reveal_document, {**proof, "proofValue": serialize_derived_proof_value(made.proof)}

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        """Verify Derived Proof (§3.5.7); a base proof is refused, for it is nobody's but the holder's."""
        derived = parse_derived_proof_value(text(proof, "proofValue", "proof.value"))
        key = resolve_key(proof, keys, self.algorithms)
        shown = statements_shown(document, derived.label_map, derived.mandatory_indexes, CODES, self.contexts)
        proof_verify(
            key.key.raw,
            derived.bbs_proof,
            self.proof_hash(document, proof) + shown.mandatory_hash,
            derived.presentation_header,
            [line.encode("utf-8") for line in shown.non_mandatory],
            derived.selective_indexes,
        )
        return key

    def proof_hash(self, document: Json, proof: Json) -> bytes:
        return hash_proof_config(document, proof, self.contexts, "sha256")
