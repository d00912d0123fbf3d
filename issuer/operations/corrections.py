"""Correction requests: a holder asks, signed with the key of the certificate; the organisation answers."""

import datetime as dt
import uuid
from dataclasses import dataclass

from exchange import correction as messages
from issuer.operations.office import Office
from keys.jwk import thumbprint
from problems import AuthenticationError, ConflictError, InputError, LimitError, NotFoundError
from storage.corrections import Correction, CorrectionState, CorrectionStore
from storage.once import OnceStore


@dataclass(frozen=True)
class Corrections:
    """``once`` has the nonces that the organisation gives to wallets (OpenID4VCI §7)."""

    office: Office
    store: CorrectionStore
    once: OnceStore

    def ask(self, token: str, now: dt.datetime) -> Correction:
        """Keep a request of whoever holds an award of this organisation.

        Raises AuthenticationError ``correction.not_holder``, ``correction.nonce``, ``correction.audience``,
        ConflictError ``correction.too_many``, and as :func:`exchange.correction.check`.
        """
        asked = messages.check(token, self.office.url, now)
        if self.once.take(f"vci.nonce.{self.office.organisation}", asked.nonce, now).state != "ready":
            raise AuthenticationError("correction.nonce")
        held = self.office.ledger.held_by(thumbprint(asked.key))
        if not held:
            raise AuthenticationError("correction.not_holder")
        made = Correction(
            f"c-{uuid.uuid4().hex}", self.office.organisation, held[0].draft.reference, asked.text, now
        )
        self.store.ask(made)
        return made

    def find(self, correction_id: str) -> Correction:
        found = self.store.find(self.office.organisation, correction_id)
        if found is None:
            raise NotFoundError("correction.unknown")
        return found

    def answer(
        self, correction_id: str, state: CorrectionState, text: str, new: str, now: dt.datetime
    ) -> Correction:
        """Answer once. Raises NotFoundError, ConflictError ``correction.answered``."""
        if len(text) > messages.TEXT_CHARS:
            raise LimitError("correction.text", limit=messages.TEXT_CHARS)
        if state == "refused" and not text.strip():
            raise InputError("correction.text", limit=messages.TEXT_CHARS)
        if not self.store.answer(self.find(correction_id), state, text, new, now):
            raise ConflictError("correction.answered")
        return self.find(correction_id)
