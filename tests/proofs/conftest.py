"""What the tests of Data Integrity share: a credential of our own, keys, and the official vectors."""

import copy
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys import multikey
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from keys.resolver import Resolver
from proofs import SUITES, suites
from proofs.data_integrity import Expectation
from proofs.suite import Cryptosuite

_CREDENTIAL: Json = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://w3id.org/passeport/v1",
    ],
    "id": "urn:uuid:0e4e1c1a-0000-4000-8000-00000000c0de",
    "type": ["VerifiableCredential", "OpenBadgeCredential", "SkillCredential"],
    "name": "Compétences observées au travail",
    "issuer": {"id": "did:web:employeur.example", "type": ["Profile"], "name": "Menuiserie Imaginaire"},
    "validFrom": "2026-09-15T00:00:00Z",
    "credentialSubject": {
        "id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0",
        "type": ["AchievementSubject", "Holder"],
        "givenName": "Camille Fictive",
        "familyName": "EXEMPLE-DÉMONSTRATION",
        "dateOfBirth": "2000-02-29",
        "experience": {
            "type": "Experience",
            "experienceKind": "EMPLOYMENT",
            "startDate": "2026-04-13",
            "endDate": "2026-09-11",
        },
        "skill": [
            {"type": "Skill", "ref": "s1", "name": "Développer", "level": "3", "levelScale": "workplace-4"},
            {"type": "Skill", "ref": "s2", "name": "Concevoir", "level": "2", "levelScale": "workplace-4"},
            {"type": "Skill", "ref": "s3", "name": "Animer", "level": "4", "levelScale": "workplace-4"},
        ],
    },
}


@pytest.fixture(scope="session")
def sample() -> Json:
    """A small credential about an evidently fictional person; nobody may change it."""
    return _CREDENTIAL


@pytest.fixture
def credential(sample: Json) -> Json:
    """A fresh copy, for whoever wants to change it."""
    return copy.deepcopy(sample)


@pytest.fixture
def mandatory() -> list[str]:
    """Pointers to what every derivation of ``credential`` shows."""
    return ["/name", "/issuer", "/validFrom", "/credentialSubject/experience/experienceKind"]


@pytest.fixture(scope="session")
def signers() -> dict[str, LocalSigner]:
    """One signer per type of key, the same at each run."""
    return {
        "Ed25519": LocalSigner.from_secret("Ed25519", bytes([1]) * 32),
        "P-256": LocalSigner.from_secret("P-256", bytes([2]) * 32),
        "P-384": LocalSigner.from_secret("P-384", bytes([3]) * 48),
        "ML-DSA-44": LocalSigner.from_secret("ML-DSA-44", bytes([4]) * 32),
        "Bls12381G2": LocalSigner.from_secret("Bls12381G2", bytes([5]) * 32),
    }


@pytest.fixture(scope="session")
def accepted() -> dict[str, Cryptosuite]:
    return dict(SUITES)


@pytest.fixture(scope="session")
def keys() -> Resolver:
    return resolver()


@pytest.fixture(scope="session")
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def expect(now: dt.datetime) -> Expectation:
    """What one expects of a credential's proof."""
    return Expectation("assertionMethod", now)


@pytest.fixture(scope="session")
def official() -> dict[str, Cryptosuite]:
    """The suites with the contexts that the official vectors use."""
    return dict(suites(CONFORMANCE))


@pytest.fixture(scope="session")
def vector(fixtures: Path) -> Callable[[str], JsonValue]:
    """Read one file of the official vectors: JSON as its value, text without its last line end."""

    def read(path: str) -> JsonValue:
        text = (fixtures / "vectors" / path).read_text("utf-8")
        value: JsonValue = json.loads(text) if path.endswith(".json") else text
        return value

    return read


@pytest.fixture(scope="session")
def official_signer() -> Callable[[JsonValue], LocalSigner]:
    """Return the signer of a key pair as the vectors write it."""

    def load(pair: JsonValue) -> LocalSigner:
        assert isinstance(pair, dict)
        secret = pair.get("secretKeyMultibase") or pair.get("privateKeyMultibase")
        assert isinstance(secret, str)
        return LocalSigner.from_secret(*multikey.decode_secret(secret))

    return load
