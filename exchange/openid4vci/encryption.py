"""Credential requests and responses encrypted end to end, on top of TLS (OpenID4VCI §10).

Refusals are never encrypted. Nothing is compressed: a message that inflates is a bomb's carrier.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from boundary import strict_json
from boundary.strict_json import Json
from exchange.oauth.refusal import refused_as
from exchange.openid4vci.messages import ResponseEncryption
from exchange.openid4vci.metadata import Encryption
from keys import jwe
from keys.jwe import DecryptionKey
from problems import MalformedValueError

ERROR: Final = "invalid_encryption_parameters"


def offered(keys: Sequence[DecryptionKey]) -> Encryption:
    """Return what an issuer that reads with ``keys`` says of it in its metadata."""
    return Encryption(tuple(key.public for key in keys), jwe.CIPHERS, (jwe.ALGORITHM,))


def encrypt_request(document: Json, offered: Encryption) -> str:
    """Return a request for the issuer that offers this; raise MalformedValueError when it does nothing
    that we do."""
    cipher = next((one for one in reversed(jwe.CIPHERS) if one in offered.methods), None)
    key = next((one for one in offered.keys if one.get("alg") == jwe.ALGORITHM), None)
    if cipher is None or key is None:
        raise MalformedValueError("vci.encryption_unknown")
    return jwe.encrypt(strict_json.encode(document), key, cipher)


def decrypt_request(token: str, keys: Mapping[str, DecryptionKey]) -> Json:
    """Return what a wallet encrypted for one of ``keys``, by ``kid``; raise ProtocolError."""
    with refused_as(ERROR):
        return strict_json.read_object(jwe.decrypt(token, keys))


def wanted(key: DecryptionKey, offered: Encryption) -> ResponseEncryption:
    """Return what a wallet says for the answer to be encrypted for its ``key``, of one conversation."""
    cipher = next((one for one in reversed(jwe.CIPHERS) if one in offered.methods), None)
    if cipher is None or jwe.ALGORITHM not in offered.algorithms:
        raise MalformedValueError("vci.encryption_unknown")
    return ResponseEncryption(key.public, cipher)


def encrypt_response(document: Json, wanted: ResponseEncryption) -> str:
    return jwe.encrypt(strict_json.encode(document), wanted.jwk, wanted.enc)


def decrypt_response(token: str, key: DecryptionKey) -> Json:
    """Raises ParsingError, LimitError, ProofVerificationError."""
    return strict_json.read_object(jwe.decrypt(token, {key.kid: key}))
