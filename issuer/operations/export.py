"""Everything that an organisation has here, for it to take away: one JSON document per line, no secret."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from boundary import strict_json
from boundary.strict_json import Json
from issuer.operations.office import Office
from storage.audit import AuditLog, Entry
from storage.issuance import Intent, StatusValue
from storage.replacements import ReplacementStore

_PAGE: Final = 500


@dataclass(frozen=True)
class Export:
    office: Office
    links: ReplacementStore
    audit: AuditLog

    def lines(self) -> Iterator[str]:
        """Yield the credentials with what has become of them, the entries of the status lists, what replaces
        what, and the organisation's part of the audit log."""
        for document in self._documents():
            yield strict_json.write(document) + "\n"

    def _documents(self) -> Iterator[Json]:
        ledger, organisation = self.office.ledger, self.office.organisation
        taken_back = self._taken_back()
        for intent in ledger.issued():
            yield _credential(intent, taken_back.get(intent.credential_id, "valid"))
        for kind, number in ledger.lists():
            entries: list[Json] = [
                {"index": one.index, "value": one.value} for one in ledger.listed(kind, number)
            ]
            yield {"kind": "status_list", "form": kind, "number": number, "entries": [*entries]}
        for link in self.links.of(organisation):
            yield {"kind": "replacement", "old": link.old, "new": link.new, "reason": link.reason}
        for entry in self.audit.entries(organisation=organisation):
            yield _entry(entry)

    def _taken_back(self) -> dict[str, StatusValue]:
        found: dict[str, StatusValue] = {}
        after = 0
        while page := self.office.ledger.catalogue(after, _PAGE):
            found |= {one.credential_id: one.status for one in page if one.status != "valid"}
            after = page[-1].number
        return found


def _credential(intent: Intent, status: StatusValue) -> Json:
    draft = intent.draft
    return {
        "kind": "credential",
        "id": intent.credential_id,
        "reference": draft.reference,
        "template": draft.template,
        "form": draft.form,
        "issued": intent.issued_at.date().isoformat(),
        "list": {"form": draft.kind, "number": intent.status_list, "index": intent.status_index},
        "status": status,
        "body": base64.b64encode(intent.body or b"").decode(),
    }


def _entry(entry: Entry) -> Json:
    said = entry.event
    return {
        "kind": "audit", "number": entry.number, "at": entry.at, "who": said.who, "what": said.what,
        "on": said.on, "outcome": said.outcome, "count": said.count, "before": entry.before.hex(),
        "hash": entry.hash.hex(),
    }  # fmt: skip
