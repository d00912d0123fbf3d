"""Real documents, for tests that must hold of any of them."""

import copy
import json
import os
from pathlib import Path

import pytest

from boundary import strict_json
from boundary.strict_json import Json

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def diploma() -> Json:
    """A full diploma of our model. Copy it before changing it."""
    return strict_json.read_object((HERE / "documents" / "diploma.json").read_bytes())


@pytest.fixture(scope="session")
def documents(diploma: Json) -> dict[str, Json]:
    """Documents by name: ours, a presentation of them, and all examples of the model when at hand."""
    proof: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-07-06T10:00:00Z",
        "verificationMethod": "did:web:academie.example#key-1",
        "proofPurpose": "assertionMethod",
        "proofValue": "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9",
    }
    status: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "https://academie.example/status/bitstring/3",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:academie.example",
        "validFrom": "2026-07-06T00:00:00Z",
        "credentialSubject": {
            "id": "https://academie.example/status/bitstring/3#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
        },
    }
    presentation: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "did:key:zDnaeu4Yp324bgyL3mTHyjBA4jwhCo8G5aZY76hTUR21i8BJs",
        "verifiableCredential": [copy.deepcopy(diploma) | {"proof": proof}, copy.deepcopy(status)],
        "proof": {
            **proof,
            "challenge": "c2f1",
            "domain": "recruiter.example",
            "proofPurpose": "authentication",
        },
    }
    return {"diploma": diploma, "status": status, "presentation": presentation, **_examples()}


def _examples() -> dict[str, Json]:
    folder = os.environ.get("PASSEPORT_FIXTURES")
    if not folder:
        return {}
    files = sorted((Path(folder) / "model" / "examples").glob("*.ld.json"))
    return {file.name: json.loads(file.read_text("utf-8")) for file in files}
