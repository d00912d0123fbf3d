"""The status step: asked of every list that a credential names, in both forms of list."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from boundary import limits
from credentials.status import StatusReference
from issuer.publish import FRESH, LIFETIME, publish
from verifier import checks
from verifier.conditions import Conditions
from verifier.report import Log

LD, SD = "application/vc", "application/dc+sd-jwt"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def status_of(town, shared, at=NOW):
    line = town.one(shared, at)
    return (*town.said(line)["status"], line.verdict, line.verified)


VALID = ("passed", "status.valid", "genuine", True)
REVOKED = ("failed", "status.revoked", "not_valid", False)
SUSPENDED = ("failed", "status.suspended", "not_valid", False)


def test_the_life_of_an_award(town, awarded, form):
    """Suspended, reinstated, revoked: a token list says it in one value, bitstring lists in two bits."""
    shared = awarded()[form]
    assert status_of(town, shared) == VALID
    town.certifier.set_status("suspended")
    assert status_of(town, shared) == SUSPENDED
    town.certifier.set_status("valid")
    assert status_of(town, shared) == VALID
    town.certifier.set_status("revoked")
    assert status_of(town, shared) == REVOKED


def test_revoking_one_leaves_the_others(town, awarded, form):
    kept = awarded(reference="kept")[form]
    lost = awarded(reference="lost")[form]
    town.certifier.set_status("revoked", "lost")
    assert status_of(town, kept) == VALID
    assert status_of(town, lost) == REVOKED


def test_the_answer_says_of_when_it_is(town, awarded, form):
    shared = awarded()[form]
    town.certifier.publish(NOW - 3 * HOUR)
    (step,) = (step for step in town.one(shared).steps if step.name == "status")
    assert step.facts == {"as_of": "2026-11-21T05:00:00Z"}
    assert "05:00" in step.says("fr").what
    assert (
        step.says("en").what
        == "Not withdrawn, according to the list of withdrawals of 21 November 2026, 05:00 UTC."
    )


def test_a_list_that_cannot_be_had(town, awarded, form):
    """Unknown is neither passed nor failed; whoever insists on knowing has not verified (design rule 3)."""
    shared = awarded()[form]
    for path in town.certifier.lists():
        path.unlink()
    assert status_of(town, shared) == ("unknown", "status.not_retrieved", "cannot_check", False)
    town.certifier.publish()
    assert status_of(town, shared) == VALID


def test_one_of_two_lists_is_not_enough(town, awarded):
    shared = awarded()[LD]
    (gone,) = (path for path in town.certifier.lists() if path.name == "suspension")
    gone.unlink()
    assert status_of(town, shared) == ("unknown", "status.not_retrieved", "cannot_check", False)


@pytest.mark.parametrize(
    ("value", "gone", "found"), [("suspended", "revocation", SUSPENDED), ("revoked", "suspension", REVOKED)]
)
def test_a_bad_answer_weighs_more_than_a_missing_one(town, awarded, value, gone, found):
    shared = awarded()[LD]
    town.certifier.set_status(value)
    (path,) = (path for path in town.certifier.lists() if path.name == gone)
    path.unlink()
    assert status_of(town, shared) == found


def test_an_old_list_says_nothing_of_now(town, awarded, form):
    """ST-009"""
    shared = awarded()[form]
    town.certifier.publish(NOW - LIFETIME)
    assert status_of(town, shared) == ("unknown", "status.out_of_date", "cannot_check", False)
    town.certifier.publish(NOW - LIFETIME + dt.timedelta(seconds=1))
    stale = ("unknown", "status.stale", "cannot_check", False)  # token lists say how long a copy is good for
    assert status_of(town, shared) == (stale if form == SD else VALID)


def test_a_list_of_which_a_fresh_copy_is_due(town, awarded):
    """The token list's own ``ttl``: what it does not say may have changed since; how old it is is said."""
    shared = awarded()[SD]
    town.certifier.publish(NOW - FRESH)
    assert status_of(town, shared) == VALID
    town.certifier.publish(NOW - FRESH - dt.timedelta(seconds=1))
    assert status_of(town, shared) == ("unknown", "status.stale", "cannot_check", False)
    (step,) = (step for step in town.one(shared).steps if step.name == "status")
    assert step.facts == {"as_of": "2026-11-19T07:59:59Z"}
    told = town.one(shared, stale_lists="told")
    assert (*town.said(told)["status"], told.verdict) == ("passed", "status.valid_stale", "to_confirm")


@pytest.mark.parametrize("policy", ["unknown", "told"])
@pytest.mark.parametrize("value", ["revoked", "suspended"])
def test_what_an_old_list_says_against_a_credential_stands(town, awarded, value, policy):
    shared = awarded()[SD]
    town.certifier.ledger.set_status("A-1", value, "essai", NOW)
    town.certifier.publish(NOW - 2 * FRESH)
    line = town.one(shared, stale_lists=policy)
    assert town.said(line)["status"] == ("failed", f"status.{value}")


def test_the_packed_form_of_a_list_in_the_place_of_the_other(town, awarded):
    """A server may answer either; which it is shows in the content, never in the address."""
    shared = awarded()[SD]
    url = f"{town.certifier.desk.status_base}/token/1"
    for value, found in (("suspended", SUSPENDED), ("valid", VALID), ("revoked", REVOKED)):
        town.certifier.set_status(value)
        town.certifier.put_bytes(url, town.web.path(url + ".cwt").read_bytes())
        assert status_of(town, shared) == found


def test_a_list_made_later_says_nothing_of_then(town, awarded, form):
    """Who asks about the past needs a list of the past."""
    shared = awarded()[form]
    town.certifier.publish(NOW + DAY)
    assert status_of(town, shared) == ("unknown", "status.out_of_date", "cannot_check", False)


