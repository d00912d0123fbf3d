"""did:web: an organisation's keys, published under a host name that it controls (did:web method).

Only a strict subset is accepted: a lower-case host name, a port, and plain path segments. Nobody
needs more, and every further spelling is a way to name one thing twice or to point elsewhere.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from boundary import date_time_stamp, limits, strict_json, urls
from boundary.sources import Source
from boundary.strict_json import Json, JsonValue
from keys import multikey
from keys.dids import document as documents
from keys.jwk import has_jwk, to_jwk
from keys.record import KeyRecord
from keys.resolver import Purpose, VerificationKey
from problems import MalformedValueError

PREFIX: Final = "did:web:"
JWK_TWIN: Final = "-jwk"
"""Each key is published twice, ``#key-1`` as Multikey and ``#key-1-jwk`` as JWK (see :func:`document`)."""

_SEGMENT: Final = re.compile(r"[A-Za-z0-9._-]+")
_VOCABULARY: Final = "https://w3id.org/passeport/vocab#"
_CONTEXT: Final[list[JsonValue]] = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    {
        "revocationReason": _VOCABULARY + "revocationReason",
        "revokedPurpose": {"@id": _VOCABULARY + "revokedPurpose", "@container": "@set"},
        "signsOnlyWith": {"@id": _VOCABULARY + "signsOnlyWith", "@type": "@id", "@container": "@set"},
    },
]


def url_of(did: str) -> str:
    """Return the https address of the DID's document; raise MalformedValueError."""
    if not did.startswith(PREFIX) or len(did) > limits.DID_CHARS:
        raise MalformedValueError("did.invalid")
    authority, *path = did.removeprefix(PREFIX).split(":")
    host, colon, port = authority.partition("%3A")
    if not urls.is_host(host) or (colon and not urls.is_port(port)) or not all(map(_is_segment, path)):
        raise MalformedValueError("did.invalid")
    place = "/".join(path) or ".well-known"
    return f"https://{host}{colon and ':' + port}/{place}/did.json"


def _is_segment(text: str) -> bool:
    return _SEGMENT.fullmatch(text) is not None and text not in (".", "..")


@dataclass(frozen=True)
class DidWeb:
    """Resolves did:web from a source: the guarded fetcher, a pinned folder, or both."""

    source: Source

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        did, _, fragment = verification_method.partition("#")
        if not fragment:
            raise MalformedValueError("did.url_invalid")
        found = strict_json.read_object(self.source.get(url_of(did)))
        return documents.find(found, did, verification_method, purpose)


def document(did: str, keys: Sequence[KeyRecord]) -> Json:
    """Return the document to publish: every key that ever signed or soon will, with its history.

    Pending, active and retired keys are listed for their purposes, so that what was signed before a
    rotation still verifies. A revoked key stays a verification method, with ``revoked`` (CID 1.0 §2.2)
    and our ``revocationReason``; when it was compromised it leaves its purposes, so that verifiers who
    ignore ``revoked`` refuse it altogether, and ``revokedPurpose`` says what it had been for, so that
    those who can evidence the time of a signature may still judge it (design rule 2).

    Each key has two names, because readers differ: Data Integrity libraries want Multikey, and some
    JWT libraries find a key only as ``publicKeyJwk`` of type JsonWebKey2020. A key that has no such form
    has one name.

    A key that signs only together with another says so (``signsOnlyWith``), under both names: whoever
    strips one of two signatures from a document does not reach this one.
    """
    url_of(did)
    result: Json = {
        "@context": list(_CONTEXT),
        "id": did,
        "verificationMethod": [method for key in keys for method in _both_forms(did, key)],
    }
    for purpose in ("assertionMethod", "authentication"):
        names = [
            name for key in keys if _is_listed(key) and purpose in key.purposes for name in _names(did, key)
        ]
        if names:
            result[purpose] = names
    return result


def _is_listed(key: KeyRecord) -> bool:
    return key.revocation is None or key.revocation.reason != "compromised"


def _names(did: str, key: KeyRecord) -> list[JsonValue]:
    name = f"{did}#{key.id}"
    return [name, name + JWK_TWIN] if has_jwk(key.key.algorithm) else [name]


def _both_forms(did: str, key: KeyRecord) -> list[JsonValue]:
    name, *twins = _names(did, key)
    multi: Json = {"id": name, "type": "Multikey", "controller": did}
    history = _with(did, key) | _history(key)
    return [
        {**multi, "publicKeyMultibase": multikey.encode(key.key), **history},
        *(
            {
                "id": twin,
                "type": "JsonWebKey2020",
                "controller": did,
                "publicKeyJwk": to_jwk(key.key),
                **history,
            }
            for twin in twins
        ),
    ]


def _with(did: str, key: KeyRecord) -> Json:
    return {} if key.companion is None else {"signsOnlyWith": [f"{did}#{key.companion}"]}


def _history(key: KeyRecord) -> Json:
    if key.revocation is None:
        return {}
    return {
        "revoked": date_time_stamp.write(key.revocation.at),
        "revocationReason": key.revocation.reason,
        "revokedPurpose": list(key.purposes),
    }
