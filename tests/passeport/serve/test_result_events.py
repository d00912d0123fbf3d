"""Who asked is told the answer when it comes: whichever process took it, and by the rules of a poll."""

import contextlib
import http.client
import json
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from boundary import forms
from exchange.openid4vp import client_id, link, response
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from problems import ProtocolError

sys.path.append(str(Path(__file__).parents[2] / "walks"))

import processes
from processes import Served

EVENTS = "/verifier/results/events"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RETURN = "https://recruteur.example/retour"


def wanted(**more: Any) -> dict[str, Any]:
    query = {"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]}
    return {"dcql_query": query, **more}


def refusal(opened: Any) -> tuple[str, dict[str, str]]:
    """Return where a wallet answers, and the answer of a person who declines."""
    request, _ = client_id.open_plain(link.read(opened["link"]).parameters)
    declined = ProtocolError("vp.untrusted", error="access_denied")
    return request.response_uri, dict(response.refusal(declined, request))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("home")
    settings = Service(home=home, role="verifier", requests_per_minute=100_000)
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        yield client


def declined(client: TestClient, **more: Any) -> tuple[dict[str, str], str]:
    """Return the header that reads the result of a request that was declined, and the response code."""
    opened = client.post("/verifier/requests", json=wanted(**more)).json()
    address, form = refusal(opened)
    led = client.post(address, data=form).json()
    code = led.get("redirect_uri", "").partition("response_code=")[2]
    return {"Authorization": f"Bearer {opened['handle']}"}, code


def read(text: str) -> list[dict[str, str]]:
    """Return the events of a stream, as a browser reads them; comments say nothing."""
    blocks = [block.split("\n") for block in text.split("\n\n")]
    fields = [dict(line.split(": ", 1) for line in block if line and line[0] != ":") for block in blocks]
    return [block for block in fields if block]


def test_what_is_answered_already_is_told_at_once_as_a_poll_tells_it(client: TestClient) -> None:
    headers, _ = declined(client)
    answer = client.get(EVENTS, headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    [event] = read(answer.text)
    assert (event["event"], event["id"]) == ("state", "declined")
    assert json.loads(event["data"]) == client.get("/verifier/results", headers=headers).json()
    assert json.loads(event["data"]) == {"state": "declined", "error": "access_denied"}


def test_only_the_handle_reads(client: TestClient) -> None:
    headers, _ = declined(client)
    handle = headers["Authorization"]
    for wrong, status in (({}, 401), ({"Authorization": handle[:-1]}, 404), ({"Authorization": "x"}, 401)):
        answer = client.get(EVENTS, headers=wrong)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert client.get(EVENTS, headers={**wrong, "Last-Event-ID": "declined"}).status_code == status


def test_on_the_same_device_the_response_code_is_asked_for_and_used_once(client: TestClient) -> None:
    headers, code = declined(client, return_to=RETURN)
    for wrong in ({}, {"response_code": code[:-1]}, {"response_code": "x"}):
        answer = client.get(EVENTS, headers=headers, params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "vp.response_code_invalid")
    [event] = read(client.get(EVENTS, headers=headers, params={"response_code": code}).text)
    assert event["id"] == "declined"
    assert client.get(EVENTS, headers=headers, params={"response_code": code}).status_code == 403
    assert client.get("/verifier/results", headers=headers, params={"response_code": code}).status_code == 403


def test_who_knows_the_end_is_told_to_stop_asking(client: TestClient) -> None:
    """A browser connects again after every end of a stream; 204 keeps it from that. No code is used."""
    headers, code = declined(client, return_to=RETURN)
    assert client.get(EVENTS, headers={**headers, "Last-Event-ID": "declined"}).status_code == 204
    again = client.get(EVENTS, headers={**headers, "Last-Event-ID": "open"}, params={"response_code": code})
    assert [event["id"] for event in read(again.text)] == ["declined"]


class Listener:
    """Reads a stream of a service in another process, event after event."""

    def __init__(self, served: Served, opened: Any, **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        sent = {"Authorization": f"Bearer {opened['handle']}", **headers}
        self.connection.request("GET", EVENTS, headers=sent)
        self.answer = self.connection.getresponse()

    def events(self) -> Iterator[dict[str, str]]:
        """Yield each event when it is there; ends with the stream."""
        block = b""
        while part := self.answer.read1(1 << 16):
            block += part
            while b"\n\n" in block:
                whole, _, block = block.partition(b"\n\n")
                yield from read(whole.decode())

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    with contextlib.ExitStack() as closing:

        def listen(*given: Any, **headers: str) -> Listener:
            made = Listener(*given, **headers)
            closing.callback(made.close)
            return made

        yield listen


def ask(served: Served, **more: Any) -> Any:
    status, said = served.ask("/verifier/requests", "POST", json.dumps(wanted(**more)).encode(), **JSON)
    assert status == 201, said
    return json.loads(said)


def decline(served: Served, opened: Any) -> int:
    address, form = refusal(opened)
    path = address.removeprefix(served.url)
    return served.ask(path, "POST", forms.write(form).encode(), **FORM)[0]


def test_among_several_processes_each_listener_is_told_once_and_only_of_its_own(
    tmp_path: Path, listen: Any
) -> None:
    with processes.running(tmp_path, "verifier", workers=2) as served:
        opened = [ask(served) for _ in range(6)]
        listeners = [listen(served, one) for one in opened]
        streams = [listener.events() for listener in listeners]
        assert [next(stream)["id"] for stream in streams] == ["open"] * 6
        assert {decline(served, one) for one in opened[:5]} == {200}
        with ThreadPoolExecutor(5) as pool:
            rest = list(pool.map(list, streams[:5]))
        assert [[event["id"] for event in one] for one in rest] == [["declined"]] * 5
        late = listen(served, opened[5], **{"Last-Event-ID": "open"}).events()
        assert decline(served, opened[5]) == 200
        assert [event["id"] for event in streams[5]] == ["declined"]
        assert [event["id"] for event in late] == ["declined"], "what is known is not told again"
        assert decline(served, opened[5]) == 409


def test_who_waits_on_the_same_device_is_refused_as_a_poll_would(tmp_path: Path, listen: Any) -> None:
    with processes.running(tmp_path, "verifier") as served:
        opened = ask(served, return_to=RETURN)
        stream = listen(served, opened).events()
        assert next(stream)["id"] == "open"
        decline(served, opened)
        [refused] = stream
        assert refused["event"] == "problem"
        assert json.loads(refused["data"])["code"] == "vp.response_code_invalid"


def test_streams_take_no_places_and_no_threads_and_end_when_the_service_is_told_to(
    tmp_path: Path, listen: Any
) -> None:
    """More of them than places (4) and than threads (40); the service would wait 600 s for its answers."""
    how = {"requests_at_once": 4, "stop_seconds": 600}
    with processes.running(tmp_path, "verifier", **how) as served:
        opened = [ask(served) for _ in range(12)]
        listeners = [listen(served, one) for one in opened for _ in range(4)]
        streams = [listener.events() for listener in listeners]
        assert [next(stream)["id"] for stream in streams] == ["open"] * 48
        assert listen(served, opened[0]).answer.status == 429, "four are enough for one request"
        assert served.ask("/session")[0] == 200
        assert decline(served, opened[0]) == 200
        assert [event["id"] for stream in streams[:4] for event in stream] == ["declined"] * 4
        served.process.send_signal(signal.SIGTERM)
        assert [event for stream in streams[4:] for event in stream] == []
        assert served.process.wait(processes.STOP_SECONDS) == 0, served.said
        assert not any(opened[0]["handle"] in line for line in served.said)
