"""Go through an XML document without keeping any of it: for parts that are far too long to be kept.

What :mod:`boundary.xml_stream` refuses (document types and their entities, processing instructions) is
refused here.
"""

from collections.abc import Callable, Iterable
from pyexpat import ExpatError
from typing import Final, NoReturn
from xml.parsers.expat import ParserCreate

from boundary import limits
from boundary.xml_stream import explained
from problems import LimitError, ParsingError

Start = Callable[[str, dict[str, str]], None]
"""Takes ``namespace name`` (one space) of an element that starts, and its attributes."""

End = Callable[[str], None]
_CHUNK: Final = 64 << 10


def scan(source: Iterable[bytes], start: Start | None = None, end: End | None = None) -> None:
    """Tell ``start`` and ``end`` every element of the document; read it to its end.

    Raises LimitError for a tag beyond ``limits.XML_TOKEN_BYTES``, ParsingError for what is no sound XML,
    and whatever ``start`` and ``end`` raise.
    """
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = end

    def refuse(code: str) -> NoReturn:
        raise ParsingError(code, line=parser.CurrentLineNumber)

    parser.StartDoctypeDeclHandler = lambda *_: refuse("xml.dtd_forbidden")
    parser.ProcessingInstructionHandler = lambda *_: refuse("xml.processing_instruction")
    fed = 0
    try:
        for chunk in source:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > limits.XML_TOKEN_BYTES + _CHUNK:
                raise LimitError(
                    "xml.token_too_long", line=parser.CurrentLineNumber, limit=limits.XML_TOKEN_BYTES
                )
        parser.Parse(b"", True)
    except ExpatError as error:
        raise explained(error) from None
    except (LookupError, ValueError):  # a declared encoding that Python does not know
        raise ParsingError("xml.encoding", line=1) from None
