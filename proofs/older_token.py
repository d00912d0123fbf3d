"""Presentations in tokens of VCDM 1.1 (§6.3.1), their document in a claim ``vp``: verified, never made here.

VC-JOSE-COSE §3.1.3 forbids that claim, so that nobody here relies on such a presentation: it is opened for
who wants to know of its signature alone, as the test-suites of others do.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from boundary.shape import an_object
from boundary.strict_json import Json
from keys.resolver import Resolver, VerificationKey
from problems import ProofVerificationError
from proofs import jws
from proofs.jose.envelope import Payload, party_of
from proofs.jws import Jws
from proofs.sd_jwt.claims import SKEW, check_dates, issuer_key_name

_TYPE: Final = "JWT"


@dataclass(frozen=True)
class VerifiedOlder:
    """``document`` is the presentation, ``claims`` what the token says of itself, ``key`` its holder's."""

    document: Json
    claims: Json
    key: VerificationKey


def unverified(text: str) -> Payload:
    """Return what ``text`` says; no signature is verified. Raises ParsingError, MalformedValueError."""
    return _payload(jws.parse(text))


def _payload(token: Jws) -> Payload:
    claims = jws.claims(token)
    document = an_object(claims.get("vp"), "vp")
    return Payload(document, {name: value for name, value in claims.items() if name != "vp"})


def verify(text: str, keys: Resolver, *, now: dt.datetime, skew: dt.timedelta = SKEW) -> VerifiedOlder:
    """Return what was signed, by the holder that token and document name.

    Raises ProofVerificationError, ParsingError, MalformedValueError, RangeError; from ``keys`` also
    RetrievalError.
    """
    token = jws.parse(text)
    said = _payload(token)
    key = keys.resolve(issuer_key_name(jws.key_id(token), said.claims), "authentication")
    jws.verify(token, key.alone(), typ={_TYPE})
    for party in (said.claims.get("iss"), party_of(said.document.get("holder", key.controller))):
        if party != key.controller:
            raise ProofVerificationError("kb.other_holder")
    check_dates(said.claims, now, skew)
    return VerifiedOlder(said.document, said.claims, key)
