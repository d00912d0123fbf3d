"""A connection of which nothing is taken is let go; tests/abuse (RT-002) has the rest, against a service."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from passeport.serve import patience
from passeport.serve.patience import Patient

CHUNK = b"x" * 65_536


class Endless:
    """An answer without end, which ends when the connection does; ``over`` tells that it did."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.server: uvicorn.Server

    async def __call__(self, scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while self.is_open(scope["client"]):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        self.over.set()

    def is_open(self, client: tuple[str, int]) -> bool:
        return any(found.client == client for found in self.server.server_state.connections)


@contextlib.contextmanager
def served(app: Endless) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Patient, log_config=None, access_log=False, lifespan="off")
    app.server = server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        server.force_exit = server.should_exit = True
        thread.join(30)
        listening.close()


@pytest.mark.parametrize("reads", [True, False], ids=["who reads slowly", "who reads nothing"])
def test_an_answer_is_given_as_long_as_it_is_taken(monkeypatch, reads: bool) -> None:
    monkeypatch.setattr(patience, "SECONDS", 0.3)
    monkeypatch.setattr(patience, "BYTES_A_SECOND", 64 << 20)
    app = Endless()
    with served(app) as port, socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        until = time.monotonic() + 1.5
        while reads and time.monotonic() < until:
            assert connection.recv(1 << 20)
        assert not (reads and app.over.is_set())
        assert app.over.wait(timeout=20), "who reads no more is let go"
