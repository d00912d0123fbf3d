"""Token Status List: two bits per credential (valid, invalid, suspended) in a signed JWT."""

import datetime as dt
import zlib
from collections.abc import Mapping
from typing import Final, Literal

from boundary import base64url, limits
from boundary.inflate import inflate
from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json
from credentials.status.bitstring import require_index, require_length
from credentials.status_references import StatusReference
from keys.signer import Signer
from problems import LimitError, ParsingError, StatusVerificationError
from proofs import jws

State = Literal["valid", "revoked", "suspended"]

TYP: Final = "statuslist+jwt"
_VALUES: Final[tuple[State, ...]] = ("valid", "revoked", "suspended")
"""Status type values 0, 1 and 2 (§7.1): VALID, INVALID, SUSPENDED."""
_BITS: Final = 2


def list_payload(
    uri: str,
    states: Mapping[int, State],
    *,
    issued_at: dt.datetime,
    expires_at: dt.datetime | None = None,
    ttl: dt.timedelta | None = None,
    size: int = limits.STATUS_ENTRIES,
) -> Json:
    """Return the payload of a Status List Token (§5.1); entries that ``states`` does not name are valid.

    ``ttl`` is how long a copy may be gone by before a fresh one is to be had.
    Raises RangeError for an index beyond ``size``, StatusListLengthError when ``size`` is too small to
    hide who is asked about.
    """
    payload: Json = {
        "sub": uri,
        "iat": int(issued_at.timestamp()),
        "status_list": {"bits": _BITS, "lst": encode(states, size)},
    }
    if expires_at is not None:
        payload["exp"] = int(expires_at.timestamp())
    if ttl is not None:
        payload["ttl"] = int(ttl.total_seconds())
    return payload


def sign_list(payload: Json, signer: Signer) -> str:
    """Return the Status List Token in compact form."""
    return jws.sign({"typ": TYP, "kid": signer.verification_method}, payload, signer)


def time_to_live(payload: Json) -> dt.timedelta | None:
    """Return ``ttl``, None without one; raise StatusVerificationError unless it is a number above zero."""
    if "ttl" not in payload:
        return None
    seconds = an_integer(payload["ttl"], "ttl")
    if not 0 < seconds <= limits.STATUS_SECONDS:
        raise StatusVerificationError("status.time_to_live")
    return dt.timedelta(seconds=seconds)


def encode(states: Mapping[int, State], size: int = limits.STATUS_ENTRIES) -> str:
    """Return ``lst``: two bits per entry, least significant first, in ZLIB, in base64url (§4.1-4.2)."""
    require_length(size)
    packed = bytearray((size * _BITS + 7) // 8)
    for index, state in states.items():
        require_index(index, size)
        packed[index * _BITS // 8] |= _VALUES.index(state) << index * _BITS % 8
    return base64url.encode(zlib.compress(bytes(packed), 9))


def state_of(payload: Json, reference: StatusReference) -> State:
    """Return the state that ``reference`` names in the verified payload of a list (§8.3).

    Raises StatusVerificationError when the list is another one, RangeError beyond its end.
    """
    packed, bits = _packed(payload, reference)
    value = _value(packed, bits, reference.index)
    if value >= len(_VALUES):
        raise StatusVerificationError("status.unknown_value", value=value)
    return _VALUES[value]


def revoked(payload: Json, reference: StatusReference) -> frozenset[int]:
    """Return every index that is INVALID in the verified list that ``reference`` names; raise as for one."""
    packed, bits = _packed(payload, reference)
    each, mask = 8 // bits, (1 << bits) - 1
    return frozenset(
        at * each + place
        for at, byte in enumerate(packed)
        if byte
        for place in range(each)
        if byte >> place * bits & mask == _VALUES.index("revoked")
    )


def _packed(payload: Json, reference: StatusReference) -> tuple[bytes, int]:
    if payload.get("sub") != reference.uri:
        raise StatusVerificationError("status.other_list")
    if "status" in payload:
        raise StatusVerificationError("status.list_has_status")
    status_list = an_object(payload.get("status_list"), "status_list")
    bits = an_integer(status_list.get("bits"), "status_list.bits")
    if bits not in (1, 2, 4, 8):
        raise StatusVerificationError("status.entry_size")
    return _inflated(a_text(status_list.get("lst"), "status_list.lst")), bits


def _value(packed: bytes, bits: int, index: int) -> int:
    require_index(index, len(packed) * 8 // bits)
    return packed[index * bits // 8] >> index * bits % 8 & (1 << bits) - 1


def _inflated(encoded: str) -> bytes:
    try:
        return inflate(base64url.decode(encoded), "zlib")
    except (ParsingError, LimitError) as problem:
        raise StatusVerificationError("status.list_unreadable", cause=problem.code) from None
