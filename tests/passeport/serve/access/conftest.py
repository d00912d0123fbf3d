"""A service of two organisations, with accounts of every role in one of them."""

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast
from unittest import mock

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from boundary.roles import ROLES, Role
from keys import passphrase
from keys.keyring import Keyring
from keys.sealing import Cost
from passeport import issuers
from passeport.issuers import Profile
from passeport.serve.app import create_app
from passeport.serve.gate import cookie_name
from passeport.serve.house import House
from passeport.serve.settings import Service
from passeport.settings import Settings
from storage.accounts import Account

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
WORDS = "quatre mots de passe"
SECRET: Final = "phrase secrète de test"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    now: dt.datetime = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass
class Place:
    """A service with the organisations ``centre`` and ``atelier``, on a clock that stands still."""

    app: FastAPI
    clock: Clock
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return cast(House, self.app.state.house)

    def account(self, name: str, organisation: str = "centre", *roles: Role) -> Account:
        """Make an account of this login that has ``roles``."""
        made = Account(f"a-{name}", name, passphrase.hashed(WORDS, cost=CHEAP))
        self.house.people.accounts.add(made, self.clock())
        self.house.people.members.set_roles(organisation, made.id, frozenset(roles))
        self.accounts[name] = made
        return made

    def http(self, jar: Mapping[str, str] | None = None, **headers: str) -> TestClient:
        """A browser of its own, with an empty jar; it says no more than told."""
        url = self.house.settings.public_url
        return TestClient(
            self.app, base_url=url, headers=headers, cookies=dict(jar or {}), raise_server_exceptions=False
        )

    def browser(self, name: str) -> TestClient:
        """A browser in which ``name`` has signed in, that says where its requests come from."""
        browser = self.http(**SAME_ORIGIN)
        session = self.house.people.open_session(self.accounts[name])
        browser.cookies.set(cookie_name(self.house.settings), session)
        return browser

    def program(self, organisation: str, *roles: Role, by: str = "administrator") -> TestClient:
        """A program with a key of its own."""
        made = self.house.people.make_key(f"a-{by}", organisation, frozenset(roles), dt.timedelta(days=1))
        return self.http(Authorization=f"Bearer {made[1]}")

    def said(self) -> list[tuple[str, str, str, str]]:
        """What the log says: who, what, on what, with which outcome."""
        entries = [entry.event for entry in self.house.audit.entries()]
        return [(event.who, event.what, event.on, event.outcome) for event in entries]


def _open(home: Path, **settings: Any) -> Place:
    clock = Clock()
    app = create_app(Service(home=home, passphrase=SECRET, requests_per_minute=1_000_000, **settings))
    app.state.house.now = clock
    app.state.house.people = people = replace(app.state.house.people, cost=CHEAP)
    app.state.gate = replace(app.state.gate, people=people)
    return Place(app, clock, {account.login or "": account for account in people.accounts.all()})


@contextlib.contextmanager
def _opened(home: Path, **settings: Any) -> Iterator[Place]:
    place = _open(home, **settings)
    yield place
    place.house.close()


@pytest.fixture
def empty(passeport: Any) -> Iterator[Place]:
    """Nobody has an account."""
    _found(passeport.home)
    with _opened(passeport.home) as place:
        yield place


def _found(home: Path) -> None:
    for name in ("centre", "atelier"):
        profile = Profile(f"did:web:{name}.example", f"{name.title()} (fictif)")
        issuers.create(Settings(home, "fr"), name, profile, "P-256", SECRET, Clock().now)


@pytest.fixture(scope="session")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("people") / "home"
    with mock.patch.object(Keyring.__init__, "__defaults__", (CHEAP, os.urandom)):
        _found(home)
    with _opened(home) as place:
        for role in ROLES:
            place.account(role, "centre", role)
        place.account("stranger", "atelier", *ROLES)
    return home


@pytest.fixture
def home(_town: Path, tmp_path: Path) -> Path:
    """In ``centre`` each role has an account of its name; in ``atelier`` there is a stranger."""
    shutil.copytree(_town, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def place(home: Path) -> Iterator[Place]:
    with _opened(home) as place:
        yield place


@pytest.fixture
def public(home: Path) -> Iterator[Place]:
    """The same, where others reach it."""
    with _opened(home, public_url="https://passeport.example") as place:
        yield place
