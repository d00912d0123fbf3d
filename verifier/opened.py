"""A document whose signature held, in one shape whichever way it was secured.

Later checks read only this, never the input: what is not in it was not signed.
"""

import datetime as dt
from dataclasses import dataclass

from boundary.strict_json import Json
from credentials.digests import Digests
from credentials.facts import Facts
from keys.resolver import VerificationKey


@dataclass(frozen=True)
class Opened:
    """``document`` is the credential without its proof, or the SD-JWT payload with what was disclosed.

    ``key`` made the signature, ``signed_at`` is when its owner says so. ``digests`` are those by which an
    endorsement may name the credential.
    """

    document: Json
    facts: Facts
    key: VerificationKey
    signed_at: dt.datetime | None
    digests: Digests
