"""The authorization request (OpenID4VP 1.0 §5): made by the verifier, read strictly by the wallet.

A request travels as a signed request object (RFC 9101), or, only for ``redirect_uri:`` clients, as plain
parameters. What was signed is what counts: a wallet reads nothing from outside the object but
``client_id``, which must be the same.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias, get_args

from boundary import limits
from boundary.shape import a_list, an_object
from boundary.strict_json import Json, JsonValue
from exchange import dcql
from exchange.dcql import Query
from keys.jwe import ALGORITHM, CIPHERS
from keys.jwk import ALG
from keys.signer import Signer
from problems import MalformedValueError, ProtocolError
from proofs import jws

TYP: Final = "oauth-authz-req+jwt"
AUDIENCE: Final = "https://self-issued.me/v2"
"""For wallets whose metadata the verifier does not know (§5.8)."""
Mode: TypeAlias = Literal["direct_post", "direct_post.jwt"]
_LIFETIME: Final = dt.timedelta(minutes=5)
_SIGNING: Final = sorted(set(ALG.values()) & {"ES256", "ES384", "EdDSA"})
FORMATS: Final[Json] = {
    "dc+sd-jwt": {"sd-jwt_alg_values": list(_SIGNING), "kb-jwt_alg_values": list(_SIGNING)},
    "ldp_vc": {
        "proof_type_values": ["DataIntegrityProof"],
        "cryptosuite_values": ["eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023"],
    },
    "jwt_vc_json": {"alg_values": list(_SIGNING)},
}
"""``vp_formats_supported`` (§11.1, App. B)."""


@dataclass(frozen=True)
class Encryption:
    """To whom an answer is encrypted: a public JWK with ``kid`` and ``alg``, and the ciphers taken."""

    key: Json
    ciphers: tuple[str, ...] = CIPHERS


@dataclass(frozen=True)
class AuthorizationRequest:
    """``nonce`` has at least 128 bits; ``encryption`` is there if and only if the mode is direct_post.jwt."""

    client_id: str
    response_uri: str
    nonce: str
    query: Query
    mode: Mode = "direct_post"
    state: str | None = None
    encryption: Encryption | None = None
    transaction_data: tuple[str, ...] = ()
    formats: Mapping[str, JsonValue] = field(default_factory=lambda: dict(FORMATS))

    def parameters(self) -> Json:
        """Return the parameters of §5.1; nothing of older drafts, no ``redirect_uri``."""
        metadata: Json = {"vp_formats_supported": dict(self.formats)}
        if self.encryption:
            metadata["jwks"] = {"keys": [self.encryption.key]}
            metadata["encrypted_response_enc_values_supported"] = list(self.encryption.ciphers)
        said: Json = {
            "response_type": "vp_token",
            "response_mode": self.mode,
            "client_id": self.client_id,
            "response_uri": self.response_uri,
            "nonce": self.nonce,
            "dcql_query": self.query.to_json(),
            "client_metadata": metadata,
        }
        if self.state is not None:
            said["state"] = self.state
        if self.transaction_data:
            said["transaction_data"] = list(self.transaction_data)
        return said


def sign(
    request: AuthorizationRequest,
    signer: Signer,
    key: Json,
    now: dt.datetime,
    wallet_nonce: str | None = None,
) -> str:
    """Return the signed request object. ``key`` is how its header names the key: ``x5c`` or ``kid``.

    ``iss`` is left out: wallets are to ignore it, and some refuse one they did not expect.
    """
    claims: Json = {
        **request.parameters(),
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + _LIFETIME).timestamp()),
    }
    if wallet_nonce is not None:
        claims["wallet_nonce"] = wallet_nonce
    return jws.sign({"typ": TYP, **key}, claims, signer)


def read(said: Json) -> AuthorizationRequest:
    """Return the request in these parameters, from a request object or plain.

    Raises ProtocolError: ``invalid_request`` for what §5 forbids, ``invalid_transaction_data``,
    ``vp_formats_not_supported``.
    """
    if said.get("response_type") != "vp_token":
        raise ProtocolError("vp.response_type", error="unsupported_response_type")
    if "redirect_uri" in said:  # §8.2: with direct_post, never beside response_uri
        raise ProtocolError("vp.two_uris", error="invalid_request")
    if ("dcql_query" in said) == ("scope" in said):
        raise ProtocolError("vp.query", error="invalid_request")
    if "dcql_query" not in said:
        raise ProtocolError("vp.scope", error="invalid_scope")
    mode = said.get("response_mode")
    if mode not in get_args(Mode):
        raise ProtocolError("vp.mode", error="invalid_request")
    metadata = _metadata(said)
    request = AuthorizationRequest(
        client_id=_text(said, "client_id"),
        response_uri=_text(said, "response_uri"),
        nonce=_text(said, "nonce"),
        query=dcql.read(said["dcql_query"]),
        mode="direct_post.jwt" if mode == "direct_post.jwt" else "direct_post",
        state=_text(said, "state") if "state" in said else None,
        transaction_data=_transaction_data(said),
        formats=_formats(metadata),
    )
    if request.mode == "direct_post":
        return request
    return replace(request, encryption=_encryption(metadata))


def _text(said: Json, name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limits.URL_CHARS or not value.isascii():
        raise ProtocolError("vp.parameter", error="invalid_request", name=name)
    return value


def _metadata(said: Json) -> Json:
    value = said.get("client_metadata", {})
    if not isinstance(value, dict):
        raise ProtocolError("vp.parameter", error="invalid_request", name="client_metadata")
    return value


def _formats(metadata: Json) -> Mapping[str, JsonValue]:
    """Absent, they are known otherwise or not at all; present, one of them must be ours."""
    formats = metadata.get("vp_formats_supported", dict(FORMATS))
    if not isinstance(formats, dict) or not formats.keys() & FORMATS.keys():
        raise ProtocolError("vp.formats", error="vp_formats_not_supported")
    return formats


def _encryption(metadata: Json) -> Encryption:
    """Take the first key and the ciphers that we can use (§8.3); without any, the request is invalid."""
    try:
        keys = [
            an_object(key, "jwks")
            for key in a_list(an_object(metadata.get("jwks"), "jwks").get("keys"), "keys")
        ]
    except MalformedValueError:
        raise ProtocolError("vp.encryption", error="invalid_request") from None
    usable = [
        key for key in keys
        if key.get("kty") == "EC" and key.get("crv") == "P-256" and key.get("alg") == ALGORITHM
        and isinstance(key.get("kid"), str) and "d" not in key
    ]  # fmt: skip
    offered = metadata.get("encrypted_response_enc_values_supported", [CIPHERS[0]])
    ciphers = tuple(name for name in CIPHERS if isinstance(offered, list) and name in offered)
    if not usable or not ciphers:
        raise ProtocolError("vp.encryption", error="invalid_request")
    return Encryption(usable[0], ciphers)


def _transaction_data(said: Json) -> tuple[str, ...]:
    if "transaction_data" not in said:
        return ()
    value = said["transaction_data"]
    if not isinstance(value, list) or not 0 < len(value) <= limits.TRANSACTION_DATA:
        raise ProtocolError("vp.transaction_data", error="invalid_transaction_data")
    return tuple(_one_transaction(one) for one in value)


def _one_transaction(value: JsonValue) -> str:
    if not isinstance(value, str) or not value:
        raise ProtocolError("vp.transaction_data", error="invalid_transaction_data")
    return value
