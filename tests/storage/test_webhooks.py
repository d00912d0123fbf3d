"""What is to be told is written down with what it is about, and told by one worker at a time."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from storage.transactions import Transaction, Transactions
from storage.webhooks import Delivery, Tried, Webhook, WebhookStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
LEASE = NOW + dt.timedelta(seconds=30)
END = NOW + dt.timedelta(minutes=15)
HOOK = Webhook("w-1", "centre", "https://recruteur.example/hook", "a-1", NOW)
ONE = Delivery("msg_1", "w-1", '{"type":"request.answered"}', NOW, END)
AGAIN = Tried("pending", NOW + dt.timedelta(seconds=5), NOW, 500)
Tell = Callable[..., bool]


@pytest.fixture
def store(telling: tuple[Transactions, WebhookStore]) -> WebhookStore:
    telling[1].add(HOOK, most=9)
    return telling[1]


@pytest.fixture
def tell(telling: tuple[Transactions, WebhookStore], store: WebhookStore) -> Tell:
    """Answer a request whose answer is to be told."""

    def tell(delivery: Delivery = ONE) -> bool:
        telling[0].open(Transaction(delivery.id, {}, END), delivery.id)
        return telling[0].close(delivery.id, "answered", {}, NOW, END, delivery)

    return tell


def test_an_organisation_has_so_many_and_sees_its_own(store: WebhookStore) -> None:
    second = replace(HOOK, id="w-2")
    assert store.add(second, most=2)
    assert not store.add(replace(HOOK, id="w-3"), most=2)
    assert store.add(replace(HOOK, id="w-4", organisation="atelier"), most=2)
    assert store.of("centre") == [HOOK, second]
    assert store.find("w-1") == HOOK
    assert store.find("w-3") is None
    assert not store.remove("atelier", "w-1")
    assert store.remove("centre", "w-1")
    assert store.of("centre") == [second]


def test_what_is_to_be_told_is_there_as_soon_as_the_answer_counts(store: WebhookStore, tell: Tell) -> None:
    assert tell()
    assert store.deliveries("w-1", 9) == [ONE]
    assert store.claim("a", LEASE, NOW) == (HOOK, replace(ONE, attempts=1))


def test_an_answer_that_does_not_count_is_not_told(
    telling: tuple[Transactions, WebhookStore], store: WebhookStore, tell: Tell
) -> None:
    tell()
    assert not telling[0].close("msg_1", "declined", {}, NOW, END, replace(ONE, id="msg_2"))
    assert [one.id for one in store.deliveries("w-1", 9)] == ["msg_1"]


def test_an_answer_counts_though_who_was_to_be_told_is_gone(store: WebhookStore, tell: Tell) -> None:
    store.remove("centre", "w-1")
    assert tell()
    assert store.claim("a", LEASE, NOW) is None


def test_of_all_workers_who_ask_one_gets_it_until_its_lease_ends(store: WebhookStore, tell: Tell) -> None:
    tell()
    with ThreadPoolExecutor(8) as pool:
        got = [*pool.map(lambda number: store.claim(f"w{number}", LEASE, NOW), range(24))]
    assert sum(one is not None for one in got) == 1
    again = store.claim("late", LEASE + dt.timedelta(minutes=1), LEASE)
    assert again
    assert (again[1].id, again[1].attempts) == ("msg_1", 2), "the same message, once more"


def test_a_worker_that_lost_its_lease_changes_nothing(store: WebhookStore, tell: Tell) -> None:
    tell()
    store.claim("a", LEASE, NOW)
    store.claim("b", LEASE + dt.timedelta(minutes=1), LEASE)
    assert not store.settle("msg_1", "a", replace(AGAIN, state="delivered"))
    assert store.settle("msg_1", "b", AGAIN)
    assert not store.settle("msg_1", "b", AGAIN), "it was let go"


def test_it_is_tried_again_when_it_is_due_and_its_address_has_rested(store: WebhookStore, tell: Tell) -> None:
    tell()
    store.claim("a", LEASE, NOW)
    store.settle("msg_1", "a", replace(AGAIN, rests=NOW + dt.timedelta(seconds=9)))
    assert store.deliveries("w-1", 9)[0] == replace(ONE, attempts=1, due=AGAIN.due, answer=500)
    for seconds, due in ((4, False), (8, False), (9, True)):
        assert bool(store.claim("a", END, NOW + dt.timedelta(seconds=seconds))) is due


@pytest.mark.parametrize("state", ["delivered", "given_up"])
def test_what_is_over_is_never_told_again_and_forgotten_at_its_end(
    store: WebhookStore, tell: Tell, state: Any
) -> None:
    tell()
    store.claim("a", LEASE, NOW)
    assert store.settle("msg_1", "a", Tried(state, NOW, NOW, 200))
    assert store.claim("a", END, NOW + dt.timedelta(minutes=1)) is None
    assert store.deliveries("w-1", 9)[0].state == state
    assert store.forget(NOW) == 0
    assert store.forget(END) == 1
    assert store.deliveries("w-1", 9) == []
    assert store.of("centre") == [HOOK]


def test_an_address_gets_one_message_at_a_time_and_keeps_no_other_waiting(
    store: WebhookStore, tell: Tell
) -> None:
    store.add(replace(HOOK, id="w-2"), most=9)
    for number, hook in ((1, "w-1"), (2, "w-1"), (3, "w-2")):
        tell(replace(ONE, id=f"msg_{number}", webhook=hook, due=NOW - dt.timedelta(seconds=9 - number)))
    claimed = [store.claim(worker, LEASE, NOW) for worker in "abc"]
    assert [one[1].id if one else None for one in claimed] == ["msg_1", "msg_3", None]
    store.settle("msg_1", "a", Tried("delivered", NOW, NOW, 200))
    following = store.claim("a", LEASE, NOW)
    assert following
    assert following[1].id == "msg_2"


@pytest.mark.parametrize("how", ["disabled", "removed", "expired"])
def test_nobody_is_told_who_wants_no_more_nor_too_late(store: WebhookStore, tell: Tell, how: str) -> None:
    tell()
    if how == "disabled":
        store.disable("w-1")
        assert store.of("centre") == [replace(HOOK, disabled=True)]
    elif how == "removed":
        store.remove("centre", "w-1")
    assert store.claim("a", END + dt.timedelta(1), END if how == "expired" else NOW) is None
