"""The https addresses that may be asked, and the host names that may stand in an identifier.

A strict subset of RFC 3986: readers that disagree about an address are a hole, so there is only one
spelling of a host here. No IP literals in any of their disguises, no single labels, no user names, no
fragments, no internationalised labels (``xn--``: look-alikes that a person cannot tell apart).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

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
_HERE: Final = re.compile(
    rf"(?P<scheme>https?)://(?P<host>localhost|127\.0\.0\.1)(?::(?P<port>{_PORT}))?(?P<path>{_PATH})(?:\?(?P<query>{_QUERY}))?"
)
HTTPS_PORT: Final = 443
_PORTS: Final = {"https": HTTPS_PORT, "http": 80}


@dataclass(frozen=True)
class HttpUrl:
    """``path`` is as written and starts with ``/``; ``query`` is None when there is no ``?``."""

    host: str
    port: int
    path: str
    query: str | None
    scheme: str = "https"

    @property
    def authority(self) -> str:
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        return self.path if self.query is None else f"{self.path}?{self.query}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def parse(url: str, *, plain: bool = False) -> HttpUrl:
    """Return the parts of ``url``; raise MalformedValueError for anything but a plain https address.

    With ``plain``, an address of this machine itself (``http://localhost:8000``) is taken as well.
    """
    if len(url) > limits.URL_CHARS:
        raise MalformedValueError("url.refused")
    if plain and (here := _HERE.fullmatch(url)):
        return HttpUrl(
            here["host"], _port(here["port"], here["scheme"]), _path(here), here["query"], here["scheme"]
        )
    match = _URL.fullmatch(url)
    if match is None or not is_host(match["host"]):
        raise MalformedValueError("url.refused")
    return HttpUrl(match["host"], _port(match["port"]), _path(match), match["query"])


def _path(match: re.Match[str]) -> str:
    path = match["path"] or "/"
    if {".", ".."}.intersection(path.split("/")):
        raise MalformedValueError("url.refused")
    return path


def is_host(text: str) -> bool:
    """Say whether ``text`` is a lower-case DNS name of at least two labels (RFC 1123 §2.1)."""
    return len(text) <= limits.HOST_CHARS and re.fullmatch(_HOST, text) is not None


def is_port(text: str) -> bool:
    return re.fullmatch(_PORT, text) is not None and int(text) < 1 << 16


def _port(text: str | None, scheme: str = "https") -> int:
    if text is None:
        return _PORTS[scheme]
    if not is_port(text):
        raise MalformedValueError("url.refused")
    return int(text)


def host(url: str) -> str:
    """Return the host that ``url`` names, in lower case; empty when there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def origin(url: str) -> str:
    """Return scheme, host and port of ``url`` as it writes them; empty when it names no host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
