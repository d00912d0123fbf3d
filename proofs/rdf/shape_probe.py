"""What each text of a document is, found out by asking the walk.

A text is exchanged for a mark, and the document walked again. Where the mark is written as a literal, any
other text would be; where it names a node, any other name would. Where the walk stops, or the mark ends up
inside something else, the text decides about more than itself (a type, a language, a word of a vocabulary,
a part of a JSON literal), and belongs to the shape.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary import limits
from boundary.strict_json import Json
from contexts import Contexts
from proofs.rdf.first_degree import Statement
from proofs.rdf.shape_match import Matcher, Path, matcher_of, replaced, text_at, texts_of
from proofs.rdf.walk import walked

HOLE: Final = "\ue000{}\ue001"
"""Stands for the text, or the label, of that number."""

_Role: TypeAlias = Literal["literal", "name"]
_MARK: Final = "_:h{}"
"""As a name it is a blank node's, which no word and no type can be: so those are told from names."""
_HEAD: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?")


@dataclass(frozen=True)
class Probed:
    """A document with holes. ``names`` and ``literals`` number the holes that are each."""

    matcher: Matcher
    statements: Sequence[Statement]
    names: Sequence[int]
    literals: Sequence[int]
    heads: Sequence[str]
    """How each name begins: its scheme, and ``//`` if that follows."""
    again: Sequence[tuple[int, int]]
    """Further holes with the same name as an earlier one, and that one."""


def probe(document: Json, contexts: Contexts) -> Probed | None:
    """Return the document with holes for its open texts; None when it cannot be walked, or is too large."""
    paths = list(texts_of(document))
    texts = [text_at(document, path) for path in paths]
    together = "".join(texts)
    if len(paths) > limits.SHAPE_TEXTS or len(together) > limits.SHAPE_CHARS or "\ue000" in together:
        return None
    stated = walked(document, contexts)
    if stated is None:
        return None
    tokens = {term for statement in stated[0] for term in statement}
    roles = _roles(document, [path for path in paths if path[-1] not in _NEVER], contexts)
    kept = {
        path: role
        for path, role in roles.items()
        if role == "literal" or _stands_alone(text_at(document, path), tokens)
    }
    return _with_holes(document, kept, contexts)


_NEVER: Final = ("type", "@type", "@context")
"""Members that hold what is never open; they would be found out, too, at more cost."""


def _stands_alone(name: str, tokens: set[str]) -> bool:
    """Whether a name is written as it stands, unchanged by a prefix."""
    return f"<{name}>" in tokens or f" <{name}>" in tokens


def _roles(document: Json, paths: Sequence[Path], contexts: Contexts) -> dict[Path, _Role]:
    """Ask about all paths at once; if that cannot be walked, about one half and the other."""
    marks = {path: _MARK.format(number) for number, path in enumerate(paths)}
    marked = replaced(document, marks)
    found = walked(marked, contexts) if paths and isinstance(marked, dict) else None
    if found is None:
        half = len(paths) // 2
        return {
            path: role
            for part in (paths[:half], paths[half:])
            if half
            for path, role in _roles(document, part, contexts).items()
        }
    literals = {statement[2].rpartition('"')[0][1:] for statement in found[0] if statement[2][0] == '"'}
    every: dict[Path, _Role] = {path: "literal" for path, mark in marks.items() if mark in literals}
    return every | {path: "name" for path, mark in marks.items() if mark in found[1]}


def _with_holes(document: Json, roles: Mapping[Path, _Role], contexts: Contexts) -> Probed | None:
    order: list[Path] = []
    matcher = matcher_of(document, (), roles, order)
    texts = [text_at(document, path) for path in order]
    # Nodes of one name are one node: those that were one stay one.
    first = {text: number for number, text in reversed([*enumerate(texts)]) if roles[order[number]] == "name"}
    every = [(number, first[texts[number]]) for number, path in enumerate(order) if roles[path] == "name"]
    marks = {path: HOLE.format(number) for number, path in enumerate(order)}
    marks |= {order[number]: _MARK.format(one) for number, one in every}
    marked = replaced(document, marks)
    found = walked(marked, contexts) if isinstance(marked, dict) else None
    names = [number for number, one in every if number == one]
    heads = [_HEAD.match(texts[number]) for number in names]
    if found is None or None in heads:
        return None
    terms = {found[1][_MARK.format(number)]: f"<{HOLE.format(number)}>" for number in names}
    return Probed(
        matcher,
        [_renamed(statement, terms) for statement in dict.fromkeys(found[0])],
        names,
        [number for number, path in enumerate(order) if roles[path] == "literal"],
        [head[0] for head in heads if head],
        [(number, one) for number, one in every if number != one],
    )


def _renamed(statement: Statement, terms: Mapping[str, str]) -> Statement:
    subject, predicate, value, graph = statement
    name = terms.get(graph[1:])
    return (
        terms.get(subject, subject),
        predicate,
        terms.get(value, value),
        f" {name}" if name else graph,
    )
