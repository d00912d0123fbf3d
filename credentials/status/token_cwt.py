"""Token Status List as a CWT (draft-20 §5.2): the same list as the JWT, in CBOR.

Read or written, its claims go by the names that they have in JSON, so that what a list means is said
once, in :mod:`credentials.status.token`.
"""

from collections.abc import Mapping
from typing import Final

from boundary import base64url, cbor
from boundary.cbor import Cbor, Key
from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json, JsonValue
from keys.signer import Signer
from proofs.cose import cwt, sign1
from proofs.cose.sign1 import KID, TYP, Sign1

MEDIA_TYPE: Final = "application/statuslist+cwt"
COAP_FORMAT: Final = 279
"""The number that may stand for the media type (RFC 9596 §2; CoAP Content-Formats)."""

_NAMES: Final[Mapping[int, str]] = {
    cwt.ISS: "iss",
    cwt.SUB: "sub",
    cwt.EXP: "exp",
    cwt.IAT: "iat",
    cwt.TTL: "ttl",
    cwt.STATUS: "status",
}
_TIMES: Final = (cwt.EXP, cwt.IAT, cwt.TTL)


def is_cwt(data: bytes) -> bool:
    """Whether a published list is in this form: a JWT is text, and no text begins so (§5.2 asks the tag)."""
    return data.startswith(sign1.TAG)


def sign_list(payload: Json, signer: Signer) -> bytes:
    """Return the Status List Token of the payload that :func:`token.list_payload` makes."""
    status_list = an_object(payload["status_list"], "status_list")
    packed: dict[Key, Cbor] = {
        "bits": an_integer(status_list["bits"], "bits"),
        "lst": base64url.decode(a_text(status_list["lst"], "lst")),
    }
    times = {key: name for key, name in _NAMES.items() if key in _TIMES and name in payload}
    claims: dict[Key, Cbor] = {
        cwt.SUB: a_text(payload["sub"], "sub"),
        **{key: an_integer(payload[name], name) for key, name in times.items()},
        cwt.STATUS_LIST: packed,
    }
    header: dict[Key, Cbor] = {TYP: MEDIA_TYPE, KID: signer.verification_method.encode()}
    return sign1.sign(header, cbor.write(claims), signer)


def claims(message: Sign1) -> Json:
    """Return the claims under their names in JSON; those that say nothing of the list are left out.

    Raises ParsingError, MalformedValueError for what is no list in this form.
    """
    found = cwt.claims(message)
    status_list = cbor.a_map(found.get(cwt.STATUS_LIST), "status_list")
    lst = cbor.some_bytes(status_list.get("lst"), "status_list.lst")
    named: Json = {name: _plain(found[key]) for key, name in _NAMES.items() if key in found}
    bits = cbor.an_integer(status_list.get("bits"), "status_list.bits")
    return {**named, "status_list": {"bits": bits, "lst": base64url.encode(lst)}}


def _plain(value: Cbor) -> JsonValue:
    """A list that has a status is refused whatever that is, so only its presence is told."""
    return value if isinstance(value, int | str) else None
