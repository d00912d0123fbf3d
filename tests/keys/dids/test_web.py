"""did:web: where the document stands, what it says of each key, and what a rotation leaves behind."""

import datetime as dt
import json

import pytest

from boundary import limits
from boundary.fetch import Fetcher
from boundary.sources import Nowhere
from keys import jwk, multikey
from keys.dids import web
from keys.dids.resolve import resolution_error, resolver
from keys.local import LocalSigner
from keys.record import KeyRecord
from problems import MalformedValueError, ProofVerificationError

DID = "did:web:certifier.example"


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:certifier.example", "https://certifier.example/.well-known/did.json"),
        ("did:web:keys.certifier.example:users:one", "https://keys.certifier.example/users/one/did.json"),
        ("did:web:certifier.example%3A8443", "https://certifier.example:8443/.well-known/did.json"),
        ("did:web:certifier.example%3A8443:a:b_c-1.2", "https://certifier.example:8443/a/b_c-1.2/did.json"),
    ],
)
def test_where_the_document_stands(did, url):
    """The examples of the did:web method, "Read (Resolve)"."""
    assert web.url_of(did) == url


BAD = [
    "did:web:",
    "did:web:localhost",
    "did:web:127.0.0.1",
    "did:web:127.0.0.1%3A8080",
    "did:web:[::1]",
    "did:web:2130706433",
    "did:web:0x7f.1",
    "did:web:certifier.example:..:..:etc:passwd",
    "did:web:certifier.example:.:x",
    "did:web:certifier.example:%2e%2e:x",
    "did:web:certifier.example%2f..%2fx",
    "did:web:certifier.example/x",
    "did:web:certifier.example::x",
    "did:web:certifier.example:",
    "did:web:user@certifier.example",
    "did:web:certifier.example%23",
    "did:web:certifier.example%00",
    "did:web:certifier.example%3a8443",
    "did:web:certifier.example%3A",
    "did:web:certifier.example%3A0",
    "did:web:certifier.example%3A65536",
    "did:web:certifier.example%3A8443%3A1",
    "did:web:exa mple.com",
    "did:web:certifier.example:" + "a:" * 5000,
    "did:web:certifier.example:" + "a" * 5000,
    "did:web:xn--80ak6aa92e.example",
    "did:web:аpple.example",
    "did:web:CERTIFIER.example",
    "did:web:certifier.example.",
    "did:web:certifier.example?x=1",
    "did:web:certifier.example:é",
    "did:web:certifier.example\n",
    "did:key:certifier.example",
]


@pytest.mark.parametrize("did", BAD, ids=[did[:50] for did in BAD])
def test_a_strange_identifier_is_refused_before_anything_is_asked(did):
    asked = []
    source = Fetcher(lookup=lambda host, port: asked.append(host) or [])
    with pytest.raises(MalformedValueError) as caught:
        web.DidWeb(source).resolve(did + "#key-1", "assertionMethod")
    assert resolution_error(caught.value) == "invalidDid"
    assert asked == []


def test_the_payloads_of_the_abuse_catalogue_are_refused(fixtures, monkeypatch):
    monkeypatch.syspath_prepend(str(fixtures / "abuse"))
    generators = pytest.importorskip("generators")
    for did in generators.did_web_bad():
        with pytest.raises(MalformedValueError, match=r"did\.invalid"):
            web.url_of(did)


@pytest.mark.parametrize("name", [DID, DID + "#"])
def test_a_key_has_a_name(name):
    with pytest.raises(MalformedValueError, match=r"did\.url_invalid"):
        web.DidWeb(Nowhere()).resolve(name, "assertionMethod")


# ---- the document, and what it leads to


@pytest.fixture
def record(signer: LocalSigner, now: dt.datetime) -> KeyRecord:
    return KeyRecord("key-1", signer.public_key, "active", now)


