"""A keyring: an owner's keys in one file, from their making to their revocation.

A rotation is one replacement of the file: a crash finds it done or not done, never two active keys or
none. Nothing is ever removed: the history is what lets old signatures verify.
"""

import datetime as dt
import itertools
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography import x509

from boundary.strict_json import Json
from keys import issuer_metadata, keyfile, sealing
from keys.dids import web
from keys.keyfile import KeyFile, StoredKey
from keys.local import LocalMessagesSigner, LocalSigner, secret_of
from keys.record import KeyRecord
from keys.resolver import Purpose, RevocationReason
from keys.signer import Algorithm, Signer
from problems import ConflictError, InputError, NotFoundError


@dataclass(frozen=True)
class Keyring:
    """The keys in the file at ``path``; ``cost`` and ``random`` are for keys made from now on."""

    path: Path
    cost: sealing.Cost = sealing.STRONG
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False)

    @classmethod
    def create(cls, path: Path, owner: str) -> "Keyring":
        """Make an empty keyring for a did:web or an https issuer.

        Raises MalformedValueError for another owner, ConflictError when the file is there already.
        """
        publish(owner, [])
        keyfile.create(path, owner)
        return cls(path)

    @property
    def owner(self) -> str:
        return keyfile.read(self.path).owner

    def records(self) -> tuple[KeyRecord, ...]:
        """Return every key the owner ever had, oldest first."""
        return tuple(stored.record for stored in keyfile.read(self.path).keys)

    def active(self, algorithm: Algorithm, purpose: Purpose = "assertionMethod") -> KeyRecord:
        """Return the key that signs now, the last one activated; raise NotFoundError."""
        fitting = [
            record
            for record in reversed(self.records())
            if record.state == "active" and record.key.algorithm == algorithm and purpose in record.purposes
        ]
        if not fitting:
            raise NotFoundError("key.none_active", algorithm=algorithm)
        return max(fitting, key=lambda record: record.since)

    def alone(self, algorithms: Collection[Algorithm]) -> KeyRecord | None:
        """Return a key of one of ``algorithms`` that signs now and without another, if there is one."""
        fitting = [
            record
            for record in self.records()
            if record.state == "active" and record.companion is None and record.key.algorithm in algorithms
        ]
        return max(fitting, key=lambda record: record.since, default=None)

    def add(
        self,
        algorithm: Algorithm,
        passphrase: str,
        *,
        now: dt.datetime,
        purposes: tuple[Purpose, ...] = ("assertionMethod",),
        also: Algorithm | None = None,
    ) -> KeyRecord:
        """Make a key, pending: it is published before it is activated.

        With ``also`` make two, of which each signs only together with the other (ADR 13); return the
        first. Raises SecretError; InputError for two kinds that do not go together, MalformedValueError
        for an owner that cannot announce them.
        """
        kinds = _kinds(algorithm, also)

        def change(content: KeyFile) -> KeyFile:
            return self._grown(content, kinds, purposes, passphrase, now)

        return keyfile.change(self.path, change).keys[-len(kinds)].record

    def activate(self, key_id: str, *, now: dt.datetime) -> KeyRecord:
        """Raises NotFoundError, and ConflictError when the key is not pending; so do the next two.

        A key that signs only with another begins and ends with it; each is revoked on its own.
        """
        return self._move_both(key_id, lambda record: record.moved("active", now))

    def retire(self, key_id: str, *, now: dt.datetime) -> KeyRecord:
        """End a key's signing; what it signed keeps verifying."""
        return self._move_both(key_id, lambda record: record.moved("retired", now))

    def revoke(self, key_id: str, reason: RevocationReason, *, now: dt.datetime) -> KeyRecord:
        return self._move(key_id, lambda record: record.revoked(reason, now))

    def rotate(
        self, key_id: str, passphrase: str, *, now: dt.datetime, also: Algorithm | None = None
    ) -> KeyRecord:
        """Retire an active key and return its successor, active, of the same kind and purposes.

        A key that signs only with another is succeeded by two such keys; so is any, with ``also``.
        """
        content = keyfile.read(self.path)
        old = content.find(key_id).record
        kinds = _kinds(old.key.algorithm, also or _kind_of(content, old.companion))

        def change(content: KeyFile) -> KeyFile:
            rest = _moved_both(content, key_id, lambda record: record.moved("retired", now))
            grown = self._grown(rest, kinds, old.purposes, passphrase, now)
            made = grown.keys[-len(kinds)].record.id
            return _moved_both(grown, made, lambda record: record.moved("active", now))

        return keyfile.change(self.path, change).keys[-len(kinds)].record

    def require_active(self, key_id: str) -> StoredKey:
        """Return the key with its sealed secret; raise ConflictError unless it may sign now."""
        stored = keyfile.read(self.path).find(key_id)
        if stored.record.state != "active":
            raise ConflictError(f"key.{stored.record.state}", key=key_id)
        return stored

    def signer(self, key_id: str, passphrase: str) -> Signer:
        """Open an active key. Raises NotFoundError, ConflictError, SecretError, LimitError."""
        local = self._unsealed(key_id, passphrase)
        if isinstance(local, LocalMessagesSigner):
            return KeyringMessagesSigner(self, key_id, local)
        return KeyringSigner(self, key_id, local)

    def request(self, key_id: str, passphrase: str, request: x509.CertificateSigningRequestBuilder) -> bytes:
        """Return a request for a certificate of an active key (PEM), signed by it.

        Raises NotFoundError, ConflictError, SecretError, LimitError; InputError for a kind that has none.
        """
        return self._unsealed(key_id, passphrase).sign_request(request)

    def document(self) -> Json:
        """Return what the owner publishes: a DID document, or issuer metadata."""
        return publish(self.owner, self.records())

    def _unsealed(self, key_id: str, passphrase: str) -> LocalSigner:
        stored, owner = self.require_active(key_id), self.owner
        bound_to = keyfile.associated(owner, key_id, stored.record.key)
        secret = sealing.unseal(stored.seal, passphrase, bound_to)
        return LocalSigner.from_secret(stored.record.key.algorithm, secret, f"{owner}#{key_id}")

    def _move(self, key_id: str, move: Callable[[KeyRecord], KeyRecord]) -> KeyRecord:
        def change(content: KeyFile) -> KeyFile:
            return content.with_record(move(content.find(key_id).record))

        return keyfile.change(self.path, change).find(key_id).record

    def _move_both(self, key_id: str, move: Callable[[KeyRecord], KeyRecord]) -> KeyRecord:
        content = keyfile.change(self.path, lambda content: _moved_both(content, key_id, move))
        return content.find(key_id).record

    def _grown(
        self,
        content: KeyFile,
        kinds: Sequence[Algorithm],
        purposes: tuple[Purpose, ...],
        passphrase: str,
        now: dt.datetime,
    ) -> KeyFile:
        """Return the content with one new key, or with two that sign only together."""
        made = []
        for kind in kinds:
            stored = self._made(content, kind, purposes, passphrase, now)
            content = content.with_key(stored)
            made.append(stored.record)
        for one, other in itertools.permutations(made, 2):
            content = content.with_record(replace(one, companion=other.id))
        publish(content.owner, [stored.record for stored in content.keys])
        return content

    def _made(
        self,
        content: KeyFile,
        algorithm: Algorithm,
        purposes: tuple[Purpose, ...],
        passphrase: str,
        now: dt.datetime,
    ) -> StoredKey:
        local = LocalSigner.generate(algorithm, random=self.random)
        record = KeyRecord(f"key-{len(content.keys) + 1}", local.public_key, "pending", now, purposes)
        bound_to = keyfile.associated(content.owner, record.id, record.key)
        seal = sealing.seal(secret_of(local), passphrase, bound_to, cost=self.cost, random=self.random)
        return StoredKey(record, seal)


