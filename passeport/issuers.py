"""An issuer on this machine: a folder with its profile, its keyring and its ledger."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from boundary import files, strict_json
from boundary.shape import a_text
from boundary.sources import Mirror
from boundary.strict_json import Json, read_object
from issuer import publish as publishing
from issuer.desk import Desk
from issuer.issue import Issued
from keys.dids import web as did_web
from keys.keyring import Keyring
from keys.open import open_signer
from keys.signer import Algorithm, Secrets
from passeport.settings import Settings
from problems import ConflictError, InputError, NotFoundError
from storage.issuance import Ledger
from storage.sqlite.issuance import SqliteLedger

_SIRET = re.compile(r"\d{14}")


@dataclass(frozen=True)
class Issuer:
    """``did`` is a did:web: its host is where the key document and the status lists are published."""

    name: str
    folder: Path
    did: str
    organisation: str
    siret: str | None
    url: str | None

    @property
    def keyring(self) -> Keyring:
        return Keyring(self.folder / "keyring.json")

    @contextmanager
    def ledger(self) -> Iterator[SqliteLedger]:
        ledger = SqliteLedger(self.folder / "ledger.db")
        try:
            yield ledger
        finally:
            ledger.close()

    def desk(self, algorithm: Algorithm, secrets: Secrets) -> Desk:
        """Open the active key and return the desk at which this issuer signs."""
        key = self.keyring.active(algorithm)
        signer = open_signer(f"file:{self.keyring.path}#{key.id}", secrets)
        base = f"{_base(self.did)}/status"
        return Desk(self.did, self.organisation, signer, base, self.url, self.siret)

    def publish_keys(self, web: Path) -> Path:
        """Write the DID document where a web server would serve it; return the file."""
        return publish(web, did_web.url_of(self.did), strict_json.write(self.keyring.document()).encode())


def create(
    settings: Settings, name: str, did: str, organisation: str, siret: str | None, url: str | None
) -> Issuer:
    """Make an issuer without keys. Raises InputError, MalformedValueError, ConflictError."""
    folder = settings.issuer(name)
    if (folder / "issuer.json").exists():
        raise ConflictError("cli.issuer_exists", name=name)
    if siret is not None and not _SIRET.fullmatch(siret):
        raise InputError("cli.siret")
    did_web.url_of(did)
    folder.mkdir(parents=True, exist_ok=True)
    profile: Json = {"did": did, "organisation": organisation, "siret": siret, "url": url}
    Keyring.create(folder / "keyring.json", did)
    files.write(folder / "issuer.json", strict_json.write(profile).encode())
    return open_issuer(settings, name)


def open_issuer(settings: Settings, name: str) -> Issuer:
    """Raises NotFoundError when there is no issuer of that name here."""
    folder = settings.issuer(name)
    try:
        profile = read_object((folder / "issuer.json").read_bytes())
    except FileNotFoundError:
        raise NotFoundError("cli.issuer_unknown", name=name) from None
    optional = {m: a_text(profile[m], m) if profile.get(m) else None for m in ("siret", "url")}
    return Issuer(
        name,
        folder,
        a_text(profile["did"], "did"),
        a_text(profile["organisation"], "organisation"),
        **optional,
    )


def publish(web: Path, url: str, body: bytes) -> Path:
    """Write ``body`` where a web server would serve ``url``; return the file."""
    path = Mirror(web).path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, body, mode=0o644)
    return path


def publish_lists(desk: Desk, ledger: Ledger, web: Path, now: dt.datetime) -> list[Path]:
    """Write every status list of the ledger where a web server would serve it."""
    return [publish(web, done.url, done.body) for done in publishing.publish(desk, ledger, now)]


def write(issued: Issued, out: Path) -> Path:
    """Write a credential into the folder ``out``, named after its reference; return the file."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", issued.reference).strip(".-")[:60]
    mark = hashlib.sha256(issued.reference.encode()).hexdigest()[:8]  # two references, two files
    path = out / f"{plain}-{mark}.{issued.form.extension}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(issued.body)
    return path


def add_key(issuer: Issuer, algorithm: Algorithm, passphrase: str, now: dt.datetime) -> str:
    """Make a key and let it sign at once; return its id."""
    record = issuer.keyring.add(algorithm, passphrase, now=now)
    issuer.keyring.activate(record.id, now=now)
    return record.id


def _base(did: str) -> str:
    return did_web.url_of(did).removesuffix("/did.json").removesuffix("/.well-known")
