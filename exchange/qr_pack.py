"""Presentations in as few bytes as can be, and back to the very same characters.

What a signed text spends most on is base64url, and most of that is random. So the text is written
down with its base64url opened (:mod:`exchange.qr_text`); what is random stands apart, where nobody
tries to compress it; the words are deflated with a dictionary of our own.

The packed form is the CBOR array ``[version, deflated text, random bytes]``.
"""

import zlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import cbor2

from boundary import limits, strict_json
from boundary.inflate import inflate
from boundary.shape import texts
from exchange.qr_text import Reader, Writer
from problems import InputError, MalformedValueError, ParsingError

VERSION: Final = 1
_END: Final = "\x1e"  # between presentations: a character that Writer never leaves in a text


def pack(presentations: Sequence[str]) -> bytes:
    """Return the packed form. Raises ParsingError for a text with half a character in it."""
    writer = Writer()
    try:
        text = _END.join(map(writer.presentation, presentations)).encode("utf-8")
    except UnicodeEncodeError:
        raise ParsingError("json.lone_surrogate") from None
    machine = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=dictionary(VERSION))
    deflated = machine.compress(text) + machine.flush()
    return cbor2.dumps([VERSION, deflated, bytes(writer.random)], canonical=True)


def unpack(data: bytes) -> tuple[str, ...]:
    """Return the presentations.

    Raises ParsingError when the data are damaged, LimitError when they are a bomb, InputError when a
    newer version of this program made them.
    """
    deflated, random = _parts(data)
    reader = Reader(random)
    try:
        text = _inflated(deflated).decode("utf-8")
        found = tuple(map(reader.presentation, text.split(_END)))
        reader.require_finished()
    except (ParsingError, MalformedValueError, UnicodeDecodeError):
        raise ParsingError("qr.damaged") from None
    return found


@cache
def dictionary(version: int) -> bytes:
    """Return the preset dictionary. It never changes: codes made with it may hang on a wall."""
    file = files("exchange").joinpath(f"qr_dictionary_{version}.json")
    return "".join(texts(strict_json.read(file.read_bytes()), file.name)).encode("utf-8")


def _inflated(deflated: bytes) -> bytes:
    return inflate(deflated, "deflate", limit=limits.QR_INFLATED_BYTES, dictionary=dictionary(VERSION))


def _parts(data: bytes) -> tuple[bytes, bytes]:
    """cbor2 forgives trailing bytes and other spellings: only the one canonical form is read."""
    try:
        parts = cbor2.loads(data)
    except Exception as error:  # a tag may raise anything
        raise ParsingError("qr.damaged") from error
    match parts:
        case [int(version), bytes(deflated), bytes(random)] if version == VERSION:
            if cbor2.dumps([VERSION, deflated, random], canonical=True) == data:
                return deflated, random
        case [int(version), *_] if version > VERSION:
            raise InputError("qr.newer")
    raise ParsingError("qr.damaged")
