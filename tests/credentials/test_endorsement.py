"""Protects: a confirmation counts for the credential, person and shown skill it is about, or not at all."""

import dataclasses

import pytest

from credentials import digests
from credentials.endorsement import attach, match, usable
from credentials.facts import facts_ld, facts_sd
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.local import LocalSigner
from problems import ProofVerificationError

_OTHER_KEY = LocalSigner.from_secret("P-256", b"\x44" * 32).public_key


@pytest.fixture
def endorsed(copy_of):
    return copy_of("declared-experience")


@pytest.fixture
def own(endorsed):
    """The digests of the credential that the endorsement example is about."""
    return (("jcs-unsecured", digests.of_document(endorsed.ld)),)


@pytest.fixture
def endorsement(copy_of):
    return copy_of("endorsement")


def _reason(*arguments):
    with pytest.raises(ProofVerificationError) as caught:
        attach(*arguments)
    assert match(*arguments) == ()
    assert caught.value.says("fr").next_step
    return caught.value.code


def test_both_skills_are_attached(endorsement, endorsed, own):
    found = attach(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own)
    assert [(one.skill.name, one.endorsed.verdict, one.endorsed.observed_level) for one in found] == [
        ("gérer des bénévoles", "CONFIRMED", "3"),
        ("Accueillir, orienter et renseigner un client", "ADJUSTED", "2"),
    ]
    assert {one.relationship for one in found} == {"EMPLOYEUR"}


@pytest.mark.parametrize("form", ["ld", "sd"])
@pytest.mark.parametrize("endorsed_form", ["ld", "sd"])
def test_the_forms_may_be_mixed(endorsement, endorsed, form, endorsed_form):
    """An employer signs both forms over both forms: the digest that is at hand decides."""
    says = facts_ld(endorsement.ld) if form == "ld" else facts_sd(endorsement.sd)
    own = (("sd-jwt-issuer-jwt", digests.multihash(b"example issuer-signed JWT")),)
    if endorsed_form == "ld":
        own = (("jcs-unsecured", digests.of_document(endorsed.ld)),)
    shown = facts_ld(endorsed.ld) if endorsed_form == "ld" else facts_sd(endorsed.sd)
    assert len(attach(says, shown, own)) == 2


def test_only_shown_skills_count(endorsement, endorsed):
    own = (("sd-jwt-issuer-jwt", digests.multihash(b"example issuer-signed JWT")),)
    says = facts_sd(endorsement.sd)
    one = attach(says, facts_sd(endorsed.show_sd({"skill.1"})), own)
    assert [attached.skill.ref for attached in one] == ["s2"]
    assert _reason(says, facts_sd(endorsed.show_sd({"skill.2"})), own) == "endorsement.no_shown_skill"
    assert _reason(says, facts_sd(endorsed.show_sd(set())), own) == "endorsement.no_shown_skill"


def test_only_endorsed_skills_that_are_shown_count(endorsement, endorsed, own):
    says = facts_sd(endorsement.show_sd({"skill.0"}))
    assert [one.skill.ref for one in attach(says, facts_ld(endorsed.ld), own)] == ["s1"]
    says = facts_sd(endorsement.show_sd({"comment"}))
    assert _reason(says, facts_ld(endorsed.ld), own) == "endorsement.no_shown_skill"


def test_a_confirmation_of_another_credential(endorsement, endorsed):
    changed = endorsed.ld | {"validFrom": "2026-10-02T00:00:00Z"}
    other = (("jcs-unsecured", digests.of_document(changed)),)
    assert _reason(facts_ld(endorsement.ld), facts_ld(changed), other) == "endorsement.other_credential"


def test_the_same_id_is_not_enough(endorsement, endorsed):
    """Elsewhere an edited credential with the same id inherits the recommendation."""
    endorsed.ld["credentialSubject"]["experience"]["jobTitle"] = "Direction générale"
    own = (("jcs-unsecured", digests.of_document(endorsed.ld)),)
    assert facts_ld(endorsed.ld).id == facts_ld(endorsement.ld).endorsement.endorsed_id
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own) == "endorsement.other_credential"


def test_a_digest_of_another_kind_with_the_same_value(endorsement, endorsed, own):
    moved = (("sd-jwt-issuer-jwt", own[0][1]),)
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), moved) == "endorsement.other_credential"


def test_no_digest_at_all(endorsement, endorsed):
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), ()) == "endorsement.other_credential"


def test_a_confirmation_of_another_person(endorsement, endorsed, own):
    endorsement.ld["credentialSubject"]["endorsedHolder"] = did_key.did(_OTHER_KEY)
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own) == "endorsement.other_holder"


