"""What was published last at an address, so that all processes of a service publish the same."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Kept:
    """``body`` was made ``at`` of what ``state`` (a digest) stands for."""

    url: str
    state: bytes
    at: dt.datetime
    body: bytes


class PublishedStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def find(self, url: str) -> Kept | None: ...

    def keep(self, made: Kept, since: dt.datetime) -> Kept:
        """Keep ``made`` unless another process kept the same state, made after ``since``, already; return
        what is kept: of many who publish at once all publish what one of them made."""
        ...
