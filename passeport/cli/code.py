"""A QR code on its way to a file or to the terminal."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from passeport import qr_image
from problems import InputError, LimitError


@dataclass(frozen=True)
class Code:
    """A QR code, drawn before anything is written: what cannot be drawn leaves no file behind."""

    text: str
    drawn: str

    @property
    def version(self) -> int:
        return qr_image.version(self.text)

    def picture(self, path: Path) -> bytes:
        """Return the picture that the file's name asks for."""
        return qr_image.svg(self.text).encode() if _is_svg(path) else qr_image.png(self.text)


def draw(text: str, path: Path | None, *, terminal: bool) -> Code:
    """Return the code of ``text`` for a file, the terminal or both; raise InputError, LimitError."""
    if path and not _is_svg(path) and path.suffix.lower() != ".png":
        raise InputError("qr.picture_kind")
    needed, there = len(qr_image.matrix(text)), shutil.get_terminal_size().columns
    if terminal and sys.stdout.isatty() and needed > there:
        raise LimitError("qr.wider_than_terminal", needed=needed, columns=there)
    return Code(text, qr_image.terminal(text) if terminal else "")


def _is_svg(path: Path) -> bool:
    return path.suffix.lower() == ".svg"
