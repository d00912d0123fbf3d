"""What is shown of a twin where there is no network: on paper as it is, on a screen signed again.

::

    paper  = [1, twin]
    screen = [2, twin, proof]           proof = COSE_Sign1 of {iat} by the holder's key

The proof covers the whole twin as ``external_aad``, so it costs 85 bytes and fits no other twin. A picture
of a screen is worth nothing a minute later; one of a paper is worth as much as the paper.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from boundary import cbor, data_url, limits
from boundary.cbor import Cbor
from credentials import twin as twins
from credentials.twin import Twin, TwinKind
from keys.public import PublicKey
from keys.signer import Signer
from problems import (
    InputError,
    InvalidChallengeError,
    MalformedValueError,
    ProofVerificationError,
)
from proofs.cose import cwt, sign1
from proofs.cose.sign1 import ALG, Sign1

MEDIA_TYPE: Final = "application/pptwin+cwt"
WINDOW: Final = dt.timedelta(seconds=60)
"""How far the clocks of two strangers may be apart, and how long a picture of a screen lives."""

_FORMS: Final[dict[int, TwinKind]] = {1: "paper", 2: "screen"}
_NUMBERS: Final = {kind: number for number, kind in _FORMS.items()}
_DOMAIN: Final = b"passeport-proof-v1"
_NONCE: Final = 10  # RFC 9711 §4.1; may be there, and nobody asks for one yet
_NONCE_BYTES: Final = range(8, 17)


@dataclass(frozen=True)
class Shown:
    """What was shown, taken apart; nothing about it has been verified."""

    twin: Twin
    signed: bytes
    """The twin byte for byte, which the proof covers."""
    proof: Sign1 | None


def is_offline(data: bytes) -> bool:
    """Whether ``data`` begins like what is shown offline: an array of two or three with its form first."""
    return data[:2] in (b"\x82\x01", b"\x83\x02")


def to_text(shown: bytes) -> str:
    """Return what is shown as a text, to stand beside presentations that are texts."""
    return data_url.write(MEDIA_TYPE, shown)


def is_text(text: str) -> bool:
    return data_url.is_of(text, MEDIA_TYPE)


def from_text(text: str) -> bytes:
    """Return what :func:`to_text` wrote down; raise ParsingError."""
    return data_url.read(text, MEDIA_TYPE)


def is_paper(data: bytes) -> bool:
    return data[:2] == b"\x82\x01"


def paper(twin: bytes) -> bytes:
    """Return what is printed. Raises InputError for a twin that needs the holder's key."""
    _require(twin, "paper")
    return cbor.write([_NUMBERS["paper"], twin])


def screen(twin: bytes, signer: Signer, now: dt.datetime) -> bytes:
    """Return what is on the screen at ``now``, signed by the holder's key. Raises InputError."""
    if _require(twin, "screen").holder_key is None or signer.algorithm != "P-256":
        raise InputError("twin.other_kind")
    payload = cbor.write({cwt.IAT: int(now.timestamp())})
    proof = cbor.read(sign1.sign({}, payload, signer, external=_DOMAIN + twin, tagged=False))
    return cbor.write([_NUMBERS["screen"], twin, proof])


def read(data: bytes) -> Shown:
    """Take apart what was shown; raise ParsingError, MalformedValueError, LimitError, ProofVerificationError.

    A twin with a key, shown without a proof, is a picture of somebody's screen: ``twin.proof_missing``.
    """
    parts = cbor.an_array(cbor.read(data, limit=limits.TWIN_BYTES), "offline")
    if not parts or isinstance(parts[0], bool) or parts[0] not in _FORMS or len(parts) != 1 + parts[0]:
        raise MalformedValueError("twin.form")
    kind = _FORMS[parts[0]]
    signed = cbor.some_bytes(parts[1], "twin")
    twin = twins.parse(signed)
    if twin.kind != kind:
        raise ProofVerificationError("twin.proof_missing" if kind == "paper" else "twin.proof_unasked")
    return Shown(twin, signed, _proof(parts[2]) if kind == "screen" else None)


def verify(shown: Shown, key: PublicKey, now: dt.datetime, window: dt.timedelta = WINDOW) -> None:
    """Return when the issuer's ``key`` signed the twin and, on a screen, its holder's key has just now.

    Raises ProofVerificationError, and what :func:`verify_holder` raises.
    """
    shown.twin.verify(key)
    verify_holder(shown, now, window)


def verify_holder(shown: Shown, now: dt.datetime, window: dt.timedelta = WINDOW) -> None:
    """Return when a screen was signed by its holder just now; there is nothing to verify of a paper.

    Raises ProofVerificationError, InvalidChallengeError ``twin.stale`` when the signature is not of now,
    within ``window``.
    """
    if shown.proof is None or shown.twin.holder_key is None:
        return
    try:
        sign1.verify(shown.proof, shown.twin.holder_key, typ={None}, external=_DOMAIN + shown.signed)
    except ProofVerificationError as problem:
        raise ProofVerificationError("twin.other_holder") from problem
    if abs(now - _signed_at(shown.proof)) > window:
        raise InvalidChallengeError("twin.stale")


def _require(twin: bytes, kind: TwinKind) -> Twin:
    parsed = twins.parse(twin)
    if parsed.kind != kind:
        raise InputError("twin.other_kind")
    return parsed


def _proof(value: Cbor) -> Sign1:
    proof = sign1.parse(cbor.write(value), tagged=False)
    if proof.header.keys() != {ALG} or proof.kid is not None:
        raise MalformedValueError("twin.form")
    claims = cwt.claims(proof)
    cbor.only(claims, frozenset({cwt.IAT, _NONCE}), "proof")
    if _NONCE in claims and len(cbor.some_bytes(claims[_NONCE], "nonce")) not in _NONCE_BYTES:
        raise MalformedValueError("twin.form")
    _signed_at(proof)
    return proof


def _signed_at(proof: Sign1) -> dt.datetime:
    moment = cwt.moment(cwt.claims(proof), cwt.IAT)
    if moment is None:
        raise MalformedValueError("twin.form")
    return moment
