"""JSON Web Keys: published values; contradictions, secrets and points beside the curve refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK

from boundary import base64url
from boundary.strict_json import Json
from keys import jwk
from keys.local import LocalSigner
from keys.public import load
from problems import MalformedValueError, Problem

ED25519: Json = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
P256: Json = {
    "kty": "EC",
    "crv": "P-256",
    "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
    "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
}


def test_the_key_and_thumbprint_of_rfc_8037():
    """RFC 8037 A.2 and A.3."""
    key = jwk.from_jwk(ED25519)
    assert key.raw.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert jwk.thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_both_ways(signer):
    made = jwk.to_jwk(signer.public_key)
    assert jwk.from_jwk(made) == signer.public_key
    others = {"Ed25519": ["kty", "crv", "x"], "ML-DSA-44": ["kty", "alg", "pub"]}
    assert list(made) == others.get(signer.algorithm, ["kty", "crv", "x", "y"])


def test_a_bbs_key_has_no_jwk():
    key = LocalSigner.generate("Bls12381G2").public_key
    with pytest.raises(MalformedValueError, match=r"key\.no_jwk"):
        jwk.to_jwk(key)
    with pytest.raises(MalformedValueError, match=r"key\.type_unsupported"):
        jwk.from_jwk({"kty": "EC", "crv": "BLS12381G2", "x": base64url.encode(key.raw), "y": "AA"})


def test_the_thumbprint_of_the_key_of_rfc_9964():
    """Appendix A.1: the ML-DSA-44 key of a seed of zeros, and its ``kid``."""
    key = LocalSigner.from_secret("ML-DSA-44", bytes(32)).public_key
    assert jwk.thumbprint(key) == "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"
    assert str(jwk.to_jwk(key)["pub"]).startswith("unH59k4RuutY-pxvu24U5h8YZD2rSVtHU5qRZsoB")


AKP = jwk.to_jwk(LocalSigner.from_secret("ML-DSA-44", bytes(32)).public_key)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"alg": "ML-DSA-65"}, "key.type_unsupported"),
        ({"alg": None}, "key.type_unsupported"),
        ({"alg": "ES256"}, "key.type_unsupported"),
        ({"pub": "AAAA"}, "key.length"),
        ({"pub": "=="}, "key.coordinates"),
        ({"priv": "AAAA"}, "key.secret_shown"),
        ({"use": "enc"}, "key.not_for_signing"),
    ],
    ids=["other set", "no alg", "classical alg", "short", "no base64url", "secret shown", "for secrecy"],
)
def test_an_algorithm_key_pair_is_read_strictly(changed, code):
    with pytest.raises(MalformedValueError) as caught:
        jwk.from_jwk({**AKP, **changed})
    assert caught.value.code == code


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "P-384", "ML-DSA-44"])
def test_jwcrypto_writes_and_reads_the_same(algorithm):
    """An implementation that is not ours, over keys of which some begin with zeros."""
    for _ in range(300 if algorithm == "P-256" else 30):
        key = LocalSigner.generate(algorithm).public_key
        theirs = JWK.from_pyca(load(key)).export_public(as_dict=True)
        theirs.pop("kid")
        assert jwk.to_jwk(key) == theirs
        assert jwk.from_jwk(theirs) == key


def test_what_is_said_beside_the_key_does_not_matter():
    """RFC 7517 §4: members that are not understood are ignored."""
    beside = {"kid": "1", "use": "sig", "key_ops": ["verify"], "alg": "ES256", "x5c": [], "exp": 1}
    assert jwk.from_jwk({**P256, **beside}) == jwk.from_jwk(P256)
    assert jwk.from_jwk({**ED25519, "alg": "Ed25519"}) == jwk.from_jwk(ED25519)
    assert jwk.from_jwk({**ED25519, "alg": "EdDSA"}) == jwk.from_jwk(ED25519)


def test_one_algorithm_per_key():
    assert jwk.ALG == {
        "Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384", "ML-DSA-44": "ML-DSA-44",
    }  # fmt: skip


SECRET = base64url.encode(bytes(31) + b"\1")
OFF_CURVE: Json = {"x": base64url.encode(bytes(31) + b"\5"), "y": base64url.encode(bytes(31) + b"\7")}


def without(key: Json, name: str) -> Json:
    return {member: value for member, value in key.items() if member != name}


BAD: dict[str, tuple[Json, str]] = {
    "secret d": ({**P256, "d": SECRET}, "key.secret_shown"),
    "secret d of OKP": ({**ED25519, "d": SECRET}, "key.secret_shown"),
    "symmetric k": ({"kty": "oct", "k": SECRET}, "key.secret_shown"),
    "RSA prime": ({"kty": "RSA", "n": "AQAB", "e": "AQAB", "p": "AQ"}, "key.secret_shown"),
    "RSA": ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "key.type_unsupported"),
    "kty of another": ({**P256, "kty": "OKP"}, "key.type_unsupported"),
    "kty of another, OKP": ({**ED25519, "kty": "EC"}, "key.type_unsupported"),
    "no crv": (without(P256, "crv"), "key.type_unsupported"),
    "no kty": (without(P256, "kty"), "shape.text_expected"),
    "kty in lower case": ({**P256, "kty": "ec"}, "key.type_unsupported"),
    "secp256k1": ({**P256, "crv": "secp256k1"}, "key.type_unsupported"),
    "X25519": ({**ED25519, "crv": "X25519"}, "key.type_unsupported"),
    "crv as a list": ({**P256, "crv": ["P-256"]}, "key.type_unsupported"),
    "P-256 as P-384": ({**P256, "crv": "P-384"}, "key.length"),
    "no y": (without(P256, "y"), "key.coordinates"),
    "y of OKP": ({**ED25519, "y": ED25519["x"]}, "key.coordinates"),
    "no x": (without(ED25519, "x"), "shape.text_expected"),
    "x a number": ({**ED25519, "x": 1}, "shape.text_expected"),
    "empty x": ({**P256, "x": ""}, "key.length"),
    "short x": ({**P256, "x": base64url.encode(bytes(31))}, "key.length"),
    "long x": ({**P256, "x": base64url.encode(b"\0" + bytes(32))}, "key.length"),
    "padded x": ({**P256, "x": f"{P256['x']}="}, "key.coordinates"),
    "base64, not url": ({**P256, "y": str(P256["y"]).replace("_", "/")}, "key.coordinates"),
    "stray bits": ({**P256, "x": str(P256["x"])[:-1] + "1"}, "key.coordinates"),
    "x of a megabyte": ({**P256, "x": "A" * 1_000_000}, "key.length"),
    "beside the curve": ({**P256, **OFF_CURVE}, "key.not_on_curve"),
    "y of another": ({**P256, "y": P256["x"]}, "key.not_on_curve"),
    "x beyond p": ({**P256, "x": base64url.encode(b"\xff" * 32)}, "key.not_on_curve"),
    "origin": (
        {**P256, "x": base64url.encode(bytes(32)), "y": base64url.encode(bytes(32))},
        "key.not_on_curve",
    ),
    "small order": ({**ED25519, "x": base64url.encode(bytes(32))}, "key.not_on_curve"),
    "identity": ({**ED25519, "x": base64url.encode(b"\1" + bytes(31))}, "key.not_on_curve"),
    "order 2": ({**ED25519, "x": base64url.encode(b"\xec" + b"\xff" * 30 + b"\x7f")}, "key.not_on_curve"),
    "for encryption": ({**P256, "use": "enc"}, "key.not_for_signing"),
    "for agreement": ({**P256, "key_ops": ["deriveKey"]}, "key.not_for_signing"),
    "for signing only": ({**P256, "key_ops": ["sign"]}, "key.not_for_signing"),
    "use a list": ({**P256, "use": ["sig"]}, "shape.text_expected"),
    "alg none": ({**P256, "alg": "none"}, "key.alg_mismatch"),
    "alg HS256": ({**P256, "alg": "HS256"}, "key.alg_mismatch"),
    "alg of another curve": ({**P256, "alg": "ES384"}, "key.alg_mismatch"),
    "alg for encryption": ({**P256, "alg": "ECDH-ES"}, "key.alg_mismatch"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_key_is_refused(name):
    key, code = BAD[name]
    with pytest.raises(MalformedValueError) as caught:
        jwk.from_jwk(key)
    assert caught.value.code == code


def test_the_payloads_of_the_abuse_catalogue_are_refused(fixtures, monkeypatch):
    monkeypatch.syspath_prepend(str(fixtures / "abuse"))
    generators = pytest.importorskip("generators")
    for key in [
        generators.j_invalid_curve(),
        *({**ED25519, "x": x} for x in generators.j_ed25519_small_order()),
    ]:
        with pytest.raises(MalformedValueError, match=r"key\.not_on_curve"):
            jwk.from_jwk(key)


names = st.sampled_from(["kty", "crv", "x", "y", "use", "alg", "key_ops", "kid"])
members = st.sampled_from(
    ["EC", "OKP", "P-256", "Ed25519", P256["x"], P256["y"], "sig", "ES256", ["verify"], {}, None, 3]
)


@given(st.dictionaries(names, members | st.text(max_size=50)))
def test_any_object_is_a_key_or_a_problem(key):
    try:
        found = jwk.from_jwk(key)
    except Problem:
        return
    assert jwk.to_jwk(found).items() <= key.items()


def test_thumbprints_tell_keys_apart(signer):
    other = LocalSigner.generate(signer.algorithm)
    assert jwk.thumbprint(signer.public_key) != jwk.thumbprint(other.public_key)
    assert len(base64url.decode(jwk.thumbprint(other.public_key))) == 32
