"""Whether the holder showed it, to us, and now: each way to show, and each way to pretend."""

import datetime as dt
from dataclasses import replace

import pytest

from boundary import strict_json
from boundary.strict_json import read_object
from exchange import presentation
from keys.dids import jwk as did_jwk
from proofs import SUITES, data_integrity, jws, sd_jwt
from proofs.sd_jwt import KeyBinding
from proofs.suite import ProofOptions
from verifier.policy import Policy, Question
from wallet.present import Binding

LD, SD = "application/vc", "application/dc+sd-jwt"
BOTH = [pytest.param(LD, id="json-ld"), pytest.param(SD, id="sd-jwt")]
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
QUESTION = Question("https://recruteur.example", "n-0S6_WzA2MjQ")


def step(line):
    (found,) = (step for step in line.steps if step.name == "holder")
    return found


def outcome(report):
    """Return what was found about the holder, on the page or on its only line."""
    (found,) = (
        step for part in (report, *report.credentials) for step in part.steps if step.name == "holder"
    )
    return found.outcome, found.code


def assert_nothing_repeated(report):
    assert (report.verdict, report.verified) == ("not_valid", False)
    assert all(line.facts is None for line in report.credentials)


# Who may be relied on


def test_live(scene, form):
    report = scene.town.verify(scene.person.answer(scene.award[form]), question=QUESTION)
    assert outcome(report) == ("passed", "holder.live")
    assert (report.verdict, report.verified) == ("genuine", True)


def test_bearer_until_it_expires(scene, form):
    share = scene.person.bearer(scene.award[form], at=NOW - DAY, days=30)
    report = scene.town.verify(share)
    found = step(report.credentials[0])
    assert (found.outcome, found.code, found.facts) == ("passed", "holder.bearer", {"until": "2026-12-20"})
    assert "20 décembre 2026" in found.says("fr").what
    assert report.verdict == "genuine"


def test_alone(scene):
    """The file itself, bound to a passport: intact, but nobody showed that it is theirs."""
    found = scene.town.one(scene.award[SD])
    assert (step(found).outcome, step(found).code) == ("not_applicable", "holder.not_shown")
    assert (found.verdict, found.verified) == ("to_confirm", True)


@pytest.mark.parametrize("form", BOTH)
def test_unbound(town, form):
    """Tied to no passport: for a person to compare with an identity document."""
    line = town.one(_whole(town.certifier.issue("diploma-unbound", None)[form], town))
    assert (step(line).outcome, step(line).code) == ("not_applicable", "holder.unbound")
    assert (line.verdict, line.verified) == ("to_confirm", True)


def _whole(body, town):
    """Return what can be verified of a credential as it is delivered."""
    town.certifier.publish()
    if not body.startswith(b"{"):
        return body
    return strict_json.write(data_integrity.derive(read_object(body), SUITES, []))


def test_unbound_beside_bound(scene, person, town):
    """What another shows beside their own does not become theirs."""
    unbound = town.certifier.issue("diploma-unbound", None, reference="unbound")[LD]
    bound = town.certifier.issue("certification", person.new_key(), reference="bound")[LD]
    town.certifier.publish()
    report = town.verify(person.bearer(bound, unbound))
    assert [step(line).code for line in report.credentials] == ["holder.bearer", "holder.unbound"]
    assert report.verdict == "to_confirm"


# A question was asked


@pytest.mark.parametrize("form", BOTH)
def test_alone_where_an_answer_was_asked(scene, form):
    """KB-001: whether somebody must show that it is theirs is never for the sender to say."""
    report = scene.town.verify(_whole(scene.award[form], scene.town), question=QUESTION)
    assert outcome(report) == ("failed", "holder.missing")
    assert_nothing_repeated(report)


@pytest.mark.parametrize("form", BOTH)
def test_unbound_where_an_answer_was_asked(town, form):
    report = town.verify(_whole(town.certifier.issue("diploma-unbound", None)[form], town), question=QUESTION)
    assert outcome(report) == ("failed", "holder.unbound_asked")
    assert_nothing_repeated(report)


