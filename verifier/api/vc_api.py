"""The VC-API of a verifier: credentials and presentations in, 200 or 400 out."""

import datetime as dt
from collections.abc import Callable
from typing import Final, TypeAlias

from fastapi import APIRouter, Response

from boundary.serving.access import Access, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import JsonBody
from boundary.serving.refusals import PROBLEM
from boundary.strict_json import Json
from credentials.envelopes import Kind
from exchange import vc_api
from problems import Problem
from problems.sentences import say
from verifier.report import Report, Step
from verifier.vc_api import VcApi

Told: TypeAlias = Callable[[Report], Json]
"""Makes a report readable for programs."""


def router(
    desk: VcApi, access: Access, told: Told, now: Callable[[], dt.datetime], at: str = ""
) -> APIRouter:
    """Return the routes under ``at``, for whoever ``access`` lets in."""
    routes = APIRouter(prefix=at, tags=["vc-api"])

    @routes.post("/credentials/verify", dependencies=[allow(access)], openapi_extra=_BODY["credential"])
    def verify_credential(body: JsonBody) -> Response:
        """Verify a credential, secured in whichever way. 200 when it holds, 400 with the reasons when not."""
        return _answer(desk, body, "credential", told, now())

    @routes.post("/presentations/verify", dependencies=[allow(access)], openapi_extra=_BODY["presentation"])
    def verify_presentation(body: JsonBody) -> Response:
        """Verify a presentation and all that it holds, for `options.domain` and `options.challenge`."""
        return _answer(desk, body, "presentation", told, now())

    return routes


def _answer(desk: VcApi, body: Json, kind: Kind, told: Told, now: dt.datetime) -> Response:
    """Whatever is wrong with the document is an answer, and so is that somebody could not be asked."""
    try:
        report = desk.verify(vc_api.read_verify(body, kind), now)
    except Problem as problem:
        return _refused([vc_api.details(problem)], {})
    if report.verified:
        return json_answer({**told(report), "problemDetails": []}, headers=NO_STORE)
    steps = [*report.steps, *(step for line in report.credentials for step in line.steps)]
    wrong = sorted(filter(_is_wrong, steps), key=lambda step: step.outcome)  # failed, then unknown
    return _refused([_details(step) for step in wrong], told(report))


def _refused(problems: list[Json], report: Json) -> Response:
    return json_answer(vc_api.refusal(problems, report), 400, NO_STORE, PROBLEM)


def _is_wrong(step: Step) -> bool:
    return step.outcome in ("failed", "unknown")


def _details(step: Step) -> Json:
    sentence = say(step.code, "en", **step.facts)
    return {
        "type": step.type,
        "title": step.type.rpartition("#")[2] or step.type,
        "detail": sentence.what,
        "code": step.code,
        "nextStep": sentence.next_step,
    }


def _body(member: str, example: Json) -> dict[str, object]:
    schema = {
        "type": "object",
        "required": [member],
        "properties": {member: {"type": "object"}, "options": {"type": "object"}},
    }
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": {member: example}}},
        }
    }


_BODY: Final = {
    "credential": _body("verifiableCredential", {"type": ["VerifiableCredential"]}),
    "presentation": _body("verifiablePresentation", {"type": ["VerifiablePresentation"]}),
}
