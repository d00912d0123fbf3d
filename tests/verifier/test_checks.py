"""Every step after the signature, with each of its outcomes, in every way of securing."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from boundary import strict_json
from keys.dids import web as did_web
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import SUITES, data_integrity
from verifier import checks
from verifier.report import Log

LD, SD = "application/vc", "application/dc+sd-jwt"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ISSUED = dt.datetime(2026, 10, 1, 9, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SKEW = dt.timedelta(minutes=5)


# The issuer's key


def test_the_key_is_the_issuers(scene, form):
    line = scene.town.one(scene.person.bearer(scene.award[form]))
    assert scene.town.said(line)["issuer_key"] == ("passed", "issuer_key.held")
    assert line.opened.key.controller == line.facts.issuer_id == "did:web:certificateur.example"


@pytest.mark.parametrize(
    ("form", "code"), [(LD, "issuer_key.other_party"), (SD, "sdjwt.issuer_key_mismatch")]
)
def test_a_key_of_another_party_does_not_speak_for_the_issuer(scene, form, code):
    """DI-025: ``issuer`` and verification method must be one party, or nothing of it is repeated."""
    forged = scene.town.signed(scene.content(form), scene.town.employer.desk.signer)
    line = scene.town.one(forged)
    assert scene.town.said(line)["issuer_key"] == ("failed", code)
    assert (line.verdict, line.facts) == ("not_valid", None)


def test_a_compromised_key_proves_nothing_whenever_it_signed(town, awarded, form):
    """Design rule 2: the thief writes the date too."""
    shared = awarded()[form]
    assert town.one(shared).verdict == "genuine"
    town.certifier.revoke_key("compromised", NOW - DAY)
    line = town.one(shared)
    assert town.said(line)["issuer_key"] == ("failed", "issuer_key.compromised")
    assert (line.verdict, line.verified, line.facts) == ("not_valid", False, None)


@pytest.mark.parametrize("reason", ["superseded", "ceased"])
def test_a_key_replaced_in_good_order_vouches_for_what_it_signed_before(town, awarded, form, reason):
    shared = awarded()[form]
    town.certifier.revoke_key(reason, NOW - DAY)
    town.certifier.publish(NOW - 2 * DAY)  # the lists were signed before that too
    line = town.one(shared)
    assert town.said(line)["issuer_key"] == ("passed", "issuer_key.held")
    assert line.verdict == "genuine"


def test_a_key_signs_nothing_after_it_was_replaced(town, awarded, form):
    shared = awarded()[form]
    town.certifier.revoke_key("superseded", ISSUED - 2 * DAY)
    line = town.one(shared)
    assert town.said(line)["issuer_key"] == ("failed", "issuer_key.withdrawn")
    assert (line.verdict, line.facts) == ("not_valid", None)


def test_before_and_after_a_rotation(town, person, form):
    before = town.certifier.issue("certification", person.new_key(), reference="before")[form]
    town.certifier.rotate(ISSUED)
    after = town.certifier.issue("certification", person.new_key(), reference="after")[form]
    town.certifier.publish()
    for body in (before, after):
        assert town.one(person.bearer(body)).verdict == "genuine"


def test_a_key_that_its_owner_does_not_list(town, awarded, form):
    shared = awarded()[form]
    town.certifier.keys = []
    town.certifier.publish_keys()
    line = town.one(shared)
    assert town.said(line) == {"issuer_key": ("failed", "did.key_not_listed")}
    assert line.verdict == "not_valid"


def test_a_key_listed_for_authentication_only(town, awarded, form):
    """DI-024: the issuer's key, but not for asserting anything."""
    shared = awarded()[form]
    town.certifier.keys = [replace(key, purposes=("authentication",)) for key in town.certifier.keys]
    town.certifier.publish_keys()
    assert town.said(town.one(shared)) == {"issuer_key": ("failed", "did.purpose")}


def test_a_key_that_the_document_gives_to_another(town, awarded, form):
    """DI-026: the document under A says that B controls the key."""
    shared = awarded()[form]
    document = town.certifier.document()
    for method in document["verificationMethod"]:
        method["controller"] = "did:web:employeur.example"
    town.certifier.put(did_web.url_of(town.certifier.desk.did), document)
    assert town.said(town.one(shared)) == {"issuer_key": ("failed", "did.controller")}


