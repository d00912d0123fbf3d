"""Who may use a route. Every route declares it once; one that does not is closed to everybody.

    @router.post("/organisations/{organisation}/imports", dependencies=[allow(Members("operator"))])

A declaration is a value, so that a test can read those of the whole application and try every caller on
every route.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Depends as Dependency
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from boundary.roles import Role as Role
from problems import AccessError, AuthenticationError, NotFoundError


@dataclass(frozen=True)
class Caller:
    """Who is asking: an opaque id, and what they may be in each organisation, by its id.

    ``account`` is the account that answers for a program; a person answers for themselves.
    """

    id: str
    roles: dict[str, frozenset[Role]] = field(default_factory=dict)
    account: str = ""

    @property
    def is_person(self) -> bool:
        return self.account in ("", self.id)

    @property
    def answers(self) -> str:
        """Return the account whose doing it is."""
        return self.account or self.id

    def in_organisation(self, organisation: str) -> frozenset[Role]:
        return self.roles.get(organisation, frozenset())


NOBODY: Final = "public"
ACTING: Final = ContextVar("acting", default="service")
"""Whose doing this is, for whoever writes it down: an account, :data:`NOBODY`, or the service itself."""


class Gate(Protocol):
    def identify(self, request: Request) -> Caller:
        """Return who sent ``request``; raise AuthenticationError when nobody known did."""
        ...


@dataclass(frozen=True)
class Public:
    """Anybody. ``because`` says why that is right."""

    because: str


@dataclass(frozen=True)
class Bound:
    """Whoever holds what the protocol itself asks for and the route's own code checks: ``by``, such as an
    access token or the unguessable name of a transaction."""

    by: str


@dataclass(frozen=True, init=False)
class Members:
    """Members of the organisation in the path who have one of ``roles``.

    To others the organisation is not there: who works with whom is nobody else's business.
    """

    roles: frozenset[Role]

    def __init__(self, *roles: Role) -> None:
        object.__setattr__(self, "roles", frozenset(roles))

    def check(self, request: Request) -> None:
        caller = identify(request)
        held = caller.in_organisation(request.path_params["organisation"])
        if not held:
            raise NotFoundError("access.not_found")
        if not held & self.roles:
            raise AccessError("access.role", roles=", ".join(sorted(self.roles)))
        request.state.caller = caller


@dataclass(frozen=True)
class SignedIn:
    """Anybody who has signed in, whatever they may do."""

    def check(self, request: Request) -> None:
        request.state.caller = identify(request)


Access: TypeAlias = Public | Bound | Members | SignedIn


@dataclass(frozen=True)
class _Check:
    access: Access

    async def __call__(self, request: Request) -> None:
        """Check, in a thread where a store is asked; what is set here, in the request's own context, its
        route sees."""
        if not isinstance(self.access, Public | Bound):
            await run_in_threadpool(self.access.check, request)
        found: Caller | None = getattr(request.state, "caller", None)
        ACTING.set(found.answers if found else NOBODY)


def allow(access: Access) -> Dependency:
    """Return the dependency that declares and enforces ``access``."""
    dependency: Dependency = Depends(_Check(access))
    return dependency


def identify(request: Request) -> Caller:
    """Return who is asking, as the application's gate says; raise AuthenticationError."""
    gate: Gate | None = getattr(request.app.state, "gate", None)
    if gate is None:
        raise AuthenticationError("access.sign_in")
    return gate.identify(request)


def bearer(request: Request) -> str | None:
    """Return the bearer token of the Authorization header (RFC 6750 §2.1), None when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def caller(request: Request) -> Caller:
    """Return who was let in by Members or SignedIn."""
    found: Caller = request.state.caller
    return found


def declarations(routes: Sequence[BaseRoute]) -> Iterator[tuple[RouteContext, list[Access]]]:
    """Yield every route, those of included routers too, with what it declares."""
    for route in iter_route_contexts(routes):
        yield (
            route,
            [
                found.dependency.access
                for found in _dependencies(route)
                if isinstance(found.dependency, _Check)
            ],
        )


def _dependencies(route: RouteContext) -> Iterable[Dependency]:
    """A route that FastAPI did not make has none, and so is undeclared."""
    found: Iterable[Dependency] = getattr(route, "dependencies", ())
    return found


def require_declared(routes: Sequence[BaseRoute]) -> None:
    """Raise ValueError unless every route declares who may use it, once."""
    undeclared = [str(route.path) for route, access in declarations(routes) if len(access) != 1]
    if undeclared:
        raise ValueError(f"who may use these routes is not said once: {', '.join(undeclared)}")
