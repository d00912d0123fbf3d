"""Keys that a wallet's provider vouches for (OpenID4VCI Appendix D): where they are kept, who may use them.

The provider is trusted by the anchor to which the chain in its token leads, as for the wallet itself
(:mod:`exchange.oauth.attestation`; HAIP 1.0 §4.5.1).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from boundary import limits
from boundary.shape import a_list, a_text, an_integer, an_object, texts
from boundary.strict_json import Json
from exchange.oauth.attestation import verify_by_chain
from exchange.oauth.refusal import refused_as
from keys.jwk import from_jwk, to_jwk
from keys.public import PublicKey
from keys.signer import Signer
from keys.x509.chain import Chain
from problems import ProofVerificationError
from proofs import jws

TYP: Final = "key-attestation+jwt"
_TYPES: Final = frozenset({TYP, "keyattestation+jwt"})  # the second in drafts, by which some still sign
ERROR: Final = "invalid_proof"


@dataclass(frozen=True)
class Demand:
    """What an issuer asks of keys (``key_attestations_required``, §12.2.4): one of each that it lists."""

    key_storage: tuple[str, ...] = ()
    user_authentication: tuple[str, ...] = ()

    def document(self) -> Json:
        members: Json = {
            "key_storage": [*self.key_storage],
            "user_authentication": [*self.user_authentication],
        }
        return {name: value for name, value in members.items() if value}

    @classmethod
    def read(cls, said: Json) -> "Demand":
        """Raises MalformedValueError."""
        return cls(_texts(said, "key_storage"), _texts(said, "user_authentication"))

    def met_by(self, key_storage: Sequence[str], user_authentication: Sequence[str]) -> bool:
        return _one_of(self.key_storage, key_storage) and _one_of(
            self.user_authentication, user_authentication
        )


@dataclass(frozen=True)
class KeyAttestation:
    """What a provider says of ``keys``. ``status`` is where it says what has become of them, if anywhere."""

    keys: tuple[PublicKey, ...]
    nonce: str | None
    key_storage: tuple[str, ...]
    user_authentication: tuple[str, ...]
    status: Json | None


def attest(
    provider: Signer,
    chain: Chain,
    keys: Sequence[PublicKey],
    now: dt.datetime,
    expires: dt.datetime,
    *,
    nonce: str | None = None,
    key_storage: Sequence[str] = (),
    user_authentication: Sequence[str] = (),
) -> str:
    """Return the provider's word for ``keys``, all kept in one place; ``nonce`` is the issuer's."""
    claims: Json = {
        "iat": int(now.timestamp()),
        "exp": int(expires.timestamp()),
        "attested_keys": [to_jwk(key) for key in keys],
        "key_storage": [*key_storage] or None,
        "user_authentication": [*user_authentication] or None,
        "nonce": nonce,
    }
    said: Json = {name: value for name, value in claims.items() if value is not None}
    return jws.sign({"typ": TYP, "x5c": chain.x5c}, said, provider)


def check(
    text: str, anchors: Sequence[x509.Certificate], now: dt.datetime, *, with_proof: bool
) -> KeyAttestation:
    """Return what a provider that is trusted says of keys; ``with_proof`` when one of them signed a proof
    beside it, which then has to say how long it holds. Raises ProtocolError ``invalid_proof``.

    Whether ``nonce`` is good and the attestation was revoked is left to the caller.
    """
    with refused_as(ERROR):
        token = jws.parse(text)
        verify_by_chain(token, _TYPES, anchors, now)
        claims = jws.claims(token)
        _check_times(claims, now, with_proof=with_proof)
        listed = a_list(claims.get("attested_keys"), "attested_keys")
        if not 0 < len(listed) <= limits.ATTESTED_KEYS:
            raise ProofVerificationError("attestation.keys", limit=limits.ATTESTED_KEYS)
        return KeyAttestation(
            tuple(from_jwk(an_object(one, "attested_keys")) for one in listed),
            a_text(claims["nonce"], "nonce") if "nonce" in claims else None,
            _texts(claims, "key_storage"),
            _texts(claims, "user_authentication"),
            an_object(claims["status"], "status") if "status" in claims else None,
        )


def _check_times(claims: Json, now: dt.datetime, *, with_proof: bool) -> None:
    if an_integer(claims.get("iat"), "iat") > now.timestamp() + limits.CLOCK_SKEW_SECONDS:
        raise ProofVerificationError("attestation.expired")
    if ("exp" in claims or with_proof) and an_integer(claims.get("exp"), "exp") <= now.timestamp():
        raise ProofVerificationError("attestation.expired")


def _one_of(wanted: Sequence[str], given: Sequence[str]) -> bool:
    return not wanted or bool(set(wanted) & set(given))


def _texts(said: Json, name: str) -> tuple[str, ...]:
    return tuple(texts(said[name], name)) if name in said else ()
