"""PV-001: names that occur nowhere else are imported, offered, and thrown at every door; then they are looked
for wherever a service leaves anything: its log, its metrics, its databases, its folders."""

import base64
import json
import sys
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))  # tests are no package

import processes
from processes import Served

BIRTH_NAME, GIVEN_NAME, LATER_NAME = "CANARI-SERINUS", "Zéphyrine", "GAZOUILLIS-PINSON"
CANARIES = (
    BIRTH_NAME,
    GIVEN_NAME,
    "Zephyrine",
    LATER_NAME,
    "canari.serinus@oiseau.example",
    "1987-03-14",
    "14/03/1987",
)
ROWS = f"""\
type;code_certification;reference;nom_naissance;prenoms;date_naissance;date_obtention;mode_obtention
Diplôme;RNCP35809;PV-1;{BIRTH_NAME};{GIVEN_NAME};14/03/1987;05/07/2024;Admission
Diplôme;RNCP35809;PV-2;{LATER_NAME};{GIVEN_NAME};14/03/1987;31/02/2024;Admission
"""
JSON = {"Content-Type": "application/json"}
HOLD_IT = {
    "issuers/centre/ledger.db": "what was issued, so that a wallet that asks again gets the same (PV-005)",
    "service/offers.db": "the claims of an offer, until its grant is over",
}


def spelled(canary: str) -> set[bytes]:
    """Return the canary as texts, JSON and tokens may hold it; base64 at each of the three offsets."""
    plain = [canary.encode(), canary.encode("utf-16-le"), json.dumps(canary)[1:-1].encode()]
    plain += [canary.upper().encode(), canary.lower().encode(), urllib.parse.quote(canary).encode()]
    coded = []
    for offset in range(3):
        text = base64.urlsafe_b64encode(bytes(offset) + canary.encode())
        coded.append(text[(offset * 4 + 2) // 3 + 1 : -4])
    return {one for one in [*plain, *coded] if len(one) >= 6}


def found_in(data: bytes) -> set[str]:
    return {canary for canary in CANARIES if any(one in data for one in spelled(canary))}


@pytest.mark.parametrize("offset", range(3))
def test_this_search_finds_what_is_there(offset: int) -> None:
    token = base64.urlsafe_b64encode(b"x" * offset + json.dumps({"family_name": BIRTH_NAME}).encode())
    assert BIRTH_NAME in found_in(token)
    assert GIVEN_NAME in found_in(json.dumps({"name": GIVEN_NAME}).encode())


def leaks(home: Path) -> dict[str, set[str]]:
    """Return what stands in files that should not hold it, with the logs that SQLite keeps beside them."""
    found = {}
    for path in filter(Path.is_file, home.rglob("*")):
        name = path.relative_to(home).as_posix()
        there = found_in(path.read_bytes())
        if there and name.removesuffix("-wal").removesuffix("-shm") not in HOLD_IT:
            found[name] = there
    return found


def imported(served: Served) -> str:
    path = "/organisations/centre/imports?skip_errors=true"
    status, said = served.ask(path, "POST", ROWS.encode(), **{"Content-Type": "text/csv"})
    assert status == 202, said
    name = json.loads(said)["id"]

    def state() -> dict[str, Any]:
        return json.loads(served.ask(f"/organisations/centre/imports/{name}")[1])

    assert processes.within(lambda: state()["state"] in ("done", "failed"))
    assert state()["counts"] == {"rows": 2, "ready": 0, "error": 1, "done": 1, "again": 0}
    return str(name)


def thrown(served: Served) -> None:
    """At every door, in whatever form it may be wrong."""
    text = f"{BIRTH_NAME} {GIVEN_NAME} canari.serinus@oiseau.example"
    bodies = [json.dumps({"verifiableCredential": {"name": text}}), f'{{"{text}": ', json.dumps([text]), text]
    doors = [
        "/credentials/verify", "/presentations/verify", "/verifier/requests", "/session", "/links",
        "/issuers/centre/nonce", "/issuers/centre/credential", "/organisations/centre/offers",
    ]  # fmt: skip
    for door in doors:
        for body in bodies:
            assert served.ask(door, "POST", body.encode(), **JSON)[0] < 500, door
    form = urllib.parse.urlencode({"text": text, "code": text, "grant_type": text}).encode()
    for door in ("/v/check", "/issuers/centre/token", "/issuers/centre/par"):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert served.ask(door, "POST", form, **kind)[0] < 500, door
    named = urllib.parse.quote(text)
    for door in (f"/v?name={named}", f"/{named}", f"/issuers/{named}/token", f"/links/{named}/view"):
        assert served.ask(door, **{"User-Agent": "x", "Referer": f"https://x.example/{named}"})[0] < 500
    known = json.dumps({"login": "canari.serinus@oiseau.example", "passphrase": text})
    assert served.ask("/session", "POST", known.encode(), **JSON)[0] == 401


def test_no_canary_is_heard(furnished: Any, tmp_path: Path) -> None:
    left = {*Path(tempfile.gettempdir()).iterdir()}
    with processes.running(furnished.home, "all", passphrase=furnished.secret) as served:
        job = imported(served)
        at = f"/organisations/centre/imports/{job}"
        told = served.ask(f"{at}/rows")[1] + served.ask(f"{at}/report.csv")[1] + served.ask(at)[1]
        thrown(served)
        metrics = served.ask("/metrics")[1]
        while_it_runs = leaks(furnished.home)
    assert b"PV-2" in told
    assert not found_in(told), "results name a row by its reference"
    assert found_in(
        b"".join(path.read_bytes() for path in (furnished.home / "service").glob("offers.db*"))
    ), "the canary was there to be heard"
    assert not while_it_runs
    assert not leaks(furnished.home)
    assert not found_in("".join(served.said).encode())
    assert not found_in(metrics)
    new = [path for path in {*Path(tempfile.gettempdir()).iterdir()} - left if path.is_file()]
    assert not any(found_in(path.read_bytes()) for path in new)
