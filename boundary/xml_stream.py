"""The one XML reader for what comes from outside: a stream of records, with line numbers.

Certifiers' files hold hundreds of thousands of records, so nothing but the current record and its
ancestors is kept. What an honest data file has no use for is refused: document type declarations (and
with them entities), processing instructions, XInclude; nothing is ever fetched.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pyexpat import ExpatError, XMLParserType, errors
from typing import Final, NoReturn
from xml.parsers.expat import ParserCreate

from boundary import limits
from problems import LimitError, ParsingError

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XINCLUDE: Final = ("http://www.w3.org/2001/XInclude", "http://www.w3.org/2003/XInclude")
_CHUNK: Final = 64 << 10


@dataclass(slots=True)
class Element:
    """One element: namespace ("" for none), local name, line of its start tag, attributes by
    ``namespace name`` (one space; just the name without a namespace), text, children in order.

    Inside a record ``parent`` is no longer told once the element has ended."""

    namespace: str
    name: str
    line: int
    attributes: dict[str, str]
    parent: "Element | None" = None
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def child(self, name: str) -> "Element | None":
        return next((child for child in self.children if child.name == name), None)

    def value(self, name: str) -> str:
        """Return the text of the first child of that name, without spaces around; "" when absent."""
        child = self.child(name)
        return child.text.strip() if child else ""


def stream(
    source: Iterable[bytes],
    records: Collection[str],
    *,
    skip: Collection[str] = (),
    text_chars: int = limits.XML_TEXT_CHARS,
) -> Iterator[Element]:
    """Yield every element whose local name is in ``records``, when it ends, then the root.

    A record leaves its parent once yielded; ``parent`` still leads to its ancestors as read so far. Inside
    a record, another element of such a name is a child like any.
    Elements named in ``skip`` stay in their parent, empty: their content is only checked to be XML.

    Raises LimitError for a text beyond ``text_chars`` characters or a tag beyond
    ``limits.XML_TOKEN_BYTES``, ParsingError for everything else; both give the line.
    """
    reader = _Reader(records, skip, text_chars)
    for chunk in source:
        for start in range(0, len(chunk), _CHUNK):
            reader.feed(chunk[start : start + _CHUNK])
            yield from reader.take()
    reader.finish()
    yield from reader.take()


@dataclass(slots=True)
class _Open:
    """An element whose end tag has not come; ``before`` counts the elements kept when it started."""

    element: Element
    before: int
    texts: list[str] = field(default_factory=list)
    chars: int = 0

    def forget_blanks(self) -> None:
        """Drop what only lays records out: there may be as much of it as there are records."""
        if not any(map(str.strip, self.texts)):
            self.texts.clear()
            self.chars = 0


class _Reader:
    def __init__(self, records: Collection[str], skip: Collection[str], text_chars: int) -> None:
        self._records, self._skip, self._text_chars = records, skip, text_chars
        self._parser = _strict_parser(self)
        self._open: list[_Open] = []
        self._kept = 0
        self._records_open = 0
        self._skipped = 0  # depth inside an element whose content nobody wants
        self._fed = 0
        self._ready: list[Element] = []

    def feed(self, chunk: bytes) -> None:
        self._fed += len(chunk)
        self._parse(chunk, last=False)
        if self._fed - self._parser.CurrentByteIndex > limits.XML_TOKEN_BYTES + _CHUNK:
            raise self._beyond("xml.token_too_long", limits.XML_TOKEN_BYTES)

    def finish(self) -> None:
        self._parse(b"", last=True)

    def take(self) -> list[Element]:
        ready, self._ready = self._ready, []
        return ready

    def refuse(self, code: str) -> NoReturn:
        raise ParsingError(code, line=self._parser.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if namespace in _XINCLUDE:
            self.refuse("xml.xinclude")
        if len(self._open) + self._skipped >= limits.XML_DEPTH:
            raise self._beyond("xml.too_deep", limits.XML_DEPTH)
        if self._skipped:
            self._skipped += 1
            return
        parent = self._open[-1].element if self._open else None
        element = Element(namespace, name, self._parser.CurrentLineNumber, attributes, parent)
        if parent is not None:
            parent.children.append(element)
            self._records_open += name in self._records
        self._open.append(_Open(element, self._kept))
        self._keep_one_more()
        self._skipped = 1 if name in self._skip else 0

    def text(self, text: str) -> None:
        if self._skipped:
            return
        top = self._open[-1]
        top.chars += len(text)
        if top.chars > self._text_chars:
            raise self._beyond("xml.text_too_long", self._text_chars)
        top.texts.append(text)

    def end(self, _tag: str) -> None:
        if self._skipped > 1:
            self._skipped -= 1
            return
        self._skipped = 0
        top = self._open.pop()
        element = top.element
        element.text = "".join(top.texts)
        if element.parent is None:
            self._ready.append(element)
            return
        self._records_open -= element.name in self._records
        if self._records_open:
            element.parent = None  # no cycle: a record is freed as soon as its reader lets go
        elif element.name in self._records:
            element.parent.children.pop()
            self._kept = top.before
            self._open[-1].forget_blanks()
            self._ready.append(element)

    def _parse(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except ExpatError as error:
            raise explained(error) from None
        except (LookupError, ValueError):  # a declared encoding that Python does not know
            raise ParsingError("xml.encoding", line=1) from None

    def _keep_one_more(self) -> None:
        self._kept += 1
        if self._kept > limits.XML_ELEMENTS:
            raise self._beyond("xml.too_many_elements", limits.XML_ELEMENTS)

    def _beyond(self, code: str, limit: int) -> LimitError:
        return LimitError(code, line=self._parser.CurrentLineNumber, limit=limit)


def _strict_parser(reader: _Reader) -> XMLParserType:
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = lambda *_: reader.refuse("xml.dtd_forbidden")
    parser.ProcessingInstructionHandler = lambda *_: reader.refuse("xml.processing_instruction")
    return parser


def explained(error: ExpatError) -> ParsingError:
    """Say which kind of damage, in our words; expat's own message stays out (it may quote the input)."""
    code = _CODES.get(error.code, "xml.syntax")
    return ParsingError(code, line=error.lineno, column=error.offset + 1)


_CODES: Final = {
    errors.codes[errors.XML_ERROR_NO_ELEMENTS]: "xml.truncated",
    errors.codes[errors.XML_ERROR_UNCLOSED_TOKEN]: "xml.truncated",
    errors.codes[errors.XML_ERROR_UNKNOWN_ENCODING]: "xml.encoding",
    errors.codes[errors.XML_ERROR_INCORRECT_ENCODING]: "xml.encoding",
    errors.codes[errors.XML_ERROR_UNDEFINED_ENTITY]: "xml.entity",
}
