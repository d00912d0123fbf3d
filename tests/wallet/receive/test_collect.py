"""Credentials for fresh keys: at once or later; keys of nothing are forgotten."""

from dataclasses import replace

import pytest

from exchange.oauth.details import Detail
from exchange.oauth.token import TokenResponse
from exchange.openid4vci.key_attestation import Demand
from exchange.openid4vci.messages import CredentialResponse, Deferred
from problems import InputError, ProtocolError
from wallet.receive import collect, errand, look, redeem, start


@pytest.fixture
def begun(counter, web):
    return redeem(start(look(counter.link(), web), None, 2), None, web)


def test_a_fresh_key_for_each_copy(counter, web, vault, begun):
    done = collect(begun, vault, web)
    assert [one.keys for one in done.arrived] == [tuple(key.did for key in vault.holder_keys())] * 2
    assert len(vault.holder_keys()) == 2
    assert vault.credentials() == [], "nothing is kept yet"


def test_the_nonce_is_asked_for_without_the_token(counter, web, vault, begun):
    collect(begun, vault, web)
    [headers] = [headers for kind, _, headers in counter.asked if kind == "nonce"]
    assert "Authorization" not in headers


def test_keys_of_a_refusal_are_forgotten(counter, web, vault, begun, refusal):
    counter.answers["credential"] = refusal("credential_request_denied")
    with pytest.raises(ProtocolError):
        collect(begun, vault, web)
    assert vault.holder_keys() == []


def test_a_stale_nonce_once_more_and_no_more(counter, web, vault, begun, refusal):
    counter.answers["credential"] = refusal("invalid_nonce")
    with pytest.raises(ProtocolError):
        collect(begun, vault, web)
    assert len(counter.sent("credential")) == len(counter.sent("nonce")) == 2
    assert vault.holder_keys() == []


def test_later_each_transaction_is_asked_for_once_at_a_time(counter, web, vault, begun, told):
    counter.later = True
    waiting = collect(begun, vault, web)
    assert [(one.transaction, one.interval) for one in waiting.waiting] == [("a-transaction", 5)]
    counter.answers["deferred"] = lambda _: told(Deferred("a-transaction", 9).document(), 202)
    again = collect(waiting, vault, web)
    assert [one.interval for one in again.waiting] == [9]
    body = counter.issue(again.waiting[0].keys[0]).decode()
    counter.answers["deferred"] = lambda _: told(CredentialResponse((body,)).document())
    done = collect(again, vault, web)
    assert (done.waiting, [one.body for one in done.arrived]) == ((), [body.encode()])
    assert counter.sent("deferred") == [{"transaction_id": "a-transaction"}] * 2


def test_a_token_that_has_ended_is_renewed_once(counter, web, vault, begun, refusal):
    counter.answers["credential"] = refusal("invalid_token", 401)
    with pytest.raises(ProtocolError):
        collect(begun, vault, web)
    assert len(counter.sent("credential")) == 2
    assert counter.sent("token")[-1]["grant_type"] == "refresh_token"


def test_by_identifier_where_the_token_came_with_some(counter, web, vault, begun):
    granted = TokenResponse("t", 60, granted=(Detail("diploma", ("one", "two")),))
    collect(errand.accessed(begun, granted, named=False), vault, web)
    said = counter.sent("credential")
    assert [one["credential_identifier"] for one in said] == ["one", "two"]
    assert not any("credential_configuration_id" in one for one in said)


def test_no_token_no_credentials(counter, web, vault):
    with pytest.raises(InputError, match=r"receive\.no_access"):
        collect(start(look(counter.link(), web)), vault, web)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"proofs": ("RS256",)}, "receive.no_proof"),
        ({"binding": ("mdoc",)}, "receive.no_proof"),
        ({"demand": Demand()}, "receive.keys_not_attested"),
        ({"proofs": (), "attested": ("ES256",)}, "receive.keys_not_attested"),
    ],
    ids=["another algorithm", "another naming", "attested", "attested alone"],
)
def test_keys_that_this_wallet_cannot_show(counter, web, vault, change, code):
    one = replace(counter.metadata.configurations["diploma"], **change)
    counter.metadata = replace(counter.metadata, configurations={"diploma": one, "badge": one})
    begun = redeem(start(look(counter.link(), web), ["diploma"]), None, web)
    with pytest.raises(InputError) as caught:
        collect(begun, vault, web)
    assert caught.value.code == code
    assert counter.sent("credential") == []


def test_a_credential_for_nobody(counter, web, vault, told, academy):
    """Where no key is asked for none is made."""
    one = replace(counter.metadata.configurations["diploma"], proofs=(), binding=())
    counter.metadata = replace(counter.metadata, configurations={"diploma": one, "badge": one})
    body = academy.sd_jwt("diploma", None).decode()
    counter.answers["credential"] = lambda _: told(CredentialResponse((body,)).document())
    begun = redeem(start(look(counter.link(), web), ["diploma"]), None, web)
    assert collect(begun, vault, web).arrived[0].keys == ()
    assert vault.holder_keys() == []
