"""An endorsement counts for what is shown beside it, or it counts for nothing.

Each case that must not count differs in one thing from the honest one, and would be counted without it.
"""

import datetime as dt
import json

import pytest

from boundary.strict_json import read_object
from credentials import digests
from exchange.presentation import CosePart
from issuer.endorse import Word
from issuer.order import Award
from keys.local import LocalSigner
from proofs import SUITES, data_integrity
from proofs.cose import envelope as cose
from proofs.ecdsa_sd_2023.suite import EcdsaSd2023
from proofs.suite import ProofOptions

FIRST = (Word("s1"),)
LD, SD = "application/vc", "application/dc+sd-jwt"
JWT, LD_SD = "application/vc+jwt", "application/vc+sd-jwt"
EVERY = [pytest.param(form, id=form.removeprefix("application/")) for form in (LD, SD, JWT, LD_SD)]
PARTLY = [pytest.param(LD, id="json-ld"), pytest.param(SD, id="sd-jwt"), pytest.param(LD_SD, id="vc+sd-jwt")]
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def declared(town, person):
    """A skill that the holder declares, in both forms, bound to one key."""
    return person.declare(person.new_key())


@pytest.fixture
def confirm(town, person):
    """Let the employer confirm what the holder shows; return the endorsement's forms."""

    def confirmed(*shown, words=FIRST, by=None, reference=""):
        by = by or town.employer
        endorsement = town.endorse(person.bearer(*shown), *words, by=by, reference=reference)
        by.publish()
        return endorsement

    return confirmed


@pytest.fixture
def together(town, person):
    """Verify credentials and endorsements shown together; return the report and the line of each."""

    def shown(*bodies, at=NOW):
        report = town.verify(person.bearer(*bodies), at)
        kinds = {line.facts.kind if line.facts else None: line for line in report.credentials}
        return report, kinds

    return shown


def found(line):
    (step,) = (step for step in line.steps if step.name == "endorsement")
    return step.outcome, step.code


ATTACHED = ("passed", "endorsement.attached")
NOT_ATTACHED = ("not_applicable", "endorsement.not_attached")


def confirmations(report):
    return [
        (one.by_name, one.endorsed.skill.name, one.endorsed.verdict)
        for line in report.credentials
        for one in line.countersigned
    ]


CONFIRMED = [("Menuiserie Imaginaire (entreprise fictive)", "Tenir un planning partagé", "CONFIRMED")]


# Attached


@pytest.mark.parametrize("endorsement", EVERY)
@pytest.mark.parametrize("endorsed", EVERY)
def test_each_form_confirms_each_form(declared, confirm, together, endorsed, endorsement):
    """One endorsement, by the digests of all forms of what it endorses."""
    confirmed = confirm(*declared.values())
    report, lines = together(declared[endorsed], confirmed[endorsement])
    assert found(lines["endorsement"]) == ATTACHED
    assert confirmations(report) == CONFIRMED
    assert report.verified


def test_an_endorsement_never_upgrades_the_line_of_the_issuer(declared, confirm, together, form):
    """Declared and confirmed stays declared: the confirmation is a second line."""
    report, lines = together(declared[form], confirm(declared[form])[form])
    assert lines["declared-skill"].verdict == "declared"
    assert lines["declared-skill"].facts.issuer_name is None
    assert lines["endorsement"].verdict == "genuine"
    assert (report.verdict, report.headline) == ("declared", "verdict.partly_declared")


@pytest.fixture
def observed(town, person):
    """Three skills that the certifier attests."""
    award = town.certifier.issue("skill", person.new_key())
    town.certifier.publish()
    return award


def test_skills_of_a_certified_credential(town, observed, confirm, together, form):
    """Confirmed and adjusted, each told by its name; the one that nobody spoke of is not."""
    words = (Word("s1"), Word("s3", "3", "À revoir au printemps."))
    _, lines = together(observed[form], confirm(observed[form], words=words)[form])
    line = lines["skill"]
    assert line.verdict == "genuine"
    assert [
        (one.endorsed.skill.ref, one.endorsed.verdict, one.endorsed.observed_level)
        for one in line.countersigned
    ] == [("s1", "CONFIRMED", "3"), ("s3", "ADJUSTED", "3")]
    assert line.countersigned[0].by_id == "did:web:employeur.example"
    assert line.countersigned[0].relationship == "EMPLOYEUR"


