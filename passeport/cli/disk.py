"""Files that a person names: written whole, and what the system says of them in plain words."""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from boundary import files
from problems import InputError, NotFoundError, Problem, UnavailableError

_CODES: Final[Mapping[int, str]] = {
    errno.EEXIST: "cli.not_a_folder",
    errno.ENOTDIR: "cli.not_a_folder",
    errno.EISDIR: "cli.is_a_folder",
    errno.EACCES: "cli.not_allowed",
    errno.EPERM: "cli.not_allowed",
    errno.EROFS: "cli.not_allowed",
    errno.ENAMETOOLONG: "cli.name_too_long",
}


def write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file, all or nothing, and the folders above it if need be; raise OSError naming ``path``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, data, mode=mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def require_file(path: Path) -> None:
    """Raise a Problem unless ``path`` is a file (one that can be read twice: no pipe, no device)."""
    if path.is_dir():
        raise InputError("cli.is_a_folder", path=path.name[:120])
    if not path.is_file():
        raise NotFoundError("cli.no_such_file", path=path.name[:120])


def problem(error: OSError) -> Problem:
    """Return what a person can do about it. The file is named by its last part only, and boundedly."""
    name = Path(str(error.filename or "")).name[:120]
    if error.errno in files.DISK_FULL:
        return UnavailableError("storage.full")
    if isinstance(error, FileNotFoundError):
        return NotFoundError("cli.no_such_file", path=name)
    return InputError(_CODES.get(error.errno or 0, "cli.disk"), path=name)
