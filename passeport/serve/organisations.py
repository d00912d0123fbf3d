"""The organisations of this service: issuers' folders, their keys opened once, their ledgers kept open."""

import datetime as dt
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from issuer.configurations import PREFERRED
from issuer.desk import Desk
from keys.jwe import DecryptionKey
from keys.signer import Algorithm
from keys.x509 import Chain
from passeport import certificates, issuers
from passeport.issuers import Issuer
from passeport.serve.audited import AuditedLedger, KeyUse
from passeport.serve.kept_secret import kept_secret
from passeport.serve.reading import reading_key
from passeport.serve.settings import Service
from passeport.settings import Settings
from problems import InputError, NotFoundError, Problem, UnavailableError
from proofs import jws
from storage.audit import AuditLog
from storage.sqlite.issuance import SqliteLedger


@dataclass
class Organisation:
    """An issuer's folder in a service. Its keyring is read again at each look: keys come and go."""

    issuer: Issuer
    settings: Service
    ledger: SqliteLedger
    use: KeyUse
    _opened: dict[str, Desk] = field(default_factory=dict, repr=False)
    _reading: list[DecryptionKey] = field(default_factory=list, repr=False)
    _secrets: dict[str, bytes] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def id(self) -> str:
        return self.issuer.folder.name

    @property
    def name(self) -> str:
        return self.issuer.profile.organisation

    def algorithms(self) -> Collection[Algorithm]:
        """Return which kinds of keys sign now."""
        active = {
            record.key.algorithm
            for record in self.issuer.keyring.records()
            if record.state == "active" and "assertionMethod" in record.purposes
        }
        return [algorithm for algorithm in PREFERRED if algorithm in active]

    def desk(self, algorithm: Algorithm) -> Desk:
        """Return the desk that signs with the active key of ``algorithm``, opened once for each key.

        Raises NotFoundError without such a key, UnavailableError when the service may not open it, or its
        use cannot be written down.
        """
        key = self.issuer.keyring.active(algorithm)
        self.use.opens(key.id)
        with self._lock:
            if key.id not in self._opened:
                self._opened[key.id] = self._desk(algorithm)
            return self._opened[key.id]

    def become(self, issuer: Issuer) -> None:
        """Let the next who asks have a desk of the organisation as ``issuer`` says that it is."""
        if issuer != self.issuer:
            with self._lock:
                self.issuer = issuer
                self._opened.clear()

    def reading_keys(self) -> Mapping[str, DecryptionKey]:
        """Return the keys that read what wallets encrypt, by name; none when the service has no passphrase.

        Raises UnavailableError when the service may not open them.
        """
        passphrase = self.settings.passphrase
        if passphrase is None:
            return {}
        with self._lock:
            if not self._reading:
                self._reading.append(self._reading_key(passphrase.get_secret_value()))
            return {key.kid: key for key in self._reading}

    def secret(self, name: str) -> bytes:
        """Return the organisation's own 32 bytes for what is called ``name`` (``links``), made when there
        are none yet, and opened once.

        Raises UnavailableError when the service may not open them.
        """
        with self._lock:
            if name not in self._secrets:
                self._secrets[name] = self._open_secret(name)
            return self._secrets[name]

    def _open_secret(self, name: str) -> bytes:
        passphrase = self.settings.passphrase
        if passphrase is None:
            raise UnavailableError("service.no_passphrase")
        path, cost = self.issuer.folder / f"{name}.json", self.issuer.keyring.cost
        purpose = f"passeport-{name}-key/1"
        try:
            return kept_secret(path, purpose, passphrase.get_secret_value(), cost, lambda: os.urandom(32))
        except Problem as problem:
            raise UnavailableError("service.key_closed") from problem

    def _reading_key(self, passphrase: str) -> DecryptionKey:
        try:
            return reading_key(self.issuer.folder, passphrase, self.issuer.keyring.cost)
        except Problem as problem:
            raise UnavailableError("service.key_closed") from problem

    def _desk(self, algorithm: Algorithm) -> Desk:
        passphrase = self.settings.passphrase
        if passphrase is None:
            raise UnavailableError("service.no_passphrase")
        try:
            desk = self.issuer.desk(algorithm, lambda _: passphrase.get_secret_value())
            return replace(self.use.desk(desk), chain=self._chain(desk, algorithm))
        except Problem as problem:
            raise UnavailableError("service.key_closed") from problem

    def _chain(self, desk: Desk, algorithm: Algorithm) -> Chain | None:
        """In development a key without certificate gets one, so that everything can be tried."""
        if not self.settings.x5c or desk.chain or not self.settings.development:
            return desk.chain if self.settings.x5c else None
        if algorithm not in jws.ALGORITHMS.values():
            return None
        folder, ring = self.issuer.folder, self.issuer.keyring
        now, record = self.use.now(), ring.active(algorithm)
        return certificates.for_development(self.settings.home, folder, ring, self.name, record, now)


@dataclass
class Organisations:
    """``audit`` is the log in which every use of a key stands, at the time that ``now`` says."""

    settings: Service
    audit: AuditLog
    now: Callable[[], dt.datetime]
    _found: dict[str, Organisation] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def get(self, name: str) -> Organisation:
        """Return the organisation as its folder says that it is now; raise NotFoundError."""
        issuer = self._issuer(name)
        with self._lock:
            if name not in self._found:
                self._found[name] = self._opened(issuer)
            self._found[name].become(issuer)
            return self._found[name]

    def names(self) -> list[str]:
        """Return the organisations that exist now, in alphabetical order."""
        folder = self.settings.home / "issuers"
        return sorted(path.parent.name for path in folder.glob("*/issuer.json"))

    def close(self) -> None:
        for found in self._found.values():
            found.ledger.close()

    def _opened(self, issuer: Issuer) -> Organisation:
        use = KeyUse(self.audit, issuer.folder.name, self.now)
        return Organisation(issuer, self.settings, AuditedLedger(issuer.folder / "ledger.db", use), use)

    def _issuer(self, name: str) -> Issuer:
        try:
            return issuers.open_issuer(Settings(self.settings.home, "fr"), name)
        except (InputError, NotFoundError):  # a name that is none, or is nobody's
            raise NotFoundError("access.not_found") from None
