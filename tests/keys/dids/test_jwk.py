"""did:jwk: the identifier is a JSON Web Key."""

import json

import pytest

from boundary import base64url, limits
from keys.dids import jwk as did_jwk
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import MalformedValueError, Problem

# The P-256 example of the did:jwk method specification
EXAMPLE = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAi"
    "LCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)


def spell(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return "did:jwk:" + base64url.encode(text.encode())


def test_the_example_of_the_specification():
    found = resolver().resolve(EXAMPLE + "#0", "assertionMethod")
    assert (found.key.algorithm, found.controller) == ("P-256", EXAMPLE)
    assert to_jwk(found.key) == {
        "kty": "EC",
        "crv": "P-256",
        "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
        "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
    }


KEY = to_jwk(LocalSigner.generate("P-256").public_key)


@pytest.mark.parametrize(
    ("did", "code"),
    [
        ("did:jwk:", "did.invalid"),
        ("did:jwk:e30", "shape.text_expected"),
        (spell([]), "did.invalid"),
        (spell("not JSON"), "did.invalid"),
        (spell('{"kty":"EC","kty":"EC"}'), "did.invalid"),
        (spell(KEY) + "=", "did.invalid"),
        (spell(KEY) + "\n", "did.invalid"),
        (spell({**KEY, "note": "x" * 2000}), "did.invalid"),
        ("did:jwk:" + "A" * 100_000, "did.invalid"),
        (spell({**KEY, "d": KEY["x"]}), "key.secret_shown"),
        (spell({**KEY, "use": "enc"}), "key.not_for_signing"),
        (spell({**KEY, "y": KEY["x"]}), "key.not_on_curve"),
        (spell({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(bytes(32))}), "key.not_on_curve"),
    ],
    ids=[
        "empty",
        "no key",
        "a list",
        "not JSON",
        "duplicate name",
        "padding",
        "newline",
        "too long",
        "100 kB",
        "secret",
        "encryption",
        "beside the curve",
        "small order",
    ],
)
def test_a_malformed_identifier_is_refused(did, code):
    with pytest.raises(Problem) as caught:
        resolver().resolve(did + "#0", "assertionMethod")
    assert caught.value.code == code


@pytest.mark.parametrize("fragment", ["", "#", "#1", "#00", "#0#0"])
def test_the_key_has_one_name(fragment):
    with pytest.raises(MalformedValueError, match=r"did\.url_invalid"):
        resolver().resolve(EXAMPLE + fragment, "assertionMethod")


def test_the_identifier_of_a_key_is_its_shortest_jwk():
    key = did_jwk.public_key_of(EXAMPLE)
    assert did_jwk.did(key) == spell(json.dumps(to_jwk(key), separators=(",", ":")))
    assert did_jwk.verification_method(key) == did_jwk.did(key) + "#0"


def test_the_longest_lawful_identifier():
    """Base64url takes four characters for three bytes, so a limit of 2,048 is met exactly."""
    text = json.dumps({**KEY, "note": ""})
    size = (limits.DID_CHARS - len("did:jwk:")) // 4 * 3
    longest = spell(text[:-2] + "x" * (size - len(text)) + text[-2:])
    assert len(longest) == limits.DID_CHARS
    assert to_jwk(did_jwk.public_key_of(longest)) == KEY
    with pytest.raises(MalformedValueError, match=r"did\.invalid"):
        did_jwk.public_key_of(spell(text[:-2] + "x" * (size - len(text) + 1) + text[-2:]))
