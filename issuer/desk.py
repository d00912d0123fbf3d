"""The desk at which one organisation issues: who it is, its key, where its lists are published."""

from dataclasses import dataclass

from boundary.strict_json import Json
from keys.signer import Signer
from storage.issuance import StatusKind


@dataclass(frozen=True)
class Desk:
    """``status_base`` is the HTTPS address under which the status lists are published."""

    did: str
    name: str
    signer: Signer
    status_base: str
    url: str | None = None
    siret: str | None = None

    def party(self) -> Json:
        """Return the ``issuer`` claim of the templates."""
        members: Json = {"did": self.did, "name": self.name, "url": self.url, "siret": self.siret}
        return {name: value for name, value in members.items() if value is not None}

    def list_url(self, kind: StatusKind, number: int, purpose: str = "revocation") -> str:
        """Return the address of a status list; a bitstring list speaks of one purpose only."""
        if kind == "bitstring":
            return f"{self.status_base}/bitstring/{number}/{purpose}"
        return f"{self.status_base}/token/{number}"
