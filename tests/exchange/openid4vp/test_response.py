"""An answer is read in one shape only, and only by the request it answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange import dcql
from exchange.openid4vp.request import AuthorizationRequest, Encryption
from exchange.openid4vp.response import Answered, Declined, form, read, refusal
from keys.jwe import DecryptionKey, encrypt
from problems import ProtocolError

QUERY = dcql.read({"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {}}]})
KEY = DecryptionKey.generate()
KEYS = {KEY.kid: KEY}
PLAIN = AuthorizationRequest(
    "redirect_uri:https://a.example/", "https://a.example/", "n" * 22, QUERY, state="s"
)
SEALED = AuthorizationRequest(
    "redirect_uri:https://a.example/",
    "https://a.example/",
    "n" * 22,
    QUERY,
    "direct_post.jwt",
    state="s",
    encryption=Encryption(KEY.public),
)
TOKEN = {"q": ["eyJ~", {"type": "VerifiablePresentation"}]}


def sealed(content: object) -> dict[str, str]:
    return {"response": encrypt(json.dumps(content).encode(), KEY.public, "A128GCM")}


def refused(code: str, *given) -> None:
    with pytest.raises(ProtocolError) as problem:
        read(*given)
    assert (problem.value.error, problem.value.code) == ("invalid_request", code)


@pytest.mark.parametrize("request_", [PLAIN, SEALED], ids=["plain", "encrypted"])
def test_an_answer_is_read_as_it_was_made(request_):
    assert read(form(TOKEN, request_), request_.mode, KEYS) == Answered(TOKEN, "s")


@pytest.mark.parametrize("request_", [PLAIN, SEALED], ids=["plain", "encrypted"])
def test_a_refusal_says_no_more_than_that(request_):
    fields = refusal(ProtocolError("vp.untrusted", error="access_denied"), request_)
    assert read(fields, request_.mode, KEYS) == Declined("access_denied", "s")
    assert "untrusted" not in json.dumps(fields)


def test_an_encrypted_answer_shows_nothing():
    fields = form({"q": ["un-secret"]}, SEALED)
    assert fields.keys() == {"response"}
    assert "un-secret" not in fields["response"]


def test_an_answer_that_must_be_encrypted_is_not_taken_in_plain():
    refused("vp.not_encrypted", form(TOKEN, PLAIN), "direct_post.jwt", KEYS)
    refused("vp.not_encrypted", {}, "direct_post.jwt", KEYS)


def test_an_answer_encrypted_for_another_request_is_not_read():
    other = DecryptionKey.generate()
    refused("vp.decrypt_failed", form(TOKEN, SEALED), "direct_post.jwt", {other.kid: other})
    refused("vp.decrypt_failed", {"response": "x"}, "direct_post.jwt", KEYS)
    refused(
        "vp.decrypt_failed",
        {"response": form(TOKEN, SEALED)["response"][:-4] + "AAAA"},
        "direct_post.jwt",
        KEYS,
    )


BAD = [
    None, "", "x", 1, True, [], ["x"], {}, {"q": None}, {"q": "x"}, {"q": []}, {"q": {}}, {"q": [1]},
    {"q": [None]},    {"q": [["x"]]}, {"q": ["x"], "r": "y"}, {"q": ["x"] * 1_000},
]  # fmt: skip


@pytest.mark.parametrize("vp_token", BAD, ids=lambda value: json.dumps(value)[:40])
def test_a_vp_token_of_another_shape_is_no_answer(vp_token):
    refused("vp.answer", {"vp_token": json.dumps(vp_token)}, "direct_post", {})
    refused("vp.answer", sealed({"vp_token": vp_token}), "direct_post.jwt", KEYS)


@pytest.mark.parametrize(
    "fields", [{}, {"vp_token": "{"}, {"vp_token": '{"q":["a"],"q":["b"]}'}, {"response": "x"}]
)
def test_what_is_no_answer_is_refused(fields):
    refused("vp.answer", fields, "direct_post", {})


@pytest.mark.parametrize("content", [[], "x", {"vp_token": TOKEN, "state": 1}, {"state": "s"}])
def test_what_is_no_answer_inside_is_refused(content):
    refused("vp.answer", sealed(content), "direct_post.jwt", KEYS)


@given(st.text())
def test_a_wallets_word_for_its_refusal_is_never_repeated_as_it_comes(word):
    found = read({"error": word}, "direct_post", {})
    assert isinstance(found, Declined)
    assert found.error.isascii()
    assert found.error.isprintable()
