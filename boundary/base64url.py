"""base64url as JOSE and multibase write it (RFC 4648 §5): no padding, and one spelling per value.

A reader that forgives padding, white space or stray trailing bits gives one token several spellings,
and whoever remembers tokens in order to refuse replays is fooled.
"""

import binascii
from typing import Final

from problems import ParsingError

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")


def encode(data: bytes) -> str:
    """Return ``data`` without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes; raise ParsingError unless :func:`encode` would write them exactly so."""
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        data = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:  # binascii.Error is one; so is what it says of other than ASCII
        raise ParsingError("base64url.invalid") from None
    if encode(data) != text:
        raise ParsingError("base64url.invalid")
    return data
