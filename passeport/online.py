"""The wallet on the web: how it reaches issuers and verifiers, whom it trusts, and what it verifies."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from boundary import files, limits
from boundary.fetch import Fetcher, is_public
from boundary.sources import Source
from credentials.forms import MediaType
from exchange.openid4vp.client_id import Trust
from keys import x509 as certificates
from keys.dids.resolve import resolver
from passeport.passport import sound, verifier, whole
from verifier.policy import Policy
from wallet import answer
from wallet.provider import Provider
from wallet.receive import Web

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Online:
    """``source`` is where published documents come from; ``client_id`` this wallet's name, and ``provider``
    who vouches for it."""

    client: Fetcher
    source: Source
    anchors: tuple[x509.Certificate, ...]
    now: Clock
    client_id: str = "passeport"
    provider: Provider | None = None

    @property
    def web(self) -> Web:
        return Web(self.client, resolver(self.source), self.now, self.client_id, provider=self.provider)

    @property
    def trust(self) -> Trust:
        return Trust(resolver(self.source), self.anchors, self.now())

    def verify(self, body: bytes, _media_type: MediaType) -> None:
        """Raise a Problem unless what was delivered verifies."""
        sound(verifier(self.source, Policy(anchors=self.anchors)).verify(whole(body), self.now()))

    def fetch(self, link: str) -> answer.Asked:
        return answer.fetch(link, self.client, self.trust)


def client(*, loopback: bool) -> Fetcher:
    """Return the client of the public web; with ``loopback``, of services on this machine, too."""
    if not loopback:
        return Fetcher()
    return Fetcher(
        addresses=lambda address: address.is_loopback or is_public(address), ports=None, plain=True
    )


def anchors(folder: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of authorities in ``folder``, which whoever runs the wallet trusts."""
    found = [
        certificates.read_pem(files.read(path, limit=limits.JSON_BYTES)) for path in folder.glob("*.pem")
    ]
    return tuple(one for chain in found for one in chain.certificates)
