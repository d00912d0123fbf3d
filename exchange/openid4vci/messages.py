"""The credential request and what answers it; nonces, deferral and notifications (OpenID4VCI §7 to §11)."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from boundary.shape import a_list, a_text, an_integer, an_object
from boundary.strict_json import Json, JsonValue
from exchange.oauth.refusal import refused_as
from keys import jwe
from problems import MalformedValueError, ProtocolError

ERROR: Final = "invalid_credential_request"
PROOF_TYPES: Final = ("jwt", "attestation")
Event: TypeAlias = Literal["credential_accepted", "credential_failure", "credential_deleted"]
Credential: TypeAlias = str | Json
"""A token, or, of Data Integrity, the document (Appendix A)."""

_PRINTABLE: Final = re.compile(r"[ -!#-\[\]-~]{0,1000}")


@dataclass(frozen=True)
class ResponseEncryption:
    """The key and the method with which the answer is to be encrypted (§8.2)."""

    jwk: Json
    enc: str

    def document(self) -> Json:
        return {"jwk": self.jwk, "enc": self.enc}


@dataclass(frozen=True)
class CredentialRequest:
    """``identifier`` when the token response gave some, ``configuration`` otherwise. ``proofs`` are key
    proofs of type ``jwt``, a credential being asked for each; ``attestation`` stands in their place where
    a provider's word for the keys is enough (F.3)."""

    configuration: str | None = None
    identifier: str | None = None
    proofs: tuple[str, ...] = ()
    encryption: ResponseEncryption | None = None
    attestation: str | None = None

    def document(self) -> Json:
        members: Json = {
            "credential_configuration_id": self.configuration,
            "credential_identifier": self.identifier,
            "proofs": self._proofs(),
            "credential_response_encryption": self.encryption.document() if self.encryption else None,
        }
        return {name: value for name, value in members.items() if value is not None}

    def _proofs(self) -> Json | None:
        if self.attestation is not None:
            return {"attestation": [self.attestation]}
        return {"jwt": [*self.proofs]} if self.proofs else None


def read_request(document: Json) -> CredentialRequest:
    """Return what is asked for; raise ProtocolError. Unknown members are ignored (§8.2)."""
    with refused_as(ERROR):
        configuration, identifier = (
            _optional_text(document, f"credential_{name}") for name in ("configuration_id", "identifier")
        )
        if (configuration is None) == (identifier is None):
            raise ProtocolError("vci.request_names", error=ERROR)
        kind, proofs = _proofs(document)
        encryption = read_encryption(document)
        if kind == "jwt":
            return CredentialRequest(configuration, identifier, proofs, encryption)
        if len(proofs) != 1:  # F: exactly one, for however many keys
            raise ProtocolError("vci.proof_type", error="invalid_proof")
        return CredentialRequest(configuration, identifier, (), encryption, proofs[0])


def _proofs(document: Json) -> tuple[str, tuple[str, ...]]:
    """One type of proof, ``jwt`` or ``attestation``; at least one of it."""
    if "proofs" not in document:
        raise ProtocolError("vci.proof_missing", error="invalid_proof")
    with refused_as("invalid_proof"):
        given = an_object(document["proofs"], "proofs")
        kind = next(iter(given), "")
        if len(given) != 1 or kind not in PROOF_TYPES:
            raise ProtocolError("vci.proof_type", error="invalid_proof")
        proofs = a_list(given[kind], f"proofs.{kind}")
        if not proofs:
            raise ProtocolError("vci.proof_missing", error="invalid_proof")
        return kind, tuple(a_text(proof, f"proofs.{kind}") for proof in proofs)


def read_encryption(document: Json) -> ResponseEncryption | None:
    """Return ``credential_response_encryption``; compression is refused, for want of any bound on it."""
    if "credential_response_encryption" not in document:
        return None
    with refused_as("invalid_encryption_parameters"):
        given = an_object(document["credential_response_encryption"], "credential_response_encryption")
        if "zip" in given:
            raise ProtocolError("vci.encryption_zip", error="invalid_encryption_parameters")
        jwk, enc = an_object(given.get("jwk"), "jwk"), a_text(given.get("enc"), "enc")
        a_text(jwk.get("alg"), "jwk.alg")  # §10: it must be there
        jwe.encrypt(b"", jwk, enc)  # what cannot be used is refused before anything is issued
        return ResponseEncryption(jwk, enc)


@dataclass(frozen=True)
class CredentialResponse:
    credentials: tuple[Credential, ...]
    notification_id: str | None = None

    def document(self) -> Json:
        listed: list[JsonValue] = [{"credential": credential} for credential in self.credentials]
        noted: Json = {"notification_id": self.notification_id} if self.notification_id else {}
        return {"credentials": listed, **noted}


@dataclass(frozen=True)
class Deferred:
    """Not yet: the wallet asks again after ``interval`` seconds."""

    transaction_id: str
    interval: int

    def document(self) -> Json:
        return {"transaction_id": self.transaction_id, "interval": self.interval}


def read_response(document: Json) -> CredentialResponse | Deferred:
    """Return what a credential endpoint answered with; raise MalformedValueError."""
    if "transaction_id" in document:
        interval = an_integer(document.get("interval"), "interval")
        return Deferred(a_text(document["transaction_id"], "transaction_id"), max(1, interval))
    entries = a_list(document.get("credentials"), "credentials")
    if not entries:
        raise MalformedValueError("vci.no_credential")
    return CredentialResponse(
        tuple(_credential(an_object(entry, "credentials")) for entry in entries),
        _optional_text(document, "notification_id"),
    )


def _credential(entry: Json) -> Credential:
    found = entry.get("credential")
    return found if isinstance(found, dict) else a_text(found, "credential")


@dataclass(frozen=True)
class DeferredRequest:
    transaction_id: str
    encryption: ResponseEncryption | None = None

    def document(self) -> Json:
        wanted: Json = (
            {"credential_response_encryption": self.encryption.document()} if self.encryption else {}
        )
        return {"transaction_id": self.transaction_id, **wanted}


def read_deferred(document: Json) -> DeferredRequest:
    """Raises ProtocolError."""
    with refused_as(ERROR):
        transaction = a_text(document.get("transaction_id"), "transaction_id")
    return DeferredRequest(transaction, read_encryption(document))


@dataclass(frozen=True)
class Notification:
    notification_id: str
    event: Event
    description: str | None = None

    def document(self) -> Json:
        said: Json = {"event_description": self.description} if self.description else {}
        return {"notification_id": self.notification_id, "event": self.event, **said}


def read_notification(document: Json) -> Notification:
    """Raises ProtocolError (§11.3)."""
    with refused_as("invalid_notification_request"):
        event = next((known for known in get_args(Event) if known == document.get("event")), None)
        description = _optional_text(document, "event_description")
        if event is None or not _PRINTABLE.fullmatch(description or ""):
            raise ProtocolError("vci.notification", error="invalid_notification_request")
        return Notification(a_text(document.get("notification_id"), "notification_id"), event, description)


def nonce_document(nonce: str) -> Json:
    """Return the answer of the nonce endpoint (§7.2)."""
    return {"c_nonce": nonce}


def read_nonce(document: Json) -> str:
    """Raises MalformedValueError."""
    return a_text(document.get("c_nonce"), "c_nonce")


def _optional_text(document: Json, name: str) -> str | None:
    return a_text(document[name], name) if document.get(name) is not None else None
