"""What an issuer hides, how, and what it refuses to sign."""

import hashlib
import math
from typing import Any

import pytest

from boundary import base64url, limits
from keys.jwk import to_jwk
from keys.local import LocalSigner, secret_of
from problems import LimitError, Problem, ProofGenerationError
from proofs import jws
from proofs.sd_jwt import disclosed, issue, parse, receive
from proofs.sd_jwt.disclosure import decode


def counter() -> Any:
    """A source of bytes that never repeats and always starts the same."""
    calls = iter(range(10**9))
    return lambda size: hashlib.shake_256(str(next(calls)).encode()).digest(size)


def signed(text: str) -> dict[str, Any]:
    return jws.claims(jws.parse(parse(text).issuer_jwt))


@pytest.fixture
def credential(parties: Any) -> dict[str, Any]:
    claims: dict[str, Any] = parties.claims(
        given_name="Ada",
        address={"street": "1 rue X", "city": "Lyon"},
        skills=["welding", {"name": "brazing", "level": 3}],
    )
    return claims


ALL = [
    ("given_name",),
    ("address",),
    ("address", "street"),
    ("skills",),
    ("skills", 0),
    ("skills", 1),
    ("skills", 1, "level"),
]


def test_every_path_becomes_a_disclosure(credential: Any, parties: Any) -> None:
    text = issue(credential, ALL, parties.issuer)
    assert set(disclosed(parse(text))) == set(ALL)
    assert set(signed(text)) == {"iss", "vct", "cnf", "_sd", "_sd_alg"}
    assert receive(text, parties.keys, now=parties.now).payload == credential


def test_the_header_names_algorithm_type_and_key(credential: Any, parties: Any) -> None:
    text = issue(
        credential, [], parties.issuer, header={"vctm": ["e30"], "typ": "x", "kid": "x", "alg": "none"}
    )
    assert jws.parse(parse(text).issuer_jwt).header == {
        "alg": "ES256",
        "typ": "dc+sd-jwt",
        "kid": parties.issuer.verification_method,
        "vctm": ["e30"],
    }


def test_the_payload_given_is_left_alone(credential: Any, parties: Any) -> None:
    before = repr(credential)
    issue(credential, ALL, parties.issuer, decoys=3)
    assert repr(credential) == before


def test_the_same_randomness_gives_the_same_bytes(credential: Any, parties: Any) -> None:
    """Nothing else varies: keys sign deterministically, digests are sorted."""
    first, second = (issue(credential, ALL, parties.issuer, decoys=2, random=counter()) for _ in range(2))
    assert first == second
    assert issue(credential, ALL, parties.issuer) != issue(credential, ALL, parties.issuer)


def test_salts_have_128_bits_and_never_repeat(parties: Any) -> None:
    """SD-035: 100 credentials of 100 claims, from the system's own randomness."""
    claims = parties.claims(**{f"c{i}": i for i in range(100)})
    paths = [(f"c{i}",) for i in range(100)]
    salts = [
        decode(encoded).salt
        for _ in range(100)
        for encoded in parse(issue(claims, paths, parties.issuer)).disclosures
    ]
    assert len(salts) == len(set(salts)) == 10_000
    assert {len(base64url.decode(salt)) for salt in salts} == {16}


def test_the_order_of_digests_tells_nothing(parties: Any) -> None:
    """SD-036: over 1,000 credentials a claim's place among the digests says nothing of its place."""
    names = [f"c{i}" for i in range(10)]
    claims = parties.claims(**dict.fromkeys(names, 1))
    random = counter()
    products = []
    for _ in range(1000):
        text = issue(claims, [(name,) for name in names], parties.issuer, random=random)
        digests = signed(text)["_sd"]
        assert digests == sorted(digests)
        for encoded in parse(text).disclosures:
            place = digests.index(base64url.encode(hashlib.sha256(encoded.encode()).digest()))
            products.append((place - 4.5) * (names.index(str(decode(encoded).name)) - 4.5))
    correlation = sum(products) / len(products) / ((10**2 - 1) / 12)
    assert math.fabs(correlation) < 0.05


def test_an_absent_claim_does_not_show_in_the_number_of_digests(parties: Any) -> None:
    """SD-037: padded with decoys, with and without an optional claim look alike."""
    optional = {"mention": "Très bien"}
    numbers = set()
    for extra in (optional, {}):
        skills = ["a", "b", "c"] if extra else ["a"]
        claims = parties.claims(name="Ada", inner={"x": 1} | extra, skills=skills, **extra)
        paths = [("name",), ("inner", "x"), *(("skills", i) for i in range(len(skills)))]
        paths += [("mention",), ("inner", "mention")] if extra else []
        payload = signed(issue(claims, paths, parties.issuer, pad_to=4))
        numbers.add((len(payload["_sd"]), len(payload["inner"]["_sd"]), len(payload["skills"])))
    assert numbers == {(4, 4, 4)}


