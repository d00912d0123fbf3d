"""One connection for each thread that asks: a connection of SQLite belongs to the thread that opened it."""

import threading
from collections.abc import Sequence
from pathlib import Path

from sqlite_utils import Database

from storage.sqlite.database import Migration, open_database


class Connections:
    """The connections of one process to one file, opened when a thread first asks and closed together."""

    def __init__(self, path: Path, migrations: Sequence[Migration], *, application: bytes) -> None:
        self._path, self._migrations, self._application = path, migrations, application
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[Database] = []
        _ = self.here  # whatever is wrong with the file is said now, not at the first request

    @property
    def here(self) -> Database:
        """Return this thread's connection. Raises as :func:`open_database` does."""
        found: Database | None = getattr(self._local, "db", None)
        if found is None:
            found = open_database(
                self._path, self._migrations, application=self._application, one_thread=False
            )
            self._local.db = found
            with self._lock:
                self._opened.append(found)
        return found

    def close(self) -> None:
        """Close them all; nobody may be using one."""
        with self._lock:
            for db in self._opened:
                db.close()
            self._opened.clear()
