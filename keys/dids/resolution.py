"""Resolve a DID to its document, and a DID URL to a part of it (DID Resolution 0.3), over HTTP or not."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from boundary import limits, strict_json
from boundary.shape import many
from boundary.sources import Source
from boundary.strict_json import Json, JsonValue
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.dids import web as did_web
from keys.dids.key_formats import MULTIKEY, KeyFormat, of_one_key, required_format
from keys.dids.resolve import resolution_error
from problems import MalformedValueError, Problem

MEDIA_TYPE: Final = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_CONTEXT: Final = "https://w3id.org/did-resolution/v1"
_DOCUMENT: Final = {"contentType": "application/did+ld+json"}
_MORE_THAN_DID: Final = "/?#"
Metadata: TypeAlias = Literal["didResolutionMetadata", "didDereferencingMetadata"]


def document(did: str, web: Source, key_format: KeyFormat = MULTIKEY) -> Json:
    """Return the document of ``did``; raise MalformedValueError, RetrievalError, ParsingError, LimitError."""
    _require_did(did)
    if did.startswith(did_key.PREFIX):
        key = did_key.public_key_of(did)
        return of_one_key(did, did_key.verification_method(key), key, key_format)
    if did.startswith(did_jwk.PREFIX):
        return of_one_key(did, f"{did}#0", did_jwk.public_key_of(did), "JsonWebKey2020")
    if did.startswith(did_web.PREFIX):
        return _published(did, web)
    raise MalformedValueError("did.method_not_supported")


def resolve(
    name: str, web: Source, key_format: str = MULTIKEY, *, experimental: bool = False
) -> tuple[Json, Problem | None]:
    """Return what stands behind a DID or a DID URL, and the problem that there was, if any.

    ``key_format`` and ``experimental`` are the options ``publicKeyFormat`` and
    ``enableExperimentalPublicKeyTypes`` of the did:key method (v0.9 §3.1).
    """
    url = any(sign in name for sign in _MORE_THAN_DID)
    said: Metadata = "didDereferencingMetadata" if url else "didResolutionMetadata"
    try:
        chosen = required_format(key_format, experimental=experimental)
        found = _part(name, web, chosen) if url else document(name, web, chosen)
    except Problem as problem:
        return _result(None, said, {"error": resolution_error(problem)}), problem
    return _result(found, said, _DOCUMENT), None


def _result(found: Json | None, said: Metadata, metadata: Mapping[str, JsonValue]) -> Json:
    return {"@context": _CONTEXT, "didDocument": found, "didDocumentMetadata": {}, said: dict(metadata)}


def _part(url: str, web: Source, key_format: KeyFormat) -> Json:
    """Return the object with this id in the document (DID Resolution 0.3 §4.4, fragments alone)."""
    did, _, fragment = url.partition("#")
    if not fragment or any(sign in did or sign in fragment for sign in _MORE_THAN_DID):
        raise MalformedValueError("did.url_invalid")
    for part in _parts(document(did, web, key_format)):
        if part.get("id") in (url, f"#{fragment}"):
            return part
    raise MalformedValueError("did.url_not_found")


def _parts(document: Json) -> Iterator[Json]:
    return (part for value in document.values() for part in many(value) if isinstance(part, dict))


def _require_did(did: str) -> None:
    if len(did) > limits.DID_CHARS or did.count(":") < 2 or not did.startswith("did:"):
        raise MalformedValueError("did.invalid")
    if any(sign in did for sign in _MORE_THAN_DID):
        raise MalformedValueError("did.url_invalid")


def _published(did: str, web: Source) -> Json:
    found = strict_json.read_object(web.get(did_web.url_of(did)))
    if found.get("id") != did:
        raise MalformedValueError("did.document_id")
    return found
