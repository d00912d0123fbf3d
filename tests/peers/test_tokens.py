"""VCDM documents as tokens, made and verified by different implementations in every combination."""

import copy
import datetime as dt
import itertools
import json
from pathlib import Path as File
from typing import Any

import pytest
from sd_jwt_parties import Json, Path, Request
from strangers import Strangers
from token_parties import KEY_OF, Joserfc, JwtParty, NodeTokens, OurTokens

from boundary import base64url
from boundary.sources import Mirror
from contexts import PRODUCT
from credentials.envelopes import Envelope, wrap
from keys.dids.resolve import resolver
from proofs import suites
from verifier.policy import Policy
from verifier.verify import Verifier

pytestmark = pytest.mark.node

NAMES = ("ours", "jose", "joserfc")
PAIRS = [pytest.param(*way, id="-".join(way)) for way in itertools.product(NAMES, repeat=2) if "ours" in way]
SELECTIVE = [
    pytest.param(*way, id="-".join(way))
    for way in itertools.product(("ours", "node"), repeat=3)
    if "ours" in way
]
EXAMPLE: Json = json.loads(
    (File(__file__).parents[1] / "credentials/examples/certification.json").read_text("utf-8")
)["ld"]
NOW = dt.datetime.now(dt.UTC)  # @sd-jwt compares with the time it is given, to the second
REQUEST = Request("https://recruteur.example", "n-0S6_WzA2Mj", NOW)
HIDDEN: list[Path] = [
    ("credentialSubject", "givenName"),
    ("credentialSubject", "familyName"),
    ("credentialSubject", "dateOfBirth"),
    *(("credentialSubject", "block", n) for n in range(len(EXAMPLE["credentialSubject"]["block"]))),
]
SHOWN: list[Path] = [("credentialSubject", "familyName"), ("credentialSubject", "block", 1)]


@pytest.fixture(scope="module")
def parties(strangers: Strangers) -> dict[str, Any]:
    node = NodeTokens(strangers)
    return {"ours": OurTokens(), "jose": node, "node": node, "joserfc": Joserfc()}


def issued_by(did: str) -> Json:
    document = copy.deepcopy(EXAMPLE)
    return {**document, "issuer": {**document["issuer"], "id": did}}


def names_of(maker: str) -> list[str]:
    """Ours writes the older name of EdDSA, which more wallets know; both are read."""
    return [alg for alg in KEY_OF if maker != "ours" or alg != "Ed25519"]


EVERY = [(maker, verifier, alg) for maker, verifier in (p.values for p in PAIRS) for alg in names_of(maker)]


@pytest.mark.parametrize(("maker", "verifier", "alg"), EVERY)
def test_a_credential_that_one_signs_another_verifies(
    parties: dict[str, JwtParty], maker: str, verifier: str, alg: str
) -> None:
    key = parties[maker].new_key(alg)
    document, claims = issued_by(key.did), {"iat": int(NOW.timestamp())}
    text = parties[maker].sign("vc+jwt", document, claims, key, alg)
    assert parties[verifier].verify("vc+jwt", text, key, alg, REQUEST) == {**document, **claims}


@pytest.mark.parametrize(("maker", "verifier", "alg"), EVERY)
def test_a_presentation_that_one_signs_another_verifies(
    parties: dict[str, JwtParty], maker: str, verifier: str, alg: str
) -> None:
    """With a credential of its own inside, in an envelope that is signed letter for letter."""
    issuer, holder = (parties[maker].new_key(alg) for _ in range(2))
    inside = parties[maker].sign("vc+jwt", issued_by(issuer.did), {}, issuer, alg)
    document: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": holder.did,
        "verifiableCredential": [wrap(Envelope("vc+jwt", inside))],
    }
    claims: Json = {"iat": int(NOW.timestamp()), "aud": REQUEST.audience, "nonce": REQUEST.nonce}
    text = parties[maker].sign("vp+jwt", document, claims, holder, alg)
    shown = parties[verifier].verify("vp+jwt", text, holder, alg, REQUEST)
    assert shown == {**document, **claims}
    [envelope] = shown["verifiableCredential"]
    carried = envelope["id"].partition(",")[2]
    assert parties[verifier].verify("vc+jwt", carried, issuer, alg, REQUEST) == issued_by(issuer.did)


def without_signature(text: str) -> str:
    return text.rpartition(".")[0] + "."


def altered(text: str) -> str:
    head, payload, signature = text.split(".")
    changed = json.loads(base64url.decode(payload)) | {"validUntil": "2099-01-01T00:00:00Z"}
    return ".".join([head, base64url.encode(json.dumps(changed).encode()), signature])


def unsigned(text: str) -> str:
    head, payload, _ = text.split(".")
    header = json.loads(base64url.decode(head)) | {"alg": "none"}
    return ".".join([base64url.encode(json.dumps(header).encode()), payload, ""])


@pytest.mark.parametrize("bend", [without_signature, altered, unsigned])
@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize(("maker", "verifier"), PAIRS)
def test_everybody_refuses_what_was_changed(
    parties: dict[str, JwtParty], maker: str, verifier: str, alg: str, bend: Any
) -> None:
    key, party = parties[maker].new_key(alg), parties[verifier]
    text = parties[maker].sign("vc+jwt", issued_by(key.did), {}, key, alg)
    with pytest.raises(party.refuses):
        party.verify("vc+jwt", bend(text), key, alg, REQUEST)
    party.verify("vc+jwt", text, key, alg, REQUEST)


