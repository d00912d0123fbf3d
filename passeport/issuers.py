"""An issuer on this machine: a folder with its profile, its keyring and its ledger."""

import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

from boundary import files, limits, strict_json
from boundary.shape import a_text
from boundary.sources import Mirror
from boundary.strict_json import read_object
from credentials.forms import WHOLE
from credentials.sirene import is_siret
from credentials.templates.claims import check_claims, shapes
from issuer import publish as publishing
from issuer.desk import Desk
from issuer.issue import Issued
from issuer.publication import base_of
from issuer.twins import IssuedTwin
from keys.dids import document
from keys.dids import web as did_web
from keys.keyring import Keyring
from keys.open import open_signer
from keys.resolver import Purpose, VerificationKey
from keys.signer import Algorithm, Secrets, Signer
from passeport import certificates
from passeport.settings import Settings
from problems import ConflictError, InputError, NotFoundError
from proofs import jws
from storage.issuance import Ledger
from storage.sqlite.issuance import SqliteLedger

_PROFILE: Final = "issuer.json"
_KEYRING: Final = "keyring.json"
_LISTS: Final = "P-256"


@dataclass(frozen=True)
class Profile:
    """``did`` is a did:web: its host is where the key document and the status lists are published."""

    did: str
    organisation: str
    siret: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Issuer:
    folder: Path
    profile: Profile

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.folder / _KEYRING)

    @contextmanager
    def ledger(self) -> Iterator[SqliteLedger]:
        ledger = SqliteLedger(self.folder / "ledger.db")
        try:
            yield ledger
        finally:
            ledger.close()

    def desk(self, algorithm: Algorithm, secrets: Secrets) -> Desk:
        """Open the active key, and those that it needs beside it, and return the desk at which they sign."""
        ring, who, asked_once = self.keyring, self.profile, cache(secrets)

        def opened(key_id: str | None) -> Signer | None:
            return None if key_id is None else open_signer(f"file:{ring.path}#{key_id}", asked_once)

        key = ring.active(algorithm)
        enough = key.companion is None and algorithm in jws.ALGORITHMS.values()
        other = None if enough else ring.alone(jws.ALGORITHMS.values())
        return Desk(
            who.did,
            who.organisation,
            open_signer(f"file:{ring.path}#{key.id}", asked_once),
            f"{base_of(who.did)}/status",
            who.url,
            who.siret,
            companion=opened(key.companion),
            alone=opened(other.id if other else None),
            keys=_Own(ring),
            chain=certificates.chain(self.folder, key.id),
        )

    def publish_keys(self, web: Path) -> Path:
        """Write the DID document where a web server would serve it; return the file."""
        url = did_web.url_of(self.profile.did)
        return publish(web, url, strict_json.write(self.keyring.document()).encode())


@dataclass(frozen=True)
class _Own:
    """Resolves the issuer's own keys, from what it publishes."""

    ring: Keyring

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        return document.find(self.ring.document(), self.ring.owner, verification_method, purpose)


def create(
    settings: Settings,
    name: str,
    profile: Profile,
    algorithm: Algorithm,
    passphrase: str,
    now: dt.datetime,
    also: Algorithm | None = None,
) -> Issuer:
    """Make an issuer with its first key, active: all of it or nothing.

    With ``also``, that key signs only together with one of that kind. Beside a key that cannot sign status
    lists stands one that can. Raises InputError, MalformedValueError for what cannot be one, ConflictError
    when the name or the DID is taken, SecretError.
    """
    folder = settings.issuer(name)
    _require_possible(profile)
    _require_new(settings, name, profile.did)
    with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=folder.parent) as made:
        unborn = Path(made) / name
        unborn.mkdir(mode=0o700)
        ring = Keyring.create(unborn / _KEYRING, profile.did)
        ring.activate(ring.add(algorithm, passphrase, now=now, also=also).id, now=now)
        if algorithm not in WHOLE:
            ring.activate(ring.add(_LISTS, passphrase, now=now).id, now=now)
        _write_profile(unborn, profile)
        unborn.rename(folder)
    return open_issuer(settings, name)


def change(issuer: Issuer, organisation: str, siret: str | None, url: str | None) -> Issuer:
    """Return the issuer under other names and numbers; what it issued before keeps the old ones.

    Raises InputError, MalformedValueError for what cannot be one.
    """
    profile = Profile(issuer.profile.did, organisation, siret, url)
    _require_possible(profile)
    _write_profile(issuer.folder, profile)
    return Issuer(issuer.folder, profile)


def _require_possible(profile: Profile) -> None:
    check_claims(shapes()["party"], {"did": profile.did, "name": profile.organisation, "url": profile.url})
    if profile.siret is not None and not is_siret(profile.siret):
        raise InputError("cli.siret")


def _write_profile(folder: Path, profile: Profile) -> None:
    files.write(folder / _PROFILE, strict_json.write(asdict(profile)).encode())


def open_issuer(settings: Settings, name: str) -> Issuer:
    """Raises NotFoundError when there is no issuer of that name here, ParsingError for a damaged one."""
    folder = settings.issuer(name)
    try:
        profile = read_object(files.read(folder / _PROFILE, limit=limits.JSON_BYTES))
    except FileNotFoundError:
        raise NotFoundError("cli.issuer_unknown", name=name) from None
    did, organisation = (a_text(profile.get(member), member) for member in ("did", "organisation"))
    siret, url = (
        None if profile.get(member) is None else a_text(profile[member], member)
        for member in ("siret", "url")
    )
    return Issuer(folder, Profile(did, organisation, siret, url))


def _require_new(settings: Settings, name: str, did: str) -> None:
    """Two issuers of one DID would overwrite each other's key document."""
    home = settings.issuer(name).parent
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for other in sorted(home.glob(f"*/{_PROFILE}")):
        if other.parent.name == name:
            raise ConflictError("cli.issuer_exists", name=name)
        if open_issuer(settings, other.parent.name).profile.did == did:
            raise ConflictError("cli.did_taken", name=other.parent.name)


def publish(web: Path, url: str, body: bytes) -> Path:
    """Write ``body`` where a web server would serve ``url``; return the file."""
    path = Mirror(web).path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, body, mode=0o644)
    return path


def publish_lists(desk: Desk, ledger: Ledger, web: Path, now: dt.datetime) -> list[Path]:
    """Write every status list of the ledger where a web server would serve it."""

    def before(url: str) -> bytes | None:
        path = Mirror(web).path(url)
        return files.read(path, limit=limits.FETCH_BYTES) if path.is_file() else None

    return [publish(web, done.url, done.body) for done in publishing.publish(desk, ledger, now, before)]


def write(issued: Issued, out: Path) -> Path:
    """Write a credential into the folder ``out``, named after its reference; return the file.

    The ledger has it already, durably: a file that a power cut loses is written again by the same command.
    """
    return _written(issued.body, issued.reference, issued.form.extension, out)


def write_twin(made: IssuedTwin, out: Path) -> Path:
    """Write a twin beside its credential; return the file."""
    return _written(made.body, made.of.reference, made.extension, out)


def _written(body: bytes, reference: str, extension: str, out: Path) -> Path:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", reference).strip(".-")[:60]
    mark = hashlib.sha256(reference.encode()).hexdigest()[:8]  # two references, two files
    path = out / f"{plain}-{mark}.{extension}"
    files.write(path, body, durable=False)
    return path
