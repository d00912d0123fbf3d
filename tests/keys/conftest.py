"""Keys, times and passphrases that the tests of this room share. Nothing here protects anything real."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from boundary.sources import Mirror
from boundary.strict_json import Json
from keys.dids import web
from keys.keyring import Keyring
from keys.local import LocalSigner
from keys.sealing import Cost

OWNER = "did:web:certifier.example"


@pytest.fixture(scope="session")
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def cheap() -> Cost:
    """The least that Argon2id allows: opening takes a millisecond."""
    return Cost(memory_kib=8, passes=1, lanes=1)


@pytest.fixture(params=["Ed25519", "P-256", "P-384", "ML-DSA-44"])
def signer(request: pytest.FixtureRequest) -> LocalSigner:
    """A key of each kind that has every spelling: Multikey and JSON Web Key."""
    return LocalSigner.generate(request.param)


@pytest.fixture(params=["Ed25519", "P-256", "P-384", "ML-DSA-44", "Bls12381G2"])
def any_signer(request: pytest.FixtureRequest) -> LocalSigner:
    return LocalSigner.generate(request.param)


@pytest.fixture
def ring(tmp_path: Path, cheap: Cost) -> Keyring:
    return Keyring(Keyring.create(tmp_path / "keys" / "certifier.json", OWNER).path, cost=cheap)


@pytest.fixture
def pin(tmp_path: Path) -> Callable[[str, Json], Mirror]:
    """Put a document where the web would have it, and return the folder as a source."""
    mirror = Mirror(tmp_path / "web")

    def put(url: str, document: Json) -> Mirror:
        path = mirror.path(web.url_of(url) if url.startswith("did:") else url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))
        return mirror

    return put
