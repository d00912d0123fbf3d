"""What one name means in one active context, as far as the walk needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyld.jsonld import JsonLdProcessor

from boundary.shape import many
from boundary.strict_json import Json
from problems import Problem
from proofs.rdf.expand import meaning_of
from proofs.rdf.literals import literal, quoted
from proofs.rdf.nquads import ABSOLUTE_IRI, XSD


class Unsure(Exception):
    """The document holds something that is not allowed, or too rare to be walked."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a name means. A keyword has no predicate; ``coercion`` and ``suffix`` are for scalar values."""

    keyword: str | None = None
    predicate: str = ""
    """The IRI as N-Quads writes it, with a space on either side."""
    container: str = ""
    """@list, @language, @graph, or nothing: @set changes no meaning."""
    reverse: bool = False
    scoped: bool = False
    coercion: str | None = None
    direction: str | None = None
    suffix: str | None = None
    """What follows a text: its closing quote, datatype, language. None when that depends on the text."""
    plain: bool = False
    """A text is all there is to convert: no container, no scoped context, not reversed."""

    def written(self, text: str) -> str:
        """Return the literal that a text is here, when there is a suffix."""
        return f'"{quoted(text)}{self.suffix}'


def checked(iri: str | None) -> str:
    """Return an absolute IRI; a character that is not printable is a matter for the other way."""
    if iri is None or not iri.isprintable() or not ABSOLUTE_IRI.fullmatch(iri):
        raise Unsure
    return iri


_WALKED: Final = frozenset(
    ["@context", "@id", "@type", "@value", "@language", "@direction"],
) | frozenset(["@graph", "@list", "@set", "@included", "@reverse"])


def term_of(active: Any, name: str) -> Term:
    """Return the meaning of a name; raise Unsure when it has none, or one that the walk does not handle."""
    meaning = meaning_of(active, name)
    definition = active["mappings"].get(name) or {}
    containers = set(many(definition.get("@container"))) - {"@set"}
    if meaning in _WALKED:
        if "@context" in definition or (containers and meaning != "@type"):
            raise Unsure
        return Term(keyword=meaning)
    container = containers.pop() if containers else ""
    if containers or container not in ("", "@list", "@language", "@graph"):
        raise Unsure
    return _property(active, name, f" <{checked(meaning)}> ", container, definition)


def _property(active: Any, name: str, predicate: str, container: str, definition: Any) -> Term:
    coercion, scoped = definition.get("@type"), definition.get("@context") is not None
    reverse = bool(definition.get("reverse"))
    language, direction = (
        JsonLdProcessor.get_context_value(active, name, key) for key in ("@language", "@direction")
    )
    if coercion in (None, "@none"):
        suffix = _suffix({"@value": "", "@language": language, "@direction": direction})
    else:
        suffix = _suffix({"@value": "", "@type": coercion})
    plain = suffix is not None and not (container or scoped or reverse)
    return Term(None, predicate, container, reverse, scoped, coercion, direction, suffix, plain)


def _suffix(empty_text: Json) -> str | None:
    if empty_text.get("@type") in ("@id", "@vocab", "@json", XSD + "double"):
        return None
    try:
        return str(literal({key: value for key, value in empty_text.items() if value is not None}))[1:]
    except Problem:
        return None


@dataclass(frozen=True, slots=True)
class Members:
    """What the members of a node object are, in one active context, by their names alone."""

    typed: str
    """The member that holds the types, empty for none."""
    named: str
    """The member that names the node, empty for none."""
    properties: tuple[tuple[str, Term], ...]
    keywords: tuple[tuple[str, str], ...]
    """Those that are left, and what they mean: @graph, @included, @reverse."""


def members_of(terms: Sequence[tuple[str, Term]]) -> Members:
    """Sort the members of a node object by what they mean (§5.1.2 step 13).

    Raises Unsure when two are one: two names of the node, two members with types, a property twice.
    """
    meanings = {name: term.keyword for name, term in terms if term.keyword not in (None, "@context")}
    named, typed = ([name for name in meanings if meanings[name] == key] for key in ("@id", "@type"))
    keywords = tuple((name, key) for name, key in meanings.items() if key and key not in ("@id", "@type"))
    properties = tuple((name, term) for name, term in terms if term.predicate)
    forward = [term.predicate for _, term in properties if not term.reverse]
    backward = {term.predicate for _, term in properties if term.reverse}
    if len(named) > 1 or len(typed) > 1 or len(forward) != len({*forward} - backward):
        raise Unsure
    return Members(next(iter(typed), ""), next(iter(named), ""), properties, keywords)
