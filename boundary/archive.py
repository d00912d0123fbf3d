"""ZIP archives from outside, opened by nobody before what they really hold was measured.

Only what honest writers produce is read (APPNOTE.TXT 6.3.10): one volume, stored or deflated parts, sizes
that are true. An archive that says one thing in its directory and holds another is refused, for two readers
would see two archives in it.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from boundary import limits
from problems import LimitError, ParsingError

_END: Final = struct.Struct("<4s4H2LH")  # §4.3.16, end of central directory
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")  # §4.3.12, central directory header
_LOCAL: Final = struct.Struct("<4s5H3L2H")  # §4.3.7, local file header
_COMMENT_BYTES: Final = 0xFFFF
_ENCRYPTED: Final = 0x0041  # §4.4.4, bits 0 and 6
_STORED, _DEFLATED = 0, 8
_CHUNK: Final = 64 << 10


@dataclass(frozen=True)
class Part:
    """One file of an archive, as the directory declares it. Sizes in bytes; ``start`` of its local header."""

    name: str
    method: int
    flags: int
    checksum: int
    packed: int
    size: int
    start: int
    spelled: bytes
    """The name as its bytes stand in the archive."""


class Archive:
    """The parts of a ZIP archive by name. Nothing is unpacked to disk."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the directory of ``file``, which stays the caller's to close.

        Raises ParsingError when it is no sound archive, LimitError when it declares too much.
        """
        self._file = file
        self.parts: Mapping[str, Part] = _directory(file)

    def chunks(self, name: str, *, limit: int = limits.ARCHIVE_INFLATED_BYTES) -> Iterator[bytes]:
        """Yield the content of a part, piece by piece, in flat memory.

        Raises ParsingError when there is no such part, it is encrypted, or it is not as declared,
        LimitError beyond ``limit`` bytes: as soon as it shows, so what was yielded until then may be a part.
        """
        part = self.parts.get(name)
        if part is None:
            raise ParsingError("archive.part_missing")
        if part.flags & _ENCRYPTED:
            raise ParsingError("archive.encrypted")
        if part.method not in (_STORED, _DEFLATED):
            raise ParsingError("archive.damaged")
        if part.size > limit:
            raise LimitError("archive.too_large", limit=limit)
        size = checksum = 0
        for piece in _inflated(part, self._packed(part)):
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
            if size > part.size:
                raise ParsingError("archive.damaged")
            yield piece
        if (size, checksum) != (part.size, part.checksum):
            raise ParsingError("archive.damaged")

    def _packed(self, part: Part) -> Iterator[bytes]:
        self._file.seek(part.start)
        head = self._file.read(_LOCAL.size)
        if len(head) != _LOCAL.size or not head.startswith(b"PK\3\4"):
            raise ParsingError("archive.damaged")
        name, extra = _LOCAL.unpack(head)[-2:]
        if self._file.read(name) != part.spelled:
            raise ParsingError("archive.damaged")
        self._file.seek(extra, 1)
        left = part.packed
        while left:
            position = self._file.tell()
            chunk = self._file.read(min(left, _CHUNK))
            if not chunk:
                raise ParsingError("archive.damaged")
            left -= len(chunk)
            yield chunk
            self._file.seek(position + len(chunk))  # somebody else may read another part meanwhile


def _inflated(part: Part, packed: Iterator[bytes]) -> Iterator[bytes]:
    if part.method == _STORED:
        yield from packed
        return
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in packed:
            while chunk:
                yield machine.decompress(chunk, _CHUNK)
                chunk = machine.unconsumed_tail
            if machine.unused_data:
                raise ParsingError("archive.damaged")
        yield machine.flush()
    except zlib.error:
        raise ParsingError("archive.damaged") from None
    if not machine.eof:
        raise ParsingError("archive.damaged")


def _directory(file: BinaryIO) -> dict[str, Part]:
    length = file.seek(0, 2)
    file.seek(max(0, length - _END.size - _COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise ParsingError("archive.damaged")
    _, disk, first_disk, here, entries, size, start, comment = _END.unpack_from(tail, at)
    if disk or first_disk or here != entries or len(tail) - at != _END.size + comment:
        raise ParsingError("archive.damaged")
    if entries > limits.ARCHIVE_PARTS or size > limits.ARCHIVE_DIRECTORY_BYTES:
        raise LimitError("archive.too_many_parts", limit=limits.ARCHIVE_PARTS)
    file.seek(min(start, length))
    return _parts(file.read(size), entries)


def _parts(directory: bytes, entries: int) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    at = 0
    for _ in range(entries):
        part, at = _part(directory, at)
        if part.name in parts:
            raise ParsingError("archive.damaged")
        parts[part.name] = part
    if at != len(directory):
        raise ParsingError("archive.damaged")
    return parts


def _part(directory: bytes, at: int) -> tuple[Part, int]:
    if directory[at : at + 4] != b"PK\1\2" or len(directory) - at < _ENTRY.size:
        raise ParsingError("archive.damaged")
    fields = _ENTRY.unpack_from(directory, at)
    _, _, _, flags, method, _, _, checksum, packed, size, name, extra, comment, _, _, _, start = fields
    at += _ENTRY.size
    spelled = directory[at : at + name]
    part = Part(_name(spelled), method, flags, checksum, packed, size, start, spelled)
    return part, at + name + extra + comment


def _name(spelled: bytes) -> str:
    """Names are in UTF-8 today, and in code page 437 when nobody said so (§4.4.4 bit 11, appendix D)."""
    try:
        return spelled.decode("utf-8")
    except UnicodeDecodeError:
        return spelled.decode("cp437")
