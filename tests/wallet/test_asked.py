"""A request that waits is the very request that was looked at, and waits a quarter of an hour."""

import datetime as dt
from dataclasses import replace

import pytest

from exchange import dcql
from exchange.openid4vp import transaction
from exchange.openid4vp.client_id import Asker
from exchange.openid4vp.request import AuthorizationRequest, Encryption
from keys.jwe import DecryptionKey
from problems import NotFoundError
from wallet import asked
from wallet.consent import Asked

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
CLIENT = "x509_san_dns:recruteur.example"
QUERY = dcql.read({"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]})
SAID = transaction.make("Je postule au poste 12.", "q")
REQUEST = AuthorizationRequest(
    CLIENT, "https://recruteur.example/a", "n" * 22, QUERY, state="s", transaction_data=(SAID,)
)
LOOKED_AT = Asked(
    REQUEST,
    Asker(CLIENT, "x509_san_dns", "recruteur.example", True, "Recruteur (fictif)"),
    (transaction.read(SAID, QUERY),),
)


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        replace(REQUEST, mode="direct_post.jwt", encryption=Encryption(DecryptionKey.generate().public)),
    ],
    ids=["plain", "encrypted"],
)
def test_it_is_the_same(vault, request_):
    looked_at = replace(LOOKED_AT, request=request_)
    name = asked.remember(looked_at, vault, NOW)
    again = asked.recall(name, vault, NOW)
    assert again.request.parameters() == request_.parameters()
    assert (again.asker, again.transactions) == (looked_at.asker, looked_at.transactions)


def test_who_was_not_proved_stays_so(vault):
    asker = Asker("redirect_uri:https://r.example/a", "redirect_uri", "r.example", False)
    request = replace(REQUEST, client_id=asker.client_id, response_uri="https://r.example/a")
    name = asked.remember(Asked(request, asker), vault, NOW)
    assert asked.recall(name, vault, NOW).asker == asker


def test_it_does_not_wait_for_ever(vault):
    name = asked.remember(LOOKED_AT, vault, NOW)
    assert asked.recall(name, vault, NOW + asked.LIFETIME)
    with pytest.raises(NotFoundError, match=r"answer\.no_request"):
        asked.recall(name, vault, NOW + asked.LIFETIME + dt.timedelta(seconds=1))


def test_those_that_nobody_answered_are_forgotten_with_the_next(vault):
    asked.remember(LOOKED_AT, vault, NOW)
    asked.remember(LOOKED_AT, vault, NOW + dt.timedelta(hours=1))
    assert len(vault.notes("asked")) == 1


def test_what_was_answered_is_gone(vault):
    name, other = (asked.remember(LOOKED_AT, vault, NOW) for _ in range(2))
    asked.forget(name, vault, NOW)
    for gone in (name, "", "0" * 32):
        with pytest.raises(NotFoundError, match=r"answer\.no_request"):
            asked.recall(gone, vault, NOW)
    assert asked.recall(other, vault, NOW)
