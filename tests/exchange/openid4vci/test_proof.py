"""A key proof proves one key, for one issuer, now; whatever else it is, it is refused."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import base64url, strict_json
from exchange.openid4vci import proof
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import ProtocolError
from proofs import jws

NOW = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
ISSUER = "https://issuer.example/issuers/centre"
HOLDER = LocalSigner.generate("P-256")
OTHER = LocalSigner.generate("P-256")


def check(text, client_id=None, now=NOW):
    return proof.check(text, ISSUER, now, client_id=client_id)


def made(header=None, claims=None, signer=HOLDER):
    """A proof with some members changed; None takes one away."""
    head = {"typ": proof.TYP, "jwk": to_jwk(HOLDER.public_key), **(header or {})}
    body = {"aud": ISSUER, "iat": int(NOW.timestamp()), "nonce": "n-1", **(claims or {})}
    return jws.sign(
        {name: value for name, value in head.items() if value is not None},
        {name: value for name, value in body.items() if value is not None},
        signer,
    )


def refused(text, code, client_id=None):
    with pytest.raises(ProtocolError) as caught:
        check(text, client_id)
    assert caught.value.error == "invalid_proof"
    assert caught.value.code.startswith(code), caught.value.code


@pytest.mark.parametrize(
    ("naming", "name"), [("jwk", did_key.did), ("did:key", did_key.did), ("did:jwk", did_jwk.did)]
)
def test_what_was_made_is_checked(naming, name):
    text = proof.make(HOLDER, HOLDER.public_key, ISSUER, NOW, nonce="n-1", naming=naming)
    assert check(text) == proof.KeyProof(name(HOLDER.public_key), HOLDER.public_key, "n-1")


@given(st.text(max_size=200))
def test_any_text_is_checked_or_refused(text):
    with pytest.raises(ProtocolError):
        check(text)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"typ": None}, "jose.wrong_typ"),
        ({"typ": "jwt"}, "jose.wrong_typ"),
        ({"typ": "OPENID4VCI-PROOF+JWT"}, "jose.wrong_typ"),
        ({"typ": "dpop+jwt"}, "jose.wrong_typ"),
        ({"crit": ["exp"]}, "jose.crit_unsupported"),
        ({"b64": False}, "jose.crit_unsupported"),
        ({"jku": "https://evil.example"}, "jose.untrusted_key"),
        ({"jwk": {**to_jwk(HOLDER.public_key), "d": "AAAA"}}, "key.secret_shown"),
        ({"jwk": {"kty": "oct", "k": "AAAA"}}, "key."),
        ({"jwk": {"kty": "RSA", "n": "AAAA", "e": "AQAB"}}, "key."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_header_that_asks_for_something_else(changes, code):
    """CI-009."""
    refused(made(changes), code)


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "", None, 7])
def test_an_algorithm_that_proves_nothing(alg):
    """CI-009: also with the public key as the secret, which is what HS256 would be tried with."""
    head, body, signature = made().split(".")
    header = {**strict_json.read_object(base64url.decode(head)), "alg": alg}
    bent = base64url.encode(strict_json.write(header).encode())
    refused(f"{bent}.{body}.{signature}", "jose.alg_not_allowed")
    refused(f"{bent}.{body}.", "jose.alg_not_allowed")


def test_a_proof_signed_by_another_key_than_it_shows():
    """CI-010."""
    refused(made(signer=OTHER), "signature.invalid")
    named = {"jwk": None, "kid": did_key.verification_method(HOLDER.public_key)}
    refused(made(named, signer=OTHER), "signature.invalid")


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": did_key.verification_method(HOLDER.public_key)},
        {"kid": did_key.verification_method(OTHER.public_key)},
        {"x5c": ["AAAA"]},
        {"jwk": None, "x5c": ["AAAA"]},
        {"jwk": None, "x5c": ["AAAA"], "kid": did_key.verification_method(HOLDER.public_key)},
        {"jwk": None},
    ],
    ids=["jwk and kid", "jwk and another kid", "jwk and x5c", "x5c", "x5c and kid", "none"],
)
def test_a_key_named_in_several_ways_or_in_none(changes):
    """CI-011."""
    refused(made(changes), "vci.proof_key")


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        (did_key.did(HOLDER.public_key), "did."),
        (did_key.did(HOLDER.public_key) + "#other", "did."),
        ("did:web:issuer.example#key-1", "did.method_not_supported"),
        ("https://issuer.example", "did.method_not_supported"),
        ("0", "did.method_not_supported"),
        (7, "shape."),
    ],
    ids=["no key of it", "another key of it", "did:web", "an address", "a number", "no text"],
)
def test_a_key_name_that_is_nobodys_own(kid, code):
    """Nothing is fetched for a proof: only names that are keys themselves."""
    refused(made({"jwk": None, "kid": kid}), code)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": "https://issuer.example"}, "vci.proof_audience"),
        ({"aud": [ISSUER]}, "vci.proof_audience"),
        ({"aud": None}, "vci.proof_audience"),
        ({"iat": None}, "shape."),
        ({"iat": "2026"}, "shape."),
        ({"iat": True}, "shape."),
        ({"iat": int(NOW.timestamp()) - 301}, "oauth.proof_time"),
        ({"iat": int(NOW.timestamp()) + 61}, "oauth.proof_time"),
        ({"nonce": None}, "vci.proof_nonce"),
        ({"nonce": 7}, "shape."),
        ({"iss": "w-1"}, "vci.proof_client"),
        ({"iss": 7}, "vci.proof_client"),
    ],
)
def test_claims_that_are_not_of_this_request(claims, code):
    refused(made(claims=claims), code)


def test_the_client_may_name_itself_and_nobody_else():
    assert check(made(claims={"iss": "w-1"}), "w-1").nonce == "n-1"
    assert check(made(), "w-1").nonce == "n-1"
    refused(made(claims={"iss": "w-2"}), "vci.proof_client", "w-1")
