"""Bitstring Status List 1.0: one bit per credential, for one purpose, in a signed credential."""

import datetime as dt
import gzip
from collections.abc import Iterable
from typing import Final, Literal

from boundary import base64url, date_time_stamp, limits
from boundary.inflate import inflate
from boundary.shape import a_text, an_object, many
from boundary.strict_json import Json
from credentials.status_references import StatusReference
from problems import (
    LimitError,
    ParsingError,
    RangeError,
    StatusListLengthError,
    StatusVerificationError,
)

Purpose = Literal["revocation", "suspension"]

_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
_CREDENTIAL: Final = "BitstringStatusListCredential"
_LIST: Final = "BitstringStatusList"
_OLDER: Final = ("StatusList2021Credential", "StatusList2021")
"""What both were called before; ``encodedList`` had no multibase header then (Status List 2021 §4.2)."""


def list_credential(
    uri: str,
    issuer: str,
    purpose: Purpose,
    indexes: Iterable[int],
    *,
    valid_from: dt.datetime,
    valid_until: dt.datetime | None = None,
    size: int = limits.STATUS_ENTRIES,
) -> Json:
    """Return the unsigned list credential (§2.2) in which exactly ``indexes`` are set.

    Raises RangeError for an index beyond ``size``, StatusListLengthError when ``size`` is too small to
    hide who is asked about.
    """
    dates: Json = {"validFrom": date_time_stamp.write(valid_from)}
    if valid_until is not None:
        dates["validUntil"] = date_time_stamp.write(valid_until)
    return {
        "@context": [_CONTEXT],
        "id": uri,
        "type": ["VerifiableCredential", _CREDENTIAL],
        "issuer": issuer,
        **dates,
        "credentialSubject": {
            "id": f"{uri}#list",
            "type": _LIST,
            "statusPurpose": purpose,
            "encodedList": encode(indexes, size),
        },
    }


def encode(indexes: Iterable[int], size: int = limits.STATUS_ENTRIES) -> str:
    """Return ``encodedList``: the bits, most significant first, in GZIP without a time, in multibase."""
    require_length(size)
    bits = bytearray((size + 7) // 8)
    for index in indexes:
        require_index(index, size)
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + base64url.encode(gzip.compress(bytes(bits), mtime=0))


def decode(encoded: str) -> bytes:
    """Return the bits of ``encodedList``, at most ``limits.INFLATED_BYTES`` of them.

    Raises StatusVerificationError, and StatusListLengthError below 131,072 entries (§3.2 step 9).
    """
    if not encoded.startswith("u"):
        raise StatusVerificationError("status.encoding")
    try:
        bits = inflate(base64url.decode(encoded[1:]), "gzip")
    except (ParsingError, LimitError) as problem:
        raise StatusVerificationError("status.list_unreadable", cause=problem.code) from None
    require_length(len(bits) * 8)
    return bits


def is_set(document: Json, reference: StatusReference) -> bool:
    """Return the bit that ``reference`` names in a verified list credential (§3.2 steps 7-12).

    Raises StatusVerificationError when the list is another one or of another purpose, RangeError beyond
    its end, StatusListLengthError.
    """
    bits = _bits(document, reference)
    require_index(reference.index, len(bits) * 8)
    return bool(bits[reference.index // 8] & 0x80 >> reference.index % 8)


def indexes(document: Json, reference: StatusReference) -> frozenset[int]:
    """Return every index that is set in the verified list that ``reference`` names; raise as for one."""
    bits = _bits(document, reference)
    return frozenset(
        at * 8 + bit for at, byte in enumerate(bits) if byte for bit in range(8) if byte & 0x80 >> bit
    )


def _bits(document: Json, reference: StatusReference) -> bytes:
    _require_list(document, reference)
    subject = an_object(document.get("credentialSubject"), "credentialSubject")
    older = _OLDER[0] in many(document.get("type"))
    if (_OLDER[1] if older else _LIST) not in many(subject.get("type")):
        raise StatusVerificationError("status.not_a_list")
    if reference.purpose not in many(subject.get("statusPurpose")):
        raise StatusVerificationError("status.purpose", expected=reference.purpose)
    encoded = a_text(subject.get("encodedList"), "credentialSubject.encodedList")
    return decode(f"u{encoded}" if older else encoded)


def _require_list(document: Json, reference: StatusReference) -> None:
    if not {_CREDENTIAL, _OLDER[0]}.intersection(map(str, many(document.get("type")))):
        raise StatusVerificationError("status.not_a_list")
    if document.get("id") != reference.uri:
        raise StatusVerificationError("status.other_list")
    if "credentialStatus" in document:  # a list that can be withdrawn would ask for a list, and so on
        raise StatusVerificationError("status.list_has_status")
    if reference.size != 1:
        raise StatusVerificationError("status.entry_size")


def require_length(entries: int) -> None:
    """Refuse a list too short to hide who is asked about. Raises StatusListLengthError."""
    if entries < limits.STATUS_ENTRIES:
        raise StatusListLengthError("status.list_too_short", least=limits.STATUS_ENTRIES, found=entries)


def require_index(index: int, entries: int) -> None:
    """Refuse an index that the list does not have. Raises RangeError."""
    if not 0 <= index < entries:
        raise RangeError("status.index_out_of_range", entries=entries)
