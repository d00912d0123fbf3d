"""Signed tokens: nothing in their header chooses how they are verified."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import joserfc.jws
import pytest
from joserfc.jwk import import_key

from boundary import base64url, limits
from keys.jwk import from_jwk, to_jwk
from keys.local import LocalSigner, secret_of
from keys.signer import Algorithm
from problems import LimitError, ParsingError, Problem, ProofGenerationError, ProofVerificationError
from proofs import jws

ALGORITHMS: dict[Algorithm, str] = {"P-256": "ES256", "P-384": "ES384", "Ed25519": "EdDSA"}
TYP = {"test+jwt"}
TOO_DEEP: Any = "v"
for _ in range(limits.JSON_DEPTH):
    TOO_DEEP = [TOO_DEEP]


@pytest.fixture(scope="module")
def signer() -> LocalSigner:
    return LocalSigner.generate("P-256")


@pytest.fixture(scope="module")
def token(signer: LocalSigner) -> str:
    return jws.sign({"typ": "test+jwt", "kid": "k1"}, {"name": "Möbius"}, signer)


def with_header(signer: LocalSigner, **members: Any) -> str:
    """Return a token whose header says what it likes, properly signed."""
    header = {"alg": "ES256", "typ": "test+jwt", "kid": "k1"} | members
    return signed(signer, json.dumps({name: value for name, value in header.items() if value is not None}))


def signed(signer: LocalSigner, header: str, payload: str = "{}") -> str:
    signing_input = ".".join(base64url.encode(part.encode()) for part in (header, payload))
    return f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode()))}"


def verified(token: str, signer: LocalSigner) -> Any:
    parsed = jws.parse(token)
    jws.verify(parsed, signer.public_key, typ=TYP)
    return jws.claims(parsed)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_signed_verifies_and_names_its_algorithm(algorithm: Algorithm) -> None:
    signer = LocalSigner.generate(algorithm)
    token = jws.sign({"typ": "test+jwt", "alg": "none"}, {"name": "Möbius"}, signer)
    assert verified(token, signer) == {"name": "Möbius"}
    assert jws.parse(token).header["alg"] == ALGORITHMS[algorithm]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_second_implementation_agrees(algorithm: Algorithm) -> None:
    """joserfc verifies ours, we verify joserfc's."""
    signer, name = LocalSigner.generate(algorithm), ALGORITHMS[algorithm]
    ours = jws.sign({"typ": "test+jwt"}, {"name": "Möbius"}, signer)
    public = import_key(dict(to_jwk(signer.public_key)))
    assert json.loads(joserfc.jws.deserialize_compact(ours, public, [name]).payload) == {"name": "Möbius"}
    private = import_key(to_jwk(signer.public_key) | {"d": base64url.encode(secret_of(signer))})
    theirs = joserfc.jws.serialize_compact({"alg": name, "typ": "test+jwt"}, b'{"a":1}', private, [name])
    assert verified(theirs, signer) == {"a": 1}


def test_the_fully_specified_name_of_ed25519_is_understood() -> None:
    signer = LocalSigner.generate("Ed25519")
    assert verified(with_header(signer, alg="Ed25519"), signer) == {}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(
            lambda parts: [parts[0], base64url.encode(b'{"name":"Mobius"}'), parts[2]], id="payload"
        ),
        pytest.param(
            lambda parts: [base64url.encode(b'{"alg":"ES256","typ":"test+jwt","kid":"k2"}'), *parts[1:]],
            id="header",
        ),
        pytest.param(lambda parts: [*parts[:2], base64url.encode(bytes(64))], id="signature-of-zeros"),
        pytest.param(lambda parts: [*parts[:2], base64url.encode(bytes(63))], id="signature-cut"),
        pytest.param(lambda parts: [*parts[:2], ""], id="signature-stripped"),
    ],
)
def test_a_changed_token_is_refused(token: str, signer: LocalSigner, changed: Any) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        verified(".".join(changed(token.split("."))), signer)
    assert caught.value.code in {"signature.invalid", "signature.length"}


def test_another_key_is_refused(token: str) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        verified(token, LocalSigner.generate("P-256"))
    assert caught.value.code == "signature.invalid"


