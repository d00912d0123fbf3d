"""Two keys that sign only together, from the command line: neither signature can be taken away or forged."""

import json
from pathlib import Path

import pytest

from boundary import base64url
from keys.local import LocalSigner
from proofs import SUITES, data_integrity
from proofs.suite import ProofOptions

RESULTS = """\
reference;code;nom;prenoms;date_naissance;date_obtention
H-1;RNCP37674;EXEMPLE;Camille;29/02/2000;27/03/2026
"""
CREATE = ("keys", "create", "centre", "--did", "did:web:a.example", "--org", "Centre (fictif)")
FORM = ("--form", "ecdsa-rdfc-2019")


@pytest.fixture
def hybrid(passeport):
    passeport(*CREATE, "--also", "ML-DSA-44")
    return passeport


def issued(passeport, *how: str) -> dict:
    """The credential of one row, in a folder of its own."""
    results = passeport.write("results.csv", RESULTS)
    out = passeport.path(f"out{len(how)}")
    passeport("issue", results, "--issuer", "centre", "--out", out, *how)
    [path] = out.glob("H-1-*.json")
    return json.loads(path.read_text("utf-8"))


def verdict(passeport, document: dict) -> str:
    """The code with which the document is refused; "" when it is not."""
    path: Path = passeport.write("shown.json", json.dumps(document))
    said = passeport.play("verify", path, "--json")
    steps = [step for one in said.json["credentials"] for step in one["steps"]]
    failed = [step["code"] for step in steps if step["outcome"] in ("failed", "unknown")]
    assert bool(failed) == (said.status == 1), said
    return failed[0] if failed else ""


def document_of(passeport) -> dict:
    path = passeport.home / "web" / "a.example" / ".well-known" / "did.json"
    return json.loads(path.read_text("utf-8"))


def test_both_keys_sign_and_each_announces_the_other(hybrid) -> None:
    document = issued(hybrid, *FORM)
    suites = [proof["cryptosuite"] for proof in document["proof"]]
    assert suites == ["ecdsa-rdfc-2019", "mldsa44-rdfc-2024"]
    assert verdict(hybrid, document) == ""
    announced = {
        m["id"].partition("#")[2]: m["signsOnlyWith"] for m in document_of(hybrid)["verificationMethod"]
    }
    did = "did:web:a.example"
    assert announced == {
        "key-1": [f"{did}#key-2"],
        "key-1-jwk": [f"{did}#key-2"],
        "key-2": [f"{did}#key-1"],
        "key-2-jwk": [f"{did}#key-1"],
    }


@pytest.mark.parametrize("kept", [0, 1], ids=["the classical one", "ML-DSA-44"])
@pytest.mark.parametrize("spelling", ["alone", "as a set of one"])
def test_with_one_signature_alone_it_is_refused(hybrid, kept: int, spelling: str) -> None:
    document = issued(hybrid, *FORM)
    proof = document["proof"][kept]
    stripped = {**document, "proof": proof if spelling == "alone" else [proof]}
    assert verdict(hybrid, stripped) == "proof.companion_missing"


@pytest.mark.parametrize("twin", ["key-1-jwk", "key-2-jwk"])
def test_the_other_name_of_a_key_announces_the_same(hybrid, twin: str) -> None:
    """A forger may choose under which of its two names a broken key is used; the proof says it first."""
    document = issued(hybrid, *FORM)
    proof = document["proof"][0 if twin.startswith("key-1") else 1]
    renamed = {**proof, "verificationMethod": f"did:web:a.example#{twin}"}
    assert verdict(hybrid, {**document, "proof": renamed}) == "signature.invalid"


@pytest.mark.parametrize("place", [0, 1], ids=["the classical one", "ML-DSA-44"])
def test_a_forged_signature_beside_an_honest_one_is_refused(hybrid, place: int) -> None:
    document = issued(hybrid, *FORM)
    other = LocalSigner.generate(
        ("P-256", "ML-DSA-44")[place], document["proof"][place]["verificationMethod"]
    )
    bare = {name: value for name, value in document.items() if name != "proof"}
    options = ProofOptions(created=document["proof"][place]["created"])
    suite = SUITES[("ecdsa-rdfc-2019", "mldsa44-rdfc-2024")[place]]
    forged = data_integrity.add_proof(bare, suite, options, other)["proof"]
    document["proof"][place] = forged
    assert verdict(hybrid, document) == "signature.invalid"


