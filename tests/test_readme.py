"""The README is true: its session runs as it is written, and it stays short."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|\$ )make ([a-z]+)", README))))
def test_every_make_target_of_the_readme_exists(target: str) -> None:
    assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8")


def test_the_session_of_the_readme_runs_as_written(tmp_path: Path) -> None:
    """One shell plays all of it; ``set -e`` makes the first command that fails the end."""
    (tmp_path / "passeport").symlink_to(ROOT / "passeport")
    session = "\n".join(command for command in COMMANDS if not command.startswith("make "))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PASSEPORT_PASSPHRASE": "une phrase de test",
        "PASSEPORT_WALLET_PASSPHRASE": "une phrase de test",
        "PASSEPORT_LANG": "fr",
    }
    environment.pop("PASSEPORT_HOME", None)
    played = subprocess.run(
        ["bash", "-c", f"set -e\n{session}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "● Authentique" in played.stdout
    assert played.stdout.rstrip().splitlines()[-1].strip(), "the last command says something"
    assert "non valide" in played.stdout
