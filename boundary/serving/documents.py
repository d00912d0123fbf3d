"""How routes are described: the refusals that each may answer with, and the shape of its answer."""

from typing import Any, Final, TypeAlias

from boundary.serving.refusals import PROBLEM
from boundary.strict_json import Json

Responses: TypeAlias = dict[int | str, dict[str, Any]]

_REFUSAL: Final[Json] = {
    "type": "object",
    "required": ["type", "status", "detail", "code", "nextStep"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened, in the reader's language"},
        "code": {"type": "string", "description": "the same in every language"},
        "nextStep": {"type": "string", "description": "what to do about it"},
    },
}
_WHY: Final = {
    400: "The request is not as it should be",
    401: "Nobody known is asking",
    403: "The one who asks may not do this",
    404: "There is no such thing, or not for the one who asks",
    409: "It does not go together with how things are",
    413: "Too large",
    429: "Too often; try again later",
    503: "Not possible at the moment; try again later",
}


def refusals(*statuses: int) -> Responses:
    """Return the ``responses`` of a route that may refuse with these, and with what any route may."""
    return {
        status: {"description": _WHY[status], "content": {PROBLEM: {"schema": _REFUSAL}}}
        for status in sorted({400, 429, 503, *statuses})
    }


def answers(description: str, example: Json, status: int = 200) -> Responses:
    """Return the ``responses`` entry of what a route answers when all is well, by an example."""
    schema = {"type": "object", "required": sorted(example)}
    content = {"application/json": {"schema": schema, "example": example}}
    return {status: {"description": description, "content": content}}
