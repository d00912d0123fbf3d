"""Who is asking: a program with its key, a person with their session, or the owner of a laptop.

A key is taken from the Authorization header and from nowhere else: addresses are logged, copied and sent on.
A session is taken from its cookie, and, but for reading, only when the browser says that the request comes
from our own pages. A service that is reached on this machine only, and has no accounts yet, takes whoever
asks it from this machine for its owner; a web page of another origin that a browser on this machine shows is
not the owner, nor is one that calls this machine by another name (DNS rebinding).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request

from boundary import urls
from boundary.roles import ROLES
from boundary.serving.access import Caller, bearer
from passeport.people import People
from passeport.serve.settings import Service
from problems import AccessError, AuthenticationError
from storage.organisations import KEY_PREFIX

OWNER: Final = "owner"
_SAFE: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Gate:
    """Roles are read at every request, so that a change of them counts from the next one on."""

    settings: Service
    people: People

    def identify(self, request: Request) -> Caller:
        found = self._program(request) or self._person(request) or self._owner(request)
        if found is None:
            raise AuthenticationError("access.sign_in")
        return found

    def _program(self, request: Request) -> Caller | None:
        secret = bearer(request)
        if secret is None or not secret.startswith(KEY_PREFIX):
            return None
        key = self.people.members.use_key(secret, self.people.now())
        if key is None:
            raise AuthenticationError("access.key_unknown")
        return Caller(key.id, {key.organisation: key.roles}, key.made_by)

    def _person(self, request: Request) -> Caller | None:
        secret = request.cookies.get(cookie_name(self.settings))
        account = self.people.sessions.account(secret, self.people.now()) if secret else None
        if account is None:
            return None
        if request.method not in _SAFE and not _says_ours(request, self.settings):
            raise AccessError("access.other_origin")
        return Caller(account.id, dict(self.people.members.memberships(account.id)))

    def _owner(self, request: Request) -> Caller | None:
        if not self.settings.development or not _from_here(request) or self.people.accounts.any():
            return None
        return Caller(OWNER, dict.fromkeys(_organisations(self.settings.home), frozenset(ROLES)))


def cookie_name(settings: Service) -> str:
    """``__Host-`` keeps a neighbouring host from setting it (RFC 6265bis §4.1.3.2)."""
    return "__Host-passeport" if is_https(settings) else "passeport"


def is_https(settings: Service) -> bool:
    return settings.public_url.startswith("https://")


def is_foreign(request: Request, settings: Service) -> bool:
    """Say whether a browser tells that another site's page sent this."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and origin != _origin(settings)


def _says_ours(request: Request, settings: Service) -> bool:
    """Every browser sends one of the two with whatever is not a plain look (Fetch §3.1)."""
    told = "sec-fetch-site" in request.headers or "origin" in request.headers
    return told and not is_foreign(request, settings)


def _origin(settings: Service) -> str:
    parts = settings.public_url.split("/", 3)
    return "/".join(parts[:3])


def _from_here(request: Request) -> bool:
    host = urls.host(f"http://{request.headers.get('host', '')}")
    origin = request.headers.get("origin")
    same_site = request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    same_origin = origin is None or origin == f"{request.url.scheme}://{request.headers.get('host')}"
    return host in ("127.0.0.1", "localhost") and same_site and same_origin


def _organisations(home: Path) -> list[str]:
    return sorted(path.parent.name for path in home.glob("issuers/*/issuer.json"))
