"""did:key: the identifier is the key, and nothing else is."""

import time

import pytest

from keys.dids import key as did_key
from keys.dids.resolve import resolution_error, resolver
from problems import MalformedValueError

# did:key of the key pairs in the vectors of vc-di-eddsa and vc-di-ecdsa (see test_multikey)
OFFICIAL = {
    "Ed25519": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "P-256": "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
    "P-384": "did:key:z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
}


@pytest.mark.parametrize("purpose", ["assertionMethod", "authentication"])
@pytest.mark.parametrize(("algorithm", "did"), OFFICIAL.items())
def test_official_identifiers(algorithm, did, purpose):
    method = f"{did}#{did.removeprefix('did:key:')}"
    found = resolver().resolve(method, purpose)
    assert (found.key.algorithm, found.controller, found.verification_method) == (algorithm, did, method)
    assert did_key.did(found.key) == did
    assert did_key.verification_method(found.key) == method


BAD = {
    "did:key:": "invalidDid",
    "did:key:z": "unsupportedPublicKeyType",
    "did:key:z6Mk": "unsupportedPublicKeyType",
    "did:key:zQ3shBAD": "unsupportedPublicKeyType",
    "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme": "unsupportedPublicKeyType",
    "did:key:f0120": "invalidDid",
    "did:key:u7QE": "invalidDid",
    "did:key:z" + "1" * 100_000: "invalidDid",
    "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do0": "invalidDid",
    "did:key:1.1:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2": "invalidDid",
    "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2?versionId=1": "invalidDid",
    "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2/path": "invalidDid",
    "did:key:z2DQXex1MkDcBCF99h1CnTDB83tS7FAzWSBxzDJY1hJS4Gx": "invalidPublicKeyLength",
    "DID:KEY:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2": "methodNotSupported",
}


@pytest.mark.parametrize(("did", "error"), BAD.items(), ids=[did[:50] for did in BAD])
def test_a_malformed_identifier_is_refused_quickly_with_the_name_of_the_error(did, error):
    start = time.process_time()
    with pytest.raises(MalformedValueError) as caught:
        resolver().resolve(f"{did}#{did.removeprefix('did:key:')}", "assertionMethod")
    assert resolution_error(caught.value) == error
    assert time.process_time() - start < 1


@pytest.mark.parametrize("fragment", ["", "#", "#key-1", "#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ"])
def test_the_key_has_one_name(fragment):
    with pytest.raises(MalformedValueError, match=r"did\.url_invalid") as caught:
        resolver().resolve(OFFICIAL["Ed25519"] + fragment, "assertionMethod")
    assert resolution_error(caught.value) == "invalidDidUrl"


def test_the_key_of_another_identifier_is_not_this_ones():
    with pytest.raises(MalformedValueError, match=r"did\.url_invalid"):
        resolver().resolve(
            f"{OFFICIAL['P-256']}#{OFFICIAL['Ed25519'].removeprefix('did:key:')}", "assertionMethod"
        )


@pytest.mark.parametrize("text", [OFFICIAL["P-256"].removeprefix("did:key:"), "did:jwk:z6Mk", ""])
def test_only_a_did_key_is_one(text):
    with pytest.raises(MalformedValueError, match=r"did\.invalid"):
        did_key.public_key_of(text)
