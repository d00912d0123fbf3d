"""Wires the page ``/v`` and the links that lead to it."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import UploadFile

from boundary import limits
from boundary.serving.access import Public, allow
from boundary.serving.joined import joined
from boundary.serving.language import language
from boundary.serving.paced import paced
from passeport import passport
from passeport.pages import render
from passeport.pages.check import Desk
from passeport.pages.result import Result, told
from passeport.serve.house import House
from problems import LimitError, NotFoundError
from problems.sentences import LANGS, Lang
from storage.sqlite.links import SqliteLinks
from verifier.api import links
from verifier.links import LinkDesk
from verifier.policy import Policy
from verifier.report import Report

_EVERYBODY: Final = Public("whoever scans a code has no account; nothing is kept")
_HEADERS: Final = {"Content-Security-Policy": render.POLICY, "Cache-Control": "no-store"}
_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_FIELDS: Final = 5


@dataclass(frozen=True)
class Given:
    """What a form brought: a text or the bytes of a file, and the name of the link it was found in; or that
    it was too large."""

    content: bytes = b""
    link: str = ""
    refused: LimitError | None = None


async def read(request: Request) -> Given:
    """Read either kind of form; its size is bounded before it comes here, so it stays in memory."""
    try:
        async with request.form(max_files=1, max_fields=_FIELDS, max_part_size=limits.JSON_BYTES) as form:
            file, text, link = form.get("file"), form.get("text"), form.get("link")
            content = await file.read() if isinstance(file, UploadFile) else b""
    except LimitError as problem:
        return Given(refused=problem)
    return Given(
        content or (text.encode() if isinstance(text, str) else b""), link if isinstance(link, str) else ""
    )


def router(house: House) -> APIRouter:
    kept = SqliteLinks(house.settings.database("links"))
    house.closing.append(kept.close)
    house.forgetting.append(kept.forget)
    parts = urlsplit(house.settings.public_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    keeping = LinkDesk(kept, origin)

    def judge(content: bytes, link: str, now: dt.datetime) -> Report:
        policy = Policy(bearer_audience=keeping.audience(link)) if link else Policy()
        return passport.verifier(house.source, policy).verify(content, now)

    return joined(links.router(keeping, lambda: house.now()), _pages(Desk(origin, judge), house))


def _pages(desk: Desk, house: House) -> APIRouter:
    routes, megabytes = APIRouter(tags=["pages"]), max(1, house.settings.body_bytes >> 20)

    @routes.get("/v", dependencies=[allow(_EVERYBODY)], response_class=HTMLResponse)
    def entry(request: Request) -> Response:
        """The page that a code or a link leads to; it holds nothing until somebody asks."""
        lang = _lang(request)
        return _page(render.entry(lang, desk.host, megabytes), lang)

    @routes.post(
        "/v/check",
        dependencies=[allow(_EVERYBODY), paced(limits.CHECKS_PER_MINUTE)],
        response_class=HTMLResponse,
    )
    def check(request: Request, given: Annotated[Given, Depends(read)]) -> Response:
        """Verify the form's ``text`` or ``file`` in memory; keep nothing of it."""
        lang = _lang(request)
        if given.refused:
            said = told(given.refused, lang)
            return _page(render.entry(lang, desk.host, megabytes, said), lang, given.refused.status)
        found = desk.check(given.content, given.link, lang, house.now())
        if isinstance(found, Result):
            return _page(render.verdict(found, lang, desk.host), lang)
        return _page(render.entry(lang, desk.host, megabytes, found), lang, 400)

    @routes.get("/v/static/{name}", dependencies=[allow(Public("style, script and icon"))])
    def static(name: str) -> Response:
        """A file that never changes under its name."""
        found = render.static_files().get(name)
        if found is None:
            raise NotFoundError("http.not_found")
        return Response(found.body, headers=_FOREVER, media_type=found.media_type)

    return routes


def _page(content: str, lang: Lang, status: int = 200) -> Response:
    return HTMLResponse(content, status, {**_HEADERS, "Content-Language": lang, "Vary": "Accept-Language"})


def _lang(request: Request) -> Lang:
    asked = request.query_params.get("lang")
    return next((lang for lang in LANGS if lang == asked), None) or language(request)
