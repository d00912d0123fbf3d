"""Issuers named by an https address: metadata at the inserted path, one key per kid."""

import datetime as dt

import pytest

from boundary import limits
from boundary.sources import Mirror, Nowhere
from boundary.strict_json import Json
from keys.dids.resolve import resolver
from keys.issuer_metadata import HttpsIssuer, metadata, url_of
from keys.jwk import to_jwk
from keys.local import LocalSigner
from keys.record import KeyRecord
from problems import MalformedValueError, Problem, ProofVerificationError, RetrievalError

ISSUER = "https://certifier.example/tenants/one"
PLACE = "https://certifier.example/.well-known/jwt-vc-issuer/tenants/one"
JWKS = "https://certifier.example/jwks.json"
KEY = LocalSigner.from_secret("P-256", bytes(31) + b"\1").public_key
JWK = {**to_jwk(KEY), "kid": "key-1"}


@pytest.mark.parametrize(
    ("issuer", "place"),
    [
        ("https://certifier.example", "https://certifier.example/.well-known/jwt-vc-issuer"),
        ("https://certifier.example/", "https://certifier.example/.well-known/jwt-vc-issuer"),
        (ISSUER, PLACE),
        (ISSUER + "/", PLACE),
        ("https://certifier.example:8443/a", "https://certifier.example:8443/.well-known/jwt-vc-issuer/a"),
    ],
)
def test_the_path_is_inserted_not_appended(issuer, place):
    """SD-JWT VC §5.1."""
    assert url_of(issuer) == place


@pytest.mark.parametrize(
    "issuer", ["http://certifier.example", "https://127.0.0.1", "https://certifier.example?x=1", "certifier"]
)
def test_a_strange_address_is_refused(issuer):
    with pytest.raises(MalformedValueError, match=r"url\.refused"):
        HttpsIssuer(Nowhere()).resolve(issuer + "#key-1", "assertionMethod")


def test_the_key_is_found_by_its_kid(pin):
    keys = resolver(pin(PLACE, {"issuer": ISSUER, "jwks": {"keys": [{**JWK, "kid": "other"}, JWK]}}))
    found = keys.resolve(ISSUER + "#key-1", "assertionMethod")
    assert (found.key, found.controller, found.verification_method) == (KEY, ISSUER, ISSUER + "#key-1")


def test_the_keys_may_stand_elsewhere_and_come_from_the_same_source(pin):
    pin(PLACE, {"issuer": ISSUER, "jwks_uri": JWKS})
    with pytest.raises(RetrievalError, match=r"source\.not_pinned"):
        resolver(pin(PLACE, {"issuer": ISSUER, "jwks_uri": JWKS})).resolve(
            ISSUER + "#key-1", "assertionMethod"
        )
    assert resolver(pin(JWKS, {"keys": [JWK]})).resolve(ISSUER + "#key-1", "assertionMethod").key == KEY


BAD: dict[str, tuple[Json, type[Problem], str]] = {
    "issuer of another": (
        {"issuer": "https://other.example", "jwks": {"keys": [JWK]}},
        MalformedValueError,
        "issuer_metadata.issuer",
    ),
    "issuer with a slash more": (
        {"issuer": ISSUER + "/", "jwks": {"keys": [JWK]}},
        MalformedValueError,
        "issuer_metadata.issuer",
    ),
    "no issuer": ({"jwks": {"keys": [JWK]}}, MalformedValueError, "issuer_metadata.issuer"),
    "no keys": ({"issuer": ISSUER}, MalformedValueError, "issuer_metadata.keys"),
    "keys in two ways": (
        {"issuer": ISSUER, "jwks": {"keys": [JWK]}, "jwks_uri": JWKS},
        MalformedValueError,
        "issuer_metadata.keys",
    ),
    "keys at a private address": (
        {"issuer": ISSUER, "jwks_uri": "https://169.254.169.254/jwks"},
        MalformedValueError,
        "url.refused",
    ),
    "keys no list": ({"issuer": ISSUER, "jwks": {"keys": {}}}, MalformedValueError, "shape.list_expected"),
    "kid unknown": (
        {"issuer": ISSUER, "jwks": {"keys": [{**JWK, "kid": "x"}]}},
        ProofVerificationError,
        "did.key_not_listed",
    ),
    "kid missing": (
        {"issuer": ISSUER, "jwks": {"keys": [to_jwk(KEY)]}},
        ProofVerificationError,
        "did.key_not_listed",
    ),
    "kid twice": ({"issuer": ISSUER, "jwks": {"keys": [JWK, JWK]}}, MalformedValueError, "did.duplicate_key"),
    "secret key": (
        {"issuer": ISSUER, "jwks": {"keys": [{**JWK, "d": "AQ"}]}},
        MalformedValueError,
        "key.secret_shown",
    ),
    "key for encryption": (
        {"issuer": ISSUER, "jwks": {"keys": [{**JWK, "use": "enc"}]}},
        MalformedValueError,
        "key.not_for_signing",
    ),
    "ten thousand keys": ({"issuer": ISSUER, "jwks": {"keys": [{}] * 10_000}}, Problem, "did.too_many_keys"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_metadata_are_refused(pin, name):
    found, kind, code = BAD[name]
    with pytest.raises(kind) as caught:
        resolver(pin(PLACE, found)).resolve(ISSUER + "#key-1", "assertionMethod")
    assert caught.value.code == code


def test_such_a_key_does_not_log_in(pin):
    keys = resolver(pin(PLACE, {"issuer": ISSUER, "jwks": {"keys": [JWK]}}))
    with pytest.raises(ProofVerificationError, match=r"did\.purpose"):
        keys.resolve(ISSUER + "#key-1", "authentication")


@pytest.mark.parametrize("name", [ISSUER, ISSUER + "#"])
def test_a_key_has_a_name(name, tmp_path):
    with pytest.raises(MalformedValueError, match=r"did\.url_invalid"):
        HttpsIssuer(Mirror(tmp_path)).resolve(name, "assertionMethod")


def test_what_is_published_is_resolved_and_a_revoked_key_is_gone(pin, now: dt.datetime):
    retired = KeyRecord("key-1", KEY, "retired", now)
    login = KeyRecord("key-2", KEY, "active", now, ("authentication",))
    published = metadata(ISSUER, [retired, login])
    assert published == {"issuer": ISSUER, "jwks": {"keys": [{**JWK, "use": "sig", "alg": "ES256"}]}}
    assert resolver(pin(PLACE, published)).resolve(ISSUER + "#key-1", "assertionMethod").key == KEY
    keys = resolver(pin(PLACE, metadata(ISSUER, [retired.revoked("compromised", now)])))
    with pytest.raises(ProofVerificationError, match=r"did\.key_not_listed"):
        keys.resolve(ISSUER + "#key-1", "assertionMethod")


def test_as_many_keys_as_lawful_are_read(pin):
    others: list[Json] = [
        {**JWK, "kid": f"key-{number}"} for number in range(2, limits.VERIFICATION_METHODS + 1)
    ]
    found = {"issuer": ISSUER, "jwks": {"keys": [*others, JWK]}}
    assert resolver(pin(PLACE, found)).resolve(ISSUER + "#key-1", "assertionMethod").key == KEY


def test_no_metadata_are_made_for_a_strange_address():
    with pytest.raises(MalformedValueError, match=r"url\.refused"):
        metadata("http://certifier.example", [])
