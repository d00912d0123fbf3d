"""The issuer's ledger on SQLite: one file per issuer."""

import datetime as dt
import secrets
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from boundary.limits import COPIES, STATUS_ENTRIES
from problems import ConflictError, LimitError, NotFoundError, UnavailableError
from storage.issuance import Catalogued, Completed, Draft, Intent, Listed, StatusKind, StatusValue
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction
from storage.sqlite.mark import Mark, MarkFile

_VALUES: Final[dict[StatusValue, int]] = {"valid": 0, "revoked": 1, "suspended": 2}
_KINDS: Final[tuple[StatusKind, ...]] = ("bitstring", "token")
_NAMES: Final[dict[int, StatusValue]] = {number: name for name, number in _VALUES.items()}
_FAR: Final = 1_000_000
_FULL: Final = STATUS_ENTRIES // 2  # beyond half, a random free index takes too many tries

_COLUMNS = "reference, form, kind, template, content, copy, id, list, slot, issued_at, body"


def _first(db: Database) -> None:
    db.execute("""
        create table issuance (
          id text primary key,
          reference text not null,
          form text not null,
          kind text not null check (kind in ('bitstring', 'token')),
          template text not null,
          content blob not null,
          list integer not null,
          slot integer not null check (slot between 0 and 131071),
          issued_at text not null,
          body blob,
          status integer not null default 0 check (status in (0, 1, 2)),
          status_reason text,
          status_at text,
          unique (reference, form),
          unique (kind, list, slot)
        ) strict""")
    db.execute("create index issuance_status on issuance (kind, list) where status <> 0")


def _copies(db: Database) -> None:
    """An award may have copies: SQLite widens a constraint only by making the table again."""
    db.execute("alter table issuance rename to issuance_1")
    db.execute("drop index issuance_status")
    db.execute("""
        create table issuance (
          id text primary key,
          reference text not null,
          form text not null,
          copy text not null default '',
          kind text not null check (kind in ('bitstring', 'token')),
          template text not null,
          content blob not null,
          list integer not null,
          slot integer not null check (slot between 0 and 131071),
          issued_at text not null,
          body blob,
          status integer not null default 0 check (status in (0, 1, 2)),
          status_reason text,
          status_at text,
          unique (reference, form, copy),
          unique (kind, list, slot)
        ) strict""")
    columns = (
        "id, reference, form, kind, template, content, list, slot, issued_at, body, status, status_reason,"
        " status_at"
    )
    db.execute(f"insert into issuance ({columns}) select {columns} from issuance_1 order by rowid")  # noqa: S608
    db.execute("drop table issuance_1")
    db.execute("create index issuance_status on issuance (kind, list) where status <> 0")


def _reach(db: Database) -> None:
    """How many transactions took places, the list below which nothing may be placed any more, and the newest
    list that is known to have been used though nothing here says what for."""
    db.execute("""
        create table reach (
          kind text primary key,
          writes integer not null default 0,
          least integer not null default 1,
          forgotten integer not null default 0
        ) strict""")
    db.execute("insert into reach (kind) values ('bitstring'), ('token')")


def _holders(db: Database) -> None:
    db.execute("create index issuance_copy on issuance (copy) where copy <> ''")


