"""The application: middle parts in order, what every service has, and the rooms of the roles asked for."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from typing import Any, Final

from fastapi import APIRouter, FastAPI

from boundary.serving import refusals
from boundary.serving.access import require_declared
from boundary.serving.joined import joined
from boundary.serving.middle import Brief, Headers, Pace, Watch
from boundary.serving.size import Sized
from passeport.serve import (
    approvals,
    batches,
    health,
    logs,
    members,
    oidc,
    openid4vci,
    openid4vp,
    operations,
    pages,
    profiles,
    publication,
    sessions,
    signing_keys,
    vc_api,
    wallet,
)
from passeport.serve.gate import Gate
from passeport.serve.house import House
from passeport.serve.run import worker_tally
from passeport.serve.settings import RoleName, Service
from passeport.serve.tidy import tidying

Room = Callable[[House], APIRouter]
_EVERYWHERE: Final[tuple[Room, ...]] = (
    health.router,
    sessions.router,
    oidc.router,
    profiles.router,
    members.router,
    signing_keys.router,
    approvals.router,
)
ROOMS: Final[Mapping[RoleName, tuple[Room, ...]]] = {
    "issuer": (vc_api.issuers, publication.router, openid4vci.router, operations.router),
    "wallet": (vc_api.holders, wallet.router),
    "verifier": (vc_api.verifiers, openid4vp.router, batches.router, pages.router, publication.askers),
}


def create_app(settings: Service) -> FastAPI:
    """Return the application for ``settings``; its stores are opened here and closed with it."""
    logs.configure()
    house = House(settings)
    app = FastAPI(
        title="Passeport",
        summary="Skills that can be proved: issue, hold, present, verify.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan(house),
    )
    app.state.house = house
    app.state.gate = Gate(settings, house.people)
    app.state.tally = worker_tally()
    app.router.routes.extend(joined(*(room(house) for room in _rooms(settings.role))).routes)
    require_declared(app.routes)
    refusals.install(app)
    # The last one added is the first to see a request.
    app.add_middleware(Sized, limit=settings.body_bytes)
    app.add_middleware(Headers)
    app.add_middleware(
        Pace,
        tally=app.state.tally,
        per_minute=settings.requests_per_minute,
        at_once=settings.requests_at_once,
    )
    app.add_middleware(Brief)
    app.add_middleware(Watch)
    return app


def _rooms(wanted: RoleName) -> Iterator[Room]:
    yield from _EVERYWHERE
    for role, rooms in ROOMS.items():
        if wanted in (role, "all"):
            yield from rooms


def _lifespan(house: House) -> Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]:
    """What it yields, connections know (:mod:`passeport.serve.patience`)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:  # noqa: ARG001
        with ExitStack() as beside:
            beside.enter_context(tidying(house))
            for start in house.beside:
                beside.enter_context(start())
            yield {"ending": house.ending}
        house.close()

    return lifespan


def from_settings() -> FastAPI:
    """What a worker process makes: everything it needs to know is in its environment."""
    return create_app(Service())