def test_an_issuer_that_cannot_be_asked_is_neither_good_nor_bad(town, awarded, form):
    shared = awarded()[form]
    town.web.path("https://certificateur.example/.well-known/did.json").unlink()
    line = town.one(shared)
    assert town.said(line) == {"issuer_key": ("unknown", "source.not_pinned")}
    assert (line.verdict, line.verified, line.facts) == ("cannot_check", False, None)


def test_trust_is_judged_on_the_best_proof_that_the_issuer_made(scene):
    """A proof beside the issuer's takes nothing away, a stranger's own proof gives nothing."""
    issuer, stranger = scene.town.certifier.desk.signer, scene.town.employer.desk.signer
    document = scene.content(LD)

    def by(*signers):
        secured = document
        for signer in signers:
            secured = json.loads(scene.town.signed(secured, signer))
        return scene.town.said(scene.town.one(json.dumps(secured)))["issuer_key"]

    assert by(stranger, issuer) == by(issuer, stranger) == ("passed", "issuer_key.held")
    assert by(stranger) == ("failed", "issuer_key.other_party")


def test_a_second_proof_of_the_issuer_outlives_a_stolen_key(town, awarded):
    document = town.one(awarded()[LD]).opened.document
    old = town.certifier.desk.signer
    town.certifier.rotate(NOW - 2 * DAY)
    twice = town.signed(json.loads(town.signed(document, old)), town.certifier.desk.signer)
    first, *others = town.certifier.keys
    town.certifier.keys = [first.revoked("compromised", NOW - DAY), *others]
    town.certifier.publish_keys()
    assert town.said(town.one(twice))["issuer_key"] == ("passed", "issuer_key.held")
    assert town.said(town.one(town.signed(document, old)))["issuer_key"] == (
        "failed",
        "issuer_key.compromised",
    )


# Dates


def test_without_end(scene, form):
    line = scene.town.one(scene.person.bearer(scene.award[form]))
    assert scene.town.said(line)["dates"] == ("passed", "dates.no_end")


END = dt.datetime(2026, 11, 20, 22, 59, 59, tzinfo=dt.UTC)


def test_in_force_until_its_end_and_expired_after(town, awarded, form):
    """Expired is amber, not red: it was true. Yet it does not verify."""
    shared = awarded(valid_until="2026-11-20T22:59:59Z")[form]
    town.certifier.publish(END - DAY)
    good = town.one(shared, END + SKEW)
    assert town.said(good)["dates"] == ("passed", "dates.valid_until")
    assert (good.verdict, good.verified) == ("genuine", True)
    late = town.one(shared, END + SKEW + dt.timedelta(seconds=1))
    assert town.said(late)["dates"] == ("failed", "credential.expired")
    assert (late.verdict, late.verified) == ("expired", False)
    assert late.facts is not None


def test_not_yet_valid(town, person, form):
    """What has not begun is no claim of today."""
    body = town.certifier.issue("certification", person.new_key(), awarded="2026-12-01")[form]
    town.certifier.publish()
    line = town.one(person.bearer(body))
    assert town.said(line)["dates"] == ("failed", "credential.not_yet_valid")
    assert (line.verdict, line.verified) == ("not_valid", False)
    begins = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    town.certifier.publish(begins - HOUR)
    assert town.one(person.bearer(body, at=begins - HOUR), begins - SKEW).verified


def test_issued_in_the_future(scene):
    """An SD-JWT VC may say when it was issued and not from when it holds."""
    town = scene.town
    payload = {name: value for name, value in scene.content(SD).items() if name != "nbf"}

    def issued(at):
        text = town.signed({**payload, "iat": int(at.timestamp())}, town.certifier.desk.signer)
        return town.said(town.one(text))["dates"]

    assert issued(NOW + SKEW) == ("passed", "dates.no_end")
    assert issued(NOW + SKEW + dt.timedelta(seconds=1)) == ("failed", "credential.not_yet_valid")


# Schema: the half items of our model


