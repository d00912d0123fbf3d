"""What all tests share: fixtures folders, and the command line as a test plays it."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import pytest
from hypothesis import settings

settings.register_profile(
    "passeport",
    deadline=None,  # a busy machine is no failure
    max_examples=300 if os.environ.get("PASSEPORT_FULL") else 40,
)
settings.load_profile("passeport")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of official vectors and real data; not part of the repository."""
    folder = os.environ.get("PASSEPORT_FIXTURES")
    if not folder:
        pytest.skip("PASSEPORT_FIXTURES is not set: official vectors and real data are not at hand")
    return Path(folder)


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether to take the time for large numbers (``make full``)."""
    return bool(os.environ.get("PASSEPORT_FULL"))


SECRET = "phrase secrète de test"
RESULTS = """\
reference;code;nom;prenoms;date_naissance;date_obtention;mention
R-1;RNCP37674;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;27/03/2026;Bien
R-2;RNCP35809;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;05/07/2024;
R-3;RNCP37674BC01;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;27/03/2026;
"""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output; anything beside it is an error."""
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """Plays commands at ``home``; ``more`` is added to the environment, empty values are taken out of it."""

    home: Path
    more: Mapping[str, str] = field(default_factory=dict)
    secret: ClassVar[str] = SECRET

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSEPORT_")}
        ours = {
            "PASSEPORT_HOME": str(self.home),
            "PASSEPORT_PASSPHRASE": SECRET,
            "PASSEPORT_WALLET_PASSPHRASE": SECRET,
            "COLUMNS": "120",
            **self.more,
        }
        return {name: value for name, value in (kept | ours).items() if value}

    def play(self, *arguments: str | Path, stdin: bytes = b"") -> Said:
        """Run a command to its end, whichever that is."""
        from passeport import cli

        out, err = io.StringIO(), io.StringIO()
        fed = mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        at_home = mock.patch.dict(os.environ, self.environment, clear=True)
        with at_home, fed, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.run([str(argument) for argument in arguments])
        said = Said(status, out.getvalue(), err.getvalue())
        assert "Traceback" not in said.out + said.err, said
        assert "cli.unexpected" not in said.out + said.err, said
        return said

    def __call__(self, *arguments: str | Path, ends: int = 0, stdin: bytes = b"") -> Said:
        """Run a command that must end with the status ``ends``."""
        said = self.play(*arguments, stdin=stdin)
        assert said.status == ends, f"{arguments}\n{said.out}\n{said.err}"
        return said

    def refused(self, code: str, *arguments: str | Path, stdin: bytes = b"") -> Said:
        """Run a command that cannot be done: status 2, nothing on standard output but one JSON document
        when that was asked for, and otherwise three lines on standard error that end with the code."""
        said = self(*arguments, ends=2, stdin=stdin)
        if "--json" in arguments:
            assert said.err == "", said
            problem = said.json.get("problem") or said.json
            assert problem["code"] == code, said
            assert problem["detail"], said
            assert problem["nextStep"], said
        else:
            *before, last = said.err.rstrip().splitlines()
            assert last.strip() == code, said
            assert any(line.startswith("  → ") for line in before), said
        return said

    def process(self, *arguments: str | Path, code: str = "", **how: Any) -> "subprocess.Popen[bytes]":
        """Start a command in a process of its own; ``code`` runs first."""
        program = f"{code}\nfrom passeport.cli import main\nmain()"
        command = [sys.executable, "-c", program, *map(str, arguments)]
        return subprocess.Popen(command, env=self.environment, **how)

    def held(self, reference: str, form: str = "sd-jwt") -> str:
        """Return the wallet's id of a credential, from the file in which it was delivered."""
        [file] = self.path("out").glob(f"{reference}-*.{form}")
        return hashlib.sha256(file.read_bytes()).hexdigest()[:32]

    def path(self, name: str) -> Path:
        return self.home.parent / name

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file beside the home, never in it."""
        path = self.path(name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def _furnish(folder: Path) -> CommandLine:
    """Return a home with a certifier, an employer and a wallet that holds three awards in both forms."""
    passeport = CommandLine(folder / "home")
    passeport(
        "keys", "create", "centre", "--did", "did:web:certificateur.example", "--org", "Centre (fictif)"
    )
    passeport("keys", "create", "atelier", "--did", "did:web:employeur.example", "--org", "Atelier (fictif)")
    passeport("wallet", "create")
    keys = [passeport("wallet", "key", f"R-{number}").out for number in (1, 2, 3)]
    holders = passeport.write("holders.csv", "".join(keys))
    results = passeport.write("results.csv", RESULTS)
    out = passeport.path("out")
    passeport("issue", results, "--issuer", "centre", "--out", out, "--holders", holders)
    passeport("wallet", "add", *sorted(path for path in out.iterdir() if not path.name.startswith("report")))
    return passeport


@contextlib.contextmanager
def _guessing_is_cheap() -> Iterator[None]:
    """Seal with little work: nothing here is secret, and the cost is written beside what it seals."""
    from keys.keyring import Keyring
    from keys.sealing import Cost
    from wallet.vault import Vault

    cheap = Cost(memory_kib=64, passes=1, lanes=1)
    ring = mock.patch.object(Keyring.__init__, "__defaults__", (cheap, os.urandom))
    with ring, mock.patch.dict(Vault.create.__func__.__kwdefaults__, cost=cheap):
        yield


@pytest.fixture(scope="session")
def _furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("furnished")
    with _guessing_is_cheap():
        _furnish(folder)
    return folder


@pytest.fixture
def furnished(_furnished: Path, tmp_path: Path) -> CommandLine:
    """A command line at a home of its own: a certifier ``centre``, an employer ``atelier``, and a wallet
    with R-1 (certification), R-2 (diploma) and R-3 (bloc); beside it what they were issued from and to."""
    shutil.copytree(_furnished, tmp_path / "town")
    return CommandLine(tmp_path / "town" / "home")


@pytest.fixture
def passeport(tmp_path: Path) -> Iterator[CommandLine]:
    """A command line at an empty home."""
    with _guessing_is_cheap():
        yield CommandLine(tmp_path / "home")
