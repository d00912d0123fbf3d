"""From a PDF to the QR codes on its pages, by a child process that is killed when it takes too long."""

import os
import subprocess
import sys
import tempfile
import threading
from typing import Final

from boundary import limits, strict_json
from boundary.shape import a_list, an_object, texts
from boundary.strict_json import Json, JsonValue
from problems import InputError, LimitError, MalformedValueError, ParsingError, Problem
from verifier.scan import Seen

_CHILD: Final = (sys.executable, "-I", "-m", "verifier.pdf_pages")
_STOPPED: Final = (-9, -24)  # killed by us or by the system, or told by it that its processor time is up
_HEADER_WITHIN: Final = 1_024  # readers forgive that much before it (ISO 32000-1 annex H, note 13)


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:_HEADER_WITHIN]


def read_pdf(data: bytes) -> tuple[Seen, ...]:
    """Return what the codes on each page say, the first page first.

    Raises LimitError for a file, a number of pages or an amount of work beyond ``boundary.limits``;
    InputError ``pdf.locked`` for one that asks for a password; ParsingError ``pdf.damaged``.
    """
    if len(data) > limits.PDF_BYTES:
        raise LimitError("pdf.file_too_large", limit=limits.PDF_BYTES >> 20)
    status, answer = _drawn(data)
    if status in _STOPPED:
        raise _problem("work")
    try:
        told = strict_json.read_object(answer, limit=limits.PDF_ANSWER_BYTES)
        if "problem" not in told:
            return tuple(map(_seen, a_list(told.get("pages"), "pages")))
    except (ParsingError, LimitError, MalformedValueError):  # it died before it could answer
        raise _problem("damaged") from None
    raise _problem(told["problem"])


def _drawn(data: bytes) -> tuple[int, bytes]:
    """Return how the child ended and what it answered, no more of it than may be read."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        with subprocess.Popen(  # noqa: S603 (a program of ours; what is untrusted goes in by its input)
            _CHILD,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        ) as child:
            clock = threading.Timer(limits.PDF_SECONDS, child.kill)
            clock.start()
            try:
                answer = child.stdout.read(limits.PDF_ANSWER_BYTES + 1) if child.stdout else b""
                if len(answer) > limits.PDF_ANSWER_BYTES:
                    child.kill()
                return child.wait(), answer
            finally:
                clock.cancel()
                child.kill()


def _environment() -> dict[str, str]:
    """The child is told nothing: no passphrase, no settings. Windows starts no program without its root."""
    return {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}


def _seen(page: JsonValue) -> Seen:
    told: Json = an_object(page, "pages")
    return Seen(tuple(texts(told.get("texts"), "texts")), told.get("unreadable") is True)


def _problem(kind: JsonValue) -> Problem:
    match kind:
        case "locked":
            return InputError("pdf.locked")
        case "pages":
            return LimitError("pdf.too_many_pages", limit=limits.PDF_PAGES)
        case "work":
            return LimitError("pdf.too_much_work", limit=limits.PDF_SECONDS)
    return ParsingError("pdf.damaged")
