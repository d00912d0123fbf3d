"""QR codes as pictures: PNG, SVG, and text for a terminal. The one module that imports qrcode.

A self-contained code spends all its room on content (error correction L); a link affords M. All have the
quiet zone of four modules that scanners rely on (ISO/IEC 18004 §6.3.8), dark on light.
"""

import io
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from exchange import offline, qr
from exchange.openid4vci import offer
from problems import LimitError

_QUIET: Final = 4
_PIXELS: Final = 8  # per module, where decoders need 3
_COLOURS: Final = "\x1b[38;5;16;48;5;231m"  # black on white whatever the terminal's theme
_PLAIN: Final = "\x1b[0m"
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def png(text: str) -> bytes:
    """Return a code of ours as a black and white PNG. Raises what :func:`matrix` raises."""
    picture = io.BytesIO()
    _code(text).make_image().save(picture, format="PNG")
    return picture.getvalue()


def svg(text: str) -> str:
    """Return a code of ours as an SVG document, one unit per module."""
    rows = matrix(text)
    size = len(rows)
    dark = "".join(_dark_runs(y, row) for y, row in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        f' aria-label="QR code" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{dark}"/></svg>\n'
    )


def terminal(text: str) -> str:
    """Return a code of ours as lines of half blocks, two rows of modules to a line."""
    rows = matrix(text)
    rows.append([False] * len(rows))  # versions have odd sizes
    lines = (zip(upper, lower, strict=True) for upper, lower in zip(rows[::2], rows[1::2], strict=True))
    return "".join(f"{_COLOURS}{''.join(_HALVES[pair] for pair in line)}{_PLAIN}\n" for line in lines)


def matrix(text: str) -> list[list[bool]]:
    """Return the modules with their quiet zone; true is dark.

    Raises InputError for text that is no code of ours, LimitError for one that fits into no version.
    """
    modules: list[list[bool]] = _code(text).get_matrix()
    return modules


def version(text: str) -> int:
    """Return the version, 1 to 40: how large the code is."""
    return int(_code(text).version)


def _code(text: str) -> QRCode:
    """A code is one of our own grammar, or the link of a credential offer, which belongs to OpenID4VCI."""
    if text.startswith(offer.SCHEME):
        return _made([QRData(text, mode=MODE_8BIT_BYTE)], int(ERROR_CORRECT_M))
    payload = qr.decode(text)
    return _made(_segments(payload), _correction(payload))


def _made(segments: Sequence[QRData], correction: int) -> QRCode:
    code = QRCode(error_correction=correction, border=_QUIET, box_size=_PIXELS)
    for segment in segments:
        code.add_data(segment)
    try:
        code.make()
    except (DataOverflowError, ValueError):  # the library looks for a version 41
        raise LimitError("qr.too_large_document") from None
    return code


def _correction(payload: qr.QrPayload) -> int:
    """A twin on paper is folded and stained, one on a screen is not."""
    on_screen = payload.kind == "O" or (payload.kind == "T" and not offline.is_paper(qr.content(payload)))
    return int(ERROR_CORRECT_L if on_screen else ERROR_CORRECT_M)


def _segments(payload: qr.QrPayload) -> list[QRData]:
    """Digits take a third of a byte's room when they stand in a numeric segment of their own."""
    if payload.kind not in ("O", "T") or not payload.body.isdigit():
        return [QRData(payload.prefix + payload.body, mode=MODE_8BIT_BYTE)]
    return [
        QRData(payload.prefix, mode=MODE_8BIT_BYTE),
        QRData(payload.body, mode=MODE_NUMBER),
    ]


def _dark_runs(y: int, row: list[bool]) -> str:
    runs, x = [], 0
    for dark, modules in groupby(row):
        width = len(list(modules))
        runs.append(f"M{x} {y}h{width}v1h-{width}z" if dark else "")
        x += width
    return "".join(runs)