HALVES = {
    "an adjusted skill without the level that was observed": (
        "endorsement",
        [
            f"/credentialSubject/endorsedSkill/1/{member}"
            for member in ("ref", "name", "framework", "code", "verdict", "level", "levelScale", "narrative")
        ],
    ),
    "a job that starts and does not end": ("skill", ["/credentialSubject/experience/startDate"]),
    "a language level without the part of the test": (
        "rs-certification",
        [f"/credentialSubject/result/2/{member}" for member in ("value", "name", "resultScale")],
    ),
}


@pytest.mark.parametrize("half", HALVES)
def test_half_an_item_is_refused(town, person, half):
    """MODEL, "Items are atomic": cryptography accepts each of these."""
    example, pointers = HALVES[half]
    base = json.loads(town.certifier.issue(example, person.new_key(), valid_until=None)[LD])
    town.certifier.publish()
    for chosen, found in (([], ("passed", "schema.holds")), (pointers, ("failed", "schema.refused"))):
        line = town.one(strict_json.write(data_integrity.derive(base, SUITES, chosen)))
        assert town.said(line)["integrity"] == ("passed", "integrity.intact")
        assert town.said(line)["schema"] == found
        assert (line.verdict == "not_valid") == bool(chosen)


def test_a_type_that_we_do_not_know_is_for_a_person_to_judge(town, person):
    """Honest in everything else, and shown by its holder: nobody here can tell whether it is whole."""
    holder = person.signer_for(person.new_key())
    foreign = {
        "iss": town.employer.desk.did,
        "vct": "https://ailleurs.example/badge",
        "name": "Natation",
        "cnf": {"jwk": to_jwk(holder.public_key)},
    }
    line = town.one(person.bearer(town.signed(foreign, town.employer.desk.signer)))
    assert town.said(line)["schema"] == ("not_applicable", "schema.unknown_type")
    assert [step.name for step in line.steps if step.caution] == ["schema"]
    assert (line.verdict, line.verified) == ("to_confirm", True)


# Who issued


def test_an_organisation_is_known_by_its_domain(scene, form):
    line = scene.town.one(scene.person.bearer(scene.award[form]))
    (step,) = (step for step in line.steps if step.name == "issuer")
    assert (step.outcome, step.code, step.caution) == ("passed", "issuer.domain", False)
    assert step.facts == {"domain": "certificateur.example"}


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("did:web:ecole.example", "ecole.example"),
        ("did:web:ecole.example:antenne:7", "ecole.example"),
        ("did:web:ecole.example%3A8443:antenne", "ecole.example:8443"),
        ("https://ecole.example/antenne", "ecole.example"),
        ("https://ecole.example:8443", "ecole.example:8443"),
    ],
)
def test_a_domain_is_shown_without_the_rest(scene, identifier, name):
    log = Log()
    opened = scene.town.one(scene.person.bearer(scene.award[SD])).opened
    checks.issuer(log, replace(opened, facts=replace(opened.facts, issuer_id=identifier)))
    assert log.steps[0].facts == {"domain": name}


@pytest.mark.parametrize("form", [LD, SD])
def test_a_key_that_calls_itself_a_university(town, person, form):
    """Anybody can make a key, name it and publish lists: intact, and for a person to confirm."""
    university = town.organisation("x.example", "Université de Partout", LocalSigner.generate("P-256"))
    body = university.issue("diploma", person.new_key())[form]
    university.publish()
    line = town.one(person.bearer(body))
    assert town.said(line)["issuer"] == ("passed", "issuer.key_only")
    assert (line.verdict, line.verified) == ("to_confirm", True)


def test_no_name_of_a_party_floods_the_report(scene):
    """The verification method is the sender's to choose."""
    stranger = "did:web:" + "a.example:" + ":".join(["x" * 100] * 18)
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}
    document |= {"issuer": "did:web:ecole.example", "credentialSubject": {"id": "urn:x:1"}}
    signer = LocalSigner.generate("P-256", f"{stranger}#k")
    line = scene.town.one(scene.town.signed(document, signer))
    assert all(len(str(fact)) < 300 for step in line.steps for fact in step.facts.values())
