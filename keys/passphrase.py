"""Passphrases of accounts: only what Argon2id makes of them is kept (RFC 9106), as a PHC string."""

import os
import threading
import unicodedata
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from keys.sealing import STRONG, Cost
from problems import SecretError

SHORTEST: Final = 12
LONGEST: Final = 200
_AT_ONCE: Final = threading.Semaphore(2)
"""Each takes 64 MiB: many at once would take all there is."""


def hashed(passphrase: str, *, cost: Cost = STRONG, random: Callable[[int], bytes] = os.urandom) -> str:
    """Return what to keep; raise SecretError for one that is too short or too long."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise SecretError("secret.length", shortest=SHORTEST, longest=LONGEST)
    kdf = Argon2id(
        salt=random(16), length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    with _AT_ONCE:
        return kdf.derive_phc_encoded(_bytes(passphrase))


def check(passphrase: str, kept: str) -> None:
    """Return when ``kept`` was made of ``passphrase``; raise SecretError."""
    if len(passphrase) > LONGEST:
        raise SecretError("secret.wrong")
    try:
        with _AT_ONCE:
            Argon2id.verify_phc_encoded(_bytes(passphrase), kept)
    except InvalidKey:
        raise SecretError("secret.wrong") from None


def nobodys(cost: Cost = STRONG) -> str:
    """Return what nothing was made of, to be compared when nobody is meant: it takes as long."""
    said = f"m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
    return f"$argon2id$v=19${said}${'A' * 22}${'A' * 43}"


def _bytes(passphrase: str) -> bytes:
    """NFKC, as everywhere: one keyboard types é as one character and another as two."""
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "replace")
