"""Clocks that jump, many at once, damaged disks: what is said stays true, or is refused."""

import datetime as dt
import sqlite3
from contextlib import closing

import pytest
from attacks import minting

from boundary.strict_json import read_object
from contexts import PRODUCT
from issuer.desk import Desk
from issuer.issue import issue
from issuer.order import Award
from issuer.publish import LIFETIME, publish
from keys.dids import key as did_key
from keys.local import LocalSigner
from keys.resolver import VerificationKey
from problems import RetrievalError
from proofs import jws, sd_jwt, suites
from storage.sqlite.issuance import SqliteLedger
from verifier.policy import Policy
from verifier.verify import Verifier

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MOMENTS = {
    "an ordinary day": "2026-11-21T09:30:12+00:00",
    "the day that never was twice": "2028-02-29T23:59:59+00:00",
    "the end of 32 bits": "2038-01-19T03:14:07+00:00",
    "behind it": "2038-01-19T03:14:08+00:00",
    "the night when clocks go forward": "2026-03-29T01:59:59+01:00",
    "the night when clocks go back": "2026-10-25T02:30:00+02:00",
    "a leap second's neighbour": "2016-12-31T23:59:59+00:00",
    "the next century": "2100-03-01T00:00:00+00:00",
}
ROW = {
    "name": "Natation",
    "description": "Cent mètres.",
    "given_name": "Camille",
    "family_name": "Fictive",
    "awarded": "2016-01-15",
    "achievement": {
        "id": "https://ecole.example/natation",
        "type": "Course",
        "name": "Natation",
        "description": "Cent mètres.",
        "criteria": "Présence.",
    },
    "training": {
        "start": "2016-01-14",
        "end": "2016-01-15",
        "duration": "PT14H",
        "mode": "EN_PRESENTIEL",
        "outcome": "ATTENDED",
    },
}


class Town:
    """A school on its own clock; what it publishes, as the web would serve it."""

    def __init__(self, folder):
        self.did = "did:web:ecole.example"
        self.signer = LocalSigner.generate("P-256", f"{self.did}#key-1")
        self.desk = Desk(self.did, "École fictive", self.signer, "https://ecole.example/status")
        self.ledger = SqliteLedger(folder / "ledger.db")
        self.holder = did_key.did(LocalSigner.generate("P-256").public_key)
        self.lists = {}

    def issue(self, reference, now, **more):
        order = Award(reference, "training", {**ROW, **more}, self.holder, ["dc+sd-jwt", "ecdsa-sd-2023"])
        return [done.body for done in issue([order], self.desk, self.ledger, now)]

    def publish(self, now):
        self.lists = {done.url: done.body for done in publish(self.desk, self.ledger, now)}

    def get(self, url, *, limit=0):
        if url not in self.lists:
            raise RetrievalError("source.not_pinned", host="ecole.example")
        return self.lists[url]

    def resolve(self, verification_method, purpose):
        if verification_method == self.signer.verification_method:
            return VerificationKey(self.signer.public_key, verification_method, self.did)
        public = did_key.public_key_of(verification_method.partition("#")[0])
        return VerificationKey(public, verification_method, verification_method.partition("#")[0])

    def status(self, body, now):
        report = Verifier(Policy(), suites(PRODUCT), self, self).verify(body, now)
        steps = {step.name: (step.outcome, step.code) for step in report.credentials[0].steps}
        return report.verified, steps


@pytest.fixture
def town(tmp_path):
    town = Town(tmp_path)
    yield town
    town.ledger.close()


