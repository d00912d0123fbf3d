"""Members are what they were said to be, and keys for programs are known by their hash alone."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from boundary.roles import ROLES, read
from problems import ConflictError, InputError
from storage.organisations import ApiKey, Member, MemberStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
KEY = ApiKey("k-1", "centre", "psk_12345678", frozenset({"operator"}), "a-1", NOW + dt.timedelta(days=90))
ADMIN = frozenset({"administrator"})


def test_a_member_is_what_was_said_last(members: MemberStore) -> None:
    members.set_roles("centre", "a-1", frozenset({"operator", "auditor"}))
    members.set_roles("atelier", "a-1", frozenset({"support"}))
    members.set_roles("centre", "a-1", frozenset({"approver"}))
    assert members.memberships("a-1") == {"centre": {"approver"}, "atelier": {"support"}}
    assert [*members.members("centre")] == [Member("a-1", frozenset({"approver"}))]
    members.set_roles("centre", "a-1", frozenset())
    assert members.memberships("a-1") == {"atelier": {"support"}}
    assert members.memberships("a-2") == {}


def test_an_organisation_keeps_an_administrator(members: MemberStore) -> None:
    members.set_roles("centre", "a-1", ADMIN)
    for roles in (frozenset(), frozenset({"operator"})):
        with pytest.raises(ConflictError, match=r"access\.last_administrator"):
            members.set_roles("centre", "a-1", roles)
    assert members.memberships("a-1") == {"centre": ADMIN}, "nothing was changed"
    members.set_roles("centre", "a-2", ADMIN)
    members.set_roles("centre", "a-1", frozenset())


def test_a_key_is_known_by_its_secret_until_it_is_over(members: MemberStore) -> None:
    members.add_key(KEY, "psk_12345678abc", NOW)
    assert members.use_key("psk_12345678abc", NOW) == KEY
    assert [*members.keys("centre")] == [replace(KEY, used=NOW.date())]
    assert [*members.keys("atelier")] == []
    for secret in ("psk_12345678abd", "psk_12345678", "", "\ud800"):
        assert members.use_key(secret, NOW) is None
    assert members.use_key("psk_12345678abc", KEY.expires) is None


def test_a_revoked_key_is_dead_at_once(members: MemberStore) -> None:
    members.add_key(KEY, "psk_12345678abc", NOW)
    assert not members.revoke_key("atelier", "k-1"), "it is another's"
    assert members.use_key("psk_12345678abc", NOW)
    assert members.revoke_key("centre", "k-1")
    assert members.use_key("psk_12345678abc", NOW) is None
    assert not members.revoke_key("centre", "k-1")


def test_no_key_is_on_the_disk(members: MemberStore, tmp_path: Path) -> None:
    members.add_key(KEY, "psk_12345678-the-rest-of-it", NOW)
    assert not any(b"the-rest-of-it" in path.read_bytes() for path in tmp_path.iterdir())


def test_there_are_no_other_roles() -> None:
    assert [read(role) for role in ROLES] == [*ROLES]
    with pytest.raises(InputError, match=r"access\.no_such_role"):
        read("is_admin")
