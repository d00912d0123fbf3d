"""A secret sealed under a passphrase: AES-256-GCM (SP 800-38D) under an Argon2id key (RFC 9106).

The cost of Argon2id is stored beside what it seals, so it comes from outside when it is read again: a
file must not ask for 10 GiB, so there are bounds.
"""

import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from boundary import base64url, limits
from boundary.shape import a_text, an_integer
from boundary.strict_json import Json
from problems import LimitError, MalformedValueError, ParsingError, SecretError

_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Cost:
    """What one guess costs."""

    memory_kib: int
    passes: int
    lanes: int


STRONG: Final = Cost(memory_kib=64 << 10, passes=3, lanes=4)
"""RFC 9106 §4, second recommendation."""


def seal(
    secret: bytes,
    passphrase: str,
    associated: bytes,
    *,
    cost: Cost = STRONG,
    random: Callable[[int], bytes] = os.urandom,
) -> Json:
    """Return the sealed secret; ``associated`` must be given again, unchanged, to open it.

    Raises SecretError when the passphrase is empty.
    """
    salt, nonce = random(_SALT_BYTES), random(_NONCE_BYTES)
    ciphertext = AESGCM(_derive(passphrase, salt, cost)).encrypt(nonce, secret, associated)
    return {
        "kdf": "Argon2id",
        "memoryKiB": cost.memory_kib,
        "passes": cost.passes,
        "lanes": cost.lanes,
        "salt": base64url.encode(salt),
        "cipher": "A256GCM",
        "nonce": base64url.encode(nonce),
        "ciphertext": base64url.encode(ciphertext),
    }


def unseal(sealed: Json, passphrase: str, associated: bytes) -> bytes:
    """Return the secret.

    Raises SecretError for a wrong passphrase, or a changed seal or ``associated``: they cannot be told
    apart. Raises LimitError when opening would cost too much, MalformedValueError for what is no seal.
    """
    if sealed.get("kdf") != "Argon2id" or sealed.get("cipher") != "A256GCM":
        raise MalformedValueError("secret.unknown_seal")
    salt, nonce = _bytes(sealed, "salt", _SALT_BYTES), _bytes(sealed, "nonce", _NONCE_BYTES)
    ciphertext = _bytes(sealed, "ciphertext")
    key = _derive(passphrase, salt, _cost(sealed))
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise SecretError("secret.wrong") from None


def _derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """NFKC, because one keyboard types é as one character and another as two."""
    if not passphrase:
        raise SecretError("secret.empty")
    kdf = Argon2id(
        salt=salt,
        length=_KEY_BYTES,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    return kdf.derive(unicodedata.normalize("NFKC", passphrase).encode())


def _cost(sealed: Json) -> Cost:
    cost = Cost(*(an_integer(sealed.get(name), name) for name in ("memoryKiB", "passes", "lanes")))
    if not (1 <= cost.lanes <= limits.KDF_LANES and 1 <= cost.passes <= limits.KDF_PASSES):
        raise LimitError("secret.cost")
    if not 8 * cost.lanes <= cost.memory_kib <= limits.KDF_MEMORY_KIB:  # RFC 9106 §3.1
        raise LimitError("secret.cost")
    return cost


def _bytes(sealed: Json, name: str, size: int | None = None) -> bytes:
    try:
        data = base64url.decode(a_text(sealed.get(name), name))
    except ParsingError:
        raise MalformedValueError("secret.unknown_seal") from None
    if size is not None and len(data) != size:
        raise MalformedValueError("secret.unknown_seal")
    return data