@dataclass(frozen=True)
class KeyringSigner:
    """Signs while its key is active: a revocation stops every process that holds the key open."""

    ring: Keyring
    key_id: str
    _local: LocalSigner = field(repr=False)

    @property
    def algorithm(self) -> Algorithm:
        return self._local.algorithm

    @property
    def verification_method(self) -> str:
        return self._local.verification_method

    def sign(self, data: bytes) -> bytes:
        """See :class:`keys.signer.Signer`. Raises ConflictError when the key is no longer active."""
        self.ring.require_active(self.key_id)
        return self._local.sign(data)


@dataclass(frozen=True)
class KeyringMessagesSigner(KeyringSigner):
    """The same for a key that signs many messages at once (BBS)."""

    _local: LocalMessagesSigner = field(repr=False)

    @property
    def public_bytes(self) -> bytes:
        return self._local.public_bytes

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """See :class:`keys.signer.MessagesSigner`. Raises ConflictError when the key is no longer active."""
        self.ring.require_active(self.key_id)
        return self._local.sign_messages(header, messages)


def _kinds(algorithm: Algorithm, also: Algorithm | None) -> tuple[Algorithm, ...]:
    """Two keys go together when each signs whole documents, and breaking one does not break the other."""
    if also is None:
        return (algorithm,)
    if {algorithm, also} & {"Bls12381G2"} or (algorithm == "ML-DSA-44") == (also == "ML-DSA-44"):
        raise InputError("key.pair", first=algorithm, second=also)
    return algorithm, also


def _kind_of(content: KeyFile, key_id: str | None) -> Algorithm | None:
    return None if key_id is None else content.find(key_id).record.key.algorithm


def _moved_both(content: KeyFile, key_id: str, move: Callable[[KeyRecord], KeyRecord]) -> KeyFile:
    """Move a key, and with it the one that signs with it, unless that one stands elsewhere in life."""
    record = content.find(key_id).record
    moved = content.with_record(move(record))
    if record.companion is None:
        return moved
    other = content.find(record.companion).record
    return moved.with_record(move(other)) if other.state == record.state else moved


def publish(owner: str, keys: Sequence[KeyRecord]) -> Json:
    """Return the document that ``owner`` publishes; raise MalformedValueError for who cannot publish."""
    make = web.document if owner.startswith("did:") else issuer_metadata.metadata
    return make(owner, keys)
