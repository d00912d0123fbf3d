"""A link to a share: ``https://HOST/v#L<payload>``, the payload being its name and its key.

Whoever keeps the share has its name and the ciphertext; the key stands in the fragment, which browsers do
not send (RFC 3986 §3.5), so that only who has the link can read it. What is encrypted is a presentation
whose audience is this one link on this one host: wrapped into another it is worth nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from boundary import base64url
from exchange.qr import QrPayload
from keys import jwe
from problems import InputError, ParsingError

_NAME_BYTES: Final = 16
_PAYLOAD_BYTES: Final = _NAME_BYTES + jwe.SHARED_KEY_BYTES


@dataclass(frozen=True)
class ShareLink:
    """``origin`` is a scheme and a host (``https://passeport.example``), ``name`` 128 bits in base64url.

    ``key`` is what must never reach whoever keeps the share.
    """

    origin: str
    name: str
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, origin: str, random: Callable[[int], bytes] = os.urandom) -> "ShareLink":
        return cls(origin, base64url.encode(random(_NAME_BYTES)), random(jwe.SHARED_KEY_BYTES))

    @property
    def url(self) -> str:
        """Return the link itself, for the holder to pass on."""
        return f"{self.origin}/v#L{base64url.encode(base64url.decode(self.name) + self.key)}"

    @property
    def audience(self) -> str:
        return audience(self.origin, self.name)

    def seal(self, presentation: str) -> str:
        """Return the ciphertext to be kept: a JWE (RFC 7516) with the key of the link."""
        return jwe.seal(presentation.encode(), self.key)

    def unseal(self, ciphertext: str) -> bytes:
        """Return the presentation, unverified. Raises what :func:`keys.jwe.unseal` raises."""
        return jwe.unseal(ciphertext, self.key)


def audience(origin: str, name: str) -> str:
    """Return for whom a presentation in a link is made: ``HOST/v/<name>``."""
    return f"{origin.partition('://')[2]}/v/{name}"


def require_name(name: str) -> str:
    """Return ``name`` if it is 128 bits in base64url; raise InputError ``link.name``."""
    try:
        sound = len(base64url.decode(name)) == _NAME_BYTES
    except ParsingError:
        sound = False
    if not sound:
        raise InputError("link.name")
    return name


def opened(code: QrPayload) -> ShareLink:
    """Return the link that a code says; its host is whoever made the code claims it to be.

    Raises ParsingError ``link.damaged``; InputError ``link.other_kind`` for a code of another kind.
    """
    if code.kind != "L":
        raise InputError("link.other_kind")
    try:
        payload = base64url.decode(code.body)
    except ParsingError:
        raise ParsingError("link.damaged") from None
    if len(payload) != _PAYLOAD_BYTES:
        raise ParsingError("link.damaged")
    name = base64url.encode(payload[:_NAME_BYTES])
    return ShareLink(f"https://{code.host}", name, payload[_NAME_BYTES:])
