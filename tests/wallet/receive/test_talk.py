"""Forms out, JSON in; asked again with what the server gave, once; refusals in words that are known."""

import pytest

from keys.local import LocalSigner
from problems import ProtocolError, RetrievalError
from wallet.receive.talk import Talk

URL = "https://centre.example/issuers/centre/token"


def test_a_nonce_that_the_server_gives_is_used_and_asked_for_once(counter, web, refusal):
    counter.answers["token"] = refusal("use_dpop_nonce", **{"dpop-nonce": "n-1"})
    talk = Talk(web, LocalSigner.generate("P-256"))
    with pytest.raises(ProtocolError) as caught:
        talk.form(URL, {"a": "b"})
    assert caught.value.error == "use_dpop_nonce"
    assert len(counter.asked) == 2
    del counter.answers["token"]
    talk.form(URL, {"a": "b"})
    proofs = [headers["DPoP"] for *_, headers in counter.asked]
    assert len(set(proofs)) == 3, "each made anew"


def test_without_a_key_nothing_is_asked_again(counter, web, refusal):
    counter.answers["token"] = refusal("use_dpop_nonce", **{"dpop-nonce": "n-1"})
    with pytest.raises(ProtocolError):
        Talk(web).form(URL, {})
    assert len(counter.asked) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [(500, {"error": "invalid_grant"}), (400, {"error": "<script>"}), (400, []), (404, {}), (302, {})],
    ids=["broken", "no word", "no object", "nothing", "elsewhere"],
)
def test_what_is_no_refusal_is_no_answer(counter, web, told, status, said):
    counter.answers["token"] = lambda _: told(said, status)
    with pytest.raises(RetrievalError, match=r"receive\.no_answer"):
        Talk(web).form(URL, {})


def test_a_refusal_keeps_the_servers_word(counter, web, refusal):
    counter.answers["token"] = refusal("slow_down")
    with pytest.raises(ProtocolError) as caught:
        Talk(web).form(URL, {})
    assert (caught.value.code, caught.value.error) == ("receive.refused", "slow_down")


def test_what_is_no_json(counter, web):
    from boundary.fetch import Answer

    counter.answers["token"] = lambda _: Answer(200, {}, b"<html>")
    with pytest.raises(RetrievalError, match=r"receive\.no_answer"):
        Talk(web).form(URL, {})
