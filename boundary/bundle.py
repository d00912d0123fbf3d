"""Several files at once: a folder, a ZIP archive, a gzipped tar. One that cannot be read stops no other.

Names are told as they stand and lead nowhere: nothing is ever written, no link is followed, and archives in
archives are not opened.
"""

import codecs
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from boundary import limits, tar_stream
from boundary.archive import Archive, Part
from boundary.inflate import gunzip
from problems import InputError, LimitError, ParsingError, Problem

_ZIP, _GZIP = b"PK\3\4", b"\x1f\x8b"
_EMPTY_ZIP: Final = b"PK\5\6"
_NESTED: Final = (_ZIP, _EMPTY_ZIP, _GZIP, b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
_TAR_AT: Final = 257
_CHUNK: Final = 64 << 10


@dataclass(frozen=True)
class Entry:
    """One file: its path inside the folder or archive, and what it holds or why that cannot be read."""

    name: str
    content: bytes | Problem


def is_bundle(path: Path) -> bool:
    """Say whether ``path`` is a folder, or a file that begins like an archive."""
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            return path.is_file() and file.read(4).startswith((_ZIP, _EMPTY_ZIP, _GZIP))
    except OSError:
        return False


def refuse_archive(data: bytes) -> None:
    """Raise InputError for an archive that came without a file to look into, on standard input."""
    if data.startswith((_ZIP, _EMPTY_ZIP, _GZIP)):
        raise InputError("bundle.by_name")


def count(path: Path) -> int | None:
    """Return how many files are in it at most; None when only reading it all would tell."""
    if path.is_dir():
        return sum(1 for _ in _found(path))
    with path.open("rb") as file:
        head = file.read(4)
        return None if head.startswith(_GZIP) else len(_parts(Archive(file)))


def entries(path: Path, *, limit: int) -> Iterator[Entry]:
    """Yield the files in ``path``, in the order in which they stand there; each at most ``limit`` bytes.

    Hidden files and the leavings of operating systems are passed over. Raises ParsingError and LimitError
    for an archive that is damaged or too large as a whole, also after its first files; OSError.
    """
    if path.is_dir():
        yield from _of_folder(path, limit)
        return
    with path.open("rb") as file:
        zipped = file.read(4).startswith((_ZIP, _EMPTY_ZIP))
        file.seek(0)
        yield from _of_zip(file, limit) if zipped else _of_tar(file, limit)


def lines(path: Path, *, limit: int) -> Iterator[Entry]:
    """Yield the lines of a text that are not blank, as if each were a file; each at most ``limit`` bytes.

    Raises InputError ``bundle.kind`` for what is no text (a picture, a PDF, a program). OSError.
    """
    with path.open("rb") as file:
        for number in itertools.count(1):
            line = file.readline(limit + 2)
            if not line:
                return
            if b"\0" in line:
                raise InputError("bundle.kind")
            content = line.removeprefix(codecs.BOM_UTF8).strip()
            if len(content) > limit:
                _pass_over(file, line)
                yield Entry(f"{number}", LimitError("bundle.file_too_large", limit=limit))
            elif content:
                yield Entry(f"{number}", content)


def _pass_over(file: BinaryIO, begun: bytes) -> None:
    """Read the rest of a line that is too long, and keep none of it."""
    while begun and not begun.endswith(b"\n"):
        begun = file.readline(_CHUNK)


def _of_folder(folder: Path, limit: int) -> Iterator[Entry]:
    for path in _found(folder):
        yield _entry(str(path.relative_to(folder)), _opened(path, limit))


def _found(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Folders come after the files beside them; names in their order, so that two runs are alike."""
    if depth > limits.BUNDLE_DEPTH:
        raise LimitError("bundle.too_deep", limit=limits.BUNDLE_DEPTH)
    inside = sorted(path for path in folder.iterdir() if not _is_hidden(path.name))
    folders = [path for path in inside if path.is_dir() and not path.is_symlink()]
    yield from (path for path in inside if path not in folders)
    for path in folders:
        yield from _found(path, depth + 1)


def _opened(path: Path, limit: int) -> bytes | Problem:
    """A link, a device or a pipe is no file, not even if it takes a file's place at this moment."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            return InputError("bundle.link")
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return InputError("bundle.no_file")
            data = file.read(limit + 1)
    except OSError:
        return InputError("bundle.unreadable")
    return data if len(data) <= limit else LimitError("bundle.file_too_large", limit=limit)


def _of_zip(file: BinaryIO, limit: int) -> Iterator[Entry]:
    archive, left = Archive(file), limits.BUNDLE_BYTES
    for part in _parts(archive):
        content = _inflated(archive, part, min(limit, left))
        left -= len(content) if isinstance(content, bytes) else 0
        yield _entry(part.name, content)


def _parts(archive: Archive) -> list[Part]:
    named = [part for part in archive.parts.values() if not part.name.endswith("/")]
    return [part for part in named if not _is_hidden(part.name)]


def _inflated(archive: Archive, part: Part, limit: int) -> bytes | Problem:
    """What inflates to hundreds of times its size is no document of anybody's."""
    if part.size > limits.BUNDLE_RATIO * max(part.packed, _CHUNK):
        return LimitError("bundle.ratio", limit=limits.BUNDLE_RATIO)
    if part.size > limit:
        return LimitError("bundle.file_too_large", limit=limit)
    try:
        return b"".join(archive.chunks(part.name, limit=limit))
    except (ParsingError, LimitError) as problem:
        return problem


def _of_tar(file: BinaryIO, limit: int) -> Iterator[Entry]:
    packed = iter(lambda: file.read(_CHUNK), b"")
    stream = gunzip(packed, limit=limits.BUNDLE_BYTES)
    for name, content in tar_stream.files(stream, limit=limit):
        if not _is_hidden(name):
            yield _entry(name, content)


def _entry(name: str, content: bytes | Problem) -> Entry:
    if isinstance(content, bytes) and (content.startswith(_NESTED) or content[_TAR_AT:].startswith(b"ustar")):
        content = InputError("bundle.nested")
    return Entry(name, content)


def _is_hidden(name: str) -> bool:
    return any(step.startswith((".", "__MACOSX")) and step not in (".", "..") for step in name.split("/"))
