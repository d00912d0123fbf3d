"""RDFC-1.0 for datasets whose blank nodes are told apart by their own quads, as in nearly all documents.

Quads are handled as N-Quads writes them, without objects. Where two blank nodes share a first-degree hash
:mod:`proofs.rdf.canonical` has to look further, within its budget.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from boundary import limits
from problems import CryptographicSecurityError
from proofs.rdf.canonical import HASHES, Algorithm, Canonical, canonicalize
from proofs.rdf.nquads import Quad, parse

Statement: TypeAlias = tuple[str, str, str, str]
"""Subject, predicate, object and graph as N-Quads writes them: the predicate between spaces, the graph
behind one, or empty. With a full stop they are a line."""

IRI: Final = r"[A-Za-z][A-Za-z0-9+.-]*+:[!#-;=?-\[\]_a-z~-\U0010ffff]*+"
STRING: Final = (
    r'[ !#-\[\]-~\x80-\U0010ffff]*+(?:\\(?:[btnfr"\\]|u00[017][0-9A-F])[ !#-\[\]-~\x80-\U0010ffff]*+)*+'
)
"""What stands in angle brackets, and between quotes. The classes say what is allowed, not what is not:
that is matched in two thirds of the time."""

_IRI = f"<{IRI}>"
_RESOURCE = rf"(?:{_IRI}|_:[A-Za-z0-9][A-Za-z0-9_-]*+)"  # of our making: c14n0, or a replacement for it
_LITERAL = rf'"{STRING}"(?:\^\^{_IRI}|@[a-zA-Z]++(?:-[a-zA-Z0-9]++)*+)?'
_LINES: Final = re.compile(rf"(?:{_RESOURCE} {_IRI} (?:{_RESOURCE}|{_LITERAL})(?: {_RESOURCE})? \.\n)*+")
"""Canonical N-Quads: the grammar of :mod:`proofs.rdf.nquads`, of which each part has one spelling."""


def canonicalize_statements(statements: Iterable[Statement], *, algorithm: Algorithm = "sha256") -> Canonical:
    """Return the canonical form of the dataset (RDFC-1.0 §4.4.3).

    Raises WorkBudgetError ``rdf.work_budget`` when the dataset is built to cost more than any honest
    one; CryptographicSecurityError ``rdf.not_reproducible`` when a term would not survive being written.
    """
    distinct = list(dict.fromkeys(statements))
    labels = None if len(distinct) > limits.QUADS else first_degree_labels(distinct, algorithm)
    if labels is None:
        return canonicalize(parse("".join(lines(distinct, {}))), algorithm=algorithm)
    canonical = Canonical(
        tuple(sorted(lines(distinct, labels))),
        MappingProxyType({label[2:]: name[2:] for label, name in labels.items()}),
    )
    require_reproducible(canonical.lines, canonical.text)
    return canonical


def canonical_labels(
    statements: Iterable[Statement], *, algorithm: Algorithm = "sha256"
) -> Mapping[str, str]:
    """Return the labels of :func:`canonicalize_statements`, for a dataset that is written with others."""
    distinct = list(dict.fromkeys(statements))
    labels = None if len(distinct) > limits.QUADS else first_degree_labels(distinct, algorithm)
    if labels is None:
        return canonicalize(parse("".join(lines(distinct, {}))), algorithm=algorithm).labels
    return {label[2:]: name[2:] for label, name in labels.items()}


def sorted_lines(statements: Iterable[Statement], labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return each statement once as a line, in order, under other labels (without their ``_:``).

    Raises CryptographicSecurityError ``rdf.not_reproducible``.
    """
    renamed = {f"_:{label}": f"_:{name}" for label, name in labels.items()}
    return require_reproducible(sorted(set(lines(statements, renamed))))


def require_reproducible(every: Sequence[str], text: str | None = None) -> tuple[str, ...]:
    """Return the lines if each states one quad in its one spelling; ``text`` is all of them.

    Every term was checked when it was made; this would find one that was not. Raises
    CryptographicSecurityError ``rdf.not_reproducible``.
    """
    whole = "".join(every) if text is None else text
    if not _LINES.fullmatch(whole) or whole.count("\n") != len(every):
        raise CryptographicSecurityError("rdf.not_reproducible")
    return tuple(every)


def statement(quad: Quad) -> Statement:
    """Return the statement that a quad makes, its terms taken as they are."""
    graph = "" if quad.graph is None else f" {quad.graph}"
    return str(quad.subject), f" {quad.predicate} ", str(quad.object), graph


def lines(statements: Iterable[Statement], labels: Mapping[str, str]) -> list[str]:
    """Return each statement as a line; ``labels`` renames blank nodes, both with their ``_:``."""
    get = labels.get
    return [
        f"{get(subject, subject)}{predicate}{get(value, value)} {get(graph[1:], graph[1:])} .\n"
        if graph
        else f"{get(subject, subject)}{predicate}{get(value, value)} .\n"
        for subject, predicate, value, graph in statements
    ]


def first_degree_labels(
    statements: Sequence[Statement], algorithm: Algorithm = "sha256"
) -> dict[str, str] | None:
    """Return the canonical label of each blank node (§4.4.3 steps 3 and 4), or None when two look alike.

    Both labels with their ``_:``. Each statement is to be there once.
    """
    digest = HASHES[algorithm]
    views = first_degree_views(statements)
    hashes = {
        digest("".join(sorted(seen)).encode("utf-8")).hexdigest(): label for label, seen in views.items()
    }
    if len(hashes) < len(views):
        return None
    return {hashes[value]: f"_:c14n{number}" for number, value in enumerate(sorted(hashes))}


def first_degree_views(statements: Sequence[Statement]) -> dict[str, list[str]]:
    """Return the lines of each blank node as it sees them: itself as _:a, the others as _:z (§4.6)."""
    views: dict[str, list[str]] = defaultdict(list)
    for subject, predicate, value, graph in statements:
        if graph:
            _view_in_graph(views, subject, predicate, value, graph[1:])
        elif subject[0] == "_":
            if value[0] != "_":
                views[subject].append(f"_:a{predicate}{value} .\n")
            elif value == subject:
                views[subject].append(f"_:a{predicate}_:a .\n")
            else:
                views[subject].append(f"_:a{predicate}_:z .\n")
                views[value].append(f"_:z{predicate}_:a .\n")
        elif value[0] == "_":
            views[value].append(f"{subject}{predicate}_:a .\n")
    return views


def _view_in_graph(views: dict[str, list[str]], subject: str, predicate: str, value: str, graph: str) -> None:
    for label in {term for term in (subject, value, graph) if term[0] == "_"}:
        seen = [
            term if term[0] != "_" else "_:a" if term == label else "_:z" for term in (subject, value, graph)
        ]
        views[label].append(f"{seen[0]}{predicate}{seen[1]} {seen[2]} .\n")
