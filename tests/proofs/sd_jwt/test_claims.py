"""Names of keys, dates and other claims of an SD-JWT VC."""

import datetime as dt
from typing import Any

import pytest

from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import MalformedValueError, Problem, ProofVerificationError, RangeError
from proofs.sd_jwt import check_dates
from proofs.sd_jwt.claims import holder_key, issuer_key_name

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DID, OTHER = "did:web:issuer.example", "did:web:other.example"


@pytest.mark.parametrize(
    ("kid", "iss", "name"),
    [
        pytest.param(f"{DID}#key-1", DID, f"{DID}#key-1", id="absolute"),
        pytest.param(f"{DID}#key-1", None, f"{DID}#key-1", id="absolute-without-iss"),
        pytest.param("#key-1", DID, f"{DID}#key-1", id="relative"),
        pytest.param("key-1", DID, f"{DID}#key-1", id="bare"),
        pytest.param("key-1", "https://issuer.example", "https://issuer.example#key-1", id="https"),
        pytest.param(
            "https://issuer.example#key-1",
            "https://issuer.example",
            "https://issuer.example#key-1",
            id="https-absolute",
        ),
    ],
)
def test_a_key_is_named_by_kid_and_iss(kid: str, iss: Any, name: str) -> None:
    assert issuer_key_name(kid, {} if iss is None else {"iss": iss}) == name


@pytest.mark.parametrize(
    ("kid", "iss"),
    [
        pytest.param(f"{OTHER}#key-1", DID, id="another-party"),
        pytest.param(f"{DID}.attacker.example#key-1", DID, id="another-party-that-begins-alike"),
        pytest.param(f"{DID}#key-1", "", id="empty-iss"),
        pytest.param(f"{DID}?service=x#key-1", DID, id="query"),
        pytest.param(f"{DID}#a#b", DID, id="two-fragments"),
        pytest.param("key-1", None, id="bare-without-iss"),
        pytest.param("#key-1", None, id="relative-without-iss"),
        pytest.param("#", DID, id="empty-fragment"),
        pytest.param(f"{DID}#", DID, id="absolute-empty-fragment"),
        pytest.param("../../dev/null", DID, id="path"),
        pytest.param("key-é", DID, id="not-ascii"),
        pytest.param("k" * 1025, DID, id="long"),
    ],
)
def test_a_key_of_one_party_never_speaks_for_another(kid: str, iss: Any) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        issuer_key_name(kid, {} if iss is None else {"iss": iss})
    assert caught.value.code == "sdjwt.issuer_key_mismatch"


def seconds(**offset: float) -> int:
    return int((NOW + dt.timedelta(**offset)).timestamp())


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="no-dates"),
        pytest.param({"iat": seconds(days=-9), "nbf": seconds(days=-8), "exp": seconds(days=1)}, id="within"),
        pytest.param({"exp": seconds(seconds=-59)}, id="expired-within-the-skew"),
        pytest.param({"nbf": seconds(seconds=60)}, id="begins-within-the-skew"),
        pytest.param({"iat": seconds(seconds=60)}, id="issued-within-the-skew"),
        pytest.param({"exp": seconds(days=1) + 0.5}, id="fraction"),
    ],
)
def test_dates_that_hold(claims: Any) -> None:
    check_dates(claims, NOW)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param({"exp": seconds(seconds=-60)}, "sdjwt.expired", id="expired"),
        pytest.param({"exp": 0}, "sdjwt.expired", id="expired-long-ago"),
        pytest.param({"nbf": seconds(seconds=61)}, "sdjwt.not_yet_valid", id="not-yet-valid"),
        pytest.param({"iat": seconds(seconds=61)}, "sdjwt.issued_in_future", id="issued-in-the-future"),
    ],
)
def test_dates_that_do_not_hold(claims: Any, code: str) -> None:
    with pytest.raises(RangeError) as caught:
        check_dates(claims, NOW)
    assert caught.value.code == code
    assert str(caught.value.facts["at"])[:4] in caught.value.says("fr").what


def test_the_skew_is_the_callers() -> None:
    check_dates({"exp": seconds(minutes=-9)}, NOW, dt.timedelta(minutes=10))
    with pytest.raises(RangeError):
        check_dates({"exp": seconds()}, NOW, dt.timedelta(0))


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1795248000", True, None, [], {}, 2**53 - 1, -(2**53) + 1])
def test_malformed_dates_are_refused(name: str, value: Any) -> None:
    with pytest.raises(MalformedValueError) as caught:
        check_dates({name: value}, NOW)
    assert caught.value.code == "sdjwt.date_malformed"


def test_the_holders_key_stands_in_cnf_or_nowhere() -> None:
    key = LocalSigner.generate("Ed25519").public_key
    jwk = to_jwk(key)
    assert holder_key({"cnf": {"jwk": jwk}}) == key
    assert holder_key({}) is None
    for elsewhere in (
        {"kid": "k1"},
        {"jku": "https://a.example", "kid": "k1"},
        {"jwe": "x"},
        {"x5t#S256": "x"},
    ):
        assert holder_key({"cnf": elsewhere}) is None


@pytest.mark.parametrize(
    ("confirmation", "code"),
    [
        pytest.param("x", "shape.object_expected", id="text"),
        pytest.param(None, "shape.object_expected", id="null"),
        pytest.param({"jwk": "x"}, "shape.object_expected", id="jwk-text"),
        pytest.param({"jwk": {"kty": "oct", "k": "AAAA"}}, "key.secret_shown", id="symmetric"),
        pytest.param({"jwk": {"kty": "RSA", "n": "AAAA", "e": "AQAB"}}, "key.type_unsupported", id="rsa"),
    ],
)
def test_unsound_holder_keys_are_refused(confirmation: Any, code: str) -> None:
    with pytest.raises(Problem) as caught:
        holder_key({"cnf": confirmation})
    assert caught.value.code == code