@pytest.mark.parametrize("algorithm", ["P-384", "Ed25519"])
def test_the_algorithm_must_be_that_of_the_key(token: str, algorithm: Algorithm) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        verified(token, LocalSigner.generate(algorithm))
    assert caught.value.code == "jose.key_type"


@pytest.mark.parametrize(
    "alg",
    ["none", "None", "HS256", "RS256", "PS256", "ES512", "ES256K", "es256", "ES256 ", "", 7, None, ["ES256"]],
)
def test_algorithms_off_the_list_are_refused(signer: LocalSigner, alg: Any) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        jws.parse(with_header(signer, alg=alg))
    assert caught.value.code == "jose.alg_not_allowed"


@pytest.mark.parametrize(
    "typ", [None, "JWT", "TEST+JWT", "application/test+jwt", "test+jw", "", ["test+jwt"], 1]
)
def test_typ_is_compared_to_the_letter(signer: LocalSigner, typ: Any) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        verified(with_header(signer, typ=typ), signer)
    assert caught.value.code == "jose.wrong_typ"


def test_a_bare_text_is_no_collection_of_types(token: str, signer: LocalSigner) -> None:
    """``typ="test+jwt+more"`` would contain it as a part."""
    with pytest.raises(ProofVerificationError):
        jws.verify(jws.parse(token), signer.public_key, typ="test+jwt+more")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        pytest.param({"crit": ["exp"]}, "jose.crit_unsupported", id="crit"),
        pytest.param({"crit": []}, "jose.crit_unsupported", id="crit-empty"),
        pytest.param({"b64": True}, "jose.crit_unsupported", id="b64"),
        pytest.param({"zip": "DEF"}, "jose.crit_unsupported", id="zip"),
        pytest.param({"jku": "https://attacker.example"}, "jose.untrusted_key", id="jku"),
        pytest.param({"x5u": "https://attacker.example"}, "jose.untrusted_key", id="x5u"),
    ],
)
def test_headers_that_ask_for_more_are_refused(
    signer: LocalSigner, members: dict[str, Any], code: str
) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        jws.parse(with_header(signer, **members))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("members", "code"),
    [
        pytest.param({"jwk": {}}, "jose.untrusted_key", id="jwk"),
        pytest.param({"x5c": ["MII"]}, "jose.x5c_unsupported", id="x5c"),
        pytest.param({"kid": None}, "jose.untrusted_key", id="no-kid"),
        pytest.param({"kid": 42}, "jose.untrusted_key", id="kid-number"),
        pytest.param({"kid": ""}, "jose.untrusted_key", id="kid-empty"),
        pytest.param({"kid": "k1\n"}, "jose.untrusted_key", id="kid-newline"),
        pytest.param({"kid": "k 1"}, "jose.untrusted_key", id="kid-space"),
        pytest.param({"kid": "clé"}, "jose.untrusted_key", id="kid-not-ascii"),
        pytest.param({"kid": "k" * 2049}, "jose.untrusted_key", id="kid-long"),
    ],
)
def test_a_key_is_found_by_its_name_alone(signer: LocalSigner, members: dict[str, Any], code: str) -> None:
    parsed = jws.parse(with_header(signer, **members))
    with pytest.raises(ProofVerificationError) as caught:
        jws.key_id(parsed)
    assert caught.value.code == code
    assert jws.key_id(jws.parse(with_header(signer))) == "k1"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("e30.e30", id="two-segments"),
        pytest.param("e30.e30.e30.e30", id="four-segments"),
        pytest.param("e30.e30.e30.e30.e30", id="jwe"),
        pytest.param("..", id="empty-segments"),
        pytest.param("W10.e30.e30", id="header-no-object"),
        pytest.param("é.e30.e30", id="not-ascii"),
        pytest.param("\ud800.e30.e30", id="lone-surrogate"),
    ],
)
def test_what_is_no_compact_token_is_refused(text: str) -> None:
    with pytest.raises(ParsingError) as caught:
        jws.parse(text)
    assert caught.value.code == "jose.malformed"


