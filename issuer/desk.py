"""The desk at which one organisation issues: who it is, its key, where its lists are published."""

import datetime as dt
from dataclasses import dataclass

from boundary.strict_json import Json
from credentials.forms import WHOLE
from keys.certified import CertifiedSigner
from keys.resolver import Resolver
from keys.signer import Signer
from keys.x509 import Chain
from problems import InputError
from proofs import jws
from storage.issuance import StatusKind


@dataclass(frozen=True)
class Desk:
    """``status_base`` is the HTTPS address under which the status lists are published.

    ``keys`` resolves what the desk itself publishes, to verify samples of what it made; None verifies none.
    ``companion`` signs whatever ``signer`` signs, if they sign only together. ``alone`` signs the lists
    that ``signer`` cannot sign, which may be a key for many messages (BBS) or one of two.
    """

    did: str
    name: str
    signer: Signer
    status_base: str
    url: str | None = None
    siret: str | None = None
    keys: Resolver | None = None
    companion: Signer | None = None
    alone: Signer | None = None
    chain: Chain | None = None
    """What an authority says of the key of ``signer``, for credentials that can carry it (SD-JWT VC)."""

    def for_credentials(self, now: dt.datetime) -> Signer:
        """Return who signs credentials at ``now``, with a chain that has not ended."""
        if self.chain is None or self.chain.until <= now:
            return self.signer
        return CertifiedSigner(self.signer, self.chain)

    @property
    def for_lists(self) -> tuple[Signer, ...]:
        """Who signs a list that is a document: as the credentials are signed, wherever that is possible.

        Raises InputError when nobody can.
        """
        if self.signer.algorithm in WHOLE:
            return (self.signer,) if self.companion is None else (self.signer, self.companion)
        return (self._alone,)

    @property
    def for_tokens(self) -> Signer:
        """Who signs what has room for one signature; raise InputError when nobody can."""
        if self.companion is None and self.signer.algorithm in jws.ALGORITHMS.values():
            return self.signer
        return self._alone

    @property
    def _alone(self) -> Signer:
        if self.alone is None:
            raise InputError("issue.no_list_key", algorithm=self.signer.algorithm)
        return self.alone

    def party(self) -> Json:
        """Return the ``issuer`` claim of the templates."""
        members: Json = {"did": self.did, "name": self.name, "url": self.url, "siret": self.siret}
        return {name: value for name, value in members.items() if value is not None}

    def list_url(self, kind: StatusKind, number: int, purpose: str = "revocation") -> str:
        """Return the address of a status list; a bitstring list speaks of one purpose only."""
        if kind == "bitstring":
            return f"{self.status_base}/bitstring/{number}/{purpose}"
        return f"{self.status_base}/token/{number}"
