"""Data Integrity proofs made, derived, presented and verified by two implementations, both ways."""

import copy
import dataclasses
import datetime as dt
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_integrity_parties import (
    DataIntegrityParty,
    Json,
    OurDataIntegrity,
    Request,
    TheirDataIntegrity,
    Way,
)
from strangers import Strangers

pytestmark = pytest.mark.node

Parties = dict[str, DataIntegrityParty]
NAMES = ("ours", "theirs")
WHOLE = {
    "eddsa-rdfc-2022": "Ed25519",
    "ecdsa-rdfc-2019": "P-256",
    "eddsa-jcs-2022": "Ed25519",
    "ecdsa-jcs-2019": "P-256",
    "mldsa44-rdfc-2024": "ML-DSA-44",
}
SELECTIVE = {"ecdsa-sd-2023": "P-256", "bbs-2023": "Bls12381G2"}
every_selective = pytest.mark.parametrize("suite", SELECTIVE)
JCS = [suite for suite in WHOLE if "jcs" in suite]
CASE: Json = json.loads((Path(__file__).parent / "documents/block.ld.json").read_text("utf-8"))
HOLDER = "did:example:titulaire"
NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
REQUEST = Request("n-0S6_WzA2Mj", "https://recruteur.example", NOW)


def every_way(length: int) -> list[Any]:
    return [pytest.param(*way, id="-".join(way)) for way in itertools.product(NAMES, repeat=length)]


@pytest.fixture(scope="module")
def parties(strangers: Strangers) -> Parties:
    return {"ours": OurDataIntegrity(), "theirs": TheirDataIntegrity(strangers)}


def issued(issuer: DataIntegrityParty, suite: str, holder: str = HOLDER, algorithm: str = "") -> Json:
    way = Way(suite, issuer.new_key(algorithm or (WHOLE | SELECTIVE)[suite]), CASE["mandatory"])
    credential = copy.deepcopy(CASE["credential"])
    credential["issuer"]["id"] = way.did
    credential["credentialSubject"]["id"] = holder
    return issuer.issue(credential, way, NOW)


def derived(
    issuer: DataIntegrityParty,
    deriver: DataIntegrityParty,
    suite: str = "ecdsa-sd-2023",
    holder: str = HOLDER,
) -> Json:
    return deriver.derive(issued(issuer, suite, holder), CASE["reveal"])


@pytest.mark.parametrize("suite", WHOLE)
@pytest.mark.parametrize(("issuer", "verifier"), every_way(2))
def test_what_one_signs_as_a_whole_the_other_verifies(
    parties: Parties, issuer: str, verifier: str, suite: str
) -> None:
    parties[verifier].verify(issued(parties[issuer], suite), NOW)


@pytest.mark.parametrize("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
@pytest.mark.parametrize(("issuer", "verifier"), every_way(2))
def test_a_key_on_p_384_changes_the_hash_for_both(
    parties: Parties, issuer: str, verifier: str, suite: str
) -> None:
    parties[verifier].verify(issued(parties[issuer], suite, algorithm="P-384"), NOW)


@pytest.mark.parametrize("suite", JCS)
@pytest.mark.parametrize(("issuer", "verifier"), every_way(2))
def test_both_let_contexts_be_added_behind_those_of_the_proof_and_nowhere_else(
    parties: Parties, issuer: str, verifier: str, suite: str
) -> None:
    """vc-di-eddsa and vc-di-ecdsa §3.3.2, step 4."""
    secured, party = issued(parties[issuer], suite), parties[verifier]
    contexts, more = secured["@context"], "https://w3id.org/security/data-integrity/v2"
    assert secured["proof"]["@context"] == contexts
    party.verify({**secured, "@context": [*contexts, more]}, NOW)
    for bent in ([contexts[0], more, *contexts[1:]], contexts[:-1]):
        with pytest.raises(party.refuses):
            party.verify({**secured, "@context": bent}, NOW)


@pytest.mark.parametrize("suite", JCS)
@pytest.mark.parametrize(("issuer", "verifier"), every_way(2))
def test_both_write_any_text_as_the_same_canonical_json(
    parties: Parties, issuer: str, verifier: str, suite: str
) -> None:
    """RFC 8785 §3.2.2.2: what is escaped, what is not, and letters that look alike but are not."""
    way = Way(suite, parties[issuer].new_key(WHOLE[suite]))
    credential = copy.deepcopy(CASE["credential"])
    credential["issuer"]["id"] = way.did
    credential["name"] = 'é e\u0301 \u2028 \t\n " \\ / </ & \U0001f600 \ufb33'
    parties[verifier].verify(parties[issuer].issue(credential, way, NOW), NOW)


@pytest.mark.parametrize(("issuer", "verifier"), every_way(2))
def test_older_credentials_gain_the_context_that_defines_proofs(
    parties: Parties, issuer: str, verifier: str
) -> None:
    """VCDM 1.1 knows no Data Integrity proofs by itself (VC Data Integrity §2.4.1)."""
    way = Way("eddsa-rdfc-2022", parties[issuer].new_key("Ed25519"))
    credential: Json = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": way.did,
        "issuanceDate": "2024-04-02T00:00:00Z",
        "credentialSubject": {"id": HOLDER},
    }
    secured = parties[issuer].issue(credential, way, NOW)
    assert secured["@context"][1:] == ["https://w3id.org/security/data-integrity/v2"]
    parties[verifier].verify(secured, NOW)


@every_selective
@pytest.mark.parametrize(("issuer", "deriver", "verifier"), every_way(3))
def test_what_one_signs_another_derives_and_a_third_verifies(
    parties: Parties, issuer: str, deriver: str, verifier: str, suite: str
) -> None:
    shown = derived(parties[issuer], parties[deriver], suite)
    parties[verifier].verify(shown, NOW)
    text = json.dumps(shown, ensure_ascii=False)
    assert all(word in text for word in CASE["shown"])
    assert not any(word in text for word in CASE["hidden"])


