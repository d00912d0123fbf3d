"""Rules on the texts of a row, and on what it must have."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from issuer.intake.case import Case
from issuer.intake.characters import is_garbled, is_sound
from issuer.intake.columns import header_of
from issuer.intake.rows import Finding

_COURSE: Final = ("start", "end", "duration", "mode")
_RENEWED: Final = ("valid_until", "renewal_period", "renewal_basis")
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "diploma": ("awarded",),
    "certification": ("awarded",),
    "rs-certification": ("awarded",),
    "block": ("awarded",),
    "skill": ("awarded", "skills"),
    "training": ("title", *_COURSE),
    "prevention-training": ("title", *_COURSE, *_RENEWED),
    "prevention-success": (*_COURSE, *_RENEWED),
}


def complete(case: Case) -> Iterator[Finding]:
    """What a kind of credential cannot do without."""
    for name in _REQUIRED.get(case.template or "", ()):
        if case.record.lacks(name):
            yield case.record.error("row.field_missing", name, column=header_of(name))


def sound_texts(case: Case) -> Iterator[Finding]:
    for name, cell in case.record:
        text = cell.text.replace("\n", " ") if name == "skills" else cell.text  # a list, one a line
        if not is_sound(text):
            yield case.record.error("row.characters", name)
        elif is_garbled(text):
            yield case.record.error("row.garbled", name)


def a_reference(case: Case) -> Iterator[Finding]:
    text = case.record.reference
    if "reference" in case.record.unread:
        return
    if not text.strip():
        yield case.record.error("row.reference_missing", "reference")
    elif text != text.strip():
        yield case.record.error("row.reference_blanks", "reference")


_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    rf"https?://(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?(?::[0-9]{{1,5}})?"
    r"(?:[/?#][!#-;=?-\[\]_a-z~]*)?"  # RFC 3986 §2: nothing that would have to be escaped
)
_ADDRESS_CHARS: Final = 500


def public_addresses(case: Case) -> Iterator[Finding]:
    """The address is shown to whoever checks the credential, and never fetched here."""
    for name in ("evidence_url", "achievement_url"):
        text = case.record.text(name)
        if text and not (len(text) <= _ADDRESS_CHARS and _ADDRESS.fullmatch(text)):
            yield case.record.error("row.address", name)
