"""An ID token says who signed in only if its provider signed it, for us, now, and for this very try."""

import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from boundary import base64url, strict_json
from exchange import oidc
from exchange.oidc import Provider, SignIn
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import AuthenticationError, MalformedValueError, ProtocolError
from proofs import jws

NOW = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
OP = Provider(
    "https://op.example", "https://op.example/auth", "https://op.example/token", "https://op.example/jwks"
)
ASKED = SignIn("ours", "https://passeport.example/session/oidc/callback", "state", "nonce", "v" * 43)
SIGNER = LocalSigner.generate("P-256")
RSA = rsa.generate_private_key(65537, 2048)
ACCESS = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"  # Core, appendix A.4
AT_HASH = "77QmUPtjPfzWtF2AnpK9RQ"
CLAIMS = {
    "iss": OP.issuer, "aud": "ours", "sub": "248289761001", "nonce": "nonce", "at_hash": AT_HASH,
    "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 300,
}  # fmt: skip


def rsa_jwk():
    modulus = RSA.public_key().public_numbers().n
    return {"kty": "RSA", "kid": "r", "n": base64url.encode(modulus.to_bytes(256)), "e": "AQAB"}


KEYS = {"keys": [{**to_jwk(SIGNER.public_key), "kid": "e", "use": "sig"}, rsa_jwk()]}


def token(header=None, **changes):
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jws.sign({"kid": "e", **(header or {})}, claims, SIGNER)


def rs256(header, claims=CLAIMS):
    parts = (base64url.encode(strict_json.encode(part)) for part in ({"alg": "RS256", **header}, claims))
    signed = ".".join(parts)
    return f"{signed}.{base64url.encode(RSA.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def under(header, signature):
    return ".".join([base64url.encode(header), token().split(".")[1], signature])


def subject(id_token, keys=KEYS, now=NOW, access=ACCESS):
    return oidc.verify(id_token, keys, OP, ASKED, access, now)


@pytest.mark.parametrize(
    "honest",
    [
        token(),
        token({"typ": "JWT"}),
        token(aud=["ours"], azp="ours"),
        token(at_hash=None),
        rs256({"kid": "r"}),
        rs256({"typ": "JWT"}),
    ],
)
def test_what_the_provider_says_of_this_try(honest):
    assert subject(honest) == "248289761001"


ANOTHER = LocalSigner.generate("P-256")
WRONG = {
    "another issuer": (token(iss="https://evil.example"), "iss"),
    "an issuer with a slash more": (token(iss="https://op.example/"), "iss"),
    "another audience": (token(aud="another"), "aud"),
    "one more audience": (token(aud=["ours", "another"]), "aud"),
    "no audience": (token(aud=None), "aud"),
    "another authorized party": (token(azp="another"), "azp"),
    "expired": (token(exp=int(NOW.timestamp()) - 60), "exp"),
    "without an end": (token(exp=None), "shape.integer_expected"),
    "an end as a text": (token(exp="2030"), "shape.integer_expected"),
    "an end beyond the calendar": (token(exp=2**52), "shape.integer_expected"),
    "not yet made": (token(iat=int(NOW.timestamp()) + 61), "iat"),
    "of another try": (token(nonce="another"), "nonce"),
    "of no try": (token(nonce=None), "shape.text_expected"),
    "of another access token": (token(at_hash=AT_HASH[::-1]), "at_hash"),
    "of nobody": (token(sub=""), "sub"),
    "of somebody too long": (token(sub="x" * 256), "sub"),
    "of another type": (token({"typ": "at+jwt"}), "typ"),
    "of a key nobody has": (token({"kid": "x"}), "kid"),
    "under the name of a key of another kind": (token({"kid": "r"}), "kid"),
    "signed by somebody else": (jws.sign({"kid": "e"}, CLAIMS, ANOTHER), "signature.invalid"),
    "signed by the key that it brings": (
        jws.sign({"kid": "e", "jwk": to_jwk(ANOTHER.public_key)}, CLAIMS, ANOTHER), "signature.invalid",
    ),
    "changed": (token()[:-8] + "AAAAAAAA", "signature.invalid"),
    "unsigned": (under(b'{"alg":"none"}', ""), "jose.alg_not_allowed"),
    "signed with a public key as a secret": (under(b'{"alg":"HS256"}', "AA"), "jose.alg_not_allowed"),
    "that is none": ("x", "jose.malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("id_token", "place"), WRONG.values(), ids=WRONG)
def test_any_other_token_is_refused(id_token, place):
    with pytest.raises(AuthenticationError, match=r"oidc\.token") as refused:
        subject(id_token)
    assert refused.value.facts["place"] == place


@pytest.mark.parametrize(
    "keys", [{}, {"keys": []}, {"keys": "x"}, {"keys": [1]}, {"keys": [*KEYS["keys"], *KEYS["keys"]]}]
)
def test_a_key_set_that_does_not_say_which_is_refused(keys):
    with pytest.raises(AuthenticationError, match=r"oidc\.token"):
        subject(token(), keys)


def test_the_document_of_another_provider_is_not_used():
    document = {
        "issuer": "https://evil.example", "authorization_endpoint": "https://op.example/auth",
        "token_endpoint": "https://op.example/token", "jwks_uri": "https://op.example/jwks",
    }  # fmt: skip
    with pytest.raises(MalformedValueError, match=r"oauth\.metadata_mismatch"):
        oidc.read_provider(document, OP.issuer)
    assert oidc.read_provider({**document, "issuer": OP.issuer}, OP.issuer) == OP
    assert (
        oidc.configuration_url("https://op.example/t/")
        == "https://op.example/t/.well-known/openid-configuration"
    )


def test_a_provider_that_names_itself_always_does():
    named = Provider(**{**vars(OP), "names_itself": True})
    assert oidc.read_answer({"code": "c"}, OP) == "c"
    assert oidc.read_answer({"code": "c", "iss": OP.issuer}, named) == "c"
    for fields, provider in [({"code": "c"}, named), ({"code": "c", "iss": "https://evil.example"}, OP)]:
        with pytest.raises(ProtocolError, match=r"oauth\.other_issuer"):
            oidc.read_answer(fields, provider)
