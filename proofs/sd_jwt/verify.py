"""Verifies an SD-JWT VC, with or without key binding (RFC 9901 §7.1, §7.3; SD-JWT VC §3.5)."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from boundary.shape import a_text, texts
from boundary.strict_json import Json
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import InvalidDomainError, ProofVerificationError
from proofs import certified, jws
from proofs.certified import Anchors
from proofs.sd_jwt.claims import SKEW, check_claims, issuer_key_name
from proofs.sd_jwt.disclosure import Path
from proofs.sd_jwt.key_binding import HolderExpectation, VerifiedHolder, check
from proofs.sd_jwt.process import process
from proofs.sd_jwt.serialization import SdJwt, parse

TYP: Final = frozenset({"dc+sd-jwt"})


@dataclass(frozen=True)
class VerifiedSdJwt:
    """What was proved. ``payload`` is the processed one: nothing else may be read afterwards.

    Trust is judged on ``key.controller``. ``disclosed`` are the paths, in ``payload``, of the claims that
    the holder chose to show. ``holder`` is None when the caller did not ask.
    """

    payload: Json
    key: VerificationKey
    issuer_jwt: str
    disclosed: tuple[Path, ...]
    holder: VerifiedHolder | None


def verify(
    text: str,
    keys: Resolver,
    *,
    now: dt.datetime,
    holder: HolderExpectation | None,
    skew: dt.timedelta = SKEW,
    typ: Collection[str] = TYP,
    purpose: Purpose = "assertionMethod",
    anchors: Anchors = (),
) -> VerifiedSdJwt:
    """Verify the issuer's signature, the disclosures and the key binding of ``text``, in this order.

    ``anchors`` are the authorities whose certificates name issuers of SD-JWT VCs (:mod:`proofs.certified`).
    The credential's own dates are for :func:`proofs.sd_jwt.claims.check_dates`, its status and schema for the
    verifier. ``now`` serves the key binding alone. ``holder`` is the caller's policy; see
    :func:`proofs.sd_jwt.key_binding.check`.

    Raises ProofVerificationError and its kinds, ParsingError, MalformedValueError, LimitError; from
    ``keys`` also RetrievalError. Codes that begin with ``kb.`` say that the credential itself stands.
    """
    return _verify(parse(text), _Keys(keys, anchors, now, purpose), holder, skew, typ)


def receive(
    text: str, keys: Resolver, *, now: dt.datetime, typ: Collection[str] = TYP, anchors: Anchors = ()
) -> VerifiedSdJwt:
    """Verify what an issuer delivers to a holder: all of :func:`verify`, and never a key binding (§7.2)."""
    sd_jwt = parse(text)
    if sd_jwt.key_binding is not None:
        raise ProofVerificationError("sdjwt.unexpected_kb")
    return _verify(sd_jwt, _Keys(keys, anchors, now), None, SKEW, typ)


@dataclass(frozen=True)
class _Keys:
    """How the issuer's key is found, at ``now``."""

    resolver: Resolver
    anchors: Anchors
    now: dt.datetime
    purpose: Purpose = "assertionMethod"

    def of(self, header: Json, payload: Json) -> VerificationKey:
        issuer = a_text(payload["iss"], "iss") if "iss" in payload else None
        if "x5c" in header and header.get("typ") in TYP:
            found = certified.key(header, issuer, self.anchors, self.resolver, self.now, self.purpose)
            return found or self._named(jws.kid_of(header), payload)
        return self._named(jws.named_key(header), payload)

    def _named(self, kid: str, payload: Json) -> VerificationKey:
        name = issuer_key_name(kid, payload)
        key = self.resolver.resolve(name, self.purpose)
        if key.controller != payload.get("iss", name.partition("#")[0]):
            raise ProofVerificationError("sdjwt.issuer_key_mismatch")
        return key


def _verify(
    sd_jwt: SdJwt,
    keys: _Keys,
    holder: HolderExpectation | None,
    skew: dt.timedelta,
    typ: Collection[str],
) -> VerifiedSdJwt:
    signed = jws.parse(sd_jwt.issuer_jwt)
    payload = jws.claims(signed)
    key = keys.of(signed.header, payload)
    jws.verify(signed, key.alone(), typ=typ)
    found = a_text(signed.header["typ"], "typ")
    processed = process(payload, sd_jwt.disclosures, found)
    check_claims(processed.payload, found)
    if holder is not None:
        _check_addressee(processed.payload, holder.audience)
    return VerifiedSdJwt(
        processed.payload,
        key,
        sd_jwt.issuer_jwt,
        tuple(placed.path for placed in processed.placed),
        check(sd_jwt, payload, holder, keys.now, skew),
    )


def _check_addressee(payload: Json, audience: str) -> None:
    """RFC 7519 §4.1.3: a credential that names its audience is for nobody else."""
    if "aud" in payload and audience not in texts(payload["aud"], "aud"):
        raise InvalidDomainError("sdjwt.other_audience")
