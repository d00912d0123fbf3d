"""DID resolution over HTTP (DID Resolution 0.3, §5.3): what stands behind an identifier."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from boundary import strict_json
from boundary.serving.access import SignedIn, allow
from boundary.sources import Source
from keys.dids import resolution
from keys.dids.key_formats import MULTIKEY

_PLACE = "/1.0/identifiers/"


def router(web: Source) -> APIRouter:
    routes = APIRouter(tags=["did"])

    @routes.get(_PLACE + "{did:path}", dependencies=[allow(SignedIn())])
    def resolve(
        did: str,
        request: Request,
        key_format: Annotated[str, Query(alias="publicKeyFormat", max_length=100)] = MULTIKEY,
        experimental: Annotated[str, Query(alias="enableExperimentalPublicKeyTypes", max_length=5)] = "false",
    ) -> Response:
        """The DID document, or the part of it that a DID URL names; or why there is none."""
        name = _as_written(did, request)
        result, problem = resolution.resolve(name, web, key_format, experimental=experimental == "true")
        status = 200 if problem is None else 404 if problem.transient else 400
        return Response(strict_json.write(result), status, media_type=resolution.MEDIA_TYPE)

    return routes


def _as_written(did: str, request: Request) -> str:
    """A DID may hold ``%3A``, which the framework has read as a colon; who escaped all of it did so once."""
    raw: bytes = request.scope.get("raw_path") or b""
    written = raw.decode("ascii", "replace").partition(_PLACE)[2].partition("?")[0]
    return written if written.startswith("did:") else did
