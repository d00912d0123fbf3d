"""From a file to the documents in it: itself, what the QR codes on a picture or on its pages carry, or the
badge that is baked into a picture.

Beside our code a page may show others, a link to a web site for instance: the grammar says which are
ours, and each of those is a document. Nothing is chosen among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from exchange import qr
from exchange.qr import QrPayload
from problems import InputError, LimitError, Problem
from verifier import baked, pdf, scan
from verifier.scan import Seen

_PICTURES: Final = (baked.PNG, b"\xff\xd8\xff", b"GIF8", b"RIFF")
_LINKS: Final = (b"https://", b"http://")


@dataclass(frozen=True)
class Document:
    """One document in a file. ``page`` counts from 1; None where there are no pages."""

    content: bytes | QrPayload
    page: int | None = None

    def body(self) -> bytes:
        """Return what is to be verified. Only the payload of a code counts; its host is anybody's choice.

        Raises what :func:`exchange.qr.content` raises.
        """
        if isinstance(self.content, bytes):
            return self.content
        return qr.content(self.content)


@dataclass(frozen=True)
class Extracted:
    """At least one document, in the order of the pages, each once.

    ``foreign`` counts the other codes; ``unreadable`` when something else has the shape of a code.
    """

    documents: tuple[Document, ...]
    foreign: int = 0
    unreadable: bool = False


def extract(data: bytes) -> Extracted:
    """Return the documents in ``data``, a file of any kind that we know.

    Raises InputError when there is none (``image.no_code``, ``pdf.no_code``, ``image.unreadable``), and
    what :func:`exchange.qr.decode` says of the only code when it is none of ours; what reading a picture
    or a PDF raises.
    """
    if pdf.is_pdf(data):
        return _codes(pdf.read_pdf(data), "pdf.no_code", paged=True)
    if data.startswith(baked.PNG) and (badge := baked.from_png(data)):
        return _with_codes(Document(badge), data)
    if data.startswith(_PICTURES):
        return _codes([scan.read_image(data)], "image.no_code")
    if baked.is_svg(data):
        return Extracted((Document(baked.from_svg(data)),))
    if data[:20].lstrip().lower().startswith(_LINKS):
        return Extracted((Document(qr.decode(data.decode("utf-8", "replace").strip())),))
    return Extracted((Document(data),))


def _with_codes(badge: Document, data: bytes) -> Extracted:
    """The picture of a badge need not be one that we can decode; codes of ours on it are documents too."""
    try:
        found = _codes([scan.read_image(data)], "image.no_code")
    except Problem:
        return Extracted((badge,))
    return replace(found, documents=(badge, *found.documents))


def _codes(pages: Sequence[Seen], none: str, *, paged: bool = False) -> Extracted:
    ours: dict[QrPayload, int] = {}
    foreign: dict[str, Problem] = {}
    for number, seen in enumerate(pages, 1):
        for text in seen.texts:
            try:
                ours.setdefault(qr.decode(text), number)
            except (InputError, LimitError) as problem:
                foreign[text] = problem
    unreadable = any(seen.unreadable for seen in pages)
    if not ours:
        raise _nothing(foreign.values(), none, unreadable=unreadable)
    documents = (Document(code, page if paged else None) for code, page in ours.items())
    return Extracted(tuple(documents), len(foreign), unreadable)


def _nothing(foreign: Iterable[Problem], none: str, *, unreadable: bool) -> Problem:
    """Our code may be the one that cannot be read; otherwise say where the first of the others leads."""
    if unreadable:
        return InputError("image.unreadable")
    return next(iter(foreign), InputError(none))
