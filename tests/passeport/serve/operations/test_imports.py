"""A file becomes offers, each row once, whatever is sent again, stopped or refused on the way."""

import csv
import io
import sqlite3
from contextlib import closing

import pytest

from boundary.serving.access import Caller
from passeport.serve.tidy import tidy


def rows(centre, table, where="1"):
    database = "offers" if table == "offer" else "jobs"
    with closing(sqlite3.connect(centre.house.settings.database(database))) as db:
        return db.execute(f"select count(*) from {table} where {where}").fetchone()[0]


def on_disk(centre):
    return b"".join(
        path.read_bytes() for path in (centre.house.settings.home / "service").rglob("*") if path.is_file()
    )


def report(centre, job):
    answer = centre.get(f"imports/{job}/report.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text), delimiter=";"))


def test_a_file_becomes_offers_with_a_link_each(centre, table):
    job = centre.send(table(3))
    done = centre.until(job["id"], "done")
    assert done["counts"] == {"rows": 3, "ready": 0, "error": 0, "done": 3, "again": 0}
    lines = report(centre, job["id"])
    assert [line["reference"] for line in lines] == ["R-1", "R-2", "R-3"]
    assert all(len(line["code"]) == 6 and line["lien"] for line in lines)
    link = lines[0]["lien"].partition("credential_offer_uri=")[2]
    path = link.replace("%3A", ":").replace("%2F", "/").partition("8000")[2]
    assert centre.http.get(path).status_code == 200, "the link opens the offer"
    assert len({line["lien"] for line in lines}) == 3
    assert report(centre, job["id"]) == lines, "the table can be had again"
    assert lines[0]["lien"].rpartition(".")[2].encode() not in on_disk(centre), "no link is kept"


def test_the_same_file_again_is_the_same_import(centre, table):
    first = centre.send(table(2))
    assert centre.send(table(2))["id"] == first["id"]
    centre.until(first["id"], "done")
    assert centre.send(table(2))["id"] == first["id"]
    assert rows(centre, "offer") == 2
    other = centre.send(table(2), policy="link")
    assert centre.until(other["id"], "done")["counts"]["again"] == 2, "an award is offered once"
    assert rows(centre, "offer") == 2
    wrong = centre.send(table(2, name="AUTRE-DÉMONSTRATION"))
    found = centre.until(wrong["id"], "examined")
    assert found["counts"] == {"rows": 2, "ready": 0, "error": 2, "done": 0, "again": 0}
    findings = centre.get(f"imports/{wrong['id']}/rows").json()["rows"][0]["findings"]
    assert [finding["code"] for finding in findings] == ["offer.exists"]


def test_an_idempotency_key_names_one_file(centre, table):
    key = {"Idempotency-Key": "k-1"}
    first = centre.post("imports", content=table(1), headers=key, params={"template": "diploma"})
    again = centre.post("imports", content=table(1), headers=key, params={"template": "diploma"})
    assert again.json()["id"] == first.json()["id"]
    other = centre.post("imports", content=table(2), headers=key, params={"template": "diploma"})
    assert (other.status_code, other.json()["code"]) == (409, "import.key_reused")
    assert not [*centre.house.settings.home.glob("service/uploads/upload-*")]


def test_a_form_is_as_good_as_a_body(centre, table):
    answer = centre.post(
        "imports", files={"file": ("../../../etc/résultats.csv", table(1))}, params={"template": "diploma"}
    )
    assert centre.until(answer.json()["id"], "done")["counts"]["done"] == 1


def test_a_dry_run_makes_nothing_until_it_is_started(centre, table):
    job = centre.send(table(2), dry_run=True)
    assert centre.until(job["id"], "examined")["counts"]["ready"] == 2
    assert rows(centre, "offer") == 0
    assert centre.post(f"imports/{job['id']}/start", json={}).status_code == 202
    centre.until(job["id"], "done")
    assert rows(centre, "offer") == 2


def test_rows_in_error_stop_the_file_unless_they_are_left_out(centre, table):
    bad = table(2) + b"R-9;RNCP37674;;Camille;31/02/2000;27/03/2026;Bien\n"
    job = centre.send(bad)
    found = centre.until(job["id"], "examined")
    assert (found["counts"]["ready"], found["counts"]["error"]) == (2, 1)
    [refused] = centre.get(f"imports/{job['id']}/rows", params={"outcome": "error"}).json()["rows"]
    assert (refused["number"], refused["reference"]) == (3, "R-9")
    assert all(finding["what"] and finding["line"] == 4 for finding in refused["findings"])
    answer = centre.post(f"imports/{job['id']}/start", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "import.errors")
    assert centre.post(f"imports/{job['id']}/start", json={"skip_errors": True}).status_code == 202
    assert centre.until(job["id"], "done")["counts"]["done"] == 2


def test_rows_are_listed_in_pages(centre, table):
    job = centre.send(table(5), dry_run=True)
    centre.until(job["id"], "examined")
    page = centre.get(f"imports/{job['id']}/rows", params={"after": 2, "limit": 2}).json()["rows"]
    assert [row["number"] for row in page] == [3, 4]


def test_what_is_issued_has_its_indexes_and_is_issued_once(centre, table):
    job = centre.send(table(3), mode="issue")
    assert centre.until(job["id"], "done")["counts"]["done"] == 3
    ledger = centre.house.organisations.get("centre").ledger
    assert len(list(ledger.issued())) == 6, "two forms each"
    listed = centre.get(f"imports/{job['id']}/rows").json()["rows"]
    assert sorted(name for row in listed for name in row["credentials"]) == sorted(
        intent.credential_id for intent in ledger.issued()
    )
    later = centre.send(table(4), mode="issue")
    assert centre.until(later["id"], "done")["counts"] == {
        "rows": 4, "ready": 0, "error": 0, "done": 1, "again": 3,
    }  # fmt: skip


def test_a_large_file_waits_for_a_second_person(centre, table):
    job = centre.send(table(21))
    found = centre.until(job["id"], "waiting_approval")
    answer = centre.post(f"imports/{job['id']}/start", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "four_eyes.required")
    assert rows(centre, "offer") == 0
    eyes, second = centre.house.four_eyes, Caller(centre.person("a-second", "approver"))
    proposal = eyes.find("centre", found["approval"])
    assert proposal.facts["rows"] == 21
    assert proposal.author == "a-head", "whoever answers for the key"
    eyes.decide(second, "centre", proposal.id, proposal.content, approve=True)
    assert centre.post(f"imports/{job['id']}/start", json={}).status_code == 202
    centre.until(job["id"], "done")
    assert rows(centre, "offer") == 21
    other = centre.send(table(22))
    centre.until(other["id"], "waiting_approval")
    answer = centre.post(f"imports/{other['id']}/start", json={})
    assert answer.status_code == 403, "another file has another hash, and the approval was used"


def test_a_file_is_removed_once_read_and_claims_once_done(centre, table):
    marked = table(2, name="TRACE-DÉMONSTRATION")
    job = centre.send(marked, dry_run=True)
    centre.until(job["id"], "examined")
    assert not [*centre.house.settings.home.glob("service/uploads/*")]
    assert rows(centre, "job_row", "claims is not null") == 2
    centre.post(f"imports/{job['id']}/cancel")
    assert rows(centre, "job_row", "claims is not null") == 0
    centre.clock.passes(days=8)
    tidy(centre.house)
    done = centre.send(table(2))
    centre.until(done["id"], "done")
    assert rows(centre, "job_row", "claims is not null") == 0


def test_a_national_number_is_nowhere(centre, table):
    """The number is evidently fictional: its department does not exist."""
    number = "2000299999001" + f"{97 - 2000299999001 % 97:02}"
    bad = table(1) + f"R-2;RNCP37674;{number};Camille Fictive;29/02/2000;27/03/2026;Bien\n".encode()
    job = centre.send(bad)
    found = centre.until(job["id"], "examined")
    assert found["counts"]["error"] == 1
    told = centre.get(f"imports/{job['id']}/rows").text + centre.get(f"imports/{job['id']}/report.csv").text
    assert number not in told
    assert number.encode() not in on_disk(centre)


def test_pause_resume_cancel_say_what_is_possible(centre, table):
    job = centre.send(table(2), dry_run=True)
    centre.until(job["id"], "examined")
    for word in ("pause", "resume"):
        answer = centre.post(f"imports/{job['id']}/{word}")
        assert (answer.status_code, answer.json()["code"]) == (409, "import.state")
    assert centre.post(f"imports/{job['id']}/cancel").json()["state"] == "cancelled"
    answer = centre.post(f"imports/{job['id']}/start", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "import.state")
    assert centre.send(table(2), dry_run=True)["id"] != job["id"], "it can be sent again"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("GET", "/rows"), ("GET", "/report.csv"), ("POST", "/start"), ("POST", "/pause"),
        ("POST", "/resume"), ("POST", "/cancel"),
    ],
)  # fmt: skip
def test_another_organisation_has_no_such_import(centre, table, method, path):
    job = centre.send(table(1), dry_run=True)["id"]
    centre.until(job, "examined")
    how = {"json": {}} if path == "/start" else {}
    answer = centre.ask(method, f"imports/{job}{path}", who="stranger", at="/organisations/atelier", **how)
    assert (answer.status_code, answer.json()["code"]) == (404, "import.unknown")
    assert centre.ask(method, f"imports/{job}{path}", who="stranger", **how).status_code == 404
    assert centre.get(f"imports/{job}").json()["state"] == "examined"


def test_who_may_only_look_gets_no_links_and_starts_nothing(centre, table):
    job = centre.send(table(1), dry_run=True)["id"]
    centre.until(job, "examined")
    assert centre.get(f"imports/{job}", who="auditor").status_code == 200
    assert centre.get(f"imports/{job}/report.csv", who="auditor").status_code == 403
    assert centre.post(f"imports/{job}/start", who="auditor", json={}).status_code == 403
    assert centre.post("imports", who="auditor", content=table(1)).status_code == 403


def test_everything_stands_in_the_log_without_a_name(centre, table):
    job = centre.send(table(2))["id"]
    centre.until(job, "done")
    centre.get(f"imports/{job}/report.csv")
    said = [entry.event for entry in centre.house.audit.entries(organisation="centre")]
    whats = {event.what for event in said}
    assert {"import.submit", "import.report", "key.use"} >= {"import.submit", "import.report"} <= whats
    assert not any("R-1" in (event.on, event.what) for event in said)