def test_decoys_look_like_digests_and_change_nothing(credential: Any, parties: Any) -> None:
    text = issue(credential, [("given_name",), ("skills", 0)], parties.issuer, decoys=3)
    payload = signed(text)
    assert len(payload["_sd"]) == 4
    assert len(payload["skills"]) == 2 + 3
    digests = payload["_sd"] + [element["..."] for element in payload["skills"] if "..." in element]
    assert {len(digest) for digest in digests} == {43}
    assert len(set(digests)) == len(digests)
    assert receive(text, parties.keys, now=parties.now).payload == credential


def test_a_credential_that_hides_nothing_may_still_have_decoys(credential: Any, parties: Any) -> None:
    assert "_sd" not in signed(issue(credential, [], parties.issuer))
    assert len(signed(issue(credential, [], parties.issuer, decoys=3))["_sd"]) == 3


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(("unknown",), id="no-such-claim"),
        pytest.param((), id="the-whole"),
        pytest.param(("skills", 2), id="beyond-the-end"),
        pytest.param(("skills", -1), id="from-the-end"),
        pytest.param(("skills", "0"), id="position-as-text"),
        pytest.param(("given_name", 0), id="inside-a-text"),
        pytest.param(("address", 0), id="position-in-an-object"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(credential: Any, parties: Any, path: Any) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        issue(credential, [path], parties.issuer)
    assert caught.value.code == "sdjwt.path_unknown"


@pytest.mark.parametrize(
    "path",
    [
        ("iss",),
        ("cnf",),
        ("vct",),
        ("cnf", "jwk"),
        ("exp",),
        ("nbf",),
        ("status",),
        ("status", "status_list"),
    ],
)
def test_what_limits_the_credential_is_never_hidden(parties: Any, path: Any) -> None:
    claims = parties.claims(exp=1, nbf=1, status={"status_list": {"idx": 1}})
    with pytest.raises(Problem) as caught:
        issue(claims, [path], parties.issuer)
    assert caught.value.code == "sdjwt.claim_not_disclosable"


@pytest.mark.parametrize(
    "claims",
    [
        {"_sd": ["x"]},
        {"_sd_alg": "sha-256"},
        {"...": "x"},
        {"in": {"_sd": []}},
        {"in": [{"...": "x"}]},
        {"in": [[{"a": {"_sd_alg": "x"}}]]},
    ],
)
def test_reserved_names_are_refused(parties: Any, claims: dict[str, Any]) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        issue(parties.claims(**claims), [], parties.issuer)
    assert caught.value.code == "sdjwt.reserved_name"


def test_what_no_verifier_accepts_is_not_issued(parties: Any) -> None:
    secret = to_jwk(parties.holder.public_key) | {"d": base64url.encode(secret_of(parties.holder))}
    deep: Any = "leaf"
    for _ in range(limits.SD_JWT_DEPTH):
        deep = [deep]
    for changed, code in (
        ({"vct": None}, "sdjwt.vct_missing"),
        ({"vct": 7}, "shape.text_expected"),
        ({"iss": "did:web:other.example"}, "sdjwt.issuer_key_mismatch"),
        ({"iss": 7}, "shape.text_expected"),
        ({"cnf": {"jwk": secret}}, "key.secret_shown"),
        ({"cnf": "x"}, "shape.object_expected"),
        ({"n": float("nan")}, "jose.unreadable"),
        ({"n": 2**53}, "jose.unreadable"),
        ({"n": "\ud800"}, "jose.unreadable"),
        ({"n": deep}, "sdjwt.too_complex"),
    ):
        with pytest.raises(Problem) as caught:
            issue(parties.claims(**changed), [], parties.issuer)
        assert caught.value.code == code
    with pytest.raises(Problem) as caught:
        issue(parties.claims(n=2**53), [("n",)], parties.issuer)
    assert caught.value.code == "jose.unreadable"
    with pytest.raises(LimitError) as caught:
        issue(parties.claims(n=[1] * 1001), [("n", i) for i in range(1001)], parties.issuer)
    assert caught.value.code == "sdjwt.too_complex"


def test_headers_that_no_verifier_accepts_are_not_issued(credential: Any, parties: Any) -> None:
    for header, code in (
        ({"crit": ["x"]}, "jose.crit_unsupported"),
        ({"x5c": ["MII"]}, "x509.malformed"),
        ({"jwk": {}}, "jose.untrusted_key"),
    ):
        with pytest.raises(Problem) as caught:
            issue(credential, [], parties.issuer, header=header)
        assert caught.value.code == code


def test_an_issuer_may_be_an_address(parties: Any, pinned: Any) -> None:
    signer = LocalSigner.generate("P-256", "https://issuer.example#key-1")
    text = issue(parties.claims(iss="https://issuer.example"), [], signer)
    keys = pinned({"https://issuer.example#key-1": to_jwk(signer.public_key)})
    assert receive(text, keys, now=parties.now).key.controller == "https://issuer.example"