def test_unbound_beside_an_answer(town, person):
    unbound = town.certifier.issue("diploma-unbound", None, reference="unbound")[LD]
    bound = town.certifier.issue("certification", person.new_key(), reference="bound")[LD]
    town.certifier.publish()
    report = town.verify(person.answer(bound, unbound), question=QUESTION)
    assert [step(line).code for line in report.credentials] == ["holder.live", "holder.unbound_asked"]
    assert not report.verified


@pytest.mark.parametrize(
    ("asked", "ld", "sd"),
    [
        (replace(QUESTION, nonce="another"), "proof.challenge", "kb.other_nonce"),
        (replace(QUESTION, audience="https://voleur.example"), "proof.domain", "kb.other_audience"),
    ],
    ids=["another nonce", "another audience"],
)
def test_an_answer_to_another_question(scene, form, asked, ld, sd):
    """KB-002, KB-005, KB-023, DI-027"""
    report = scene.town.verify(scene.person.answer(scene.award[form], to=asked), question=QUESTION)
    assert outcome(report) == ("failed", ld if form == LD else sd)
    assert_nothing_repeated(report)


def test_a_bearer_share_where_an_answer_was_asked(scene, form):
    report = scene.town.verify(scene.person.bearer(scene.award[form]), question=QUESTION)
    assert outcome(report) == ("failed", "proof.domain" if form == LD else "kb.other_audience")
    assert_nothing_repeated(report)


def test_an_answer_where_nothing_was_asked(scene, form):
    """Made for one reader, who may have passed it on."""
    report = scene.town.verify(scene.person.answer(scene.award[form]))
    assert outcome(report) == ("failed", "holder.for_another")
    assert_nothing_repeated(report)


@pytest.mark.parametrize(
    ("late", "ld", "sd"), [(5, "proof.expired", None), (11, "proof.expired", "kb.expired")]
)
def test_a_late_answer(scene, form, late, ld, sd):
    """An answer says for how long it stands; clocks may be five minutes apart where a token says so."""
    share = scene.person.answer(scene.award[form], at=NOW - late * MINUTE)
    report = scene.town.verify(share, question=QUESTION)
    code = ld if form == LD else sd
    if code is None:
        assert report.verified
    else:
        assert outcome(report) == ("failed", code)
        assert_nothing_repeated(report)


@pytest.mark.parametrize(("minutes", "good"), [(15, True), (16, False)])
def test_an_answer_has_its_day_whatever_it_says(scene, form, minutes, good):
    """Ten minutes, and five for the clocks: an answer made to last a year is old like another."""
    lasting = Binding(QUESTION.audience, QUESTION.nonce, NOW - minutes * MINUTE, NOW + 365 * DAY)
    share = scene.person.show([scene.award[form]], lasting)
    report = scene.town.verify(share, question=QUESTION)
    assert report.verified == good
    if not good:
        assert outcome(report) == ("failed", "holder.too_old" if form == LD else "kb.too_old")


# Bearer shares


def test_a_bearer_share_ends(scene, form):
    share = scene.person.bearer(scene.award[form], at=NOW - 2 * DAY, days=1)
    report = scene.town.verify(share)
    assert outcome(report) == ("failed", "proof.expired" if form == LD else "kb.expired")
    assert_nothing_repeated(report)


@pytest.mark.parametrize(("days", "good"), [(91, True), (93, False)])
def test_no_bearer_share_lives_for_ever(scene, form, days, good):
    share = scene.person.bearer(scene.award[form], at=NOW - days * DAY, days=4_000)
    scene.town.certifier.publish()
    report = scene.town.verify(share)
    assert report.verified == good
    if not good:
        assert outcome(report) == ("failed", "holder.too_old" if form == LD else "kb.too_old")
        assert_nothing_repeated(report)


def test_a_bearer_share_without_end(scene, form):
    share = scene.person.show([scene.award[form]], Binding("urn:passeport:bearer", None, NOW))
    report = scene.town.verify(share)
    assert outcome(report) == ("failed", "proof.expires_missing" if form == LD else "kb.no_expiry")
    assert_nothing_repeated(report)


