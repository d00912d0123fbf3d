"""Badges baked into pictures (Open Badges 3.0 §5.3): a text chunk of a PNG, an element of an SVG.

The picture itself is not looked at: what it shows proves nothing.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from boundary import limits
from boundary.inflate import inflate
from boundary.xml_stream import Element, stream
from problems import InputError, LimitError, ParsingError

PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAME: Final = 12  # bytes around the data of a chunk: length, type, checksum (PNG 3 §5.3)
_KEYWORD: Final = b"openbadgecredential"
_VERSION_2: Final = b"openbadges"
_NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
_NAMESPACE_2: Final = "http://openbadges.org"
_HEAD: Final = 4_096


def is_svg(data: bytes) -> bool:
    head = data[:_HEAD].lstrip()
    return head.startswith(b"<") and b"<svg" in head


def from_png(data: bytes) -> bytes | None:
    """Return the credential that is baked into a PNG, JSON or a token; None when there is none.

    Raises InputError for several, and for a badge of Open Badges 2.0; ParsingError for a damaged text;
    LimitError.
    """
    texts = list(_texts(data))
    found = [_content(text) for keyword, text in texts if keyword == _KEYWORD]
    return _only(found, older=any(keyword == _VERSION_2 for keyword, _ in texts))


def from_svg(data: bytes) -> bytes:
    """Return the credential that is baked into an SVG: the attribute ``verify``, or what the element holds.

    Raises InputError when there is none, several, or one of Open Badges 2.0; ParsingError when the strict
    XML reader refuses the file, for a document type among other things; LimitError.
    """
    if len(data) > limits.SVG_BYTES:
        raise LimitError("badge.picture_too_large", limit=limits.SVG_BYTES >> 20)
    elements = _elements(data)
    found = [text for element in elements for text in _said(element)]
    baked = _only(found, older=any(element.namespace == _NAMESPACE_2 for element in elements))
    if baked is None:
        raise InputError("badge.none")
    return baked


def _elements(data: bytes) -> list[Element]:
    try:
        return list(stream([data], {"credential", "assertion"}, text_chars=limits.JSON_BYTES))
    except (ParsingError, LimitError) as problem:
        raise ParsingError("badge.svg", cause=problem.code, line=problem.facts.get("line")) from None


def _only(found: Iterable[bytes], *, older: bool) -> bytes | None:
    """Which of two credentials is meant is for a person to say."""
    different = dict.fromkeys(text.strip() for text in found)
    if len(different) > 1:
        raise InputError("badge.several", count=len(different))
    if not different and older:
        raise InputError("badge.version_2")
    return next(iter(different), None)


def _said(element: Element) -> Iterator[bytes]:
    if (element.namespace, element.name) == (_NAMESPACE, "credential"):
        said = (element.attributes.get("verify", ""), element.text)
        yield from (text.encode() for text in said if text.strip())


def _texts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keyword and rest of each international text (PNG 3 §11.3.3.4), as long as chunks are whole."""
    at = len(PNG)
    for _ in range(limits.PNG_CHUNKS):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if at + size + _FRAME > len(data) or kind == b"IEND":
            return
        if kind == b"iTXt":
            body = data[at + 8 : at + 8 + size]
            checksum = data[at + 8 + size : at + size + _FRAME]
            if zlib.crc32(kind + body).to_bytes(4) != checksum:
                raise ParsingError("image.damaged")
            keyword, _, rest = body.partition(b"\0")
            yield keyword, rest
        at += size + _FRAME
    raise LimitError("badge.too_many_parts", limit=limits.PNG_CHUNKS)


def _content(text: bytes) -> bytes:
    """Return the text behind compression flag and method, language and translated keyword."""
    flag, method = text[:1], text[1:2]
    _, language_end, rest = text[2:].partition(b"\0")
    _, keyword_end, content = rest.partition(b"\0")
    if not (language_end and keyword_end) or (flag, method) not in ((b"\0", method), (b"\1", b"\0")):
        raise ParsingError("image.damaged")
    if flag == b"\1":  # the format asks for none; some pictures have it after they were edited
        return inflate(content, "zlib", limit=limits.JSON_BYTES)
    return content
