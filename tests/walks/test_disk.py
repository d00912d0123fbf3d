"""F4 and F5: the disk of a running service is full, read-only, or damaged.

The home is a small file system of its own, in a mount namespace that only the service sees; a test reaches it
through /proc.
"""

import contextlib
import datetime as dt
import itertools
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from boundary import forms
from exchange.oauth.token import PreAuthorizedCode
from exchange.openid4vci import offer as offers
from exchange.openid4vci import proof
from exchange.openid4vci.messages import CredentialRequest
from issuer.intake.judge import PIPELINE
from issuer.offer import Offering
from issuer.order import Award
from keys.local import LocalSigner
from passeport import issuers
from passeport.settings import Settings
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.issuance import SqliteLedger
from storage.sqlite.offers import SqliteOffers

sys.path.append(str(Path(__file__).parent))  # tests are no package

import processes
from processes import Served

SIZE = "16m"
MOUNT = f'mount -t tmpfs -o size={SIZE} none "$1" && cp -a "$2/." "$1" && shift 2 && exec "$@"'
EXAMPLE = Path(__file__).parents[1] / "credentials" / "examples" / "diploma.json"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
HEAL_SECONDS = 10


def own_disk(home: Path, template: Path) -> tuple[str, ...]:
    """Return the command under which a service has ``home`` on a disk of its own, a copy of ``template``."""
    return (
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        MOUNT,
        "sh",
        str(home),
        str(template),
    )


