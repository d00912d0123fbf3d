"""One spelling: what a document says, it says in the words of its context and in one place.

A Data Integrity proof covers statements (RDF), and every check after it reads JSON members. JSON-LD has
many spellings for one statement: an IRI or ``@type`` where the context has a word, a node described in two
places, ``@included``, ``@graph``, ``@reverse``. Whoever holds a credential may change the spelling without
breaking the proof, and so hide a status, an end of validity or a type from whoever reads members. So
any spelling but one is refused, before anything else is looked at.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from problems import MalformedValueError

_VALUE_OBJECT: Final = frozenset({"@value", "@language", "@direction", "@type"})
_SIGNS: Final = re.compile("[@:]")
"""In the name of a member: a keyword, or an IRI."""
_SHOWN_CHARS: Final = 80


def check_spelling(document: Json, *, type_urls: bool = False) -> None:
    """Raise MalformedValueError for a document in any spelling but the context's own.

    With ``type_urls`` a type may be a URL, as VCDM 2.0 §4.5 has it: then who reads types by their words
    may miss one, and so nothing may follow from what the document says.
    """
    nodes = list(_nodes(document))
    for name, node in nodes:
        if _SIGNS.search("\n".join(node)):
            for member in node:
                if member != "@context":
                    _check_member(member, node, name)
        _check_names(node, type_urls)
    _check_described_once(document, nodes)


def _check_member(member: str, node: Json, name: str) -> None:
    keyword = member.startswith("@")
    if keyword and "@value" in node and member in _VALUE_OBJECT:
        return
    if keyword or ":" in member:
        raise MalformedValueError("spelling.member", at=name, member=member[:_SHOWN_CHARS])


def _check_names(node: Json, type_urls: bool) -> None:
    types = many(node.get("type"))
    for value in (*types, node.get("id")):
        if isinstance(value, str) and value.startswith("_:"):
            raise MalformedValueError("spelling.blank_node")
    for type_ in types:
        if isinstance(type_, str) and ":" in type_ and not type_urls:
            raise MalformedValueError("spelling.type", type=type_[:_SHOWN_CHARS])


def _check_described_once(document: Json, nodes: Sequence[tuple[str, Json]]) -> None:
    """A holder who issues to themselves is described twice, as issuer and as subject; nothing else may be."""
    seen: set[str] = set()
    for node in _described(document, nodes):
        identifier = node.get("id")
        if isinstance(identifier, str) and node.keys() - {"id", "type", "@context"}:
            if identifier in seen:
                raise MalformedValueError("spelling.described_twice", id=identifier[:_SHOWN_CHARS])
            seen.add(identifier)


def _described(document: Json, nodes: Sequence[tuple[str, Json]]) -> Iterator[Json]:
    """Yield every node but the issuer, unless the issuer bears the document's own name."""
    issuer = document.get("issuer")
    for _, node in nodes:
        if node is not issuer or node.get("id") == document.get("id"):
            yield node


def _nodes(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield every object with the name of the member it stands in; contexts and proofs are no nodes."""
    waiting: list[tuple[str, JsonValue]] = [("", document)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(name, item) for item in value]
        elif isinstance(value, dict):
            yield name, value
            waiting += [(n, v) for n, v in value.items() if n not in ("@context", "proof")]
