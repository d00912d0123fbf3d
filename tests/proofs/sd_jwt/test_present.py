"""What a holder shows: what they chose, what it stands in, and nothing else."""

import datetime as dt
from typing import Any

import pytest

from boundary import base64url
from keys.local import LocalSigner
from problems import Problem
from proofs import jws
from proofs.sd_jwt import disclosed, issue, parse, present, verify
from proofs.sd_jwt.disclosure import decode


@pytest.fixture(scope="module")
def credential(parties: Any) -> str:
    claims = parties.claims(
        given_name="Ada-hidden",
        birth_date="1990-02-28",
        skills=["welding", {"name": "brazing", "level": {"value": 3}}, "soldering"],
        permanent="shown",
    )
    selective = [
        ("given_name",),
        ("birth_date",),
        ("skills",),
        *(("skills", i) for i in range(3)),
        ("skills", 1, "level"),
    ]
    return issue(claims, selective, parties.issuer, decoys=2)


def test_each_disclosure_is_listed_with_its_value(credential: str) -> None:
    assert disclosed(parse(credential)) == {
        ("given_name",): "Ada-hidden",
        ("birth_date",): "1990-02-28",
        ("skills",): ["welding", {"name": "brazing", "level": {"value": 3}}, "soldering"],
        ("skills", 0): "welding",
        ("skills", 1): {"name": "brazing", "level": {"value": 3}},
        ("skills", 1, "level"): {"value": 3},
        ("skills", 2): "soldering",
    }


@pytest.mark.parametrize(
    ("reveal", "shown"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([("given_name",)], {"given_name": "Ada-hidden"}, id="a-claim"),
        pytest.param([("skills",)], {"skills": []}, id="a-list-without-its-elements"),
        pytest.param([("skills", 2)], {"skills": ["soldering"]}, id="an-element-brings-its-list"),
        pytest.param([("skills", 1)], {"skills": [{"name": "brazing"}]}, id="an-element-without-its-parts"),
        pytest.param(
            [("skills", 1, "level")],
            {"skills": [{"name": "brazing", "level": {"value": 3}}]},
            id="a-part-brings-all-it-stands-in",
        ),
        pytest.param(
            [("skills", 2), ("skills", 0), ("skills", 0)],
            {"skills": ["welding", "soldering"]},
            id="in-the-issuers-order",
        ),
    ],
)
def test_the_verifier_sees_what_was_chosen(credential: str, parties: Any, reveal: Any, shown: Any) -> None:
    text = present(credential, reveal, parties.binding())
    verified = verify(text, parties.keys, now=parties.now, holder=parties.expectation())
    assert verified.payload == parties.claims(permanent="shown", **shown)
    assert parse(text).issuer_jwt == parse(credential).issuer_jwt == verified.issuer_jwt


def test_what_is_hidden_is_not_in_the_bytes(credential: str, parties: Any) -> None:
    text = present(credential, [("skills", 0)], parties.binding())
    sd_jwt = parse(text)
    readable = [decode(encoded).encoded for encoded in sd_jwt.disclosures]
    everything = text.encode() + b"".join(
        base64url.decode(part)
        for token in (sd_jwt.issuer_jwt, *readable, str(sd_jwt.key_binding))
        for part in token.split(".")
    )
    for value in (b"Ada-hidden", b"1990-02-28", b"brazing", b"soldering", b"given_name"):
        assert value not in everything
    assert b"welding" in everything


def test_a_presentation_can_be_narrowed_before_it_is_bound(credential: str) -> None:
    """Paths are then positions in what is still held: the element at 2 has moved to 1."""
    once = present(credential, [("skills", 0), ("skills", 2)])
    assert disclosed(parse(once))[("skills", 1)] == "soldering"
    twice = present(once, [("skills", 1)])
    assert disclosed(parse(twice)) == {("skills",): ["soldering"], ("skills", 0): "soldering"}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(("unknown",), id="unknown"),
        pytest.param((), id="the-whole"),
        pytest.param(("permanent",), id="always-shown"),
        pytest.param(("iss",), id="a-registered-claim"),
        pytest.param(("skills", 1, "name"), id="part-of-an-item"),
        pytest.param(("skills", 3), id="a-decoy"),
        pytest.param(("skills", "0"), id="position-as-text"),
    ],
)
def test_what_is_no_disclosure_is_not_shown(credential: str, path: Any) -> None:
    with pytest.raises(Problem) as caught:
        present(credential, [("given_name",), path])
    assert caught.value.code == "sdjwt.path_not_disclosable"


def test_a_presentation_is_not_presented_again(credential: str, parties: Any) -> None:
    once = present(credential, [], parties.binding())
    with pytest.raises(Problem) as caught:
        present(once, [], parties.binding())
    assert caught.value.code == "sdjwt.unexpected_kb"


@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519"])
def test_only_the_holder_binds(credential: str, parties: Any, algorithm: Any) -> None:
    with pytest.raises(Problem) as caught:
        present(credential, [], parties.binding(signer=LocalSigner.generate(algorithm)))
    assert caught.value.code == "kb.not_the_holder"


def test_a_credential_without_holder_key_is_shown_but_not_bound(parties: Any) -> None:
    text = issue(parties.claims(cnf=None, name="Ada"), [("name",)], parties.issuer)
    assert present(text, []) == parse(text).issuer_jwt + "~"
    with pytest.raises(Problem) as caught:
        present(text, [], parties.binding())
    assert caught.value.code == "kb.not_the_holder"


def test_the_binding_says_who_when_and_until_when(credential: str, parties: Any) -> None:
    expires = parties.now + dt.timedelta(days=30)
    token = parse(present(credential, [], parties.binding(expires=expires))).key_binding
    signed = jws.parse(str(token))
    assert signed.header == {"alg": "ES256", "typ": "kb+jwt"}
    claims = jws.claims(signed)
    assert {name: claims[name] for name in claims if name != "sd_hash"} == {
        "iat": int(parties.now.timestamp()),
        "aud": parties.audience,
        "nonce": parties.nonce,
        "exp": int(expires.timestamp()),
    }


@pytest.mark.parametrize("text", ["", "x", "x~", "a.b.c~", "e30.e30.e30~", "{", "{}", "~~~", "é~"])
def test_anything_else_is_refused_with_a_code(text: str, parties: Any) -> None:
    with pytest.raises(Problem):
        present(text, [], parties.binding())
