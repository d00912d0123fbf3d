"""What was issued is listed without its claims, and taken back only by those who mean exactly that."""

import pytest

from boundary.serving.access import Caller


@pytest.fixture
def issued(centre, table):
    centre.until(centre.send(table(5), mode="issue")["id"], "done")
    return [f"R-{number}" for number in range(1, 6)]


def revoke(centre, references, **more):
    return centre.post("revocations", json={"references": references, "reason": "error", **more})


def test_what_was_issued_is_listed_in_pages_without_its_claims(centre, issued):
    answer = centre.get("credentials", who="auditor", params={"limit": 6})
    first = answer.json()["credentials"]
    rest = centre.get("credentials", params={"after": first[-1]["number"]}).json()["credentials"]
    assert sorted({one["reference"] for one in first + rest}) == issued
    assert len(first + rest) == 10
    assert {one["status"] for one in first} == {"valid"}
    assert "Fictive" not in answer.text


def test_an_award_is_suspended_restored_and_revoked_for_good(centre, issued):
    for word, status in (("suspend", "suspended"), ("restore", "valid"), ("revoke", "revoked")):
        answer = centre.post(f"credentials/R-1/{word}", json={"reason": "error"})
        assert answer.json() == {"reference": "R-1", "status": status, "credentials": 2}
        found = centre.get("credentials", params={"limit": 1}).json()["credentials"][0]
        assert (found["status"], found["reason"]) == (status, "error")
    answer = centre.post("credentials/R-1/restore", json={"reason": "error"})
    assert (answer.status_code, answer.json()["code"]) == (409, "issue.revocation_is_final")
    said = [entry.event.what for entry in centre.house.audit.entries(organisation="centre")]
    assert {"credentials.suspended", "credentials.valid", "credentials.revoked"} <= set(said)


def test_a_reference_may_have_slashes_and_must_exist(centre, issued):
    answer = centre.post("credentials/2026%2FA%2F1/revoke", json={"reason": "error"})
    assert (answer.status_code, answer.json()["code"]) == (404, "issue.reference_unknown")


def test_a_reason_is_a_code_and_never_a_sentence(centre, issued):
    answer = centre.post("credentials/R-1/revoke", json={"reason": "Camille a triché"})
    assert (answer.status_code, answer.json()["code"]) == (400, "http.body")


def test_many_are_revoked_when_exactly_so_many_are_meant(centre, issued):
    """AD-011."""
    dry = revoke(centre, issued[:3]).json()
    assert dry == {"revoked": 0, "waiting": 3, "before": 0, "unknown": 0, "approval": None}
    answer = revoke(centre, issued, dry_run=False, confirm=3)
    assert (answer.status_code, answer.json()["code"]) == (409, "operations.confirm")
    answer = revoke(centre, [*issued[:3], "R-77"], dry_run=False, confirm=3)
    assert (answer.status_code, answer.json()["code"]) == (409, "operations.unknown_references")
    assert revoke(centre, issued).json()["waiting"] == 5, "nothing was revoked until now"
    assert revoke(centre, issued[:3], dry_run=False, confirm=3).json()["revoked"] == 3
    assert revoke(centre, issued[:3]).json()["before"] == 3


def test_very_many_take_a_second_person_for_this_very_list(centre, table):
    """AD-003, AD-011."""
    for first in (1, 16):
        centre.until(centre.send(table(15, first), mode="issue")["id"], "done")
    references = [f"R-{number}" for number in range(1, 31)]
    waits = revoke(centre, references, dry_run=False, confirm=30)
    assert (waits.status_code, waits.json()["revoked"]) == (202, 0)
    eyes, proposal = centre.house.four_eyes, waits.json()["approval"]
    found = eyes.find("centre", proposal)
    second = Caller(centre.person("a-second", "approver"))
    eyes.decide(second, "centre", proposal, found.content, approve=True)
    fewer = revoke(centre, references[:29], dry_run=False, confirm=29)
    assert fewer.status_code == 202, "another list was not approved"
    assert revoke(centre, references, dry_run=False, confirm=30).json()["revoked"] == 30


def test_another_organisation_revokes_nothing_here(centre, issued):
    answer = centre.ask(
        "POST",
        "credentials/R-1/revoke",
        who="stranger",
        at="/organisations/atelier",
        json={"reason": "error"},
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "issue.reference_unknown")
    assert revoke(centre, issued).json()["waiting"] == 5
