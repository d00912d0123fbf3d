"""A wallet answers only a request that is what it says, from whom it says."""

import base64
import copy
import datetime as dt
from typing import Any

import pytest

from exchange import dcql
from exchange.openid4vp import link
from exchange.openid4vp.client_id import Trust, open_plain, open_signed, split
from exchange.openid4vp.request import TYP, AuthorizationRequest, Encryption, read, sign
from keys.dids.resolve import resolver
from keys.jwe import DecryptionKey
from keys.local import LocalSigner
from keys.x509 import Authority
from problems import Problem, ProtocolError
from proofs import jws

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
QUERY = dcql.read({"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]})
AUTHORITY = Authority.create("Autorité fictive", NOW)
SIGNER = LocalSigner.generate("P-256")
CHAIN = AUTHORITY.certify(SIGNER.public_key, "Recruteur (fictif)", NOW, hosts=["recruteur.example"])
DID = SIGNER.verification_method.partition("#")[0]
TRUST = Trust(resolver(), [AUTHORITY.certificate], NOW)
KEY = DecryptionKey.generate()
CLIENTS = {
    "x509_san_dns:recruteur.example": {"x5c": CHAIN.x5c},
    f"x509_hash:{CHAIN.digest}": {"x5c": CHAIN.x5c},
    f"decentralized_identifier:{DID}": {"kid": SIGNER.verification_method},
}
for_each_client = pytest.mark.parametrize("client_id", CLIENTS, ids=lambda name: name.partition(":")[0])


def request(client_id: str = "x509_san_dns:recruteur.example", **more: Any) -> AuthorizationRequest:
    return AuthorizationRequest(
        client_id, "https://recruteur.example/answer/1", "n" * 22, QUERY, state="s", **more
    )


def token(client_id: str, /, signer=SIGNER, typ=TYP, now=NOW, **changes: Any) -> str:
    claims = {**jws.claims(jws.parse(sign(request(client_id), signer, {}, now))), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jws.sign({"typ": typ, **CLIENTS[client_id]}, kept, signer)


def refused(error: str, code: str, attempt, *given: Any) -> None:
    with pytest.raises(ProtocolError) as refusal:
        attempt(*given)
    assert (refusal.value.error, refusal.value.code) == (error, code)


@for_each_client
def test_a_signed_request_is_read_as_it_was_made(client_id):
    made = request(client_id, mode="direct_post.jwt", encryption=Encryption(KEY.public))
    found, asker = open_signed(sign(made, SIGNER, CLIENTS[client_id], NOW), client_id, TRUST)
    assert found == made
    assert asker.proved
    assert asker.organisation == ("Recruteur (fictif)" if "x509" in client_id else None)


def test_an_unsigned_request_says_that_nobody_vouches():
    made = request("redirect_uri:https://recruteur.example/answer/1")
    found, asker = open_plain(link.read(link.plain("openid4vp://", made)).parameters)
    assert found == made
    assert (asker.proved, asker.name) == (False, "recruteur.example")


@for_each_client
def test_a_request_signed_by_another_is_not_the_clients(client_id):
    stranger = LocalSigner.generate("P-256")
    refused("invalid_client", "vp.signature", open_signed, token(client_id, stranger), client_id, TRUST)


@for_each_client
@pytest.mark.parametrize("typ", ["JWT", "jwt", "oauth-authz-req+JWT", ""])
def test_a_token_made_for_another_purpose_is_no_request(client_id, typ):
    refused("invalid_client", "vp.signature", open_signed, token(client_id, typ=typ), client_id, TRUST)


@for_each_client
def test_the_link_and_the_request_name_the_same_client(client_id):
    other = "x509_san_dns:autre.example"
    refused("invalid_request", "vp.other_client", open_signed, token(client_id), other, TRUST)
    changed = token(client_id, client_id=other)
    refused("invalid_request", "vp.other_client", open_signed, changed, client_id, TRUST)


@pytest.mark.parametrize(
    "client_id",
    ["x509_san_dns:banque.example", "x509_hash:AAAA", "x509_san_dns:RECRUTEUR.example"],
)
def test_a_certificate_for_another_name_proves_nothing(client_id):
    signed = jws.sign({"typ": TYP, "x5c": CHAIN.x5c}, {**request(client_id).parameters()}, SIGNER)
    refused("invalid_client", "vp.untrusted", open_signed, signed, client_id, TRUST)


def test_a_certificate_of_an_unknown_authority_proves_nothing():
    client_id = "x509_san_dns:recruteur.example"
    for anchors in ([], [Authority.create("Autre", NOW).certificate]):
        trust = Trust(resolver(), anchors, NOW)
        refused("invalid_client", "vp.untrusted", open_signed, token(client_id), client_id, trust)


def test_a_key_of_another_did_proves_nothing():
    other = LocalSigner.generate("P-256")
    client_id = f"decentralized_identifier:{DID}"
    signed = jws.sign({"typ": TYP, "kid": other.verification_method}, request(client_id).parameters(), other)
    refused("invalid_client", "vp.untrusted", open_signed, signed, client_id, TRUST)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(NOW.timestamp()) - 600}, {"iat": int(NOW.timestamp()) + 600},
    ],
)  # fmt: skip
def test_a_request_counts_in_its_time_only(changes):
    client_id = f"decentralized_identifier:{DID}"
    refused("invalid_request", "vp.expired", open_signed, token(client_id, **changes), client_id, TRUST)