@pytest.mark.parametrize(("maker", "verifier"), PAIRS)
def test_everybody_refuses_an_algorithm_of_another_key(
    parties: dict[str, JwtParty], maker: str, verifier: str
) -> None:
    key = parties[maker].new_key("ES256")
    text = parties[maker].sign("vc+jwt", issued_by(key.did), {}, key, "ES256")
    head, rest = text.split(".", 1)
    header = json.loads(base64url.decode(head)) | {"alg": "ES384"}
    bent = base64url.encode(json.dumps(header).encode()) + "." + rest
    with pytest.raises(parties[verifier].refuses):
        parties[verifier].verify("vc+jwt", bent, key, "ES256", REQUEST)


@pytest.mark.parametrize(("maker", "verifier"), PAIRS)
def test_everybody_refuses_another_kind_of_token(
    parties: dict[str, JwtParty], maker: str, verifier: str
) -> None:
    key = parties[maker].new_key("ES256")
    text = parties[maker].sign("vc+jwt", issued_by(key.did), {}, key, "ES256")
    with pytest.raises(parties[verifier].refuses):
        parties[verifier].verify("vp+jwt", text, key, "ES256", REQUEST)


# SD-JWT


def left(document: Json) -> Json:
    """Return what is to be read when ``SHOWN`` was shown of it."""
    subject = {
        name: value
        for name, value in document["credentialSubject"].items()
        if ("credentialSubject", name) not in HIDDEN or ("credentialSubject", name) in SHOWN
    }
    return {**document, "credentialSubject": {**subject, "block": [subject["block"][1]]}}


def exchange(parties: dict[str, Any], issuer: str, holder: str) -> tuple[str, Any, Json]:
    issuer_key, holder_key = parties[issuer].new_key("ES256"), parties[holder].new_key("ES256")
    document = issued_by(issuer_key.did)
    claims = {"iat": int(NOW.timestamp()), "cnf": {"jwk": holder_key.jwk}}
    text = parties[issuer].issue(document, claims, HIDDEN, issuer_key)
    return parties[holder].present(text, SHOWN, holder_key, REQUEST), issuer_key, {**left(document), **claims}


@pytest.mark.parametrize(("issuer", "holder", "verifier"), SELECTIVE)
def test_what_one_issues_another_presents_and_a_third_verifies(
    parties: dict[str, Any], issuer: str, holder: str, verifier: str
) -> None:
    shown, issuer_key, expected = exchange(parties, issuer, holder)
    assert parties[verifier].verify_presented(shown, issuer_key, REQUEST) == expected


def dropped(text: str) -> str:
    jwt, _, *rest = text.split("~")
    return "~".join([jwt, *rest])


def unbound(text: str) -> str:
    return text.rpartition("~")[0] + "~"


def disclosed_otherwise(text: str) -> str:
    jwt, first, *rest = text.split("~")
    disclosure = json.loads(base64url.decode(first))
    disclosure[-1] = "quelqu’un d’autre"
    return "~".join([jwt, base64url.encode(json.dumps(disclosure).encode()), *rest])


@pytest.mark.parametrize("bend", [dropped, unbound, disclosed_otherwise])
@pytest.mark.parametrize(("maker", "verifier"), [("ours", "node"), ("node", "ours"), ("ours", "ours")])
def test_everybody_refuses_a_share_that_was_changed(
    parties: dict[str, Any], maker: str, verifier: str, bend: Any
) -> None:
    shown, issuer_key, _ = exchange(parties, maker, maker)
    with pytest.raises(parties[verifier].refuses):
        parties[verifier].verify_presented(bend(shown), issuer_key, REQUEST)


@pytest.mark.parametrize("asked", [{"audience": "https://curieux.example"}, {"nonce": "rejoué"}], ids=str)
@pytest.mark.parametrize(("maker", "verifier"), [("ours", "node"), ("node", "ours"), ("ours", "ours")])
def test_everybody_refuses_a_share_made_for_someone_else(
    parties: dict[str, Any], maker: str, verifier: str, asked: dict[str, str]
) -> None:
    shown, issuer_key, _ = exchange(parties, maker, maker)
    wanted = Request(**{"audience": REQUEST.audience, "nonce": REQUEST.nonce, "now": NOW, **asked})
    with pytest.raises(parties[verifier].refuses):
        parties[verifier].verify_presented(shown, issuer_key, wanted)


@pytest.mark.parametrize("issuer", ["joserfc", "jose", "node"])
def test_a_credential_of_theirs_passes_every_check_of_ours(
    parties: dict[str, Any], tmp_path: File, issuer: str
) -> None:
    """Given to the verifier as a file; only its lists of withdrawals are published nowhere."""
    web = Mirror(tmp_path)
    verifier = Verifier(Policy(), suites(PRODUCT), resolver(web), web)
    party, key = parties[issuer], parties[issuer].new_key("ES256")
    if issuer == "node":
        text = party.issue(issued_by(key.did), {}, HIDDEN, key)
    else:
        text = party.sign("vc+jwt", issued_by(key.did), {}, key, "ES256")
    [line] = verifier.verify(text.encode(), NOW).credentials
    found = {step.name: (step.outcome, step.code) for step in line.steps}
    assert found.pop("status") == ("unknown", "status.not_retrieved")
    assert {outcome for outcome, _ in found.values()} == {"passed", "not_applicable"}
    assert found["schema"] == ("passed", "schema.holds")
