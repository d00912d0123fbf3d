"""How a file is to be read and what is to be done with its rows, as its sender said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, cast

from boundary.shape import a_text, an_object
from boundary.strict_json import Json
from problems import InputError
from storage.offers import Policy

Mode: TypeAlias = Literal["offer", "issue"]


@dataclass(frozen=True)
class Options:
    """``template``, ``mapping`` and ``sheet`` are for tables (:func:`issuer.intake.read`). Each row becomes
    an offer that ``policy`` lets claim, or is issued at once, bound to nobody. ``dry_run`` stops when all is
    examined, ``skip_errors`` leaves rows in error out."""

    template: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    mode: Mode = "offer"
    policy: Policy = "code"
    dry_run: bool = False
    skip_errors: bool = False

    def document(self) -> Json:
        return {**asdict(self), "mapping": {**self.mapping}}

    @classmethod
    def read(cls, document: Json) -> "Options":
        """Return what :meth:`document` gave: it was checked then."""
        optional = {
            name: None if document[name] is None else a_text(document[name], name)
            for name in ("template", "sheet")
        }
        mapping = an_object(document["mapping"], "mapping")
        return cls(
            optional["template"],
            {theirs: a_text(ours, "mapping") for theirs, ours in mapping.items()},
            optional["sheet"],
            cast(Mode, document["mode"]),
            cast(Policy, document["policy"]),
            document["dry_run"] is True,
            document["skip_errors"] is True,
        )


def mapping_of(columns: list[str]) -> dict[str, str]:
    """Return our header for theirs from ``their header=our header``; raise InputError."""
    pairs = [text.partition("=") for text in columns]
    if not all(theirs and equals and ours for theirs, equals, ours in pairs):
        raise InputError("import.column")
    return {theirs: ours for theirs, _, ours in pairs}
