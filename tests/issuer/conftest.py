"""A desk, its ledger, and awards to issue: our own examples, people evidently fictional."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from boundary.strict_json import Json
from issuer.desk import Desk
from issuer.intake.judge import PIPELINE
from issuer.order import Award
from keys.dids import key as did_key
from keys.local import LocalSigner
from storage.sqlite.issuance import SqliteLedger

EXAMPLES = Path(__file__).parents[1] / "credentials" / "examples"

NewAward = Callable[..., Award]


@pytest.fixture(scope="session")
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 21, 9, 30, 12, 345, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def signer() -> LocalSigner:
    return LocalSigner.generate("P-256", "did:web:academie.example#key-1")


@pytest.fixture(scope="session")
def desk(signer: LocalSigner) -> Desk:
    return Desk(
        "did:web:academie.example",
        "Académie de Valmorin (académie fictive)",
        signer,
        "https://academie.example/status",
    )


@pytest.fixture
def ledger_path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(ledger_path: Path) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(ledger_path)) as ledger:
        yield ledger


def claims(example: str) -> Json:
    row = json.loads((EXAMPLES / f"{example}.json").read_text("utf-8"))["row"]
    return {name: value for name, value in row.items() if name not in PIPELINE}


@pytest.fixture(scope="session")
def award() -> NewAward:
    """Makes an award: a diploma, with some claims changed, for a holder of their own."""
    diploma = claims("diploma")
    holder = did_key.did(LocalSigner.generate("P-256").public_key)

    def make(reference: str = "BTS-1", bound: str | None = holder, **changes: Any) -> Award:
        asked = changes.pop("asked", None)
        return Award(reference, "diploma", {**diploma, **changes}, bound, asked)

    return make
