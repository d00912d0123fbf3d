"""Who asks (OpenID4VP 1.0 §5.9): the client identifier's prefix says how a wallet finds out.

    x509_san_dns:verifier.example     signed with the key of a certificate for that host
    x509_hash:BASE64URL               signed with the key of that very certificate
    decentralized_identifier:did:…    signed with a key that the DID lists
    redirect_uri:https://…            not signed: the answer goes to that address, and nobody vouches

Anything else, ``origin:`` and names without prefix included, is refused.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from cryptography import x509

from boundary import urls
from boundary.strict_json import Json
from exchange.openid4vp.request import TYP, AuthorizationRequest, read
from keys import x509 as certificates
from keys.public import PublicKey
from keys.resolver import Resolver
from keys.x509 import Chain
from problems import Problem, ProofVerificationError, ProtocolError
from proofs import jws
from proofs.jws import Jws

Prefix: TypeAlias = Literal["x509_san_dns", "x509_hash", "decentralized_identifier", "redirect_uri"]
_PREFIXES: Final[tuple[Prefix, ...]] = (
    "x509_san_dns", "x509_hash", "decentralized_identifier", "redirect_uri",
)  # fmt: skip


@dataclass(frozen=True)
class Asker:
    """Who asks, as far as it is known: ``host`` or ``did`` is proved when ``proved``; the certificate's
    ``organisation`` is what an authority that the wallet trusts says."""

    client_id: str
    prefix: Prefix
    name: str
    proved: bool
    organisation: str | None = None


@dataclass(frozen=True)
class Trust:
    """What a wallet judges askers with: anchors of certificates, a resolver of DIDs, the time."""

    keys: Resolver
    anchors: Sequence[x509.Certificate]
    now: dt.datetime
    skew: dt.timedelta = dt.timedelta(minutes=5)


def split(client_id: str) -> tuple[Prefix, str]:
    """Return the prefix and what follows; raise ProtocolError ``invalid_client``."""
    prefix, colon, name = client_id.partition(":")
    for known in _PREFIXES:
        if colon and name and prefix == known:
            return known, name
    raise ProtocolError("vp.client_id", error="invalid_client")


def open_signed(
    token: str, client_id: str, trust: Trust, wallet_nonce: str | None = None
) -> tuple[AuthorizationRequest, Asker]:
    """Return the request in a signed request object, and who signed it.

    ``client_id`` is what the link said, ``wallet_nonce`` what the wallet sent along. Raises ProtocolError:
    ``invalid_client`` when the signer is not the client, ``invalid_request`` for everything else.
    """
    prefix, name = split(client_id)
    if prefix == "redirect_uri":  # §5.9.3: such a request must not be signed
        raise ProtocolError("vp.must_not_be_signed", error="invalid_request")
    try:
        signed = jws.parse(token)
        said = jws.claims(signed)
    except Problem:
        raise ProtocolError("vp.object", error="invalid_request") from None
    if said.get("client_id") != client_id:
        raise ProtocolError("vp.other_client", error="invalid_request")
    key, organisation = _key(prefix, name, signed, trust)
    try:
        jws.verify(signed, key, typ=(TYP,))
    except ProofVerificationError:
        raise ProtocolError("vp.signature", error="invalid_client") from None
    _check_times(said, trust)
    if wallet_nonce is not None and said.get("wallet_nonce") != wallet_nonce:
        raise ProtocolError("vp.wallet_nonce", error="invalid_request")
    request = read(said)
    _check_address(prefix, name, request)
    return request, Asker(client_id, prefix, name, True, organisation)


def open_plain(said: Json) -> tuple[AuthorizationRequest, Asker]:
    """Return the request in plain parameters, from an asker whom nobody vouches for."""
    request = read(said)
    prefix, name = split(request.client_id)
    if prefix != "redirect_uri":
        raise ProtocolError("vp.must_be_signed", error="invalid_request")
    if request.response_uri != name:  # §5.9.3: the identifier is where the answer goes
        raise ProtocolError("vp.address", error="invalid_request")
    return request, Asker(request.client_id, prefix, urls.host(name) or name, False)


def _key(prefix: Prefix, name: str, signed: Jws, trust: Trust) -> tuple[PublicKey, str | None]:
    try:
        if prefix == "decentralized_identifier":
            return _listed_key(name, signed, trust.keys), None
        chain = certificates.read_x5c(signed.header.get("x5c"))
        _check_certificate(prefix, name, chain)
        certificates.check(chain, trust.anchors, trust.now)
    except ProtocolError:
        raise
    except Problem as problem:
        if problem.transient:
            raise
        raise ProtocolError("vp.untrusted", error="invalid_client") from None
    return chain.key, chain.organisation


def _check_certificate(prefix: Prefix, name: str, chain: Chain) -> None:
    named = name in chain.dns_names if prefix == "x509_san_dns" else name == chain.digest
    if not named:
        raise ProtocolError("vp.untrusted", error="invalid_client")


def _listed_key(did: str, signed: Jws, keys: Resolver) -> PublicKey:
    """§5.9.3 asks for a key of the DID document, for whichever purpose it stands there."""
    kid = signed.header.get("kid")
    if not isinstance(kid, str) or kid.partition("#")[0] != did or "x5c" in signed.header:
        raise ProtocolError("vp.untrusted", error="invalid_client")
    try:
        found = keys.resolve(kid, "authentication")
    except ProofVerificationError:
        found = keys.resolve(kid, "assertionMethod")
    if found.revoked:
        raise ProtocolError("vp.untrusted", error="invalid_client")
    return found.key


def _check_times(said: Json, trust: Trust) -> None:
    """Where the object says until when it holds, it does; ``aud`` and ``iss`` decide nothing (§5.8)."""
    exp, iat = said.get("exp"), said.get("iat")
    if isinstance(exp, int | float) and exp < (trust.now - trust.skew).timestamp():
        raise ProtocolError("vp.expired", error="invalid_request")
    if isinstance(iat, int | float) and iat > (trust.now + trust.skew).timestamp():
        raise ProtocolError("vp.expired", error="invalid_request")


def _check_address(prefix: Prefix, name: str, request: AuthorizationRequest) -> None:
    """§5.9.3: what is proved is a host, so the answer goes to that host."""
    if prefix == "x509_san_dns" and urls.host(request.response_uri) != name:
        raise ProtocolError("vp.address", error="invalid_request")
