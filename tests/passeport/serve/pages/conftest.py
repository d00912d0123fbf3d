"""The service on a socket of this machine, as a wallet and a browser reach it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from passeport.serve.app import create_app
from passeport.serve.settings import Service


@dataclass(frozen=True)
class Running:
    """``page`` speaks to the same service without a socket; ``stop`` ends what listens on one."""

    origin: str
    page: TestClient
    app: Any
    stop: Callable[[], None]


@pytest.fixture
def service(furnished) -> Iterator[Running]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = Service(home=furnished.home, role="verifier", port=port, requests_per_minute=100_000)
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    end = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < end, "the service did not start"
        time.sleep(0.01)

    def stop() -> None:
        server.should_exit = True
        thread.join(30)
        listening.close()

    yield Running(settings.public_url, TestClient(app, base_url=settings.public_url), app, stop)
    stop()


@pytest.fixture
def share(furnished, service):
    """Makes a link with the command line, to items of R-1 unless others are named; returns what it told."""

    def make(*more: str, items: str = "given_name,family_name", reference: str = "R-1") -> dict[str, Any]:
        show = f"{furnished.held(reference)}:{items}" if items else furnished.held(reference)
        return furnished("wallet", "share", "--show", show, "--link", service.origin, "--json", *more).json

    return make
