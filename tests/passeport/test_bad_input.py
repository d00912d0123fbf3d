"""Whatever is given to a command ends in a coded message with a next step, and leaves nothing behind."""

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from problems.sentences import LANGS


def _picture() -> bytes:
    picture = io.BytesIO()
    Image.new("L", (40, 40), 255).save(picture, "PNG")
    return picture.getvalue()


FILES = {
    "empty": b"",
    "blank": b" \n\t\n",
    "binary": bytes(range(256)) * 4,
    "text": "Bonjour, voici mon diplôme.".encode(),
    "latin-1": "élève;diplômé".encode("latin-1"),
    "broken-json": b'{"a": ',
    "another-json": b'{"a": 1}',
    "json-list": b"[]",
    "json-number": b"12",
    "json-twice": b'{"a": 1, "a": 2}',
    "json-nan": b'{"a": NaN}',
    "json-deep": b"[" * 10_000,
    "xml": b"<a/>",
    "xml-entity": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "picture-without-code": _picture(),
    "broken-picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "archive": b"PK\x03\x04" + bytes(100),
    "jwt": b"eyJhbGciOiJub25lIn0.e30.",
    "sd-jwt": b"a.b.c~d~e",
    "foreign-code": b"https://example.org/menu",
    "broken-code": b"https://passeport.example/v#O12",
}
COMMANDS = {
    "issue": ["issue", "FILE", "--issuer", "centre", "--out", "OUT"],
    "issue-skipping": ["issue", "FILE", "--issuer", "centre", "--out", "OUT", "--skip-errors"],
    "holders": ["issue", "RESULTS", "--issuer", "centre", "--out", "OUT", "--holders", "FILE"],
    "fiches": ["issue", "RESULTS", "--issuer", "centre", "--out", "OUT", "--fiches", "FILE"],
    "wallet-add": ["wallet", "add", "FILE"],
    "wallet-restore": ["wallet", "restore", "FILE", "--code", "AAAA-BBBB"],
    "derive": ["derive", "FILE", "--out", "OUT"],
    "endorse": ["endorse", "FILE", "--issuer", "atelier", "--skill", "s1", "--out", "OUT"],
    "scan": ["scan", "FILE"],
    "receipt": ["receipt", "check", "FILE"],
}
HARMLESS = {("holders", "empty"), ("holders", "blank")}
"""A file of holders without a line says nothing wrong: all is issued, bound to nobody."""


@pytest.fixture(scope="module")
def arguments():
    """Puts paths in the place of FILE, OUT and RESULTS."""

    def put(furnished, command: str, file: Path) -> list[str]:
        results = furnished.write("new.csv", furnished.path("results.csv").read_text().replace("R-", "N-"))
        places = {"FILE": str(file), "OUT": str(furnished.path("produced")), "RESULTS": str(results)}
        return [places.get(word, word) for word in COMMANDS[command]]

    return put


def placed(furnished, words: Sequence[str], out: Path | None = None) -> list[str]:
    """Return a command with the paths and the id that its capitals stand for."""
    places = {
        "OUT": str(out or furnished.path("produced")),
        "RESULTS": str(furnished.path("results.csv")),
        "DIPLOMA": furnished.held("R-2"),
    }
    return [re.sub("|".join(places), lambda found: places[found[0]], word) for word in words]


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below, but for what SQLite keeps beside its own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def unharmed(before: dict[str, bytes], folder: Path) -> None:
    """Only a report of what is wrong may be new."""
    after = everything(folder)
    new = {name for name in after if after[name] != before.get(name)}
    assert new <= {f"produced/report.{form}" for form in ("xml", "json", "csv")}


def spoken(said) -> None:
    """A sentence, a next step and a code, in words and not in Python."""
    lines = said.err.rstrip().splitlines()
    assert lines[0].startswith(("✘ ", "Arrêté", "Stopped", "╭")), said
    assert re.fullmatch(r"  [a-z0-9_]+(\.[a-z0-9_]+)+", lines[-1]), said
    assert not re.search(r"Error|Exception|NoneType|object at 0x", said.err), said


