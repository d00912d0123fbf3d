"""An organisation's DID document as strangers read it: which of its keys still speak for it."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from strangers import Refused, Strangers

from keys.dids import web
from keys.local import LocalSigner
from keys.record import KeyRecord
from proofs import SUITES, data_integrity
from proofs.suite import ProofOptions

pytestmark = pytest.mark.node

Json = dict[str, Any]
DID = "did:web:ecole.example"
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
CASE: Json = json.loads((Path(__file__).parent / "documents/block.ld.json").read_text("utf-8"))
OLD = LocalSigner.generate("P-256", f"{DID}#2024")
NEW = LocalSigner.generate("Ed25519", f"{DID}#2026")
ACTIVE = KeyRecord("2026", NEW.public_key, "active", NOW - DAY)
RETIRED = KeyRecord("2024", OLD.public_key, "retired", NOW - DAY)


def publish(strangers: Strangers, *keys: KeyRecord) -> None:
    strangers.ask("learn", documents={DID: web.document(DID, keys)})


def sign(credential: Json, signer: LocalSigner, suite: str) -> Json:
    options = ProofOptions(created="2026-07-01T11:59:59Z")
    return data_integrity.add_proof(credential, SUITES[suite], options, signer)


@pytest.fixture
def credential() -> Json:
    issuer = CASE["credential"]["issuer"] | {"id": DID}
    subject = CASE["credential"]["credentialSubject"] | {"id": "did:example:titulaire"}
    return CASE["credential"] | {"issuer": issuer, "credentialSubject": subject}


def verify(strangers: Strangers, secured: Json) -> None:
    strangers.ask("verifyDataIntegrity", secured=secured, now=NOW.isoformat())


def test_active_and_retired_keys_are_found_in_our_document(strangers: Strangers, credential: Json) -> None:
    publish(strangers, RETIRED, ACTIVE)
    verify(strangers, sign(credential, OLD, "ecdsa-rdfc-2019"))
    verify(strangers, sign(credential, NEW, "eddsa-rdfc-2022"))


def test_a_set_of_two_proofs_verifies_as_a_set(strangers: Strangers, credential: Json) -> None:
    publish(strangers, RETIRED, ACTIVE)
    both = sign(sign(credential, OLD, "ecdsa-rdfc-2019"), NEW, "eddsa-rdfc-2022")
    verify(strangers, both)
    for broken in range(2):
        proofs = [dict(proof) for proof in both["proof"]]
        proofs[broken]["created"] = "2026-07-01T11:59:58Z"
        with pytest.raises(Refused):
            verify(strangers, both | {"proof": proofs})


def test_a_key_revoked_for_compromise_speaks_no_more(strangers: Strangers, credential: Json) -> None:
    publish(strangers, RETIRED.revoked("compromised", NOW), ACTIVE)
    with pytest.raises(Refused, match="not authorized"):
        verify(strangers, sign(credential, OLD, "ecdsa-rdfc-2019"))
    verify(strangers, sign(credential, NEW, "eddsa-rdfc-2022"))
