"""Are the wallet, and its keys, such as a provider we trust vouches for, now? (HAIP 1.0 §4.4.1, §4.5.1)"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from boundary import limits
from boundary.shape import an_integer
from boundary.sources import Source
from boundary.strict_json import Json
from credentials.status import token as lists
from credentials.status_references import StatusReference, references_sd
from exchange.oauth import attestation
from exchange.oauth.attestation import ERROR
from exchange.oauth.refusal import refused_as
from exchange.openid4vci import key_attestation
from exchange.openid4vci.key_attestation import Demand, KeyAttestation
from problems import ProofVerificationError, ProtocolError
from proofs import jws
from storage.once import OnceStore


@dataclass(frozen=True)
class Providers:
    """``anchors`` are those of the wallets' providers, ``source`` where their status lists are found.
    ``required`` shuts out wallets without attestation; ``demand`` keys for which no provider vouches, or
    which are kept less well than that."""

    anchors: Sequence[x509.Certificate]
    source: Source
    required: bool = False
    demand: Demand | None = None

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
            self._check_status(found.status, now)
        return found.client_id

    def vouched(self, text: str, now: dt.datetime, *, with_proof: bool) -> KeyAttestation:
        """Return what is attested of keys, if it is what we ask for; raise ProtocolError ``invalid_proof``,
        RetrievalError when its status cannot be had."""
        found = key_attestation.check(text, self.anchors, now, with_proof=with_proof)
        if self.demand is not None and not self.demand.met_by(found.key_storage, found.user_authentication):
            raise ProtocolError("vci.key_attestation_weak", error=key_attestation.ERROR)
        with refused_as(key_attestation.ERROR):
            self._check_status(found.status, now)
        return found

    def _check_status(self, status: Json | None, now: dt.datetime) -> None:
        for reference in references_sd({"status": status}) if status else ():
            self._check_listed(reference, now)

    def _check_listed(self, reference: StatusReference, now: dt.datetime) -> None:
        """The list is the provider's own: it is signed with a chain to the same anchors."""
        if reference.kind != "token":
            raise ProofVerificationError("attestation.status")
        token = jws.parse(self.source.get(reference.uri).decode("ascii", "replace"))
        attestation.verify_by_chain(token, {lists.TYP}, self.anchors, now)
        claims = jws.claims(token)
        if "exp" in claims and an_integer(claims["exp"], "exp") <= now.timestamp():
            raise ProofVerificationError("attestation.status")
        if lists.state_of(claims, reference) != "valid":
            raise ProofVerificationError("attestation.revoked")
