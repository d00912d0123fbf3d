"""Tokens bound to a key (DPoP, RFC 9449): whoever finds one cannot use it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from exchange.oauth.token import PreAuthorizedCode
from exchange.openid4vci.messages import CredentialRequest
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import jws


def refused(answer, error, code, status):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"].startswith(code + ":"), answer.text
    if status == 401:
        assert answer.headers["www-authenticate"].startswith(f'DPoP error="{error}"')


@pytest.fixture
def wallet(certifier):
    bound = certifier.wallet(key=LocalSigner.generate("P-256"))
    return bound.take_up(certifier.read(certifier.offer()))


def send(certifier, wallet, proof, token=None, endpoint="credential"):
    """Send one request with exactly this proof."""
    headers = {"Authorization": f"DPoP {token or wallet.token}", "DPoP": proof}
    document = CredentialRequest("diploma.sd-jwt", proofs=wallet.proofs()).document()
    return certifier.http.post(wallet.path(endpoint), json=document, headers=headers)


def test_the_whole_way_with_nonces(certifier, wallet):
    answer = wallet.fetch()
    assert answer.status_code == 200, answer.text
    assert wallet.renew().fetch().json()["credentials"] == answer.json()["credentials"]


def test_a_proof_without_nonce_is_told_one_and_costs_nothing(certifier):
    """RFC 9449 §8: the code is still good afterwards."""
    sent = certifier.offer()
    code = certifier.read(sent).pre_authorized.code
    bound = certifier.wallet(key=LocalSigner.generate("P-256"))
    form = PreAuthorizedCode(code).form()
    first = certifier.http.post(bound.path("token"), data=form, headers={"DPoP": bound.proof_for("token")})
    refused(first, "use_dpop_nonce", "dpop.nonce", 400)
    bound.dpop_nonce[:] = [first.headers["dpop-nonce"]]
    second = certifier.http.post(bound.path("token"), data=form, headers={"DPoP": bound.proof_for("token")})
    assert (second.status_code, second.json()["token_type"]) == (200, "DPoP")


def test_at_the_credential_endpoint_the_challenge_is_401(certifier, wallet):
    refused(
        send(certifier, wallet, wallet.proof_for("credential", nonce=None)),
        "use_dpop_nonce",
        "dpop.nonce",
        401,
    )
    made_up = wallet.proof_for("credential", nonce="made-up")
    refused(send(certifier, wallet, made_up), "use_dpop_nonce", "dpop.nonce", 401)
    certifier.clock.passes(seconds=301)
    late = wallet.proof_for("credential")
    refused(send(certifier, wallet, late), "use_dpop_nonce", "dpop.nonce", 401)


def test_a_proof_serves_once(certifier, wallet):
    proof = wallet.proof_for("credential")
    assert send(certifier, wallet, proof).status_code == 200
    refused(send(certifier, wallet, proof), "invalid_dpop_proof", "dpop.replayed", 401)


def test_of_fifty_that_show_one_proof_together_one_gets_in(certifier, wallet):
    proof, documents = wallet.proof_for("credential"), [wallet.proofs() for _ in range(50)]

    def ask(proofs):
        headers = {"Authorization": f"DPoP {wallet.token}", "DPoP": proof}
        document = CredentialRequest("diploma.sd-jwt", proofs=proofs).document()
        return certifier.http.post(wallet.path("credential"), json=document, headers=headers).status_code

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(ask, documents)) == {200: 1, 401: 49}


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "GET"},
        {"url": "http://127.0.0.1:8000/issuers/centre/deferred"},
        {"url": "https://127.0.0.1:8000/issuers/centre/credential"},
        {"url": "http://127.0.0.1:8000/issuers/atelier/credential"},
        {"url": "http://127.0.0.1:8000/issuers/centre/credential/"},
    ],
)
def test_a_proof_for_another_request(certifier, wallet, changes):
    answer = send(certifier, wallet, wallet.proof_for("credential", **changes))
    refused(answer, "invalid_dpop_proof", "dpop.other_request", 401)


def test_a_proof_for_another_token_or_for_none(certifier, wallet):
    other = wallet.proof_for("credential", access_token="another")
    refused(send(certifier, wallet, other), "invalid_dpop_proof", "dpop.other_token", 401)
    none = wallet.proof_for("credential", access_token=None)
    assert send(certifier, wallet, none).json()["error"] == "invalid_dpop_proof"


def test_a_proof_of_another_key(certifier, wallet):
    """CI-015: the key must be the one to which the token was bound."""
    thief = replace(wallet, key=LocalSigner.generate("P-256"))
    refused(
        send(certifier, wallet, thief.proof_for("credential")), "invalid_dpop_proof", "dpop.other_key", 401
    )


def test_a_bound_token_as_bearer_and_a_bearer_token_as_bound(certifier, wallet):
    assert replace(wallet, key=None).fetch().json()["error"] == "invalid_token"
    loose = certifier.wallet().take_up(certifier.read(certifier.offer("R-loose")))
    assert replace(loose, key=LocalSigner.generate("P-256")).fetch().json()["error"] == "invalid_token"
    without = certifier.http.post(
        wallet.path("credential"), json={}, headers={"Authorization": f"DPoP {wallet.token}"}
    )
    refused(without, "invalid_dpop_proof", "dpop.missing", 401)


def test_two_proofs_are_none(certifier, wallet):
    headers = [("Authorization", f"DPoP {wallet.token}"), *[("DPoP", wallet.proof_for("credential"))] * 2]
    answer = certifier.http.post(wallet.path("credential"), json={}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_refresh_token_is_bound_too(certifier, wallet):
    thief = replace(wallet, key=LocalSigner.generate("P-256"))
    form = {"grant_type": "refresh_token", "refresh_token": wallet.refresh}
    for other in (thief, replace(wallet, key=None)):
        assert other.redeem(form).json()["error"] == "invalid_grant"
    assert wallet.renew().fetch().status_code == 200


def bent(wallet, header=None, claims=None, signer=None):
    """A proof with some members changed; None takes one away."""
    made = jws.parse(wallet.proof_for("credential"))
    head = {**made.header, **(header or {})}
    body = {**jws.claims(made), **(claims or {})}
    kept = {name: value for name, value in head.items() if value is not None and name != "alg"}
    said = {name: value for name, value in body.items() if value is not None}
    return jws.sign(kept, said, signer or wallet.key)


@pytest.mark.parametrize(
    "how",
    [
        {"header": {"typ": "jwt"}},
        {"header": {"typ": None}},
        {"header": {"jwk": None}},
        {"header": {"jwk": "x"}},
        {"header": {"crit": ["x"]}},
        {"claims": {"jti": None}},
        {"claims": {"jti": "short"}},
        {"claims": {"jti": 7}},
        {"claims": {"jti": "é" * 20}},
        {"claims": {"iat": None}},
        {"claims": {"iat": "now"}},
        {"claims": {"iat": 0}},
        {"claims": {"iat": 2**52}},
        {"claims": {"htm": None}},
        {"claims": {"htu": None}},
        {"claims": {"htu": 7}},
        {"claims": {"ath": 7}},
        {"claims": {"nonce": 7}},
    ],
)
def test_a_proof_that_is_bent(certifier, wallet, how):
    answer = send(certifier, wallet, bent(wallet, **how))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_dpop_proof"), answer.text


def test_a_proof_that_shows_its_private_key_or_anothers(certifier, wallet):
    shown = {**to_jwk(wallet.key.public_key), "d": "AAAA"}
    assert send(certifier, wallet, bent(wallet, {"jwk": shown})).json()["error"] == "invalid_dpop_proof"
    other = LocalSigner.generate("P-256")
    assert send(certifier, wallet, bent(wallet, signer=other)).json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.b", "." * 5, "eyJhbGciOiJub25lIn0.e30."])
def test_a_proof_that_is_no_token(certifier, wallet, text):
    answer = send(certifier, wallet, text)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_dpop_proof"
