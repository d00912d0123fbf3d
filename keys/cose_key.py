"""Keys as COSE_Key (RFC 9053 §7), the points of elliptic curves compressed."""

from collections.abc import Mapping
from typing import Final

from boundary import cbor
from boundary.cbor import Cbor, Key
from keys.public import SCALAR_BYTES, PublicKey
from keys.signer import Algorithm
from problems import MalformedValueError

_KTY, _CRV, _X, _Y = 1, -1, -2, -3
_CURVES: Final[Mapping[Algorithm, tuple[int, int]]] = {"Ed25519": (1, 6), "P-256": (2, 1), "P-384": (2, 2)}
"""Key type (OKP, EC2) and curve, as the registry numbers them."""


def to_cose_key(key: PublicKey) -> dict[Key, Cbor]:
    """Return type, curve, ``x`` and, for elliptic curves, the sign of ``y`` (§7.1.1).

    Raises MalformedValueError for a kind of key that COSE has no place for here.
    """
    if key.algorithm not in _CURVES:
        raise MalformedValueError("key.type_unsupported")
    kind, curve = _CURVES[key.algorithm]
    if key.algorithm == "Ed25519":
        return {_KTY: kind, _CRV: curve, _X: key.raw}
    return {_KTY: kind, _CRV: curve, _X: key.raw[1:], _Y: key.raw[0] == 3}


def from_cose_key(members: Mapping[Key, Cbor]) -> PublicKey:
    """Return the key; raise MalformedValueError for a secret, another kind, or no point of the curve."""
    algorithm = _algorithm(members)
    wanted = {_KTY, _CRV, _X} if algorithm == "Ed25519" else {_KTY, _CRV, _X, _Y}
    if members.keys() != wanted:
        raise MalformedValueError("key.coordinates", algorithm=algorithm)
    x = cbor.some_bytes(members[_X], "x", SCALAR_BYTES[algorithm])
    if algorithm == "Ed25519":
        return PublicKey(algorithm, x)
    sign = members[_Y]
    if not isinstance(sign, bool):
        raise MalformedValueError("key.coordinates", algorithm=algorithm)
    return PublicKey(algorithm, (b"\x03" if sign else b"\x02") + x)


def _algorithm(members: Mapping[Key, Cbor]) -> Algorithm:
    kind, curve = members.get(_KTY), members.get(_CRV)
    for algorithm, numbers in _CURVES.items():
        if (kind, curve) == numbers and not isinstance(kind, bool) and not isinstance(curve, bool):
            return algorithm
    raise MalformedValueError("key.type_unsupported")
