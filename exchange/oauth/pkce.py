"""PKCE: whoever redeems a code is whoever asked for it (RFC 7636, S256 only)."""

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from typing import Final

from boundary import base64url
from problems import ProtocolError

METHOD: Final = "S256"
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # §4.1
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # §4.2: the SHA-256 in base64url


def new_verifier(random: Callable[[int], bytes] = os.urandom) -> str:
    return base64url.encode(random(32))


def challenge(verifier: str) -> str:
    return base64url.encode(hashlib.sha256(verifier.encode("ascii")).digest())


def require_challenge(given: str | None, method: str | None) -> str:
    """Return the challenge of an authorization request; raise ProtocolError ``invalid_request``.

    ``plain``, which a method left out means (§4.3), protects nothing and is refused (RFC 9700 §2.1.1).
    """
    if method != METHOD or given is None or not _CHALLENGE.fullmatch(given):
        raise ProtocolError("oauth.pkce_challenge", error="invalid_request")
    return given


def check(verifier: str | None, expected: str) -> None:
    """Return when ``verifier`` is what the challenge was made of; raise ProtocolError ``invalid_grant``."""
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise ProtocolError("oauth.pkce_verifier", error="invalid_grant")
    if not hmac.compare_digest(challenge(verifier), expected):
        raise ProtocolError("oauth.pkce_verifier", error="invalid_grant")
