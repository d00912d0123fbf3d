"""The walk from input to report: which step speaks, and what is never repeated."""

import datetime as dt
import json

import pytest

from boundary import base64url, strict_json
from credentials import templates
from credentials.published import integrity
from keys import issuer_metadata
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import SUITES, data_integrity, jws
from proofs.suite import ProofOptions

LD, SD = "application/vc", "application/dc+sd-jwt"
PARTLY = [LD, SD, "application/vc+sd-jwt"]
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
CHECKS = ["integrity", "issuer_key", "holder", "dates", "status", "schema", "issuer"]


def step_names(line):
    return [step.name for step in line.steps]


def token(payload, signer, **header):
    return f"{jws.sign({'typ': 'dc+sd-jwt', 'kid': signer.verification_method} | header, payload, signer)}~"


def secured(document, signer, suite="ecdsa-rdfc-2019"):
    return strict_json.write(data_integrity.add_proof(document, SUITES[suite], ProofOptions(), signer))


# Honest


def test_every_check_of_an_honest_share(scene, form):
    report = scene.town.verify(scene.person.bearer(scene.award[form]))
    (line,) = report.credentials
    assert step_names(line) == CHECKS
    assert {step.outcome for step in (*report.steps, *line.steps)} == {"passed"}
    assert (report.verdict, report.verified, report.at) == ("genuine", True, NOW)
    assert line.facts.title == "Développeur web et web mobile"


def test_both_forms_say_the_same(scene):
    ld, sd = (scene.town.one(scene.person.bearer(scene.award[form])) for form in (LD, SD))
    assert [(item.id, item.value) for item in ld.facts.shown] == [
        (item.id, item.value) for item in sd.facts.shown
    ]


@pytest.mark.parametrize("form", PARTLY)
def test_only_what_was_chosen_is_in_the_report(scene, form):
    """Hidden items are not in it, in no language and no output."""
    town, person = scene.town, scene.person
    report = town.verify(person.bearer(town.choice(scene.award[form], "block.0", "family_name")))
    written = town.everything_said(report)
    assert "EXEMPLE-DÉMONSTRATION" in written
    assert "front-end" in written
    for hidden in ("2000", "Camille", "back-end", "TRES_BIEN"):
        assert hidden not in written
    assert report.verified


def test_several_presentations_at_once(town, person):
    """A vp_token: each part on its own line, the page as good as the worst."""
    bodies = [
        town.certifier.issue(name, person.new_key(), reference=name) for name in ("diploma", "training")
    ]
    town.certifier.publish()
    share = person.bearer(bodies[0][SD], bodies[1][SD], bodies[0][LD])
    report = town.verify(share)
    assert [line.facts.kind for line in report.credentials] == ["diploma", "training", "diploma"]
    assert (report.verdict, report.verified) == ("genuine", True)
    town.certifier.set_status("revoked", "training")
    report = town.verify(share)
    assert [line.verdict for line in report.credentials] == ["genuine", "not_valid", "genuine"]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_a_credential_of_the_first_data_model(town):
    """Other people still issue VCDM 1.1; it is verified, and never issued here."""
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
        "id": "urn:uuid:0e4e1c1a-0000-4000-8000-000000000002",
        "type": ["VerifiableCredential"],
        "issuer": town.employer.desk.did,
        "issuanceDate": "2024-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
    }
    line = town.one(secured(document, town.employer.desk.signer))
    assert town.said(line)["dates"] == ("passed", "dates.valid_until")
    assert (line.verdict, line.verified) == ("to_confirm", True)  # unknown type, bound to nobody
    late = town.one(secured(document, town.employer.desk.signer), dt.datetime(2027, 1, 2, tzinfo=dt.UTC))
    assert town.said(late)["dates"] == ("failed", "credential.expired")


def test_an_issuer_named_by_an_address(town):
    """SD-JWT VC §5: keys in the metadata of a web address instead of a DID."""
    address = "https://ecole.example/antenne"
    signer = LocalSigner.generate("P-256", f"{address}#key-1")
    jwk = {**to_jwk(signer.public_key), "kid": "key-1"}
    town.certifier.put(issuer_metadata.url_of(address), {"issuer": address, "jwks": {"keys": [jwk]}})
    payload = {"iss": address, "vct": "https://ailleurs.example/badge", "name": "Natation"}
    line = town.one(token(payload, signer, kid="key-1"))
    assert town.said(line)["issuer_key"] == ("passed", "issuer_key.held")
    assert town.said(line)["issuer"] == ("passed", "issuer.domain")
    other = LocalSigner.generate("P-256", f"{address}#key-1")
    assert town.said(town.one(token(payload, other, kid="key-1"))) == {
        "integrity": ("failed", "signature.invalid")
    }


# A bad signature hides the rest


SECRET_WORDS = (
    "EXEMPLE-DÉMONSTRATION",
    "Camille",
    "front-end",
    "Développeur",
    "TRES_BIEN",
    "Trois-Fontaines",
)