def dates(body):
    """Return from when and until when a credential is valid, as it says."""
    if body.lstrip().startswith(b"{"):
        document = read_object(body)
        texts = [document.get("validFrom"), document.get("validUntil")]
        return [dt.datetime.fromisoformat(text) if text else None for text in texts]
    claims = jws.claims(jws.parse(sd_jwt.parse(body.decode()).issuer_jwt))
    numbers = [claims.get("nbf", claims.get("iat")), claims.get("exp")]
    return [dt.datetime.fromtimestamp(number, dt.UTC) if number else None for number in numbers]


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_clocks_that_jump(town, moment):
    """RT-001: an hour and 400 days forth and back, over leap days, seconds and the end of 32 bits."""
    now = dt.datetime.fromisoformat(moment)
    ends = (now + 30 * DAY).astimezone(dt.UTC).replace(microsecond=0)
    bodies = town.issue("A", now, valid_until=ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
    town.publish(now)
    assert len(bodies) == 2
    for body in bodies:
        valid_from, valid_until = dates(body)
        assert valid_from <= now.astimezone(dt.UTC) <= valid_until, "no validity is negative"
        assert valid_until == ends, "and none is endless"
    jwt, *_ = (body for body in bodies if not body.lstrip().startswith(b"{"))
    assert town.status(jwt, now)[1]["status"][0] == "passed"
    assert town.status(jwt, now + HOUR)[1]["status"][0] == "passed"
    for later in (now + LIFETIME + HOUR, now + 400 * DAY):
        assert town.status(jwt, later)[1]["status"][0] != "passed", "an old list is no answer"
    assert not town.status(jwt, now - 400 * DAY)[0], "nothing holds before it began"
    assert not town.status(jwt, now + 400 * DAY)[0]


def test_a_clock_set_back_neither_lengthens_nor_repeats(town):
    """RT-001: the same award again is the same bytes, whatever the clock says by then."""
    now = dt.datetime.fromisoformat(MOMENTS["an ordinary day"])
    first = town.issue("A", now)
    for jump in (-400 * DAY, -HOUR, HOUR, 400 * DAY):
        assert town.issue("A", now + jump) == first
        town.publish(now + jump)
    town.publish(now)
    jwt, *_ = (body for body in first if not body.lstrip().startswith(b"{"))
    assert town.status(jwt, now)[1]["status"][0] == "passed"


INJECTED = ["x\r\nSet-Cookie: a=b", "name\n2026-01-01 INFO fake", "\x1b[2Jx", "a\u2028b", "x\x00y"]


@pytest.mark.parametrize("text", INJECTED)
def test_lines_that_would_be_added_to_what_is_said(own_house, table_of_one, text):
    """RT-005: in names, references and arguments: one line stays one line, and nothing is repainted."""
    told = [
        own_house.run("revoke", text, "--issuer", "ecole", "--reason", "x", "--json"),
        own_house.run("revoke", text, "--issuer", "ecole", "--reason", "x"),
        own_house.run("verify", own_house.home / text.replace("\x00", "")),
        own_house.run("keys", "list", text.replace("\x00", "")),
    ]
    table = table_of_one.read_bytes().decode("utf-8-sig").replace("EXEMPLE-0001", f'"{text}"')
    path = own_house.file(table, "t.csv")
    told.append(
        own_house.run("issue", path, "--issuer", "ecole", "--out", own_house.home / "o", "--skip-errors")
    )
    for answer in told:
        said = answer.out + answer.err
        assert answer.status == 2
        assert "cli.unexpected" not in said
        assert not any(line.startswith(("Set-Cookie", "2026-01-01 INFO")) for line in said.splitlines())
        assert not set("\x1b\x00\r\u2028") & set(said)


def test_one_bad_among_many(house, tmp_path, full):
    """RT-006: each has its result, the bad one is named; ten thousand with PASSEPORT_FULL=1."""
    count = 10_000 if full else 150
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(count):
        key = minting.KEYS.attacker if number == 77 else None
        payload = minting.base_payload(jti=f"urn:x:{number}", cnf=...)
        (folder / f"{number:05}.sd-jwt").write_text(minting.sdjwt(payload, key=key, kb=None))
    answer = house.run("verify", folder, "--json")
    assert answer.status == 1
    rows = answer.json["documents"]
    bad = [row for row in rows if row["file"] == "00077.sd-jwt"]
    assert len(rows) == count
    assert len(bad) == 1
    assert [row for row in rows if not row["verified"]] == bad


@pytest.mark.parametrize("page", range(1, 4))
def test_a_damaged_page(school, page):
    """RT-008: a ledger that lost a page says so; no list is published from what is left."""
    ledger = school.home / "issuers" / "ecole" / "ledger.db"
    with closing(sqlite3.connect(ledger)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        size = db.execute("pragma page_size").fetchone()[0]
        root = db.execute("select rootpage from sqlite_master where name = 'issuance'").fetchone()[0]
    lists = {path: path.read_bytes() for path in (school.home / "web").rglob("status/**/*") if path.is_file()}
    data = bytearray(ledger.read_bytes())
    at = (root - 1) * size
    data[at : at + 1] = bytes([data[at] ^ (1 << page)])  # one byte, in the header of the table's root page
    ledger.write_bytes(data)
    answer = school.run("status", "publish", "--issuer", "ecole", "--json")
    assert answer.status == 2
    assert answer.codes == {"storage.damaged"}
    assert {path: path.read_bytes() for path in lists} == lists
