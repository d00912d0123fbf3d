"""Protects: what a credential says is read alike in both forms, and nobody is taken for someone else."""

import datetime as dt

import pytest

from credentials.facts import facts_ld, facts_sd
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import MalformedValueError, Problem

_KEY = LocalSigner.from_secret("P-256", b"\x55" * 32).public_key
_FOREIGN = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential", "UniversityDegreeCredential"],
    "issuer": {"id": "did:web:uni.example", "name": {"@value": "Université", "@language": "fr"}},
    "name": "Licence",
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:web:holder.example", "skill": "Python", "degree": {"name": "Licence"}},
}


def test_a_certification(examples):
    facts = facts_ld(examples["certification"].ld)
    assert facts.kind == "certification"
    assert facts.label["fr"] == "Certification RNCP"
    assert facts.title == "Développeur web et web mobile"
    assert facts.issuer_id == "did:web:certificateur.example"
    assert facts.issuer_name == "Centre de certification des Trois-Fontaines (organisme fictif)"
    assert facts.valid_from == dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
    assert facts.valid_until is None
    assert facts.awarded_on == dt.date(2026, 3, 27)
    assert facts.bound
    assert not facts.self_declared
    assert facts.id == examples["certification"].row["credential_id"]


def test_the_end_of_validity_in_both_forms(examples):
    end = dt.datetime(2028, 4, 1, 21, 59, 59, tzinfo=dt.UTC)
    example = examples["rs-certification"]
    assert facts_ld(example.ld).valid_until == facts_sd(example.sd).valid_until == end


def test_the_holder_is_the_same_key_in_both_forms(example):
    ld, sd = facts_ld(example.ld), facts_sd(example.sd)
    assert ld.holder_key == sd.holder_key
    if ld.bound:
        assert ld.holder_id == sd.holder_id


def test_a_credential_bound_to_no_key(examples):
    facts = facts_ld(examples["diploma-unbound"].ld)
    assert not facts.bound
    assert facts.holder_id.startswith("urn:uuid:")
    assert not facts_sd(examples["diploma-unbound"].sd).bound


@pytest.mark.parametrize("name", ["declared-skill", "declared-experience"])
def test_what_the_holder_declares_names_no_issuer(copy_of, name):
    """Whoever signs for themselves could write any organisation's name there."""
    example = copy_of(name)
    example.ld["issuer"]["name"] = "Université de Paris-Invention"
    example.sd["issuing_authority"] = "Université de Paris-Invention"
    for facts in (facts_ld(example.ld), facts_sd(example.sd)):
        assert facts.self_declared
        assert facts.issuer_name is None


@pytest.mark.parametrize("named", [did_key.did, did_jwk.did])
def test_a_diploma_that_the_holder_signed(copy_of, named):
    """Issuer and holder are one key under one name or under two: it is declared, whatever its type."""
    example = copy_of("diploma")
    example.ld["issuer"]["id"] = named(_KEY)
    example.ld["credentialSubject"]["id"] = did_key.did(_KEY)
    example.sd["iss"], example.sd["cnf"] = named(_KEY), {"jwk": to_jwk(_KEY)}
    for facts in (facts_ld(example.ld), facts_sd(example.sd)):
        assert facts.kind == "diploma"
        assert facts.self_declared
        assert facts.issuer_name is None


def test_self_declared_is_believed(copy_of):
    payload = copy_of("diploma").sd | {"self_declared": True}
    assert facts_sd(payload).self_declared


def test_the_skills_of_an_endorsement_are_the_endorsers_words(examples):
    facts = facts_ld(examples["endorsement"].ld)
    assert facts.skills == ()
    assert [word.skill.ref for word in facts.endorsement.skills] == ["s1", "s2"]
    assert facts.holder_id == examples["declared-experience"].ld["credentialSubject"]["id"]
    assert facts.endorsement == facts_sd(examples["endorsement"].sd).endorsement


def test_skills(examples):
    facts = facts_ld(examples["block"].ld)
    assert [skill.ref for skill in facts.skills] == ["s1", "s2", "s3", "s4"]
    assert facts.skills[1].framework == "ESCO 1.0.8"
    assert facts.skills == facts_sd(examples["block"].sd).skills


def test_a_foreign_credential():
    facts = facts_ld(_FOREIGN)
    assert (facts.kind, facts.label, facts.title) == (None, None, "Licence")
    assert facts.issuer_name == "Université"
    assert facts.skills == ()
    assert [item.id for item in facts.shown] == [
        "credentialSubject.id", "credentialSubject.skill", "credentialSubject.degree.name",
    ]  # fmt: skip


def test_a_foreign_sd_jwt():
    facts = facts_sd(
        {"vct": "https://uni.example/degree", "iss": "https://uni.example", "skills": "Go", "n": [1]}
    )
    assert (facts.kind, facts.title, facts.issuer_id) == (
        None,
        "https://uni.example/degree",
        "https://uni.example",
    )
    assert [(item.id, item.value) for item in facts.shown] == [("skills", "Go"), ("n.0", 1)]


def test_a_key_of_a_kind_that_we_do_not_know_binds_nothing():
    document = _FOREIGN | {
        "credentialSubject": {"id": "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"}
    }
    assert not facts_ld(document).bound


def test_texts_are_safe_to_print(copy_of):
    document = copy_of("diploma").ld
    document["issuer"]["name"] = "Aca\u001b[31mdémie"
    document["credentialSubject"]["achievement"]["name"] = "BTS\u0007" + "x" * 9_999
    facts = facts_ld(document)
    assert facts.issuer_name == "Aca\ufffd[31mdémie"
    assert facts.title.startswith("BTS\ufffd")
    assert len(facts.title) == 500


def test_an_sd_jwt_without_issuer_says_nobody():
    """``iss`` may be absent beside a certificate; no key's controller is ever the empty text."""
    assert facts_sd({"vct": "urn:x"}).issuer_id == ""


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"type": ["VerifiableCredential", 7]}, "shape.text_expected"),
        ({"issuer": None}, "shape.object_expected"),
        ({"issuer": {}}, "shape.text_expected"),
        ({"credentialSubject": "x"}, "shape.object_expected"),
        ({"credentialSubject": {"id": 7}}, "shape.text_expected"),
        ({"validFrom": "soon"}, "shape.date_time_expected"),
        ({"validUntil": 7}, "shape.text_expected"),
        ({"awardedDate": "2026-02-30T00:00:00Z"}, "shape.date_time_expected"),
        ({"credentialStatus": [7]}, "shape.object_expected"),
    ],
)
def test_a_broken_document(members, code):
    with pytest.raises(Problem) as caught:
        facts_ld(_FOREIGN | members)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "members",
    [{"vct": None}, {"exp": "soon"}, {"cnf": {"jwk": {}}}, {"awarded_date": "2026-02-30"}, {"iss": 7}],
)
def test_a_broken_payload(copy_of, members):
    with pytest.raises(MalformedValueError):
        facts_sd(copy_of("diploma").sd | members)