def test_a_bearer_share_that_does_not_say_when_it_was_made(scene):
    share = read_object(scene.person.bearer(scene.award[LD]))
    bare = {name: value for name, value in share.items() if name != "proof"}
    options = ProofOptions("authentication", expires="2026-12-01T00:00:00Z", domain="urn:passeport:bearer")
    signer = scene.person.signer_for(scene.holder)
    undated = data_integrity.add_proof(bare, SUITES["ecdsa-rdfc-2019"], options, signer)
    report = scene.town.verify(strict_json.write(undated))
    assert outcome(report) == ("failed", "holder.undated")
    assert_nothing_repeated(report)


def test_a_share_from_the_future(scene, form):
    share = scene.person.bearer(scene.award[form], at=NOW + DAY)
    report = scene.town.verify(share)
    assert outcome(report) == ("failed", "proof.created_in_future" if form == LD else "kb.from_the_future")


# Somebody else's


def test_another_holders_key_on_a_token(scene, person):
    """KB-014: the binding is signed, by somebody else."""
    thief = person.signer_for(person.new_key())
    binding = KeyBinding(thief, QUESTION.audience, QUESTION.nonce, NOW)
    text = scene.award[SD].decode()
    claims = {"iat": int(NOW.timestamp()), "aud": QUESTION.audience, "nonce": QUESTION.nonce}
    claims["sd_hash"] = _sd_hash(text)
    report = scene.town.verify(text + jws.sign({"typ": "kb+jwt"}, claims, binding.signer), question=QUESTION)
    assert outcome(report) == ("failed", "kb.invalid")
    assert_nothing_repeated(report)


def _sd_hash(text):
    return sd_jwt.disclosure.digest(text, "sha-256")


def test_another_holders_key_on_a_presentation(scene, person):
    """Signed in full order, by somebody who is not the subject of what it shows."""
    thief = person.signer_for(person.new_key())
    stolen = read_object(scene.person.answer(scene.award[LD]))
    bare = {name: value for name, value in stolen.items() if name != "proof"}
    options = _options(stolen["proof"])
    again = data_integrity.add_proof(bare, SUITES["ecdsa-rdfc-2019"], options, thief)
    report = scene.town.verify(strict_json.write(again), question=QUESTION)
    assert outcome(report) == ("failed", "holder.other_key")
    assert_nothing_repeated(report)


def _options(proof):
    kept = {name: proof[name] for name in ("created", "expires", "challenge", "domain") if name in proof}
    return ProofOptions("authentication", **kept)


@pytest.fixture
def three_awards(town, person):
    """Three awards, each bound to a key of its own, in one presentation with three proofs."""
    holders = [person.new_key() for _ in range(3)]
    examples = ("certification", "diploma", "training")
    awards = [
        town.certifier.issue(name, did, reference=name)[LD]
        for name, did in zip(examples, holders, strict=True)
    ]
    town.certifier.publish()
    return holders, read_object(person.answer(*awards))


def test_each_credential_has_its_own_presenter(town, three_awards):
    holders, share = three_awards
    signed = [proof["verificationMethod"].partition("#")[0] for proof in share["proof"]]
    assert signed == holders
    report = town.verify(strict_json.write(share), question=QUESTION)
    assert [step(line).code for line in report.credentials] == ["holder.live"] * 3
    assert report.verified


@pytest.mark.parametrize("stripped", [0, 1, 2])
def test_a_proof_taken_out_of_the_set_is_missed_by_its_credential(town, three_awards, stripped):
    """No signature tells of a proof that was taken out; the credential that it was for does."""
    _, share = three_awards
    kept = [proof for index, proof in enumerate(share["proof"]) if index != stripped]
    report = town.verify(strict_json.write({**share, "proof": kept}), question=QUESTION)
    codes = [step(line).code for line in report.credentials]
    assert codes == ["holder.other_key" if index == stripped else "holder.live" for index in range(3)]
    assert [line.facts is None for line in report.credentials] == [index == stripped for index in range(3)]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_a_proof_taken_from_another_presentation_fits_nowhere(town, person, three_awards):
    _, share = three_awards
    other = town.certifier.issue("skill", person.new_key(), reference="other")[LD]
    strange = read_object(person.answer(other))["proof"]
    proofs = [*share["proof"][:2], strange]
    report = town.verify(strict_json.write({**share, "proof": proofs}), question=QUESTION)
    assert report.credentials == ()
    assert not report.verified


