"""A request is answered once, read by who asked, and forgotten in time."""

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from storage.transactions import Transaction, Transactions

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(minutes=5)
KEPT = NOW + dt.timedelta(minutes=15)
ASKED = Transaction("name", {"nonce": "n"}, END)


def test_what_was_asked_is_found_by_its_name_and_by_its_handle(transactions: Transactions) -> None:
    transactions.open(ASKED, "handle")
    assert transactions.named("name", NOW) == transactions.handled("handle", NOW) == ASKED
    assert transactions.named("handle", NOW) is None
    assert transactions.handled("name", NOW) is None


def test_it_is_closed_once_and_what_it_was_made_of_is_gone(transactions: Transactions) -> None:
    transactions.open(ASKED, "handle")
    assert transactions.close("name", "answered", {"verified": True}, NOW, KEPT)
    assert not transactions.close("name", "declined", {}, NOW, KEPT)
    found = transactions.handled("handle", NOW)
    assert found == Transaction("name", {}, KEPT, "answered", {"verified": True})


def test_who_waits_for_many_learns_which_of_them_wait_no_more(transactions: Transactions) -> None:
    for handle in ("open", "answered", "declined"):
        transactions.open(Transaction(handle, {}, END), handle)
    transactions.close("answered", "answered", {}, NOW, KEPT)
    transactions.close("declined", "declined", {}, NOW, KEPT)
    asked = ["open", "answered", "declined", "unknown"]
    assert {*transactions.settled(asked, NOW)} == {"answered", "declined", "unknown"}
    assert {*transactions.settled(asked, END)} == {*asked}, "past its end nothing can come"
    assert [*transactions.settled([], NOW)] == []


def test_after_its_end_nobody_can_answer(transactions: Transactions) -> None:
    transactions.open(ASKED, "handle")
    assert transactions.named("name", END) is None
    assert not transactions.close("name", "answered", {}, END, KEPT)


def test_nothing_is_kept_beyond_its_time(transactions: Transactions) -> None:
    transactions.open(ASKED, "handle")
    transactions.close("name", "answered", {"a": 1}, NOW, KEPT)
    assert transactions.handled("handle", KEPT) is None
    assert transactions.forget(KEPT) == 1
    assert transactions.forget(KEPT) == 0


def test_of_many_answers_exactly_one_counts(transactions: Transactions, full: bool) -> None:
    with ThreadPoolExecutor(50) as pool:
        for number in range(200 if full else 5):
            name = str(number)
            transactions.open(Transaction(name, {}, END), f"handle {number}")
            done = pool.map(lambda _, n=name: transactions.close(n, "answered", {}, NOW, KEPT), range(50))
            assert Counter(done) == {True: 1, False: 49}
