"""What one pass over a file found, kept for the next: in a file without a name, never in memory.

It holds what the certifier's file holds, so it lies where the ledger lies, and is gone with the process.
"""

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Generic, TypeVar, cast

Item = TypeVar("Item")

_TOGETHER: Final = 100
"""So many items share what they have in common."""


class Spool(Generic[Item]):
    """Items in the order in which they were added, to be read as often as need be."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = cast(BinaryIO, tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 (see __exit__)
        self._waiting: list[Item] = []

    def add(self, item: Item) -> None:
        self._waiting.append(item)
        if len(self._waiting) == _TOGETHER:
            self._write()

    def __iter__(self) -> Iterator[Item]:
        """Nothing may be added while it is read."""
        if self._waiting:
            self._write()
        self._file.seek(0)
        while True:
            try:
                items = pickle.load(self._file)  # noqa: S301 (nobody else can reach what was written)
            except EOFError:
                return
            yield from items

    def __enter__(self) -> "Spool[Item]":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self) -> None:
        pickle.dump(self._waiting, self._file, pickle.HIGHEST_PROTOCOL)
        self._waiting = []