@pytest.mark.parametrize("command", COMMANDS)
def test_no_file_is_too_wild_for_a_command(furnished, command: str, arguments) -> None:
    for name, content in FILES.items():
        if (command, name) in HARMLESS:
            continue
        words = arguments(furnished, command, furnished.write(f"wild-{name}", content))
        before = everything(furnished.home.parent)
        for lang in LANGS:
            spoken(furnished(*words, "--lang", lang, ends=2))
        told = furnished(*words, "--json", ends=2)
        problem = told.json.get("problem") or told.json
        assert problem["code"], (name, told)
        assert problem["detail"], (name, told)
        unharmed(before, furnished.home.parent)


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_too_wild_for_the_verifier(furnished, name: str) -> None:
    """It says "not verified", or that it could not look; never that all is well."""
    file = furnished.write("wild", FILES[name])
    for lang in LANGS:
        said = furnished.play("verify", file, "--lang", lang)
        assert said.status in (1, 2)
        assert re.search(r"[a-z0-9_]+(\.[a-z0-9_]+)+", said.out + said.err)
    told = furnished.play("verify", file, "--json")
    assert told.status == said.status
    assert told.json.get("verified", False) is False
    stdin = furnished.play("verify", "-", "--json", stdin=FILES[name])
    code = (
        "bundle.by_name" if name == "archive" else told.json.get("code")
    )  # archives are looked into in place
    assert (stdin.status, stdin.json.get("code")) == (told.status, code)


@pytest.mark.parametrize("command", [*COMMANDS, "verify"])
def test_a_file_that_is_not_there_or_is_a_folder_is_said(furnished, command: str, arguments) -> None:
    words = COMMANDS.get(command) and arguments(furnished, command, furnished.path("absent"))
    furnished.refused("cli.no_such_file", *(words or ["verify", furnished.path("absent")]))
    folder = furnished.path("folder")
    folder.mkdir()
    words = COMMANDS.get(command) and arguments(furnished, command, folder)
    said = furnished(*(words or ["verify", folder]), ends=2)
    assert said.err.split()[-1] in ("cli.is_a_folder", "cli.unreadable_file", "bundle.empty")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("command", [*COMMANDS, "verify"])
def test_a_file_that_may_not_be_read_is_said(furnished, command: str, arguments) -> None:
    file = furnished.write("closed", b"x")
    file.chmod(0)
    words = arguments(furnished, command, file) if command in COMMANDS else ["verify", str(file)]
    said = furnished(*words, ends=2)
    assert said.err.split()[-1] in ("cli.not_allowed", "cli.unreadable_file")


@pytest.mark.parametrize("command", [*COMMANDS, "verify"])
def test_a_huge_file_is_refused_before_it_is_read(furnished, command: str, arguments) -> None:
    file = furnished.path("huge")
    with file.open("wb") as sparse:
        sparse.write(b"{")
        sparse.truncate(3 << 30)
    words = arguments(furnished, command, file) if command in COMMANDS else ["verify", str(file)]
    said = furnished(*words, "--json", ends=2)
    problem = said.json.get("problem") or said.json
    assert problem["status"] == 413, problem


PLACES = {
    "present": ["wallet", "present", "--show", "DIPLOMA", "--out", "OUT"],
    "present-qr": ["wallet", "present", "--show", "DIPLOMA", "--qr", "OUT.png"],
    "export": ["wallet", "export", "OUT"],
    "template": ["template", "diploma", "--out", "OUT"],
}


@pytest.mark.parametrize("command", PLACES)
def test_a_place_that_cannot_be_written_is_said(furnished, command: str) -> None:
    blocked = furnished.write("blocked", b"a file where a folder is wanted")
    words = placed(furnished, PLACES[command], blocked / "x")
    before = everything(furnished.home.parent)
    furnished.refused("cli.not_a_folder", *words)
    unharmed(before, furnished.home.parent)


@pytest.mark.parametrize("command", PLACES)
def test_a_folder_in_the_place_of_the_file_is_said(furnished, command: str) -> None:
    folder = furnished.path("folder.png")
    folder.mkdir()
    words = [word.replace("OUT.png", "OUT") for word in PLACES[command]]
    words = placed(furnished, words, folder)
    furnished.refused("cli.is_a_folder", *words)
    assert list(folder.iterdir()) == []
    assert not list(folder.parent.glob(".folder*")), "no half file is left"


