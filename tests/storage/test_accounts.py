"""Accounts are one person's, guesses are counted before they are made, sessions end."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from problems import ConflictError, RateError
from storage.accounts import Account, AccountStore, SessionStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
LOCAL = Account("a-1", "camille", "$argon2id$…")
AWAY = Account("a-2", issuer="https://op.example", subject="248289761001")


def later(**time: float) -> dt.datetime:
    return NOW + dt.timedelta(**time)


def test_what_was_kept_is_found_again(accounts: AccountStore) -> None:
    assert not accounts.any()
    accounts.add(LOCAL, NOW)
    accounts.add(AWAY, later(seconds=1))
    assert accounts.any()
    assert [*accounts.all()] == [LOCAL, AWAY]
    assert accounts.find("a-1") == LOCAL
    assert accounts.of_subject("https://op.example", "248289761001") == AWAY
    assert accounts.of_subject("https://other.example", "248289761001") is None
    assert accounts.find("a-3") is None


@pytest.mark.parametrize(
    "second", [Account("a-3", "camille"), Account("a-3", None, None, AWAY.issuer, AWAY.subject)]
)
def test_nobody_has_two_accounts(accounts: AccountStore, second: Account) -> None:
    accounts.add(LOCAL, NOW)
    accounts.add(AWAY, NOW)
    with pytest.raises(ConflictError, match=r"account\.exists"):
        accounts.add(second, NOW)


def test_five_wrong_guesses_in_a_row_make_the_next_wait_ever_longer(accounts: AccountStore) -> None:
    accounts.add(LOCAL, NOW)
    assert all(accounts.guess("camille", NOW) for _ in range(5))
    for early, late in [(29, 31), (31 + 59, 31 + 61), (92 + 119, 92 + 121)]:
        with pytest.raises(RateError, match=r"account\.wait"):
            accounts.guess("camille", later(seconds=early))
        assert accounts.guess("camille", later(seconds=late))
    assert accounts.guess("camille", later(days=1)), "and never longer than a quarter of an hour"
    assert accounts.guess("camille", later(days=1, minutes=15))


def test_a_right_guess_counts_from_the_beginning(accounts: AccountStore) -> None:
    accounts.add(LOCAL, NOW)
    for _ in range(3):
        assert all(accounts.guess("camille", NOW) for _ in range(4))
        accounts.guessed("camille")


def test_guesses_made_at_once_are_not_one_more(accounts: AccountStore) -> None:
    accounts.add(LOCAL, NOW)

    def guess(_: int) -> bool:
        with suppress(RateError):
            return accounts.guess("camille", NOW) is not None
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(50))) == 5


def test_who_guesses_at_nobody_waits_as_long(accounts: AccountStore) -> None:
    """Or the wait would tell whose login is one."""
    accounts.add(LOCAL, NOW)
    accounts.add(Account("a-3", "gone", disabled=True), NOW)
    for login in ("nobody", "gone", "camille"):
        for _ in range(5):
            assert (accounts.guess(login, NOW) is None) == (login != "camille")
        for wait in (0, 29):
            with pytest.raises(RateError, match=r"account\.wait"):
                accounts.guess(login, later(seconds=wait))
        assert (accounts.guess(login, later(seconds=31)) is None) == (login != "camille")


def test_tries_of_long_ago_are_forgotten(accounts: AccountStore) -> None:
    accounts.add(LOCAL, NOW)
    for number in range(30):
        accounts.guess(f"nobody-{number}", NOW)
    assert accounts.guess("camille", later(hours=23))
    assert accounts.forget(later(hours=24)) == 30
    assert accounts.forget(later(hours=24)) == 0
    assert accounts.forget(later(hours=48)) == 1


def test_a_session_is_its_accounts_until_it_ends(accounts: AccountStore, sessions: SessionStore) -> None:
    accounts.add(LOCAL, NOW)
    sessions.open("secret", "a-1", NOW)
    assert sessions.account("secret", NOW) == LOCAL
    assert sessions.account("other", NOW) is None
    sessions.end("secret")
    assert sessions.account("secret", NOW) is None


def test_a_session_ends_when_nobody_uses_it(accounts: AccountStore, sessions: SessionStore) -> None:
    accounts.add(LOCAL, NOW)
    sessions.open("secret", "a-1", NOW)
    assert sessions.account("secret", later(minutes=29))
    assert sessions.account("secret", later(minutes=58)), "it was used in between"
    assert sessions.account("secret", later(minutes=89)) is None


def test_a_session_ends_however_much_it_is_used(accounts: AccountStore, sessions: SessionStore) -> None:
    accounts.add(LOCAL, NOW)
    sessions.open("secret", "a-1", NOW)
    alive = [
        minutes for minutes in range(0, 24 * 60, 20) if sessions.account("secret", later(minutes=minutes))
    ]
    assert max(alive) == 12 * 60 - 20
    assert sessions.forget(later(hours=12)) == 1


def test_who_is_disabled_is_out_at_once(accounts: AccountStore, sessions: SessionStore) -> None:
    accounts.add(LOCAL, NOW)
    sessions.open("secret", "a-1", NOW)
    assert accounts.disable("a-1")
    assert sessions.account("secret", NOW) is None
    assert accounts.guess("camille", NOW) is None
    assert not accounts.disable("a-9")


def test_no_secret_of_a_session_is_on_the_disk(
    accounts: AccountStore, sessions: SessionStore, tmp_path: Path
) -> None:
    accounts.add(LOCAL, NOW)
    sessions.open("a secret that is kept nowhere", "a-1", NOW)
    assert not any(b"kept nowhere" in path.read_bytes() for path in tmp_path.iterdir())
