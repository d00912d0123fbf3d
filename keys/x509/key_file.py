"""A key and the certificates about it in one PEM file, for its owner's eyes only."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from keys.local import LocalSigner, secret_of
from keys.public import SCALAR_BYTES
from keys.x509.chain import Chain, read_pem
from problems import MalformedValueError


def write(signer: LocalSigner, chain: Chain) -> bytes:
    """Return a P-256 key and its chain, unsealed."""
    key = ec.derive_private_key(int.from_bytes(secret_of(signer), "big"), ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain.pem


def read(pem: bytes) -> tuple[LocalSigner, Chain]:
    """Return what :func:`write` wrote; raise MalformedValueError ``x509.malformed`` for anything else."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise MalformedValueError("x509.malformed") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise MalformedValueError("x509.malformed")
    secret = key.private_numbers().private_value.to_bytes(SCALAR_BYTES["P-256"], "big")
    signer, chain = LocalSigner.from_secret("P-256", secret), read_pem(pem)
    if chain.key != signer.public_key:
        raise MalformedValueError("x509.malformed")
    return signer, chain
