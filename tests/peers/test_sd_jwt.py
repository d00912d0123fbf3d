"""SD-JWT VCs made, presented and verified by three implementations in every combination."""

import copy
import datetime as dt
import itertools
import json
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import pytest
from sd_jwt_parties import Json, Key, NodeSdJwt, OurSdJwt, Path, PythonSdJwt, Request, SdJwtParty
from strangers import Strangers

from boundary import base64url

pytestmark = pytest.mark.node

Parties = dict[str, SdJwtParty]

NAMES = ("ours", "node", "python")
EVERY_WAY = [
    pytest.param(*way, id="-".join(way)) for way in itertools.product(NAMES, repeat=3) if "ours" in way
]
CASE: Json = json.loads((File(__file__).parent / "documents/block.sd-jwt.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def parties(strangers: Strangers) -> Parties:
    return {"ours": OurSdJwt(), "node": NodeSdJwt(strangers), "python": PythonSdJwt()}


def request_now(audience: str = "https://recruteur.example", nonce: str = "n-0S6_WzA2Mj") -> Request:
    """The real time: the Python package knows no other."""
    return Request(audience, nonce, dt.datetime.now(dt.UTC))


def paths(name: str) -> list[Path]:
    return [tuple(path) for path in CASE[name]]


@dataclass(frozen=True)
class Exchange:
    """A presentation on its way, and what its verifier must find in it."""

    text: str
    issuer: Key
    expected: Json


def exchange(issuer: SdJwtParty, holder: SdJwtParty, algorithm: str = "P-256") -> Exchange:
    issuer_key, holder_key = issuer.new_key(algorithm), holder.new_key("P-256")
    payload = CASE["payload"] | {"iss": issuer_key.did, "cnf": {"jwk": holder_key.jwk}}
    credential = issuer.issue(payload, paths("selective"), issuer_key)
    text = holder.present(credential, paths("reveal"), holder_key, request_now())
    return Exchange(text, issuer_key, without(payload, paths("withheld")))


def without(payload: Json, withheld: list[Path]) -> Json:
    shown: Any = copy.deepcopy(payload)
    for *parents, last in reversed(withheld):
        level = shown
        for step in parents:
            level = level[step]
        del level[last]
    return shown


@pytest.mark.parametrize(("issuer", "holder", "verifier"), EVERY_WAY)
def test_what_one_issues_another_presents_and_a_third_verifies(
    parties: Parties, issuer: str, holder: str, verifier: str
) -> None:
    sent = exchange(parties[issuer], parties[holder])
    assert parties[verifier].verify(sent.text, sent.issuer, request_now()) == sent.expected


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-384"])
@pytest.mark.parametrize("issuer", ["ours", "node"])
@pytest.mark.parametrize("verifier", ["ours", "node"])
def test_other_keys_of_issuers_serve_too(
    parties: Parties, issuer: str, verifier: str, algorithm: str
) -> None:
    sent = exchange(parties[issuer], parties["ours"], algorithm)
    assert parties[verifier].verify(sent.text, sent.issuer, request_now()) == sent.expected


def altered_disclosure(text: str) -> str:
    jwt, first, *rest = text.split("~")
    disclosure = json.loads(base64url.decode(first))
    disclosure[-1] = "quelqu’un d’autre"
    return "~".join([jwt, base64url.encode(json.dumps(disclosure).encode()), *rest])


def altered_claim(text: str) -> str:
    header, payload, rest = text.split(".", 2)
    claims = json.loads(base64url.decode(payload)) | {"admission_mode": "PAR_VAE"}
    return ".".join([header, base64url.encode(json.dumps(claims).encode()), rest])


def dropped_disclosure(text: str) -> str:
    jwt, _, *rest = text.split("~")
    return "~".join([jwt, *rest])


def stripped_key_binding(text: str) -> str:
    return text.rpartition("~")[0] + "~"


TAMPERINGS = [altered_disclosure, altered_claim, dropped_disclosure, stripped_key_binding]


@pytest.mark.parametrize("tamper", TAMPERINGS)
@pytest.mark.parametrize("verifier", NAMES)
@pytest.mark.parametrize("maker", NAMES)
def test_everybody_refuses_a_presentation_that_was_changed(
    parties: Parties, maker: str, verifier: str, tamper: Any
) -> None:
    sent = exchange(parties[maker], parties[maker])
    party = parties[verifier]
    with pytest.raises(party.refuses):
        party.verify(tamper(sent.text), sent.issuer, request_now())
    party.verify(sent.text, sent.issuer, request_now())


@pytest.mark.parametrize("asked", [{"audience": "https://curieux.example"}, {"nonce": "rejoué"}], ids=str)
@pytest.mark.parametrize("verifier", NAMES)
@pytest.mark.parametrize("maker", NAMES)
def test_everybody_refuses_a_presentation_made_for_someone_else(
    parties: Parties, maker: str, verifier: str, asked: dict[str, str]
) -> None:
    sent = exchange(parties[maker], parties[maker])
    party = parties[verifier]
    with pytest.raises(party.refuses):
        party.verify(sent.text, sent.issuer, request_now(**asked))
    party.verify(sent.text, sent.issuer, request_now())


@pytest.mark.parametrize("verifier", NAMES)
@pytest.mark.parametrize("maker", ["node", "python"])  # ours does not sign in another's name
def test_everybody_refuses_an_impostors_signature(parties: Parties, maker: str, verifier: str) -> None:
    party, stranger, holder = parties[verifier], parties[maker], parties["ours"]
    issuer_key, impostor_key, holder_key = (one.new_key("P-256") for one in (stranger, stranger, holder))
    payload = CASE["payload"] | {"iss": issuer_key.did, "cnf": {"jwk": holder_key.jwk}}
    forged = stranger.issue(payload, paths("selective"), impostor_key)
    text = holder.present(forged, paths("reveal"), holder_key, request_now())
    with pytest.raises(party.refuses):
        party.verify(text, issuer_key, request_now())
