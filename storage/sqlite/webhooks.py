"""Webhooks and what is to be told there, on SQLite: in the file of the requests that it is about."""

import datetime as dt
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction
from storage.sqlite.transactions import APPLICATION, MIGRATIONS
from storage.webhooks import Delivery, Tried, Webhook

_WEBHOOK: Final = "id, organisation, url, author, created, disabled"
_DELIVERY: Final = "id, webhook, body, due, expires, state, attempts, answer, code"
_DUE: Final = """
    select one.id from delivery one join webhook on webhook.id = one.webhook
    where one.state = 'pending' and one.due <= :now and one.until <= :now and one.expires > :now
      and not webhook.disabled and webhook.rests <= :now
      and not exists (select 1 from delivery other where other.webhook = one.webhook and other.until > :now)
    order by one.due limit 1"""


class SqliteWebhooks:
    """:class:`storage.webhooks.WebhookStore` in the SQLite file of
    :class:`storage.sqlite.transactions.SqliteTransactions`."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, MIGRATIONS, application=APPLICATION)

    @property
    def _db(self) -> Database:
        return self._connections.here

    def close(self) -> None:
        self._connections.close()

    def add(self, webhook: Webhook, *, most: int) -> bool:
        with transaction(self._db) as db:
            added = db.execute(
                "insert into webhook (id, organisation, url, author, created) select ?1, ?2, ?3, ?4, ?5"
                " where (select count(*) from webhook where organisation = ?2) < ?6",
                (webhook.id, webhook.organisation, webhook.url, webhook.author,
                 webhook.created.timestamp(), most),
            )  # fmt: skip
            return added.rowcount == 1

    def of(self, organisation: str) -> list[Webhook]:
        query = f"select {_WEBHOOK} from webhook where organisation = ? order by rowid"  # noqa: S608
        with plain_errors():
            return [*map(_webhook, self._db.execute(query, (organisation,)).fetchall())]

    def find(self, webhook_id: str) -> Webhook | None:
        with plain_errors():
            return _find(self._db, webhook_id)

    def remove(self, organisation: str, webhook_id: str) -> bool:
        with transaction(self._db) as db:
            found = db.execute(
                "delete from webhook where organisation = ? and id = ?", (organisation, webhook_id)
            )
            return found.rowcount == 1

    def disable(self, webhook_id: str) -> None:
        with transaction(self._db) as db:
            db.execute("update webhook set disabled = 1 where id = ?", (webhook_id,))

    def deliveries(self, webhook_id: str, limit: int) -> list[Delivery]:
        query = f"select {_DELIVERY} from delivery where webhook = ? order by rowid desc limit ?"  # noqa: S608
        with plain_errors():
            return [*map(_delivery, self._db.execute(query, (webhook_id, limit)).fetchall())]

    def claim(self, worker: str, until: dt.datetime, now: dt.datetime) -> tuple[Webhook, Delivery] | None:
        """Nobody writes before there is something to claim."""
        bound = {"now": now.timestamp(), "worker": worker, "until": until.timestamp()}
        with plain_errors():
            if self._db.execute(_DUE, bound).fetchone() is None:
                return None
        with transaction(self._db) as db:
            row = db.execute(
                "update delivery set worker = :worker, until = :until, attempts = attempts + 1"  # noqa: S608
                f" where id = ({_DUE}) returning {_DELIVERY}",
                bound,
            ).fetchone()
            webhook = _find(db, row[1]) if row else None
            return (webhook, _delivery(row)) if webhook else None

    def settle(self, delivery_id: str, worker: str, tried: Tried) -> bool:
        with transaction(self._db) as db:
            row = db.execute(
                "update delivery set state = ?, due = ?, answer = ?, code = ?, worker = '', until = 0"
                " where id = ? and worker = ? and state = 'pending' returning webhook",
                (tried.state, tried.due.timestamp(), tried.answer, tried.code, delivery_id, worker),
            ).fetchone()
            if row:
                db.execute("update webhook set rests = ? where id = ?", (tried.rests.timestamp(), row[0]))
            return row is not None

    def forget(self, now: dt.datetime) -> int:
        with transaction(self._db) as db:
            return int(db.execute("delete from delivery where expires <= ?", (now.timestamp(),)).rowcount)


def _find(db: Database, webhook_id: str) -> Webhook | None:
    row = db.execute(f"select {_WEBHOOK} from webhook where id = ?", (webhook_id,)).fetchone()  # noqa: S608
    return _webhook(row) if row else None


def _webhook(row: tuple[Any, ...]) -> Webhook:
    """Return what a row of ``_WEBHOOK`` says; their types are those of a strict table."""
    identifier, organisation, url, author, created, disabled = row
    return Webhook(identifier, organisation, url, author, _time(created), bool(disabled))


def _delivery(row: tuple[Any, ...]) -> Delivery:
    identifier, webhook, body, due, expires, *rest = row
    return Delivery(identifier, webhook, body, _time(due), _time(expires), *rest)


def _time(stamp: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(stamp, dt.UTC)
