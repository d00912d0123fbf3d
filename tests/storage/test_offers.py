"""An offer is claimed once, cancelled only before, and forgotten in time: whoever comes together."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from problems import ConflictError
from storage.offers import Offer, OfferStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(days=1)
UNTIL = NOW + dt.timedelta(hours=1)
OFFER = Offer("o-1", "centre", "R-1", "diploma", ("dc+sd-jwt",), {"name": "Camille"}, b"digest", "link", END)


def state(offers: OfferStore, at: dt.datetime = NOW) -> str:
    found = offers.find("o-1", at)
    assert found
    return found.state


def test_what_was_kept_is_found_again(offers: OfferStore) -> None:
    offers.add(replace(OFFER, policy="code", held=True, ticket="t", code="s$h"), NOW)
    assert offers.find("o-1", NOW) == replace(OFFER, policy="code", held=True, ticket="t", code="s$h")
    assert offers.find("o-2", NOW) is None
    assert [offer.id for offer in offers.of("centre", NOW)] == ["o-1"]
    assert [*offers.of("centre", NOW, "R-2"), *offers.of("atelier", NOW)] == []


def test_a_reference_has_one_offer_as_long_as_it_counts(offers: OfferStore) -> None:
    offers.add(OFFER, NOW)
    with pytest.raises(ConflictError, match=r"offer\.exists"):
        offers.add(replace(OFFER, id="o-2"), NOW)
    offers.add(replace(OFFER, id="o-3", organisation="atelier"), NOW)
    offers.cancel("o-1", NOW)
    offers.add(replace(OFFER, id="o-4"), NOW)
    offers.add(replace(OFFER, id="o-5", expires=END + dt.timedelta(days=9)), END)


def test_the_first_to_claim_has_it_and_may_come_back(offers: OfferStore) -> None:
    offers.add(OFFER, NOW)
    mine = offers.claim("o-1", "me", UNTIL, NOW)
    assert mine is not None
    assert (mine.state, mine.claims, mine.claimed_at) == ("claimed", {"name": "Camille"}, NOW)
    assert offers.claim("o-1", "you", UNTIL, NOW) is None
    again = offers.claim("o-1", "me", END, NOW + dt.timedelta(minutes=1))
    assert again is not None
    assert again.claimed_at == NOW
    assert offers.claim("o-1", "me", END, UNTIL) is None, "coming back does not make it longer"


def test_of_many_who_claim_together_one_has_it(offers: OfferStore, full: bool) -> None:
    for number in range(200 if full else 10):
        name = f"o-{number}"
        offers.add(replace(OFFER, id=name, reference=name), NOW)
        with ThreadPoolExecutor(50) as pool:
            claims = pool.map(lambda who, name=name: offers.claim(name, f"w{who}", UNTIL, NOW), range(50))
            assert sum(claim is not None for claim in claims) == 1


def test_claim_and_cancel_together_never_both(offers: OfferStore, full: bool) -> None:
    for number in range(200 if full else 20):
        name = f"o-{number}"
        offers.add(replace(OFFER, id=name, reference=name), NOW)
        acts: list[Callable[[], bool]] = [
            lambda name=name: offers.claim(name, "me", UNTIL, NOW) is not None,
            lambda name=name: offers.cancel(name, NOW),
        ]  # type: ignore[list-item]
        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(lambda act: act(), acts)) == 1


def test_what_is_over_can_be_neither_claimed_nor_sent_nor_cancelled(offers: OfferStore) -> None:
    offers.add(OFFER, NOW)
    assert state(offers, END) == "expired"
    assert offers.claim("o-1", "me", END + dt.timedelta(1), END) is None
    assert not offers.send("o-1", "t", "", END + dt.timedelta(days=1), END)
    assert not offers.cancel("o-1", END)


def test_what_is_sent_anew_lives_anew(offers: OfferStore) -> None:
    offers.add(replace(OFFER, ticket="old"), NOW)
    assert offers.send("o-1", "new", "code", END + dt.timedelta(days=1), NOW)
    found = offers.find("o-1", END)
    assert found is not None
    assert (found.ticket, found.code, found.state) == ("new", "code", "offered")


def test_what_is_held_back_can_be_claimed_released_or_still_taken_back(offers: OfferStore) -> None:
    offers.add(replace(OFFER, held=True), NOW)
    assert offers.claim("o-1", "me", END, NOW)
    assert offers.release("o-1", NOW)
    assert not offers.release("o-1", NOW)
    assert not offers.cancel("o-1", NOW), "its credentials may be out"
    offers.add(replace(OFFER, id="o-2", reference="R-2", held=True), NOW)
    assert offers.claim("o-2", "me", END, NOW)
    assert offers.cancel("o-2", NOW)
    assert offers.claim("o-2", "me", END, NOW) is None
    assert not offers.release("o-2", NOW)


def test_claims_are_gone_when_nobody_can_ask_for_them(offers: OfferStore) -> None:
    for name in ("o-1", "o-2", "o-3"):
        offers.add(replace(OFFER, id=name, reference=name), NOW)
    offers.claim("o-2", "me", UNTIL, NOW)
    offers.cancel("o-3", NOW)
    cancelled = offers.find("o-3", NOW)
    assert cancelled is not None
    assert cancelled.claims is None
    claimed = offers.find("o-2", UNTIL)
    assert claimed is not None
    assert claimed.claims is None, "not shown even before it is removed"
    assert offers.forget(UNTIL) == 1
    assert offers.forget(END) == 1
    assert offers.forget(END) == 0
    assert state(offers, NOW) == "expired"


def test_what_a_wallet_said_is_written_down(offers: OfferStore) -> None:
    offers.add(OFFER, NOW)
    offers.note("o-1", "credential_accepted")
    found = offers.find("o-1", NOW)
    assert found is not None
    assert found.event == "credential_accepted"