def test_a_confirmation_of_nobodys_key(endorsement, copy_of):
    """A credential bound to no key has no holder whom anybody could be shown to be."""
    unbound = copy_of("diploma-unbound")
    own = (("jcs-unsecured", digests.of_document(unbound.ld)),)
    subject = endorsement.ld["credentialSubject"]
    subject["endorsedHolder"] = unbound.ld["credentialSubject"]["id"]
    subject["endorsedDigest"][0]["digestMultibase"] = own[0][1]
    assert _reason(facts_ld(endorsement.ld), facts_ld(unbound.ld), own) == "endorsement.other_holder"


def test_the_key_counts_and_not_its_name(endorsement, endorsed, own):
    key = did_key.public_key_of(endorsement.ld["credentialSubject"]["endorsedHolder"])
    endorsement.ld["credentialSubject"]["endorsedHolder"] = did_jwk.did(key)
    assert len(attach(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own)) == 2


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ref", "s3"),
        ("name", "diriger"),
        ("code", "104175"),
        ("level", "4"),
        ("framework", "RNCP"),
        ("levelScale", "EQF"),
    ],
)
def test_a_skill_that_differs(endorsement, endorsed, own, member, value):
    """The endorser repeats what was confirmed: nothing is inherited from the digest alone."""
    for skill in endorsement.ld["credentialSubject"]["endorsedSkill"]:
        skill[member] = value
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own) == "endorsement.no_shown_skill"


@pytest.mark.parametrize("member", ["level", "code", "framework"])
def test_a_member_hidden_on_one_side_only(endorsement, endorsed, own, member):
    """ecdsa-sd-2023 lets a holder hide the level that was confirmed: then it is not confirmed."""
    for skill in endorsement.ld["credentialSubject"]["endorsedSkill"]:
        del skill[member]
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own) == "endorsement.no_shown_skill"


def test_the_concept_follows_from_the_code(endorsement, endorsed, own):
    del endorsement.ld["credentialSubject"]["endorsedSkill"][0]["concept"]
    assert len(attach(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own)) == 2


def test_nobody_confirms_their_own_skills(endorsement, endorsed, own):
    endorsement.ld["issuer"]["id"] = endorsed.ld["credentialSubject"]["id"]
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own) == "endorsement.own_words"
    key = did_key.public_key_of(endorsed.ld["credentialSubject"]["id"])
    endorsement.ld["issuer"]["id"] = did_jwk.did(key)
    assert _reason(facts_ld(endorsement.ld), facts_ld(endorsed.ld), own) == "endorsement.own_words"


def test_what_is_no_confirmation(endorsed, own):
    assert _reason(facts_ld(endorsed.ld), facts_ld(endorsed.ld), own) == "endorsement.is_none"


# --- the base signature does not commit a holder to what they declare


@pytest.mark.parametrize("named", [did_key.did, did_jwk.did])
def test_a_base_signature_of_the_holders_own(endorsement, endorsed, named):
    own = (("di-base-signature", digests.multihash(b"base signature")),)
    digest = endorsement.ld["credentialSubject"]["endorsedDigest"][0]
    digest |= {"digestOver": own[0][0], "digestMultibase": own[0][1]}
    key = did_key.public_key_of(endorsed.ld["credentialSubject"]["id"])
    endorsed.ld["issuer"]["id"] = named(key)
    facts = facts_ld(endorsed.ld)
    assert usable(facts, own) == ()
    assert _reason(facts_ld(endorsement.ld), facts, own) == "endorsement.other_credential"


def test_a_base_signature_of_somebody_else(endorsement, copy_of):
    """A certifier gains nothing from swapping statements of a diploma."""
    block = copy_of("block")
    own = (("di-base-signature", digests.multihash(b"base signature")),)
    subject, skill = endorsement.ld["credentialSubject"], block.ld["credentialSubject"]["skill"][1]
    subject["endorsedDigest"] = [
        {"type": "EndorsedDigest", "digestOver": own[0][0], "digestMultibase": own[0][1]}
    ]
    subject["endorsedHolder"] = block.ld["credentialSubject"]["id"]
    subject["endorsedSkill"] = [
        skill | {"type": "EndorsedSkill", "verdict": "CONFIRMED", "narrative": "Sans précision."}
    ]
    found = attach(facts_ld(endorsement.ld), facts_ld(block.ld), own)
    assert [one.skill.ref for one in found] == ["s2"]


def test_a_skill_without_ref_is_never_matched(endorsement, endorsed, own):
    says, facts = facts_ld(endorsement.ld), facts_ld(endorsed.ld)
    nameless = tuple(dataclasses.replace(skill, ref=None) for skill in facts.skills)
    words = tuple(
        dataclasses.replace(word, skill=dataclasses.replace(word.skill, ref=None))
        for word in says.endorsement.skills
    )
    says = dataclasses.replace(says, endorsement=dataclasses.replace(says.endorsement, skills=words))
    assert _reason(says, dataclasses.replace(facts, skills=nameless), own) == "endorsement.no_shown_skill"
