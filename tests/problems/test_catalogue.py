"""What people read and what the code says are one: no code without sentences, no sentence without code.

The source is read, not run, so that a problem that no test provokes has its sentences too.
"""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import problems
from problems.sentences import LANGS, catalogue, french_spacing, say

ROOT = Path(problems.__file__).parent.parent
ROOMS = (
    "issuer", "wallet", "verifier", "exchange", "skills", "credentials", "storage",
    "proofs", "keys", "contexts", "boundary", "problems", "passeport",
)  # fmt: skip
CLASSES = {
    name
    for name, value in vars(problems).items()
    if isinstance(value, type) and issubclass(value, problems.Problem)
}


@dataclass(frozen=True)
class Raised:
    """A problem made in the source: its code, as a pattern since it may be put together, and its facts.

    The facts are None where the source does not say plainly which code goes with which facts.
    """

    place: str
    code: str
    pattern: re.Pattern[str]
    facts: frozenset[str] | None


def sources() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def raised() -> Iterator[Raised]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in CLASSES and node.args:
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                names = [keyword.arg for keyword in node.keywords]
                facts = frozenset(name for name in names if name)
                for code, pattern in _codes(node.args[0]):
                    plain = None not in names and not isinstance(node.args[0], ast.JoinedStr)
                    yield Raised(place, code, pattern, facts if plain else None)


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _codes(node: ast.expr) -> Iterator[tuple[str, re.Pattern[str]]]:
    """A code may be a constant, a choice of constants, or put together; a variable is not followed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, re.compile(re.escape(node.value))
    elif isinstance(node, ast.IfExp):
        yield from _codes(node.body)
        yield from _codes(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        yield ast.unparse(node), _pattern(node)


def _pattern(node: ast.JoinedStr) -> re.Pattern[str]:
    parts = (
        re.escape(part.value) if isinstance(part, ast.Constant) else r"[a-z0-9_.]+" for part in node.values
    )
    return re.compile("".join(map(str, parts)))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def shown(code: str) -> set[str]:
    return {name for lang in LANGS for text in catalogue()[code][lang] for name in placeholders(text)}


def test_there_is_something_to_compare():
    assert len(list(raised())) > 100
    assert {"Problem", "LimitError", "DataLossError"} <= CLASSES


def test_every_problem_that_is_raised_has_sentences():
    missing = [f"{item.place} raises {item.code}" for item in raised() if not _entries(item)]
    assert not missing, _list(
        "list these codes in problems/sentences/<room>.toml, in both languages", missing
    )


def _entries(item: Raised) -> list[str]:
    return [code for code in catalogue() if item.pattern.fullmatch(code)]


def test_every_problem_gives_the_facts_that_its_sentences_show():
    lacking = [
        f"{item.place} raises {code} without {', '.join(sorted(shown(code) - item.facts))}"
        for item in raised()
        if item.facts is not None
        for code in _entries(item)
        if not shown(code) <= item.facts
    ]
    assert not lacking, _list("give these facts, or leave the {placeholders} out of the sentences", lacking)


def test_no_sentence_is_left_that_nothing_says():
    texts = [path.read_text("utf-8") for path in _materials()]
    patterns = [_pattern(node) for text in texts for node in _joined(text)]
    unused = [
        code
        for code in catalogue()
        if not any(f'"{code}"' in text or f"'{code}'" in text for text in texts)
        and not any(pattern.fullmatch(code) for pattern in patterns)
    ]
    assert not unused, _list("remove these entries from problems/sentences/, or use them", unused)


def _list(advice: str, lines: list[str]) -> str:
    return "\n  ".join([advice + ":", *lines])


def _materials() -> Iterator[Path]:
    """Source, and the data beside it that may name a code."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in {".py", ".toml", ".json", ".html"} and path.parent.name != "sentences":
                yield path


def _joined(text: str) -> Iterator[ast.JoinedStr]:
    """The f-strings that begin like a code, as ``f"status.{state}"``."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else None
        if isinstance(first, ast.Constant) and re.match(r"[a-z0-9_]+\.", str(first.value)):
            yield node


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_an_entry_says_what_and_what_next_in_both_languages(code):
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", code), "a code is dotted, lower case"
    entry = catalogue()[code]
    assert set(entry) == set(LANGS)
    names = {lang: set().union(*map(placeholders, entry[lang])) for lang in LANGS}
    assert names["fr"] == names["en"], "the same {placeholders} in both languages"
    for lang in LANGS:
        what, next_step = entry[lang]
        assert what, "the first text says what happened"
        for text in filter(None, (what, next_step)):
            assert text == text.strip()
            assert "!" not in text, "we do not shout"


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_french_punctuation_stands_behind_a_space(code):
    for text in catalogue()[code]["fr"]:
        assert not re.search("[^\u00a0][;?»]|«[^\u00a0]", text), "type a space before ; ? » and after «"


def test_french_spacing():
    assert french_spacing("Quoi : « ceci » ? Oui ; non !") == (
        "Quoi\u00a0: «\u00a0ceci\u00a0»\u00a0? Oui\u00a0; non\u00a0!"
    )


def test_facts_are_shown_in_the_readers_language():
    assert say("json.too_large", "en", limit=10).what == "The document is larger than 10 bytes."
    assert say("json.too_large", "fr", limit=10).what == "Le document dépasse 10 octets."
    assert say("json.not_an_object", "en").what == "A JSON object ({…}) is expected."


def test_a_missing_fact_is_no_crash():
    assert say("json.too_large", "en").what == "The document is larger than … bytes."


def test_an_unknown_code_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        say("no.such_code", "fr")
