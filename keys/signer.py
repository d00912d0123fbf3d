"""Who signs. A key in a file, an HSM slot and a KMS key all look the same."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

Algorithm = Literal["Ed25519", "P-256", "P-384", "ML-DSA-44", "Bls12381G2"]
Secrets = Callable[[str], str]
"""Asks the caller for a secret by its name: "passphrase", "pin"."""


class Signer(Protocol):
    """Signs bytes. The private key never crosses this line."""

    @property
    def algorithm(self) -> Algorithm: ...

    @property
    def verification_method(self) -> str:
        """The DID URL under which verifiers find the public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature of ``data``: 64 bytes for Ed25519, r‖s for ECDSA, never DER.

        ECDSA hashes with SHA-256 for P-256 and SHA-384 for P-384. ML-DSA-44 (FIPS 204) signs with an
        empty context, Bls12381G2 signs ``data`` as its one message, without header.
        """
        ...


@runtime_checkable
class MessagesSigner(Signer, Protocol):
    """Signs many messages at once, so that whoever holds the signature can show some of them (BBS)."""

    @property
    def public_bytes(self) -> bytes:
        """The public key, which whoever proves a signature needs beside it."""
        ...

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """Return the signature of ``messages``, in their order, and of ``header``, which is always shown."""
        ...
