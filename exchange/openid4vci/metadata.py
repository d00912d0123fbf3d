"""What a credential issuer says of itself, plain or signed (OpenID4VCI §12.2)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from boundary.shape import a_list, a_text, an_integer, an_object, texts
from boundary.strict_json import Json, JsonValue
from exchange.oauth.well_known import inserted
from exchange.openid4vci import proof
from exchange.openid4vci.key_attestation import Demand
from exchange.openid4vci.messages import PROOF_TYPES
from keys.resolver import Resolver
from keys.signer import Signer
from problems import MalformedValueError, ProofVerificationError
from proofs import jws

WELL_KNOWN: Final = "openid-credential-issuer"
TYP: Final = "openidvci-issuer-metadata+jwt"
SIGNED: Final = "application/jwt"
LIFETIME: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Configuration:
    """One kind of credential in one format. ``vct`` is of SD-JWT VC, ``types`` and ``contexts`` are of the
    others. ``proofs`` are the algorithms of key proofs (``jwt``), empty where none is asked for; ``attested``
    are those of attestations alone (``attestation``), ``demand`` what is asked of the keys. ``shown`` is how
    a wallet presents it (``credential_metadata``)."""

    format: str
    scope: str | None = None
    vct: str | None = None
    types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    signing: tuple[str, ...] = ()
    binding: tuple[str, ...] = proof.BINDING_METHODS
    proofs: tuple[str, ...] = proof.ALGORITHMS
    shown: Json = field(default_factory=dict)
    attested: tuple[str, ...] = ()
    demand: Demand | None = None

    def document(self) -> Json:
        members: Json = {
            "format": self.format,
            "scope": self.scope,
            "vct": self.vct,
            "credential_definition": self._definition(),
            "credential_signing_alg_values_supported": [*self.signing] or None,
            "cryptographic_binding_methods_supported": [*self.binding] or None,
            "proof_types_supported": self._proof_types() or None,
            "credential_metadata": self.shown or None,
        }
        return {name: value for name, value in members.items() if value is not None}

    def _proof_types(self) -> Json:
        asked: Json = {} if self.demand is None else {"key_attestations_required": self.demand.document()}
        kinds = {"jwt": self.proofs, "attestation": self.attested}
        return {
            kind: {"proof_signing_alg_values_supported": [*algorithms], **asked}
            for kind, algorithms in kinds.items()
            if algorithms
        }

    def _definition(self) -> JsonValue:
        if not self.types:
            return None
        contexts: Json = {"@context": [*self.contexts]} if self.contexts else {}
        return {**contexts, "type": [*self.types]}


@dataclass(frozen=True)
class Encryption:
    """How requests may be encrypted (``keys``, public, each with ``kid`` and ``alg``) and answers too."""

    keys: tuple[Json, ...]
    methods: tuple[str, ...]
    algorithms: tuple[str, ...]
    required: bool = False

    def document(self) -> Json:
        return {
            "credential_request_encryption": {
                "jwks": {"keys": [*self.keys]},
                "enc_values_supported": [*self.methods],
                "encryption_required": self.required,
            },
            "credential_response_encryption": {
                "alg_values_supported": [*self.algorithms],
                "enc_values_supported": [*self.methods],
                "encryption_required": self.required,
            },
        }


@dataclass(frozen=True)
class IssuerMetadata:
    """``authorization_servers`` is empty when the issuer is its own."""

    issuer: str
    credential_endpoint: str
    configurations: Mapping[str, Configuration]
    nonce_endpoint: str | None = None
    deferred_endpoint: str | None = None
    notification_endpoint: str | None = None
    authorization_servers: tuple[str, ...] = ()
    batch_size: int = 1
    display: tuple[Json, ...] = ()
    encryption: Encryption | None = None

    def document(self) -> Json:
        members: Json = {
            "credential_issuer": self.issuer,
            "authorization_servers": [*self.authorization_servers] or None,
            "credential_endpoint": self.credential_endpoint,
            "nonce_endpoint": self.nonce_endpoint,
            "deferred_credential_endpoint": self.deferred_endpoint,
            "notification_endpoint": self.notification_endpoint,
            "batch_credential_issuance": {"batch_size": self.batch_size} if self.batch_size > 1 else None,
            "display": [*self.display] or None,
            "credential_configurations_supported": {
                name: configuration.document() for name, configuration in self.configurations.items()
            },
            **(self.encryption.document() if self.encryption else {}),
        }
        return {name: value for name, value in members.items() if value is not None}


def address(issuer: str) -> str:
    """Return where the metadata of ``issuer`` stand (§12.2.2)."""
    return inserted(issuer, WELL_KNOWN)


def sign(metadata: Json, signer: Signer, now: dt.datetime) -> str:
    """Return the metadata as a token that names its signer by ``kid`` (§12.2.3)."""
    issued = int(now.timestamp())
    times: Json = {"sub": metadata["credential_issuer"], "iat": issued}
    times["exp"] = issued + int(LIFETIME.total_seconds())
    return jws.sign({"typ": TYP, "kid": signer.verification_method}, {**metadata, **times}, signer)


def verify(token: str, keys: Resolver, now: dt.datetime) -> tuple[Json, str]:
    """Return signed metadata and the party whose key signed them; whether to trust it is for the caller.

    Raises ProofVerificationError, what resolving raises, ParsingError, MalformedValueError.
    """
    signed = jws.parse(token)
    key = keys.resolve(jws.key_id(signed), "assertionMethod")
    jws.verify(signed, key.alone(), typ={TYP})
    claims = jws.claims(signed)
    if "exp" in claims and an_integer(claims["exp"], "exp") <= now.timestamp():
        raise ProofVerificationError("vci.metadata_expired")
    if a_text(claims.get("sub"), "sub") != claims.get("credential_issuer"):
        raise MalformedValueError("vci.metadata_mismatch")
    return claims, key.controller


def read(document: Json, issuer: str) -> IssuerMetadata:
    """Return what the document at :func:`address` says; raise MalformedValueError.

    Metadata of another issuer are not to be used (§12.2.4). Unknown members are ignored.
    """
    if document.get("credential_issuer") != issuer:
        raise MalformedValueError("vci.metadata_mismatch")
    offered = an_object(
        document.get("credential_configurations_supported"), "credential_configurations_supported"
    )
    batch = an_object(
        document.get("batch_credential_issuance", {"batch_size": 1}), "batch_credential_issuance"
    )
    return IssuerMetadata(
        issuer,
        a_text(document.get("credential_endpoint"), "credential_endpoint"),
        {name: _configuration(an_object(entry, name[:80])) for name, entry in offered.items()},
        _text(document, "nonce_endpoint"),
        _text(document, "deferred_credential_endpoint"),
        _text(document, "notification_endpoint"),
        tuple(texts(document.get("authorization_servers"), "authorization_servers")),
        an_integer(batch.get("batch_size"), "batch_size"),
        tuple(an_object(entry, "display") for entry in a_list(document.get("display", []), "display")),
        _encryption(document),
    )


def _configuration(entry: Json) -> Configuration:
    definition = an_object(entry.get("credential_definition", {}), "credential_definition")
    kinds = an_object(entry.get("proof_types_supported", {}), "proof_types_supported")
    by_jwt, alone = (an_object(kinds.get(kind, {}), kind) for kind in PROOF_TYPES)
    return Configuration(
        a_text(entry.get("format"), "format"),
        _text(entry, "scope"),
        _text(entry, "vct"),
        _texts(definition, "type"),
        tuple(context for context in _list(definition, "@context") if isinstance(context, str)),
        tuple(str(one) for one in _list(entry, "credential_signing_alg_values_supported")),
        _texts(entry, "cryptographic_binding_methods_supported"),
        _texts(by_jwt, "proof_signing_alg_values_supported"),
        an_object(entry.get("credential_metadata", {}), "credential_metadata"),
        _texts(alone, "proof_signing_alg_values_supported"),
        _demand(by_jwt) or _demand(alone),
    )


def _demand(kind: Json) -> Demand | None:
    if "key_attestations_required" not in kind:
        return None
    return Demand.read(an_object(kind["key_attestations_required"], "key_attestations_required"))


def _encryption(document: Json) -> Encryption | None:
    if "credential_request_encryption" not in document:
        return None
    request = an_object(document["credential_request_encryption"], "credential_request_encryption")
    response = an_object(document.get("credential_response_encryption", {}), "credential_response_encryption")
    jwks = an_object(request.get("jwks"), "jwks")
    return Encryption(
        tuple(an_object(key, "keys") for key in a_list(jwks.get("keys"), "keys")),
        _texts(request, "enc_values_supported"),
        _texts(response, "alg_values_supported"),
        request.get("encryption_required") is True or response.get("encryption_required") is True,
    )


def _text(node: Json, name: str) -> str | None:
    return a_text(node[name], name) if node.get(name) is not None else None


def _texts(node: Json, name: str) -> tuple[str, ...]:
    return tuple(texts(node.get(name), name))


def _list(node: Json, name: str) -> list[JsonValue]:
    return a_list(node.get(name, []), name)
