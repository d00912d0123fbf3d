"""Routes that anybody may use and that cost more than others: so many a minute, from one address."""

from dataclasses import dataclass

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from boundary.serving.tally import Tally, network
from problems import RateError


@dataclass(frozen=True)
class _Paced:
    per_minute: int

    def __call__(self, request: Request) -> None:
        tally: Tally = request.app.state.tally
        address = network(request.client.host) if request.client else "-"
        if not tally.hit(f"{request.scope['route'].path} {address}", self.per_minute):
            raise RateError("http.too_often")


def paced(per_minute: int) -> Dependency:
    """Return the dependency that raises RateError beyond ``per_minute``, counted in ``app.state.tally``."""
    dependency: Dependency = Depends(_Paced(per_minute))
    return dependency
