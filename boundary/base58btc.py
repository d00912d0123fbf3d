"""base58btc as Multibase writes it (Controlled Identifiers 1.0 §2.4), and one spelling per value."""

from typing import Final

import base58

from problems import ParsingError

_LONGEST: Final = 256
"""Characters; a signature takes at most 132. Reading base58 costs the square of its length."""


def encode(data: bytes) -> str:
    """Return ``data`` behind the header ``z``."""
    return "z" + base58.b58encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes; raise ParsingError unless :func:`encode` would write them exactly so."""
    if len(text) > _LONGEST:
        raise ParsingError("base58btc.invalid")
    try:
        data: bytes = base58.b58decode(text[1:].encode("ascii"))
    except ValueError:  # UnicodeEncodeError included
        raise ParsingError("base58btc.invalid") from None
    if encode(data) != text:  # the header is missing, or there is white space, which base58 forgives
        raise ParsingError("base58btc.invalid")
    return data