def tampered(share):
    """Change one letter of what is shown, wherever it is shown."""
    if share.startswith("{"):
        return share.replace("front-end", "front-énd")
    if share.startswith("data:"):
        return share[:900] + ("A" if share[900] != "A" else "B") + share[901:]
    issuer, *others = share.split("~")
    head, payload, signature = issuer.split(".")
    payload = payload[:40] + ("A" if payload[40] != "A" else "B") + payload[41:]
    return "~".join([".".join([head, payload, signature]), *others])


def test_a_bad_signature_hides_the_rest(scene, form):
    share = scene.person.bearer(scene.award[form])
    honest = scene.town.everything_said(scene.town.verify(share))
    for word in SECRET_WORDS[:-1]:
        assert word in honest
    report = scene.town.verify(tampered(share))
    assert (report.verdict, report.verified) == ("not_valid", False)
    for line in report.credentials:
        assert line.facts is None
        assert step_names(line) == ["integrity"]
    written = scene.town.everything_said(report)
    for word in SECRET_WORDS:
        assert word not in written


def test_a_tampered_credential_alone(scene):
    """Without a presentation around it, its own proof tells."""
    shown = scene.town.one(scene.person.bearer(scene.award[LD])).opened.document
    whole = secured(shown, scene.town.certifier.desk.signer)
    assert scene.town.one(whole).verdict == "to_confirm"
    report = scene.town.verify(tampered(whole))
    (line,) = report.credentials
    assert scene.town.said(line) == {"integrity": ("failed", "signature.invalid")}
    assert not any(word in scene.town.everything_said(report) for word in SECRET_WORDS)


def test_a_good_line_does_not_lend_its_light(town, person):
    """One of two is broken: the other stands, the page does not."""
    good, bad = (town.certifier.issue("diploma", person.new_key(), reference=name)[SD] for name in "ab")
    town.certifier.publish()
    shares = [person.bearer(good), tampered(person.bearer(bad))]
    report = town.verify(json.dumps({"vp_token": {"a": [shares[0]], "b": [shares[1]]}}))
    assert [line.verdict for line in report.credentials] == ["genuine", "not_valid"]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_an_unsigned_credential_inside_a_signed_presentation(scene, person):
    """DI-029: the presentation is signed, and vouches for nothing that it carries."""
    document = scene.town.one(scene.person.bearer(scene.award[LD])).opened.document
    share = {"@context": document["@context"][:1], "type": ["VerifiablePresentation"]}
    share["verifiableCredential"] = [document]
    options = ProofOptions(
        "authentication",
        created="2026-11-20T08:00:00Z",
        expires="2026-12-20T08:00:00Z",
        domain="urn:passeport:bearer",
    )
    signer = person.signer_for(person.new_key())
    report = scene.town.verify(
        strict_json.write(data_integrity.add_proof(share, SUITES["ecdsa-rdfc-2019"], options, signer))
    )
    (line,) = report.credentials
    assert scene.town.said(line) == {"integrity": ("failed", "proof.missing")}
    assert not report.verified


def test_the_base_proof_is_not_for_showing(scene):
    """SL-005"""
    line = scene.town.one(scene.award[LD])
    assert scene.town.said(line) == {"integrity": ("failed", "ecdsa_sd.base_proof_shown")}
    assert line.facts is None


def test_what_was_signed_and_makes_no_sense_fails_its_schema(town):
    """The content is as it was signed; that it is no credential is another matter."""
    nonsense = {"iss": town.employer.desk.did, "vct": "https://ailleurs.example/badge", "exp": 1, "nbf": 2}
    line = town.one(token(nonsense, town.employer.desk.signer))
    assert town.said(line) == {
        "integrity": ("passed", "integrity.intact"),
        "schema": ("failed", "model.ends_before_it_begins"),
    }
    assert line.facts is None
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": town.employer.desk.did,
        "validFrom": "2026-01-02T00:00:00Z",
        "validUntil": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:x:1"},
    }
    line = town.one(secured(document, town.employer.desk.signer))
    assert town.said(line)["schema"] == ("failed", "model.ends_before_it_begins")


def test_a_credential_whose_type_means_something_else_than_what_is_published(town, scene):
    """SD-JWT VC §7: what a type means is part of what was signed."""
    [payload] = [json.loads(base64url.decode(scene.award[SD].split(b".")[1].decode()))]
    assert payload["vct#integrity"] == integrity(templates.for_vct(payload["vct"]))
    other = payload | {"vct#integrity": integrity(templates.load("skill")), "iss": town.employer.desk.did}
    line = town.one(token(other, town.employer.desk.signer))
    assert town.said(line)["schema"] == ("failed", "sdjwt.vct_integrity")


# Supported is not accepted


def test_the_policy_names_the_suites(scene):
    share = scene.person.bearer(scene.award[LD])
    only = scene.town.verify(share, suites={"eddsa-rdfc-2022"})
    assert [(step.name, step.code) for step in only.steps][1:] == [("integrity", "proof.cryptosuite")]
    assert not only.verified