def test_the_same_key_under_another_name(town, person):
    """did:key and did:jwk are two names of one key; who holds it holds both."""
    did = person.new_key()
    award = town.certifier.issue("certification", did)[LD]
    town.certifier.publish()
    signer = person.signer_for(did)
    name = did_jwk.did(signer.public_key)
    share = read_object(person.answer(award))
    bare = {member: value for member, value in share.items() if member != "proof"}
    renamed = replace(signer, verification_method=f"{name}#0")
    suite = SUITES["ecdsa-rdfc-2019"]
    again = data_integrity.add_proof(bare, suite, _options(share["proof"]), renamed)
    assert town.verify(strict_json.write(again), question=QUESTION).verified


# Organisations hold too


@pytest.fixture
def accredited(town):
    """A credential whose subject is an organisation: its keys are published under its DID."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": town.employer.desk.did,
        "credentialSubject": {"id": town.certifier.desk.did},
    }
    return data_integrity.add_proof(
        document, SUITES["ecdsa-rdfc-2019"], ProofOptions(), town.employer.desk.signer
    )


def _shown_by(signer, document):
    vp = {"@context": document["@context"], "type": ["VerifiablePresentation"]}
    vp["verifiableCredential"] = [document]
    options = ProofOptions(
        "authentication",
        created="2026-11-21T08:00:00Z",
        challenge=QUESTION.nonce,
        domain=QUESTION.audience,
    )
    return strict_json.write(data_integrity.add_proof(vp, SUITES["ecdsa-rdfc-2019"], options, signer))


def test_an_organisation_shows_what_is_its_own(town, accredited):
    share = _shown_by(town.certifier.desk.signer, accredited)
    assert outcome(town.verify(share, question=QUESTION)) == ("passed", "holder.live")
    alone = town.one(strict_json.write(accredited))
    assert step(alone).code == "holder.not_shown"


@pytest.mark.parametrize("reason", ["compromised", "superseded", "ceased"])
def test_a_withdrawn_key_shows_nothing(town, accredited, reason):
    """What is shown is shown now, and a withdrawn key signs nothing now."""
    share = _shown_by(town.certifier.desk.signer, accredited)
    town.certifier.revoke_key(reason, NOW - DAY)
    report = town.verify(share, question=QUESTION)
    assert outcome(report) == ("failed", "holder.other_key")


def test_a_presenter_whose_keys_cannot_be_had(town, accredited):
    share = _shown_by(town.certifier.desk.signer, accredited)
    town.web.path("https://certificateur.example/.well-known/did.json").unlink()
    report = town.verify(share, question=QUESTION)
    assert outcome(report) == ("unknown", "source.not_pinned")
    assert (report.verdict, report.verified, report.credentials) == ("cannot_check", False, ())


# The policy is data


def test_the_policy_decides_how_old_is_too_old(scene, form):
    share = scene.person.bearer(scene.award[form], at=NOW - 3 * DAY)
    assert scene.town.verify(share).verified
    strict = scene.town.verify(share, bearer_age=2 * DAY)
    assert outcome(strict) == ("failed", "holder.too_old" if form == LD else "kb.too_old")


def test_the_default_policy_asks_nothing():
    assert Policy().question is None
    assert not Policy().proof_only


def test_the_forms_of_one_share_agree(scene):
    """Both forms in one hand-over: two presentations, one answer."""
    share = scene.person.answer(scene.award[LD], scene.award[SD])
    assert len(presentation.read(share.encode())) == 2
    report = scene.town.verify(share, question=QUESTION)
    assert report.verified
    assert {step(line).code for line in report.credentials} == {"holder.live"}
