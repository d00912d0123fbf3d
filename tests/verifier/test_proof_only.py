"""``--proof-only``: the signature and nothing else, with the contexts of the official vectors."""

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from boundary import strict_json
from boundary.strict_json import read_object
from contexts import CONFORMANCE
from keys import multikey
from keys.local import LocalSigner
from proofs import data_integrity, suites
from proofs.suite import ProofOptions

LD, SD = "application/vc", "application/dc+sd-jwt"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
RESTATED = Path(__file__).parents[1] / "vectors"

SIGNED = [
    "vc-di-eddsa/eddsa-rdfc-2022/signedDataInt.json",
    "vc-di-eddsa/eddsa-rdfc-2022/employ/signedDataInt.json",
    "vc-di-eddsa/proof-set-chain/signedProofSet1.json",
    "vc-di-eddsa/proof-set-chain/signedProofSet2.json",
    "vc-di-ecdsa/ecdsa-rdfc-2019-p256/signedECDSAP256.json",
    "vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ/signedECDSAP256.json",
    "vc-di-ecdsa/ecdsa-rdfc-2019-p384/signedECDSAP384.json",
    "vc-di-ecdsa/ecdsa-rdfc-2019-p384/employ/signedECDSAP384.json",
    "vc-di-ecdsa/ecdsa-sd-2023/prc/derivedRevealDocument.json",
    "vc-di-ecdsa/ecdsa-sd-2023/employ/derivedRevealDocument.json",
]


def assert_the_signature_holds(line, town):
    """And nothing else is claimed: no content, no verdict beyond it."""
    assert town.said(line) == {
        "integrity": ("passed", "integrity.intact"),
        "issuer": ("not_applicable", "issuer.not_checked"),
    }
    assert (line.verdict, line.verified, line.facts) == ("to_confirm", True, None)


@pytest.mark.parametrize("path", SIGNED)
def test_official_vectors(town, fixtures, path):
    data = (fixtures / "vectors" / path).read_bytes()
    assert_the_signature_holds(town.one(data, proof_only=True), town)
    changed = {**read_object(data), "name": "Autre chose"}
    line = town.one(strict_json.write(changed), proof_only=True)
    assert (line.verdict, line.verified) == ("not_valid", False)


@pytest.mark.parametrize("path", SIGNED)
def test_the_product_refuses_the_vectors_contexts(town, fixtures, path):
    """Their catch-all vocabulary defeats the check for undefined terms."""
    data = (fixtures / "vectors" / path).read_bytes()
    assert not town.verify(data).verified


@pytest.mark.parametrize("path", ["prc", "employ"])
def test_official_base_proofs_are_not_for_showing(town, fixtures, path):
    data = (fixtures / f"vectors/vc-di-ecdsa/ecdsa-sd-2023/{path}/addSignedSDBase.json").read_bytes()
    line = town.one(data, proof_only=True)
    assert town.said(line) == {"integrity": ("failed", "ecdsa_sd.base_proof_shown")}


@pytest.mark.parametrize("name", ["eddsa_rdfc_2022", "ecdsa_rdfc_2019_p256", "ecdsa_rdfc_2019_p384"])
def test_restated_vectors(town, name):
    """The same on a machine without the official files."""
    case = tomllib.loads((RESTATED / f"{name}.toml").read_text("utf-8"))
    signer = LocalSigner.from_secret(*multikey.decode_secret(case["secret_key"]))
    suite = suites(CONFORMANCE)[case["cryptosuite"]]
    options = ProofOptions(created=case["created"])
    secured = data_integrity.add_proof(read_object(case["document"]), suite, options, signer)
    assert_the_signature_holds(town.one(strict_json.write(secured), proof_only=True), town)


def test_one_of_ours(scene, form):
    """A presentation's signature is one more; whom it was made for is not asked."""
    for share in (scene.person.bearer(scene.award[form]), scene.person.answer(scene.award[form])):
        report = scene.town.verify(share, proof_only=True)
        (line,) = report.credentials
        assert_the_signature_holds(line, scene.town)
        assert report.verified


def test_dates_status_and_issuer_are_not_asked(town, person, form):
    body = town.certifier.issue("certification", person.new_key(), valid_until="2026-11-01T00:00:00Z")[form]
    town.certifier.publish()
    town.certifier.set_status("revoked")
    share = person.bearer(body)
    assert town.verify(share).verdict == "not_valid"
    assert town.verify(share, proof_only=True).verified


def test_a_signature_that_does_not_hold_is_not_valid_either_way(scene, form):
    share = scene.person.bearer(scene.award[form])
    if form == LD:
        changed = share.replace("front-end", "front-énd")
    elif share.startswith("data:"):
        changed = share[:900] + ("A" if share[900] != "A" else "B") + share[901:]
    else:
        changed = share.replace(".eyJ", ".eyJhIjoxLCJ", 1)
    for proof_only in (False, True):
        report = scene.town.verify(changed, proof_only=proof_only)
        assert (report.verdict, report.verified) == ("not_valid", False)


def test_a_binding_that_is_there_must_be_sound(scene):
    share = scene.person.bearer(scene.award[SD])
    head, _, binding = share.rpartition("~")
    first, payload, signature = binding.split(".")
    bent = f"{head}~{first}.{payload}.{'A' * len(signature)}"
    line = scene.town.one(bent, proof_only=True)
    assert scene.town.said(line)["holder"] == ("failed", "kb.invalid")
    assert not line.verified
