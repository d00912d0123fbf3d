"""Offers on SQLite."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from boundary import strict_json
from boundary.shape import texts
from problems import ConflictError
from storage.offers import Offer
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_COLUMNS: Final = (
    "id, organisation, reference, template, forms, claims, content, policy, expires, held, state, ticket,"
    " code, claimed_by, claimed_at, event"
)
_NOW: Final = (
    "id, organisation, reference, template, forms, case when ends > :now then claims end, content, policy,"
    " expires, held, case when state = 'offered' and expires <= :now then 'expired' else state end, ticket,"
    " code, claimed_by, claimed_at, event"
)
_CLAIM: Final = f"""
    update offer set
      ends = case state when 'offered' then :until else ends end,
      claimed_at = coalesce(claimed_at, :now), claimed_by = :by, state = 'claimed'
    where id = :id and ((state = 'offered' and expires > :now)
      or (state = 'claimed' and claimed_by = :by and ends > :now))
    returning {_COLUMNS}"""  # noqa: S608


def _first(db: Database) -> None:
    db.execute("""
        create table offer (
          id text primary key,
          organisation text not null,
          reference text not null,
          template text not null,
          forms text not null,
          claims text,
          content blob not null,
          policy text not null check (policy in ('link', 'code', 'person')),
          expires real not null,
          ends real not null,
          held integer not null,
          state text not null check (state in ('offered', 'claimed', 'cancelled', 'expired')),
          ticket text not null,
          code text not null,
          claimed_by text not null,
          claimed_at real,
          event text not null
        ) strict""")
    db.execute(
        "create unique index offer_reference on offer (organisation, reference)"
        " where state in ('offered', 'claimed')"
    )
    db.execute("create index offer_personal on offer (ends) where claims is not null")


def _listed(db: Database) -> None:
    db.execute("create index offer_listed on offer (organisation, reference)")


class SqliteOffers:
    """:class:`storage.offers.OfferStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first, _listed], application=b"PsOf")

    def close(self) -> None:
        self._connections.close()

    def add(self, offer: Offer, now: dt.datetime) -> None:
        try:
            with transaction(self._connections.here) as db:
                _forget(db, now)
                db.execute(f"insert into offer ({_COLUMNS}, ends) values ({'?,' * 16} ?)", _row(offer))  # noqa: S608
        except sqlite3.IntegrityError:
            raise ConflictError("offer.exists", reference=offer.reference) from None

    def find(self, offer_id: str, now: dt.datetime) -> Offer | None:
        query = f"select {_NOW} from offer where id = :id"  # noqa: S608
        with plain_errors():
            row = self._connections.here.execute(query, {"id": offer_id, "now": now.timestamp()}).fetchone()
            return _offer(row) if row else None

    def of(self, organisation: str, now: dt.datetime, reference: str | None = None) -> Iterator[Offer]:
        query = (
            f"select {_NOW} from offer where organisation = :organisation"  # noqa: S608
            " and (:reference is null or reference = :reference) order by rowid desc"
        )
        bound = {"organisation": organisation, "reference": reference, "now": now.timestamp()}
        with plain_errors():
            yield from map(_offer, self._connections.here.execute(query, bound))

    def page(self, organisation: str, now: dt.datetime, after: str, limit: int) -> list[Offer]:
        query = (
            f"select {_NOW} from offer where organisation = :organisation and (:after = '' or rowid <"  # noqa: S608
            " (select rowid from offer where organisation = :organisation and id = :after))"
            " order by rowid desc limit :limit"
        )
        bound = {"organisation": organisation, "after": after, "limit": limit, "now": now.timestamp()}
        with plain_errors():
            return [*map(_offer, self._connections.here.execute(query, bound).fetchall())]

    def send(self, offer_id: str, ticket: str, code: str, expires: dt.datetime, now: dt.datetime) -> bool:
        return self._changed(
            "update offer set ticket = :ticket, code = :code, expires = :expires, ends = :expires"
            " where id = :id and state = 'offered' and expires > :now",
            now,
            {"id": offer_id, "ticket": ticket, "code": code, "expires": expires.timestamp()},
        )

    def claim(self, offer_id: str, by: str, until: dt.datetime, now: dt.datetime) -> Offer | None:
        bound = {"id": offer_id, "by": by, "until": until.timestamp(), "now": now.timestamp()}
        with transaction(self._connections.here) as db:
            row = db.execute(_CLAIM, bound).fetchone()
            return _offer(row) if row else None

    def release(self, offer_id: str, now: dt.datetime) -> bool:
        return self._changed(
            "update offer set held = 0 where id = :id and held = 1 and ends > :now"
            " and state in ('offered', 'claimed')",
            now,
            {"id": offer_id},
        )

    def cancel(self, offer_id: str, now: dt.datetime) -> bool:
        return self._changed(
            "update offer set state = 'cancelled', claims = null, code = '' where id = :id"
            " and ((state = 'offered' and expires > :now) or (state = 'claimed' and held = 1))",
            now,
            {"id": offer_id},
        )

    def note(self, offer_id: str, event: str) -> None:
        with transaction(self._connections.here) as db:
            db.execute("update offer set event = ? where id = ?", (event, offer_id))

    def forget(self, now: dt.datetime) -> int:
        """Erasing overwrites the pages (secure_delete); the log beside them must go too."""
        with transaction(self._connections.here) as db:
            forgotten = _forget(db, now)
        if forgotten:
            with plain_errors():
                self._connections.here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return forgotten

    def _changed(self, statement: str, now: dt.datetime, bound: dict[str, object]) -> bool:
        with transaction(self._connections.here) as db:
            return db.execute(statement, {**bound, "now": now.timestamp()}).rowcount == 1


def _forget(db: Database, now: dt.datetime) -> int:
    bound = {"now": now.timestamp()}
    db.execute("update offer set state = 'expired' where state = 'offered' and expires <= :now", bound)
    return db.execute(
        "update offer set claims = null, code = '' where claims is not null and ends <= :now", bound
    ).rowcount


def _row(offer: Offer) -> tuple[object, ...]:
    return (
        offer.id, offer.organisation, offer.reference, offer.template, strict_json.write([*offer.forms]),
        None if offer.claims is None else strict_json.write(offer.claims), offer.content, offer.policy,
        offer.expires.timestamp(), offer.held, offer.state, offer.ticket, offer.code, offer.claimed_by,
        offer.claimed_at.timestamp() if offer.claimed_at else None, offer.event, offer.expires.timestamp(),
    )  # fmt: skip


def _offer(row: tuple[Any, ...]) -> Offer:
    """Return what a row of ``_COLUMNS`` says; their types are those of a strict table."""
    (
        offer_id, organisation, reference, template, forms, claims, content, policy, expires, held, state,
        ticket, code, claimed_by, claimed_at, event,
    ) = row  # fmt: skip
    return Offer(
        offer_id,
        organisation,
        reference,
        template,
        tuple(texts(strict_json.read(forms), "forms")),
        None if claims is None else strict_json.read_object(claims),
        content,
        policy,
        _moment(expires),
        bool(held),
        state,
        ticket,
        code,
        claimed_by,
        None if claimed_at is None else _moment(claimed_at),
        event,
    )


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
