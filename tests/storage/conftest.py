"""The stores that must keep the contracts: SQLite today; another engine is one more line in each list."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.accounts import AccountStore, SessionStore
from storage.approvals import ApprovalStore
from storage.audit import AuditLog
from storage.corrections import CorrectionStore
from storage.grants import GrantStore
from storage.jobs import JobStore
from storage.links import Links
from storage.offers import OfferStore
from storage.once import OnceStore
from storage.organisations import MemberStore
from storage.published import PublishedStore
from storage.replacements import ReplacementStore
from storage.sqlite.accounts import SqliteAccounts, SqliteSessions
from storage.sqlite.approvals import SqliteApprovals
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.corrections import SqliteCorrections
from storage.sqlite.grants import SqliteGrants
from storage.sqlite.jobs import SqliteJobs
from storage.sqlite.links import SqliteLinks
from storage.sqlite.offers import SqliteOffers
from storage.sqlite.once import SqliteOnce
from storage.sqlite.organisations import SqliteMembers
from storage.sqlite.published import SqlitePublished
from storage.sqlite.replacements import SqliteReplacements
from storage.sqlite.transactions import SqliteTransactions
from storage.sqlite.webhooks import SqliteWebhooks
from storage.transactions import Transactions
from storage.webhooks import WebhookStore


@pytest.fixture(params=[SqliteOnce])
def once(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OnceStore]:
    with closing(request.param(tmp_path / "once.db")) as store:
        yield store


@pytest.fixture(params=[SqliteTransactions])
def transactions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Transactions]:
    store = request.param(tmp_path / "transactions.db")
    yield store
    store.close_connections()


@pytest.fixture(params=[(SqliteTransactions, SqliteWebhooks)], ids=["Sqlite"])
def telling(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Transactions, WebhookStore]]:
    """Requests, and the webhooks that are told of them."""
    asking, telling = (kind(tmp_path / "transactions.db") for kind in request.param)
    yield asking, telling
    asking.close_connections()
    telling.close()


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


@pytest.fixture(params=[SqliteLinks])
def links(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Links]:
    with closing(request.param(tmp_path / "links.db")) as store:
        yield store


@pytest.fixture(params=[SqliteAccounts])
def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountStore]:
    with closing(request.param(tmp_path / "accounts.db")) as store:
        yield store


@pytest.fixture(params=[SqliteSessions])
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionStore]:
    with closing(request.param(tmp_path / "accounts.db")) as store:
        yield store


@pytest.fixture(params=[SqliteMembers])
def members(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemberStore]:
    with closing(request.param(tmp_path / "organisations.db")) as store:
        yield store


@pytest.fixture(params=[SqliteApprovals])
def approvals(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ApprovalStore]:
    with closing(request.param(tmp_path / "approvals.db")) as store:
        yield store


@pytest.fixture(params=[SqliteAudit])
def audit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AuditLog]:
    with closing(request.param(tmp_path / "audit.db")) as store:
        yield store


@pytest.fixture(params=[SqliteJobs])
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobStore]:
    with closing(request.param(tmp_path / "jobs.db")) as store:
        yield store


@pytest.fixture(params=[SqliteCorrections])
def corrections(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CorrectionStore]:
    with closing(request.param(tmp_path / "corrections.db")) as store:
        yield store


@pytest.fixture(params=[SqliteReplacements])
def replacements(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReplacementStore]:
    with closing(request.param(tmp_path / "replacements.db")) as store:
        yield store
