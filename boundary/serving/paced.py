"""Routes that anybody may use and that cost more than others: so many a minute, from one address."""

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from problems import RateError


class _Paced:
    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def __call__(self, request: Request) -> None:
        address = request.client.host if request.client else "-"
        if not self._limiter.hit(self._limit, address):
            raise RateError("http.too_often")


def paced(per_minute: int) -> Dependency:
    """Return the dependency that raises RateError beyond ``per_minute``, counted in this process."""
    dependency: Dependency = Depends(_Paced(per_minute))
    return dependency