class SqliteLedger:
    """:class:`storage.issuance.Ledger` in one SQLite file, with a note beside it (:mod:`.mark`).

    A ledger that was restored from a backup, or lost its note, opens a new list of each kind: no place is
    given twice, even if nobody remembers that it was given.
    """

    def __init__(self, path: Path, random_index: Callable[[int], int] = secrets.randbelow) -> None:
        self._connections = Connections(path, [_first, _copies, _reach, _holders], application=b"PsLd")
        self._mark = MarkFile(path)
        self._random_index = random_index

    @property
    def _db(self) -> Database:
        return self._connections.here

    def close(self) -> None:
        self._connections.close()

    def record(self, drafts: Sequence[Draft], now: dt.datetime) -> list[Intent]:
        with transaction(self._db):
            self._catch_up()
            lists = {kind: self._open_list(kind) for kind in _KINDS}
            before = self._db.conn.total_changes
            intents = [self._find(draft) or self._reserve(draft, lists[draft.kind], now) for draft in drafts]
            if self._db.conn.total_changes != before:
                self._note(lists)
            return intents

    def complete(self, signed: Sequence[Completed]) -> list[bytes]:
        with transaction(self._db):
            return [self._kept(done) for done in signed]

    def check(self, drafts: Sequence[Draft]) -> None:
        with plain_errors():
            for draft in drafts:
                self._find(draft)

    def set_status(self, reference: str, value: StatusValue, reason: str, now: dt.datetime) -> int:
        with transaction(self._db):
            found = self._db.execute(
                "select max(status = 1), count(*) from issuance where reference = ?", (reference,)
            ).fetchone()
            if not found[1]:
                raise NotFoundError("issue.reference_unknown", reference=reference)
            if found[0] and value != "revoked":
                raise ConflictError("issue.revocation_is_final", reference=reference)
            self._db.execute(
                "update issuance set status = ?, status_reason = ?, status_at = ?"
                " where reference = ? and status <> ?",
                (_VALUES[value], reason, now.isoformat(), reference, _VALUES[value]),
            )
            return int(found[1])

    def identify(self, reference: str) -> list[str]:
        """Return the ids of the credentials issued under ``reference``, which say nothing about anybody."""
        query = "select id from issuance where reference = ? order by rowid"
        with plain_errors():
            return [row[0] for row in self._db.execute(query, (reference,)).fetchall()]

    def reference_of(self, credential_id: str) -> str | None:
        query = "select reference from issuance where id = ?"
        with plain_errors():
            row = self._db.execute(query, (credential_id,)).fetchone()
        return row[0] if row else None

    def status(self, reference: str) -> StatusValue | None:
        query = "select min(status = 0), max(status = 1) from issuance where reference = ?"
        with plain_errors():
            valid, revoked = self._db.execute(query, (reference,)).fetchone()
        if valid is None:
            return None
        return "revoked" if revoked else "valid" if valid else "suspended"

    def lists(self) -> list[tuple[StatusKind, int]]:
        with plain_errors():
            rows = self._db.execute("select distinct kind, list from issuance")
            known = {(kind, number) for kind, number in rows}
            for kind, newest in self._db.execute("select kind, forgotten from reach"):
                known |= {(kind, number) for number in range(1, newest + 1)}
            return sorted(known)

    def listed(self, kind: StatusKind, number: int) -> Iterator[Listed]:
        query = "select slot, status from issuance where kind = ? and list = ? and status <> 0 order by slot"
        with plain_errors():
            for slot, status in self._db.execute(query, (kind, number)):
                yield Listed(slot, _NAMES[status])

    def issued(self) -> Iterator[Intent]:
        query = f"select {_COLUMNS} from issuance where body is not null order by rowid"  # noqa: S608
        with plain_errors():
            yield from map(_intent, self._db.execute(query))

    def catalogue(self, after: int, limit: int) -> list[Catalogued]:
        query = (
            "select rowid, id, reference, template, form, issued_at, status, coalesce(status_at, ''),"
            " coalesce(status_reason, '') from issuance where body is not null and rowid > ?"
            " order by rowid limit ?"
        )
        with plain_errors():
            return [*map(_catalogued, self._db.execute(query, (after, limit)).fetchall())]

    def held_by(self, copy: str) -> list[Intent]:
        query = (
            f"select {_COLUMNS} from issuance where copy = ? and copy <> '' and body is not null"  # noqa: S608
            " order by rowid desc"
        )
        with plain_errors():
            return [*map(_intent, self._db.execute(query, (copy,)).fetchall())]

    def unfinished(self) -> int:
        with plain_errors():
            return int(self._db.execute("select count(*) from issuance where body is null").fetchone()[0])

    def _find(self, draft: Draft) -> Intent | None:
        """Return the intent of this draft; all forms and copies of a reference have one content."""
        query = f"select status, {_COLUMNS} from issuance where reference = ?"  # noqa: S608
        rows = self._db.execute(query, (draft.reference,)).fetchall()
        intents = [_intent(row) for _, *row in rows]
        if any(intent.draft.content != draft.content for intent in intents):
            raise ConflictError("issue.reference_taken", reference=draft.reference)
        same_form = [intent for intent in intents if intent.draft.form == draft.form]
        there = next((intent for intent in same_form if intent.draft.copy == draft.copy), None)
        if there is None and any(status == _VALUES["revoked"] for status, *_ in rows):
            raise ConflictError("issue.revocation_is_final", reference=draft.reference)
        if there is None and len(same_form) >= COPIES:
            raise LimitError("issue.too_many_copies", limit=COPIES)
        return there

    def _kept(self, done: Completed) -> bytes:
        query = "update issuance set body = coalesce(body, ?) where id = ? returning body"
        row = self._db.execute(query, (done.body, done.credential_id)).fetchone()
        if row is None:
            raise NotFoundError("issue.unrecorded")
        return bytes(row[0])

    def _reserve(self, draft: Draft, number: int, now: dt.datetime) -> Intent:
        """Insert under an index that nothing has; the database's own constraint is the judge."""
        identity = uuid.uuid4().urn
        for _ in range(200):  # at most half full: 200 failures in a row do not happen by chance
            intent = Intent(draft, identity, number, self._random_index(STATUS_ENTRIES), now)
            if self._inserted(intent):
                return intent
        raise LimitError("issue.no_free_index", limit=STATUS_ENTRIES)

    def _inserted(self, intent: Intent) -> bool:
        """A form or copy that joins a suspended award is suspended like the others."""
        draft = intent.draft
        values = (draft.reference, draft.form, draft.kind, draft.template, draft.content, draft.copy)
        place = (intent.credential_id, intent.status_list, intent.status_index, intent.issued_at.isoformat())
        try:
            self._db.execute(
                f"insert into issuance ({_COLUMNS}, status) values (?,?,?,?,?,?,?,?,?,?,null,"  # noqa: S608
                " (select coalesce(max(status), 0) from issuance where reference = ?))",
                (*values, *place, draft.reference),
            )
        except sqlite3.IntegrityError:
            return False
        return True

    def _open_list(self, kind: StatusKind) -> int:
        newest, least = self._db.execute(
            "select coalesce(max(list), 1), (select least from reach where kind = ?1) from issuance"
            " where kind = ?1",
            (kind,),
        ).fetchone()
        if newest < least:
            return int(least)
        used = self._db.execute(
            "select count(*) from issuance where kind = ? and list = ?", (kind, newest)
        ).fetchone()[0]
        return int(newest) + int(used >= _FULL)

    def _catch_up(self) -> None:
        """Leave every list behind when the note tells of places that this ledger does not remember."""
        mark, writes = self._mark.read(), self._writes()
        if mark is None and writes:  # how far it had come, nobody knows: far beyond is far enough
            for kind in _KINDS:
                self._leave(kind, self._open_list(kind) + 1_000 + self._random_index(_FAR), writes)
        elif mark is not None and mark.writes > writes:
            for kind, newest in mark.lists.items():
                self._leave(kind, max(newest, self._open_list(kind)), mark.writes, forgotten=newest)

    def _leave(self, kind: StatusKind, number: int, writes: int, *, forgotten: int = 0) -> None:
        self._db.execute(
            "update reach set least = ?, writes = ?, forgotten = max(forgotten, ?) where kind = ?",
            (number + 1, writes, forgotten, kind),
        )

    def _note(self, lists: Mapping[StatusKind, int]) -> None:
        """Count this transaction, and note it beside the ledger before it is committed."""
        writes = self._writes() + 1
        self._db.execute("update reach set writes = ?", (writes,))
        self._mark.write(Mark(writes, lists))

    def _writes(self) -> int:
        return int(self._db.execute("select max(writes) from reach").fetchone()[0])


def _catalogued(row: Sequence[Any]) -> Catalogued:
    number, identity, reference, template, form, issued_at, status, since, reason = row
    moment = dt.datetime.fromisoformat(issued_at)
    return Catalogued(number, identity, reference, template, form, moment, _NAMES[status], since, reason)


def _intent(row: Sequence[Any]) -> Intent:
    """Return what a row of ``_COLUMNS`` says; their types are those of a strict table."""
    reference, form, kind, template, content, copy, identity, number, slot, issued_at, body = row
    try:
        moment = dt.datetime.fromisoformat(issued_at)
    except ValueError:
        raise UnavailableError("storage.damaged") from None
    return Intent(Draft(reference, form, kind, template, content, copy), identity, number, slot, moment, body)
