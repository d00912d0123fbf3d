"""How a command ends, in which language it speaks, and what it asks of a person."""

import errno
import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from passeport.cli import disk
from passeport.cli.session import spoken
from problems import NotFoundError, UnavailableError
from problems.sentences import LANGS

# exit statuses


def test_done_and_verified_is_0_not_verified_is_1_could_not_is_2(furnished) -> None:
    shared = furnished.path("shared")
    furnished("wallet", "present", "--show", furnished.held("R-2"), "--out", shared, ends=0)
    furnished("verify", shared, ends=0)
    shared.write_text(shared.read_text().replace("eyJ", "eyK", 1))
    furnished("verify", shared, ends=1)
    furnished("verify", furnished.path("nowhere"), ends=2)


def test_nothing_asked_is_no_success(furnished) -> None:
    """A script whose arguments came out empty must not read "verified"."""
    for group in ([], ["wallet"], ["keys"], ["status"]):
        said = furnished(*group, ends=2)
        assert said.out == ""
        assert "--help" in said.err
        assert "Commandes" in said.err


def test_a_mistake_of_ours_is_owned_and_hidden(furnished) -> None:
    from passeport import cli

    for how, shown in (({}, False), ({"PASSEPORT_DEBUG": "1"}, True)):
        environment = mock.patch.dict(os.environ, furnished.environment | how, clear=True)
        broken = mock.patch("passeport.passport.opened", side_effect=ZeroDivisionError("by zero"))
        err = mock.patch.object(sys, "stderr", new_callable=io.StringIO)
        with environment, broken, err as said:
            assert cli.run(["wallet", "list"]) == 2
        assert "cli.unexpected" in said.getvalue()
        assert "ZeroDivisionError" in said.getvalue()
        assert ("Traceback" in said.getvalue()) is shown


def test_an_interruption_is_no_crash(furnished) -> None:
    with mock.patch("passeport.issuing.Work.examine", side_effect=KeyboardInterrupt):
        words = ["--issuer", "centre", "--out", furnished.path("p")]
        furnished.refused("cli.interrupted", "issue", furnished.path("results.csv"), *words)
        furnished.refused("cli.interrupted", "issue", furnished.path("results.csv"), *words, "--json")


# languages


@pytest.mark.parametrize("where", ["first", "last", "equals"])
def test_any_command_is_told_its_language_anywhere(furnished, where: str) -> None:
    words = ["wallet", "list"]
    placed = {
        "first": ["--lang", "en", *words],
        "last": [*words, "--lang", "en"],
        "equals": [*words, "--lang=en"],
    }[where]
    assert "Title" in furnished(*placed).out
    assert "Intitulé" in furnished(*words).out, "French unless told"


def test_the_environment_says_the_language_and_the_option_wins(furnished) -> None:
    english = type(furnished)(furnished.home, {"PASSEPORT_LANG": "en"})
    assert "Title" in english("wallet", "list").out
    assert "Intitulé" in english("wallet", "list", "--lang", "fr").out
    odd = type(furnished)(furnished.home, {"PASSEPORT_LANG": "de_DE.UTF-8"})
    assert "Intitulé" in odd("wallet", "list").out


def test_what_stands_behind_two_dashes_is_no_option() -> None:
    assert spoken(["wallet", "declare", "--", "--lang", "en"]) == (
        None,
        ["wallet", "declare", "--", "--lang", "en"],
    )
    assert spoken(["--lang", "en", "verify", "x", "--lang", "fr"]) == ("fr", ["verify", "x"])


def test_the_language_of_one_run_does_not_stay(furnished) -> None:
    furnished("wallet", "list", "--lang", "en")
    assert "Intitulé" in furnished("wallet", "list").out
    furnished("wallet", "show", "zz", "--lang", "en", ends=2)
    assert "Intitulé" in furnished("wallet", "list").out


@pytest.mark.parametrize("lang", LANGS)
def test_usage_is_explained_in_the_readers_language(furnished, lang: str) -> None:
    said = furnished("verify", "--lang", lang, ends=2).err
    assert ("INPUT is missing" in said) is (lang == "en")
    assert ("Il manque INPUT" in said) is (lang == "fr")


# other programs


