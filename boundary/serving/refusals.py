"""How a refusal leaves: problem details (RFC 9457), or the error object of OAuth where that is spoken.

Nothing of what was sent comes back in it, and nothing of our inside: a fault of ours is a number that
stands in the log as well.
"""

import errno
import uuid
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from boundary import files
from boundary.serving.language import language
from problems import InputError, NotFoundError, Problem, ProtocolError, RateError, UnavailableError

PROBLEM: Final = "application/problem+json"
_LOG: Final = structlog.get_logger("http")
_RETRY_SECONDS: Final = "5"
_OAUTH_WORDS: Final = {401: "invalid_token", 403: "access_denied", 413: "invalid_request"}


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _request)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(OSError, _system)
    app.add_exception_handler(Exception, _unexpected)


def problem_answer(problem: Problem, request: Request, status: int | None = None) -> JSONResponse:
    """Return the answer that says ``problem`` in the reader's language."""
    lang = language(request)
    if getattr(request.state, "oauth", False):
        return oauth_answer(problem, status)
    status = status or _status(problem)
    content = {**problem.details(lang), "status": status}
    headers = {"Content-Language": lang, "Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(problem, RateError | UnavailableError):
        headers["Retry-After"] = _RETRY_SECONDS
    return JSONResponse(content, status, headers, PROBLEM)


def oauth_answer(problem: Problem, status: int | None = None) -> JSONResponse:
    """Return the error object of RFC 6749 §5.2: their word, our code and sentence as its description."""
    status = status or _status(problem)
    error = (
        problem.error if isinstance(problem, ProtocolError) else _OAUTH_WORDS.get(status, "invalid_request")
    )
    if status >= 500:
        error = "temporarily_unavailable" if status == 503 else "server_error"
    description = f"{problem.code}: {problem.says('en').what}"
    content = {"error": error, "error_description": _ascii(description)}
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = f'{"DPoP" if "dpop" in error else "Bearer"} error="{error}"'
    if status in (429, 503):
        headers["Retry-After"] = _RETRY_SECONDS
    if isinstance(problem, ProtocolError):
        headers.update(problem.headers)
    return JSONResponse(content, status, headers)


def _ascii(text: str) -> str:
    """RFC 6749 §5.2 allows printable ASCII but for the quotation mark and the backslash."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "'" for char in text)


def _status(problem: Problem) -> int:
    return problem.answer if isinstance(problem, ProtocolError) else problem.status


def speaks_oauth(request: Request) -> None:
    """A dependency of the routes whose refusals are the error objects of OAuth."""
    request.state.oauth = True


def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  (what this handler is installed for)
    _LOG.info("refused", code=error.code, status=_status(error))
    return problem_answer(error, request)


def _request(request: Request, error: Exception) -> JSONResponse:
    """A parameter of the path, the query or the header that is not of its declared type."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    place = ".".join(str(part)[:40] for part in error.errors()[0]["loc"])
    return problem_answer(InputError("http.parameter", place=place[:120]), request)


def _http(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: no such route, another method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    problem = (
        NotFoundError("http.not_found")
        if error.status_code == 404
        else InputError(_CODES.get(error.status_code, "http.refused"))
    )
    answer = problem_answer(problem, request, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


_CODES: Final = {405: "http.method"}


def _gone(_request: Request, _error: Exception) -> Response:
    """Nobody reads this but the log: who asked left, or was let go, before the request was whole."""
    return Response(status_code=408)


def _system(request: Request, error: Exception) -> Response:
    """A disk that is full and a process out of open files are no fault of the request, nor for ever."""
    assert isinstance(error, OSError)  # noqa: S101
    if error.errno in files.DISK_FULL:
        return _problem(request, UnavailableError("storage.full"))
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return _problem(request, UnavailableError("http.busy"))
    return _unexpected(request, error)


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    incident = uuid.uuid4().hex[:12]
    _LOG.error("unexpected", incident=incident, kind=type(error).__name__, exc_info=error)
    return problem_answer(UnavailableError("http.unexpected", incident=incident), request, 500)
