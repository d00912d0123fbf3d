"""How far a ledger has come, noted beside it: a copy restored from a backup has not come that far.

The note is written before the ledger's own commit, so it is never behind. A ledger that is behind its note
has forgotten which places of its status lists are taken: it may take none there any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from boundary import files, limits, strict_json
from boundary.shape import an_integer, an_object
from boundary.strict_json import Json
from problems import Problem
from storage.issuance import StatusKind
from storage.sqlite.database import plain_errors


@dataclass(frozen=True)
class Mark:
    """``writes`` counts the transactions that took places; ``lists`` is the newest list of each kind."""

    writes: int
    lists: Mapping[StatusKind, int]


class MarkFile:
    """The note beside the ledger at ``ledger``: a small JSON file of its own."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger.with_name(f"{ledger.name}.mark")

    def read(self) -> Mark | None:
        """Return the note; None when there is none, or one that is damaged."""
        try:
            written = strict_json.read_object(files.read(self._path, limit=limits.JSON_BYTES))
            lists = an_object(written.get("lists"), "lists")
            kinds: tuple[StatusKind, ...] = ("bitstring", "token")
            return Mark(
                an_integer(written.get("writes"), "writes"),
                {kind: an_integer(lists.get(kind), kind) for kind in kinds},
            )
        except (FileNotFoundError, Problem):
            return None

    def write(self, mark: Mark) -> None:
        """Note ``mark``, durably, in place of what was there. Raises UnavailableError."""
        lists: Json = {kind: newest for kind, newest in mark.lists.items()}  # noqa: C416 (other value type)
        text = strict_json.write({"lists": lists, "writes": mark.writes})
        with plain_errors():
            files.write(self._path, text.encode())