@pytest.mark.parametrize("form", PARTLY)
def test_only_the_skill_that_is_shown_is_confirmed(town, person, observed, confirm, form):
    """Both are confirmed; of the credential one is shown, of the endorsement both."""
    confirmed = confirm(observed[form], words=(Word("s1"), Word("s2")))
    share = person.bearer(town.choice(observed[form], "skill.1"), confirmed[form])
    report = town.verify(share)
    assert [name for _, name, _ in confirmations(report)] == ["Concevoir une application web"]


@pytest.mark.parametrize("form", PARTLY)
def test_only_the_word_that_is_shown_counts(town, person, observed, confirm, form):
    confirmed = confirm(observed[form], words=(Word("s1"), Word("s2")))
    share = person.bearer(observed[form], town.choice(confirmed[form], "skill.0"))
    report = town.verify(share)
    assert [name for _, name, _ in confirmations(report)] == [
        "Développer une application en lien avec une base de données"
    ]


def test_two_employers(town, declared, confirm, together, form):
    other = town.organisation("atelier.example", "Atelier du Grand Chêne (fictif)")
    report, _ = together(
        declared[form], confirm(declared[form])[form], confirm(declared[form], by=other)[form]
    )
    assert [name for name, _, _ in confirmations(report)] == [CONFIRMED[0][0], other.desk.name]


def test_the_same_word_twice_is_one(declared, confirm, together, form):
    """All forms of one endorsement, and one of them again: still one employer."""
    confirmed = confirm(*declared.values())
    report, _ = together(declared[form], *confirmed.values())
    assert confirmations(report) == CONFIRMED
    again = confirm(*declared.values(), reference="again")
    report, _ = together(declared[form], confirmed[SD], again[SD])
    assert confirmations(report) == CONFIRMED


# Not attached


def assert_not_attached(report, line, expected=NOT_ATTACHED):
    assert confirmations(report) == []
    assert found(line) == expected


def test_alone(declared, confirm, together, form):
    report, lines = together(confirm(declared[form])[form])
    assert_not_attached(report, lines["endorsement"])
    assert (report.verdict, report.verified) == ("to_confirm", True)
    (step,) = (step for step in lines["endorsement"].steps if step.name == "endorsement")
    assert step.says("fr").what.startswith("Recommandation non rattachée")


def test_of_another_credential(town, person, declared, confirm, together, form):
    """The same holder declares the same skill again: nobody has seen *this* one."""
    holder = town.one(person.bearer(declared[form])).facts.holder_id
    again = person.declare(holder)
    report, lines = together(again[form], confirm(declared[form])[form])
    assert_not_attached(report, lines["endorsement"])


def crafted(town, person, body, form, holder=None, digest=None, valid_until=None, **changes):
    """Return an endorsement as a careless or bribed employer would sign it: by hand, one thing changed."""
    facts = town.one(person.bearer(body)).facts
    (skill,) = facts.skills
    says = {
        "ref": skill.ref,
        "name": skill.name,
        "level": skill.level,
        "level_scale": skill.level_scale,
        "observed_level": skill.level,
        "verdict": "CONFIRMED",
        "context": "Sans précision.",
        **changes,
    }
    named = [digest] if digest else _digests(body)
    claims = {
        "name": "Compétences confirmées",
        "description": "Compétences que le signataire confirme.",
        "endorsed": {
            "id": "urn:uuid:0e4e1c1a-0000-4000-8000-000000000001",
            "digests": [{"over": over, "digest": value} for over, value in named],
        },
        "relationship": "EMPLOYEUR",
        "skills": [{name: value for name, value in says.items() if value is not None}],
        **({"valid_until": valid_until} if valid_until else {}),
    }
    award = Award("by-hand", "endorsement", claims, holder or facts.holder_id, town.forms("endorsement"))
    done = town.employer.fill(award)
    town.employer.publish()
    return done


