"""How the body of a request is read: strictly, and into a shape that the documentation shows."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from boundary import strict_json
from boundary.strict_json import Json
from problems import InputError, ParsingError

FORM: Final = "application/x-www-form-urlencoded"
FORM_FIELDS: Final = 100


class Body(BaseModel):
    """The shape of a JSON body: what is said and nothing else, of exactly these types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


Shape = TypeVar("Shape", bound=Body)


async def read_json(request: Request) -> Json:
    """Return the object in the body. Raises ParsingError, LimitError; InputError for another media type."""
    kind = media_type(request)
    if kind != "application/json" and not kind.endswith("+json"):
        raise InputError("http.media_type", expected="application/json")
    return strict_json.read_object(await request.body())


def shaped(shape: type[Shape]) -> Callable[[Request], Awaitable[Shape]]:
    """Return the dependency that reads the body into ``shape``, or raises InputError ``http.body``.

    A route says ``given: Annotated[Order, Depends(shaped(Order))]``.
    """

    async def read(request: Request) -> Shape:
        content = await read_json(request)
        try:
            return shape.model_validate_json(strict_json.write(content))
        except ValidationError as error:
            raise _refused(error) from None

    return read


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form, each given once (RFC 6749 §3.2). Raises InputError, ParsingError."""
    if media_type(request) != FORM:
        raise InputError("http.media_type", expected=FORM)
    form = await request.form(max_files=0, max_fields=FORM_FIELDS)
    fields = form.multi_items()
    if len({name for name, _ in fields}) != len(fields):
        raise ParsingError("http.field_twice")
    return {name: value for name, value in fields if isinstance(value, str)}


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _refused(error: ValidationError) -> InputError:
    """Say where the first fault is, never what was found there."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part)[:40] for part in first["loc"]) or "-"
    return InputError("http.body", place=place[:120], fault=first["type"])


def documented(shape: type[Body], example: Json | None = None) -> dict[str, Any]:
    """Return the ``openapi_extra`` of a route that takes ``shape``."""
    content = {"schema": _schema(shape)} | ({"example": example} if example else {})
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


@cache
def _schema(shape: type[Body]) -> dict[str, Any]:
    return shape.model_json_schema(ref_template="#/components/schemas/{model}")


JsonBody: TypeAlias = Annotated[Json, Depends(read_json)]
FormBody: TypeAlias = Annotated[dict[str, str], Depends(read_form)]
