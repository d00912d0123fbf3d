"""The product as the command line runs it, and what it answers to the cases of the catalogue."""

import contextlib
import datetime as dt
import io
import json
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

from attacks import minting

from keys.keyring import Keyring
from keys.sealing import Cost
from passeport import cli

SECRET = "phrase secrete pour essais"
CHEAP = Cost(memory_kib=8, passes=1, lanes=1)


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> set[str]:
        """The codes of what failed, could not be decided, or could not be done."""
        if not self.out.startswith("{"):
            return {line.strip() for line in self.err.splitlines() if line.startswith("  ") and "." in line}
        problem = self.json.get("problem", self.json)
        if "code" in problem:
            return {problem["code"]}
        parts = [self.json, *self.json.get("credentials", [])]
        bad = ("failed", "unknown")
        return {step["code"] for part in parts for step in part["steps"] if step["outcome"] in bad}


@dataclass(frozen=True)
class House:
    """One home of the product, with a school that issues and a recruiter who verifies."""

    home: Path

    def run(self, *arguments: str | Path) -> Answer:
        """Run one command in this process, as a person would type it."""
        started = time.process_time()
        with (
            contextlib.redirect_stdout(io.StringIO()) as out,
            contextlib.redirect_stderr(io.StringIO()) as err,
            pytest.MonkeyPatch.context() as environment,
        ):
            environment.setenv("PASSEPORT_HOME", str(self.home))
            environment.setenv("PASSEPORT_PASSPHRASE", SECRET)
            environment.setenv("PASSEPORT_WALLET_PASSPHRASE", SECRET)
            environment.setenv("PASSEPORT_LANG", "en")
            environment.setenv("COLUMNS", "200")
            environment.delenv("PASSEPORT_DEBUG", raising=False)
            status = cli.run([str(argument) for argument in arguments])
        return Answer(status, out.getvalue(), err.getvalue(), time.process_time() - started)

    def file(self, content: str | bytes, name: str = "input") -> Path:
        path = self.home / name
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        return path

    def verify(self, content: str | bytes, *, asked: bool = False, proof_only: bool = False) -> Answer:
        """Verify something; when ``asked``, as the answer to the question of ``attacks.minting``."""
        question = ["--audience", minting.AUD, "--nonce", minting.NONCE] if asked else []
        options = ["--proof-only"] if proof_only else []
        return self.run("verify", self.file(content), "--json", *question, *options)


def assert_refused(answer: Answer, *codes: str, seconds: float = 1) -> None:
    """Refused: in words, with a code, at once; nothing verified, nothing shown, no mistake of ours."""
    assert answer.status in (1, 2), answer.out
    assert answer.seconds < seconds
    assert "Traceback" not in answer.out + answer.err
    assert answer.codes, answer
    assert "cli.unexpected" not in answer.codes
    if codes:
        assert answer.codes & set(codes), answer.codes
    if answer.status == 1:
        assert answer.json["verified"] is False
        failed = [line for line in answer.json["credentials"] if not line["verified"]]
        assert all(line["shown"] is None for line in failed)


@pytest.fixture(scope="session")
def refused() -> Any:
    return assert_refused


def founded(house: House, name: str, host: str) -> None:
    """Let an organisation be; the key that it signs with is cheap to open."""
    made = house.run("keys", "create", name, "--did", f"did:web:{host}", "--org", f"{name} (fictif)")
    assert made.status == 0, made.err
    keyring = Keyring(house.home / "issuers" / name / "keyring.json", cost=CHEAP)
    now = dt.datetime.now(dt.UTC)
    keyring.activate(keyring.add("P-256", SECRET, now=now).id, now=now)
    assert house.run("status", "publish", "--issuer", name).status == 0


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house with one school; the issuer of hand-made tokens is known to its pinned web."""
    house = House(tmp_path_factory.mktemp("house"))
    founded(house, "ecole", "ecole.example")
    metadata = house.home / "web" / "issuer.test" / ".well-known" / "jwt-vc-issuer"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(json.dumps({"issuer": minting.ISS, "jwks": minting.KEYS.issuer_jwks()}))
    return house


@pytest.fixture(scope="session")
def house(model: House) -> House:
    """A house that all tests share: nothing may be issued or revoked in it."""
    return model


@pytest.fixture
def own_house(model: House, tmp_path: Path) -> House:
    """A house of one's own, in which anything may be done."""
    return House(Path(shutil.copytree(model.home, tmp_path / "house")))


@pytest.fixture
def found(own_house: House) -> Any:
    """Found a further organisation in one's own house."""
    return lambda name, host: founded(own_house, name, host)


@pytest.fixture(scope="session")
def table_of_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An honest table of one diploma."""
    house = House(tmp_path_factory.mktemp("table"))
    path = house.home / "diplomas.csv"
    assert house.run("template", "diploma", "--out", path).status == 0
    return path


@pytest.fixture
def school(own_house: House, table_of_one: Path) -> House:
    """A house of one's own whose school issued one diploma, in both forms, bound to nobody."""
    out = own_house.home / "out"
    answer = own_house.run("issue", table_of_one, "--issuer", "ecole", "--out", out, "--json")
    assert answer.status == 0, answer.err + answer.out
    return own_house
