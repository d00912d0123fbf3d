"""Is it there, is it ready, how is it doing, and what can be asked of it."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from boundary.serving.access import Public, allow
from passeport.serve.house import House
from passeport.serve.run import metrics_folder
from problems import UnavailableError

_EVERYBODY = Public("says nothing about anybody")


def router(house: House) -> APIRouter:
    routes = APIRouter(tags=["service"])

    @routes.get("/health", dependencies=[allow(_EVERYBODY)], response_class=PlainTextResponse)
    async def health() -> str:
        """Answers while the process lives."""
        return "ok"

    @routes.get("/ready", dependencies=[allow(_EVERYBODY)], response_class=PlainTextResponse)
    def ready() -> str:
        """Answers 200 when requests can be answered, 503 when a store cannot be read."""
        try:
            house.once.look("ready", "", house.now())
        except Exception as error:
            raise UnavailableError("service.not_ready") from error
        return "ready"

    @routes.get(
        "/metrics",
        dependencies=[allow(Public("counts only; keep it behind the proxy"))],
        response_class=PlainTextResponse,
    )
    def metrics() -> Response:
        """Prometheus metrics of all worker processes."""
        return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/openapi.json", dependencies=[allow(_EVERYBODY)], include_in_schema=False)
    def openapi(request: Request) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    return routes


def _registry() -> CollectorRegistry:
    if not metrics_folder():
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
