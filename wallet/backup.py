"""A backup: everything a vault holds, in one file that only its own secret opens.

The file is a title line, the CBOR array ``[way id, way kind, seal, sealed contents]``, and the SHA-256 of
all that, which tells a damaged file from a wrong passphrase. The contents are sealed under a key of the
file's own (AES-256-GCM), everything before them being associated data.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from boundary import limits
from problems import InputError, LimitError, ParsingError
from storage.records import Way, WayKind
from wallet import contents, recovery_code, wrap
from wallet.contents import Content, Held, StoredKey
from wallet.vault import Vault

_TITLE: Final = b"passeport backup 1\n"
_ANY_TITLE: Final = b"passeport backup "
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_DIGEST_BYTES: Final = 32


@dataclass(frozen=True)
class Restored:
    """How many credentials and keys came back, and how many the vault had already."""

    credentials: int
    keys: int
    already: int


def export(vault: Vault, passphrase: str) -> bytes:
    """Return a backup that ``passphrase`` opens; raise SecretError when it is too short."""
    return _export(vault, lambda key: wrap.with_passphrase(key, passphrase, vault.cost, vault.random))


def export_with_code(vault: Vault) -> tuple[bytes, str]:
    """Return a backup and the recovery code that opens it, which is shown this once."""
    code = recovery_code.generate(vault.random)
    return _export(vault, lambda key: wrap.with_recovery_code(key, code, vault.cost, vault.random)), code


def restore(vault: Vault, data: bytes, secret: str) -> Restored:
    """Add what a backup holds to the vault, all of it or, when anything is wrong, nothing.

    What the vault has already stays as it is. Raises SecretError for a wrong secret, ParsingError
    ``wallet.backup_damaged`` for a file that was cut or changed, InputError for one that is no backup or
    was made by a newer version, LimitError beyond ``limits.BACKUP_BYTES``.
    """
    found = _read(data, secret)
    new = {contents.name(content) for content in found} - {contents.name(c) for c in vault.contents()}
    vault.add_all(found)
    added = [content for content in found if contents.name(content) in new]
    credentials, keys = (sum(isinstance(one, kind) for one in added) for kind in (Held, StoredKey))
    return Restored(credentials, keys, len(found) - len(added))


def _export(vault: Vault, wrapped: Callable[[bytes], Way]) -> bytes:
    key, nonce = vault.random(_KEY_BYTES), vault.random(_NONCE_BYTES)
    way = wrapped(key)
    head = _head(way)
    sealed = nonce + AESGCM(key).encrypt(nonce, contents.dump(list(vault.contents())), head)
    body = _TITLE + cbor2.dumps([way.id, way.kind, way.seal, sealed], canonical=True)
    return body + hashlib.sha256(body).digest()


def _head(way: Way) -> bytes:
    return _TITLE + cbor2.dumps([way.id, way.kind, way.seal], canonical=True)


def _read(data: bytes, secret: str) -> list[Content]:
    way, sealed = _parts(_whole(data))
    try:
        key = wrap.unwrap([way], secret)
        plain = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _head(way))
        return contents.load(plain)
    except (InvalidTag, ValueError, ParsingError) as error:
        raise ParsingError("wallet.backup_damaged") from error


def _whole(data: bytes) -> bytes:
    """Return what stands between the title and the digest, which must be right."""
    if len(data) > limits.BACKUP_BYTES:
        raise LimitError("wallet.backup_too_large", limit=limits.BACKUP_BYTES >> 20)
    if not data.startswith(_ANY_TITLE):
        raise InputError("wallet.not_a_backup")
    body, digest = data[:-_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ParsingError("wallet.backup_damaged")
    if not body.startswith(_TITLE):
        raise InputError("wallet.backup_newer")
    return body.removeprefix(_TITLE)


def _parts(body: bytes) -> tuple[Way, bytes]:
    try:
        parts = cbor2.loads(body)
        canonical = cbor2.dumps(parts, canonical=True) == body
    except Exception as error:  # a tag may raise anything
        raise ParsingError("wallet.backup_damaged") from error
    match parts if canonical else None:
        case [str(identity), "passphrase" | "recovery_code" as kind, str(seal), bytes(sealed)]:
            return Way(identity, cast(WayKind, kind), seal), sealed
    raise ParsingError("wallet.backup_damaged")