def test_a_file_where_the_folder_of_credentials_should_be_is_said(furnished) -> None:
    words = ["--issuer", "centre", "--out", furnished.write("blocked", b"")]
    furnished.refused("cli.not_a_folder", "issue", furnished.path("results.csv"), *words)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("cli.missing", ["issue"]),
        ("cli.missing", ["issue", "x"]),
        ("cli.missing", ["wallet", "present"]),
        ("cli.option_unknown", ["verify", "x", "--hop"]),
        ("cli.command_unknown", ["verifie", "x"]),
        ("cli.command_unknown", ["wallet", "open"]),
        ("cli.choice", ["issue", "x", "--issuer", "centre", "--out", "y", "--algorithm", "RSA"]),
        ("cli.choice", ["keys", "revoke", "centre", "key-1", "--reason", "bored"]),
        ("cli.choice", ["wallet", "list", "--lang", "de"]),
        ("cli.choice", ["wallet", "list", "--lang"]),
        ("cli.choice", ["wallet", "list", "--lang="]),
        ("cli.value", ["wallet", "present", "--show", "DIPLOMA", "--days", "0"]),
        ("cli.value", ["wallet", "present", "--show", "DIPLOMA", "--days", "93"]),
        ("cli.value", ["wallet", "present", "--show", "DIPLOMA", "--days", "bientôt"]),
        ("cli.value", ["ask", "--audience", ""]),
        ("cli.question_halved", ["verify", "x", "--nonce", "n"]),
        ("cli.question_halved", ["verify", "x", "--audience", "a"]),
        ("cli.question_halved", ["verify", "x", "--audience", "", "--nonce", ""]),
        ("cli.question_halved", ["wallet", "present", "--show", "DIPLOMA", "--nonce", "n"]),
        ("cli.question_halved", ["wallet", "present", "--show", "DIPLOMA", "--audience", "", "--nonce", ""]),
        ("cli.issuer_name", ["keys", "list", "../centre"]),
        ("cli.issuer_name", ["keys", "create", "Centre !", "--did", "did:web:a.example", "--org", "A"]),
        ("cli.issuer_unknown", ["keys", "list", "personne"]),
        ("cli.issuer_unknown", ["revoke", "R-1", "--issuer", "personne", "--reason", "x"]),
        ("cli.issuer_unknown", ["status", "publish", "--issuer", "personne"]),
        ("cli.issuer_exists", ["keys", "create", "centre", "--did", "did:web:a.example", "--org", "A"]),
        ("cli.did_taken", ["keys", "create", "b", "--did", "did:web:certificateur.example", "--org", "A"]),
        ("cli.siret", ["keys", "create", "b", "--did", "did:web:b.example", "--org", "A", "--siret", "12"]),
        ("claim.blank", ["keys", "create", "b", "--did", "did:web:b.example", "--org", " "]),
        ("claim.type", ["keys", "create", "b", "--did", "did:web:b.example", "--org", "A", "--url", "ici"]),
        (
            "cli.contradiction",
            ["revoke", "R-1", "--issuer", "centre", "--reason", "x", "--suspend", "--reinstate"],
        ),
        ("cli.national_number", ["revoke", "R-1", "--issuer", "centre", "--reason", "n° 1 85 05 78 006 084"]),
        ("issue.reference_unknown", ["revoke", "R-9", "--issuer", "centre", "--reason", "x"]),
        (
            "key.none_active",
            ["revoke", "R-1", "--issuer", "centre", "--reason", "x", "--algorithm", "Ed25519"],
        ),
        ("key.unknown", ["keys", "revoke", "centre", "key-7", "--reason", "ceased"]),
        ("wallet.exists", ["wallet", "create"]),
        ("wallet.no_credential", ["wallet", "show", "zzzz"]),
        ("wallet.no_credential", ["wallet", "remove", ""]),
        ("wallet.no_credential", ["wallet", "present", "--show", ":mention"]),
        ("wallet.ambiguous", ["wallet", "show", "Dév"]),
        (
            "skill.level",
            ["wallet", "declare", "x", "--level", "9", "--given-name", "A", "--family-name", "B"],
        ),
        ("claim.blank", ["wallet", "declare", " ", "--given-name", "A", "--family-name", "B"]),
        ("claim.needs", ["wallet", "declare", "x", "--code", "1", "--given-name", "A", "--family-name", "B"]),
        ("qr.picture_kind", ["wallet", "present", "--show", "DIPLOMA", "--qr", "code.jpg"]),
        ("qr.host", ["wallet", "present", "--show", "DIPLOMA", "--terminal", "--host", "a b"]),
    ],
)
@pytest.mark.parametrize("lang", LANGS)
def test_a_bad_command_is_explained_in_both_languages(furnished, code: str, arguments, lang: str) -> None:
    words = placed(furnished, arguments)
    words += [] if "--lang" in " ".join(arguments) else ["--lang", lang]
    before = everything(furnished.home.parent)
    said = furnished.refused(code, *words)
    assert said.out == ""
    furnished.refused(code, *words, "--json")
    unharmed(before, furnished.home.parent)


