"""No key signs, and nothing is issued or withdrawn, that the audit log does not tell.

A use of a key stands in the log before it: one entry for each key and minute, however much it signs in it.
Between two entries the log is still asked whether it could take one: a key whose use could not be written
down is not used. What is issued and withdrawn stands there by number and opaque id, not person by person.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from boundary.serving.access import ACTING
from issuer.desk import Desk
from keys.delegated import DelegatedSigner
from keys.local import LocalSigner
from keys.signer import MessagesSigner, Signer
from passeport import anchor, people
from passeport.people import written
from passeport.serve.settings import Service
from storage.audit import AuditLog, Event
from storage.issuance import Draft, Intent, StatusValue
from storage.sqlite.issuance import SqliteLedger

_EVERY: Final = dt.timedelta(minutes=1)


@dataclass
class KeyUse:
    """Writes down that the keys of one organisation are used. Raises UnavailableError when it cannot."""

    audit: AuditLog
    organisation: str
    now: Callable[[], dt.datetime]
    _told: dict[str, dt.datetime] = field(default_factory=dict)

    def opens(self, key: str) -> None:
        """Called whenever somebody asks for a key to sign with."""
        if not self._covers(key):
            self.signs(key)
        else:
            self.audit.ready(self.now())

    def signs(self, key: str) -> None:
        """Called before each signature; writes when the last entry is too old to stand for this one."""
        if not self._covers(key):
            now = self.now()
            self.audit.record(Event(ACTING.get(), "key.use", key, self.organisation), now)
            self._told[key] = now

    def _covers(self, key: str) -> bool:
        told = self._told.get(key)
        return told is not None and dt.timedelta() <= self.now() - told < _EVERY

    def desk(self, desk: Desk) -> Desk:
        """Return the desk with signers that write down their use first."""
        return replace(
            desk,
            signer=self._signer(desk.signer),
            companion=self._signer(desk.companion) if desk.companion else None,
            alone=self._signer(desk.alone) if desk.alone else None,
        )

    def _signer(self, signer: Signer) -> Signer:
        if isinstance(signer, MessagesSigner):
            return AuditedMessagesSigner(signer, self)
        return AuditedSigner(signer, self)


@dataclass(frozen=True)
class AuditedSigner(DelegatedSigner):
    """:class:`keys.signer.Signer` that writes down its use before it signs."""

    use: KeyUse = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        self.use.signs(key_id(self.signer))
        return super().sign(data)


@dataclass(frozen=True)
class AuditedMessagesSigner(AuditedSigner):
    """:class:`keys.signer.MessagesSigner`, likewise."""

    signer: MessagesSigner

    @property
    def public_bytes(self) -> bytes:
        return self.signer.public_bytes

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        self.use.signs(key_id(self.signer))
        return self.signer.sign_messages(header, messages)


def key_id(signer: Signer) -> str:
    return signer.verification_method.rpartition("#")[2]


class AuditedLedger(SqliteLedger):
    """The ledger of one organisation; what is new in it, or withdrawn, stands in the audit log too.

    The entry is written after the intent and before the signature: one that cannot be written leaves an
    intent, which the next try finds and signs.
    """

    def __init__(self, path: Path, use: KeyUse) -> None:
        super().__init__(path)
        self._use = use

    def record(self, drafts: Sequence[Draft], now: dt.datetime) -> list[Intent]:
        intents = super().record(drafts, now)
        fresh = [intent for intent in intents if intent.body is None]
        if fresh:
            batch = fresh[0].credential_id if len(fresh) == 1 else f"batch-{uuid.uuid4().hex}"
            event = Event(ACTING.get(), "credentials.issue", batch, self._use.organisation, count=len(fresh))
            self._use.audit.record(event, self._use.now())  # ``now`` is what the credential says: the day
        return intents

    def set_status(self, reference: str, value: StatusValue, reason: str, now: dt.datetime) -> int:
        ids = self.identify(reference)
        on = ids[0] if ids else ""
        event = Event(ACTING.get(), f"credentials.{value}", on, self._use.organisation, count=len(ids))
        with written(self._use.audit, event, self._use.now):
            return super().set_status(reference, value, reason, now)


@dataclass
class Anchor:
    """Keeps a signed head of the log wherever the settings say, whenever the log has grown.

    Without the passphrase of the service no key is used, and none signs heads.
    """

    audit: AuditLog
    settings: Service
    _last: int = 0
    _signer: LocalSigner | None = None

    def __call__(self, now: dt.datetime) -> int:  # noqa: ARG002  (the head has a time of its own)
        head, passphrase = self.audit.head(), self.settings.passphrase
        if passphrase is None or head.number == self._last:
            return 0
        place = people.folder(self.settings.home)
        self._signer = self._signer or anchor.open_key(place, passphrase.get_secret_value())
        anchor.append(self.settings.audit_heads or anchor.heads_file(place), head, self._signer)
        self._last = head.number
        return 0