@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize("addition", ["=", "\n", " ", "+", "/"])
def test_a_segment_has_one_spelling(token: str, segment: int, addition: str) -> None:
    parts = token.split(".")
    parts[segment] += addition
    with pytest.raises(ParsingError) as caught:
        jws.parse(".".join(parts))
    assert caught.value.code == "jose.malformed"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param('{"alg":"none","alg":"ES256","typ":"test+jwt"}', id="duplicate-name"),
        pytest.param('{"alg":"ES256","typ":"test+jwt","n":NaN}', id="nan"),
        pytest.param('{"alg":"ES256","typ":"test+jwt","n":' + "[" * 100 + "]" * 100 + "}", id="deep"),
    ],
)
def test_headers_and_payloads_are_strict_json(signer: LocalSigner, header: str) -> None:
    with pytest.raises(ParsingError) as caught:
        jws.parse(signed(signer, header))
    assert caught.value.code == "jose.malformed"
    parsed = jws.parse(signed(signer, '{"alg":"ES256","typ":"test+jwt"}', header))
    with pytest.raises(ParsingError) as caught:
        jws.claims(parsed)
    assert caught.value.code == "jose.malformed"


def test_sizes_are_limited(token: str) -> None:
    """At the limit a token is merely malformed, one character beyond it is not even looked at."""
    head, body, tail = token.split(".")
    room = limits.JWS_BYTES - len(f"{head}..{tail}")
    for text in (f"{head}.{'=' * room}.{tail}", f"{'=' * limits.JOSE_HEADER_BYTES}.{body}.{tail}"):
        with pytest.raises(ParsingError):
            jws.parse(text)
        with pytest.raises(LimitError) as caught:
            jws.parse(text.replace("==", "===", 1))
        assert caught.value.code == "jose.too_large"


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 2**53, "\ud800", pytest.param(TOO_DEEP, id="deep")],
)
def test_what_our_reader_refuses_is_never_signed(signer: LocalSigner, value: Any) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        jws.sign({"typ": "test+jwt"}, {"v": value}, signer)
    assert caught.value.code == "jose.unreadable"


def wycheproof(fixtures: Path, name: str) -> Any:
    return json.loads((fixtures / "abuse" / "fixtures" / "wycheproof" / name).read_text("utf-8"))[
        "testGroups"
    ]


def accepts(jwk: dict[str, Any], token: str) -> bool:
    """Verify as the project does; these tokens have no ``typ``, so one is taken for granted."""
    try:
        key = from_jwk(jwk)
        parsed = jws.parse(token)
        typed = dataclasses.replace(parsed, header=parsed.header | {"typ": "test+jwt"})
        jws.verify(typed, key, typ=TYP)
    except Problem:
        return False
    return True


@pytest.mark.parametrize(
    ("file", "ours", "invalid"),
    [
        pytest.param("json_web_signature_test.json", 2, 355, id="JO-016"),
        pytest.param("json_web_key_test.json", 0, 21, id="JO-018-keys"),
        pytest.param("json_web_crypto_test.json", 1, 77, id="JO-018-crypto"),
    ],
)
def test_wycheproof(fixtures: Path, file: str, ours: int, invalid: int) -> None:
    """Every invalid token is refused, every valid one made with our algorithms is accepted.

    Valid tokens of algorithms that are not ours (HMAC, RSA, P-521) are refused like the others. What is
    encrypted (JWE) is malformed to a reader of signed tokens.
    """
    accepted, refused = 0, 0
    for group in wycheproof(fixtures, file):
        keys = group.get("public") or group["private"]
        for test in group["tests"]:
            token = test["jws"] if "jws" in test else test["jwe"]
            result = any(accepts(public_part(jwk), token) for jwk in keys.get("keys", [keys]))
            assert result == (test["result"] == "valid" and keys.get("alg") == "ES256"), test
            accepted += result
            refused += test["result"] == "invalid"
    assert (accepted, refused) == (ours, invalid)


def public_part(jwk: dict[str, Any]) -> dict[str, Any]:
    """These files give an EC key with its secret; ours are public from the start."""
    return {name: value for name, value in jwk.items() if name != "d" or jwk.get("kty") != "EC"}
