"""Where public documents come from: the web, a pinned folder that mirrors it, or nowhere."""

from typing import Protocol

from boundary import limits
from problems import RetrievalError


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
        raise RetrievalError("source.offline", url=url[:200])
