"""A key is changed by its officer, with an approver's agreement to exactly that, and never unwritten."""

import sqlite3
from contextlib import closing

import pytest

from passeport.serve.four_eyes import digest
from passeport.serve.signing_keys import content

KEY = "/organisations/centre/keys/key-1"


def agree(place, action="keys.rotate", **more):
    said = digest(content(action, "centre", "key-1", **more))
    body = {"action": action, "content": said}
    made = place.browser("key_officer").post("/organisations/centre/approvals", json=body).json()
    where = f"/organisations/centre/approvals/{made['id']}/approve"
    assert place.browser("approver").post(where, json={"content": said}).status_code == 200


def states(place):
    keys = place.browser("auditor").get("/organisations/centre").json()["keys"]
    return {key["id"]: key["state"] for key in keys}


def test_a_key_is_rotated_by_two(place):
    officer = place.browser("key_officer")
    assert officer.post(f"{KEY}/rotate", json={}).json()["code"] == "four_eyes.required"
    agree(place)
    assert officer.post(f"{KEY}/rotate", json={}).json() == {"old": "key-1", "new": "key-2"}
    assert states(place) == {"key-1": "retired", "key-2": "active"}
    desk = place.house.organisations.get("centre").desk("P-256")
    assert desk.signer.verification_method.endswith("#key-2")
    assert "#key-2" in next((place.house.settings.web / "centre.example").rglob("did.json")).read_text()
    assert officer.post(f"{KEY}/rotate", json={}).json()["code"] == "four_eyes.required", "once"
    assert ("a-key_officer", "keys.rotate", "key-1", "done") in place.said()


def test_a_key_is_revoked_for_the_reason_that_was_agreed(place):
    officer = place.browser("key_officer")
    agree(place, "keys.revoke", reason="superseded")
    refused = officer.post(f"{KEY}/revoke", json={"reason": "compromised"})
    assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes.required")
    assert officer.post(f"{KEY}/revoke", json={"reason": "superseded"}).json() == {"key": "key-1"}
    assert states(place) == {"key-1": "revoked"}


@pytest.mark.parametrize("role", ["operator", "administrator", "template_author", "approver"])
def test_nobody_else_changes_keys(place, role):
    agree(place)
    answer = place.browser(role).post(f"{KEY}/rotate", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.role")
    assert states(place) == {"key-1": "active"}


def test_no_key_is_rotated_that_could_not_be_written_down(place, home):
    agree(place)
    officer = place.browser("key_officer")
    with closing(sqlite3.connect(home / "service" / "audit.db", isolation_level=None)) as db:
        db.execute("create trigger full before insert on entry begin select raise(abort, 'disk full'); end")
    answer = officer.post(f"{KEY}/rotate", json={})
    assert (answer.status_code, answer.json()["code"]) == (503, "audit.unavailable")
    [key] = officer.get("/organisations/centre").json()["keys"]
    assert (key["id"], key["state"]) == ("key-1", "active")


def test_a_key_that_is_not_there(place):
    answer = place.browser("key_officer").post(KEY.replace("key-1", "key-9") + "/rotate", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "access.not_found")
