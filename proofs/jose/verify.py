"""Verify a VCDM document that is the payload of a token (VC-JOSE-COSE §5.1, §5.2)."""

import datetime as dt
from dataclasses import dataclass

from boundary.shape import texts
from boundary.strict_json import Json
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import InvalidDomainError, ProofVerificationError
from proofs import jws, sd_jwt
from proofs.jose.envelope import Form, check_header, is_selective, party_of, split
from proofs.sd_jwt import HolderExpectation, VerifiedHolder
from proofs.sd_jwt.claims import SKEW, check_dates, issuer_key_name
from proofs.sd_jwt.key_binding import judge


@dataclass(frozen=True)
class Verified:
    """What was proved: nothing else may be read afterwards.

    ``document`` is the VCDM document with what was disclosed, ``claims`` what the token says of itself.
    Trust is judged on ``key.controller``. ``issuer_jwt`` is what the signature is on; ``holder`` made
    the key binding of an SD-JWT, None when the caller did not ask.
    """

    document: Json
    claims: Json
    key: VerificationKey
    issuer_jwt: str
    holder: VerifiedHolder | None


@dataclass(frozen=True)
class VerifiedPresentation:
    """``holder`` says for whom and when the presentation was made; None when the caller did not ask."""

    document: Json
    key: VerificationKey
    holder: VerifiedHolder | None


def verify(
    form: Form,
    text: str,
    keys: Resolver,
    *,
    now: dt.datetime,
    audience: str | None,
    holder: HolderExpectation | None = None,
    skew: dt.timedelta = SKEW,
) -> Verified:
    """Verify a credential: its issuer's signature, its disclosures and, if there is one, its key binding.

    When it holds is for the caller to judge, by document and claims together. ``audience`` is who
    verifies: a credential that names its audience is for nobody else. ``holder`` is the caller's
    policy, see :func:`proofs.sd_jwt.key_binding.check`.

    Raises ProofVerificationError and its kinds, ParsingError, MalformedValueError, LimitError; from
    ``keys`` also RetrievalError. Codes that begin with ``kb.`` say that the credential itself stands.
    """
    verified = _verified(form, text, keys, "assertionMethod", now, holder, skew)
    check_header(_header(verified), verified.claims, form, party_of(verified.document.get("issuer")))
    _check_audience(verified.claims, audience)
    return verified


def verify_presentation(
    form: Form,
    text: str,
    keys: Resolver,
    *,
    now: dt.datetime,
    holder: HolderExpectation | None,
    skew: dt.timedelta = SKEW,
) -> VerifiedPresentation:
    """Verify a presentation: its holder's signature, and that it was made for who asks, now.

    The credentials in it are not looked at. ``holder`` is what the verifier asked; None looks at the
    signature alone. Raises what :func:`verify` raises; codes that begin with ``kb.`` are about whom and
    when the presentation was made for.
    """
    verified = _verified(form, text, keys, "authentication", now, None, skew)
    party = verified.key.controller
    if party_of(verified.document.get("holder", party)) != party:
        raise ProofVerificationError("kb.other_holder")
    check_header(_header(verified), verified.claims, form, party)
    made = None
    if holder is not None:
        made = judge(verified.key.key, verified.claims, holder, now, skew)
    check_dates(verified.claims, now, skew)
    return VerifiedPresentation(verified.document, verified.key, made)


def _verified(
    form: Form,
    text: str,
    keys: Resolver,
    purpose: Purpose,
    now: dt.datetime,
    holder: HolderExpectation | None,
    skew: dt.timedelta,
) -> Verified:
    if is_selective(form):
        found = sd_jwt.verify(text, keys, now=now, holder=holder, skew=skew, typ={form}, purpose=purpose)
        payload = split(found.payload)
        return Verified(payload.document, payload.claims, found.key, found.issuer_jwt, found.holder)
    signed = jws.parse(text)
    claimed = jws.claims(signed)
    key = keys.resolve(issuer_key_name(jws.key_id(signed), claimed), purpose)
    jws.verify(signed, key.alone(), typ={form})
    payload = split(claimed)
    return Verified(payload.document, payload.claims, key, text, None)


def _header(verified: Verified) -> Json:
    return jws.parse(verified.issuer_jwt).header


def _check_audience(claims: Json, audience: str | None) -> None:
    """RFC 7519 §4.1.3."""
    if "aud" in claims and audience not in texts(claims["aud"], "aud"):
        raise InvalidDomainError("sdjwt.other_audience")
