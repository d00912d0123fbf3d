"""Issuers named by an https address: their keys stand in JWT VC Issuer Metadata (SD-JWT VC §5).

A verification method is the issuer's address, ``#`` and the key's ``kid``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from boundary import limits, strict_json, urls
from boundary.shape import a_list, a_text, an_object
from boundary.sources import Source
from boundary.strict_json import Json, JsonValue
from keys.jwk import ALG, from_jwk, has_jwk, to_jwk
from keys.record import KeyRecord
from keys.resolver import Purpose, VerificationKey
from problems import LimitError, MalformedValueError, ProofVerificationError

_WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"


def url_of(issuer: str) -> str:
    """Return where the metadata stand: the well-known path *inserted* between host and path (§5.1)."""
    address = urls.parse(issuer)
    if address.query is not None:
        raise MalformedValueError("url.refused")
    return f"https://{address.authority}{_WELL_KNOWN}{address.path.rstrip('/')}"


@dataclass(frozen=True)
class HttpsIssuer:
    """Resolves ``https://issuer.example#kid``; such keys sign credentials and nothing else."""

    source: Source

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        issuer, _, kid = verification_method.partition("#")
        if not kid:
            raise MalformedValueError("did.url_invalid")
        if purpose != "assertionMethod":
            raise ProofVerificationError("did.purpose", purpose=purpose)
        metadata = strict_json.read_object(self.source.get(url_of(issuer)))
        if metadata.get("issuer") != issuer:
            raise MalformedValueError("issuer_metadata.issuer")
        key = from_jwk(_by_kid(self._keys(metadata), kid))
        return VerificationKey(key, verification_method, issuer)

    def _keys(self, metadata: Json) -> list[JsonValue]:
        """§5.2: exactly one of ``jwks`` and ``jwks_uri``."""
        if ("jwks" in metadata) == ("jwks_uri" in metadata):
            raise MalformedValueError("issuer_metadata.keys")
        if "jwks" in metadata:
            jwks = an_object(metadata["jwks"], "jwks")
        else:
            address = a_text(metadata["jwks_uri"], "jwks_uri")
            jwks = strict_json.read_object(self.source.get(address))
        keys = a_list(jwks.get("keys"), "jwks.keys")
        if len(keys) > limits.VERIFICATION_METHODS:
            raise LimitError("did.too_many_keys", limit=limits.VERIFICATION_METHODS)
        return keys


def _by_kid(keys: Sequence[JsonValue], kid: str) -> Json:
    found = [key for item in keys if (key := an_object(item, "jwks.keys")).get("kid") == kid]
    if not found:
        raise ProofVerificationError("did.key_not_listed")
    if len(found) > 1:
        raise MalformedValueError("did.duplicate_key")
    return found[0]


def metadata(issuer: str, keys: Sequence[KeyRecord]) -> Json:
    """Return the metadata to publish: all keys but those for which this format has no words.

    Those are revoked ones, and kinds that are no JSON Web Keys. Raises MalformedValueError for a key that
    signs only with another: what cannot be announced protects nothing.
    """
    url_of(issuer)
    if any(key.companion is not None for key in keys):
        raise MalformedValueError("issuer_metadata.companion")
    listed: list[JsonValue] = [
        {**to_jwk(key.key), "kid": key.id, "use": "sig", "alg": ALG[key.key.algorithm]}
        for key in keys
        if key.state != "revoked" and "assertionMethod" in key.purposes and has_jwk(key.key.algorithm)
    ]
    return {"issuer": issuer, "jwks": {"keys": listed}}
