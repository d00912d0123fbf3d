"""Our services in a process of their own, as others meet them: over loopback, ready to sign."""

import contextlib
import datetime as dt
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from boundary.fetch import Fetcher
from boundary.sources import Chain, Mirror, Source
from exchange.openid4vci import offer as offers
from issuer.intake.judge import PIPELINE
from issuer.offer import Offering, Sent
from issuer.order import Award
from keys.x509 import Authority
from passeport import certificates, issuers
from passeport.passport import sound, verifier, whole
from passeport.serve.house import House
from passeport.serve.settings import Service
from passeport.settings import Settings

EXAMPLES: Final = Path(__file__).parents[1] / "credentials" / "examples"
HERE: Final = Fetcher(addresses=lambda address: address.is_loopback, ports=None, plain=True)
PERSON: Final = {
    "family_name": "USAGE",
    "birth_family_name": "EXEMPLE-DÉMONSTRATION",
    "given_name": "Camille Fictive",
    "birthdate": "2000-02-29",
}
SECRET: Final = "phrase secrète de test"
START_SECONDS: Final = 60


@dataclass(frozen=True)
class Town:
    """The service at ``url``; offers are made beside it, in the same stores, as an operator would."""

    url: str
    house: House
    references: Iterator[int]

    def offer(self, policy: Any = "link", **how: Any) -> Sent:
        row = json.loads((EXAMPLES / "diploma.json").read_text("utf-8"))["row"]
        claims = {name: value for name, value in row.items() if name not in PIPELINE} | PERSON
        award = Award(f"R-{next(self.references)}", "diploma", claims)
        desk = self.house.organisations.get("centre").desk("P-256")
        return Offering(self.house.offers).make("centre", award, policy, desk, dt.datetime.now(dt.UTC), **how)

    def link(self, sent: Sent, base: str = offers.SCHEME) -> str:
        return offers.by_reference(f"{self.url}/issuers/centre/offers/{sent.reference}", base)

    def release(self, sent: Sent) -> None:
        Offering(self.house.offers).release(sent.offer.id, dt.datetime.now(dt.UTC))

    @property
    def source(self) -> Source:
        return Chain(Mirror(self.house.settings.web), HERE)

    def verify(self, body: bytes, _media: str = "") -> None:
        """Verify a credential as it was delivered, as whoever keeps it would."""
        now = dt.datetime.now(dt.UTC)
        sound(verifier(self.source).verify(whole(body), now))


@contextlib.contextmanager
def running(home: Path, authority: Authority | None = None, **settings: Any) -> Iterator[Town]:
    """Yield a town whose service runs in a process of its own; it ends with the block. An ``authority``
    names its organisation, on ``localhost``."""
    profile = issuers.Profile("did:web:centre.example", "Centre (fictif)")
    desk = Settings(home, "fr")
    made = issuers.create(desk, "centre", profile, "P-256", SECRET, dt.datetime.now(dt.UTC))
    made.publish_keys(desk.web)
    port = _free_port()
    if authority is not None:
        settings["public_url"] = f"http://localhost:{port}"
        _certify(made, authority)
    service = Service(home=home, passphrase=SecretStr(SECRET), port=port, **settings)
    command = [sys.executable, "-c", "from passeport.cli import main; main()", "serve"]
    process = subprocess.Popen(command, env=_environment(service, settings), stderr=subprocess.DEVNULL)
    house = House(service)
    try:
        _await(f"{service.public_url}/ready", process)
        yield Town(service.public_url, house, iter(range(1, 1_000)))
    finally:
        process.terminate()
        process.wait(timeout=30)
        house.close()


def _certify(issuer: issuers.Issuer, authority: Authority) -> None:
    now, ring = dt.datetime.now(dt.UTC), issuer.keyring
    names = {"hosts": ["localhost"], "uris": [ring.owner]}
    chain = authority.certify(ring.active("P-256").key, issuer.profile.organisation, now, **names)
    certificates.keep(issuer.folder, ring, chain.pem, now)


def _environment(service: Service, settings: dict[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSEPORT_")}
    said = {"home": service.home, "port": service.port, "passphrase": SECRET, **settings}
    return kept | {f"PASSEPORT_{name.upper()}": _text(value) for name, value in said.items()}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, tuple | list) else str(value)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _await(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the service did not start")
