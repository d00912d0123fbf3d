"""Addresses in what is shown must not lead the verifier into the house: not one connection is made.

Every name leads to this machine here, as it would by a name server of the attacker's; whatever is connected
to is noted before it is refused.
"""

import json
import socket

import pytest
from attacks import addresses, minting

from boundary.fetch import Fetcher
from keys.local import LocalSigner
from problems import Problem, RetrievalError
from proofs import SUITES, data_integrity
from proofs.suite import ProofOptions

URLS = addresses.ssrf_urls()
NOW = "2026-01-01T00:00:00Z"


@pytest.fixture
def canary(monkeypatch):
    """Note every connection that is tried; let every name lead to this machine."""
    reached = []

    def connect(_, address):
        reached.append(address)
        raise ConnectionRefusedError

    def look_up(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return reached


def test_this_canary_sings(house, canary):
    """Let the guard look away: the very same request is then seen."""
    with pytest.raises(RetrievalError):
        Fetcher(addresses=lambda _: True).get("https://rebind.test/")
    assert canary


@pytest.fixture(scope="module")
def signer():
    return LocalSigner.generate("Ed25519")


def credential(signer, **more):
    """Sign a credential of nobody in particular: only what is signed is looked at closely."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": signer.verification_method.partition("#")[0],
        "validFrom": NOW,
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
        **more,
    }
    return data_integrity.add_proof(document, SUITES["eddsa-rdfc-2022"], ProofOptions(created=NOW), signer)


def status(url):
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7"}
    return {"credentialStatus": {**entry, "statusListCredential": url}}


PLACES = {
    "credentialStatus.statusListCredential": status,
    "credentialSchema.id": lambda url: {"credentialSchema": {"id": url, "type": "JsonSchema"}},
    "relatedResource[].id": lambda url: {"relatedResource": [{"id": url, "digestSRI": "sha384-" + "A" * 64}]},
    "termsOfUse / evidence / refreshService ids": lambda url: {
        "termsOfUse": {"id": url, "type": "AnyPolicy"},
        "evidence": {"id": url, "type": "Evidence"},
        "refreshService": {"id": url, "type": "AnyService"},
    },
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_addresses_that_are_signed(house, canary, signer, place):
    """NW-001, NW-002, NW-003, NW-011: validly signed by somebody, which makes no address better."""
    for url in URLS:
        try:
            document = credential(signer, **place(url))
        except Problem:  # our own reader signs no such address: shown with another's signature then
            document = {**credential(signer), **place(url)}
        answer = house.run("verify", house.file(json.dumps(document)), "--online", "--json")
        assert answer.status in (0, 1, 2)
        assert "cli.unexpected" not in answer.out
        assert "Traceback" not in answer.out + answer.err
        assert answer.seconds < 1
        if place is status:
            assert not answer.json.get("verified"), url
    assert canary == []
    honest = house.file(json.dumps(credential(signer)))
    assert house.run("verify", honest, "--online", "--json").status == 0


def test_addresses_as_contexts(house, canary, signer):
    """NW-004: contexts are those that came with the program; what another would say, nobody knows."""
    for url in URLS:
        document = credential(signer)
        document["@context"].append(url)
        answer = house.run("verify", house.file(json.dumps(document)), "--online", "--json")
        assert answer.status == 1
        (line,) = answer.json["credentials"]
        assert (line["verified"], line["shown"]) == (False, None), url
    assert canary == []


TOKENS = {
    "vct": lambda url: {"vct": url},
    "extends": lambda url: {"vct": minting.VCT, "extends": url, "vct#integrity": "sha256-" + "A" * 43},
    "logo.uri / svg_template.uri": lambda url: {"logo": {"uri": url}, "svg_template": {"uri": url}},
    "status": lambda url: {"status": {"status_list": {"idx": 7, "uri": url}}},
    "jku and x5u": lambda url: {"jku": url, "x5u": url},
}


@pytest.mark.parametrize("place", TOKENS.values(), ids=TOKENS)
def test_addresses_in_tokens(house, canary, place):
    """NW-006, NW-010, NW-024: types, pictures and what a type extends are never fetched."""
    for url in URLS:
        token = minting.sdjwt(minting.base_payload(**place(url)), kb=None)
        answer = house.run("verify", house.file(token), "--online", "--json")
        assert answer.status in (0, 1, 2)
        assert "cli.unexpected" not in answer.out
        if place is TOKENS["status"]:
            assert not answer.json.get("verified"), url
    assert canary == []


@pytest.mark.parametrize("kid", ["k1", "https://127.0.0.1/#k1", "did:web:127.0.0.1#k1"])
def test_addresses_as_issuers(house, canary, refused, kid):
    """NW-007: where keys are asked for before any signature can be checked."""
    for url in URLS:
        token = minting.sdjwt(minting.base_payload(iss=url), hdr={"kid": kid}, kb=None)
        refused(house.run("verify", house.file(token), "--online", "--json"))
    assert canary == []


def test_names_that_are_no_did_web(house, canary, signer, refused):
    """NW-017: as an issuer's name, and as one's own."""
    for number, did in enumerate(addresses.did_web_bad()):
        document = {**credential(signer), "issuer": did}
        document["proof"] = {**document["proof"], "verificationMethod": f"{did}#key-1"}
        refused(house.run("verify", house.file(json.dumps(document)), "--online", "--json"))
        made = house.run("keys", "create", f"bad-{number}", "--did", did, "--org", "X", "--json")
        assert made.status == 2, did
        assert "cli.unexpected" not in made.out
    assert canary == []
    assert not list((house.home / "issuers").glob("bad-*"))


def test_names_that_are_no_did_key(house, canary, signer, refused):
    """NW-019: refused at once, however long."""
    for did in addresses.did_key_bad():
        document = {**credential(signer), "issuer": did}
        document["proof"] = {**document["proof"], "verificationMethod": f"{did}#{did[8:]}"}
        refused(house.run("verify", house.file(json.dumps(document)), "--online", "--json"))
    assert canary == []


def test_a_document_that_is_somebody_elses(own_house, found, refused):
    """NW-018: what stands at one name and speaks of another proves nothing."""
    found("une", "une.example")
    found("autre", "autre.example")
    web = own_house.home / "web"
    table = own_house.home / "t.csv"
    assert own_house.run("template", "diploma", "--out", table).status == 0
    out = own_house.home / "o"
    assert own_house.run("issue", table, "--issuer", "une", "--out", out, "--form", "dc+sd-jwt").status == 0
    (file,) = out.glob("*.sd-jwt")
    assert own_house.run("verify", file, "--json").status == 0
    mine, theirs = (web / f"{name}.example" / ".well-known" / "did.json" for name in ("une", "autre"))
    honest = mine.read_bytes()
    mine.write_bytes(theirs.read_bytes())
    refused(own_house.run("verify", file, "--json"))
    mine.write_bytes(honest)
    assert own_house.run("verify", file, "--json").status == 0