@every_selective
@pytest.mark.parametrize("issuer", NAMES)
def test_both_derive_the_same_document(parties: Parties, issuer: str, suite: str) -> None:
    secured = issued(parties[issuer], suite)
    ours, theirs = (parties[name].derive(secured, CASE["reveal"]) for name in NAMES)
    assert {**ours, "proof": None} == {**theirs, "proof": None}


@every_selective
@pytest.mark.parametrize(("issuer", "verifier"), every_way(2))
def test_everything_disclosed_verifies_too(parties: Parties, issuer: str, verifier: str, suite: str) -> None:
    secured = issued(parties[issuer], suite)
    shown = parties[verifier].derive(secured, ["/credentialSubject"])
    assert shown["credentialSubject"] == secured["credentialSubject"]
    parties[verifier].verify(shown, NOW)


def changed_shown_value(secured: Json) -> None:
    secured["credentialSubject"]["familyName"] = "QUELQU’UN-D’AUTRE"


def changed_mandatory_value(secured: Json) -> None:
    secured["validUntil"] = "2199-12-31T22:59:59Z"


def dropped_value(secured: Json) -> None:
    del secured["credentialSubject"]["admissionMode"]


def added_value(secured: Json) -> None:
    secured["credentialSubject"]["birthFamilyName"] = "AJOUTÉ"


def undefined_term(secured: Json) -> None:
    secured["credentialSubject"]["loisirs"] = "voile"


def changed_proof_option(secured: Json) -> None:
    secured["proof"]["created"] = "2026-07-01T11:00:00Z"


def changed_proof_value(secured: Json) -> None:
    value = secured["proof"]["proofValue"]
    middle = len(value) // 2
    secured["proof"]["proofValue"] = (
        value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    )


def removed_proof(secured: Json) -> None:
    del secured["proof"]


TAMPERINGS = [
    changed_shown_value,
    changed_mandatory_value,
    dropped_value,
    added_value,
    undefined_term,
    changed_proof_option,
    changed_proof_value,
    removed_proof,
]


@pytest.mark.parametrize("tamper", TAMPERINGS)
@pytest.mark.parametrize("suite", [*WHOLE, *SELECTIVE])
@pytest.mark.parametrize(("maker", "verifier"), every_way(2))
def test_everybody_refuses_a_credential_that_was_changed(
    parties: Parties, maker: str, verifier: str, suite: str, tamper: Callable[[Json], None]
) -> None:
    party = parties[verifier]
    honest = (
        issued(parties[maker], suite) if suite in WHOLE else derived(parties[maker], parties[maker], suite)
    )
    tampered = copy.deepcopy(honest)
    tamper(tampered)
    with pytest.raises(party.refuses):
        party.verify(tampered, NOW)
    party.verify(honest, NOW)


@every_selective
@pytest.mark.parametrize("verifier", NAMES)
@pytest.mark.parametrize("maker", NAMES)
def test_everybody_refuses_a_base_proof_in_place_of_a_derived_one(
    parties: Parties, maker: str, verifier: str, suite: str
) -> None:
    party = parties[verifier]
    with pytest.raises(party.refuses):
        party.verify(issued(parties[maker], suite), NOW)


@every_selective
@pytest.mark.parametrize("deriver", NAMES)
@pytest.mark.parametrize("maker", NAMES)
def test_nobody_derives_what_is_not_there(parties: Parties, maker: str, deriver: str, suite: str) -> None:
    secured = issued(parties[maker], suite)
    with pytest.raises(parties[deriver].refuses):
        parties[deriver].derive(secured, ["/credentialSubject/skill/7"])


def presented(maker: DataIntegrityParty, suite: str) -> Json:
    """One derived credential and one whole one, held by the key that presents them."""
    way = Way(suite, maker.new_key(WHOLE[suite]))
    credentials = [derived(maker, maker, holder=way.did), issued(maker, "eddsa-rdfc-2022", way.did)]
    return maker.present(credentials, way, REQUEST)


@pytest.mark.parametrize("suite", WHOLE)
@pytest.mark.parametrize(("maker", "verifier"), every_way(2))
def test_what_one_presents_the_other_verifies(
    parties: Parties, maker: str, verifier: str, suite: str
) -> None:
    parties[verifier].verify_presentation(presented(parties[maker], suite), REQUEST)


OTHER_REQUESTS = {
    "another_challenge": dataclasses.replace(REQUEST, challenge="rejoué"),
    "another_domain": dataclasses.replace(REQUEST, domain="https://curieux.example"),
}


@pytest.mark.parametrize("other", OTHER_REQUESTS.values(), ids=OTHER_REQUESTS)
@pytest.mark.parametrize(("maker", "verifier"), every_way(2))
def test_everybody_refuses_a_presentation_made_for_someone_else(
    parties: Parties, maker: str, verifier: str, other: Request
) -> None:
    party, presentation = parties[verifier], presented(parties[maker], "ecdsa-rdfc-2019")
    with pytest.raises(party.refuses):
        party.verify_presentation(presentation, other)
    party.verify_presentation(presentation, REQUEST)


@pytest.mark.parametrize(("maker", "verifier"), every_way(2))
def test_everybody_refuses_a_presentation_with_a_credential_swapped(
    parties: Parties, maker: str, verifier: str
) -> None:
    party = parties[verifier]
    presentation, other = (presented(parties[maker], "eddsa-rdfc-2022") for _ in range(2))
    presentation["verifiableCredential"][0] = other["verifiableCredential"][0]
    with pytest.raises(party.refuses):
        party.verify_presentation(presentation, REQUEST)