def test_the_published_document_in_full(now):
    key = LocalSigner.from_secret("P-256", bytes(31) + b"\1").public_key
    revoked = KeyRecord("key-1", key, "active", now).revoked("compromised", now)
    active = KeyRecord("key-2", key, "active", now, ("assertionMethod", "authentication"))
    assert web.document(DID, [revoked, active]) == {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
            {
                "revocationReason": "https://w3id.org/passeport/vocab#revocationReason",
                "revokedPurpose": {
                    "@id": "https://w3id.org/passeport/vocab#revokedPurpose",
                    "@container": "@set",
                },
                "signsOnlyWith": {
                    "@id": "https://w3id.org/passeport/vocab#signsOnlyWith",
                    "@type": "@id",
                    "@container": "@set",
                },
            },
        ],
        "id": DID,
        "verificationMethod": [
            {
                "id": f"{DID}#key-1",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": multikey.encode(key),
                "revoked": "2026-11-21T09:00:00Z",
                "revocationReason": "compromised",
                "revokedPurpose": ["assertionMethod"],
            },
            {
                "id": f"{DID}#key-1-jwk",
                "type": "JsonWebKey2020",
                "controller": DID,
                "publicKeyJwk": jwk.to_jwk(key),
                "revoked": "2026-11-21T09:00:00Z",
                "revocationReason": "compromised",
                "revokedPurpose": ["assertionMethod"],
            },
            {
                "id": f"{DID}#key-2",
                "type": "Multikey",
                "controller": DID,
                "publicKeyMultibase": multikey.encode(key),
            },
            {
                "id": f"{DID}#key-2-jwk",
                "type": "JsonWebKey2020",
                "controller": DID,
                "publicKeyJwk": jwk.to_jwk(key),
            },
        ],
        "assertionMethod": [f"{DID}#key-2", f"{DID}#key-2-jwk"],
        "authentication": [f"{DID}#key-2", f"{DID}#key-2-jwk"],
    }


def test_no_document_is_made_for_a_strange_identifier():
    with pytest.raises(MalformedValueError, match=r"did\.invalid"):
        web.document("did:web:localhost", [])


@pytest.mark.parametrize("name", ["key-1", "key-1-jwk"])
@pytest.mark.parametrize("state", ["pending", "active", "retired"])
def test_a_key_is_found_under_both_names_whatever_its_state(record, pin, state, name):
    keys = resolver(pin(DID, web.document(DID, [KeyRecord("key-1", record.key, state, record.since)])))
    found = keys.resolve(f"{DID}#{name}", "assertionMethod")
    assert (found.key, found.controller, found.verification_method, found.revoked) == (
        record.key,
        DID,
        f"{DID}#{name}",
        None,
    )


def test_a_key_is_found_for_its_purposes_only(record, pin):
    keys = resolver(pin(DID, web.document(DID, [record])))
    with pytest.raises(ProofVerificationError, match=r"did\.purpose"):
        keys.resolve(f"{DID}#key-1", "authentication")


def test_a_signature_made_before_a_rotation_still_verifies(signer, record, pin, now):
    signature = signer.sign(b"attestation")
    successor = KeyRecord("key-2", LocalSigner.generate(signer.algorithm).public_key, "active", now)
    keys = resolver(pin(DID, web.document(DID, [record.moved("retired", now), successor])))
    old = keys.resolve(f"{DID}#key-1", "assertionMethod")
    old.key.verify(signature, b"attestation")
    assert old.revoked is None
    new = keys.resolve(f"{DID}#key-2", "assertionMethod")
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        new.key.verify(signature, b"attestation")


@pytest.mark.parametrize("reason", ["compromised", "superseded", "ceased"])
def test_a_revoked_key_is_found_and_reported(record, pin, now, reason):
    keys = resolver(pin(DID, web.document(DID, [record.revoked(reason, now)])))
    found = keys.resolve(f"{DID}#key-1", "assertionMethod")
    assert found.key == record.key
    assert found.revoked is not None
    assert (found.revoked.reason, found.revoked.at) == (reason, now)
    with pytest.raises(ProofVerificationError, match=r"did\.purpose"):
        keys.resolve(f"{DID}#key-1", "authentication")


def test_a_compromised_key_is_no_longer_listed_so_that_strangers_refuse_it(record, now):
    compromised = web.document(DID, [record.revoked("compromised", now)])
    superseded = web.document(DID, [record.revoked("superseded", now)])
    assert "assertionMethod" not in compromised
    assert superseded["assertionMethod"] == [f"{DID}#key-1", f"{DID}#key-1-jwk"]


def test_no_secret_is_published(signer, record):
    text = json.dumps(web.document(DID, [record]))
    assert '"d"' not in text
    assert "secret" not in text.lower()


def test_the_longest_lawful_identifier():
    longest = DID + ":" + "a" * (limits.DID_CHARS - len(DID) - 1)
    assert web.url_of(longest).endswith("a/did.json")
    with pytest.raises(MalformedValueError, match=r"did\.invalid"):
        web.url_of(longest + "a")


def test_a_key_without_a_jwk_is_published_under_its_one_name(pin, now):
    key = LocalSigner.generate("Bls12381G2").public_key
    document = web.document(DID, [KeyRecord("key-1", key, "active", now)])
    assert [method["type"] for method in document["verificationMethod"]] == ["Multikey"]
    assert resolver(pin(DID, document)).resolve(f"{DID}#key-1", "assertionMethod").key == key
