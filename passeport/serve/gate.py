"""Who is asking, on a laptop: its owner, and nobody else.

A service that is reached on this machine only, and has no accounts yet, takes whoever asks it from this
machine for its owner. A web page of another origin that a browser on this machine shows is not the owner:
its requests say so (Fetch Metadata, Origin), and one that calls this machine by another name (DNS
rebinding) is told by the name.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from fastapi import Request

from boundary import urls
from boundary.serving.access import Caller, Role
from passeport.serve.settings import Service
from problems import AuthenticationError

OWNER: Final = "owner"
_EVERY_ROLE: Final = frozenset[Role](get_args(Role))


@dataclass(frozen=True)
class Laptop:
    settings: Service

    def identify(self, request: Request) -> Caller:
        if not self.settings.development or not _from_here(request):
            raise AuthenticationError("access.sign_in")
        return Caller(OWNER, dict.fromkeys(_organisations(self.settings.home), _EVERY_ROLE))


def _from_here(request: Request) -> bool:
    host = urls.host(f"http://{request.headers.get('host', '')}")
    origin = request.headers.get("origin")
    same_site = request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    same_origin = origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"
    return host in ("127.0.0.1", "localhost") and same_site and same_origin


def _organisations(home: Path) -> list[str]:
    return sorted(path.parent.name for path in home.glob("issuers/*/issuer.json"))
