"""Wires an organisation's operations, and the worker of this process that does imports."""

import datetime as dt
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import APIRouter

from boundary.serving.access import Caller
from boundary.serving.joined import joined
from boundary.strict_json import Json
from issuer import intake
from issuer.api import corrections, credentials, offers
from issuer.api import imports as importing
from issuer.api.services import Services
from issuer.desk import Desk
from issuer.intake import json_file
from issuer.intake.rows import Reading
from issuer.operations.imports import Imports
from issuer.operations.office import Office
from issuer.operations.options import Options
from issuer.operations.worker import Worker
from passeport.people import written
from passeport.serve.four_eyes import digest
from passeport.serve.house import House
from passeport.serve.organisations import Organisation
from passeport.serve.working import Work, Working
from problems import AccessError, UnavailableError
from skills import register
from storage.audit import Event
from storage.sqlite.corrections import SqliteCorrections
from storage.sqlite.jobs import SqliteJobs
from storage.sqlite.replacements import SqliteReplacements


def router(house: House) -> APIRouter:
    operations = Operations(house)
    house.beside.append(operations.workers.working)
    rooms = (importing.router, offers.router, credentials.router, corrections.router)
    return joined(*(room(operations.services) for room in rooms))


@dataclass
class Operations:
    """The operations of every organisation of one service."""

    house: House

    @cached_property
    def services(self) -> Services:
        house, place = self.house, self.house.settings.database
        links = SqliteReplacements(place("replacements"))
        requests = SqliteCorrections(place("corrections"))
        house.closing += [links.close, requests.close]
        house.forgetting.append(requests.forget)
        return Services(
            self.office,
            self.imports,
            self.approvals,
            self._now,
            self._written,
            self._judged,
            links,
            requests,
            house.once,
            house.audit,
        )

    @cached_property
    def imports(self) -> Imports:
        jobs = SqliteJobs(self.house.settings.database("jobs"))
        folder = self.house.settings.home / "service" / "uploads"
        made = Imports(jobs, folder, self.approvals, self._now, self.workers.wake)
        self.house.closing.append(jobs.close)
        self.house.forgetting.append(made.sweep)
        return made

    @cached_property
    def approvals(self) -> "FourEyed":
        return FourEyed(self.house)

    def office(self, name: str) -> Office:
        """Raises NotFoundError."""
        found = self.house.organisations.get(name)
        return Office(
            found.id,
            f"{self.house.settings.public_url}/issuers/{found.id}",
            lambda: _desk(found),
            found.ledger,
            self.house.offers,
            lambda: found.secret("links"),
        )

    @cached_property
    def workers(self) -> Working:
        """One import is done by one thread; another process does another one."""
        return Working("imports", self._worker)

    def _worker(self, name: str) -> Work:
        return Worker(self.imports, self.office, _read, name, lambda: self.workers.ended).work

    def _now(self) -> dt.datetime:
        return self.house.now()

    def _judged(self, row: Json) -> Reading:
        return json_file.one(row, "json", register.builtin(), self._now().date())

    def _written(self, event: Event) -> AbstractContextManager[None]:
        return written(self.house.audit, event, self._now)


@dataclass(frozen=True)
class FourEyed:
    """:class:`issuer.operations.office.Approvals` by the approvals of the service."""

    house: House

    @property
    def above(self) -> int:
        return self.house.settings.approval_above

    def propose(self, author: Caller, organisation: str, action: str, content: Json, facts: Json) -> str:
        wanted = digest(content)
        for found in self.house.approvals.of(organisation, self.house.now()):
            if (found.action, found.content) == (action, wanted) and found.state in ("proposed", "approved"):
                return found.id
        return self.house.four_eyes.propose(author, organisation, action, wanted, facts).id

    def use(self, by: Caller, organisation: str, action: str, content: Json) -> bool:
        try:
            self.house.four_eyes.require_approved(by, organisation, action, content)
        except AccessError:
            return False
        return True


def _read(path: Path, options: Options, today: dt.date) -> Iterable[Reading]:
    return intake.read(
        path,
        register=register.builtin(),
        today=today,
        template=options.template,
        mapping=options.mapping or None,
        sheet=options.sheet,
    )


def _desk(found: Organisation) -> Desk:
    """Return the desk of the key that every wallet knows, if there is one."""
    algorithms = [*found.algorithms()]
    if not algorithms:
        raise UnavailableError("vci.no_key")
    return found.desk(algorithms[0])
