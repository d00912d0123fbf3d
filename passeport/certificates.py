"""Certificates of an issuer's keys, beside its keyring: those that authorities gave, and for development.

The development authority of a home vouches on this machine for whatever stands in it, and nowhere else.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509

from boundary import files, limits
from keys.dids import web as did_web
from keys.keyring import Keyring
from keys.record import KeyRecord
from keys.x509 import Authority, Chain, read_anchors, read_pem, request
from problems import InputError, MalformedValueError, NotFoundError
from proofs import jws
from proofs.certified import named_issuer

_FOLDER: Final = "certificates"
_AUTHORITY: Final = "authority.pem"
_RENEWED: Final = dt.timedelta(days=30)
"""How long before its end a certificate for development is made anew."""


def chain(folder: Path, key_id: str) -> Chain | None:
    """Return what an authority gave for a key of the issuer in ``folder``; None when it gave nothing."""
    return _read(folder / _FOLDER / f"{key_id}.pem")


def keep(folder: Path, ring: Keyring, pem: bytes, now: dt.datetime, key_id: str | None = None) -> Chain:
    """Keep a chain beside the key that it is about; return it.

    Raises MalformedValueError for what is no chain; InputError when it is about none of the keys (or not
    about ``key_id``), has ended, or vouches for itself; ProofVerificationError when it does not name the
    issuer.
    """
    found = read_pem(pem)
    if found.leaf.issuer == found.leaf.subject:
        raise InputError("x509.self_signed")
    record = _record_of(found, ring, key_id)
    if found.until <= now:
        raise InputError("x509.ended", at=found.until.date().isoformat())
    named_issuer(found, ring.owner)
    path = folder / _FOLDER / f"{record.id}.pem"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    files.write(path, found.pem)
    return found


def ask(ring: Keyring, organisation: str, key_id: str | None, passphrase: str) -> bytes:
    """Return a request for a certificate (PEM), signed by the key that it is for, without showing it."""
    record = _record(ring, key_id)
    builder = request.build(organisation, hosts=_hosts(ring.owner), uris=[ring.owner])
    return ring.request(record.id, passphrase, builder)


def for_development(
    home: Path, folder: Path, ring: Keyring, organisation: str, record: KeyRecord, now: dt.datetime
) -> Chain:
    """Return the development authority's chain for a key, the same in all processes, made when needed."""
    path = folder / _FOLDER / f"{record.id}.development.pem"
    found = _read(path)
    if found and found.key == record.key and found.until > now + _RENEWED:
        return found
    made = authority(home, now).certify(
        record.key, organisation, now, hosts=_hosts(ring.owner), uris=[ring.owner]
    )
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    files.write_first(path, made.pem)
    return _read(path) or made


def authority(home: Path, now: dt.datetime) -> Authority:
    """Return the development authority of ``home``, made on first need, for its owner's eyes only."""
    path = home / _AUTHORITY
    if not path.exists():
        files.write_first(path, Authority.create("Passeport, autorité de développement", now).pem)
    return Authority.read(files.read(path, limit=limits.X509_FILE_BYTES))


def anchors(path: Path) -> Sequence[x509.Certificate]:
    """Return the authorities in a PEM file. Raises NotFoundError, MalformedValueError, LimitError."""
    try:
        return read_anchors(files.read(path, limit=limits.X509_FILE_BYTES))
    except FileNotFoundError:
        raise NotFoundError("cli.no_such_file", path=path.name) from None
    except OSError:
        raise InputError("cli.unreadable_file", path=path.name) from None


def _read(path: Path) -> Chain | None:
    try:
        return read_pem(files.read(path, limit=limits.X509_FILE_BYTES))
    except (FileNotFoundError, MalformedValueError):
        return None


def _record_of(found: Chain, ring: Keyring, key_id: str | None) -> KeyRecord:
    for record in ring.records():
        if record.key == found.key and key_id in (None, record.id):
            return record
    raise InputError("x509.other_key", key=key_id or _record(ring, None).id)


def _record(ring: Keyring, key_id: str | None) -> KeyRecord:
    """Return the key meant: the active one that signs tokens, if none is named."""
    if key_id is None:
        return ring.alone(jws.ALGORITHMS.values()) or ring.active("P-256")
    for record in ring.records():
        if record.id == key_id:
            return record
    raise NotFoundError("key.unknown", key=key_id[:64])


def _hosts(owner: str) -> list[str]:
    """A did:web that is a whole host is one host; of one under a path the host is somebody else's."""
    name = owner.removeprefix(did_web.PREFIX)
    return [name] if owner.startswith(did_web.PREFIX) and ":" not in name and "%" not in name else []
