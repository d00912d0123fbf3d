"""A chain of certificates, as a token's ``x5c`` header brings it (RFC 7515 §4.1.6) or a file holds it.

What a chain says counts only after :func:`check` followed it to an anchor that the caller trusts.
"""

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification

from boundary import base64url, limits
from boundary.strict_json import JsonValue
from keys.public import PublicKey, public_key
from keys.signer import Algorithm
from problems import MalformedValueError, ProofVerificationError

_CURVES: Final[dict[str, Algorithm]] = {"secp256r1": "P-256", "secp384r1": "P-384"}


@dataclass(frozen=True)
class Chain:
    """``certificates`` are in order: the one of the key itself first, each signed by the next."""

    certificates: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        return self.certificates[0]

    @cached_property
    def key(self) -> PublicKey:
        """Return the key that the chain is about; raise MalformedValueError for one that is not supported."""
        found = self.leaf.public_key()
        if isinstance(found, Ed25519PublicKey):
            return public_key("Ed25519", found)
        if isinstance(found, ec.EllipticCurvePublicKey) and found.curve.name in _CURVES:
            return public_key(_CURVES[found.curve.name], found)
        raise MalformedValueError("x509.key")

    @property
    def dns_names(self) -> tuple[str, ...]:
        return tuple(self._names.get_values_for_type(x509.DNSName)) if self._names else ()

    @property
    def uris(self) -> tuple[str, ...]:
        return tuple(self._names.get_values_for_type(x509.UniformResourceIdentifier)) if self._names else ()

    @property
    def organisation(self) -> str | None:
        """Return the organisation's name as its certificate says it."""
        found = self.leaf.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
        return str(found[0].value) if found else None

    @property
    def until(self) -> dt.datetime:
        """Return when the first of the certificates ends."""
        return min(one.not_valid_after_utc for one in self.certificates)

    @property
    def digest(self) -> str:
        """Return the base64url SHA-256 of the leaf, as ``x509_hash`` names it (OpenID4VP 1.0 §5.9.3)."""
        return base64url.encode(hashlib.sha256(self.leaf.public_bytes(Encoding.DER)).digest())

    @property
    def authority_keys(self) -> frozenset[str]:
        """Return the base64url authority key identifiers of the chain (``aki`` of DCQL §6.1.1.1)."""
        found = [_authority_key(certificate) for certificate in self.certificates]
        return frozenset(base64url.encode(key) for key in found if key)

    @property
    def x5c(self) -> list[JsonValue]:
        """Return the chain as a header carries it."""
        return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in self.certificates]

    @property
    def pem(self) -> bytes:
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.certificates)

    @cached_property
    def _names(self) -> x509.SubjectAlternativeName | None:
        try:
            return self.leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return None


def read_x5c(value: JsonValue) -> Chain:
    """Return the chain in an ``x5c`` header; raise MalformedValueError ``x509.malformed``."""
    if not isinstance(value, list) or not 0 < len(value) <= limits.X509_CHAIN:
        raise MalformedValueError("x509.malformed")
    return _chain([_loaded(text) for text in value])


def read_pem(data: bytes) -> Chain:
    """Return the chain in a PEM file, the certificate of the key first; raise MalformedValueError."""
    try:
        certificates = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise MalformedValueError("x509.malformed") from None
    if len(certificates) > limits.X509_CHAIN:
        raise MalformedValueError("x509.malformed")
    return _chain(certificates)


def read_anchors(data: bytes) -> tuple[x509.Certificate, ...]:
    """Return the authorities in a PEM file, whichever else it holds; raise MalformedValueError."""
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise MalformedValueError("x509.malformed") from None
    if len(found) > limits.X509_ANCHORS:
        raise MalformedValueError("x509.malformed")
    return tuple(found)


def _chain(certificates: Sequence[x509.Certificate]) -> Chain:
    """Reading the names and the key now says early what cannot be used."""
    chain = Chain(tuple(certificates))
    try:
        _ = chain.key, chain.dns_names, chain.authority_keys
    except ValueError:
        raise MalformedValueError("x509.malformed") from None
    return chain


def _loaded(text: JsonValue) -> x509.Certificate:
    """Base64 with padding, not base64url (RFC 7515 §4.1.6)."""
    if not isinstance(text, str) or len(text) > limits.X509_CHARS:
        raise MalformedValueError("x509.malformed")
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        raise MalformedValueError("x509.malformed") from None


def check(chain: Chain, anchors: Sequence[x509.Certificate], now: dt.datetime) -> None:
    """Return when the chain leads to one of ``anchors`` at ``now``.

    Raises ProofVerificationError: ``x509.self_signed`` for a leaf that vouches for itself and
    ``x509.anchor_sent`` for a chain that brings its own anchor (HAIP 1.0 §6.1.1), ``x509.untrusted`` for one
    that leads nowhere we know, has ended or has not begun.
    """
    if chain.leaf.issuer == chain.leaf.subject:
        raise ProofVerificationError("x509.self_signed")
    if any(anchor in chain.certificates for anchor in anchors):
        raise ProofVerificationError("x509.anchor_sent")
    if not anchors:
        raise ProofVerificationError("x509.untrusted")
    # Extended key usages for signing credentials differ by profile; constraints of authorities do not.
    anyone = verification.ExtensionPolicy.permit_all()
    authorities = verification.ExtensionPolicy.webpki_defaults_ca()
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(anchors)))
        .time(now)
        .extension_policies(ee_policy=anyone, ca_policy=authorities)
        .build_client_verifier()
    )
    try:
        verifier.verify(chain.leaf, list(chain.certificates[1:]))
    except verification.VerificationError:
        raise ProofVerificationError("x509.untrusted") from None


def _authority_key(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.key_identifier
