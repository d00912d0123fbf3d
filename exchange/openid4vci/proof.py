"""The key proof: the wallet holds the key to which it wants the credential bound (OpenID4VCI Appendix F)."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json
from exchange.oauth.dpop import require_recent
from exchange.oauth.refusal import refused_as
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.dids.resolve import resolver
from keys.jwk import ALG, from_jwk, to_jwk
from keys.public import PublicKey
from keys.signer import Signer
from problems import ProtocolError
from proofs import jws

TYP: Final = "openid4vci-proof+jwt"
ERROR: Final = "invalid_proof"
ALGORITHMS: Final = ("ES256", "EdDSA")
"""Those of the keys that a credential of ours can be bound to."""
BINDING_METHODS: Final = ("jwk", "did:key", "did:jwk")
Naming: TypeAlias = Literal["jwk", "did:key", "did:jwk"]

_KEY_MEMBERS: Final = ("kid", "jwk", "x5c")
_DIDS: Final = resolver()


@dataclass(frozen=True)
class KeyProof:
    """``holder`` is the key as the DID that the wallet called it, a did:key if it showed the key itself.

    ``attestation`` is what the wallet's provider says of the key, as it came: nothing of it was checked.
    """

    holder: str
    key: PublicKey
    nonce: str
    attestation: str | None = None


def make(
    signer: Signer,
    key: PublicKey,
    issuer: str,
    now: dt.datetime,
    *,
    nonce: str | None,
    client_id: str | None = None,
    naming: Naming = "jwk",
    attestation: str | None = None,
) -> str:
    """Return the proof of ``signer``, whose public half is ``key``, for the credential issuer ``issuer``.

    ``client_id`` is left out by a wallet that did not name itself to the token endpoint (F.1).
    ``attestation`` is its provider's word for this key (:mod:`exchange.openid4vci.key_attestation`).
    """
    claims: Json = {"aud": issuer, "iat": int(now.timestamp())}
    if nonce is not None:
        claims["nonce"] = nonce
    if client_id is not None:
        claims["iss"] = client_id
    attested: Json = {} if attestation is None else {"key_attestation": attestation}
    return jws.sign({"typ": TYP, **_named(key, naming), **attested}, claims, signer)


def _named(key: PublicKey, naming: Naming) -> Json:
    if naming == "jwk":
        return {"jwk": to_jwk(key)}
    module = did_key if naming == "did:key" else did_jwk
    return {"kid": module.verification_method(key)}


def check(text: str, issuer: str, now: dt.datetime, *, client_id: str | None) -> KeyProof:
    """Return whose key a proof is of, and the nonce that it was made with, which the caller still has to use.

    ``client_id`` is who got the access token, None for nobody by name. Raises ProtocolError
    ``invalid_proof`` (F.4).
    """
    with refused_as(ERROR):
        return _checked(text, issuer, now, client_id)


def _checked(text: str, issuer: str, now: dt.datetime, client_id: str | None) -> KeyProof:
    token = jws.parse(text)
    holder, key = _holder(token.header)
    if ALG.get(key.algorithm) not in ALGORITHMS:
        raise ProtocolError("vci.proof_algorithm", error=ERROR, known=", ".join(ALGORITHMS))
    jws.verify(token, key, typ={TYP})
    claims = jws.claims(token)
    if claims.get("aud") != issuer:
        raise ProtocolError("vci.proof_audience", error=ERROR)
    if "iss" in claims and (client_id is None or claims["iss"] != client_id):
        raise ProtocolError("vci.proof_client", error=ERROR)
    require_recent(an_integer(claims.get("iat"), "iat"), now)
    if "nonce" not in claims:
        raise ProtocolError("vci.proof_nonce", error=ERROR)
    attested = token.header.get("key_attestation")
    return KeyProof(
        holder,
        key,
        a_text(claims["nonce"], "nonce"),
        None if attested is None else a_text(attested, "key_attestation"),
    )


def _holder(header: Json) -> tuple[str, PublicKey]:
    """Exactly one member names the key (F.1). Certificates are for wallets' providers: not taken here."""
    given = [name for name in _KEY_MEMBERS if name in header]
    if len(given) != 1 or given == ["x5c"]:
        raise ProtocolError("vci.proof_key", error=ERROR)
    if given == ["jwk"]:
        key = from_jwk(an_object(header["jwk"], "jwk"))
        return did_key.did(key), key
    found = _DIDS.resolve(a_text(header["kid"], "kid"), "authentication")
    return found.controller, found.key
