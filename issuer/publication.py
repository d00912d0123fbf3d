"""What an issuer publishes beside its lists: its keys, with their history, where its names say they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json, JsonValue, write
from keys import issuer_metadata
from keys.dids import web as did_web
from keys.record import KeyRecord
from problems import MalformedValueError

JSON: Final = "application/json"
_DID: Final = "application/did+ld+json"


@dataclass(frozen=True)
class Resource:
    """A public document as it stands at this moment."""

    body: bytes
    media_type: str


@dataclass(frozen=True)
class Names:
    """Under which names one issuer's keys are to be found: ``did`` and the addresses ``issuers``."""

    did: str
    document: Callable[[], Json]
    records: Callable[[], tuple[KeyRecord, ...]]
    issuers: tuple[str, ...] = ()

    def addresses(self) -> Iterator[str]:
        """Yield every address at which :meth:`get` may find something."""
        if self.did.startswith(did_web.PREFIX):
            yield did_web.url_of(self.did)
        yield from filter(None, map(_metadata_url, self._https_issuers()))

    def get(self, url: str) -> Resource | None:
        """Return the document at ``url``; None when it is none of this issuer's."""
        if self.did.startswith(did_web.PREFIX) and url == did_web.url_of(self.did):
            return resource(self.document(), _DID)
        for issuer in self._https_issuers():
            if url == _metadata_url(issuer):
                return self._metadata(issuer)
        return None

    def _https_issuers(self) -> Iterator[str]:
        """A did:web is reached under an https address too, by which SD-JWT VCs may name the issuer (§5)."""
        if self.did.startswith(did_web.PREFIX):
            yield base_of(self.did)
        yield from (issuer for issuer in self.issuers if issuer.startswith("https://"))

    def _metadata(self, issuer: str) -> Resource | None:
        try:
            return resource(issuer_metadata.metadata(issuer, self.records()), JSON)
        except MalformedValueError:  # keys for which this format has no words
            return None


def _metadata_url(issuer: str) -> str | None:
    """A service at an address that no identifier may have (an IP address, a bare name) has no metadata."""
    try:
        return issuer_metadata.url_of(issuer)
    except MalformedValueError:
        return None


def base_of(did: str) -> str:
    """Return the address under which what belongs to a did:web is published."""
    return did_web.url_of(did).removesuffix("/did.json").removesuffix("/.well-known")


def resource(document: JsonValue, media_type: str) -> Resource:
    return Resource(write(document).encode(), media_type)
