"""Subresource Integrity: the digest of a resource as documents state it (W3C SRI §3.2, §3.3)."""

import base64
import hashlib
from typing import Final

from problems import MalformedValueError

_BY_STRENGTH: Final = ("sha256", "sha384", "sha512")
_OPTIONS: Final = "?"


def written(content: bytes) -> str:
    """Return the digest of ``content`` as it is stated."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")


def digest_of(text: str) -> tuple[str, bytes]:
    """Return the name of the hash and the digest of one ``sha256-…``; raise MalformedValueError."""
    name, _, digest = text.partition("-")
    try:
        if name in _BY_STRENGTH:
            return name, base64.b64decode(digest, validate=True)
    except ValueError:
        pass
    raise MalformedValueError("model.related_digest_form")


def holds(text: str, content: bytes) -> bool:
    """Whether ``content`` is what ``text`` means: one of the digests by the strongest hash in it (§3.3.5).

    Raises MalformedValueError where there is none.
    """
    stated = [digest_of(one.partition(_OPTIONS)[0]) for one in text.split()]
    if not stated:
        raise MalformedValueError("model.related_digest_form")
    strongest = max((name for name, _ in stated), key=_BY_STRENGTH.index)
    return (strongest, hashlib.new(strongest, content).digest()) in stated
