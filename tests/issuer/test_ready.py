"""A credential that its certifier built is signed as it is, under its issuer's name and with a status."""

import datetime as dt
from pathlib import Path

import pytest

from boundary.strict_json import Json, read_object
from issuer.desk import Desk
from issuer.issue import check, issue
from issuer.ready import Ready
from keys.local import LocalSigner
from problems import InputError, MalformedValueError, Problem
from proofs import SUITES, data_integrity
from storage.sqlite.issuance import SqliteLedger

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
DID = "did:web:badges.example"
BADGE: Json = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "Badge fictif",
    "credentialSubject": {
        "id": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://badges.example/1",
            "type": ["Achievement"],
            "name": "Badge",
            "description": "Un badge",
            "criteria": {"narrative": "Aucun"},
        },
    },
}


@pytest.fixture
def desk() -> Desk:
    return Desk(DID, "Badges", LocalSigner.generate("P-256", f"{DID}#key-1"), "https://badges.example/status")


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.db")


def test_it_is_signed_with_an_issuer_a_status_and_the_dates_it_lacked(
    desk: Desk, ledger: SqliteLedger
) -> None:
    (done,) = issue([Ready("badge-1", BADGE)], desk, ledger, NOW)
    document = read_object(done.body)
    assert done.form.name == "ecdsa-rdfc-2019"
    assert document["issuer"] == DID
    assert document["validFrom"] == "2026-11-21T00:00:00Z"
    assert [entry["statusPurpose"] for entry in document["credentialStatus"]] == ["revocation", "suspension"]
    assert {name: document[name] for name in BADGE} == BADGE


def test_given_again_it_is_the_same_credential(desk: Desk, ledger: SqliteLedger) -> None:
    (first,) = issue([Ready("badge-1", BADGE)], desk, ledger, NOW)
    (again,) = issue([Ready("badge-1", BADGE)], desk, ledger, NOW)
    assert (again.body, again.fresh) == (first.body, False)


def test_another_suite_on_request_shows_all_but_the_subject(desk: Desk, ledger: SqliteLedger) -> None:
    (done,) = issue([Ready("badge-1", BADGE, ["ecdsa-sd-2023"])], desk, ledger, NOW)
    shown = data_integrity.derive(read_object(done.body), SUITES, [])
    assert shown["credentialSubject"] == {n: BADGE["credentialSubject"][n] for n in ("id", "type")}
    assert shown.keys() == read_object(done.body).keys()


def test_an_ed25519_key_takes_its_own_suite(ledger: SqliteLedger) -> None:
    signer = LocalSigner.generate("Ed25519", f"{DID}#key-1")
    desk = Desk(DID, "Badges", signer, "https://badges.example/status")
    (done,) = issue([Ready("badge-1", BADGE)], desk, ledger, NOW)
    assert done.form.name == "eddsa-rdfc-2022"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"issuer": "did:web:autre.example"}, "ready.other_issuer"),
        ({"issuer": {"id": "did:web:autre.example"}}, "ready.other_issuer"),
        ({"proof": {}}, "ready.already_secured"),
        ({"credentialStatus": {}}, "ready.already_secured"),
        ({"issuer": {"id": DID, "name": "Ministère imaginaire"}}, "ready.other_issuer"),
        ({"id": DID}, "ready.other_name"),
        ({"id": "https://badges.example/status/token/1"}, "ready.other_name"),
        ({"type": ["VerifiableCredential", "BitstringStatusListCredential"]}, "ready.not_of_a_person"),
        ({"credentialSubject": {"id": "urn:x", "type": "BitstringStatusList"}}, "ready.not_of_a_person"),
        ({"type": ["VerifiableCredential", "DeclaredSkillCredential"]}, "ready.not_of_a_person"),
    ],
)
def test_it_speaks_for_this_issuer_only_and_comes_bare(desk: Desk, members: Json, code: str) -> None:
    with pytest.raises(InputError) as refused:
        check(Ready("badge-1", {**BADGE, **members}), desk, NOW)
    assert refused.value.code == code


def test_what_the_data_model_refuses_is_refused_before_anything_is_recorded(
    desk: Desk, ledger: SqliteLedger
) -> None:
    with pytest.raises(MalformedValueError):
        list(issue([Ready("badge-1", {**BADGE, "credentialSubject": {}})], desk, ledger, NOW))
    assert ledger.unfinished() == 0


def test_an_undefined_term_is_not_signed(desk: Desk, ledger: SqliteLedger) -> None:
    with pytest.raises(Problem):
        list(issue([Ready("badge-1", {**BADGE, "horsContexte": "x"})], desk, ledger, NOW))
    assert ledger.lists() == [], "no index is taken"
