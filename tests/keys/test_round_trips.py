"""Every key has four spellings, and each leads back to it."""

from hypothesis import given
from hypothesis import strategies as st

from keys import jwk, multikey
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.dids.resolve import resolver
from keys.local import LocalSigner, secret_of
from keys.signer import Algorithm

ORDER: dict[Algorithm, int] = {
    "Ed25519": 2**256,
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
}


@st.composite
def signers(draw: st.DrawFn) -> LocalSigner:
    algorithm = draw(st.sampled_from(sorted(ORDER)))
    secret = draw(st.integers(1, ORDER[algorithm] - 1))
    return LocalSigner.from_secret(algorithm, secret.to_bytes(48 if algorithm == "P-384" else 32))


@given(signers())
def test_multikey_jwk_did_key_did_jwk(signer):
    key, keys = signer.public_key, resolver()
    assert multikey.decode(multikey.encode(key)) == key
    assert jwk.from_jwk(jwk.to_jwk(key)) == key
    assert did_key.public_key_of(did_key.did(key)) == key
    assert did_jwk.public_key_of(did_jwk.did(key)) == key
    for name in (did_key.verification_method(key), did_jwk.verification_method(key)):
        found = keys.resolve(name, "assertionMethod")
        assert (found.key, found.verification_method, found.revoked) == (key, name, None)
        assert found.controller == name.partition("#")[0]


@given(signers())
def test_secret_keys(signer):
    spelled = multikey.encode_secret(signer.algorithm, secret_of(signer))
    assert LocalSigner.from_secret(*multikey.decode_secret(spelled)) == signer


@given(signers(), st.binary(max_size=200))
def test_signatures(signer, data):
    signature = signer.sign(data)
    signer.public_key.verify(signature, data)
    assert signer.sign(data) == signature
