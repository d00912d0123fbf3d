"""A file that is sent to us, written to disk as it comes, under a name of ours."""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from boundary.serving.body import media_type
from problems import InputError, LimitError

FORM: Final = "multipart/form-data"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Received:
    """Where the file is, readable by its owner only, and the SHA-256 of what is in it."""

    path: Path
    digest: bytes


def received(folder: Path, limit: int) -> Callable[[Request], AsyncIterator[Received]]:
    """Return the dependency that receives a file into ``folder``, and removes it when the request is over,
    however it ends: what is wrong elsewhere in a request is told only after its file was read."""

    async def receiving(request: Request) -> AsyncIterator[Received]:
        found = await receive(request, folder, limit)
        try:
            yield found
        finally:
            found.path.unlink(missing_ok=True)

    return receiving


async def receive(request: Request, folder: Path, limit: int) -> Received:
    """Write the body, or the one file of a form, into ``folder``; the caller removes it.

    Raises InputError ``http.no_file`` for a form without exactly one file, LimitError beyond ``limit`` bytes.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if media_type(request) != FORM:
        return await _written(request.stream(), folder, limit)
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=1)
    try:
        return await _written(_chunks(await _only_file(parser)), folder, limit)
    finally:
        for file in parser._files_to_close_on_error:  # a form without end leaves its file open
            file.close()


async def _only_file(parser: MultiPartParser) -> UploadFile:
    try:
        parts = [part for _, part in (await parser.parse()).multi_items()]
    except (MultiPartException, FormParserError, KeyError):  # KeyError: without boundary
        raise InputError("http.no_file") from None
    if len(parts) != 1 or isinstance(parts[0], str):
        raise InputError("http.no_file")
    return parts[0]


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


async def _written(chunks: AsyncIterator[bytes], folder: Path, limit: int) -> Received:
    handle, name = tempfile.mkstemp(prefix="upload-", dir=folder)  # for its owner only
    digest, size = hashlib.sha256(), 0
    try:
        with open(handle, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise LimitError("file.too_large", limit=limit)
                digest.update(chunk)
                await run_in_threadpool(file.write, chunk)
            file.flush()
            await run_in_threadpool(os.fsync, file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Received(Path(name), digest.digest())
