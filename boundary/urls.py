"""The https addresses that may be asked, and the host names that may stand in an identifier.

A strict subset of RFC 3986: readers that disagree about an address are a hole, so there is only one
spelling of a host here. No IP literals in any of their disguises, no single labels, no user names, no
fragments, no internationalised labels (``xn--``: look-alikes that a person cannot tell apart).
"""

import re
from dataclasses import dataclass
from typing import Final

from boundary import limits
from problems import MalformedValueError

_LABEL: Final = r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = (
    rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}"  # a last label that starts with a digit is an IPv4 address
)
_PORT: Final = r"[1-9][0-9]{0,4}"
_PATH: Final = r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*"
_QUERY: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
_URL: Final = re.compile(
    rf"https://(?P<host>{_HOST})(?::(?P<port>{_PORT}))?(?P<path>{_PATH})(?:\?(?P<query>{_QUERY}))?"
)
HTTPS_PORT: Final = 443


@dataclass(frozen=True)
class HttpsUrl:
    """``path`` is as written and starts with ``/``; ``query`` is None when there is no ``?``."""

    host: str
    port: int
    path: str
    query: str | None

    @property
    def authority(self) -> str:
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def __str__(self) -> str:
        return f"https://{self.authority}{self.target}"


def parse(url: str) -> HttpsUrl:
    """Return the parts of ``url``; raise MalformedValueError for anything but a plain https address."""
    match = _URL.fullmatch(url) if len(url) <= limits.URL_CHARS else None
    if match is None:
        raise MalformedValueError("url.refused")
    path = match["path"] or "/"
    if not is_host(match["host"]) or {".", ".."}.intersection(path.split("/")):
        raise MalformedValueError("url.refused")
    return HttpsUrl(match["host"], _port(match["port"]), path, match["query"])


def is_host(text: str) -> bool:
    """Say whether ``text`` is a lower-case DNS name of at least two labels (RFC 1123 §2.1)."""
    return len(text) <= limits.HOST_CHARS and re.fullmatch(_HOST, text) is not None


def is_port(text: str) -> bool:
    return re.fullmatch(_PORT, text) is not None and int(text) < 1 << 16


def _port(text: str | None) -> int:
    if text is None:
        return HTTPS_PORT
    if not is_port(text):
        raise MalformedValueError("url.refused")
    return int(text)