def test_a_list_that_was_tampered_with(town, awarded, form):
    """ST-013: revoked, then the list edited to say otherwise."""
    shared = awarded()[form]
    honest = {path: path.read_bytes() for path in town.certifier.lists()}
    town.certifier.set_status("revoked")
    assert status_of(town, shared) == REVOKED
    for path, body in honest.items():
        if path.suffix == ".cwt":  # tests of its own: tests/credentials/status/test_token_cwt.py
            continue
        path.write_bytes(_spliced(path.read_bytes(), body))
    assert status_of(town, shared) == ("failed", "status.list_unverified", "not_valid", False)


def _spliced(revoked, honest):
    """Put the entries of the honest list under the signature of the other."""
    if not revoked.startswith(b"{"):
        head, payload, _ = honest.split(b".")
        return b".".join([head, payload, revoked.split(b".")[2]])
    document = json.loads(revoked)
    document["credentialSubject"]["encodedList"] = "uH4sI" + "A" * 40
    if "revocation" in document["id"]:
        document["credentialSubject"] = json.loads(honest)["credentialSubject"]
    return json.dumps({**document, "validUntil": "2027-01-01T00:00:00Z"}).encode()


def test_a_list_without_its_signature(town, awarded):
    """ST-013"""
    shared = awarded()[LD]
    for path in town.certifier.lists():
        if path.parent.name != "token":
            document = json.loads(path.read_bytes())
            del document["proof"]
            path.write_bytes(json.dumps(document).encode())
    assert status_of(town, shared) == ("failed", "status.list_unverified", "not_valid", False)


@pytest.mark.parametrize(("form", "code"), [(LD, "status.other_issuer"), (SD, "status.list_unverified")])
def test_a_list_that_a_stranger_signed_in_the_issuers_name(town, awarded, form, code):
    shared = awarded()[form]
    town.certifier.desk = replace(town.certifier.desk, signer=town.employer.desk.signer)
    town.certifier.publish()
    assert status_of(town, shared) == ("failed", code, "not_valid", False)


@pytest.mark.parametrize(("form", "code"), [(LD, "status.other_issuer"), (SD, "status.list_unverified")])
def test_the_list_of_another_issuer(town, awarded, form, code):
    """Honest, signed by its own issuer, and put where the certifier's list stands."""
    shared = awarded()[form]
    other = replace(town.certifier.desk, did=town.employer.desk.did, signer=town.employer.desk.signer)
    for published in publish(other, town.certifier.ledger, NOW - HOUR):
        town.certifier.put_bytes(published.url, published.body)
    assert status_of(town, shared) == ("failed", code, "not_valid", False)


def test_a_list_signed_with_a_stolen_key(town, awarded, form):
    """The credential was signed with another key, so that the list alone is in question."""
    shared = awarded()[form]
    town.certifier.rotate(NOW - 2 * DAY)
    *others, last = town.certifier.keys
    town.certifier.keys = [*others, last.revoked("compromised", NOW - DAY)]
    town.certifier.publish_keys()
    assert status_of(town, shared) == ("failed", "status.key_withdrawn", "not_valid", False)


def test_an_award_without_a_list(scene, form):
    town = scene.town
    document = scene.content(form)
    bare = {name: value for name, value in document.items() if name not in ("status", "credentialStatus")}
    line = town.one(town.signed(bare, town.certifier.desk.signer))
    assert town.said(line)["status"] == ("not_applicable", "status.none")


def test_a_kind_of_list_that_we_cannot_read_leaves_the_question_open(town):
    elsewhere = {"identifier_list": {"uri": "https://certificateur.example/x", "id": "1"}}
    foreign = {"iss": town.certifier.desk.did, "vct": "https://ailleurs.example/badge", "status": elsewhere}
    line = town.one(town.signed(foreign, town.certifier.desk.signer))
    assert town.said(line)["status"] == ("unknown", "status.unknown_kind")
    assert line.verdict == "cannot_check"


@pytest.fixture
def ask(scene):
    """Ask about an honest award, listed elsewhere or in more lists than it is."""
    facts = scene.town.one(scene.person.bearer(scene.award[LD])).facts
    verifier = scene.town.verifier()
    given = Conditions(verifier.policy, verifier.suites, verifier.keys, verifier.web, NOW)

    def outcome(*references):
        log = Log()
        checks.status(log, replace(facts, status=references), given)
        (step,) = log.steps
        return step.outcome, step.code

    outcome.honest = facts.status
    return outcome


def test_a_list_of_a_purpose_that_is_none_of_our_business(ask):
    """A list of messages, of refreshed credentials: it does not say whether this one holds."""
    revocation, suspension = ask.honest
    found = ask(revocation, replace(suspension, purpose="message"))
    assert found == ("unknown", "status.purpose_unsupported")


def test_references_that_lead_elsewhere(ask):
    revocation, suspension = ask.honest
    assert ask(revocation, suspension) == ("passed", "status.valid")
    assert ask(StatusReference("other", "", 0)) == ("unknown", "status.unknown_kind")
    assert ask(replace(revocation, index=131_072)) == ("failed", "status.index_out_of_range")
    assert ask(replace(revocation, uri=suspension.uri)) == ("failed", "status.purpose")
    assert ask(replace(revocation, uri="http://certificateur.example/x")) == ("failed", "url.refused")
    assert ask(replace(revocation, kind="token")) == ("failed", "status.list_unverified")


def test_a_credential_does_not_send_us_round_the_web(ask):
    many = [ask.honest[0]] * limits.STATUS_REFERENCES
    assert ask(*many) == ("passed", "status.valid")
    assert ask(*many, many[0]) == ("failed", "status.too_many")
