"""The vault: a person's credentials and keys, unreadable at rest.

A random data key seals every record; it is itself sealed by each way to open the vault (:mod:`wallet.wrap`).
What the store sees of a record is a keyed hash for a name, and ciphertext bound to that name, so that
records cannot be swapped, and nothing tells what is held or by whom it was issued.

At rest, that is. While a vault is open, this process can read all of it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from keys.local import LocalSigner, secret_of
from keys.sealing import STRONG, Cost
from keys.signer import Algorithm
from problems import ConflictError, NotFoundError, ParsingError, SecretError
from storage.records import SealedRecord, VaultStore
from wallet import contents, recovery_code, wrap
from wallet.contents import Content, Held, HolderKey, Note, NoteKind, StoredKey

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_NAME_BYTES: Final = 16

Random = Callable[[int], bytes]


class Vault:
    """An open vault. Made by :meth:`create` and :meth:`open`, never directly."""

    def __init__(self, store: VaultStore, data_key: bytes, cost: Cost, random: Random) -> None:
        self._store = store
        self._data_key = data_key
        self._records = AESGCM(_derived(data_key, b"records"))
        self._names = _derived(data_key, b"names")
        self.cost = cost
        self.random = random

    @classmethod
    def create(
        cls, store: VaultStore, passphrase: str, *, cost: Cost = STRONG, random: Random = os.urandom
    ) -> tuple["Vault", str]:
        """Return a new vault and its recovery code, which is shown this once and kept nowhere.

        Raises ConflictError ``wallet.exists`` when the store has a vault, SecretError for a passphrase
        that is too short.
        """
        key, code = random(_KEY_BYTES), recovery_code.generate(random)
        store.establish(
            [
                wrap.with_passphrase(key, passphrase, cost, random),
                wrap.with_recovery_code(key, code, cost, random),
            ]
        )
        return cls(store, key, cost, random), code

    @classmethod
    def open(
        cls, store: VaultStore, secret: str, *, cost: Cost = STRONG, random: Random = os.urandom
    ) -> "Vault":
        """Open with the passphrase or the recovery code.

        Raises NotFoundError ``wallet.none`` when there is no vault, and what :func:`wrap.unwrap` raises.
        """
        ways = store.ways()
        if not ways:
            raise NotFoundError("wallet.none")
        return cls(store, wrap.unwrap(ways, secret), cost, random)

    @classmethod
    def resume(
        cls,
        store: VaultStore,
        sealed: bytes,
        secret: bytes,
        *,
        cost: Cost = STRONG,
        random: Random = os.urandom,
    ) -> "Vault":
        """Open with what :meth:`leave_open` returned and its secret; raise SecretError."""
        try:
            key = AESGCM(_derived(secret, b"session")).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None
            )
        except (InvalidTag, ValueError):
            raise SecretError("wallet.wrong_secret") from None
        return cls(store, key, cost, random)

    def leave_open(self, secret: bytes) -> bytes:
        """Return the data key sealed under a secret of 256 bits, for a session that outlives this object."""
        nonce = self.random(_NONCE_BYTES)
        return nonce + AESGCM(_derived(secret, b"session")).encrypt(nonce, self._data_key, None)

    def change_passphrase(self, passphrase: str) -> None:
        """Let a new passphrase open the vault, and the old one no longer."""
        way = wrap.with_passphrase(self._data_key, passphrase, self.cost, self.random)
        self._store.replace_ways("passphrase", way)

    def new_recovery_code(self) -> str:
        """Return a new recovery code; the old one opens the vault no longer."""
        code = recovery_code.generate(self.random)
        way = wrap.with_recovery_code(self._data_key, code, self.cost, self.random)
        self._store.replace_ways("recovery_code", way)
        return code

    def add(self, held: Held) -> Held:
        """Keep a credential. The same bytes twice are one: what was there is returned."""
        self.add_all([held])
        return self.get(held.id)

    def credentials(self) -> list[Held]:
        """Return the credentials, oldest first."""
        return [content for content in self.contents() if isinstance(content, Held)]

    def get(self, name: str) -> Held:
        """Return the credential whose id is, or begins with, ``name``.

        Raises NotFoundError ``wallet.no_credential``, ConflictError ``wallet.ambiguous``.
        """
        found = [held for held in self.credentials() if name and held.id.startswith(name.lower())]
        if not found:
            raise NotFoundError("wallet.no_credential")
        if len(found) > 1:
            raise ConflictError("wallet.ambiguous", count=len(found))
        return found[0]

    def remove(self, name: str) -> Held:
        """Erase a credential and return it. Raises what :meth:`get` raises."""
        held = self.get(name)
        self._store.remove(self._name(held))
        return held

    def attach(self, endorsement: Held, endorsed: Held) -> Held:
        """Keep an endorsement that the vault has beside what it endorses."""
        attached = replace(endorsement, endorses=endorsed.id)
        self._store.replace(self._sealed(attached))
        return attached

    def keep_twins(self, held: Held, twins: Sequence[bytes]) -> Held:
        """Keep short forms beside their credential in the vault, in the place of those before."""
        kept = replace(held, twins=tuple(twins))
        self._store.replace(self._sealed(kept))
        return kept

    def new_key(
        self, now: datetime, *, algorithm: Algorithm = "P-256", reference: str | None = None
    ) -> HolderKey:
        """Return a new key: one per copy, so that copies do not link."""
        secret = secret_of(LocalSigner.generate(algorithm, random=self.random))
        key = StoredKey(algorithm, secret, reference, now)
        self.add_all([key])
        return key.public

    def holder_keys(self) -> list[HolderKey]:
        """Return the holder's keys, oldest first."""
        return [content.public for content in self.contents() if isinstance(content, StoredKey)]

    def signer_for(self, did: str) -> LocalSigner:
        """Return the signer of a did:key; raise NotFoundError ``wallet.no_key``."""
        for content in self.contents():
            if isinstance(content, StoredKey) and content.public.did == did:
                return content.signer
        raise NotFoundError("wallet.no_key")

    def forget_key(self, did: str) -> None:
        """Erase a key to which nothing is bound after all."""
        for content in self.contents():
            if isinstance(content, StoredKey) and content.public.did == did:
                self._store.remove(self._name(content))

    def notes(self, kind: NoteKind) -> list[Note]:
        """Return the notes of one kind, oldest first."""
        return [found for found in self.contents() if isinstance(found, Note) and found.kind == kind]

    def write_down(self, note: Note) -> None:
        """Keep a note, in the place of the one with its name if there is one."""
        if not self.add_all([note]):
            self._store.replace(self._sealed(note))

    def strike_out(self, note: Note) -> None:
        """Erase a note."""
        self._store.remove(self._name(note))

    def contents(self) -> Iterator[Content]:
        """Yield everything, secrets included: what a backup holds. Raises ParsingError when damaged."""
        return map(self._opened, self._store.records())

    def add_all(self, added: Iterable[Content]) -> int:
        """Keep, in one transaction, what is not there yet; return how many that is."""
        return self._store.add([self._sealed(content) for content in added])

    def _name(self, content: Content) -> str:
        keyed = hmac.HMAC(self._names, hashes.SHA256())
        keyed.update(contents.name(content).encode())
        return keyed.finalize()[:_NAME_BYTES].hex()

    def _sealed(self, content: Content) -> SealedRecord:
        name, nonce = self._name(content), self.random(_NONCE_BYTES)
        plain = contents.dump([content])
        return SealedRecord(name, nonce + self._records.encrypt(nonce, plain, name.encode()))

    def _opened(self, record: SealedRecord) -> Content:
        nonce, sealed = record.sealed[:_NONCE_BYTES], record.sealed[_NONCE_BYTES:]
        try:
            plain = self._records.decrypt(nonce, sealed, record.id.encode())
        except (InvalidTag, ValueError):
            raise ParsingError("wallet.damaged") from None
        [content] = contents.load(plain)
        return content


def _derived(data_key: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), _KEY_BYTES, b"passeport vault 1 " + purpose).derive(data_key)
