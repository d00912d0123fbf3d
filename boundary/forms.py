"""Fields as forms and query strings write them (WHATWG URL §5.1), each name once."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from boundary import limits
from problems import LimitError, ParsingError


def write(fields: Mapping[str, str]) -> str:
    return urlencode(fields)


def read(text: str, *, limit: int = limits.JSON_BYTES) -> dict[str, str]:
    """Return the fields; raise ParsingError for a field given twice or what is no form, LimitError."""
    if len(text) > limit:
        raise LimitError("http.too_large")
    try:
        fields = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=100
        )
    except ValueError:
        raise ParsingError("http.form") from None
    if len({name for name, _ in fields}) != len(fields):
        raise ParsingError("http.field_twice")
    return dict(fields)


def with_fields(url: str, fields: Mapping[str, str]) -> str:
    """Return ``url`` with ``fields`` added to its query (RFC 6749 §4.1.2)."""
    base, hash_mark, fragment = url.partition("#")
    return f"{base}{'&' if '?' in base else '?'}{write(fields)}{hash_mark}{fragment}"
