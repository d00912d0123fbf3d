"""Approvals on SQLite."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from boundary import strict_json
from storage.approvals import Proposal
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_KEPT: Final = dt.timedelta(days=30)
_NOW: Final = (
    "id, organisation, action, content, author, expires, facts, case when state in ('proposed', 'approved')"
    " and expires <= :now then 'expired' else state end, decided_by"
)


def _first(db: Database) -> None:
    db.execute("""
        create table approval (
          id text primary key,
          organisation text not null,
          action text not null,
          content text not null,
          author text not null,
          expires real not null,
          facts text not null,
          state text not null check (state in ('proposed', 'approved', 'rejected', 'used')),
          decided_by text not null
        ) strict""")
    db.execute("create index approval_content on approval (organisation, action, content)")


class SqliteApprovals:
    """:class:`storage.approvals.ApprovalStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsAp")

    def close(self) -> None:
        self._connections.close()

    def propose(self, proposal: Proposal) -> None:
        values = (
            proposal.id, proposal.organisation, proposal.action, proposal.content, proposal.author,
            proposal.expires.timestamp(), strict_json.write(proposal.facts),
        )  # fmt: skip
        with transaction(self._connections.here) as db:
            db.execute("insert into approval values (?, ?, ?, ?, ?, ?, ?, 'proposed', '')", values)

    def find(self, organisation: str, proposal_id: str, now: dt.datetime) -> Proposal | None:
        found = self._where(
            "organisation = :organisation and id = :id", now, organisation=organisation, id=proposal_id
        )
        return found[0] if found else None

    def of(self, organisation: str, now: dt.datetime) -> Iterator[Proposal]:
        yield from self._where(
            "organisation = :organisation order by rowid desc", now, organisation=organisation
        )

    def decide(
        self, organisation: str, proposal_id: str, by: str, now: dt.datetime, *, approve: bool
    ) -> Proposal | None:
        bound = {
            "organisation": organisation, "id": proposal_id, "by": by, "now": now.timestamp(),
            "state": "approved" if approve else "rejected",
        }  # fmt: skip
        with transaction(self._connections.here) as db:
            row = db.execute(
                f"""update approval set state = :state, decided_by = :by
                    where organisation = :organisation and id = :id and state = 'proposed'
                    and author <> :by and expires > :now returning {_NOW}""",  # noqa: S608
                bound,
            ).fetchone()
            return _proposal(row) if row else None

    def approved(self, organisation: str, action: str, content: str, now: dt.datetime) -> Iterator[Proposal]:
        yield from self._where(
            "organisation = :organisation and action = :action and content = :content"
            " and state = 'approved' and expires > :now",
            now,
            organisation=organisation,
            action=action,
            content=content,
        )

    def use(self, proposal_id: str, now: dt.datetime) -> bool:
        with transaction(self._connections.here) as db:
            used = db.execute(
                "update approval set state = 'used' where id = ? and state = 'approved' and expires > ?",
                (proposal_id, now.timestamp()),
            )
            return used.rowcount == 1

    def forget(self, now: dt.datetime) -> int:
        with transaction(self._connections.here) as db:
            before = (now - _KEPT).timestamp()
            return int(db.execute("delete from approval where expires <= ?", (before,)).rowcount)

    def _where(self, condition: str, now: dt.datetime, **values: str) -> list[Proposal]:
        query = f"select {_NOW} from approval where {condition}"  # noqa: S608
        with plain_errors():
            rows = self._connections.here.execute(query, {**values, "now": now.timestamp()}).fetchall()
        return [_proposal(row) for row in rows]


def _proposal(row: tuple[Any, ...]) -> Proposal:
    proposal_id, organisation, action, content, author, expires, facts, state, decided_by = row
    return Proposal(
        proposal_id,
        organisation,
        action,
        content,
        author,
        dt.datetime.fromtimestamp(expires, dt.UTC),
        strict_json.read_object(facts),
        state,
        decided_by,
    )
