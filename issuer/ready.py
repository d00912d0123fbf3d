"""A credential that its certifier built: signed as it is, with what only the issuer's desk can say.

Open Badges of other tools, and types that are not ours, come this way. The desk adds issuer, status and,
where they are missing, id and validFrom; it changes nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from boundary.shape import many, texts
from boundary.strict_json import Json, JsonValue
from credentials.forms import FORMS, ON_REQUEST, Form
from credentials.templates import Template, for_types
from issuer.desk import Desk
from issuer.intake.rows import READY
from issuer.order import chosen, digest, stamp, status_of
from keys.signer import Algorithm
from problems import InputError
from proofs.suite import Pointer
from storage.issuance import Intent

_WHOLE: Final = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019")


_NOT_OF_PEOPLE: Final = frozenset(
    {
        "BitstringStatusListCredential",
        "BitstringStatusList",
        "VerifiablePresentation",
        "EnvelopedVerifiableCredential",
        "EnvelopedVerifiablePresentation",
        "AccreditationCredential",
    }
)


@dataclass(frozen=True)
class Ready:
    """A JSON-LD credential without proof. A type of ours is secured as its template says, and only of
    another may ``mandatory`` say what every derivation shows."""

    reference: str
    document: Json
    asked: Sequence[str] | None = None
    template: str = READY
    copy: str = ""
    mandatory: Sequence[Pointer] | None = None

    @property
    def type(self) -> Template | None:
        return for_types(texts(self.document.get("type"), "type"))

    def forms(self, algorithm: Algorithm) -> Sequence[str]:
        possible = [
            n for n, form in FORMS.items() if form.status == "bitstring" and algorithm in form.algorithms
        ]
        if self.type:
            possible = [name for name in possible if name in (*self.type.securing, *ON_REQUEST)]
        usual = [name for name in possible if name in (self.type.securing if self.type else _WHOLE)]
        found = chosen(self.asked, usual, possible)
        if not found:
            raise InputError("ready.no_form", algorithm=algorithm)
        return found

    def render(self, form: Form, desk: Desk, intent: Intent) -> Json:  # noqa: ARG002  (it is built already)
        if "proof" in self.document or "credentialStatus" in self.document:
            raise InputError("ready.already_secured")
        self._require_a_persons(desk)
        if self.type and self.mandatory is not None:
            raise InputError("ready.pointers_of_ours")
        return {
            "@context": self.document.get("@context"),
            "id": intent.credential_id,
            "validFrom": stamp(intent.issued_at),
            **self.document,
            "issuer": _issuer(self.document.get("issuer"), desk),
            "credentialStatus": status_entries(desk, intent),
        }

    def digest(self) -> bytes:
        if self.mandatory is None:
            return digest(self.document)
        return digest({"document": self.document, "mandatory": list(self.mandatory)})

    def _require_a_persons(self, desk: Desk) -> None:
        """A desk signs what it says of people: no list, nobody's own word, no name of its own."""
        types = {
            type_ for node in (self.document, *_subjects(self.document)) for type_ in many(node.get("type"))
        }
        name = str(self.document.get("id"))
        if types & _NOT_OF_PEOPLE or (self.type and self.type.declared):
            raise InputError("ready.not_of_a_person")
        if name == desk.did or name.startswith(desk.status_base):
            raise InputError("ready.other_name")


def _issuer(given: JsonValue, desk: Desk) -> JsonValue:
    """The document may say more of its issuer, never name another."""
    identifier = given.get("id") if isinstance(given, dict) else given
    name = given.get("name", desk.name) if isinstance(given, dict) else desk.name
    if identifier not in (None, desk.did) or name != desk.name:
        raise InputError("ready.other_issuer", issuer=desk.did)
    return given or desk.did


def _subjects(document: Json) -> list[Json]:
    return [subject for subject in many(document.get("credentialSubject")) if isinstance(subject, dict)]


def status_entries(desk: Desk, intent: Intent) -> list[JsonValue]:
    """Return ``credentialStatus``: one entry for each purpose, at one place (Bitstring Status List §2.1)."""
    entries = many(status_of(desk, intent).get("entries"))
    return [_entry(entry) for entry in entries if isinstance(entry, dict)]


def _entry(entry: Json) -> Json:
    return {
        "id": f"{entry['list']}#{entry['index']}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": entry["purpose"],
        "statusListIndex": entry["index"],
        "statusListCredential": entry["list"],
    }
