"""mldsa44-jcs-2024: ML-DSA-44 over the hashes of the proof and document as canonical JSON.

Quantum-Resistant Cryptosuites 1.0, ML-DSA Cryptosuites: RFC 8785 and SHA-256, as in eddsa-jcs-2022.
"""

import copy
from dataclasses import dataclass
from typing import ClassVar

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from proofs import jcs, mldsa44
from proofs.suite import ProofOptions


@dataclass(frozen=True)
class Mldsa44Jcs2024:
    contexts: Contexts = PRODUCT
    name: ClassVar[str] = "mldsa44-jcs-2024"
    algorithms: ClassVar[tuple[Algorithm, ...]] = mldsa44.ALGORITHMS

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        """The proof repeats the document's contexts, and so signs them."""
        members: Json = {name: copy.deepcopy(document[name]) for name in ("@context",) if name in document}
        return mldsa44.create_proof(
            self.name, options, signer, members, lambda proof: self.hash_data(document, proof)
        )

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        signed = jcs.as_signed(document, proof)
        return mldsa44.verify_proof(proof, keys, lambda proof: self.hash_data(signed, proof))

    def hash_data(self, document: Json, proof: Json) -> bytes:
        """Return the hash of the proof's configuration, then that of the document."""
        return jcs.hash_data(document, proof, self.contexts, "sha256")
