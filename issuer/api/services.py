"""What the routes of an organisation's operations are given."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Request
from pydantic import Field

from boundary.serving.access import caller
from boundary.serving.body import Body
from boundary.strict_json import Json
from issuer.intake.rows import Reading, Row
from issuer.operations.imports import Imports
from issuer.operations.office import Approvals, Office
from problems import InputError
from storage.audit import AuditLog, Event
from storage.corrections import CorrectionStore
from storage.once import OnceStore
from storage.replacements import ReplacementStore

PREFIX: Final = "/organisations/{organisation}"


@dataclass(frozen=True)
class Services:
    """``office`` raises NotFoundError for what is no organisation. Inside ``written`` is done what an event
    says, if it can be written down before."""

    office: Callable[[str], Office]
    imports: Imports
    approvals: Approvals
    now: Callable[[], dt.datetime]
    written: Callable[[Event], AbstractContextManager[None]]
    judged: Callable[[Json], Reading]
    """Reads a single row as one of a file."""
    links: ReplacementStore
    corrections: CorrectionStore
    once: OnceStore
    audit: AuditLog

    def row(self, template: str, reference: str, claims: Json) -> Row:
        """Return a row that is sound; raise InputError ``operations.row`` with the first fault."""
        reading = self.judged({"template": template, "reference": reference, "claims": claims})
        for finding in reading.findings:
            if finding.severity == "error":
                raise InputError("operations.row", finding=finding.code, field=finding.place.field or "-")
        if reading.row is None:
            raise InputError("operations.row", finding="rows.not_a_row", field="-")
        return reading.row

    def doing(
        self, request: Request, organisation: str, what: str, on: str = "", count: int = 1
    ) -> AbstractContextManager[None]:
        """Return a block that does what the caller asked for, on the thing with the opaque id ``on``."""
        return self.written(Event(caller(request).answers, what, on, organisation, count=count))


class Page(Body):
    """What to list: from the one after ``after``, which is where the last page ended."""

    model_config = Body.model_config | {"strict": False}

    after: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
