"""bbs-2023 from the command line: made, kept, shown in parts, verified, revoked."""

import json

import pytest

RESULTS = """\
reference;code;nom;prenoms;date_naissance;date_obtention;mention
B-1;RNCP37674;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;27/03/2026;Bien
"""
CREATE = ("keys", "create", "centre", "--did", "did:web:a.example", "--org", "Centre (fictif)")
BBS = ("--form", "bbs-2023", "--algorithm", "Bls12381G2")


@pytest.fixture
def holder(passeport):
    """A certifier with a BBS key, and a wallet that holds one award in the form bbs-2023."""
    passeport(*CREATE, "--algorithm", "Bls12381G2")
    passeport("wallet", "create")
    holders = passeport.write("holders.csv", passeport("wallet", "key", "B-1").out)
    results = passeport.write("results.csv", RESULTS)
    out = passeport.path("out")
    passeport("issue", results, "--issuer", "centre", "--out", out, "--holders", holders, *BBS)
    [file] = out.glob("B-1-*.json")
    passeport("wallet", "add", file)
    return passeport


def shown(passeport) -> dict:
    """The distinction, shown to any bearer."""
    path, held = passeport.path("shown.json"), passeport.held("B-1", "bbs-2023.json")
    passeport("wallet", "present", "--show", f"{held}:mention", "--out", path)
    return json.loads(path.read_text("utf-8"))


def test_a_key_that_signs_no_list_has_one_beside_it_that_does(passeport) -> None:
    passeport(*CREATE, "--algorithm", "Bls12381G2")
    keys = passeport("keys", "list", "centre", "--json").json
    assert [(key["algorithm"], key["state"]) for key in keys] == [
        ("Bls12381G2", "active"),
        ("P-256", "active"),
    ]
    assert keys[0]["publicKeyMultibase"].startswith("zUC7")


def test_a_part_is_shown_and_verifies(holder) -> None:
    presentation = shown(holder)
    credential = presentation["verifiableCredential"][0]
    assert credential["proof"]["cryptosuite"] == "bbs-2023"
    assert "Bien" in json.dumps(credential, ensure_ascii=False)
    assert "EXEMPLE-DÉMONSTRATION" not in json.dumps(credential, ensure_ascii=False)
    said = holder("verify", holder.path("shown.json"), "--json").json
    assert said["verdict"] == "genuine"


def test_two_presentations_of_one_credential_share_no_proof(holder) -> None:
    first, second = (shown(holder)["verifiableCredential"][0] for _ in range(2))
    assert first["proof"]["proofValue"] != second["proof"]["proofValue"]
    assert {**first, "proof": None} == {**second, "proof": None}


def test_what_the_certifier_delivered_is_for_nobody_but_the_holder(holder) -> None:
    [file] = holder.path("out").glob("B-1-*.json")
    said = holder("verify", file, "--json", ends=1).json
    assert "bbs.base_proof_shown" in json.dumps(said)


def test_half_an_item_is_refused_though_the_proof_holds(holder) -> None:
    """Statements are what is signed, items what is honest: a schema holds for what is shown."""
    [file] = holder.path("out").glob("B-1-*.json")
    out = holder.path("half.json")
    holder("derive", file, "--reveal", "/credentialSubject/block/0/name", "--out", out)
    said = holder("verify", out, "--json", ends=1).json
    steps = {step["step"]: step["outcome"] for step in said["credentials"][0]["steps"]}
    assert steps["integrity"] == "passed"
    assert steps["schema"] == "failed"


def test_a_withdrawn_credential_is_refused(holder) -> None:
    shown(holder)
    holder("revoke", "B-1", "--issuer", "centre", "--reason", "erreur de jury")
    said = holder("verify", holder.path("shown.json"), "--json", ends=1).json
    assert "status.revoked" in json.dumps(said)


def test_a_tampered_presentation_is_refused(holder) -> None:
    presentation = shown(holder)
    text = json.dumps(presentation, ensure_ascii=False).replace("Bien", "Très bien")
    path = holder.write("tampered.json", text)
    holder("verify", path, ends=1)


@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519", "ML-DSA-44"])
def test_other_keys_do_not_sign_it(passeport, algorithm: str) -> None:
    passeport(*CREATE, "--algorithm", algorithm)
    results = passeport.write("results.csv", RESULTS)
    arguments = (
        "--issuer",
        "centre",
        "--out",
        passeport.path("o"),
        "--form",
        "bbs-2023",
        "--algorithm",
        algorithm,
    )
    said = passeport.play("issue", results, *arguments, "--json")
    assert said.status == 2
    assert "issue.algorithm" in said.out
