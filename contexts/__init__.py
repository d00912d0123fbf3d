"""Pinned JSON-LD contexts, and the loader that knows no network.

A context decides what every word of a signed document means, so each one is a file of ours, named by
its URL and by the digest of its bytes in ``pins.toml``. An unknown URL raises; so does a file that is
not the one that was pinned (VC Data Integrity 1.0 §4.6 Context Validation; VCDM 2.0 §B.1).
"""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from boundary import strict_json
from boundary.strict_json import Json
from problems import ProofTransformationError

DocumentLoader = Callable[[str, Mapping[str, object]], dict[str, object]]
"""What JSON-LD processors call with a URL and options; it answers with a remote document."""


@dataclass(frozen=True)
class Pin:
    """A context that we know: the bytes at ``file`` have this SHA-256 digest (hexadecimal).

    ``elsewhere`` are digests of other bytes that say the same, as Subresource Integrity writes them: a
    package formats the file in its own way, and issuers state the digest of what the publisher serves.
    """

    url: str
    file: Traversable = field(repr=False)
    sha256: str
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Contexts:
    """A set of pinned contexts.

    With ``inline`` documents may also define terms of their own, in a context object that they carry.
    The product refuses that: whoever appends such an object to a signed document chooses what its
    unprotected names mean. With ``empty`` a member may hold an empty list, which no signature covers:
    JSON-LD says nothing where it stands, and whether it stood there when the document was signed.
    """

    pins: Mapping[str, Pin]
    inline: bool = False
    empty: bool = False

    def __contains__(self, url: object) -> bool:
        return url in self.pins

    def load(self, url: str) -> Json:
        """Return a fresh copy of the context document at ``url``.

        Raises ProofTransformationError: ``context.unknown`` for a URL that is not pinned,
        ``context.digest`` for a file other than the pinned one.
        """
        pin = self.pins.get(url)
        if pin is None:
            raise ProofTransformationError("context.unknown", url=url[:200])
        return strict_json.read_object(_checked(pin))

    def document_loader(self, url: str, options: Mapping[str, object]) -> dict[str, object]:
        """Answer a JSON-LD processor (JSON-LD API 1.1 §9.4.3, LoadDocumentCallback)."""
        del options
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self.load(url),
        }


@cache
def _checked(pin: Pin) -> bytes:
    content = pin.file.read_bytes()
    if hashlib.sha256(content).hexdigest() != pin.sha256:
        raise ProofTransformationError("context.digest", url=pin.url)
    return content


def _pins(*, conformance: bool) -> dict[str, Pin]:
    table = tomllib.loads(files("contexts").joinpath("pins.toml").read_text("utf-8"))
    return {
        entry["url"]: Pin(
            entry["url"],
            files("contexts") / "data" / entry["file"],
            entry["sha256"],
            tuple(entry.get("elsewhere", ())),
        )
        for entry in table["context"]
        if conformance or not entry.get("conformance")
    }


PRODUCT: Final = Contexts(_pins(conformance=False))
"""What credentials are issued and verified with."""

CONFORMANCE: Final = Contexts(_pins(conformance=True), inline=True, empty=True)
"""Adds what the official test vectors use; its catch-all vocabulary defeats the check for undefined terms."""
