"""Bytes as text: ``data:`` URLs (RFC 2397) in base64, in the one spelling that we write."""

import base64

from problems import ParsingError


def write(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def is_of(text: str, media_type: str) -> bool:
    """Whether ``text`` says that it is such bytes."""
    return text.startswith(f"data:{media_type};base64,")


def read(text: str, media_type: str) -> bytes:
    """Return the bytes; raise ParsingError unless :func:`write` would have written them so."""
    data = from_base64(text.removeprefix(f"data:{media_type};base64,"))
    if write(media_type, data) != text:
        raise ParsingError("data_url.malformed")
    return data


def from_base64(text: str) -> bytes:
    """Return the bytes of padded base64 (RFC 4648 §4); raise ParsingError."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise ParsingError("data_url.malformed") from None
    if base64.b64encode(data).decode() != text:  # bits that belong to no byte
        raise ParsingError("data_url.malformed")
    return data
