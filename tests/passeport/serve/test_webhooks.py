"""An organisation is told, where it registered an address, that its request was answered: signed, again and
again until it has it, never what was shown, and never where nobody may ask."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from unittest import mock

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from boundary.fetch import Fetcher
from exchange.openid4vp import client_id, link, response
from keys.keyring import Keyring
from keys.sealing import Cost
from passeport import issuers
from passeport.issuers import Profile
from passeport.serve.app import create_app
from passeport.serve.house import House
from passeport.serve.settings import Service
from passeport.serve.tidy import tidy
from passeport.serve.webhooks import Webhooks
from passeport.settings import Settings
from problems import ProtocolError
from storage.accounts import Account
from verifier.deliver import DELAYS

sys.path += [str(Path(__file__).parents[2] / "walks"), str(Path(__file__).parents[2] / "abuse")]

import processes
from attacks import addresses

SECRET = "phrase secrète de test"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
HOOKS = "/organisations/centre/webhooks"
QUERY = {"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]}


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass
class Receiver:
    """An HTTP service of the organisation's: answers as it is told to, and keeps what it got."""

    answers: list[int | None] = field(default_factory=list)
    """Of each request in turn; None is no answer at all. 204 when there is none left."""
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = made.answers.pop(0) if made.answers else 204
            if status is None:
                made.release.wait(30)
                return
            self.send_response(status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/notifications"
    yield made
    made.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Place:
    """A service with the organisations ``centre`` and ``atelier``; its threads stand still, and a test does
    their work."""

    app: FastAPI
    clock: Clock
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return cast(House, self.app.state.house)

    def http(self, who: str) -> TestClient:
        headers = {"Authorization": f"Bearer {self.keys[who]}"} if who in self.keys else {}
        return TestClient(self.app, base_url=self.house.settings.public_url, headers=headers)

    def person(self, who: str, organisation: str, *roles: Any) -> None:
        """Somebody with a session: no program says where to tell whom."""
        people = self.house.people
        people.accounts.add(Account(f"a-{who}", who), self.clock())
        people.members.set_roles(organisation, f"a-{who}", frozenset(roles))

    def browser(self, who: str) -> TestClient:
        account = self.house.people.accounts.find(f"a-{who}")
        assert account
        browser = TestClient(
            self.app, base_url=self.house.settings.public_url, headers={"Sec-Fetch-Site": "same-origin"}
        )
        browser.cookies.set("passeport", self.house.people.open_session(account))
        return browser

    def register(self, url: str, **more: Any) -> dict[str, Any]:
        answer = self.browser("head").post(HOOKS, json={"url": url, **more})
        assert answer.status_code == 201, answer.text
        return cast(dict[str, Any], answer.json())

    def ask(self, hook: str | None = None, who: str = "operator") -> dict[str, Any]:
        body = {"dcql_query": QUERY} | ({"webhook": hook} if hook else {})
        answer = self.browser(who).post("/verifier/requests", json=body)
        assert answer.status_code == 201, answer.text
        return cast(dict[str, Any], answer.json())

    def decline(self, opened: dict[str, Any]) -> int:
        request, _ = client_id.open_plain(link.read(opened["link"]).parameters)
        form = response.refusal(ProtocolError("vp.untrusted", error="access_denied"), request)
        return self.browser("operator").post(request.response_uri, data=form).status_code

    def tell(self, hook: str) -> dict[str, Any]:
        """Ask and be answered; return the request as it was opened."""
        opened = self.ask(hook)
        assert self.decline(opened) == 200
        return opened

    @property
    def work(self) -> Callable[[], bool]:
        """What one worker of this service does."""
        return Webhooks(self.house).worker("w")

    def deliveries(self, hook: str) -> list[dict[str, Any]]:
        return cast(
            list[dict[str, Any]],
            self.browser("operator").get(f"{HOOKS}/{hook}/deliveries").json()["deliveries"],
        )


@pytest.fixture(scope="module", autouse=True)
def _cheap() -> Iterator[None]:
    """Secrets that are sealed at a cost that tests can pay."""
    with mock.patch.object(Keyring.__init__, "__defaults__", (CHEAP, os.urandom)):
        yield


@pytest.fixture(scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("town") / "home"
    for name in ("centre", "atelier"):
        profile = Profile(f"did:web:{name}.example", f"{name.title()} (fictif)")
        issuers.create(Settings(home, "fr"), name, profile, "P-256", SECRET, Clock().now)
    place = _opened(home)
    place.person("head", "centre", "administrator")
    place.person("operator", "centre", "operator")
    place.person("approver", "centre", "approver")
    place.person("stranger", "atelier", "administrator", "operator")
    place.house.close()
    return home


def _opened(home: Path, **settings: Any) -> Place:
    settings = {"passphrase": SECRET, "role": "verifier", "requests_per_minute": 1_000_000} | settings
    clock = Clock()
    app = create_app(Service(home=home, **settings))
    app.state.house.now = clock
    app.state.house.people = people = replace(app.state.house.people, now=clock)
    app.state.gate = replace(app.state.gate, people=people)
    return Place(app, clock)


@pytest.fixture
def home(_town: Path, tmp_path: Path) -> Path:
    shutil.copytree(_town, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def place(home: Path) -> Iterator[Place]:
    made = _opened(home)
    yield made
    made.house.close()


def signature(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return what must be signed, computed as Standard Webhooks 1.0.0 writes it; see also tests/peers."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"


def test_what_is_told_is_that_it_was_answered_signed_and_nothing_else(
    place: Place, receiver: Receiver
) -> None:
    hook = place.register(receiver.url)
    opened = place.tell(hook["id"])
    work = place.work
    assert work()
    assert not work(), "once"
    [(headers, body)] = receiver.got
    assert json.loads(body) == {
        "type": "request.declined",
        "timestamp": "2026-11-21T09:30:00+00:00",
        "data": {"request": opened["id"], "state": "declined"},
    }
    assert headers["content-type"] == "application/json"
    assert headers["webhook-timestamp"] == str(int(place.clock().timestamp()))
    assert headers["webhook-signature"] == signature(hook["secret"], headers, body)
    assert opened["handle"].encode() not in body
    assert place.deliveries(hook["id"])[0]["state"] == "delivered"


def test_each_address_has_a_secret_of_its_own_that_is_shown_once_and_kept_nowhere(
    place: Place, home: Path, receiver: Receiver
) -> None:
    first, second = place.register(receiver.url), place.register(receiver.url)
    assert first["secret"] != second["secret"]
    assert len(base64.b64decode(first["secret"].removeprefix("whsec_"))) == 32
    listed = place.browser("head").get(HOOKS)
    assert [one["id"] for one in listed.json()["webhooks"]] == [first["id"], second["id"]]
    raw = base64.b64decode(first["secret"].removeprefix("whsec_"))
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for secret in (raw, raw.hex().encode(), first["secret"].removeprefix("whsec_").encode()):
        assert secret not in kept
        assert secret.decode("latin-1") not in listed.text
    place.house.close()
    again = _opened(home)
    again.tell(first["id"])
    assert again.work()
    headers, body = receiver.got[0]
    assert headers["webhook-signature"] == signature(first["secret"], headers, body), (
        "the same after a restart"
    )
    assert headers["webhook-signature"] != signature(second["secret"], headers, body)
    again.house.close()


def test_a_failure_is_tried_again_later_with_the_same_id_and_a_new_time(
    place: Place, receiver: Receiver
) -> None:
    receiver.answers = [500, 302, None]
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    slow = Webhooks(place.house)
    place.house.client = replace(place.house.client, seconds=0.2)
    with mock.patch("boundary.limits.WEBHOOK_SECONDS", 0.2):
        work = slow.worker("w")
    for answer, problem in ((500, None), (302, None), (None, "fetch.too_slow")):
        assert work()
        [known] = place.deliveries(hook["id"])
        assert (known["state"], known["answer"], known["problem"]) == ("pending", answer, problem)
        assert not work(), "not before it is due"
        place.clock.passes(seconds=DELAYS[known["attempts"] - 1] * 1.2 + 1)
    assert work()
    assert len(set(receiver.ids())) == 1
    times = [int(headers["webhook-timestamp"]) for headers, _ in receiver.got]
    assert times == sorted(set(times))
    for headers, body in receiver.got:
        assert headers["webhook-signature"] == signature(hook["secret"], headers, body)
    assert len({body for _, body in receiver.got}) == 1
    assert place.deliveries(hook["id"])[0]["state"] == "delivered"


def test_it_ends_when_the_result_itself_is_forgotten(place: Place, receiver: Receiver) -> None:
    receiver.answers = [500] * 99
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    work, begun = place.work, place.clock()
    while place.deliveries(hook["id"])[0]["state"] == "pending":
        work()
        place.clock.passes(seconds=5)
    assert place.clock() - begun < dt.timedelta(minutes=15)
    assert 4 <= len(receiver.got) <= 6
    place.clock.passes(minutes=15)
    assert tidy(place.house) > 0
    assert place.deliveries(hook["id"]) == []


def test_with_a_long_retention_the_schedule_ends_it(home: Path, receiver: Receiver) -> None:
    receiver.answers = [503] * 99
    place = _opened(home, retention_seconds=30 * 86_400)
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    work = place.work
    while place.deliveries(hook["id"])[0]["state"] == "pending":
        if not work():
            place.clock.passes(hours=1)
    assert len(receiver.got) == len(DELAYS) + 1
    assert place.clock() < Clock()() + dt.timedelta(days=4)
    place.house.close()


def test_who_asks_us_to_wait_is_left_alone_so_long(place: Place, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [429], {"Retry-After": "120"}
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    work = place.work
    assert work()
    place.clock.passes(seconds=119)
    assert not work()
    place.clock.passes(seconds=1)
    assert work()


@pytest.mark.parametrize("said", ["-1", "9" * 400, "Fri, 01 Jan 2027 00:00:00 GMT", "²"])
def test_what_is_no_number_of_seconds_is_not_waited_for(place: Place, receiver: Receiver, said: str) -> None:
    receiver.answers = [503]
    receiver.headers = {"Retry-After": said} if said.isascii() else {}
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    work = place.work
    assert work()
    place.clock.passes(seconds=7)
    assert work()


def test_who_wants_no_more_is_told_no_more(place: Place, receiver: Receiver) -> None:
    receiver.answers = [410]
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    place.tell(hook["id"])
    work = place.work
    assert work()
    assert not work()
    [listed] = place.browser("head").get(HOOKS).json()["webhooks"]
    assert listed["disabled"]
    answer = place.browser("operator").post(
        "/verifier/requests", json={"dcql_query": QUERY, "webhook": hook["id"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "webhook.unknown")


def test_a_worker_that_died_is_followed_by_another(place: Place, receiver: Receiver) -> None:
    """It may have sent it: who receives it twice sees the same id."""
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    store = Webhooks(place.house).desk.store
    assert store.claim("dead", place.clock() + dt.timedelta(minutes=1), place.clock())
    work = place.work
    assert not work(), "its lease is not over"
    place.clock.passes(minutes=1)
    assert work()
    assert place.deliveries(hook["id"])[0]["attempts"] == 2


def test_only_an_answer_that_counts_is_told(place: Place, receiver: Receiver) -> None:
    hook = place.register(receiver.url)
    opened = place.tell(hook["id"])
    assert place.decline(opened) == 409
    place.ask(hook["id"])
    place.decline(place.ask())
    work = place.work
    while work():
        pass
    assert [told["data"]["request"] for told in receiver.told()] == [opened["id"]]


def test_who_is_removed_is_told_nothing_that_waited(place: Place, receiver: Receiver) -> None:
    hook = place.register(receiver.url)
    place.tell(hook["id"])
    assert place.browser("stranger").delete(f"{HOOKS}/{hook['id']}").status_code == 404
    assert place.browser("head").delete(f"{HOOKS}/{hook['id']}").status_code == 204
    assert place.browser("head").delete(f"{HOOKS}/{hook['id']}").status_code == 404
    assert not place.work()
    assert receiver.got == []
    said = [(entry.event.what, entry.event.on) for entry in place.house.audit.entries()]
    assert ("webhook.add", hook["id"]) in said
    assert ("webhook.remove", hook["id"]) in said


def test_a_request_names_a_webhook_of_an_organisation_of_its_asker(place: Place, receiver: Receiver) -> None:
    hook = place.register(receiver.url)
    body = {"dcql_query": QUERY, "webhook": hook["id"]}
    for who in ("stranger", "approver"):
        answer = place.browser(who).post("/verifier/requests", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook.unknown")
    unknown = place.browser("operator").post("/verifier/requests", json={**body, "webhook": "w-1"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "webhook.unknown")
    elsewhere = f"/organisations/atelier/webhooks/{hook['id']}/deliveries"
    assert place.browser("stranger").get(elsewhere).status_code == 404


def test_an_organisation_has_so_many(place: Place, receiver: Receiver) -> None:
    for _ in range(10):
        place.register(receiver.url)
    answer = place.browser("head").post(HOOKS, json={"url": receiver.url})
    assert (answer.status_code, answer.json()["code"]) == (413, "webhook.too_many")


def test_without_the_passphrase_nothing_is_registered(home: Path, receiver: Receiver) -> None:
    place = _opened(home, passphrase=None)
    answer = place.browser("head").post(HOOKS, json={"url": receiver.url})
    assert (answer.status_code, answer.json()["code"]) == (503, "service.no_passphrase")
    place.house.close()


def here(host: str, port: int) -> list[str]:
    """A name server of the attacker's: every name leads to this machine."""
    return ["127.0.0.1"]


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever the guarded client connects to is noted, and refused."""
    reached: list[Any] = []

    def connect(*given: Any, **more: Any) -> Any:
        reached.append(given[1:])
        raise ConnectionRefusedError

    monkeypatch.setattr("httpcore2.SyncBackend.connect_tcp", connect)
    return reached


def public(home: Path, **client: Any) -> Place:
    """The service where others reach it: it asks the public web, and nobody else."""
    place = _opened(home, public_url="https://passeport.example")
    place.house.client = Fetcher(**{"lookup": here, **client})
    return place


@pytest.mark.parametrize("url", [*addresses.ssrf_urls(), "https://recruteur.example:8443/", "x", ""])
def test_an_address_where_nobody_may_ask_is_not_registered(
    elsewhere: Place, canary: list[Any], url: str
) -> None:
    """NW-013"""
    head = elsewhere.browser("head")
    head.cookies.set("__Host-passeport", head.cookies["passeport"])
    answer = head.post(HOOKS, json={"url": url})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("url.refused", "fetch.address", "fetch.port")
    assert head.get(HOOKS).json()["webhooks"] == []
    assert canary == []


@pytest.fixture(scope="module")
def elsewhere(_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("public") / "home"
    shutil.copytree(_town, home)
    place = public(home)
    yield place
    place.house.close()


def test_an_address_that_leads_elsewhere_later_is_not_asked(home: Path, canary: list[Any]) -> None:
    """NW-013, NW-014: it was public when it was registered, and is this machine when it is to be told."""
    place = public(home, lookup=lambda host, port: ["93.184.215.14"])
    head = place.browser("head")
    head.cookies.set("__Host-passeport", head.cookies["passeport"])
    hook = head.post(HOOKS, json={"url": "https://rebind.test/"}).json()
    opened = head.post("/verifier/requests", json={"dcql_query": QUERY, "webhook": hook["id"]}).json()
    place.house.client = Fetcher(lookup=here)
    place.decline(opened)
    assert place.work()
    [known] = head.get(f"{HOOKS}/{hook['id']}/deliveries").json()["deliveries"]
    assert (known["state"], known["problem"]) == ("given_up", "fetch.address")
    assert canary == []
    place.house.close()


def test_a_host_that_is_not_found_is_told_at_once(home: Path) -> None:
    place = public(home, lookup=lambda host, port: [])
    head = place.browser("head")
    head.cookies.set("__Host-passeport", head.cookies["passeport"])
    answer = head.post(HOOKS, json={"url": "https://absent.test/"})
    assert (answer.status_code, answer.json()["code"]) == (400, "webhook.not_found")
    place.house.close()


def test_processes_tell_each_thing_once_and_what_a_killed_one_left(home: Path, receiver: Receiver) -> None:
    """kill -9 between the answer and the message; the services that follow tell it, all of it, once."""
    place = _opened(home)
    hook = place.register(receiver.url)
    place.house.now = lambda: dt.datetime.now(dt.UTC)
    opened = [place.tell(hook["id"]) for _ in range(8)]
    place.house.close()
    with processes.running(home, "verifier", workers=2):
        assert processes.within(lambda: len(receiver.got) >= 8)
    assert sorted(told["data"]["request"] for told in receiver.told()) == sorted(one["id"] for one in opened)
    with closing(sqlite3.connect(home / "service" / "transactions.db")) as db:
        assert db.execute("select distinct state from delivery").fetchall() == [("delivered",)]


SOON = "import datetime, verifier.deliver as d; d.LEASE = datetime.timedelta(seconds=1)"


def test_what_was_being_told_when_the_service_was_killed_is_told_again(
    home: Path, receiver: Receiver
) -> None:
    """kill -9 while the receiver has it and has not answered: at least once, under the same id."""
    receiver.answers = [None]
    place = _opened(home)
    hook = place.register(receiver.url)
    place.house.now = lambda: dt.datetime.now(dt.UTC)
    place.tell(hook["id"])
    place.house.close()
    with processes.running(home, "verifier", SOON) as served:
        assert processes.within(lambda: len(receiver.got) == 1)
        served.kill()
    with processes.running(home, "verifier", SOON):
        assert processes.within(lambda: len(receiver.got) == 2)
        assert len(set(receiver.ids())) == 1
    for headers, body in receiver.got:
        assert headers["webhook-signature"] == signature(hook["secret"], headers, body)