@pytest.fixture
def can_mount(tmp_path: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare here to give a process a disk of its own")
    for name in ("from", "to"):
        (tmp_path / name).mkdir()
    tried = subprocess.run(
        [*own_disk(tmp_path / "to", tmp_path / "from"), "true"], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip("this system lets nobody mount a disk of their own")


@dataclass(frozen=True)
class Holder:
    """A wallet in the making: it has a token, and asks with the same key until it has its credential."""

    served: Served
    key: LocalSigner
    token: str

    def ask(self) -> tuple[int, Any]:
        status, nonce = self.served.ask("/issuers/centre/nonce", "POST")
        if status != 200:
            return status, json.loads(nonce)
        at, now = f"{self.served.url}/issuers/centre", dt.datetime.now(dt.UTC)
        shown = proof.make(self.key, self.key.public_key, at, now, nonce=json.loads(nonce)["c_nonce"])
        body = json.dumps(CredentialRequest("diploma.sd-jwt", proofs=(shown,)).document()).encode()
        bearer = {"Authorization": f"Bearer {self.token}", **JSON}
        status, said = self.served.ask("/issuers/centre/credential", "POST", body, **bearer)
        return status, json.loads(said)


@dataclass(frozen=True)
class Running:
    served: Served
    codes: list[str]
    home: Path

    def holder(self) -> Holder:
        status, said = self.redeem(self.codes.pop())
        assert status == 200, said
        return Holder(self.served, LocalSigner.generate("P-256"), said["access_token"])

    def redeem(self, code: str) -> tuple[int, Any]:
        body = forms.write(PreAuthorizedCode(code).form()).encode()
        status, said = self.served.ask("/issuers/centre/token", "POST", body, **FORM)
        return status, json.loads(said)

    def reads(self) -> None:
        """What takes no writing goes on: what is published, and verification."""
        for path in ("/ready", "/.well-known/openid-credential-issuer/issuers/centre", "/v"):
            assert self.served.ask(path)[0] == 200, path
        status, said = self.served.ask("/credentials/verify", "POST", b'{"verifiableCredential": {}}', **JSON)
        assert status == 400, said


@pytest.fixture
def running(can_mount: None, furnished: Any, tmp_path: Path) -> Iterator[Running]:
    place, port = tmp_path / "disk", processes.free_port()
    place.mkdir()
    codes = [offered(furnished, f"D-{number}", port) for number in range(12)]
    under = own_disk(place, furnished.home)
    with processes.running(place, "all", port=port, under=under, passphrase=furnished.secret) as served:
        yield Running(served, codes, Path(f"/proc/{served.process.pid}/root{place}"))


def offered(furnished: Any, reference: str, port: int) -> str:
    now, home = dt.datetime.now(dt.UTC), furnished.home
    row = json.loads(EXAMPLE.read_text("utf-8"))["row"]
    claims = {name: value for name, value in row.items() if name not in PIPELINE}
    desk = issuers.open_issuer(Settings(home, "fr"), "centre").desk("P-256", lambda _: furnished.secret)
    with closing(SqliteOffers(home / "service" / "offers.db")) as store:
        sent = Offering(store).make("centre", Award(reference, "diploma", claims), "link", desk, now)
    document = sent.document(f"http://127.0.0.1:{port}/issuers/centre").document()
    return offers.read(document).pre_authorized.code


def fill(home: Path) -> Path:
    """Take all the room there is."""
    ballast = home / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass
    return ballast


def clear(status: int, said: Any) -> None:
    """A refusal that tells the wallet to come back, never that it asked for the wrong thing."""
    assert status == 503, said
    assert said["error"] in ("temporarily_unavailable", "server_error"), said
    assert said["error_description"].partition(":")[0].startswith(("storage.", "audit.")), said


def whole(running: Running, issued: list[Any]) -> None:
    """Whatever was acknowledged is recorded as it was given; nothing else is signed; the chain is whole."""
    copy = running.served.home.with_name("copy")
    shutil.copytree(running.home, copy, ignore=shutil.ignore_patterns("ballast"))
    with closing(SqliteLedger(copy / "issuers" / "centre" / "ledger.db")) as ledger:
        assert ledger.unfinished() == 0
        found = [intent for intent in ledger.issued() if intent.draft.reference.startswith("D-")]
    places = {(intent.draft.kind, intent.status_list, intent.status_index) for intent in found}
    assert sorted(intent.body.decode() for intent in found) == sorted(issued)
    assert len(places) == len(found)
    with closing(SqliteAudit(copy / "service" / "audit.db")) as audit:
        entries = [*audit.entries()]
    assert [entry.number for entry in entries] == [*range(1, len(entries) + 1)]
    assert all(entry.before == last.hash for last, entry in itertools.pairwise(entries))


def test_a_full_disk_refuses_plainly_and_heals_by_itself(running: Running) -> None:
    """F4."""
    first, second, third = (running.holder() for _ in range(3))
    status, said = first.ask()
    assert status == 200, said
    issued = [said["credentials"][0]["credential"]]
    running.reads()  # what is made when it is first asked for is made
    ballast = fill(running.home)
    refusals = [holder.ask() for holder in (second, third) for _ in range(3)]
    refusals += [running.redeem(code) for code in running.codes[:3]]
    for status, said in refusals:
        assert "credentials" not in said
        assert "access_token" not in said
        clear(status, said)
    status, said = running.served.ask("/session", "POST", b'{"login": "nobody", "passphrase": "x"}', **JSON)
    assert (status, json.loads(said)["code"]) == (503, "storage.full")
    upload = {"Content-Type": "text/csv"}
    rows = b"reference;nom\n" * 10_000
    status, said = running.served.ask(
        "/organisations/centre/imports?template=diploma", "POST", rows, **upload
    )
    assert status == 503, said
    running.reads()
    ballast.unlink()
    for holder in (second, third):
        answers: list[tuple[int, Any]] = []
        assert processes.within(
            lambda h=holder, a=answers: a.append(h.ask()) or a[-1][0] == 200, HEAL_SECONDS
        )
        issued.append(answers[-1][1]["credentials"][0]["credential"])
    assert not [*(running.home / "service").glob("**/upload-*")], "no half of a file is left"
    whole(running, issued)
    assert "Traceback" not in "".join(running.served.said)


def spoil(path: Path) -> None:
    """Write noise over all pages of a database but the first, and let nothing newer stand beside it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[4_096:] = b"\xa5" * (len(data) - 4_096)
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["issuers/centre/ledger.db", "service/once.db", "service/audit.db"])
def test_a_damaged_file_is_told_at_the_start(furnished: Any, name: str) -> None:
    """F5: before anything is done with it."""
    with processes.running(furnished.home, "all", passphrase=furnished.secret):
        pass
    spoil(furnished.home / name)
    said = furnished.process("serve", "--port", str(processes.free_port()), stderr=subprocess.PIPE)
    try:
        _, err = said.communicate(timeout=processes.START_SECONDS)
    finally:
        said.kill()
        said.wait()
    assert said.returncode == 2
    assert name in err.decode()
    assert "storage.damaged" in err.decode()
    assert "service.storage" in err.decode()
    assert "Traceback" not in err.decode()


def test_a_read_only_home_is_told_at_the_start(can_mount: None, furnished: Any, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    script = MOUNT.replace(" && shift 2", ' && mount -o remount,ro "$1" && shift 2')
    under = [*own_disk(place, furnished.home)]
    under[under.index(MOUNT)] = script
    program = "from passeport.cli import main\nmain()"
    environment = {**furnished.environment, "PASSEPORT_HOME": str(place)}
    said = subprocess.run(
        [*under, sys.executable, "-c", program, "serve", "--port", str(processes.free_port())],
        env=environment, capture_output=True, text=True, timeout=processes.START_SECONDS, check=False,
    )  # fmt: skip
    assert said.returncode == 2, said.stderr
    assert "service.storage" in said.stderr
    assert "storage.read_only" in said.stderr


def test_damage_that_is_met_later_fails_closed(furnished: Any) -> None:
    """F5: what cannot be read is never taken for what is not revoked, or was not used."""
    unseen = "from passeport.serve import run\nrun.inspect = lambda home: None"
    port, lists = processes.free_port(), {"path": "/status/token/1", "Host": "certificateur.example"}
    how = {"port": port, "passphrase": furnished.secret}
    with processes.running(furnished.home, "all", **how) as served:
        holder = Running(served, [offered(furnished, "D-1", port)], furnished.home).holder()
        assert holder.ask()[0] == 200
        assert served.ask(**lists)[0] == 200
    spoil(furnished.home / "issuers" / "centre" / "ledger.db")
    with processes.running(furnished.home, "all", unseen, **how) as served:
        status, said = Holder(served, holder.key, holder.token).ask()
        clear(status, said)
        assert "credentials" not in said
        assert served.ask(**lists)[0] == 503
        assert served.ask("/ready")[0] == 200
        assert "Traceback" not in "".join(served.said)
