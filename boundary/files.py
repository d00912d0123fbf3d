"""Read a file no further than a limit; write one so that a crash leaves the old or the new, never half."""

import contextlib
import errno
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from problems import LimitError

DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def read(path: Path, *, limit: int) -> bytes:
    """Return the bytes of the file; raise LimitError beyond ``limit`` of them, OSError as the system says."""
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise LimitError("file.too_large", limit=limit)
    return data


def write(path: Path, data: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Put ``data`` at ``path``, all or nothing; for its owner only, unless ``mode`` says more.

    ``durable`` False is for many files that can be made again: a power cut may lose them all until
    :func:`settle`, a crash of the program loses none.
    """
    with replacing(path, mode=mode, durable=durable) as file:
        file.write(data)


def write_first(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``, whole and for its owner only, unless another process was faster."""
    mine = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    write(mine, data)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(mine, path)
    finally:
        mine.unlink()


@contextlib.contextmanager
def replacing(path: Path, *, mode: int = 0o600, durable: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write into, which takes the place of ``path`` if the block ends well."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # starts as 0600
    try:
        with open(handle, "wb") as file:
            yield file
            os.chmod(name, mode)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    if durable:
        _sync_folder(path.parent)


def settle() -> None:
    """Return once everything written so far is on disk."""
    if hasattr(os, "sync"):
        os.sync()


def _sync_folder(folder: Path) -> None:
    """The new name itself is durable only once its folder is (POSIX rename)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
