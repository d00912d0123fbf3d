"""The stores that must keep the contracts: SQLite today; another engine is one more line in each list."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.grants import GrantStore
from storage.offers import OfferStore
from storage.once import OnceStore
from storage.published import PublishedStore
from storage.sqlite.grants import SqliteGrants
from storage.sqlite.offers import SqliteOffers
from storage.sqlite.once import SqliteOnce
from storage.sqlite.published import SqlitePublished
from storage.sqlite.transactions import SqliteTransactions
from storage.transactions import Transactions


@pytest.fixture(params=[SqliteOnce])
def once(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OnceStore]:
    with closing(request.param(tmp_path / "once.db")) as store:
        yield store


@pytest.fixture(params=[SqliteTransactions])
def transactions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transactions]:
    store = request.param(tmp_path / "transactions.db")
    yield store
    store.close_connections()


@pytest.fixture(params=[SqliteOffers])
def offers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OfferStore]:
    with closing(request.param(tmp_path / "offers.db")) as store:
        yield store


@pytest.fixture(params=[SqliteGrants])
def grants(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GrantStore]:
    with closing(request.param(tmp_path / "grants.db")) as store:
        yield store


@pytest.fixture(params=[SqlitePublished])
def published(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PublishedStore]:
    with closing(request.param(tmp_path / "published.db")) as store:
        yield store
