"""The key of a token that is found by certificates (``x5c``; SD-JWT VC §3.5, HAIP 1.0 §6.1.1).

A chain says whose key it is only once it led to an anchor that the verifier trusts. Without anchors, and for
a chain of an authority that nobody here knows, a key that the token names otherwise (``kid``) may still do.
Revocation lists of authorities are not asked.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from cryptography import x509

from boundary import urls
from boundary.strict_json import Json
from keys import x509 as certificates
from keys.resolver import Purpose, Resolver, VerificationKey
from keys.x509 import Chain
from problems import ProofVerificationError

Anchors: TypeAlias = Sequence[x509.Certificate]
_UNKNOWN = "x509.untrusted"


def key(
    header: Json,
    issuer: str | None,
    anchors: Anchors,
    keys: Resolver,
    now: dt.datetime,
    purpose: Purpose = "assertionMethod",
) -> VerificationKey | None:
    """Return the certified key, its controller being ``issuer`` or, without one, whom the certificate names.

    None when the chain proves nothing here and the header names the key by ``kid`` as well. A key that has
    both names is judged by both: what its owner says of it, such as a revocation, counts.

    Raises ProofVerificationError ``x509.…`` for a chain that proves nothing, vouches for itself, brings its
    anchor along or names somebody else; MalformedValueError; RetrievalError from ``keys``.
    """
    chain = certificates.read_x5c(header["x5c"])
    if not _leads_to(chain, anchors, now, otherwise="kid" in header):
        return None
    controller = named_issuer(chain, issuer)
    found = VerificationKey(
        chain.key, f"{controller}#{chain.digest}", controller, organisation=chain.organisation or controller
    )
    kid = header.get("kid")
    if isinstance(kid, str) and kid.startswith("did:"):
        return _as_its_owner_says(found, keys.resolve(kid, purpose))
    return found


def named_issuer(chain: Chain, issuer: str | None) -> str:
    """Return ``issuer`` if the certificate names it, or whom it names; raise ProofVerificationError."""
    hosts = [host for host in chain.dns_names if urls.is_host(host)]
    if issuer is None:
        named = [*chain.uris, *(f"https://{host}" for host in hosts)]
        if not named:
            raise ProofVerificationError("x509.nameless")
        return named[0]
    if not (issuer in chain.uris or _host_of(issuer) in hosts):
        raise ProofVerificationError("x509.other_issuer")
    return issuer


def _host_of(issuer: str) -> str | None:
    """Who holds a host name holds its https addresses, and the did:web that is that host."""
    if issuer.startswith("did:web:"):
        host = issuer.removeprefix("did:web:")
        return host if urls.is_host(host) else None
    return urls.host(issuer) if issuer.startswith("https://") else None


def _leads_to(chain: Chain, anchors: Anchors, now: dt.datetime, *, otherwise: bool) -> bool:
    try:
        certificates.check(chain, anchors, now)
    except ProofVerificationError as problem:
        if problem.code == _UNKNOWN and otherwise:
            return False
        raise
    return True


def _as_its_owner_says(found: VerificationKey, listed: VerificationKey) -> VerificationKey:
    if listed.key != found.key or listed.controller != found.controller:
        raise ProofVerificationError("sdjwt.issuer_key_mismatch")
    return replace(found, revoked=listed.revoked, only_with=listed.only_with)
