"""Many documents at once: each judged as the command line judges it, none stops another, nothing is kept."""

import csv
import datetime as dt
import io
import json
import logging
import os
import tarfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from boundary import limits
from passeport.serve.app import create_app
from passeport.serve.batches import BatchRoom
from passeport.serve.house import House
from passeport.serve.settings import Service
from passeport.serve.tidy import tidy
from verifier.batch_work import LEASE

AT = "/organisations/centre/batches"
DEADLINE = 60


class Clock:
    """Runs from where a share that was made today is good."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass
class Place:
    """The service of a laptop, whose owner asks; its threads stand still, and a test does their work."""

    app: FastAPI
    http: TestClient
    clock: Clock

    @property
    def house(self) -> House:
        return cast(House, self.app.state.house)

    @property
    def room(self) -> BatchRoom:
        return BatchRoom(self.house)

    def send(self, data: bytes, status: int = 202, **headers: str) -> Any:
        answer = self.http.post(AT, content=data, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def verified(self, data: bytes, **headers: str) -> Any:
        """Send what is to be verified, and have it done."""
        sent = self.send(data, **headers)
        assert self.room.worker("w")()
        return self.get(sent["id"])

    def get(self, path: str, **how: Any) -> Any:
        answer = self.http.get(f"{AT}/{path}", **how)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str) -> tuple[int, str]:
        answer = self.http.get(f"{AT}/{path}")
        return answer.status_code, answer.json()["code"]

    def files(self) -> list[Path]:
        return [*(self.house.settings.home / "service" / "batches").glob("*")]

    def kept(self) -> bytes:
        """Return every byte that the service has on disk."""
        found = (self.house.settings.home / "service").rglob("*")
        return b"".join(path.read_bytes() for path in found if path.is_file())


@pytest.fixture
def place(furnished: Any) -> Iterator[Place]:
    clock = Clock()
    app = create_app(Service(home=furnished.home, role="verifier", requests_per_minute=1_000_000))
    app.state.house.now = clock
    made = Place(app, TestClient(app, base_url="http://127.0.0.1:8000"), clock)
    yield made
    made.house.close()


@pytest.fixture
def share(furnished: Any) -> bytes:
    out = furnished.path("share.txt")
    furnished("wallet", "present", "--show", f"{furnished.held('R-1')}:family_name", "--out", out)
    return cast(bytes, out.read_bytes().strip())


def zipped(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def tarred(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def without_time(documents: list[Any]) -> list[Any]:
    return [{k: v for k, v in one.items() if k not in ("at", "number")} for one in documents]


@pytest.fixture
def mixed(furnished: Any, share: bytes) -> bytes:
    """A share, the same again, a QR code of what was withdrawn, and a letter."""
    picture = furnished.path("code.png")
    furnished("wallet", "present", "--show", furnished.held("R-2"), "--qr", picture)
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    return zipped(
        ("a/un.txt", share),
        ("deux.txt", share),
        ("=trois.png", picture.read_bytes()),
        ("lettre.txt", b"Bonjour"),
    )


def test_each_document_is_judged_as_the_command_line_judges_it(
    place: Place, furnished: Any, mixed: bytes
) -> None:
    told = furnished("verify", furnished.write("candidats.zip", mixed), "--json", ends=1).json
    batch = place.verified(mixed)
    assert (batch["state"], batch["problem"]) == ("done", None)
    assert batch["counts"] == {"files": 4, "documents": 4, "verified": 2, "notVerified": 2}
    documents = place.get(f"{batch['id']}/results")["documents"]
    assert [one["number"] for one in documents] == [1, 2, 3, 4]
    assert without_time(documents) == without_time(told["documents"])
    assert documents[1]["sameAs"] == "a/un.txt"
    assert place.get(f"{batch['id']}/results", params={"after": 3})["documents"] == documents[3:]
    whole = place.get(f"{batch['id']}/results.json")
    assert whole["documents"] == documents
    assert whole["counts"] == batch["counts"]


def test_the_table_is_that_of_the_command_line_and_no_cell_is_a_formula(
    place: Place, furnished: Any, mixed: bytes
) -> None:
    out = furnished.path("resultats.csv")
    furnished("verify", furnished.write("candidats.zip", mixed), "--csv", out, "--lang", "fr", ends=1)
    batch = place.verified(mixed)
    answer = place.http.get(f"{AT}/{batch['id']}/results.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.decode() == out.read_bytes().decode()
    rows = [*csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")]
    assert rows[3][0] == "'=trois.png"


def test_sentences_are_in_the_language_of_who_sent_it(place: Place) -> None:
    batch = place.verified(zipped(("x.txt", b"?")), **{"Accept-Language": "en"})
    [one] = place.get(f"{batch['id']}/results")["documents"]
    assert one["steps"][0]["sentence"].startswith("This ")


@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar.gz"])
def test_names_lead_nowhere_and_archives_in_archives_are_not_opened(
    place: Place, share: bytes, pack: Any
) -> None:
    names = ["../../evasion.txt", "/absolu.txt", "a\x1b[31mrouge.txt"]
    data = pack(*((name, share) for name in names), ("inner.zip", zipped(("cv.txt", share))))
    before = {*place.house.settings.home.parent.rglob("*")}
    batch = place.verified(data)
    documents = place.get(f"{batch['id']}/results")["documents"]
    assert [one["verified"] for one in documents] == [True, True, True, False]
    assert documents[3]["problem"]["code"] == "bundle.nested"
    assert "\x1b" not in json.dumps(documents, ensure_ascii=False)
    made = {*place.house.settings.home.parent.rglob("*")} - before
    assert {path.name for path in made if path.suffix not in (".db-shm", ".db-wal")} <= {"batches"}


def test_a_text_with_one_presentation_on_each_line(place: Place, furnished: Any, share: bytes) -> None:
    code = furnished(
        "wallet", "present", "--show", furnished.held("R-2"), "--qr", furnished.path("x.png"), "--json"
    )
    lines = [
        b"\xef\xbb\xbf" + share,
        b"",
        code.json["qr"]["text"].encode(),
        b"x" * (limits.JSON_BYTES + 1),
        b"?",
    ]
    batch = place.verified(b"\r\n".join(lines))
    assert batch["counts"] == {"files": 4, "documents": 4, "verified": 2, "notVerified": 2}
    documents = place.get(f"{batch['id']}/results")["documents"]
    assert [one["file"] for one in documents] == ["1", "3", "4", "5"]
    assert [one["verified"] for one in documents] == [True, True, False, False]
    assert documents[2]["problem"]["code"] == "bundle.file_too_large"


def truncated(data: bytes) -> bytes:
    return data[:-30]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "bundle.empty"),
        (b"\n \n", 400, "bundle.empty"),
        (zipped(), 400, "bundle.empty"),
        (truncated(zipped(("a", b"x" * 99))), 400, "archive.damaged"),
        (b"%PDF-1.7\n\x00\x01", 400, "bundle.kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 400, "bundle.kind"),
        (b"\n" + b"x\n" * 10_001, 413, "batch.too_many"),
    ],
    ids=["nothing", "blank lines", "an empty archive", "a cut archive", "a PDF", "a picture", "too many"],
)
def test_what_is_nothing_to_verify_is_refused_at_once(
    place: Place, data: bytes, status: int, code: str
) -> None:
    assert place.send(data, status)["code"] == code
    assert place.http.get(AT).json() == {"batches": []}
    assert place.files() == []


def test_a_bomb_is_one_bad_document(place: Place, share: bytes) -> None:
    batch = place.verified(zipped(("bombe.txt", bytes(19 << 20)), ("cv.txt", share)))
    bomb, good = place.get(f"{batch['id']}/results")["documents"]
    assert bomb["problem"]["code"] == "bundle.ratio"
    assert good["verified"]


def test_of_an_archive_that_breaks_off_is_told_what_came_before(place: Place, share: bytes) -> None:
    batch = place.verified(tarred(("cv.txt", share), ("bruit.bin", os.urandom(200_000)))[:-90_000])
    assert batch["state"] == "failed"
    assert batch["problem"]["code"] == "inflate.truncated"
    assert batch["problem"]["what"]
    assert batch["counts"]["verified"] == 1
    assert [one["verified"] for one in place.get(f"{batch['id']}/results.json")["documents"]] == [True]
    assert place.files() == []


def test_a_form_with_the_file_will_do_and_a_file_that_is_too_large_will_not(
    request: pytest.FixtureRequest, share: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BATCH_BYTES", 100_000)  # before the service is made
    place: Place = request.getfixturevalue("place")
    sent = place.http.post(AT, files={"file": ("candidats.zip", zipped(("cv.txt", share)))})
    assert sent.status_code == 202, sent.text
    assert sent.headers["location"] == f"{AT}/{sent.json()['id']}"
    assert place.send(os.urandom(100_001), 413)["code"] == "file.too_large"
    assert len(place.files()) == 1


def test_one_bad_among_many_is_named(place: Place, share: bytes, full: bool) -> None:
    """RT-006: ten thousand with PASSEPORT_FULL=1."""
    count = 10_000 if full else 150
    lines = [share] * count
    lines[77] = share[:-20] + (b"A" if share[-20:-19] != b"A" else b"B") + share[-19:]
    batch = place.verified(b"\n".join(lines))
    assert batch["counts"] == {"files": count, "documents": count, "verified": count - 1, "notVerified": 1}
    bad = [one for one in place.get(f"{batch['id']}/results.json")["documents"] if not one["verified"]]
    assert [one["file"] for one in bad] == ["78"]


def test_nothing_is_kept_beyond_the_retention_time(
    place: Place, share: bytes, caplog: Any, capfd: Any
) -> None:
    name = b"EXEMPLE-D\xc3\x89MONSTRATION"
    with caplog.at_level(logging.DEBUG):
        batch = place.verified(zipped(("cv-camille-fictive.txt", share)))
    assert place.files() == [], "the file is gone as soon as it was read"
    assert name in place.kept(), "the results are there"
    place.clock.passes(minutes=14)
    tidy(place.house)
    assert place.get(batch["id"])["state"] == "done"
    place.clock.passes(minutes=1)
    assert tidy(place.house) > 0
    assert place.refused(batch["id"]) == (404, "batch.unknown")
    assert place.refused(f"{batch['id']}/results") == (404, "batch.unknown")
    logged = caplog.text + "".join(capfd.readouterr())
    for secret in (name, b"camille-fictive", share[:60]):
        assert secret not in place.kept()
        assert secret.decode() not in logged


def test_what_is_erased_is_gone_at_once(place: Place, share: bytes) -> None:
    done = place.verified(zipped(("cv.txt", share)))
    waiting = place.send(zipped(("a.txt", share)))
    assert b"EXEMPLE-D" in place.kept()
    for batch in (waiting, done):
        assert place.http.delete(f"{AT}/{batch['id']}").status_code == 204
        assert place.http.delete(f"{AT}/{batch['id']}").status_code == 404
    assert not place.room.worker("w")()
    assert place.files() == []
    assert b"EXEMPLE-D" not in place.kept()
    said = [entry.event.what for entry in place.house.audit.entries() if entry.event.outcome == "done"]
    assert said == ["batch.submit", "batch.submit", "batch.erase", "batch.erase"]


def test_the_same_key_is_the_same_batch(place: Place) -> None:
    first = place.send(b"a", **{"Idempotency-Key": "k-1"})
    assert place.send(b"a", **{"Idempotency-Key": "k-1"})["id"] == first["id"]
    assert place.send(b"b", 409, **{"Idempotency-Key": "k-1"})["code"] == "batch.key_reused"
    assert place.send(b"a")["id"] != first["id"]
    assert len(place.files()) == 2


def test_an_organisation_has_so_many_under_way(place: Place) -> None:
    for _ in range(limits.BATCHES_OPEN):
        place.send(b"x")
    assert place.send(b"x", 409)["code"] == "batch.waiting"
    assert len(place.files()) == limits.BATCHES_OPEN
    other = place.http.post("/organisations/atelier/batches", content=b"x")
    assert other.status_code == 202
    assert place.room.worker("w")()
    place.send(b"x")


def test_nothing_is_taken_away_before_it_is_done(place: Place) -> None:
    batch = place.send(b"x")
    assert batch["state"] == "waiting"
    for kind in ("json", "csv"):
        assert place.refused(f"{batch['id']}/results.{kind}") == (409, "batch.not_done")
    assert place.get(f"{batch['id']}/results") == {"documents": []}


def test_what_a_killed_worker_left_is_begun_again_and_counted_once(place: Place, share: bytes) -> None:
    batch = place.send(b"\n".join([share] * 3))
    jobs = place.room.batches.jobs
    claimed = jobs.claim("dead", place.clock() + LEASE, place.clock())
    assert claimed
    assert jobs.begin(batch["id"], "dead")
    again = place.room.worker("w")
    assert not again(), "its lease is not over"
    place.clock.passes(seconds=LEASE.total_seconds())
    assert again()
    assert not jobs.settle(batch["id"], "dead", "failed", place.clock())
    assert place.get(batch["id"])["counts"]["documents"] == 3


def test_a_worker_that_is_told_to_end_leaves_the_rest_to_another(place: Place, share: bytes) -> None:
    batch = place.send(b"\n".join([b"?"] * 60))
    room = place.room
    room.workers._ended.set()
    assert room.worker("ending")()
    assert place.get(batch["id"])["state"] == "verifying"
    assert place.room.worker("next")(), "at once"
    assert place.get(batch["id"])["counts"]["documents"] == 60


def test_what_takes_too_long_ends_whoever_had_it(place: Place) -> None:
    batch = place.send(b"x")
    place.clock.passes(seconds=limits.BATCH_SECONDS + 1)
    assert place.room.worker("w")()
    assert place.get(batch["id"])["problem"]["code"] == "batch.too_long"
    assert place.files() == []


def test_a_file_that_is_gone_is_said(place: Place) -> None:
    batch = place.send(b"x")
    place.files()[0].unlink()
    assert place.room.worker("w")()
    assert place.get(batch["id"])["problem"]["code"] == "batch.gone"


def test_the_service_does_it_beside_its_answers(furnished: Any, share: bytes) -> None:
    settings = Service(home=furnished.home, role="verifier", requests_per_minute=1_000_000)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as http:
        batch = http.post(AT, content=zipped(("cv.txt", share))).json()
        deadline = time.monotonic() + DEADLINE
        while (found := http.get(f"{AT}/{batch['id']}").json())["state"] != "done":
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
    assert found["counts"]["verified"] == 1
