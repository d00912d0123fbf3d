"""ecdsa-jcs-2019: ECDSA over the hashes of the proof and document as canonical JSON (vc-di-ecdsa §3.3).

The key chooses the hash: SHA-256 with P-256, SHA-384 with P-384.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.resolver import Resolver, VerificationKey
from keys.signer import Algorithm, Signer
from proofs import jcs
from proofs.rdf.shapes import Shapes
from proofs.suite import ProofOptions
from proofs.whole import Hashes

_HASHES: Final[Hashes] = {"P-256": "sha256", "P-384": "sha384"}


@dataclass(frozen=True)
class EcdsaJcs2019:
    contexts: Contexts = PRODUCT
    shapes: Shapes | None = None
    name: ClassVar[str] = "ecdsa-jcs-2019"
    algorithms: ClassVar[tuple[Algorithm, ...]] = tuple(_HASHES)

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        return jcs.create_proof(self.name, _HASHES, document, options, signer, self.contexts, self.shapes)

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        return jcs.verify_proof(_HASHES, document, proof, keys, self.contexts, self.shapes)
