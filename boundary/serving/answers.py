"""How an answer leaves: JSON as our own writer writes it, without a second look by the framework."""

from collections.abc import Mapping

from fastapi import Response

from boundary import strict_json
from boundary.strict_json import JsonValue


def json_answer(
    value: JsonValue,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    return Response(strict_json.write(value), status, headers, media_type)


NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
