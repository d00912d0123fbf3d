"""Examples of ours with everything they hold, and the twins that their issuer signs beside them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from credentials import digests, templates, twin
from credentials.digests import Digests
from credentials.facts import Facts, facts_sd
from credentials.templates import load
from credentials.twin import TwinKind
from keys.local import LocalSigner

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = (
    "diploma", "certification", "block", "rs-certification", "skill", "training", "prevention-training",
    "prevention-success",
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    template: str
    row: Any
    facts: Facts
    issuer: LocalSigner
    holder: LocalSigner
    digests: Digests

    def sign(self, kind: TwinKind, /, **changed: Any) -> bytes:
        facts = replace(self.facts, **{"holder_key": self.holder.public_key} | changed)
        return twin.issue(facts, kind, self.digests, self.facts.status[0], self.issuer)


def _example(name: str) -> Example:
    read = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    facts = facts_sd(templates.render_sd(load(read["template"]), read["row"]))
    issuer = LocalSigner.from_secret("P-256", b"\x11" * 32, f"{facts.issuer_id}#key-1")
    named: Digests = (("sd-jwt-issuer-jwt", digests.multihash(name.encode())),)
    return Example(
        read["template"], read["row"], facts, issuer, LocalSigner.from_secret("P-256", b"\x22" * 32), named
    )


@pytest.fixture(params=NAMES)
def example(request: pytest.FixtureRequest) -> Example:
    """One of the examples of types that have twins."""
    return _example(request.param)


@pytest.fixture
def make() -> Callable[[str], Example]:
    """Returns the example of that name."""
    return _example


@pytest.fixture(params=["paper", "screen"])
def kind(request: pytest.FixtureRequest) -> TwinKind:
    return request.param
