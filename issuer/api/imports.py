"""Imports over HTTP: send a file, see how far it is, take away what came of it."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from boundary import limits, strict_json
from boundary.serving.access import Caller, Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import Responses, answers, refusals
from boundary.serving.language import language
from boundary.serving.size import up_to
from boundary.serving.upload import Received, received
from boundary.strict_json import Json
from issuer.api.services import PREFIX, Page, Services
from issuer.operations.imports import Imports, Upload
from issuer.operations.options import Mode, Options, mapping_of
from issuer.operations.report import Report, spoken
from problems.sentences import Lang
from storage.jobs import Job, JobRow, RowOutcome
from storage.offers import Policy

_OPERATORS: Final = Members("operator")
_READERS: Final = Members("operator", "approver", "auditor")
_IMPORT: Final[Json] = {
    "id": "j-4be1", "state": "running", "mode": "offer", "dryRun": False, "content": "9f86…",
    "approval": None, "created": "2026-11-21T09:30:12+00:00", "problem": None,
    "counts": {"rows": 200, "ready": 50, "error": 1, "done": 149, "again": 0},
}  # fmt: skip
_ROW: Final[Json] = {
    "number": 12, "reference": "R-12", "outcome": "error", "offer": None, "credentials": [],
    "findings": [{
        "code": "row.date_unreadable", "severity": "error", "line": 13, "field": "date_naissance",
        "cell": None, "what": "…", "nextStep": "…",
    }],
}  # fmt: skip
_FILE: Final[dict[str, Any]] = {"type": "string", "format": "binary"}
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "CSV, XLSX, JSON rows or accrochage XML; what it is shows in its first bytes",
        "content": {
            "application/octet-stream": {"schema": _FILE},
            "multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILE}}},
        },
    }
}
_CSV: Final[Responses] = {
    200: {"description": "The table", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


class Asked(Body):
    """How the file is to be read, and what is to be done with its rows."""

    model_config = Body.model_config | {"strict": False}

    template: Annotated[str, Field(max_length=60)] | None = None
    column: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=200)] = Field(
        default_factory=list
    )
    """``their header=our header``, as often as need be."""
    sheet: Annotated[str, Field(max_length=100)] | None = None
    mode: Mode = "offer"
    policy: Policy = "code"
    dry_run: bool = False
    skip_errors: bool = False

    def options(self) -> Options:
        return Options(
            self.template, mapping_of(self.column), self.sheet, self.mode, self.policy, self.dry_run,
            self.skip_errors,
        )  # fmt: skip


class Start(Body):
    skip_errors: bool = False


class RowsPage(Body):
    """Which rows: those with this outcome, after the number ``after``."""

    model_config = Body.model_config | {"strict": False}

    outcome: RowOutcome | None = None
    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix=f"{PREFIX}/imports", tags=["imports"])
    _submission(routes, services)
    _reading(routes, services)
    _starting(routes, services)
    imports = services.imports
    for word, act in (("pause", imports.pause), ("resume", imports.resume), ("cancel", imports.cancel)):
        _steering(routes, services, word, act)
    return routes


def _submission(routes: APIRouter, services: Services) -> None:
    imports = services.imports

    @routes.post(
        "",
        status_code=202,
        dependencies=[allow(_OPERATORS), up_to(limits.IMPORT_FORM_BYTES)],
        openapi_extra=_UPLOAD,
        responses=answers("The import, to be followed", _IMPORT, 202) | refusals(401, 403, 404, 409, 413),
    )
    def submit(
        organisation: str,
        request: Request,
        file: Annotated[Received, Depends(received(imports.folder, limits.IMPORT_BYTES))],
        asked: Annotated[Asked, Query()],
        key: Annotated[str, Header(alias="Idempotency-Key", max_length=100)] = "",
    ) -> Response:
        """Send a file. Each row becomes an offer (or is issued); the same file again is the same import.

        It is examined whole first. With rows in error it stops there, unless `skip_errors`; with `dry_run`
        it always does. With more rows than the service allows at once it waits for a second person.
        """
        options = asked.options()
        services.office(organisation).open_desk()  # where nothing can be signed, nothing is taken
        with services.doing(request, organisation, "import.submit"):
            job = _submitted(imports, organisation, caller(request), file, options, key)
        return json_answer(
            told(job, language(request)), 202, {**NO_STORE, "Location": f"{request.url.path}/{job.id}"}
        )


def _submitted(
    imports: Imports, organisation: str, by: Caller, file: Received, options: Options, key: str
) -> Job:
    return imports.submit(organisation, by, Upload(file.path, file.digest), options, key)


def _reading(routes: APIRouter, services: Services) -> None:
    imports = services.imports

    @routes.get(
        "",
        dependencies=[allow(_READERS)],
        responses=answers("Imports, newest first", {"imports": [_IMPORT]}) | refusals(401, 403, 404),
    )
    def list_imports(organisation: str, request: Request, page: Annotated[Page, Query()]) -> Response:
        """The imports of the organisation, newest first."""
        found = imports.jobs.of(organisation, page.after, page.limit)
        lang = language(request)
        return json_answer({"imports": [told(job, lang) for job in found]}, headers=NO_STORE)

    @routes.get(
        "/{job}",
        dependencies=[allow(_READERS)],
        responses=answers("The import", _IMPORT) | refusals(401, 403, 404),
    )
    def show(organisation: str, job: str, request: Request) -> Response:
        """How far an import is."""
        return json_answer(told(imports.find(organisation, job), language(request)), headers=NO_STORE)

    @routes.get(
        "/{job}/rows",
        dependencies=[allow(_READERS)],
        responses=answers("Rows", {"rows": [_ROW]}) | refusals(401, 403, 404),
    )
    def rows(organisation: str, job: str, request: Request, page: Annotated[RowsPage, Query()]) -> Response:
        """What became of each row, without anything that the file says of people."""
        found = imports.find(organisation, job)
        listed = imports.jobs.rows(found.id, page.outcome, page.after, page.limit)
        lang = language(request)
        return json_answer({"rows": [_told_row(row, lang) for row in listed]}, headers=NO_STORE)

    @routes.get(
        "/{job}/report.csv",
        dependencies=[allow(_OPERATORS)],
        responses=_CSV | refusals(401, 403, 404),
    )
    def report(organisation: str, job: str, request: Request) -> Response:
        """The table of an import, with the links that people claim their certificates with, and the codes,
        which must reach them another way."""
        found, office = imports.find(organisation, job), services.office(organisation)
        office.secret()  # or nothing of the table can be had
        with services.doing(request, organisation, "import.report", found.id, max(1, found.counts.done)):
            lines = Report(office, imports.jobs, language(request), services.now()).lines(found)
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{found.id}.csv"'}
        return StreamingResponse(lines, 200, headers, "text/csv")


def _starting(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/{job}/start",
        status_code=202,
        dependencies=[allow(_OPERATORS)],
        openapi_extra=documented(Start, {"skip_errors": True}),
        responses=answers("The import", _IMPORT, 202) | refusals(401, 403, 404, 409),
    )
    def start(
        organisation: str, job: str, request: Request, given: Annotated[Start, Depends(shaped(Start))]
    ) -> Response:
        """Let what was examined be done. A large import waits first, in the state `waiting_approval`, until
        the proposal `approval` is approved by somebody else; then start it again."""
        imports = services.imports
        found = imports.find(organisation, job)
        with services.doing(request, organisation, "import.start", found.id, max(1, found.counts.ready)):
            done = imports.start(organisation, found.id, caller(request), skip_errors=given.skip_errors)
        return json_answer(told(done, language(request)), 202, NO_STORE)


def _steering(routes: APIRouter, services: Services, word: str, act: Callable[[str, str], Job]) -> None:
    @routes.post(
        f"/{{job}}/{word}",
        dependencies=[allow(_OPERATORS)],
        responses=answers("The import", _IMPORT) | refusals(401, 403, 404, 409),
        name=f"{word}_import",
        description=f"{word.capitalize()} an import; what was done of it stays done.",
    )
    def steer(organisation: str, job: str, request: Request) -> Response:
        found = services.imports.find(organisation, job)
        with services.doing(request, organisation, f"import.{word}", found.id):
            return json_answer(told(act(organisation, found.id), language(request)), headers=NO_STORE)


def told(job: Job, lang: Lang) -> Json:
    """Return an import as it is told: no claims, no file name."""
    options, counts = Options.read(job.options), job.counts
    return {
        "id": job.id,
        "state": job.state,
        "mode": options.mode,
        "dryRun": options.dry_run,
        "content": job.content,
        "approval": job.approval or None,
        "created": job.created.isoformat(timespec="seconds"),
        "problem": spoken(strict_json.read(job.problem), lang) if job.problem else None,
        "counts": {
            "rows": counts.rows,
            "ready": counts.ready,
            "error": counts.error,
            "done": counts.done,
            "again": counts.again,
        },
    }


def _told_row(row: JobRow, lang: Lang) -> Json:
    return {
        "number": row.number,
        "reference": row.reference,
        "outcome": row.outcome,
        "offer": row.result.get("offer"),
        "credentials": row.result.get("credentials", []),
        "findings": [spoken(finding, lang) for finding in row.findings],
    }
