"""What stands behind a DID or a DID URL, and the names that the did:key tests give to what goes wrong."""

from dataclasses import dataclass

import pytest

from boundary import base58btc
from boundary.sources import Nowhere
from keys.dids import resolution
from keys.local import LocalSigner
from problems import MalformedValueError, RetrievalError

# From the did:key test-suite of the W3C CCG (tests/mock.data.js): a key, and one that is too short.
DID = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
MULTIBASE = DID.removeprefix("did:key:")
TOO_SHORT = "did:key:zTjsVPtY"
# From the did:key method, §5.3: a key agreement key, which no document of ours names.
OTHER_KEY = f"{DID}#z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ"


@dataclass
class Published:
    """One did:web document."""

    document: bytes

    def get(self, url):
        if url != "https://certificateur.example/.well-known/did.json":
            raise RetrievalError("source.offline")
        return self.document


def error_of(name, *, web=None, said="didResolutionMetadata", **options):
    result, problem = resolution.resolve(name, web or Nowhere(), **options)
    assert problem is not None
    assert result["didDocument"] is None
    assert result["didDocumentMetadata"] == {}
    return result[said]["error"]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (DID.replace("did:", "notDid:", 1), "invalidDid"),
        ("did:key", "invalidDid"),
        (f"did:key:-4:{MULTIBASE}", "invalidDid"),
        (f"did:key:{MULTIBASE[1:]}", "invalidDid"),
        ("did:key:@", "invalidDid"),
        (DID.replace("key", "experimental", 1), "methodNotSupported"),
        (TOO_SHORT, "invalidPublicKeyLength"),
        ("did:key:z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ", "unsupportedPublicKeyType"),
        ("did:web:nobody.example", "notFound"),
    ],
    ids=[
        "scheme", "no key", "version", "not base58btc", "no character of a DID", "method", "short", "X25519",
        "nobody there",
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_did_has_a_name(name, error):
    assert error_of(name) == error


@pytest.mark.parametrize("algorithm", ["P-256", "P-384"])
def test_a_point_that_is_not_on_its_curve_is_no_key(algorithm):
    public = LocalSigner.generate(algorithm).public_key
    broken = public.raw[:1] + b"\xff" * (len(public.raw) - 1)
    prefix = {"P-256": b"\x80\x24", "P-384": b"\x81\x24"}[algorithm]
    assert error_of("did:key:" + base58btc.encode(prefix + broken)) == "invalidPublicKey"


@pytest.mark.parametrize(
    ("key_format", "experimental", "error"),
    [
        ("unknown", False, "unsupportedPublicKeyType"),
        ("Ed25519VerificationKey2018", False, "invalidPublicKeyType"),
        ("Ed25519VerificationKey2018", True, "unsupportedPublicKeyType"),
    ],
)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (DID, "didResolutionMetadata"),
        (f"{DID}#{MULTIBASE}", "didDereferencingMetadata"),
        (OTHER_KEY, "didDereferencingMetadata"),
    ],
    ids=["did", "its key", "another key"],
)
def test_a_format_that_is_not_wanted_or_not_known(name, said, key_format, experimental, error):
    assert error_of(name, said=said, key_format=key_format, experimental=experimental) == error


@pytest.mark.parametrize("key_format", ["Multikey", "JsonWebKey2020", "Ed25519VerificationKey2020"])
def test_a_key_is_written_as_asked(key_format):
    result, problem = resolution.resolve(DID, Nowhere(), key_format)
    assert problem is None
    (method,) = result["didDocument"]["verificationMethod"]
    assert method["type"] == key_format
    assert ("publicKeyJwk" in method) == (key_format == "JsonWebKey2020")
    assert result["didDocument"]["@context"][0] == "https://www.w3.org/ns/did/v1"


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "ML-DSA-44", "Bls12381G2"])
def test_another_kind_of_key_is_not_written_as_ed25519(algorithm):
    did = LocalSigner.generate(algorithm).verification_method.partition("#")[0]
    assert error_of(did, key_format="Ed25519VerificationKey2020") == "unsupportedPublicKeyType"


def test_a_did_url_names_a_part():
    result, problem = resolution.resolve(f"{DID}#{MULTIBASE}", Nowhere())
    assert problem is None
    assert result["didDocument"]["id"] == f"{DID}#{MULTIBASE}"
    assert result["didDocument"]["controller"] == DID
    assert "didResolutionMetadata" not in result
    assert result["didDereferencingMetadata"] == {"contentType": "application/did+ld+json"}


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (f"{DID}/^bar^/?query=`#{MULTIBASE}", "invalidDidUrl"),
        (f"{DID}?versionId=1", "invalidDidUrl"),
        (f"{DID}#", "invalidDidUrl"),
        (f"{DID}#a#b", "invalidDidUrl"),
        (OTHER_KEY, "notFound"),
        (f"did:key:@#{MULTIBASE}", "invalidDid"),
    ],
)
def test_what_is_wrong_with_a_did_url_has_a_name(url, error):
    assert error_of(url, said="didDereferencingMetadata") == error


def test_a_part_of_a_published_document_by_its_short_name():
    web = Published(b'{"id": "did:web:certificateur.example", "service": [{"id": "#s", "type": "X"}]}')
    result, problem = resolution.resolve("did:web:certificateur.example#s", web)
    assert problem is None
    assert result["didDocument"] == {"id": "#s", "type": "X"}
    assert error_of("did:web:certificateur.example#t", web=web, said="didDereferencingMetadata") == "notFound"


def test_a_document_that_is_somebody_elses():
    with pytest.raises(MalformedValueError, match=r"did\.document_id"):
        resolution.document("did:web:certificateur.example", Published(b'{"id": "did:web:other.example"}'))
