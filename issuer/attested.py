"""Is the wallet one that a provider we trust vouches for, now? (HAIP 1.0 §4.4.1)"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from boundary import limits
from boundary.shape import an_integer
from boundary.sources import Source
from credentials.status import token as lists
from credentials.status_references import StatusReference, references_sd
from exchange.oauth import attestation
from exchange.oauth.attestation import ERROR, Attested
from exchange.oauth.refusal import refused_as
from problems import ProofVerificationError, ProtocolError
from proofs import jws
from storage.once import OnceStore


@dataclass(frozen=True)
class Providers:
    """``anchors`` are those of the wallets' providers, ``source`` where their status lists are found.
    ``required`` shuts out wallets without attestation."""

    anchors: Sequence[x509.Certificate]
    source: Source
    required: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """Return how clients may authenticate (RFC 8414 §2)."""
        attested = (attestation.METHOD,) if self.anchors else ()
        return attested if self.required else ("none", *attested)

    def authenticate(
        self,
        word: str | None,
        pop: str | None,
        client_id: str | None,
        server: str,
        once: OnceStore,
        now: dt.datetime,
    ) -> str | None:
        """Return the client's name: the attested one, or the one it gives itself where that is enough.

        Raises ProtocolError ``invalid_client`` (401), RetrievalError when its status cannot be had.
        """
        if word is None and pop is None and not self.required:
            return client_id
        if word is None or pop is None:
            raise ProtocolError("attestation.missing", error=ERROR, answer=401)
        found = attestation.check(word, pop, server, self.anchors, now)
        if client_id is not None and found.client_id != client_id:
            raise ProtocolError("attestation.other_client", error=ERROR, answer=401)
        kept = now + dt.timedelta(seconds=limits.PROOF_SECONDS + 2 * limits.CLOCK_SKEW_SECONDS)
        if not once.put("oauth.attestation", f"{found.key}.{found.jti}", {}, kept):
            raise ProtocolError("attestation.replayed", error=ERROR, answer=401)
        with refused_as(ERROR, 401):
            self._check_status(found, now)
        return found.client_id

    def _check_status(self, found: Attested, now: dt.datetime) -> None:
        for reference in references_sd({"status": found.status}) if found.status else ():
            self._check_listed(reference, now)

    def _check_listed(self, reference: StatusReference, now: dt.datetime) -> None:
        """The list is the provider's own: it is signed with a chain to the same anchors."""
        if reference.kind != "token":
            raise ProofVerificationError("attestation.status")
        token = jws.parse(self.source.get(reference.uri).decode("ascii", "replace"))
        attestation.verify_by_chain(token, lists.TYP, self.anchors, now)
        claims = jws.claims(token)
        if "exp" in claims and an_integer(claims["exp"], "exp") <= now.timestamp():
            raise ProofVerificationError("attestation.status")
        if lists.state_of(claims, reference) != "valid":
            raise ProofVerificationError("attestation.revoked")
