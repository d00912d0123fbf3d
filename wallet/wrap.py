"""Keys that several secrets open, each on its own: a passphrase, a printed recovery code.

A passkey will be one more kind of way (WebAuthn PRF). Each way seals the same key separately, so that one
can be changed or withdrawn without touching what the key protects.
"""

from collections.abc import Callable, Iterable
from typing import Final

from boundary import strict_json
from boundary.strict_json import Json
from keys import sealing
from keys.sealing import Cost
from problems import MalformedValueError, ParsingError, SecretError
from storage.records import Way, WayKind
from wallet import recovery_code

PASSPHRASE_CHARS: Final = 8  # NIST SP 800-63B §5.1.1.2
_ID_BYTES: Final = 16


def with_passphrase(key: bytes, passphrase: str, cost: Cost, random: Callable[[int], bytes]) -> Way:
    """Return the way that ``passphrase`` opens; raise SecretError ``wallet.passphrase_short``."""
    if len(passphrase) < PASSPHRASE_CHARS:
        raise SecretError("wallet.passphrase_short", minimum=PASSPHRASE_CHARS)
    return _way("passphrase", key, passphrase, cost, random)


def with_recovery_code(key: bytes, code: str, cost: Cost, random: Callable[[int], bytes]) -> Way:
    """Return the way that ``code`` opens, however it is typed; raise SecretError."""
    return _way("recovery_code", key, recovery_code.canonical(code), cost, random)


def unwrap(ways: Iterable[Way], secret: str) -> bytes:
    """Return the key that ``secret``, a passphrase or a recovery code, opens by one of ``ways``.

    Raises SecretError ``wallet.wrong_secret``, or ``wallet.code_mistyped`` for what looks like a code with a
    mistake in it; ParsingError or MalformedValueError for a damaged way, LimitError for one that costs
    too much to try.
    """
    for way in ways:
        typed = _typed(way.kind, secret)
        if typed is None:
            continue
        try:
            return sealing.unseal(_seal(way), typed, _associated(way.kind, way.id))
        except SecretError:
            continue
    raise SecretError(_complaint(secret))


def _way(kind: WayKind, key: bytes, secret: str, cost: Cost, random: Callable[[int], bytes]) -> Way:
    identity = random(_ID_BYTES).hex()
    seal = sealing.seal(key, secret, _associated(kind, identity), cost=cost, random=random)
    return Way(identity, kind, strict_json.write(seal))


def _typed(kind: WayKind, secret: str) -> str | None:
    """Return what was sealed with, when ``secret`` can be that."""
    if kind != "recovery_code":
        return secret
    try:
        return recovery_code.canonical(secret)
    except SecretError:
        return None


def _seal(way: Way) -> Json:
    try:
        return strict_json.read_object(way.seal)
    except ParsingError:
        raise MalformedValueError("secret.unknown_seal") from None


def _associated(kind: WayKind, identity: str) -> bytes:
    return f"passeport vault way 1 {kind} {identity}".encode()


def _complaint(secret: str) -> str:
    if not recovery_code.looks_like(secret):
        return "wallet.wrong_secret"
    try:
        recovery_code.canonical(secret)
    except SecretError:
        return "wallet.code_mistyped"
    return "wallet.wrong_secret"
