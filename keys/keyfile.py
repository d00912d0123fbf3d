"""The file of a keyring: one JSON document, strictly read, replaced as a whole.

What is said of a key beside its secret is not sealed, so that whoever finds that a key leaked can
revoke it without a passphrase. The key's name, its owner and its public half are bound to the sealed
secret: a secret moved under another name does not open.
"""

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, get_args

from boundary import date_time_stamp, files, limits, strict_json
from boundary.shape import a_list, a_text, an_object, texts
from boundary.strict_json import Json, JsonValue
from keys import multikey
from keys.public import PublicKey
from keys.record import KeyRecord, KeyState
from keys.resolver import Purpose, Revocation, RevocationReason
from problems import ConflictError, InputError, MalformedValueError, NotFoundError

if sys.platform != "win32":
    import fcntl

FORMAT: Final = "passeport-keyring/1"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class StoredKey:
    """A key with its secret, sealed (see :mod:`keys.sealing`)."""

    record: KeyRecord
    seal: Json = field(repr=False)


@dataclass(frozen=True)
class KeyFile:
    owner: str
    keys: tuple[StoredKey, ...] = ()

    def find(self, key_id: str) -> StoredKey:
        for stored in self.keys:
            if stored.record.id == key_id:
                return stored
        raise NotFoundError("key.unknown", key=key_id[:64])

    def with_key(self, stored: StoredKey) -> "KeyFile":
        return replace(self, keys=(*self.keys, stored))

    def with_record(self, record: KeyRecord) -> "KeyFile":
        """Return the file with ``record`` in the place of the record of the same id."""
        kept = (
            replace(stored, record=record) if stored.record.id == record.id else stored
            for stored in self.keys
        )
        return replace(self, keys=tuple(kept))


def associated(owner: str, key_id: str, key: PublicKey) -> bytes:
    """Return what the seal of a secret is bound to."""
    return "\n".join((FORMAT, owner, key_id, multikey.encode(key))).encode()


def read(path: Path) -> KeyFile:
    """Return the content of the file.

    Raises NotFoundError when there is none, InputError when it cannot be read, and ParsingError,
    LimitError or MalformedValueError when it is no keyring.
    """
    try:
        status = path.stat()
        return _read(path, status.st_ino, status.st_mtime_ns, status.st_size)
    except FileNotFoundError:
        raise NotFoundError("keyring.missing", file=path.name) from None
    except OSError:
        raise InputError("keyring.unreadable", file=path.name) from None


@lru_cache(maxsize=16)
def _read(path: Path, *_version: int) -> KeyFile:
    """Remembered per version of the file, since a signer asks before each signature whether it still may."""
    content = strict_json.read_object(files.read(path, limit=limits.JSON_BYTES))
    if content.get("format") != FORMAT:
        raise MalformedValueError("keyring.damaged", file=path.name)
    keys = tuple(_from_json(an_object(item, "keys")) for item in a_list(content.get("keys"), "keys"))
    if len({stored.record.id for stored in keys}) != len(keys):
        raise MalformedValueError("keyring.damaged", file=path.name)
    ids = {stored.record.id for stored in keys}
    if not ids >= {stored.record.companion for stored in keys} - {None}:
        raise MalformedValueError("keyring.damaged", file=path.name)
    return KeyFile(a_text(content.get("owner"), "owner"), keys)


def create(path: Path, owner: str) -> None:
    """Raises ConflictError when the file is there already, InputError when it cannot be written."""
    with _unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(path):
        if path.exists():
            raise ConflictError("keyring.exists", file=path.name)
        _write(path, KeyFile(owner))


def change(path: Path, change: Callable[[KeyFile], KeyFile]) -> KeyFile:
    """Replace the content by what ``change`` makes of it, and return it; one process at a time."""
    read(path)  # says plainly when there is no file to lock
    with _locked(path):
        _write(path, change(read(path)))
        return read(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Reading needs no lock, since a file is never half. Windows offers none: one process there."""
    if sys.platform == "win32":
        yield
        return
    with _unwritable(path):
        lock = path.with_name(f".{path.name}.lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: KeyFile) -> None:
    keys: list[JsonValue] = [_to_json(stored) for stored in content.keys]
    text = strict_json.write({"format": FORMAT, "owner": content.owner, "keys": keys})
    with _unwritable(path):
        files.write(path, text.encode())


@contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise InputError("keyring.unwritable", file=path.name) from None


def _to_json(stored: StoredKey) -> Json:
    record = stored.record
    described: Json = {
        "id": record.id,
        "publicKeyMultibase": multikey.encode(record.key),
        "purposes": list(record.purposes),
        "state": record.state,
        "since": date_time_stamp.write(record.since),
        "sealedSecret": stored.seal,
    }
    if record.companion is not None:
        described["companion"] = record.companion
    if record.revocation is not None:
        at = date_time_stamp.write(record.revocation.at)
        described["revocation"] = {"reason": record.revocation.reason, "at": at}
    return described


def _from_json(item: Json) -> StoredKey:
    state = _one_of(a_text(item.get("state"), "state"), KeyState)
    revocation = _revocation(item)
    if (revocation is None) == (state == "revoked") or not _ID.fullmatch(a_text(item.get("id"), "id")):
        raise MalformedValueError("keyring.damaged_key")
    record = KeyRecord(
        id=a_text(item["id"], "id"),
        key=multikey.decode(a_text(item.get("publicKeyMultibase"), "publicKeyMultibase")),
        state=state,
        since=_time(item, "since"),
        purposes=tuple(_one_of(text, Purpose) for text in texts(item.get("purposes"), "purposes")),
        revocation=revocation,
        companion=a_text(item["companion"], "companion") if "companion" in item else None,
    )
    return StoredKey(record, an_object(item.get("sealedSecret"), "sealedSecret"))


def _revocation(item: Json) -> Revocation | None:
    if "revocation" not in item:
        return None
    revocation = an_object(item["revocation"], "revocation")
    reason = _one_of(a_text(revocation.get("reason"), "reason"), RevocationReason)
    return Revocation(reason, _time(revocation, "at"))


def _time(item: Json, name: str) -> dt.datetime:
    return date_time_stamp.read(a_text(item.get(name), name), name)


def _one_of(text: str, words: Any) -> Any:
    if text not in get_args(words):
        raise MalformedValueError("keyring.damaged_key")
    return text
