"""The Key Binding JWT: its maker holds the credential, and meant this presentation (RFC 9901 §4.3)."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from boundary.shape import a_text
from boundary.strict_json import Json
from keys.local import LocalSigner
from keys.public import PublicKey
from keys.signer import Signer
from problems import (
    InvalidChallengeError,
    InvalidDomainError,
    MalformedValueError,
    Problem,
    ProofGenerationError,
    ProofVerificationError,
)
from proofs import jws
from proofs.sd_jwt.claims import holder_key, moment
from proofs.sd_jwt.disclosure import digest
from proofs.sd_jwt.process import hash_name
from proofs.sd_jwt.serialization import SdJwt

TYP: Final = "kb+jwt"


@dataclass(frozen=True)
class KeyBinding:
    """How a holder binds a presentation: for whom, in answer to what, when, and until when; ``more`` is
    what else is signed with it."""

    signer: Signer
    audience: str
    nonce: str
    issued_at: dt.datetime
    expires: dt.datetime | None = None
    more: Json = field(default_factory=dict)


@dataclass(frozen=True)
class HolderExpectation:
    """What a verifier asks of the key binding.

    ``nonce`` None accepts any, for bearer presentations, which come in answer to no request; ask for
    ``expiry_required`` then, and a ``max_age`` as long as the longest link lives.
    """

    audience: str
    nonce: str | None
    max_age: dt.timedelta
    expiry_required: bool = False


@dataclass(frozen=True)
class VerifiedHolder:
    """Who made the presentation, for whom and when; times are in UTC."""

    key: PublicKey
    audience: str
    nonce: str
    issued_at: dt.datetime
    expires: dt.datetime | None


def bind(sd_jwt: SdJwt, payload: Json, binding: KeyBinding) -> SdJwt:
    """Return ``sd_jwt`` with a Key Binding JWT; raise ProofGenerationError unless the key is ``cnf``'s."""
    claims: Json = {
        **binding.more,
        "iat": int(binding.issued_at.timestamp()),
        "aud": binding.audience,
        "nonce": binding.nonce,
        "sd_hash": digest(sd_jwt.presented, hash_name(payload)),
    }
    if binding.expires is not None:
        claims["exp"] = int(binding.expires.timestamp())
    token = jws.sign({"typ": TYP}, claims, binding.signer)
    try:
        _require_signed(token, _required_key(payload), binding.signer)
    except Problem:
        raise ProofGenerationError("kb.not_the_holder") from None
    return SdJwt(sd_jwt.issuer_jwt, sd_jwt.disclosures, token)


def check(
    sd_jwt: SdJwt,
    payload: Json,
    expected: HolderExpectation | None,
    now: dt.datetime,
    skew: dt.timedelta,
) -> VerifiedHolder | None:
    """Check the Key Binding JWT of a credential whose signed ``payload`` is already verified.

    Whether one is needed is for the caller to say, never for the sender (RFC 9901 §7.3 step 1, §9.5). With
    None nothing about a holder is asked and nothing is answered; yet one that is there must be sound,
    since a presentation that someone changed is not what its holder sent.

    Raises ProofVerificationError and its kinds; every code begins with ``kb.``, so that all of them say:
    the credential stands, the presentation does not.
    """
    if sd_jwt.key_binding is None:
        if expected is not None:
            raise ProofVerificationError("kb.missing")
        return None
    key, claims = _signed_claims(sd_jwt.key_binding, payload)
    if claims.get("sd_hash") != digest(sd_jwt.presented, hash_name(payload)):
        raise ProofVerificationError("kb.other_content")
    holder = judge(key, claims, expected, now, skew)
    return None if expected is None else holder


def judge(
    key: PublicKey, claims: Json, expected: HolderExpectation | None, now: dt.datetime, skew: dt.timedelta
) -> VerifiedHolder:
    """Return for whom and when a holder signed ``claims`` with ``key``, if it is what was expected.

    A key binding says it with ``aud``, ``nonce``, ``iat`` and ``exp``, and so does a presentation in a
    token. Raises ProofVerificationError and its kinds, with codes that begin with ``kb.``.
    """
    holder = _holder(key, claims)
    _check_window(holder, now, skew)
    if expected is not None:
        _check_expectation(holder, expected, now, skew)
    return holder


def _signed_claims(token: str, payload: Json) -> tuple[PublicKey, Json]:
    key = _required_key(payload)
    try:
        signed = jws.parse(token)
        jws.verify(signed, key, typ={TYP})
        return key, jws.claims(signed)
    except Problem as problem:
        raise ProofVerificationError("kb.invalid", cause=problem.code) from problem


def _require_signed(token: str, key: PublicKey, signer: Signer) -> None:
    """A signer in memory has verified with its own key what it made; of others all is verified here."""
    if not (isinstance(signer, LocalSigner) and signer.public_key == key):
        jws.verify(jws.parse(token), key, typ={TYP})


def _required_key(payload: Json) -> PublicKey:
    key = holder_key(payload)
    if key is None:
        raise ProofVerificationError("kb.no_holder_key")
    return key


def _holder(key: PublicKey, claims: Json) -> VerifiedHolder:
    try:
        audience, nonce = a_text(claims.get("aud"), "aud"), a_text(claims.get("nonce"), "nonce")
        issued_at, expires = moment(claims, "iat"), moment(claims, "exp")
    except MalformedValueError as problem:
        raise ProofVerificationError("kb.invalid", cause=problem.code) from None
    if issued_at is None:
        raise ProofVerificationError("kb.invalid", cause="iat")
    return VerifiedHolder(key, audience, nonce, issued_at, expires)


def _check_window(holder: VerifiedHolder, now: dt.datetime, skew: dt.timedelta) -> None:
    if now < holder.issued_at - skew:
        raise ProofVerificationError("kb.from_the_future", at=holder.issued_at.isoformat())
    if holder.expires is not None and now >= holder.expires + skew:
        raise ProofVerificationError("kb.expired", at=holder.expires.isoformat())


def _check_expectation(
    holder: VerifiedHolder, expected: HolderExpectation, now: dt.datetime, skew: dt.timedelta
) -> None:
    if holder.audience != expected.audience:
        raise InvalidDomainError("kb.other_audience")
    if expected.nonce is not None and holder.nonce != expected.nonce:
        raise InvalidChallengeError("kb.other_nonce")
    if expected.expiry_required and holder.expires is None:
        raise ProofVerificationError("kb.no_expiry")
    if now > holder.issued_at + expected.max_age + skew:
        raise ProofVerificationError("kb.too_old", at=holder.issued_at.isoformat())
