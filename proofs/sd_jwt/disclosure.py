"""One selectively disclosable claim, and the digest that stands in its place (RFC 9901 §4.2)."""

import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from boundary import base64url, strict_json
from boundary.strict_json import JsonValue
from problems import LimitError, ParsingError, ProofGenerationError, ProofVerificationError

Path: TypeAlias = tuple[str | int, ...]
"""Where a claim stands in the processed payload: names of members, positions in arrays."""

DIGESTS: Final = "_sd"
PLACEHOLDER: Final = "..."
HASH_NAME: Final = "_sd_alg"
RESERVED: Final = frozenset({DIGESTS, PLACEHOLDER, HASH_NAME})

NEVER_DISCLOSED: Final = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"})
"""SD-JWT VC, "Registered JWT Claims": hidden, they would take the credential's limits with them."""

_OF_THE_TOKEN: Final = NEVER_DISCLOSED | {"aud", "iat", "nonce", "vc", "vp", "proof"}
_NEVER: Final[Mapping[str, frozenset[str]]] = {
    "vc+sd-jwt": _OF_THE_TOKEN
    | {
        "@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema",
        "relatedResource", "termsOfUse",
    },
    "vp+sd-jwt": _OF_THE_TOKEN | {"@context", "type", "holder", "verifiableCredential", "termsOfUse"},
}  # fmt: skip


def never_disclosed(typ: str) -> frozenset[str]:
    """Return the claims that an SD-JWT of this ``typ`` shows always, with all that is in them.

    VC-JOSE-COSE §3.2: what is needed to verify and to validate is not disclosed selectively. A
    presentation is its holder's own choice: nobody else leaves credentials out of it.
    """
    return _NEVER.get(typ, NEVER_DISCLOSED)


DEFAULT_HASH: Final = "sha-256"
HASHES: Final = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
"""RFC 9901 §9.4 asks for collision resistance: the registry's truncated and older hashes are out."""


class Disclosure(NamedTuple):
    """``encoded`` is what is hashed and sent; ``name`` is None for an element of an array."""

    encoded: str
    salt: str
    name: str | None
    value: JsonValue


def disclose(salt: str, name: str | None, value: JsonValue) -> Disclosure:
    """Return a new disclosure; raise ProofGenerationError for a value that JSON cannot hold."""
    content: list[JsonValue] = [salt, value] if name is None else [salt, name, value]
    return Disclosure(encode(content), salt, name, value)


def encode(content: list[JsonValue]) -> str:
    """Return what is hashed and sent; raise ProofGenerationError for a value that JSON cannot hold."""
    try:
        return base64url.encode(strict_json.encode(content))
    except (ParsingError, LimitError):
        raise ProofGenerationError("jose.unreadable") from None


def decode(encoded: str) -> Disclosure:
    """Read a disclosure; raise ParsingError or ProofVerificationError."""
    content = _content(encoded)
    if not isinstance(content, list) or len(content) not in (2, 3):
        raise ParsingError("sdjwt.disclosure_malformed", cause="elements")
    salt, name, value = content[0], content[1] if len(content) == 3 else None, content[-1]
    if not isinstance(salt, str) or not (isinstance(name, str) or len(content) == 2):
        raise ParsingError("sdjwt.disclosure_malformed", cause="elements")
    if name in RESERVED:
        raise ProofVerificationError("sdjwt.reserved_name")
    return Disclosure(encoded, salt, name if isinstance(name, str) else None, value)


def digest(encoded: str, algorithm: str = DEFAULT_HASH) -> str:
    """Return the digest over the characters of the disclosure, not over what they encode (§4.2.3)."""
    return base64url.encode(HASHES[algorithm](encoded.encode("ascii")).digest())


def refuse_hiding(path: Path, never: frozenset[str]) -> None:
    """Raise ProofVerificationError when what stands at or below ``path`` must always be shown."""
    if path and path[0] in never:
        raise ProofVerificationError("sdjwt.claim_not_disclosable", name=path[0])


def _content(encoded: str) -> JsonValue:
    try:
        return strict_json.read(base64url.decode(encoded))
    except ParsingError as problem:
        raise ParsingError("sdjwt.disclosure_malformed", cause=problem.code) from None
