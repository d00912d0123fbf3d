"""eddsa-rdfc-2022: Ed25519 over the hashes of the canonical proof and document (vc-di-eddsa §3.2)."""

from dataclasses import dataclass
from typing import ClassVar, Final

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from proofs import whole
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions

_HASHES: Final[whole.Hashes] = {"Ed25519": "sha256"}


@dataclass(frozen=True)
class EddsaRdfc2022:
    """With ``shapes`` it is for many documents that are alike; the proofs are the same."""

    contexts: Contexts = PRODUCT
    shapes: Shapes | None = None
    name: ClassVar[str] = "eddsa-rdfc-2022"
    algorithms: ClassVar[tuple[Algorithm, ...]] = tuple(_HASHES)

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        return whole.create_proof(self.name, _HASHES, document, options, signer, self.contexts, self.shapes)

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        return whole.verify_proof(_HASHES, document, proof, keys, self.contexts, self.shapes)
