"""What a verification relied on: the published documents that it read, by host and digest."""

import hashlib
from dataclasses import dataclass, field

from boundary import limits, urls
from boundary.sources import Source


@dataclass(frozen=True, order=True)
class Evidence:
    """A published key document or status list. The host alone: what follows it may name a person."""

    host: str
    sha256: str


@dataclass
class Witness:
    """A source that notes what another one answered."""

    source: Source
    seen: set[Evidence] = field(default_factory=set)

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        answer = self.source.get(url, limit=limit)
        self.seen.add(Evidence(urls.parse(url).authority, hashlib.sha256(answer).hexdigest()))
        return answer
