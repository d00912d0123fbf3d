"""Resolve a DID to its document (DID Resolution 0.3): from itself, or from where it is published."""

from collections.abc import Mapping
from typing import Final

from boundary import limits, strict_json
from boundary.sources import Source
from boundary.strict_json import Json, JsonValue
from keys import multikey
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.dids import web as did_web
from keys.dids.resolve import resolution_error
from keys.jwk import to_jwk
from problems import MalformedValueError, Problem

MEDIA_TYPE: Final = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_CONTEXT: Final = "https://w3id.org/did-resolution/v1"
_DID_CONTEXT: Final = "https://www.w3.org/ns/did/v1"
_MULTIKEY: Final = "https://w3id.org/security/multikey/v1"
_JWK: Final = "https://w3id.org/security/suites/jws-2020/v1"


def document(did: str, web: Source) -> Json:
    """Return the document of ``did``; raise MalformedValueError, RetrievalError, ParsingError, LimitError."""
    if len(did) > limits.DID_CHARS or did.count(":") < 2 or not did.startswith("did:"):
        raise MalformedValueError("did.invalid")
    if "#" in did or "?" in did or "/" in did:
        raise MalformedValueError("did.url_invalid")
    if did.startswith(did_key.PREFIX):
        return _of_key(did)
    if did.startswith(did_jwk.PREFIX):
        return _of_jwk(did)
    if did.startswith(did_web.PREFIX):
        return _published(did, web)
    raise MalformedValueError("did.method_not_supported")


def resolve(did: str, web: Source) -> tuple[Json, Problem | None]:
    """Return a DID resolution result, and the problem that there was, if any."""
    try:
        return _result(document(did, web), {"contentType": "application/did+ld+json"}), None
    except Problem as problem:
        return _result(None, {"error": resolution_error(problem)}), problem


def _result(found: JsonValue, metadata: Mapping[str, JsonValue]) -> Json:
    return {
        "@context": _CONTEXT,
        "didDocument": found,
        "didDocumentMetadata": {},
        "didResolutionMetadata": dict(metadata),
    }


def _of_key(did: str) -> Json:
    key = did_key.public_key_of(did)
    name = did_key.verification_method(key)
    shown: Json = {"type": "Multikey", "publicKeyMultibase": multikey.encode(key)}
    return _of_one_key(did, name, _MULTIKEY, shown)


def _of_jwk(did: str) -> Json:
    key = did_jwk.public_key_of(did)
    shown: Json = {"type": "JsonWebKey2020", "publicKeyJwk": to_jwk(key)}
    return _of_one_key(did, f"{did}#0", _JWK, shown)


def _of_one_key(did: str, name: str, context: str, shown: Json) -> Json:
    return {
        "@context": [_DID_CONTEXT, context],
        "id": did,
        "verificationMethod": [{"id": name, "controller": did, **shown}],
        **{
            purpose: [name]
            for purpose in (
                "authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"
            )
        },
    }  # fmt: skip


def _published(did: str, web: Source) -> Json:
    found = strict_json.read_object(web.get(did_web.url_of(did)))
    if found.get("id") != did:
        raise MalformedValueError("did.document_id")
    return found
