"""Each service in a process of its own: started, drained, ended by SIGTERM, and looked for afterwards.

A certifier's service is found under its own name, over TLS, as on the web; only the name server is ours.
"""

import contextlib
import datetime as dt
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keys.local import LocalSigner, secret_of
from keys.x509.authority import Authority

START_SECONDS: Final = 60
STOP_SECONDS: Final = 30
SECRET: Final = "phrase secrète de test"
NAMES: Final = """
import socket
_real = socket.getaddrinfo
def _ours(host, *given, **more):
    return _real("127.0.0.1" if str(host).endswith(".example") else host, *given, **more)
socket.getaddrinfo = _ours
"""
"""Runs first in each process: hosts of the reserved domain ``example`` are this machine."""


@dataclass
class Served:
    """A service that runs. ``said`` is what it wrote, line by line: a pipe that nobody reads stops it."""

    url: str
    home: Path
    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def drain(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Ask over plain HTTP, on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=STOP_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def stop(self) -> None:
        """End it as an operator does. Raises AssertionError unless it ends well, and all of it."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=STOP_SECONDS)
        assert status == 0, (status, *self.said[-20:])
        assert not self.left(), "some of its processes are still running"

    def left(self) -> bool:
        """Whether any process that it made still runs, a moment after it ended."""
        return not within(lambda: not self._in_group())

    def _in_group(self) -> bool:
        """Each service leads a group of its own."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def running(
    home: Path,
    role: str,
    code: str = "",
    said: Sequence[str] = (),
    under: Sequence[str] = (),
    **settings: Any,
) -> Iterator[Served]:
    """Serve ``role`` at ``home`` while the block runs; ``settings`` as the environment gives them, ``said``
    on the command line, ``under`` a command that becomes the service."""
    settings = {"home": home, "role": role, "port": free_port(), **settings}
    url = settings.get("public_url") or f"http://127.0.0.1:{settings['port']}"
    program = f"{NAMES}\n{code}\nfrom passeport.cli import main\nmain()"
    process = subprocess.Popen(
        [*under, sys.executable, "-c", program, "serve", *said],
        env=_environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    served = Served(url, home, process)
    reader = threading.Thread(target=served.drain, daemon=True)
    reader.start()
    try:
        await_ready(served, settings["port"])
        yield served
        if process.poll() is None:
            served.stop()
    finally:
        served.kill()
        reader.join(timeout=STOP_SECONDS)
        process.stdout.close()


def _environment(settings: dict[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSEPORT_")}
    said = {"passphrase": SECRET, "requests_per_minute": 1_000_000, **settings}
    trust = {"SSL_CERT_FILE": str(said.pop("trust"))} if "trust" in said else {}
    return kept | trust | {f"PASSEPORT_{name.upper()}": str(value) for name, value in said.items()}


def within(reached: Callable[[], bool], seconds: float = STOP_SECONDS) -> bool:
    """Look again and again, until ``reached`` or the time is over; say whether it was."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def await_ready(served: Served, port: int) -> None:
    """Wait until it accepts connections and, where it speaks plainly, says that it is ready."""

    def ready() -> bool:
        assert served.process.poll() is None, served.said
        with contextlib.suppress(OSError):
            if served.url.startswith("https"):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return True
            return served.ask("/ready")[0] == 200
        return False

    assert within(ready, START_SECONDS), served.said


@dataclass(frozen=True)
class Tls:
    """A certificate for host names, of an authority of the test's own."""

    certificate: Path
    key: Path
    trust: Path


def tls(folder: Path, *hosts: str) -> Tls:
    """Write a certificate for ``hosts`` and its key into ``folder``; who trusts ``trust`` trusts them."""
    now, key = dt.datetime.now(dt.UTC), LocalSigner.generate("P-256")
    authority = Authority.create("Autorité fictive", now)
    chain = authority.certify(key.public_key, "Centre (fictif)", now, hosts=hosts)
    number = int.from_bytes(secret_of(key), "big")
    pem = ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    made = Tls(folder / "tls.pem", folder / "tls.key", folder / "trust.pem")
    made.certificate.write_bytes(chain.certificates[0].public_bytes(Encoding.PEM))
    made.key.write_bytes(pem)
    made.trust.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    return made


def counted(metrics: bytes, route: str, status: int) -> int:
    """Return how many answers the metrics count for a route."""
    pattern = (
        rf'passeport_http_requests_total{{[^}}]*route="{re.escape(route)}",status="{status}"}} ([0-9.]+)'
    )
    return sum(int(float(found)) for found in re.findall(pattern, metrics.decode()))
