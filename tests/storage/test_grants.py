"""A grant ends when it is revoked, even before it was opened, or when its time is over."""

import datetime as dt

from storage.grants import Grant, GrantStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(hours=1)
GRANT = Grant("g-1", "centre", "o-1", ("diploma.jwt", "diploma.ldp"), END, True, "w-1", "thumbprint")


def test_what_was_opened_is_found_until_its_end(grants: GrantStore) -> None:
    assert grants.open(GRANT)
    assert grants.find("g-1", NOW) == GRANT
    assert grants.find("g-1", END) is None
    assert grants.find("g-2", NOW) is None


def test_a_name_serves_once(grants: GrantStore) -> None:
    assert grants.open(GRANT)
    assert not grants.open(GRANT)


def test_what_is_revoked_is_gone_before_it_was_opened_too(grants: GrantStore) -> None:
    grants.open(GRANT)
    grants.revoke("g-1", END)
    assert grants.find("g-1", NOW) is None
    grants.revoke("g-2", END)
    assert not grants.open(Grant("g-2", "centre", "o-1", (), END))
    assert grants.find("g-2", NOW) is None


def test_what_is_over_is_removed_and_nothing_else(grants: GrantStore) -> None:
    grants.open(GRANT)
    grants.open(Grant("g-2", "centre", "o-1", (), END + dt.timedelta(hours=1)))
    assert grants.forget(END) == 1
    assert grants.find("g-2", END) is not None
