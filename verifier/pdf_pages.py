"""Inside the child process of :mod:`verifier.pdf`: draw each page of a PDF and read its codes.

The one module that imports pypdfium2. PDFium is native code that reads what strangers wrote, so it works
where it can be killed, under limits that it cannot lift, and can write no file (ADR on PDF pages).
"""

import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Final

import pypdfium2  # type: ignore[import-untyped]

from boundary import limits, strict_json
from boundary.strict_json import Json, JsonValue
from verifier import scan

_POINTS: Final = 72  # an inch, in the unit of PDF
_DOTS: Final = 300  # an inch, drawn: a code of 2 cm with 141 modules has 1.7 dots a module, and is read


def main() -> None:
    """Read a PDF from standard input; write ``{"pages": [...]}``, or ``{"problem": ...}``."""
    _limit()
    answer = _answer(sys.stdin.buffer.read(limits.PDF_BYTES + 1))
    sys.stdout.buffer.write(strict_json.write(answer).encode("utf-8", "replace"))


def _limit() -> None:
    with suppress(ImportError):  # Windows leaves the clock, which the parent watches
        import resource

        for kind, limit in (
            (resource.RLIMIT_CPU, limits.PDF_SECONDS),
            (resource.RLIMIT_AS, limits.PDF_MEMORY_BYTES),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(kind, (limit, limit))


def _answer(data: bytes) -> Json:
    try:
        with closing(pypdfium2.PdfDocument(data)) as document:
            if len(document) > limits.PDF_PAGES:
                return {"problem": "pages"}
            return {"pages": list(_pages(document))}
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        return {"problem": "locked" if locked else "damaged"}
    except MemoryError:
        return {"problem": "work"}


def _pages(document: pypdfium2.PdfDocument) -> Iterator[JsonValue]:
    for page in document:
        with closing(page), closing(page.render(scale=_scale(page), grayscale=True)) as bitmap:
            seen = scan.read_pixels(bitmap.to_pil())
        yield {"texts": list(seen.texts), "unreadable": seen.unreadable}


def _scale(page: pypdfium2.PdfPage) -> float:
    """Draw as finely as print, but no page larger than ``limits.PDF_PIXELS``, whatever size it claims."""
    width, height = page.get_size()
    return min(_DOTS / _POINTS, limits.PDF_PIXELS / max(float(width), float(height), 1))


if __name__ == "__main__":
    main()
