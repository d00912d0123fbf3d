"""base64url as JOSE and multibase write it (RFC 4648 §5): no padding, and one spelling per value.

A reader that forgives padding, white space or stray trailing bits gives one token several spellings,
and whoever remembers tokens in order to refuse replays is fooled.
"""

import base64
import binascii

from problems import ParsingError


def encode(data: bytes) -> str:
    """Return ``data`` without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes; raise ParsingError unless :func:`encode` would write them exactly so."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ParsingError("base64url.invalid") from None
    if encode(data) != text:
        raise ParsingError("base64url.invalid")
    return data