@pytest.mark.parametrize("changes", [{"aud": "https://another.example"}, {"iss": "https://x"}, {"aud": None}])
def test_what_wallets_must_ignore_is_ignored(changes):
    client_id = f"decentralized_identifier:{DID}"
    open_signed(token(client_id, **changes), client_id, TRUST)


@pytest.mark.parametrize("nonce", [None, "other"])
def test_a_wallets_own_nonce_comes_back(nonce):
    client_id = f"decentralized_identifier:{DID}"
    given = token(client_id, wallet_nonce=nonce)
    with pytest.raises(ProtocolError) as refusal:
        open_signed(given, client_id, TRUST, "mine")
    assert refusal.value.code == "vp.wallet_nonce"
    open_signed(token(client_id, wallet_nonce="mine"), client_id, TRUST, "mine")


def test_the_answer_goes_to_the_host_that_was_proved():
    client_id = "x509_san_dns:recruteur.example"
    for address in ("https://voleur.example/", "https://recruteur.example@voleur.example/", "x"):
        changed = token(client_id, response_uri=address)
        refused("invalid_request", "vp.address", open_signed, changed, client_id, TRUST)
    made = request("redirect_uri:https://other.example/")
    refused("invalid_request", "vp.address", open_plain, made.parameters())


@for_each_client
def test_a_client_that_must_sign_cannot_come_unsigned(client_id):
    refused("invalid_request", "vp.must_be_signed", open_plain, request(client_id).parameters())


def test_a_client_that_must_not_sign_cannot_come_signed():
    client_id = "redirect_uri:https://recruteur.example/answer/1"
    signed = jws.sign({"typ": TYP}, request(client_id).parameters(), SIGNER)
    refused("invalid_request", "vp.must_not_be_signed", open_signed, signed, client_id, TRUST)


