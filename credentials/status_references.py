"""Where a credential says that its status can be found."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from boundary.shape import a_text, an_integer, an_object, many
from boundary.strict_json import Json, JsonValue
from credentials.members import require_url
from problems import RangeError

_ENTRIES: Final = frozenset({"BitstringStatusListEntry", "StatusList2021Entry"})  # one list, two names
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True)
class StatusReference:
    """One entry of one list. ``other`` is a kind of list that we cannot read.

    ``purpose`` is what a set bit means (Bitstring); empty for a token list, whose values say it.
    """

    kind: Literal["bitstring", "token", "other"]
    uri: str
    index: int
    purpose: str = ""
    size: int = 1
    """Bits per entry, as a Bitstring entry states them (``statusSize``)."""


def references_ld(document: Json) -> tuple[StatusReference, ...]:
    """Read ``credentialStatus`` (Bitstring Status List §2.1). Raises MalformedValueError, RangeError."""
    return tuple(_bitstring(entry) for entry in many(document.get("credentialStatus")))


def references_sd(payload: Json) -> tuple[StatusReference, ...]:
    """Read ``status`` (Token Status List §6.1). Raises MalformedValueError, RangeError."""
    if "status" not in payload:
        return ()
    status = an_object(payload["status"], "status")
    if "status_list" not in status:
        return (StatusReference("other", "", 0),)
    entry = an_object(status["status_list"], "status.status_list")
    index = an_integer(entry.get("idx"), "status.status_list.idx")
    if index < 0:
        raise RangeError("status.index_form")
    return (StatusReference("token", require_url(entry.get("uri"), "status.status_list.uri"), index),)


def _bitstring(value: JsonValue) -> StatusReference:
    entry = an_object(value, "credentialStatus")
    if _ENTRIES.isdisjoint(map(str, many(entry.get("type")))):
        return StatusReference("other", "", 0)
    return StatusReference(
        "bitstring",
        require_url(entry.get("statusListCredential"), "credentialStatus.statusListCredential"),
        _index(entry.get("statusListIndex")),
        a_text(entry.get("statusPurpose"), "credentialStatus.statusPurpose"),
        an_integer(entry.get("statusSize", 1), "credentialStatus.statusSize"),
    )


def _index(value: JsonValue) -> int:
    """A decimal number as text, in its one spelling: no sign, space, leading zero or foreign digit."""
    text = a_text(value, "credentialStatus.statusListIndex")
    if not _INDEX.fullmatch(text):
        raise RangeError("status.index_form")
    return int(text)
