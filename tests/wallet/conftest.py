"""A vault on disk, a holder, and issuers who deliver to them. Guessing is cheap: nothing here is secret."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from boundary.strict_json import Json
from credentials import digests, items, templates
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from keys.sealing import Cost
from proofs import sd_jwt
from storage.sqlite.vault import SqliteVault
from wallet.contents import HolderKey
from wallet.vault import Vault

DATA = Path(__file__).parents[1] / "exchange" / "data"
CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
PASSPHRASE = "quatre mots au hasard"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)

NewStore = Callable[[], SqliteVault]


@pytest.fixture
def new_store(tmp_path: Path) -> Iterator[NewStore]:
    """Makes stores, each on a file of its own."""
    stores: list[SqliteVault] = []

    def make() -> SqliteVault:
        stores.append(SqliteVault(tmp_path / f"vault-{len(stores)}" / "wallet.db"))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(new_store: NewStore) -> SqliteVault:
    return new_store()


@pytest.fixture
def new_vault(new_store: NewStore) -> Callable[[], Vault]:
    return lambda: Vault.create(new_store(), PASSPHRASE, cost=CHEAP)[0]


@pytest.fixture
def vault(store: SqliteVault) -> Vault:
    return Vault.create(store, PASSPHRASE, cost=CHEAP)[0]


@dataclass(frozen=True)
class Issuer:
    """Issues our sample documents to whoever asks."""

    signer: LocalSigner

    def sd_jwt(self, name: str, holder: HolderKey | None, **changes: object) -> bytes:
        payload: Json = json.loads((DATA / f"{name}.sd-jwt.json").read_text("utf-8"))
        bound = {"cnf": {"jwk": to_jwk(holder.public)}} if holder else {}
        payload = {**{n: value for n, value in payload.items() if n != "cnf"}, **bound, **changes}
        template = templates.for_vct(str(payload["vct"]))
        assert template is not None
        return sd_jwt.issue(payload, items.selective_paths(template, payload), self.signer).encode()

    def endorsement(self, endorsed: bytes, holder: HolderKey) -> bytes:
        digest = digests.of_sd_jwt(endorsed.decode())
        named = {
            "id": f"ni:///sha-256;{digest}",
            "digests": [{"over": "sd-jwt-issuer-jwt", "digest": digest}],
        }
        return self.sd_jwt("endorsement", holder, endorsed=named)


@pytest.fixture(scope="session")
def academy() -> Issuer:
    return Issuer(LocalSigner.generate("P-256", "did:web:academie.example#key-1"))


@pytest.fixture(scope="session")
def employer() -> Issuer:
    return Issuer(LocalSigner.generate("P-256", "did:web:employeur.example#key-1"))


@pytest.fixture
def declare() -> Callable[[Vault, HolderKey], bytes]:
    """Lets a holder declare a skill, signed with one of their keys."""

    def sign(vault: Vault, key: HolderKey) -> bytes:
        issuer = Issuer(vault.signer_for(key.did))
        return issuer.sd_jwt("declared-skill", key, iss=did_key.did(key.public))

    return sign