SECRETS = {
    "PASSEPORT_PASSPHRASE": (
        ["issue", "RESULTS", "--issuer", "centre", "--out", "OUT"],
        ["revoke", "R-1", "--issuer", "centre", "--reason", "x"],
        ["status", "publish", "--issuer", "centre", "--out", "OUT"],
    ),
    "PASSEPORT_WALLET_PASSPHRASE": (
        ["wallet", "list"],
        ["wallet", "show", "DIPLOMA"],
        ["wallet", "key", "R-9"],
        ["wallet", "remove", "DIPLOMA"],
        ["wallet", "export", "OUT"],
        ["wallet", "declare", "x", "--given-name", "A", "--family-name", "B"],
        ["wallet", "present", "--show", "DIPLOMA", "--out", "OUT"],
    ),
}
GUARDED = [(name, command) for name, commands in SECRETS.items() for command in commands]


@pytest.mark.parametrize(("name", "command"), GUARDED)
@pytest.mark.parametrize(
    ("given", "codes"),
    [("", {"secret.missing"}), ("une autre phrase", {"secret.wrong", "wallet.wrong_secret"})],
    ids=["missing", "wrong"],
)
def test_without_its_secret_nothing_is_opened(furnished, name: str, command, given: str, codes) -> None:
    """Nobody is at the terminal to be asked."""
    words = placed(furnished, command)
    locked = type(furnished)(furnished.home, {name: given})
    before = everything(furnished.home.parent)
    said = locked(*words, ends=2)
    assert said.err.split()[-1] in codes
    told = locked(*words, "--json", ends=2)
    assert told.json["code"] in codes
    unharmed(before, furnished.home.parent)
    assert given not in said.err or not given


def test_a_first_secret_that_is_too_short_makes_nothing(passeport) -> None:
    short = type(passeport)(passeport.home, {"PASSEPORT_WALLET_PASSPHRASE": "court"})
    short.refused("wallet.passphrase_short", "wallet", "create")
    passeport.refused("wallet.none", "wallet", "list")
    passeport("wallet", "create")


@pytest.mark.parametrize("command", [command for _, command in GUARDED[3:]], ids=lambda command: command[1])
def test_before_there_is_a_wallet_every_command_says_so(passeport, command) -> None:
    passeport.refused("wallet.none", *command)


def test_a_damaged_profile_keyring_or_ledger_is_said(furnished) -> None:
    folder = furnished.home / "issuers" / "centre"
    for name in ("ledger.db", "keyring.json", "issuer.json"):
        kept = (folder / name).read_bytes()
        for damage in (b"", b"{}", b"\xff" * 5000, kept[: len(kept) // 2]):
            (folder / name).write_bytes(damage)
            for side in folder.glob("ledger.db-*"):
                side.unlink()
            said = furnished.play("revoke", "R-1", "--issuer", "centre", "--reason", "x")
            assert said.status == 2, (name, damage[:10])
            spoken(said)
        (folder / name).write_bytes(kept)


def test_a_damaged_wallet_is_said(furnished) -> None:
    path = furnished.home / "wallet.db"
    kept = path.read_bytes()
    for damage in (b"\xff" * 5000, kept[: len(kept) // 2], kept[:5000] + b"\xff" * 9000 + kept[14_000:]):
        path.write_bytes(damage)
        spoken(furnished("wallet", "list", ends=2))