def test_a_signature_of_somebody_elses_key_does_not_stand_in(hybrid) -> None:
    document = issued(hybrid, *FORM)
    stripped = {**document, "proof": document["proof"][0]}
    stranger = LocalSigner.generate("ML-DSA-44")
    options = ProofOptions(created="2026-11-21T00:00:00Z")
    added = data_integrity.add_proof(stripped, SUITES["mldsa44-rdfc-2024"], options, stranger)
    assert verdict(hybrid, added) == "proof.companion_missing"


def test_a_damaged_second_signature_is_refused(hybrid) -> None:
    document = issued(hybrid, *FORM)
    value = base64url.decode(document["proof"][1]["proofValue"][1:])
    document["proof"][1]["proofValue"] = "u" + base64url.encode(value[:-1] + bytes([value[-1] ^ 1]))
    assert verdict(hybrid, document) == "signature.invalid"


def test_announced_and_never_made_is_refused(passeport) -> None:
    """A document that carries one signature and was honest when it was made; the announcement comes later.

    The key that signed is replaced by a pair, and its own past stays what it was: it never announced.
    """
    passeport(*CREATE)
    before = issued(passeport, *FORM)
    passeport("keys", "rotate", "centre", "--also", "ML-DSA-44")
    passeport("status", "publish", "--issuer", "centre")
    assert verdict(passeport, before) == ""
    document = document_of(passeport)
    for method in document["verificationMethod"]:
        if method["id"].endswith(("#key-1", "#key-1-jwk")):
            method["signsOnlyWith"] = ["did:web:a.example#key-3"]
    path = passeport.home / "web" / "a.example" / ".well-known" / "did.json"
    path.write_text(json.dumps(document))
    assert verdict(passeport, before) == "proof.companion_missing"


def test_not_announced_two_signatures_are_as_good_as_one(passeport) -> None:
    """What an issuer does not announce protects nothing: the test says so, lest anybody think otherwise."""
    passeport(*CREATE)
    document = issued(passeport, *FORM)
    stranger = LocalSigner.generate("ML-DSA-44")
    options = ProofOptions(created="2026-11-21T00:00:00Z")
    both = data_integrity.add_proof(document, SUITES["mldsa44-rdfc-2024"], options, stranger)
    assert verdict(passeport, both) == ""
    assert verdict(passeport, {**both, "proof": both["proof"][0]}) == ""


def test_an_announced_key_that_is_not_there_is_refused(hybrid) -> None:
    document = issued(hybrid, *FORM)
    published = document_of(hybrid)
    published["verificationMethod"] = [m for m in published["verificationMethod"] if "#key-2" not in m["id"]]
    path = hybrid.home / "web" / "a.example" / ".well-known" / "did.json"
    path.write_text(json.dumps(published))
    assert verdict(hybrid, {**document, "proof": document["proof"][0]}) == "did.companion_missing"


@pytest.mark.parametrize("form", ["ecdsa-sd-2023", "dc+sd-jwt", "vc+jwt", "vc+sd-jwt"])
def test_a_form_with_room_for_one_signature_is_not_issued(hybrid, form: str) -> None:
    results = hybrid.write("results.csv", RESULTS)
    said = hybrid.play(
        "issue", results, "--issuer", "centre", "--out", hybrid.path("o"), "--form", form, "--json"
    )
    assert said.status == 2
    assert "issue.hybrid_form" in said.out


def test_a_status_list_carries_both_signatures(hybrid) -> None:
    document = issued(hybrid, *FORM)
    web = hybrid.home / "web" / "a.example" / "status" / "bitstring" / "1"
    lists = {path.name: json.loads(path.read_text("utf-8")) for path in web.iterdir()}
    assert {len(one["proof"]) for one in lists.values()} == {2}
    revocation = {**lists["revocation"], "proof": lists["revocation"]["proof"][0]}
    (web / "revocation").write_text(json.dumps(revocation))
    assert verdict(hybrid, document) == "status.list_unverified"