def test_a_reader_who_has_seen_enough_is_no_error(furnished) -> None:
    process = furnished.process("wallet", "list", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_terminal_without_our_characters_still_reads(furnished, encoding: str) -> None:
    plain = type(furnished)(furnished.home, {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    for words, ends in ((["wallet", "list"], 0), (["wallet", "show", "zz"], 2)):
        process = plain.process(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        assert process.returncode == ends
        assert b"Traceback" not in err
        assert (out + err).decode(encoding)


def test_a_name_that_is_no_text_is_answered(furnished) -> None:
    """File names are bytes; this one is no UTF-8."""
    process = furnished.process(
        "verify", os.fsdecode(b"no-\xff-text"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert b"cli.no_such_file" in err
    assert b"Traceback" not in err


# what a person is asked


def typed(passeport, answers: list[str], *arguments: str) -> tuple[int, str]:
    """Run a command at a terminal where somebody types; return how it ended and what it showed."""
    ours, theirs = pty.openpty()
    asking = type(passeport)(passeport.home, {"PASSEPORT_PASSPHRASE": "", "PASSEPORT_WALLET_PASSPHRASE": ""})
    process = asking.process(
        *arguments, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, code=TERMINAL
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
            if answers and seen.rstrip().endswith(b":"):  # a question, and not yet answered
                os.write(ours, answers.pop(0).encode())
                seen += b"(typed)"
    except OSError:  # its other side is closed
        pass
    os.close(ours)
    return process.wait(), seen.decode("utf-8", "replace")


TERMINAL = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)"
CREATE = ("keys", "create", "centre", "--did", "did:web:a.example", "--org", "A")


def test_a_new_secret_is_typed_twice(passeport) -> None:
    """A slip of the finger would lock the keys for ever."""
    status, seen = typed(passeport, ["une phrase\n", "une autre\n"], *CREATE)
    assert (status, "secret.differs" in seen) == (2, True)
    assert not (passeport.home / "issuers" / "centre").exists()
    status, seen = typed(passeport, ["une phrase\n", "une phrase\n"], *CREATE)
    assert status == 0, seen
    assert "une phrase" not in seen, "what is typed is not shown"
    status, seen = typed(passeport, ["une phrase\n"], "status", "publish", "--issuer", "centre")
    assert status == 0, seen


def test_an_end_of_input_is_no_secret(passeport) -> None:
    status, seen = typed(passeport, ["\x04"], *CREATE)
    assert (status, "secret.missing" in seen) == (2, True)


def test_an_empty_secret_makes_nothing(passeport) -> None:
    status, seen = typed(passeport, ["\n", "\n"], *CREATE)
    assert (status, "secret.empty" in seen) == (2, True)
    assert not (passeport.home / "issuers" / "centre").exists()
    assert list((passeport.home / "issuers").iterdir()) == [], "nothing half made is left"


# the system's complaints


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "storage.full"),
        (errno.EDQUOT, "storage.full"),
        (errno.EACCES, "cli.not_allowed"),
        (errno.EROFS, "cli.not_allowed"),
        (errno.EISDIR, "cli.is_a_folder"),
        (errno.ENOTDIR, "cli.not_a_folder"),
        (errno.EEXIST, "cli.not_a_folder"),
        (errno.ENAMETOOLONG, "cli.name_too_long"),
        (errno.EIO, "cli.disk"),
    ],
)
def test_what_the_system_says_is_put_in_words(number: int, code: str) -> None:
    problem = disk.problem(OSError(number, "said in English", "/home/somebody/secret/file.txt"))
    assert problem.code == code
    for lang in LANGS:
        said = problem.says(lang)
        assert "somebody" not in said.what + said.next_step
        assert "said in English" not in said.what


def test_a_file_that_is_not_there_is_named_by_its_last_part() -> None:
    problem = disk.problem(FileNotFoundError(errno.ENOENT, "", "/home/somebody/x.csv"))
    assert isinstance(problem, NotFoundError)
    assert problem.facts == {"path": "x.csv"}


def test_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "share.txt"
    path.write_text("before")
    full = OSError(errno.ENOSPC, "No space left on device")
    with mock.patch("os.fsync", side_effect=full), pytest.raises(OSError, match="No space left") as caught:
        disk.write(path, b"after")
    assert path.read_text() == "before"
    assert [item.name for item in tmp_path.iterdir()] == ["share.txt"]
    assert isinstance(disk.problem(caught.value), UnavailableError)


def test_a_full_disk_stops_an_issuance_that_is_taken_up_when_there_is_room(furnished) -> None:
    results = furnished.write("full.csv", furnished.path("results.csv").read_text().replace("R-", "F-"))
    words = ["issue", results, "--issuer", "centre", "--out", furnished.path("produced")]
    full = OSError(errno.ENOSPC, "No space left on device")
    with mock.patch("boundary.files.os.replace", side_effect=full):
        furnished.refused("storage.full", *words)
    assert not [path for path in furnished.path("produced").iterdir() if path.name.startswith("F-")]
    told = furnished(*words, "--json").json
    assert told["issued"] + told["again"] == 3
    assert len([path for path in furnished.path("produced").iterdir() if path.name.startswith("F-")]) == 6
