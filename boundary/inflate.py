"""Decompression with a cap: a small bomb must not become a large one."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Literal

from boundary import limits
from problems import LimitError, ParsingError

_WINDOW = {"gzip": 31, "zlib": 15, "deflate": -15}
_PIECE = 64 << 10


def inflate(
    data: bytes,
    form: Literal["gzip", "zlib", "deflate"],
    *,
    limit: int = limits.INFLATED_BYTES,
    dictionary: bytes = b"",
) -> bytes:
    """Return the decompressed bytes of exactly one stream.

    Raises LimitError beyond ``limit`` bytes; ParsingError when the stream is damaged, cut short, or
    followed by anything else (a second gzip member included).
    """
    machine = (
        zlib.decompressobj(_WINDOW[form], zdict=dictionary)
        if dictionary
        else zlib.decompressobj(_WINDOW[form])
    )
    try:
        output = machine.decompress(data, limit + 1)
    except zlib.error:
        raise ParsingError("inflate.damaged", form=form) from None
    if len(output) > limit:
        raise LimitError("inflate.too_large", limit=limit)
    if not machine.eof:
        raise ParsingError("inflate.truncated", form=form)
    if machine.unused_data:
        raise ParsingError("inflate.trailing_data", form=form)
    return output


def gunzip(chunks: Iterable[bytes], *, limit: int) -> Iterator[bytes]:
    """Yield the decompressed bytes of one gzip stream, piece by piece, in flat memory.

    Raises what :func:`inflate` raises, as soon as it shows: what was yielded before may be a part.
    """
    machine = zlib.decompressobj(_WINDOW["gzip"])
    size = 0
    for chunk in chunks:
        while chunk and not machine.eof:
            try:
                piece = machine.decompress(chunk, _PIECE)
            except zlib.error:
                raise ParsingError("inflate.damaged", form="gzip") from None
            chunk = machine.unconsumed_tail
            size += len(piece)
            if size > limit:
                raise LimitError("inflate.too_large", limit=limit)
            yield piece
        if machine.unused_data or (chunk and machine.eof):
            raise ParsingError("inflate.trailing_data", form="gzip")
    if not machine.eof:
        raise ParsingError("inflate.truncated", form="gzip")
