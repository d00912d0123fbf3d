"""Presentations as holders make them: our own sample people and documents, real signatures."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from boundary.strict_json import Json
from credentials import digests, items, templates
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import sd_jwt
from proofs.sd_jwt import KeyBinding

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DATA = Path(__file__).parent / "data"


def _payload(name: str, holder: LocalSigner, **changes: object) -> Json:
    payload: Json = json.loads((DATA / f"{name}.sd-jwt.json").read_text("utf-8"))
    return {**payload, "cnf": {"jwk": to_jwk(holder.public_key)}, **changes}


def _issued(payload: Json, signer: LocalSigner) -> str:
    template = templates.for_vct(str(payload["vct"]))
    assert template is not None
    return sd_jwt.issue(payload, items.selective_paths(template, payload), signer)


def _shown(text: str, holder: LocalSigner, reveal: list[sd_jwt.Path]) -> str:
    binding = KeyBinding(
        holder, "https://passeport.example/v", "bm9uY2Utb2YtMTYtYnl0ZQ", NOW, NOW + dt.timedelta(days=30)
    )
    return sd_jwt.present(text, reveal, binding)


@pytest.fixture(scope="session")
def diploma() -> str:
    """A diploma with its title, the name, and two of four blocs."""
    return _diploma()


@pytest.fixture(scope="session")
def six_diplomas() -> list[str]:
    return [_diploma() for _ in range(6)]


def _diploma() -> str:
    holder = LocalSigner.generate("P-256")
    issuer = LocalSigner.generate("P-256", "did:web:academie.example#key-1")
    text = _issued(_payload("diploma", holder), issuer)
    return _shown(text, holder, [("given_name",), ("family_name",), ("blocks", 0), ("blocks", 2)])


@pytest.fixture(scope="session")
def declared_and_endorsed() -> tuple[str, str]:
    """A skill that the holder declares, and an employer's endorsement of it."""
    holder = LocalSigner.generate("P-256")
    employer = LocalSigner.generate("P-256", "did:web:employeur.example#key-1")
    did = did_key.did(holder.public_key)
    declared = _issued(_payload("declared-skill", holder, iss=did), holder)
    digest = digests.of_sd_jwt(declared)
    endorsed = {"id": f"ni:///sha-256;{digest}", "digests": [{"over": "sd-jwt-issuer-jwt", "digest": digest}]}
    endorsement = _payload("endorsement", holder, endorsed=endorsed)
    text = _issued(endorsement, employer)
    return (
        _shown(declared, holder, [("given_name",), ("family_name",)]),
        _shown(text, holder, [("skills", 0), ("comment",), ("signatory",)]),
    )


@pytest.fixture(scope="session")
def three(diploma: str, declared_and_endorsed: tuple[str, str]) -> list[str]:
    """What the demonstration shows: a diploma, a declared skill and an endorsement of it."""
    return [diploma, *declared_and_endorsed]


@pytest.fixture(scope="session")
def data() -> Callable[[str], str]:
    """Reads one of the sample documents."""
    return lambda name: (DATA / name).read_text("utf-8")
