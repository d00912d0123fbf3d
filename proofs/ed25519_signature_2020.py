"""Ed25519Signature2020: what badges and credentials of VCDM 1.1 are often signed with; verified only.

The same bytes are signed as with eddsa-rdfc-2022; the proof names its suite by its type, and its terms
come from a context of its own (Ed25519Signature2020, W3C CCG; vc-di-eddsa, appendix on older suites).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from boundary.strict_json import Json
from contexts import PRODUCT, Contexts
from keys.resolver import Resolver, VerificationKey
from proofs import whole

_HASHES: Final[whole.Hashes] = {"Ed25519": "sha256"}


@dataclass(frozen=True)
class Ed25519Signature2020:
    contexts: Contexts = PRODUCT
    name: ClassVar[str] = "Ed25519Signature2020"
    proof_type: ClassVar[str] = name

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        return whole.verify_proof(_HASHES, document, proof, keys, self.contexts)
