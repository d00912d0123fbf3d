"""The regular files of a tar archive, from a stream and in flat memory (POSIX.1-2024 pax, ustar).

The library's own reader takes a name or an extended header of any size into memory, so it reads single
headers here, and no more. Links, devices and directories are no files; nothing is unpacked to disk.
"""

import tarfile
from collections.abc import Iterable, Iterator
from typing import Final

from boundary import limits
from problems import LimitError, ParsingError

_BLOCK: Final = tarfile.BLOCKSIZE
_LONG_NAME: Final = (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE)
_SKIPPED_HEADERS: Final = (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK)


class _Reader:
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def take(self, size: int) -> Iterator[bytes]:
        """Yield exactly ``size`` bytes in pieces; raise ParsingError when there are fewer."""
        while size:
            self._left = self._left or next(self._chunks, b"")
            if not self._left:
                raise ParsingError("archive.damaged")
            piece, self._left = self._left[:size], self._left[size:]
            size -= len(piece)
            yield piece

    def block(self) -> bytes:
        return b"".join(self.take(_BLOCK))


def files(chunks: Iterable[bytes], *, limit: int) -> Iterator[tuple[str, bytes | LimitError]]:
    """Yield name and content of each regular file; in the place of a content beyond ``limit`` a LimitError.

    Raises ParsingError for what is no tar, or a damaged one, LimitError for too many parts; as soon as it
    shows: what was yielded before may be a part.
    """
    reader, name = _Reader(chunks), ""
    for _ in range(limits.ARCHIVE_PARTS):
        header = _header(reader.block())
        if header is None:
            return
        if header.type in _LONG_NAME:
            name = _long_name(header, _content(reader, header, limits.TAR_NAME_BYTES)) or name
        elif header.isreg():
            yield name or header.name, _told(reader, header, limit)
            name = ""
        else:
            _skip(reader, header)
            name = name if header.type in _SKIPPED_HEADERS else ""
    raise LimitError("archive.too_many_parts", limit=limits.ARCHIVE_PARTS)


def _header(block: bytes) -> tarfile.TarInfo | None:
    """Return the header; None for the block of zeros at the end."""
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
        return None
    except tarfile.HeaderError:
        raise ParsingError("archive.damaged") from None


def _told(reader: _Reader, header: tarfile.TarInfo, limit: int) -> bytes | LimitError:
    if header.size <= limit:
        return _content(reader, header, limit)
    _skip(reader, header)
    return LimitError("bundle.file_too_large", limit=limit)


def _content(reader: _Reader, header: tarfile.TarInfo, limit: int) -> bytes:
    if not 0 <= header.size <= limit:
        raise LimitError("archive.too_large", limit=limit)
    data = b"".join(reader.take(_padded(header.size)))
    return data[: header.size]


def _skip(reader: _Reader, header: tarfile.TarInfo) -> None:
    for _ in reader.take(_padded(max(header.size, 0))):
        pass


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _long_name(header: tarfile.TarInfo, content: bytes) -> str:
    """Return the name that an extended header gives to the next file: ``27 path=dossier/cv.pdf``."""
    if header.type == tarfile.GNUTYPE_LONGNAME:
        return content.rstrip(b"\0").decode("utf-8", "replace")
    for line in content.split(b"\n"):
        _, _, record = line.partition(b" ")
        key, equals, value = record.partition(b"=")
        if equals and key == b"path":
            return value.decode("utf-8", "replace")
    return ""
