"""Open Badges in their compact form (Open Badges 3.0 §8.2; VCDM 1.1 §6.3.1): verified, never made here.

The payload is the credential, or has it in a claim ``vc``. RS256, which the format demands, is accepted
here and nowhere else. The key is found by ``kid``, a DID URL or the address of a JSON Web Key; or it comes
along in the header, and then it proves that nothing was changed since, and nothing about who signed.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from boundary import base64url, date_time_stamp, limits, strict_json, urls
from boundary.shape import a_text, an_object
from boundary.sources import Source
from boundary.strict_json import Json, JsonValue
from keys.jwk import from_jwk
from keys.public import PublicKey
from keys.resolver import Resolver, Revocation
from keys.rsa import RsaKey, from_rsa_jwk
from problems import MalformedValueError, Problem, ProofVerificationError
from proofs import jws
from proofs.jws import Jws
from proofs.sd_jwt.claims import issuer_key_name, moment

_RS256: Final = "RS256"
_TYPES: Final = (None, "JWT")  # RFC 7519 §5.1: may be left out
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce"})
_DID_WEB: Final = "did:web:"

_Key: TypeAlias = PublicKey | RsaKey


@dataclass(frozen=True)
class BadgeSigner:
    """Who made the signature, as far as their key tells; see :class:`keys.resolver.VerificationKey`."""

    controller: str
    revoked: Revocation | None = None


@dataclass(frozen=True)
class VerifiedBadge:
    """``document`` is the credential, ``claims`` what the token says of itself under its JWT names.

    ``signer`` is None when the key came along with the token: anybody can send a key of their own.
    """

    document: Json
    claims: Json
    signer: BadgeSigner | None


def is_badge(text: str) -> bool:
    """Say whether ``text`` is a token that does not say to be of a newer kind; nothing is verified."""
    head, dot, _ = text.partition(".")
    if not dot or "~" in text:
        return False
    try:
        header = strict_json.read_object(base64url.decode(head[: limits.JOSE_HEADER_BYTES]))
    except Problem:
        return False
    return header.get("typ") in _TYPES


def unverified(text: str) -> Json:
    """Return the credential in ``text``; no signature is verified. Raises what :func:`verify` raises."""
    return _parts(jws.claims(jws.parse(text, allowed=(*jws.ALGORITHMS, _RS256))))[0]


def verify(text: str, keys: Resolver, web: Source) -> VerifiedBadge:
    """Return what was signed; ``web`` gives the JSON Web Key at an address.

    Raises ProofVerificationError, ParsingError, MalformedValueError, LimitError; from ``keys`` and ``web``
    also RetrievalError (transient).
    """
    token = jws.parse(text, allowed=(*jws.ALGORITHMS, _RS256))
    if token.header.get("typ") not in _TYPES:
        raise ProofVerificationError("jose.wrong_typ", expected="JWT")
    document, claims = _parts(jws.claims(token))
    key, signer = _key(token, document, keys, web)
    _verify(token, key)
    return VerifiedBadge(document, claims, signer)


def _verify(token: Jws, key: _Key) -> None:
    """The algorithm must be that of the key, whatever the header says (RFC 8725 §3.1)."""
    stated = jws.ALGORITHMS.get(str(token.header["alg"]), "RSA")
    algorithm = key.algorithm if isinstance(key, PublicKey) else "RSA"
    if stated != algorithm:
        raise ProofVerificationError("jose.key_type", algorithm=algorithm)
    key.verify(token.signature, token.signing_input)


def _parts(payload: Json) -> tuple[Json, Json]:
    """Return the credential, completed by the claims that stand for its members (VCDM 1.1 §6.3.1), and these.

    What is said twice must be the same: two readers would otherwise read two credentials.
    """
    claims = {name: value for name, value in payload.items() if name in _CLAIMS}
    rest = {name: value for name, value in payload.items() if name not in _CLAIMS}
    document = dict(an_object(rest["vc"], "vc")) if "vc" in rest else rest
    for claim, member in (("iss", "issuer"), ("jti", "id")):
        if claim in claims:
            document.setdefault(member, claims[claim])
            _require_same(claims, claim, _id(document[member]))
    subject = document.get("credentialSubject")
    if "sub" in claims and isinstance(subject, dict):
        document["credentialSubject"] = {"id": claims["sub"], **subject}
        _require_same(claims, "sub", subject.get("id", claims["sub"]))
    if "vc" in rest and "issuanceDate" not in document and (issued := moment(claims, "nbf")):
        document["issuanceDate"] = date_time_stamp.write(issued)
    return document, claims


def _require_same(claims: Json, claim: str, stated: JsonValue) -> None:
    if claims[claim] != stated:
        raise ProofVerificationError("badge.disagrees", claim=claim)


def _id(node: JsonValue) -> JsonValue:
    return node.get("id") if isinstance(node, dict) else node


def _key(token: Jws, document: Json, keys: Resolver, web: Source) -> tuple[_Key, BadgeSigner | None]:
    """A key that is named can be its owner's; one that is sent along is anybody's."""
    issuer = a_text(_id(document.get("issuer")), "issuer")
    if "kid" not in token.header and "jwk" in token.header:
        return _from_jwk(an_object(token.header["jwk"], "jwk")), None
    kid = jws.named_key({"kid": token.header.get("kid")})
    if kid.startswith("https://") and "#" not in kid:
        found = strict_json.read_object(web.get(kid))
        return _from_jwk(found), BadgeSigner(_owner(kid, issuer))
    resolved = keys.resolve(issuer_key_name(kid, {"iss": issuer}), "assertionMethod")
    return resolved.key, BadgeSigner(resolved.controller, resolved.revoked)


def _from_jwk(jwk: Json) -> _Key:
    return from_rsa_jwk(jwk) if jwk.get("kty") == "RSA" else from_jwk(jwk)


def _owner(address: str, issuer: str) -> str:
    """Whoever runs a site answers for its keys: the issuer, if it is named by the same host."""
    host = urls.parse(address).authority
    return issuer if host == _host(issuer) else f"https://{host}"


def _host(issuer: str) -> str | None:
    if issuer.startswith(_DID_WEB):
        return issuer.removeprefix(_DID_WEB).partition(":")[0].replace("%3A", ":")
    try:
        return urls.parse(issuer).authority
    except MalformedValueError:
        return None
