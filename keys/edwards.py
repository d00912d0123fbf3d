"""Which 32 bytes are an honest Ed25519 public key.

The library loads any 32 bytes. Under a key of small order one signature verifies for many messages,
and two encodings of one point would be two names of one key: both are refused here, as are bytes
that are no point of the curve (RFC 8032 §5.1.3).
"""

from typing import Final

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ORDER_8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER: Final = frozenset({0, 1, _P - 1, _ORDER_8, _P - _ORDER_8})
"""The y coordinates of the eight points whose order divides the cofactor."""


def require_sound(raw: bytes) -> None:
    """Raise ValueError unless ``raw`` is the one encoding of a point that is not of small order."""
    if len(raw) != 32:
        raise ValueError("32 bytes expected")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise ValueError("not canonical")
    if y in _SMALL_ORDER:
        raise ValueError("small order")
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(square, (_P - 1) // 2, _P) != 1:
        raise ValueError("not on the curve")
