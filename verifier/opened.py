"""A document whose signature held, in one shape whichever way it was secured.

Later checks read only this, never the input: what is not in it was not signed.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from boundary.strict_json import Json
from credentials.digests import Digests
from credentials.facts import Facts
from credentials.twin import Twin
from keys.resolver import Revocation


class Signatory(Protocol):
    """Whose key made a signature (:class:`keys.resolver.VerificationKey` is one)."""

    @property
    def controller(self) -> str: ...

    @property
    def revoked(self) -> Revocation | None: ...


@dataclass(frozen=True)
class Opened:
    """``document`` is the credential without its proof or envelope, or the SD-JWT VC payload with what was
    disclosed.

    ``key`` made the signature, None when it came along with the document and is nobody's by name;
    ``signed_at`` is when its owner says so. ``digests`` are those by which an
    endorsement may name the credential.
    """

    document: Json
    facts: Facts
    key: Signatory | None
    signed_at: dt.datetime | None
    digests: Digests
    twin: Twin | None = None
    """The offline twin that was shown in place of the credential: ``document`` is then empty."""