@pytest.mark.parametrize(
    "client_id",
    ["origin:https://recruteur.example", "recruteur.example", "https://recruteur.example", "", ":x",
     "x509_san_dns:", "openid_federation:https://x.example", "verifier_attestation:x", "X509_HASH:a"],
)  # fmt: skip
def test_a_client_of_no_kind_that_can_be_checked_is_refused(client_id):
    refused("invalid_client", "vp.client_id", split, client_id)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"redirect_uri": "https://recruteur.example/"}, "invalid_request"),
        ({"dcql_query": None}, "invalid_request"),
        ({"scope": "x"}, "invalid_request"),
        ({"dcql_query": None, "scope": "x"}, "invalid_scope"),
        ({"dcql_query": {}}, "invalid_request"),
        ({"dcql_query": "{}"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"response_mode": "direct_post.jwt"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"nonce": "é"}, "invalid_request"),
        ({"nonce": 1}, "invalid_request"),
        ({"response_uri": None}, "invalid_request"),
        ({"state": {}}, "invalid_request"),
        ({"client_metadata": []}, "invalid_request"),
        ({"client_metadata": {"vp_formats_supported": {"mso_mdoc": {}}}}, "vp_formats_not_supported"),
        ({"client_metadata": {"vp_formats_supported": []}}, "vp_formats_not_supported"),
        ({"transaction_data": []}, "invalid_transaction_data"),
        ({"transaction_data": [{}]}, "invalid_transaction_data"),
    ],
    ids=str,
)
def test_a_malformed_request_is_refused_with_the_word_of_the_specification(changes, error):
    said = {**request().parameters(), **changes}
    kept = {name: value for name, value in said.items() if value is not None}
    with pytest.raises(ProtocolError) as refusal:
        read(kept)
    assert refusal.value.error == error


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.pop("jwks"),
        lambda m: m.update(jwks={}),
        lambda m: m.update(jwks={"keys": []}),
        lambda m: m.update(jwks={"keys": ["x"]}),
        lambda m: m["jwks"]["keys"][0].pop("kid"),
        lambda m: m["jwks"]["keys"][0].update(alg="RSA-OAEP"),
        lambda m: m["jwks"]["keys"][0].update(crv="P-521"),
        lambda m: m["jwks"]["keys"][0].update(d="AAAA"),
        lambda m: m.update(encrypted_response_enc_values_supported=["A128CBC-HS256"]),
        lambda m: m.update(encrypted_response_enc_values_supported="A128GCM"),
    ],
)
def test_an_answer_that_must_be_encrypted_needs_a_key_to_encrypt_to(change):
    said = request(mode="direct_post.jwt", encryption=Encryption(copy.deepcopy(KEY.public))).parameters()
    change(said["client_metadata"])
    refused("invalid_request", "vp.encryption", read, said)


def test_nothing_of_older_drafts_is_in_a_request():
    said = request().parameters()
    assert said.keys().isdisjoint({"presentation_definition", "client_id_scheme", "redirect_uri", "iss"})
    assert said["client_metadata"].keys() == {"vp_formats_supported"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_by_reference_is_read_as_it_was_made(method):
    made = link.by_reference(
        "openid4vp://", "x509_san_dns:a.example", "https://a.example/r/1?x=1&y=é", method
    )
    found = link.read(made)
    assert (found.request_uri, found.method) == ("https://a.example/r/1?x=1&y=é", method)


@pytest.mark.parametrize(
    "url",
    ["openid4vp://", "openid4vp://?", "openid4vp://?request_uri=x", "openid4vp://?client_id=a&client_id=b",
     "openid4vp://?client_id=a&request=x&request_uri=y", "openid4vp://?client_id=", "x" * 10_000,
     "openid4vp://?client_id=a&request_uri=y&request_uri_method=put", "openid4vp://?client_id=a&dcql_query={"],
)  # fmt: skip
def test_a_malformed_link_is_refused(url):
    with pytest.raises(Problem):
        link.read(url)


def test_a_header_that_brings_a_key_and_a_certificate_is_refused():
    client_id = f"decentralized_identifier:{DID}"
    signed = jws.sign(
        {"typ": TYP, "kid": SIGNER.verification_method, "x5c": [base64.b64encode(b"x").decode()]},
        request(client_id).parameters(),
        SIGNER,
    )
    refused("invalid_client", "vp.untrusted", open_signed, signed, client_id, TRUST)
