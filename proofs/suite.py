"""The shape of a Data Integrity cryptosuite (VC Data Integrity §3.1, cryptosuite instance)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from boundary.strict_json import Json
from keys.resolver import Purpose, Resolver, VerificationKey
from keys.signer import Algorithm, Signer

Pointer: TypeAlias = str
"""A JSON pointer (RFC 6901)."""


@dataclass(frozen=True)
class ProofOptions:
    """What goes into the proof beside the signature; times are XSD dateTimeStamps.

    ``id``, a URL, lets other proofs build on this one; ``previous`` are the ids of those it builds on.
    """

    purpose: Purpose = "assertionMethod"
    created: str | None = None
    expires: str | None = None
    challenge: str | None = None
    domain: str | None = None
    mandatory: Sequence[Pointer] = ()
    id: str | None = None
    previous: Sequence[str] = ()


class VerifyingSuite(Protocol):
    """What verification asks of a suite."""

    @property
    def name(self) -> str: ...

    def verify_proof(self, document: Json, proof: Json, keys: Resolver) -> VerificationKey:
        """Return the key that made ``proof`` over ``document``; raise ProofVerificationError."""
        ...


@runtime_checkable
class LegacySuite(VerifyingSuite, Protocol):
    """A suite from before Data Integrity: its proofs name it by their type. It signs nothing here."""

    @property
    def proof_type(self) -> str: ...


class Cryptosuite(VerifyingSuite, Protocol):
    @property
    def algorithms(self) -> Collection[Algorithm]: ...

    def create_proof(self, document: Json, options: ProofOptions, signer: Signer) -> Json:
        """Return the proof to attach to ``document``, which has none but those that this one builds on.

        Raises ProofGenerationError.
        """
        ...


@runtime_checkable
class SelectiveCryptosuite(Cryptosuite, Protocol):
    def derive_proof(self, document: Json, proof: Json, reveal: Sequence[Pointer]) -> tuple[Json, Json]:
        """Return the reduced document, without proof, and the derived proof that goes with it."""
        ...
