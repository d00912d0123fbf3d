"""A token for a code, or for a person who signs in; and to whom nothing is sent."""

import re
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from problems import InputError, ProtocolError
from wallet.receive import look, redeem, sign_in, signed_in, start
from wallet.receive.access import renew

BACK = "https://wallet.example/back"


@pytest.fixture
def begun(counter, web):
    return start(look(counter.link(), web))


@pytest.fixture
def signing(counter, web, by_sign_in):
    return sign_in(start(look(counter.link(by_sign_in), web)), BACK, web)


def test_a_code_is_redeemed_without_a_name_where_none_is_asked(counter, web, begun):
    errand = redeem(begun, None, web)
    assert errand.access.token.token == "a-token"
    assert not errand.access.named
    [said] = counter.sent("token")
    assert said["pre-authorized_code"] == "a-code"
    assert "client_id" not in said


def test_and_with_one_where_it_is(counter, web):
    counter.server = replace(counter.server, anonymous=False)
    errand = redeem(start(look(counter.link(), web)), None, web)
    assert errand.access.named
    assert counter.sent("token")[0]["client_id"] == "passeport"


def test_a_transaction_code_is_wanted_before_anything_is_sent(counter, web, with_code):
    begun = start(look(counter.link(with_code), web))
    with pytest.raises(InputError, match=r"receive\.tx_code_wanted"):
        redeem(begun, None, web)
    assert counter.sent("token") == []
    redeem(begun, "1234", web)
    assert counter.sent("token")[0]["tx_code"] == "1234"


def test_a_code_that_nobody_asked_for_stays_here(counter, web, begun):
    redeem(begun, "1234", web)
    assert "tx_code" not in counter.sent("token")[0]


def test_signing_in_is_pushed_and_asks_with_pkce(counter, web, signing):
    errand, url = signing
    [said] = counter.sent("par")
    assert said["code_challenge_method"] == "S256"
    assert said["issuer_state"] == "a-state"
    assert set(parse_qs(url.partition("?")[2])) == {"client_id", "request_uri"}
    assert errand.signing_in.verifier not in url


def test_whoever_comes_back_must_know_the_state_and_be_the_server(counter, web, signing):
    errand, _ = signing
    state, iss = errand.signing_in.state, "https%3A%2F%2Fcentre.example%2Fissuers%2Fcentre"
    for query, code in (
        (f"code=c&state=other&iss={iss}", "oauth.other_state"),
        (f"code=c&state={state}&iss=https%3A%2F%2Fevil.example", "oauth.other_issuer"),
        (f"code=c&state={state}", "oauth.other_issuer"),
    ):
        with pytest.raises(ProtocolError, match=re.escape(code)):
            signed_in(errand, query, web)
    assert counter.sent("token") == []
    done = signed_in(errand, f"code=c&state={state}&iss={iss}", web)
    assert counter.sent("token")[0]["code_verifier"] == errand.signing_in.verifier
    assert done.signing_in is None
    with pytest.raises(InputError, match=r"receive\.not_signing_in"):
        signed_in(done, "", web)


def test_a_server_that_signs_nobody_in(counter, web, by_sign_in):
    counter.server = replace(counter.server, authorization_endpoint=None)
    with pytest.raises(ProtocolError, match=r"receive\.no_sign_in"):
        sign_in(start(look(counter.link(by_sign_in), web)), BACK, web)


def test_the_wrong_way(counter, web, by_sign_in):
    with pytest.raises(InputError, match=r"receive\.sign_in_wanted"):
        redeem(start(look(counter.link(by_sign_in), web)), None, web)


def test_a_token_is_renewed_while_it_can_be(counter, web, begun):
    errand = renew(redeem(begun, None, web), web)
    assert counter.sent("token")[1]["refresh_token"] == "another"
    ended = replace(errand, access=replace(errand.access, refresh=None))
    with pytest.raises(ProtocolError, match=r"receive\.too_late"):
        renew(ended, web)


def test_where_only_attested_wallets_are_served_nothing_is_sent_without(counter, web, by_sign_in):
    counter.server = replace(counter.server, authentication=("attest_jwt_client_auth",))
    for begun, act in (
        (start(look(counter.link(), web)), lambda errand: redeem(errand, None, web)),
        (start(look(counter.link(by_sign_in), web)), lambda errand: sign_in(errand, BACK, web)),
    ):
        with pytest.raises(InputError, match=r"receive\.not_attested"):
            act(begun)
    assert counter.sent("token") == counter.sent("par") == []
