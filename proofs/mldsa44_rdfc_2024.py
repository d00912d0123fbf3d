"""mldsa44-rdfc-2024: ML-DSA-44 over the hashes of the canonical proof and document.

Quantum-Resistant Cryptosuites 1.0, ML-DSA Cryptosuites: RDFC-1.0 and SHA-256, as in eddsa-rdfc-2022.
"""

from dataclasses import dataclass
from typing import ClassVar

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from proofs import mldsa44, whole
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions


@dataclass(frozen=True)
class Mldsa44Rdfc2024:
    contexts: Contexts = PRODUCT
    shapes: Shapes | None = None
    name: ClassVar[str] = "mldsa44-rdfc-2024"
    algorithms: ClassVar[tuple[Algorithm, ...]] = mldsa44.ALGORITHMS

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        return mldsa44.create_proof(
            self.name, options, signer, {}, lambda proof: self.hash_data(document, proof)
        )

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        return mldsa44.verify_proof(proof, keys, lambda proof: self.hash_data(document, proof))

    def hash_data(self, document: Json, proof: Json) -> bytes:
        """Return the hash of the proof's configuration, then that of the document."""
        return whole.hash_data(document, proof, self.contexts, "sha256", self.shapes)
