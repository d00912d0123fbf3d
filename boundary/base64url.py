"""base64url as JOSE and multibase write it (RFC 4648 §5): no padding, and one spelling per value.

A reader that forgives padding, white space or stray trailing bits gives one token several spellings,
and whoever remembers tokens in order to refuse replays is fooled.
"""

import binascii
from typing import Final

from problems import ParsingError

_LAST: Final = (None, "", "AQgw", "AEIMQUYcgkosw048")
"""What a text may end with, by its length modulo 4: the last letter has 2 or 4 bits that mean nothing."""

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")


def encode(data: bytes) -> str:
    """Return ``data`` without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL, b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes; raise ParsingError unless :func:`encode` would write them exactly so."""
    last = _LAST[len(text) % 4]
    if (last is not None and text[-1] not in last) or any(foreign in text for foreign in "+/="):
        raise ParsingError("base64url.invalid")
    padded = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
    try:
        return binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:  # binascii.Error is one; so is what it says of other than ASCII
        raise ParsingError("base64url.invalid") from None
