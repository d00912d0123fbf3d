"""RDF quads, and the one way to write each of them (N-Quads, canonical form; RDFC-1.0 §5)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from problems import ProofTransformationError

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ABSOLUTE_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")

XSD_STRING: Final = XSD + "string"
RDF_LANG_STRING: Final = RDF + "langString"


@dataclass(frozen=True, slots=True)
class Iri:
    value: str

    def __str__(self) -> str:
        return f"<{self.value}>"


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank node; the label stands without its ``_:``."""

    label: str

    def __str__(self) -> str:
        return f"_:{self.label}"


@dataclass(frozen=True, slots=True)
class Literal:
    value: str
    datatype: str = XSD_STRING
    language: str | None = None

    def __str__(self) -> str:
        quoted = f'"{_ESCAPED.sub(_escape, self.value)}"'
        if self.language is not None:
            return f"{quoted}@{self.language}"
        return quoted if self.datatype == XSD_STRING else f"{quoted}^^<{self.datatype}>"


Resource: TypeAlias = Iri | Blank
Term: TypeAlias = Iri | Blank | Literal


@dataclass(frozen=True, slots=True)
class Quad:
    subject: Resource
    predicate: Iri
    object: Term
    graph: Resource | None = None

    def __str__(self) -> str:
        """Return the canonical N-Quads line, with its line end."""
        graph = "" if self.graph is None else f" {self.graph}"
        return f"{self.subject} {self.predicate} {self.object}{graph} .\n"

    def rename(self, name: Callable[[str], str]) -> "Quad":
        """Return the quad with another label for each blank node."""

        def renamed(term: Resource) -> Resource:
            return Blank(name(term.label)) if isinstance(term, Blank) else term

        return Quad(
            renamed(self.subject),
            self.predicate,
            self.object if isinstance(self.object, Literal) else renamed(self.object),
            None if self.graph is None else renamed(self.graph),
        )

    def blanks(self) -> Iterator[tuple[str, Blank]]:
        """Return each blank node with its position: s, o or g (RDFC-1.0 §4.7)."""
        for position, term in (("s", self.subject), ("o", self.object), ("g", self.graph)):
            if isinstance(term, Blank):
                yield position, term


# Canonical N-Quads: these and no others are escaped, those without a letter as \uXXXX.
_ESCAPED = re.compile(r'[\x00-\x1f\x7f"\\]')
_LETTERS = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_UNESCAPED = {**{short: plain for plain, short in _LETTERS.items()}, "\\'": "'"}


def _escape(found: re.Match[str]) -> str:
    return _LETTERS.get(found[0]) or f"\\u{ord(found[0]):04X}"


# The grammar of N-Quads 1.1 §4, production by production.
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_IRI = rf'<(?:[^\x00-\x20<>"{{}}|^`\\]|{_UCHAR})*>'
_START = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff_:"
)
_LATER = rf"\-0-9\u00b7\u0300-\u036f\u203f-\u2040{_START}"
_BLANK = rf"_:[{_START}0-9](?:[{_LATER}.]*[{_LATER}])?"
_STRING = rf'"(?:[^\x22\x5c\x0a\x0d]|\\[tbnrf"\x27\\]|{_UCHAR})*"'
_LITERAL = rf"{_STRING}(?:\^\^{_IRI}|@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*)?"
_STATEMENT: Final = re.compile(
    rf"[ \t]*({_IRI}|{_BLANK})[ \t]*({_IRI})[ \t]*({_IRI}|{_BLANK}|{_LITERAL})[ \t]*"
    rf"(?:({_IRI}|{_BLANK})[ \t]*)?\.[ \t]*(?:#[^\n\r]*)?"
)
_NOTHING = re.compile(r"[ \t]*(?:#[^\n\r]*)?")
_ESCAPE = re.compile(rf'{_UCHAR}|\\[tbnrf"\x27\\]')


def parse(text: str) -> list[Quad]:
    """Return the quads that ``text`` states, in its order.

    Raises ProofTransformationError ``rdf.nquads`` with the line that N-Quads 1.1 does not allow.
    """
    return [
        _quad(line, number)
        for number, line in enumerate(re.split("[\r\n]", text), start=1)
        if not _NOTHING.fullmatch(line)
    ]


def _quad(line: str, number: int) -> Quad:
    found = _STATEMENT.fullmatch(line)
    if found is None:
        raise ProofTransformationError("rdf.nquads", line=number)
    subject, predicate, value, graph = found.groups()
    return Quad(
        _resource(subject),
        _iri(predicate),
        _literal(value) if value.startswith('"') else _resource(value),
        None if graph is None else _resource(graph),
    )


def _resource(token: str) -> Resource:
    return Blank(token[2:]) if token.startswith("_:") else _iri(token)


def _iri(token: str) -> Iri:
    text = _ESCAPE.sub(_unescape, token[1:-1])
    # The grammar lets escapes stand for characters that no IRI has.
    if not ABSOLUTE_IRI.fullmatch(text):
        raise ProofTransformationError("rdf.nquads_iri")
    return Iri(text)


def _literal(token: str) -> Literal:
    end = token.rindex('"')
    value, rest = _ESCAPE.sub(_unescape, token[1:end]), token[end + 1 :]
    if rest.startswith("@"):
        return Literal(value, RDF_LANG_STRING, rest[1:])
    return Literal(value, _iri(rest[2:]).value) if rest else Literal(value)


def _unescape(found: re.Match[str]) -> str:
    escape = found[0]
    if escape[1] not in "uU":
        return _UNESCAPED[escape]
    number = int(escape[2:], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ProofTransformationError("rdf.nquads_character")
    return chr(number)
