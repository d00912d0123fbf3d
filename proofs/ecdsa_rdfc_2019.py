"""ecdsa-rdfc-2019: ECDSA over the hashes of the canonical proof and document (vc-di-ecdsa §3.2).

The key chooses the hash, for canonicalization too: SHA-256 with P-256, SHA-384 with P-384.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from proofs import whole
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions

_HASHES: Final[whole.Hashes] = {"P-256": "sha256", "P-384": "sha384"}


@dataclass(frozen=True)
class EcdsaRdfc2019:
    """With ``shapes`` it is for many documents that are alike; the proofs are the same."""

    contexts: Contexts = PRODUCT
    shapes: Shapes | None = None
    name: ClassVar[str] = "ecdsa-rdfc-2019"
    algorithms: ClassVar[tuple[Algorithm, ...]] = tuple(_HASHES)

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        return whole.create_proof(self.name, _HASHES, document, options, signer, self.contexts, self.shapes)

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        return whole.verify_proof(_HASHES, document, proof, keys, self.contexts, self.shapes)
