"""Two organisations at one service, with people of every role, and files to import."""

import datetime as dt
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from issuer.intake.judge import PIPELINE
from passeport import issuers
from passeport.issuers import Profile
from passeport.serve.app import create_app
from passeport.serve.house import House
from passeport.serve.settings import Service
from passeport.settings import Settings
from storage.accounts import Account

EXAMPLES = Path(__file__).parents[3] / "credentials" / "examples"
HEADER = "reference;code;nom;prenoms;date_naissance;date_obtention;mention"
DEADLINE = 60
SECRET = "phrase secrète de test"


def table(count: int, first: int = 1, name: str = "EXEMPLE-DÉMONSTRATION") -> bytes:
    rows = [
        f"R-{number};RNCP37674;{name};Camille Fictive;{_born(number)};27/03/2026;Bien"
        for number in range(first, first + count)
    ]
    return "\n".join([HEADER, *rows, ""]).encode()


def _born(number: int) -> str:
    """Another day for each: the same person twice is an error of the file."""
    return (dt.date(1980, 1, 1) + dt.timedelta(days=number)).strftime("%d/%m/%Y")


def claims(**more: Any) -> dict[str, Any]:
    row = json.loads((EXAMPLES / "diploma.json").read_text("utf-8"))["row"]
    said = {name: value for name, value in row.items() if name not in PIPELINE}
    return {**said, "certification": "RNCP35809", **more}


@dataclass
class Clock:
    now: dt.datetime = dt.datetime(2026, 11, 21, 9, 30, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass
class Centre:
    """The organisation ``centre`` as ``who`` sees it."""

    app: FastAPI
    http: TestClient
    clock: Clock
    at: str = "/organisations/centre"
    keys: dict[str, str] = field(default_factory=dict)
    who: str = "operator"

    @property
    def house(self) -> House:
        return cast(House, self.app.state.house)

    def ask(self, method: str, path: str, who: str = "", at: str = "", **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[who or self.who]}", **how.pop("headers", {})}
        return self.http.request(method, f"{at or self.at}/{path}", headers=headers, **how)

    def get(self, path: str, **how: Any) -> Any:
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> Any:
        return self.ask("POST", path, **how)

    def send(self, data: bytes, status: int = 202, **asked: Any) -> Any:
        answer = self.post("imports", content=data, params={"template": "diploma", **asked})
        assert answer.status_code == status, answer.text
        return answer.json()

    def until(self, job: str, *states: str) -> Any:
        """Wait for an import to be in one of the states."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            found = self.get(f"imports/{job}").json()
            if found["state"] in states:
                return found
            time.sleep(0.02)
        raise AssertionError(found)

    def person(self, account: str, *roles: str, organisation: str = "centre") -> str:
        """Open an account with these roles; return its id."""
        people = self.house.people
        if people.accounts.find(account) is None:
            people.accounts.add(Account(account, account), self.clock())
        people.members.set_roles(organisation, account, frozenset(cast(Any, roles)))
        return account


def furnish(home: Path, secret: str, clock: Clock, *names: str) -> None:
    for name in names:
        profile = Profile(f"did:web:{name}.example", f"{name} (fictif)")
        issuers.create(Settings(home, "fr"), name, profile, "P-256", secret, clock())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def two_issuers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two issuers, to be copied: sealing their keys takes a second."""
    home = tmp_path_factory.mktemp("issuers") / "home"
    furnish(home, SECRET, Clock(), "centre", "atelier")
    return home


@pytest.fixture
def centre(passeport: Any, two_issuers: Path, clock: Clock) -> Iterator[Centre]:
    shutil.copytree(two_issuers, passeport.home, dirs_exist_ok=True)
    settings = Service(
        home=passeport.home,
        role="issuer",
        passphrase=SECRET,
        requests_per_minute=1_000_000,
        approval_above=20,
    )
    app = create_app(settings)
    app.state.house.now = clock
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as http:
        made = Centre(app, http, clock)
        people, life = made.house.people, dt.timedelta(days=30)
        made.person("a-head", "administrator", "operator", "approver")
        made.person("a-else", "administrator", organisation="atelier")
        for who, role, organisation in (
            ("operator", "operator", "centre"),
            ("auditor", "auditor", "centre"),
            ("stranger", "operator", "atelier"),
        ):
            author = "a-head" if organisation == "centre" else "a-else"
            made.keys[who] = people.make_key(author, organisation, frozenset(cast(Any, {role})), life)[1]
        yield made


@pytest.fixture(name="table")
def _table() -> Any:
    return table


@pytest.fixture(name="claims")
def _claims() -> Any:
    return claims
