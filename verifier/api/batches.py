"""Many documents verified at once, over HTTP: send them, see how far it is, take the results away."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from boundary import limits, strict_json
from boundary.serving.access import Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body
from boundary.serving.documents import Responses, answers, refusals
from boundary.serving.language import language
from boundary.serving.size import up_to
from boundary.serving.upload import Received, received
from boundary.shape import a_text, an_object
from boundary.strict_json import Json, JsonValue
from problems.sentences import Fact, Lang, say
from storage.audit import Event
from storage.jobs import Job, JobRow
from verifier.batches import Batches, Upload

_OPERATORS: Final = Members("operator")
_BATCH: Final[Json] = {
    "id": "b-4be1", "state": "done", "created": "2026-11-21T09:30:12+00:00", "problem": None,
    "counts": {"files": 200, "documents": 200, "verified": 198, "notVerified": 2},
}  # fmt: skip
_DOCUMENT: Final[Json] = {
    "number": 1, "file": "a-camille.pdf", "sha256": "9f86…", "sameAs": None, "page": 1, "verified": True,
    "verdict": "genuine", "steps": [], "credentials": [],
}  # fmt: skip
_FILE: Final[dict[str, Any]] = {"type": "string", "format": "binary"}
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A ZIP archive, a gzipped tar, or a text with one presentation or share link on each"
        " line; what it is shows in its first bytes",
        "content": {
            "application/octet-stream": {"schema": _FILE},
            "multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILE}}},
        },
    }
}
_TABLE: Final[Responses] = {
    200: {"description": "The table", "content": {"text/csv": {"schema": {"type": "string"}}}}
}

Table: TypeAlias = Callable[[Iterable[Sequence[Json]], Lang], Iterator[str]]
"""From pages of results, as they are kept, to the text of a table."""


@dataclass(frozen=True)
class Services:
    """``known`` raises NotFoundError for what is no organisation. Inside ``written`` is done what an event
    says, if it can be written down before. Of what is kept of a result, the member ``document`` is told."""

    batches: Batches
    known: Callable[[str], None]
    written: Callable[[Event], AbstractContextManager[None]]
    table: Table


class ResultsPage(Body):
    """Which results: those after the document with the number ``after``."""

    model_config = Body.model_config | {"strict": False}

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/organisations/{organisation}/batches", tags=["batches"])
    _submission(routes, services)
    _reading(routes, services.batches)
    _taking_away(routes, services)
    return routes


def _submission(routes: APIRouter, services: Services) -> None:
    batches = services.batches

    @routes.post(
        "",
        status_code=202,
        dependencies=[allow(_OPERATORS), up_to(limits.BATCH_FORM_BYTES)],
        openapi_extra=_UPLOAD,
        responses=answers("The batch, to be followed", _BATCH, 202) | refusals(401, 403, 404, 409, 413),
    )
    def submit(
        organisation: str,
        request: Request,
        file: Annotated[Received, Depends(received(batches.folder, limits.BATCH_BYTES))],
        key: Annotated[str, Header(alias="Idempotency-Key", max_length=100)] = "",
    ) -> Response:
        """Have every document of a file verified: PDF pages, pictures, presentations, badges. One that cannot
        be read stops no other. The file is removed once it is read, and the results a few minutes after the
        last of them is known."""
        author, upload = caller(request).answers, Upload(file.path, file.digest)
        services.known(organisation)
        with services.written(Event(author, "batch.submit", organisation=organisation)):
            job = batches.submit(organisation, author, upload, key, language(request))
        return json_answer(
            told(job, language(request)), 202, {**NO_STORE, "Location": f"{request.url.path}/{job.id}"}
        )

    @routes.delete(
        "/{batch}", status_code=204, dependencies=[allow(_OPERATORS)], responses=refusals(401, 403, 404)
    )
    def erase(organisation: str, batch: str, request: Request) -> Response:
        """Stop it where it stands, and keep nothing of it."""
        found = batches.find(organisation, batch)
        with services.written(Event(caller(request).answers, "batch.erase", found.id, organisation)):
            batches.remove(organisation, found.id)
        return Response(status_code=204)


def _reading(routes: APIRouter, batches: Batches) -> None:
    @routes.get(
        "",
        dependencies=[allow(_OPERATORS)],
        responses=answers("Batches, newest first", {"batches": [_BATCH]}) | refusals(401, 403, 404),
    )
    def list_batches(organisation: str, request: Request) -> Response:
        """The batches of the organisation that are not forgotten yet, newest first."""
        lang = language(request)
        found = batches.jobs.of(organisation, "", 100)
        return json_answer({"batches": [told(job, lang) for job in found]}, headers=NO_STORE)

    @routes.get(
        "/{batch}",
        dependencies=[allow(_OPERATORS)],
        responses=answers("The batch", _BATCH) | refusals(401, 403, 404),
    )
    def show(organisation: str, batch: str, request: Request) -> Response:
        """How far a batch is."""
        return json_answer(told(batches.find(organisation, batch), language(request)), headers=NO_STORE)

    @routes.get(
        "/{batch}/results",
        dependencies=[allow(_OPERATORS)],
        responses=answers("Results", {"documents": [_DOCUMENT]}) | refusals(401, 403, 404),
    )
    def results(organisation: str, batch: str, page: Annotated[ResultsPage, Query()]) -> Response:
        """What became of each document, as far as it is known."""
        job = batches.find(organisation, batch)
        rows = batches.jobs.rows(job.id, None, page.after, page.limit)
        return json_answer({"documents": [_document(row) for row in rows]}, headers=NO_STORE)


def _taking_away(routes: APIRouter, services: Services) -> None:
    batches = services.batches

    def taken(organisation: str, batch: str, request: Request) -> Job:
        job = batches.over(organisation, batch)
        count = max(1, job.counts.rows)
        event = Event(caller(request).answers, "batch.export", job.id, organisation, count=count)
        with services.written(event):
            return job

    @routes.get(
        "/{batch}/results.json",
        dependencies=[allow(_OPERATORS)],
        responses=answers("Everything", {**_BATCH, "documents": [_DOCUMENT]}) | refusals(401, 403, 404, 409),
    )
    def as_json(organisation: str, batch: str, request: Request) -> Response:
        """All results of a batch that is over, as one document."""
        job = taken(organisation, batch, request)
        return _download(job, "json", _whole(batches, job, language(request)), "application/json")

    @routes.get(
        "/{batch}/results.csv",
        dependencies=[allow(_OPERATORS)],
        responses=_TABLE | refusals(401, 403, 404, 409),
    )
    def as_csv(organisation: str, batch: str, request: Request) -> Response:
        """All results of a batch that is over, as a table: a row for each document."""
        job = taken(organisation, batch, request)
        pages = ([row.result for row in page] for page in batches.pages(job))
        return _download(job, "csv", services.table(pages, language(request)), "text/csv")


def _download(job: Job, kind: str, lines: Iterator[str], media_type: str) -> Response:
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{job.id}.{kind}"'}
    return StreamingResponse(lines, 200, headers, media_type)


def _whole(batches: Batches, job: Job, lang: Lang) -> Iterator[str]:
    """Yield a page of documents at a time: there may be more than one would keep in memory."""
    yield f'{strict_json.write(told(job, lang))[:-1]},"documents":['
    before = ""
    for page in batches.pages(job):
        yield before + ",".join(strict_json.write(_document(row)) for row in page)
        before = ","
    yield "]}"


def told(job: Job, lang: Lang) -> Json:
    """Return a batch as it is told: no file name, nothing of what was shown."""
    counts = job.counts
    return {
        "id": job.id,
        "state": _state(job),
        "created": job.created.isoformat(timespec="seconds"),
        "problem": _spoken(job.problem, lang) if job.problem else None,
        "counts": {
            "files": job.options.get("files"),
            "documents": counts.rows,
            "verified": counts.done,
            "notVerified": counts.error,
        },
    }


def _state(job: Job) -> str:
    if job.state == "queued":
        return "verifying" if job.counts.rows else "waiting"
    return job.state


def _document(row: JobRow) -> Json:
    return {"number": row.number, **an_object(row.result.get("document"), "document")}


def _spoken(problem: str, lang: Lang) -> JsonValue:
    said = strict_json.read_object(problem)
    code, facts = a_text(said.get("code"), "code"), an_object(said.get("facts"), "facts")
    sentence = say(code, lang, **{name: _fact(value) for name, value in facts.items()})
    return {"code": code, "what": sentence.what, "nextStep": sentence.next_step}


def _fact(value: JsonValue) -> Fact:
    return value if isinstance(value, str | int) else str(value)
