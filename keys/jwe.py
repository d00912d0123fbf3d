"""Encrypted messages in compact form (RFC 7516), with the alternatives taken out.

One key agreement (ECDH-ES on P-256, RFC 7518 §4.6) and one shared key (``dir``, §4.5), two ciphers, no
compression: an inflating reader is a bomb's target. What was encrypted is not thereby signed by anybody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jwcrypto import jwe
from jwcrypto.common import JWException, json_encode
from jwcrypto.jwk import JWK

from boundary import base64url, limits, strict_json
from boundary.strict_json import Json
from problems import LimitError, MalformedValueError, ParsingError, ProofVerificationError

ALGORITHM: Final = "ECDH-ES"
CIPHERS: Final = ("A128GCM", "A256GCM")
"""Both are wanted by HAIP 1.0 §5."""
DIRECT: Final = "dir"
SHARED_CIPHER: Final = "A256GCM"
SHARED_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class DecryptionKey:
    """A private P-256 key for one conversation; ``kid`` is its RFC 7638 thumbprint."""

    _key: JWK

    @classmethod
    def generate(cls) -> "DecryptionKey":
        key = JWK.generate(kty="EC", crv="P-256")
        return cls(JWK(**key.export(as_dict=True), kid=key.thumbprint()))

    @classmethod
    def read(cls, secret: Json) -> "DecryptionKey":
        """Return the key that :meth:`secret` wrote; it comes from our own store."""
        return cls(JWK(**secret))

    @property
    def kid(self) -> str:
        return str(self._key["kid"])

    @property
    def public(self) -> Json:
        """Return the JWK to publish: what it is for, and the ``kid`` to name it by (OpenID4VP 1.0 §8.3)."""
        return {**self._key.export_public(as_dict=True), "use": "enc", "alg": ALGORITHM}

    @property
    def secret(self) -> Json:
        """Return the private JWK, to be kept where only its owner reads."""
        return dict(self._key.export(as_dict=True))


def encrypt(content: bytes, recipient: Json, cipher: str, *, apu: bytes = b"", apv: bytes = b"") -> str:
    """Return ``content`` for the holder of the private half of ``recipient``, a public JWK.

    The header takes its ``kid`` along. Raises MalformedValueError for a key or a cipher that is not ours.
    """
    if cipher not in CIPHERS:
        raise MalformedValueError("jwe.cipher", known=", ".join(CIPHERS))
    header: dict[str, object] = {"alg": ALGORITHM, "enc": cipher}
    if "kid" in recipient:
        header["kid"] = recipient["kid"]
    parties = {"apu": apu, "apv": apv}
    header |= {name: base64url.encode(party) for name, party in parties.items() if party}
    token = jwe.JWE(content, json_encode(header), algs=[ALGORITHM, *CIPHERS])
    token.add_recipient(_recipient(recipient))
    return str(token.serialize(compact=True))


def header_of(token: str) -> Json:
    """Return the protected header, checked: only what this module does.

    Raises LimitError, ParsingError ``jwe.malformed``, ProofVerificationError ``jwe.unsupported``.
    """
    if len(token) > limits.JWE_BYTES:
        raise LimitError("jwe.too_large", limit=limits.JWE_BYTES)
    parts = token.split(".")
    if len(parts) != 5 or parts[1]:
        raise ParsingError("jwe.malformed")
    header = strict_json.read_object(base64url.decode(parts[0]), limit=limits.JOSE_HEADER_BYTES)
    if header.get("alg") != ALGORITHM or header.get("enc") not in CIPHERS or {"zip", "crit"} & header.keys():
        raise ProofVerificationError("jwe.unsupported")
    return header


def decrypt(token: str, keys: Mapping[str, DecryptionKey]) -> bytes:
    """Return what was encrypted for the key that the token names by ``kid``.

    Raises what :func:`header_of` raises; ProofVerificationError ``jwe.not_for_us``, ``jwe.changed``.
    """
    key = keys.get(str(header_of(token).get("kid")))
    if key is None:
        raise ProofVerificationError("jwe.not_for_us")
    read = jwe.JWE(algs=[ALGORITHM, *CIPHERS])
    try:
        read.deserialize(token, key._key)
    except (JWException, ValueError):
        raise ProofVerificationError("jwe.changed") from None
    return bytes(read.payload)


def seal(content: bytes, key: bytes) -> str:
    """Return ``content`` for whoever has the same 256-bit ``key``, which serves this once (``dir``)."""
    token = jwe.JWE(content, json_encode(_SHARED_HEADER), algs=[DIRECT, SHARED_CIPHER])
    token.add_recipient(_shared(key))
    return str(token.serialize(compact=True))


def require_sealed(token: str) -> None:
    """Look at the outside of what :func:`seal` made.

    Raises LimitError, ParsingError ``jwe.malformed``, ProofVerificationError ``jwe.unsupported``.
    """
    if len(token) > limits.LINK_BYTES:
        raise LimitError("jwe.too_large", limit=limits.LINK_BYTES)
    if not _SEALED.fullmatch(token):
        raise ParsingError("jwe.malformed")
    header = strict_json.read_object(
        base64url.decode(token.partition(".")[0]), limit=limits.JOSE_HEADER_BYTES
    )
    if header != _SHARED_HEADER:
        raise ProofVerificationError("jwe.unsupported")


def unseal(token: str, key: bytes) -> bytes:
    """Return what :func:`seal` took. Raises what :func:`require_sealed` raises, and ``jwe.changed``."""
    require_sealed(token)
    read = jwe.JWE(algs=[DIRECT, SHARED_CIPHER])
    try:
        read.deserialize(token, _shared(key))
    except (JWException, ValueError):
        raise ProofVerificationError("jwe.changed") from None
    return bytes(read.payload)


_SHARED_HEADER: Final[Json] = {"alg": DIRECT, "enc": SHARED_CIPHER}
_SEALED: Final = re.compile(r"[A-Za-z0-9_-]{1,200}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}")


def _shared(key: bytes) -> JWK:
    return JWK(kty="oct", k=base64url.encode(key))


def _recipient(jwk: Json) -> JWK:
    public = {name: jwk.get(name) for name in ("kty", "crv", "x", "y")}
    if (
        public["kty"] != "EC"
        or public["crv"] != "P-256"
        or jwk.get("alg", ALGORITHM) != ALGORITHM
        or "d" in jwk
    ):
        raise MalformedValueError("jwe.key")
    try:
        key = JWK(**public)
        key.get_op_key("encrypt")  # only now is the point looked at
    except (JWException, ValueError, TypeError):
        raise MalformedValueError("jwe.key") from None
    return key
