"""Values that are written as they stand: the literals of a walked document."""

from collections.abc import Sequence
from typing import Final

from boundary.strict_json import Json, JsonValue
from proofs.rdf.literals import language, literal
from proofs.rdf.tables import Table
from proofs.rdf.terms import Term, Unsure

_MEMBERS: Final = frozenset({"@value", "@type", "@language", "@direction"})


def items_of(value: JsonValue) -> Sequence[JsonValue]:
    if not isinstance(value, list):
        return (value,)
    if not value:
        raise Unsure
    return value


def json_literal(term: Term, value: JsonValue) -> str:
    if term.container or value is None:
        raise Unsure
    return str(literal({"@value": value, "@type": "@json"}))


def language_map(term: Term, texts: Json) -> list[str]:
    """§5.1.2 step 13.7"""
    found = []
    for tag, values in texts.items():
        for text in items_of(values):
            if not isinstance(text, str) or not values:
                raise Unsure
            value: Json = {"@value": text}
            if tag != "@none":
                value["@language"] = language(tag).lower()
            if term.direction is not None:
                value["@direction"] = term.direction
            found.append(str(literal(value)))
    if not found:
        raise Unsure
    return found


def value_object(item: Json, table: Table) -> str:
    """§5.1.2 step 14, without the types that have a scoped context."""
    value: Json = {}
    for name, content in item.items():
        keyword = table.term(name).keyword
        if keyword == "@context":
            continue
        if keyword not in _MEMBERS or keyword in value or content is None:
            raise Unsure
        value[keyword] = content
    datatype = value.get("@type")
    if datatype is not None:
        if not isinstance(datatype, str) or table.scopes(datatype) or len(value) > 2:
            raise Unsure
        value["@type"] = datatype if datatype == "@json" else table.word(datatype)
    if "@language" in value:
        value["@language"] = language(value["@language"]).lower()
    return str(literal(value))
