"""A file is read no further than a limit, and written whole or not at all."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from boundary import files
from problems import LimitError

STEPS = ["tempfile.mkstemp", "os.chmod", "os.fsync", "os.replace"]

WRITE_AND_DIE = """
import importlib, os, signal, sys
from pathlib import Path
from boundary import files
step, when, path = sys.argv[1:]
module, name = step.rsplit(".", 1)
module = importlib.import_module(module)
real = getattr(module, name)
def die(*args, **kwargs):
    if when == "after":
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, die)
files.write(Path(path), b"new" * 1000)
"""


def test_the_file_is_readable_by_its_owner_only_unless_said_otherwise(tmp_path):
    files.write(tmp_path / "secret", b"x")
    files.write(tmp_path / "public", b"x", mode=0o644)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o644


def test_a_loose_mode_is_tightened_by_the_next_write(tmp_path):
    (tmp_path / "secret").write_bytes(b"old")
    (tmp_path / "secret").chmod(0o666)
    files.write(tmp_path / "secret", b"new")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "file"
    files.write(path, b"old")

    def no_space(handle: int) -> None:
        monkeypatch.undo()
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space left"):
        files.write(path, b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_the_content_then_the_name_are_made_durable(tmp_path, monkeypatch):
    """Power may go at any moment: the whole content is on disk before its name, and the name at the end."""
    steps: list[tuple[str, int]] = []
    folder_handles: list[int] = []
    real_sync, real_replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        status = os.fstat(handle)
        is_folder = stat.S_ISDIR(status.st_mode)
        steps.append(("folder", 0) if is_folder else ("content", status.st_size))
        folder_handles.extend([handle] * is_folder)
        real_sync(handle)

    def replace(source: str, target: Path) -> None:
        steps.append(("name", 0))
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    files.write(tmp_path / "file", b"12345")
    assert steps == [("content", 5), ("name", 0), ("folder", 0)]
    for handle in folder_handles:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_the_old_or_the_new(tmp_path: Path, step: str, when: str):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, step, when, str(path)])
    assert done.returncode == -signal.SIGKILL
    expected = b"new" * 1000 if (step, when) == ("os.replace", "after") else b"old"
    assert path.read_bytes() == expected
    files.write(path, b"next")
    assert path.read_bytes() == b"next"


def test_reading_stops_at_the_limit(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert files.read(tmp_path / "file", limit=5) == b"12345"
    with pytest.raises(LimitError, match=r"file\.too_large"):
        files.read(tmp_path / "file", limit=4)