def test_revoking_works_with_both_keys(hybrid) -> None:
    document = issued(hybrid, *FORM)
    hybrid("revoke", "H-1", "--issuer", "centre", "--reason", "erreur de jury")
    assert verdict(hybrid, document) == "status.revoked"


def test_a_pair_is_replaced_by_a_pair(hybrid) -> None:
    before = issued(hybrid, *FORM)
    hybrid("keys", "rotate", "centre")
    keys = hybrid("keys", "list", "centre", "--json").json
    assert [(k["id"], k["state"], k["algorithm"], k["signsOnlyWith"]) for k in keys] == [
        ("key-1", "retired", "P-256", "key-2"),
        ("key-2", "retired", "ML-DSA-44", "key-1"),
        ("key-3", "active", "P-256", "key-4"),
        ("key-4", "active", "ML-DSA-44", "key-3"),
    ]
    assert verdict(hybrid, before) == ""
    assert "key-2" in hybrid("keys", "list", "centre").out


@pytest.mark.parametrize("broken", ["key-1", "key-2"])
def test_one_broken_key_breaks_nothing_that_both_signed(hybrid, broken: str) -> None:
    """What two keys are for: a quantum computer, or a flaw in what is new, takes one of them."""
    document = issued(hybrid, *FORM)
    hybrid("keys", "revoke", "centre", broken, "--reason", "compromised")
    hybrid("keys", "add", "centre", "--algorithm", "P-384")
    hybrid("status", "publish", "--issuer", "centre", "--algorithm", "P-384")
    assert verdict(hybrid, document) == ""
    results = hybrid.write("results.csv", RESULTS.replace("H-1", "H-2"))
    other = "P-256" if broken == "key-2" else "ML-DSA-44"
    form = "ecdsa-rdfc-2019" if broken == "key-2" else "mldsa44-rdfc-2024"
    arguments = ("issue", results, "--issuer", "centre", "--out", hybrid.path("o"), "--algorithm", other)
    assert hybrid.play(*arguments, "--form", form).status == 2, "and nothing more is signed by the other"


@pytest.mark.parametrize("broken", [("key-1", "key-2")], ids=["both"])
def test_two_broken_keys_break_it(hybrid, broken: tuple[str, str]) -> None:
    document = issued(hybrid, *FORM)
    for key in broken:
        hybrid("keys", "revoke", "centre", key, "--reason", "compromised")
    assert verdict(hybrid, document) == "issuer_key.compromised"


@pytest.mark.parametrize(
    ("first", "second"),
    [("P-256", "Ed25519"), ("ML-DSA-44", "ML-DSA-44"), ("Bls12381G2", "ML-DSA-44"), ("P-256", "Bls12381G2")],
)
def test_keys_that_do_not_complete_each_other_are_refused(passeport, first: str, second: str) -> None:
    passeport.refused("key.pair", *CREATE, "--algorithm", first, "--also", second)
    assert not (passeport.home / "issuers" / "centre").exists()


@pytest.mark.parametrize("algorithm", ["ML-DSA-44", "Ed25519", "P-384"])
def test_other_pairs_sign_too(passeport, algorithm: str) -> None:
    also = "P-256" if algorithm == "ML-DSA-44" else "ML-DSA-44"
    form = {"ML-DSA-44": "mldsa44-jcs-2024", "Ed25519": "eddsa-jcs-2022", "P-384": "ecdsa-rdfc-2019"}[
        algorithm
    ]
    passeport(*CREATE, "--algorithm", algorithm, "--also", also)
    document = issued(passeport, "--form", form, "--algorithm", algorithm)
    assert len(document["proof"]) == 2
    assert verdict(passeport, document) == ""
    assert verdict(passeport, {**document, "proof": document["proof"][0]}) == "proof.companion_missing"


def test_an_issuer_may_sign_with_ml_dsa_alone(passeport) -> None:
    passeport(*CREATE, "--algorithm", "ML-DSA-44")
    document = issued(passeport, "--form", "mldsa44-rdfc-2024", "--algorithm", "ML-DSA-44")
    assert document["proof"]["cryptosuite"] == "mldsa44-rdfc-2024"
    assert verdict(passeport, document) == ""