def _digests(body):
    if body.startswith(b"{"):
        return digests.of_json_ld(read_object(body))
    if cose.is_message(body):
        return digests.of_message(cose.unverified(body).document)
    return (("sd-jwt-issuer-jwt", digests.of_sd_jwt(body.decode())),)


def test_what_is_crafted_without_a_change_counts(town, person, declared, together, form):
    _, lines = together(declared[form], crafted(town, person, declared[form], form)[form])
    assert found(lines["endorsement"]) == ATTACHED


ALTERED = {
    "another name": {"name": "Diriger une menuiserie"},
    "another reference": {"ref": "s2"},
    "another level": {"level": "4"},
    "a level less": {"level": None, "level_scale": None, "observed_level": None},
    "another scale": {"level_scale": "EQF"},
    "a code more": {"framework": "ROME 4.0", "code": "113317"},
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
def test_of_an_altered_skill(town, person, declared, together, form, change):
    """Ref, name, code and level are repeated in the endorsement, and must be those that are shown."""
    report, lines = together(declared[form], crafted(town, person, declared[form], form, **change)[form])
    assert_not_attached(report, lines["endorsement"])


@pytest.mark.parametrize("over", ["sd-jwt-issuer-jwt", "jcs-unsecured", "di-base-signature"])
def test_by_another_digest(town, person, declared, together, form, over):
    digest = over, digests.multihash(b"another document")
    report, lines = together(declared[form], crafted(town, person, declared[form], form, digest=digest)[form])
    assert_not_attached(report, lines["endorsement"])


def test_of_another_holder(town, person, declared, together, form):
    """Digest and skill are right; the key is another's."""
    other = crafted(town, person, declared[form], form, holder=person.new_key())
    report, lines = together(declared[form], other[form])
    assert_not_attached(report, lines["endorsement"])


@pytest.mark.parametrize("form", PARTLY)
def test_of_a_skill_that_is_not_shown(town, person, observed, confirm, form):
    confirmed = confirm(observed[form], words=(Word("s1"),))
    report = town.verify(person.bearer(town.choice(observed[form], "skill.2"), confirmed[form]))
    assert_not_attached(report, report.credentials[1])
    assert report.verdict == "to_confirm"


def test_of_a_credential_that_did_not_verify(town, person, declared, confirm, form):
    """What a broken document says is not repeated, so that nothing can be attached to it."""
    confirmed = confirm(declared[form])[form]
    body = declared[form]
    if form == LD:
        broken = {**read_object(body), "name": "Autre chose"}
    elif cose.is_message(body):
        broken = CosePart("vc+cose", body[:-1] + bytes([body[-1] ^ 1])).text
    else:
        broken = body.decode().partition(".")[0] + ".e30." + body.decode().rpartition(".")[2]
    both = {"vp_token": {"a": [broken], "b": [_alone(confirmed, form)]}}
    report = town.verify(json.dumps(both))
    assert report.credentials[0].facts is None
    assert_not_attached(report, report.credentials[1])


def _alone(body, form):
    if cose.is_message(body):
        return CosePart("vc+cose", body).text
    if form != LD:
        return body.decode()
    return data_integrity.derive(read_object(body), SUITES, ["/credentialSubject/endorsedSkill/0"])


# Set aside


def test_revoked(town, declared, confirm, together, form):
    """The employer takes it back; what it confirmed stays as it was."""
    confirmed = confirm(declared[form], reference="E-1")[form]
    town.employer.set_status("revoked", "E-1")
    report, lines = together(declared[form], confirmed)
    assert_not_attached(report, lines["endorsement"], ("not_applicable", "endorsement.not_counted"))
    assert lines["endorsement"].verdict == "not_valid"
    assert lines["declared-skill"].verdict == "declared"


def test_whose_list_cannot_be_had(town, declared, confirm, together, form):
    confirmed = confirm(declared[form])[form]
    for path in town.employer.lists():
        path.unlink()
    report, lines = together(declared[form], confirmed)
    assert_not_attached(report, lines["endorsement"], ("unknown", "endorsement.not_checked"))
    assert (report.verdict, report.verified) == ("cannot_check", False)


def test_expired(town, person, declared, together, form):
    """A word given for a season does not outlive it."""
    season = crafted(town, person, declared[form], form, valid_until="2026-11-20T22:59:59Z")
    town.employer.publish(NOW - dt.timedelta(days=2))
    report, lines = together(declared[form], season[form])
    assert_not_attached(report, lines["endorsement"], ("not_applicable", "endorsement.not_counted"))
    assert (lines["endorsement"].verdict, report.verified) == ("expired", False)


def test_by_the_holder_themself(town, person, declared, confirm, together, form):
    """Signed with the very key that declared, under a grand name."""
    holder = town.one(person.bearer(declared[form])).facts.holder_id
    myself = town.organisation("moi.example", "Très Grande Entreprise", person.signer_for(holder))
    report, lines = together(declared[form], confirm(declared[form], by=myself)[form])
    assert_not_attached(report, lines["endorsement"], ("not_applicable", "endorsement.own_words"))
    assert lines["endorsement"].facts.issuer_name is None
    assert report.verdict == "declared"


def test_by_a_key_that_anybody_can_make(town, declared, confirm, together, form):
    """The holder's second key, say, under a grand name: nobody answers for it."""
    nobody = town.organisation("x.example", "Très Grande Entreprise", LocalSigner.generate("P-256"))
    report, lines = together(declared[form], confirm(declared[form], by=nobody)[form])
    assert_not_attached(report, lines["endorsement"], ("not_applicable", "endorsement.unknown_party"))
    assert (report.verdict, report.verified) == ("to_confirm", True)


# The base signature is no commitment (MODEL, "Digests for endorsement")


@pytest.fixture
def forge(person, declared):
    """Let the holder secure what they declare selectively, with a one-time key that they keep.

    The same key, random and mandatory statements give the same base signature, whatever name is shown.
    """
    document = {name: value for name, value in read_object(declared[LD]).items() if name != "proof"}
    kept = LocalSigner.generate("P-256")
    suite = EcdsaSd2023(random=bytes, proof_key=lambda: kept)
    signer = person.signer_for(document["issuer"]["id"])
    subject = document["credentialSubject"]
    mandatory = ["/issuer", "/name", "/validFrom", "/credentialSubject/skill/0", "/credentialSchema"]

    def secured(given_name):
        said = {**document, "credentialSubject": {**subject, "givenName": given_name}}
        base = data_integrity.add_proof(said, suite, ProofOptions(mandatory=mandatory), signer)
        shown = data_integrity.derive(base, SUITES, ["/credentialSubject/givenName"])
        return digests.of_base_signature(base), shown

    return secured


def test_a_base_signature_does_not_bind_who_issued_it_to_themself(town, person, declared, forge):
    honest, _ = forge("Camille Fictive")
    same, forged = forge("Quelqu'un d'autre")
    assert honest == same
    endorsement = crafted(town, person, declared[LD], LD, digest=("di-base-signature", honest))
    shown = [forged, _alone(endorsement[LD], LD)]
    report = town.verify(json.dumps({"vp_token": {"a": [shown[0]], "b": [shown[1]]}}))
    line, confirmation = report.credentials
    assert line.facts.shown
    assert town.said(line)["integrity"] == ("passed", "integrity.intact")
    assert_not_attached(report, confirmation)


def test_a_base_signature_of_somebody_else_does(town, person, observed, confirm, together):
    """The certifier is not the holder: its digest over the base signature is taken."""
    confirmed = confirm(observed[LD])
    (digest,) = digests.of_json_ld(read_object(observed[LD]))
    assert digest[0] == "di-base-signature"
    _, lines = together(observed[LD], confirmed[LD])
    assert found(lines["endorsement"]) == ATTACHED


def test_a_declared_credential_is_no_endorsement(declared, together, form):
    _, lines = together(declared[form])
    assert all(step.name != "endorsement" for step in lines["declared-skill"].steps)
