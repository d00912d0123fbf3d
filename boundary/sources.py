"""Where public documents come from: the web, a pinned folder that mirrors it, or nowhere."""

import re
from pathlib import Path
from typing import Final, Protocol

from boundary import files, limits, urls
from problems import MalformedValueError, Problem, RetrievalError

_PLAIN_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+")


class Source(Protocol):
    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        """Return what stands at the https ``url``, at most ``limit`` bytes.

        Raises MalformedValueError for a URL that may not be asked, LimitError when there is more,
        RetrievalError (transient) when it cannot be had.
        """
        ...


class Nowhere:
    """Knows nothing: for work that must stay offline."""

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:  # noqa: ARG002
        raise RetrievalError("source.offline", host=urls.parse(url).authority)


class Mirror:
    """A pinned folder: ``https://host:8443/a/b.json`` stands in ``FOLDER/host%3A8443/a/b.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        address = urls.parse(url)
        path = self._find(address)
        if path is None:
            raise RetrievalError("source.not_pinned", host=address.authority)
        return files.read(path, limit=limit)

    def path(self, url: str) -> Path:
        """Return where the document of ``url`` is to be put. Raises MalformedValueError, RetrievalError."""
        address = urls.parse(url)
        segments = address.path.removeprefix("/").split("/")
        if address.query is not None or not all(map(_PLAIN_SEGMENT.fullmatch, segments)):
            raise RetrievalError("source.not_pinned", host=address.authority)
        return self._folder.joinpath(address.authority.replace(":", "%3A"), *segments)

    def _find(self, address: urls.HttpUrl) -> Path | None:
        """Return the file, links followed, only if it is a file and lies within the folder."""
        try:
            path = self.path(str(address)).resolve(strict=True)
            inside = path.is_relative_to(self._folder.resolve(strict=True))
        except (OSError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
            return None
        return path if inside and path.is_file() else None


class Remembered:
    """Asks another source once for each address, and remembers the answer, a refusal too.

    For one batch, within which nobody asks for a fresher answer. The oldest answers are forgotten when
    there are more than ``limits.REMEMBERED_DOCUMENTS``, or more than ``limits.REMEMBERED_BYTES`` of them.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._answers: dict[tuple[str, int], bytes | Problem] = {}
        self._bytes = 0

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        answer = self._answers.get((url, limit))
        if answer is None:
            answer = self._asked(url, limit)
            self._keep((url, limit), answer)
        if isinstance(answer, Problem):
            raise type(answer)(answer.code, **answer.facts)  # each raise has a story of its own
        return answer

    def _asked(self, url: str, limit: int) -> bytes | Problem:
        try:
            return self._source.get(url, limit=limit)
        except Problem as problem:
            return problem.with_traceback(None)

    def _keep(self, asked: tuple[str, int], answer: bytes | Problem) -> None:
        self._answers[asked] = answer
        self._bytes += _size(answer)
        while len(self._answers) > limits.REMEMBERED_DOCUMENTS or self._bytes > limits.REMEMBERED_BYTES:
            self._bytes -= _size(self._answers.pop(next(iter(self._answers))))


def _size(answer: bytes | Problem) -> int:
    return len(answer) if isinstance(answer, bytes) else 0


class Chain:
    """The first source that has the document answers; whether it may be asked for, the last one says."""

    def __init__(self, first: Source, *others: Source) -> None:
        self._sources = (first, *others)

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        *earlier, last = self._sources
        for source in earlier:
            try:
                return source.get(url, limit=limit)
            except (RetrievalError, MalformedValueError):
                continue
        return last.get(url, limit=limit)
