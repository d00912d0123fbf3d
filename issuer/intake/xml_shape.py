"""Check an XML element against a description of it: which children, how often, with what in them.

Only what accrochage needs of XML Schema 1.0: elements in any order (``xsd:all``), a choice, a list, nil.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from boundary.xml_stream import XSI, Element
from problems.sentences import Fact

BLANKS: Final = " \t\r\n"

Facts = Mapping[str, Fact]
Kind = Callable[[str], tuple[str, Facts] | None]
"""A simple type: returns the code and facts of what is wrong with a text, or None."""


@dataclass(frozen=True)
class Fault:
    """A departure from the schema: code, element, line, and what was expected (never what was there)."""

    code: str
    field: str
    line: int
    facts: Facts


@dataclass(frozen=True)
class Leaf:
    kind: Kind
    required: bool = True
    nillable: bool = False


@dataclass(frozen=True)
class Group:
    """Elements in any order, each at most once; exactly one of them when ``exclusive``."""

    members: Mapping[str, "Member"]
    required: bool = True
    exclusive: bool = False
    nillable: bool = False


@dataclass(frozen=True)
class Many:
    """The same element any number of times, but not fewer than ``least``."""

    name: str
    member: "Member"
    required: bool = True
    least: int = 1
    nillable: bool = False


Member = Leaf | Group | Many


def faults(element: Element, member: Member) -> Iterator[Fault]:
    """Yield every departure of ``element`` from what ``member`` says of it.

    Children are to be in the namespace of their parent.
    """
    yield from _attribute_faults(element, member)
    if is_nil(element):
        if element.text or element.children:
            yield _fault("element.nil_not_empty", element)
    elif isinstance(member, Leaf):
        yield from _leaf_faults(element, member)
    else:
        if element.text.strip(BLANKS):
            yield _fault("element.stray_text", element)
        yield from (
            _group_faults(element, member) if isinstance(member, Group) else _many_faults(element, member)
        )


def is_nil(element: Element) -> bool:
    return element.attributes.get(f"{XSI} nil", "").strip(BLANKS) in ("true", "1")


def _fault(code: str, element: Element, field: str = "", facts: Facts | None = None) -> Fault:
    return Fault(code, field or _name(element), element.line, facts or {})


def _name(element: Element) -> str:
    """An element's name comes from outside: only what can be a name of the format is repeated."""
    return element.name if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,39}", element.name) else "…"


_HINTS: Final = frozenset({f"{XSI} schemaLocation", f"{XSI} noNamespaceSchemaLocation"})


def _attribute_faults(element: Element, member: Member) -> Iterator[Fault]:
    for name, value in element.attributes.items():
        if name == f"{XSI} nil":
            if not member.nillable:
                yield _fault("element.nil_not_allowed", element)
            elif value.strip(BLANKS) not in ("true", "false", "1", "0"):
                yield _fault("element.attribute", element)
        elif name not in _HINTS:
            yield _fault("element.attribute", element)


def _leaf_faults(element: Element, leaf: Leaf) -> Iterator[Fault]:
    for child in element.children:
        yield _fault("element.unexpected", child)
    if wrong := leaf.kind(element.text):
        code, facts = wrong
        yield _fault(code, element, facts=facts)


def _group_faults(element: Element, group: Group) -> Iterator[Fault]:
    seen: set[str] = set()
    for child in element.children:
        known = group.members.get(child.name) if child.namespace == element.namespace else None
        if known is None:
            yield _fault("element.unexpected", child)
            continue
        if child.name in seen:
            yield _fault("element.repeated", child)
        seen.add(child.name)
        yield from faults(child, known)
    if group.exclusive:
        if len(seen) != 1:
            expected: Facts = {"expected": ", ".join(group.members)}
            yield _fault("element.one_of", element, facts=expected)
        return
    for name, member in group.members.items():
        if member.required and name not in seen:
            yield _fault("element.missing", element, field=name)


def _many_faults(element: Element, many: Many) -> Iterator[Fault]:
    count = 0
    for child in element.children:
        if child.namespace != element.namespace or child.name != many.name:
            yield _fault("element.unexpected", child)
            continue
        count += 1
        yield from faults(child, many.member)
    if count < many.least:
        yield _fault("element.missing", element, field=many.name)
