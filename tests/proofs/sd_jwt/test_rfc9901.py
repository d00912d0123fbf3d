"""An example of RFC 9901, number by number, on any machine."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from keys.jwk import from_jwk
from problems import ProofVerificationError
from proofs import jws, sd_jwt
from proofs.sd_jwt.key_binding import check
from proofs.sd_jwt.process import process

VECTOR = Path(__file__).parents[2] / "vectors" / "sd-jwt" / "rfc9901.json"


@pytest.fixture(scope="module")
def vector() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(VECTOR.read_text("utf-8"))
    return value


def document(vector: dict[str, Any], **header: Any) -> str:
    return json.dumps(
        {name: vector[name] for name in ("protected", "payload", "signature")} | {"header": header}
    )


def test_the_credential(vector: dict[str, Any]) -> None:
    """The signature verifies, and four disclosures stand at four paths."""
    sd = sd_jwt.parse(document(vector, disclosures=vector["disclosures"]))
    assert sd.key_binding is None
    jws.verify(jws.parse(sd.issuer_jwt), from_jwk(vector["issuerJwk"]), typ={"example+sd-jwt"})
    assert sd_jwt.disclosed(sd) == {
        ("sub",): "john_doe_42",
        ("given_name",): "John",
        ("family_name",): "Doe",
        ("birthdate",): "1940-01-01",
    }


def test_the_presentation(vector: dict[str, Any]) -> None:
    """Two claims are shown, bound to an audience and a nonce by the key in ``cnf``."""
    sd = sd_jwt.parse(document(vector, disclosures=vector["shown"], kb_jwt=vector["keyBinding"]))
    payload = jws.claims(jws.parse(sd.issuer_jwt))
    shown = process(payload, sd.disclosures).payload
    assert {name: value for name, value in shown.items() if name != "cnf"} == vector["claims"]
    expected = sd_jwt.HolderExpectation(vector["audience"], vector["nonce"], dt.timedelta(minutes=5))
    at = dt.datetime.fromtimestamp(vector["issuedAt"], dt.UTC)
    holder = check(sd, payload, expected, at, dt.timedelta(0))
    assert holder is not None
    assert holder.issued_at == at
    hidden = sd_jwt.SdJwt(sd.issuer_jwt, sd.disclosures[:1], sd.key_binding)
    with pytest.raises(ProofVerificationError) as caught:
        check(hidden, payload, expected, at, dt.timedelta(0))
    assert caught.value.code == "kb.other_content"


def test_our_own_choice_is_theirs(vector: dict[str, Any]) -> None:
    """Choosing the same two claims keeps the same disclosures."""
    issued = sd_jwt.parse(document(vector, disclosures=vector["disclosures"]))
    shown = sd_jwt.parse(sd_jwt.present(issued.text, [("given_name",), ("family_name",)]))
    assert set(shown.disclosures) == set(vector["shown"])
    assert shown.issuer_jwt == issued.issuer_jwt
