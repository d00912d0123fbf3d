"""Where a person signs in and agrees: pushed requests, the page, and the way back to the wallet."""

import re
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from boundary.serving import refusals
from boundary.serving.access import Bound, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import FormBody
from boundary.serving.language import language
from credentials import templates
from exchange.oauth import authorization
from issuer import authorize, pages
from issuer.api.openid4vci import Clock, Counters, caller_of
from issuer.authorize import Mismatch, Session
from issuer.counter import Counter
from problems import Problem, ProtocolError

_CLIENT: Final = Bound("a wallet that may send people here, and the offer it was given")
_PUSHED: Final = Bound("the unguessable name of a pushed request")
_SESSION: Final = Bound("a cookie and a form that belong together")
_COOKIE: Final = "passeport_sign_in"
_ORIGIN: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://(?P<host>[A-Za-z0-9.:-]+))?")


def router(counters: Counters, now: Clock) -> APIRouter:
    routes = APIRouter(tags=["openid4vci"])

    @routes.post("/issuers/{organisation}/par", dependencies=[allow(_CLIENT), Depends(refusals.speaks_oauth)])
    def pushed_request(organisation: str, form: FormBody, request: Request) -> Response:
        """A pushed authorization request (RFC 9126)."""
        counter = counters(organisation)
        asked = authorization.read_request(form)
        pushed = authorize.push(counter, asked, caller_of(request, counter, "par"), now())
        return json_answer(pushed.document(), 201, NO_STORE)

    @routes.get("/issuers/{organisation}/authorize", dependencies=[allow(_PUSHED)])
    def sign_in(organisation: str, request: Request, client_id: str = "", request_uri: str = "") -> Response:
        """The page on which a person says who they are."""
        counter = counters(organisation)
        try:
            session = authorize.begin(counter, client_id, request_uri, now())
        except ProtocolError as problem:
            return _told(request, problem)
        answer = _page(request, counter, session)
        _keep(answer, counter, session)
        return answer

    @routes.post("/issuers/{organisation}/authorize", dependencies=[allow(_SESSION)])
    def signed_in(organisation: str, form: FormBody, request: Request) -> Response:
        """What the person said; the browser goes back to the wallet (RFC 9700 §4.12: by 303)."""
        counter = counters(organisation)
        try:
            session = authorize.resume(counter, request.cookies.get(_COOKIE), form.get("session"), now())
        except ProtocolError as problem:
            return _told(request, problem)
        if form.get("do") == "refuse":
            return _back(authorize.refuse(counter, session, now()))
        try:
            return _back(authorize.approve(counter, session, form, now()))
        except Mismatch as mismatch:
            return _page(request, counter, session, wrong=mismatch.fields)
        except ProtocolError as problem:
            return _page(request, counter, session, problem=problem)

    return routes


def _back(url: str) -> Response:
    return RedirectResponse(url, 303, dict(NO_STORE))


def _page(
    request: Request,
    counter: Counter,
    session: Session,
    *,
    wrong: tuple[str, ...] = (),
    problem: Problem | None = None,
) -> Response:
    lang = language(request)
    fault = ("tx_code",) if problem is not None and problem.code == "vci.tx_code" else ()
    html = pages.render(
        "sign_in",
        lang,
        organisation=counter.desks.name,
        credential=templates.load(session.offer.template).label[lang],
        wallet=_shown(session.request.redirect_uri),
        policy=session.offer.policy,
        action=counter.at("authorize"),
        session=session.form,
        wrong=(*wrong, *fault),
        told=problem.says(lang) if problem else None,
        final=problem is not None and authorize.is_final(problem),
    )
    status = 200 if problem is None and not wrong else 400
    return HTMLResponse(html, status, _headers(lang, session.request.redirect_uri))


def _told(request: Request, problem: ProtocolError) -> Response:
    """Nobody to go back to is known: the person is told here."""
    lang = language(request)
    html = pages.render("told", lang, told=problem.says(lang), code=f"{problem.error} · {problem.code}")
    return HTMLResponse(html, problem.answer, _headers(lang))


def _headers(lang: str, redirect_uri: str = "") -> Mapping[str, str]:
    """A form's answer may redirect only where ``form-action`` allows it."""
    target = f" {_origin(redirect_uri)}" if redirect_uri else ""
    policy = (
        f"default-src 'none'; style-src {pages.style_hash()}; form-action 'self'{target};"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    return {**NO_STORE, "Content-Security-Policy": policy, "Content-Language": lang}


def _origin(url: str) -> str:
    """Return what a policy may say of an address: scheme and host, or the scheme of an app's own."""
    found = _ORIGIN.match(url)
    if found is None:
        return "'none'"
    web = found["scheme"].lower() in ("https", "http") and found["host"]
    return f"{found['scheme']}://{found['host']}" if web else f"{found['scheme']}:"


def _shown(url: str) -> str:
    found = _ORIGIN.match(url)
    return (found["host"] or found["scheme"]) if found else ""


def _keep(answer: Response, counter: Counter, session: Session) -> None:
    path = "/issuers/" + counter.organisation + "/authorize"
    answer.set_cookie(
        _COOKIE,
        session.secret,
        max_age=authorize.SESSION_SECONDS,
        path=path,
        secure=counter.url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
