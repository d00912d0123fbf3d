"""What a QR code of ours says: one URL grammar, ``https://HOST/v#<T><payload>``.

``T`` is ``O`` for presentations that stand in the code itself, as digits; ``T`` for an offline twin, in
digits too; ``L`` for a link to a share; ``R`` for a recruiter's request. The host is chosen by whoever
made the code and proves nothing: it is told, and never used. Everything here is text; pictures are made
and read elsewhere.
"""

import bisect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from boundary import limits
from exchange import presentation, qr_digits, qr_pack
from problems import InputError, LimitError

Kind = Literal["O", "T", "L", "R"]

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = rf"{_LABEL}(?:\.{_LABEL})*"
_OURS: Final = re.compile(rf"https://({_HOST}(?::\d{{1,5}})?)/v#([OTLR])([A-Za-z0-9_-]+)")
_SITE: Final = re.compile(rf"https?://({_HOST})(?::\d{{1,5}})?(?:[/?#]|$)", re.IGNORECASE)
_HOST_WITH_PORT: Final = re.compile(rf"{_HOST}(?::\d{{1,5}})?")
_HOST_CHARS: Final = 253
_CAPACITY_BITS: Final = 23_648  # ISO/IEC 18004 table 7: data bits of version 40, error correction L
_SEGMENT_BITS: Final = 4 + 16 + 4 + 14  # table 3: mode and count of a byte and of a numeric segment


@dataclass(frozen=True)
class QrPayload:
    """What a code says. ``host`` is whoever made the code claims it to be: to be shown, never to be used."""

    kind: Kind
    host: str
    body: str

    @property
    def prefix(self) -> str:
        return f"https://{self.host}/v#{self.kind}"


def encode_offline(presentations: Sequence[str], host: str) -> str:
    """Return the text of one self-contained code.

    ``presentations`` are SD-JWT+KB in compact form, or JSON documents. Raises LimitError ``qr.too_large…``
    when they do not fit into version 40, saying how much is too much; InputError for a bad host.
    """
    _require_host(host)
    code = QrPayload("O", host, _digits(presentations))
    if not fits(code):
        _refuse(presentations, lambda fewer: fits(QrPayload("O", host, _digits(fewer))))
    return code.prefix + code.body


def encode_twin(shown: bytes, host: str) -> str:
    """Return the text of the code that shows a twin (:mod:`exchange.offline`). Raises InputError."""
    _require_host(host)
    code = QrPayload("T", host, qr_digits.encode(shown))
    return code.prefix + code.body


def decode(text: str) -> QrPayload:
    """Return what the code says, by the grammar alone.

    Raises LimitError beyond ``limits.QR_PAYLOAD_CHARS``; InputError ``qr.foreign`` for another site's
    code and ``qr.not_a_passport`` for any other text.
    """
    if len(text) > limits.QR_PAYLOAD_CHARS:
        raise LimitError("qr.too_long", limit=limits.QR_PAYLOAD_CHARS)
    ours = _OURS.fullmatch(text)
    if ours and len(ours[1]) <= _HOST_CHARS:
        return QrPayload(cast(Kind, ours[2]), ours[1], ours[3])
    site = _SITE.match(text)
    if site and len(site[1]) <= _HOST_CHARS:
        raise InputError("qr.foreign", site=site[1].lower())
    raise InputError("qr.not_a_passport")


def presentations(payload: QrPayload) -> tuple[str, ...]:
    """Return the presentations that stand in the code itself, character for character.

    Raises InputError for a link (see :mod:`exchange.share_link`), a request and a twin, in which none
    stands; ParsingError ``qr.damaged``, LimitError for a bomb.
    """
    if payload.kind == "T":
        raise InputError("qr.twin")
    if payload.kind == "L":
        raise InputError("qr.link_not_yet")
    if payload.kind == "R":
        raise InputError("qr.request_not_yet")
    return qr_pack.unpack(qr_digits.decode(payload.body))


def content(payload: QrPayload) -> bytes:
    """Return what stands in the code itself, to be verified: presentations as one text, or a twin.

    Raises what :func:`presentations` raises.
    """
    if payload.kind == "T":
        return qr_digits.decode(payload.body)
    return presentation.join(presentations(payload)).encode()


def fits(code: QrPayload) -> bool:
    """Return whether version 40, the largest, holds a self-contained code."""
    triples, rest = divmod(len(code.body), 3)
    digits_bits = 10 * triples + (0, 4, 7)[rest]
    return _SEGMENT_BITS + 8 * len(code.prefix) + digits_bits <= _CAPACITY_BITS


def _require_host(host: str) -> None:
    if not _HOST_WITH_PORT.fullmatch(host) or len(host) > _HOST_CHARS:
        raise InputError("qr.host")


def _digits(presentations: Sequence[str]) -> str:
    return qr_digits.encode(qr_pack.pack(presentations))


def _refuse(presentations: Sequence[str], fits: Callable[[Sequence[str]], bool]) -> None:
    """Say how much is too much, counting from the first that is shown."""
    credentials = len(presentations)
    if credentials > 1:
        over = credentials - _most(credentials, lambda count: fits(presentations[:count]))
        raise LimitError("qr.too_large", credentials=credentials, over=over)
    issuer_jwt, *disclosures, last = _pieces(presentations[0])
    items = len(disclosures)
    shown = _most(items, lambda count: fits(["~".join([issuer_jwt, *disclosures[:count], last])]))
    if shown:
        raise LimitError("qr.too_large_items", items=items, over=items - shown)
    raise LimitError("qr.too_large_document")


def _pieces(presentation: str) -> list[str]:
    """Return the issuer's JWT, disclosures and key binding; in a JSON document nothing can be left out."""
    if "~" in presentation and not presentation.startswith("{"):
        return presentation.split("~")
    return [presentation, ""]


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to ``count`` that fits; 0 when none does."""
    return bisect.bisect_left(range(1, count + 1), True, key=lambda number: not fits(number))
