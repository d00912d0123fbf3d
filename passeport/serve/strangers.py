"""The issuer for strangers' test-suites: its keys and its ledgers, which nothing else uses."""

import datetime as dt
import os
from dataclasses import dataclass, field
from threading import Lock

from boundary import files
from issuer.conformance import Conformance
from issuer.lists import Lists
from keys.signer import Algorithm
from passeport.serve.settings import Service
from storage.published import PublishedStore
from storage.sqlite.issuance import SqliteLedger

_SECRET_BYTES = 32


@dataclass
class Strangers:
    settings: Service
    issuer: Conformance = field(init=False)
    _ledgers: dict[Algorithm, SqliteLedger] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self.issuer = Conformance(self._secret(), self.settings.public_url)

    def ledger(self, algorithm: Algorithm) -> SqliteLedger:
        """Return the ledger of the instances with keys of ``algorithm``, opened once."""
        with self._lock:
            if algorithm not in self._ledgers:
                path = self.settings.database(f"conformance-{algorithm.lower()}")
                self._ledgers[algorithm] = SqliteLedger(path)
            return self._ledgers[algorithm]

    def lists(self, store: PublishedStore) -> list[Lists]:
        return [self._lists(algorithm, store) for algorithm in self.issuer.algorithms()]

    def _lists(self, algorithm: Algorithm, store: PublishedStore) -> Lists:
        desk = self.issuer.desk(algorithm)
        return Lists(
            desk.status_base, self.ledger(algorithm), lambda: desk, store, remembered=dt.timedelta(0)
        )

    def close(self) -> None:
        for ledger in self._ledgers.values():
            ledger.close()

    def _secret(self) -> bytes:
        """All worker processes have the one that was there first."""
        path = self.settings.database("conformance").with_suffix(".key")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_first(path, os.urandom(_SECRET_BYTES))
        return files.read(path, limit=_SECRET_BYTES)
