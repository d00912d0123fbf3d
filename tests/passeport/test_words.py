"""The words of the command line: each key used exists, each that exists is used, alike in both languages."""

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import passeport as room
from passeport.words import _words, word
from problems.sentences import LANGS, Lang, catalogue

FOLDER = Path(room.__file__).parent
SPEAKERS = {"_", "word", "say", "done", "title"}
KEYS = sorted(_words())


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(FOLDER.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def literals() -> set[str]:
    """The texts in the programs, and the keys that pages ask for."""
    pages = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.html"))
    return set(re.findall(r'w\("([^"]+)"', pages)) | {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def patterns() -> list[re.Pattern[str]]:
    """The keys that are put together, as ``f"step.{step.name}"``."""
    return [
        re.compile(
            "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in node.values)
        )
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        and re.match(r"[a-z]+\.", str(getattr(node.values[0], "value", "")))
    ]


def spoken() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield each key said literally, where, and the facts given with it."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            key = node.args[0]
            if name in SPEAKERS - {"title"} and isinstance(key, ast.Constant) and "." in str(key.value):
                names = [keyword.arg for keyword in node.keywords]
                facts = None if None in names else {str(given) for given in names}
                yield f"{path.name}:{node.lineno}", str(key.value), facts


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_there_is_something_to_compare() -> None:
    assert len(KEYS) > 100
    assert len(list(spoken())) > 50
    assert patterns()


def test_every_key_that_is_said_exists() -> None:
    missing = [f"{where}: {key}" for where, key, _ in spoken() if key not in KEYS and key not in catalogue()]
    assert not missing


def test_every_key_gets_the_facts_that_it_shows() -> None:
    lacking = [
        f"{where}: {key} without {placeholders(_words()[key]['fr']) - facts}"
        for where, key, facts in spoken()
        if key in KEYS and facts is not None and not placeholders(_words()[key]["fr"]) <= facts
    ]
    assert not lacking


def test_no_key_is_left_that_nothing_says() -> None:
    said, made = literals(), patterns()
    assert not [key for key in KEYS if key not in said and not any(p.fullmatch(key) for p in made)]


@pytest.mark.parametrize("key", KEYS)
def test_a_phrase_is_alike_in_both_languages(key: str) -> None:
    phrases = _words()[key]
    assert set(phrases) == set(LANGS)
    assert all(phrases.values())
    assert placeholders(phrases["fr"]) == placeholders(phrases["en"])
    assert not re.search(r"[^\u00a0]([?»]|;\s)|«[^\u00a0]", phrases["fr"]), (
        "type a space before ; ? » and after «"
    )


def test_no_key_stands_in_two_files() -> None:
    keys = re.findall(
        r'^\["(.+?)"\]', "\n".join(p.read_text("utf-8") for p in FOLDER.glob("locales/*")), re.M
    )
    assert len(keys) == len(set(keys)) == len(KEYS)


def test_a_key_that_does_not_exist_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        word("no.such.key", "fr")


HELP = """
import sys
from passeport.cli import run
from passeport.cli.app import app
from typer.main import get_command

def commands(group, path):
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, [*path, name])

for path in commands(get_command(app), []):
    print("#", *path)
    if run([*path, "--help"]):
        sys.exit(1)
"""


@pytest.fixture(scope="module", params=LANGS)
def helped(request: pytest.FixtureRequest) -> tuple[Lang, str]:
    """Every help text there is, in one language; on one line each, since they are wrapped."""
    environment = {"PASSEPORT_LANG": request.param, "COLUMNS": "100", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return request.param, " ".join(done.stdout.split())


def test_every_command_has_its_help_in_the_language_of_its_reader(helped) -> None:
    lang, text = helped
    assert text.count("# ") >= 25
    shown = [key for key in KEYS if key.startswith("help.")]
    absent = [key for key in shown if " ".join(word(key, lang).split()) not in text]
    assert not absent


def test_no_help_text_speaks_the_other_language(helped) -> None:
    lang, text = helped
    other: Lang = "en" if lang == "fr" else "fr"
    foreign = [word(key, other) for key in KEYS if key.startswith(("help.", "usage."))]
    native = {_words()[key][lang] for key in KEYS}
    assert not [phrase for phrase in foreign if phrase not in native and len(phrase) > 7 and phrase in text]


def fragments(lang: Lang) -> set[str]:
    """What stands between the facts of every phrase and sentence, long enough to be told apart."""
    phrases = [_words()[key][lang] for key in KEYS] + [
        t for code in catalogue() for t in catalogue()[code][lang]
    ]
    parts = {part.strip() for phrase in phrases for part in re.split(r"\{\w+\}|\n", phrase)}
    return {part for part in parts if len(part) > 7}


COMMANDS = (
    ["keys", "list", "centre"],
    ["keys", "publish", "centre"],
    ["keys", "rotate", "centre"],
    ["keys", "revoke", "centre", "key-1", "--reason", "ceased"],
    ["keys", "create", "autre", "--did", "did:web:autre.example", "--org", "A"],
    ["issue", "RESULTS", "--issuer", "centre", "--out", "OUT"],
    ["issue", "WRONG", "--issuer", "centre", "--out", "OUT"],
    ["template", "diploma", "--out", "OUT/t.csv"],
    ["revoke", "R-2", "--issuer", "centre", "--reason", "x", "--suspend"],
    ["revoke", "R-2", "--issuer", "centre", "--reason", "x", "--reinstate"],
    ["revoke", "R-3", "--issuer", "centre", "--reason", "x"],
    ["status", "publish", "--issuer", "centre"],
    ["ask", "--audience", "https://r.example"],
    ["wallet", "list"],
    ["wallet", "show", "DIPLOMA"],
    ["wallet", "declare", "Tenir un planning", "--given-name", "A", "--family-name", "B"],
    ["wallet", "present", "--show", "DIPLOMA:mention", "--out", "OUT/p.txt", "--qr", "OUT/p.svg"],
    ["wallet", "export", "OUT/b"],
    ["wallet", "remove", "DIPLOMA"],
    ["verify", "DIPLOMA-FILE"],
    ["verify", "DIPLOMA-FILE", "--details"],
    ["verify", "REVOKED"],
    ["verify", "OUT-FOLDER"],
    ["verify", "DIPLOMA-FILE", "--receipt", "OUT/recu.json", "--as", "centre"],
    ["receipt", "check", "OUT-FOLDER"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_is_said_in_english_has_no_french_and_the_reverse(furnished, command) -> None:
    [sd_jwt], [bloc] = (list(furnished.path("out").glob(f"R-{n}-*.sd-jwt")) for n in (1, 3))
    wrong = furnished.write(
        "wrong.csv", furnished.path("results.csv").read_text().replace("29/02/2000", "31/02/2000")
    )
    places = {
        "DIPLOMA-FILE": str(sd_jwt),
        "REVOKED": str(bloc),
        "DIPLOMA": furnished.held("R-1"),
        "RESULTS": str(furnished.path("results.csv")),
        "WRONG": str(wrong),
        "OUT-FOLDER": str(furnished.path("out")),
        "OUT": str(furnished.path("produced")),
    }
    if "REVOKED" in command:
        furnished("revoke", "R-3", "--issuer", "centre", "--reason", "x")
    words = [re.sub("|".join(places), lambda found: places[found[0]], word) for word in command]
    ours = {lang: fragments(lang) for lang in LANGS}
    for lang, other in (("en", "fr"), ("fr", "en")):
        if lang == "fr" and command[1] in ("create", "remove", "revoke"):
            continue  # done already
        said = furnished.play(*words, "--lang", lang)
        text = " ".join((said.out + said.err).replace("│", " ").split())
        assert text
        foreign = ours[other] - ours[lang]
        assert not [part for part in foreign if re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)], text
