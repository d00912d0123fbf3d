"""What the claims of an SD-JWT VC must be, and when they hold (SD-JWT VC §3; RFC 7519 §4.1)."""

import datetime as dt
import re
from typing import Final

from boundary.shape import a_text, an_object
from boundary.strict_json import Json
from keys.jwk import from_jwk
from keys.public import PublicKey
from problems import MalformedValueError, ProofVerificationError, RangeError

SKEW: Final = dt.timedelta(seconds=60)
"""How far apart two honest clocks may be."""

_LOCAL_KEY_NAME: Final = re.compile(r"#?([\w.:~=-]{1,1024})", re.ASCII)


def check_claims(payload: Json, typ: str) -> None:
    """Check what depends neither on who asks nor on when.

    Raises ProofVerificationError when an SD-JWT VC names no type, MalformedValueError when the holder's
    key is unsound or, worse, private.
    """
    if typ == "dc+sd-jwt" and "vct" not in payload:
        raise ProofVerificationError("sdjwt.vct_missing")
    a_text(payload.get("vct", ""), "vct")
    holder_key(payload)


def holder_key(payload: Json) -> PublicKey | None:
    """Return the key in ``cnf``; None when there is none, or one to be fetched: that is never done."""
    confirmation = an_object(payload.get("cnf", {}), "cnf")
    return from_jwk(an_object(confirmation["jwk"], "cnf.jwk")) if "jwk" in confirmation else None


def issuer_key_name(kid: str, payload: Json) -> str:
    """Return the verification method that ``kid`` names.

    An absolute name must be one of ``iss``; a relative one is completed with it. Raises
    ProofVerificationError: the key of one party never speaks for another.
    """
    issuer = a_text(payload["iss"], "iss") if "iss" in payload else None
    controller, _, fragment = kid.partition("#")
    if controller and fragment and "#" not in fragment and issuer in (None, controller):
        return kid
    local = _LOCAL_KEY_NAME.fullmatch(kid)
    if issuer is None or local is None:
        raise ProofVerificationError("sdjwt.issuer_key_mismatch")
    return f"{issuer}#{local[1]}"


def check_dates(payload: Json, now: dt.datetime, skew: dt.timedelta = SKEW) -> None:
    """Check ``nbf``, ``iat`` and ``exp`` of a processed payload at ``now``, each only if present.

    Kept apart from verification: an expired credential is not a forged one, and whoever reports says
    which. Raises RangeError (``sdjwt.expired``, ``sdjwt.not_yet_valid``, ``sdjwt.issued_in_future``),
    MalformedValueError (``sdjwt.date_malformed``).
    """
    expires, begins, issued = (moment(payload, name) for name in ("exp", "nbf", "iat"))
    if expires is not None and now >= expires + skew:
        raise RangeError("sdjwt.expired", at=expires.date().isoformat())
    if begins is not None and now < begins - skew:
        raise RangeError("sdjwt.not_yet_valid", at=begins.date().isoformat())
    if issued is not None and now < issued - skew:
        raise RangeError("sdjwt.issued_in_future", at=issued.date().isoformat())


def moment(claims: Json, name: str) -> dt.datetime | None:
    """Return a NumericDate claim in UTC, None when absent; raise MalformedValueError."""
    seconds = claims.get(name)
    if name not in claims:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise MalformedValueError("sdjwt.date_malformed", name=name)
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise MalformedValueError("sdjwt.date_malformed", name=name) from None
