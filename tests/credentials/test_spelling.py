"""A document says what it says in one spelling: no other may carry a statement past a reader."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contexts import PRODUCT
from credentials.spelling import check_spelling
from problems import MalformedValueError
from proofs.rdf import canonical_form

STATUS = "https://www.w3.org/2018/credentials#credentialStatus"
VOCABULARY = "https://w3id.org/passeport/vocab#"
DIPLOMA: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://w3id.org/passeport/v1",
    ],
    "id": "urn:uuid:00000000-0000-4000-8000-000000000001",
    "type": ["VerifiableCredential", "OpenBadgeCredential", "DiplomaCredential"],
    "issuer": "did:web:academie.example",
    "credentialStatus": {
        "id": "https://academie.example/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://academie.example/status/1",
    },
    "credentialSubject": {"id": "did:key:zHolder", "type": ["AchievementSubject", "Holder"]},
}


def _status_by_iri(document: dict[str, Any]) -> None:
    document[STATUS] = document.pop("credentialStatus")


def _type_by_keyword(document: dict[str, Any]) -> None:
    document["type"].remove("DiplomaCredential")
    document["@type"] = [VOCABULARY + "DiplomaCredential"]


def _type_by_iri(document: dict[str, Any]) -> None:
    document["type"][2] = VOCABULARY + "DiplomaCredential"


def _id_by_keyword(document: dict[str, Any]) -> None:
    document["@id"] = document.pop("id")


def _status_elsewhere(document: dict[str, Any]) -> None:
    document["@included"] = [{"id": document["id"], "credentialStatus": document.pop("credentialStatus")}]


RESPELLED: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a status under its IRI": (_status_by_iri, "spelling.member"),
    "a type under @type": (_type_by_keyword, "spelling.member"),
    "a type as an IRI": (_type_by_iri, "spelling.type"),
    "an id under @id": (_id_by_keyword, "spelling.member"),
    "a status in @included": (_status_elsewhere, "spelling.member"),
}


@pytest.mark.parametrize("defect", RESPELLED)
def test_the_same_statements_in_another_spelling_are_refused(defect: str) -> None:
    """The canonical form, which a proof covers, is the same: only this gate tells them apart."""
    bend, code = RESPELLED[defect]
    bent = copy.deepcopy(DIPLOMA)
    bend(bent)
    if defect != "a status in @included":
        assert canonical_form(bent, PRODUCT).text == canonical_form(DIPLOMA, PRODUCT).text
    with pytest.raises(MalformedValueError) as refused:
        check_spelling(bent)
    assert refused.value.code == code
    check_spelling(DIPLOMA)


def test_a_node_described_in_two_places_is_refused() -> None:
    described = {"id": "https://academie.example/1", "name": "A"}
    with pytest.raises(MalformedValueError) as refused:
        check_spelling({**DIPLOMA, "evidence": described, "termsOfUse": {**described, "name": "B"}})
    assert refused.value.code == "spelling.described_twice"


def test_a_node_named_in_two_places_and_described_in_one_is_fine() -> None:
    check_spelling({**DIPLOMA, "evidence": {"id": "urn:x", "name": "A"}, "termsOfUse": {"id": "urn:x"}})


def test_who_issues_to_themselves_is_issuer_and_subject() -> None:
    holder = {"id": "did:key:zHolder", "name": "Camille Fictive"}
    check_spelling({**DIPLOMA, "issuer": holder, "credentialSubject": {**holder, "type": "Holder"}})


def test_a_name_that_only_a_computation_gives_is_refused() -> None:
    with pytest.raises(MalformedValueError) as refused:
        check_spelling({**DIPLOMA, "evidence": {"id": "_:b0"}})
    assert refused.value.code == "spelling.blank_node"


def test_value_objects_keep_their_keywords() -> None:
    check_spelling({**DIPLOMA, "name": [{"@value": "Diplôme", "@language": "fr"}]})


def test_nothing_moves_to_a_node_below_the_issuer() -> None:
    """What hangs on the issuer may refer to the document, and must not describe it."""
    told = {"id": DIPLOMA["id"], "type": "VerifiableCredential", "validUntil": "2026-02-01T00:00:00Z"}
    with pytest.raises(MalformedValueError) as refused:
        check_spelling({**DIPLOMA, "issuer": {"id": "did:web:academie.example", "endorsement": [told]}})
    assert refused.value.code == "spelling.described_twice"


def test_an_issuer_does_not_bear_the_documents_name() -> None:
    with pytest.raises(MalformedValueError) as refused:
        check_spelling({**DIPLOMA, "issuer": {"id": DIPLOMA["id"], "validUntil": "2026-02-01T00:00:00Z"}})
    assert refused.value.code == "spelling.described_twice"


def test_a_url_as_type_passes_only_where_nothing_follows_from_it() -> None:
    """VCDM 2.0 §4.5 allows it; who looks for the word would not find the type."""
    document = {**DIPLOMA, "type": ["VerifiableCredential", f"{VOCABULARY}DiplomaCredential"]}
    with pytest.raises(MalformedValueError, match=r"spelling\.type"):
        check_spelling(document)
    check_spelling(document, type_urls=True)
    with pytest.raises(MalformedValueError, match=r"spelling\.blank_node"):
        check_spelling({**document, "type": ["VerifiableCredential", "_:b0"]}, type_urls=True)
