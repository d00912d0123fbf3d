"""Claims of a CBOR Web Token (RFC 8392 §3), in the payload of a COSE_Sign1."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from boundary import cbor, limits
from boundary.cbor import Cbor, Key
from problems import MalformedValueError
from proofs.cose.sign1 import Sign1

ISS, SUB, EXP, IAT, CNF = 1, 2, 4, 6, 8
"""RFC 8392 §3.1; RFC 8747 §3.1 for ``cnf``."""
STATUS, TTL, STATUS_LIST = 65535, 65534, 65533
"""Token Status List (draft-20) §14.5."""

Claims = Mapping[Key, Cbor]
_LATEST: Final = 253_402_300_799  # the last second of the year 9999


def claims(message: Sign1) -> Claims:
    """Return the claims; raise ParsingError, MalformedValueError for a payload that is no claims set."""
    return cbor.a_map(cbor.read(message.payload, limit=limits.COSE_BYTES), "claims")


def moment(claims: Claims, name: int) -> dt.datetime | None:
    """Return a NumericDate in UTC, whole seconds only; None when it is not there."""
    if name not in claims:
        return None
    seconds = cbor.an_integer(claims[name], str(name), least=0)
    if seconds > _LATEST:
        raise MalformedValueError("cbor.shape", at=str(name))
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
