"""What makes two orders the same, and what the desk adds to a certifier's claims."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from issuer.desk import Desk
from issuer.order import Award, chosen, complete, day_of, stamp
from keys.dids import key as did_key
from keys.local import LocalSigner
from problems import InputError
from storage.issuance import Draft, Intent, StatusKind

NewAward = Callable[..., Award]
PARIS = dt.timezone(dt.timedelta(hours=1))


def intent(kind: StatusKind = "token") -> Intent:
    draft = Draft("A", "form", kind, "diploma", b"")
    return Intent(draft, f"urn:uuid:{uuid.UUID(int=7)}", 3, 42, dt.datetime(2026, 11, 21, tzinfo=dt.UTC))


def test_the_same_claims_in_another_order_are_the_same_content(award: NewAward) -> None:
    order = award()
    turned = replace(order, claims=dict(reversed(order.claims.items())))
    assert turned.digest() == order.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"claims": {"name": "other"}},
        {"holder": None},
        {"holder": did_key.did(LocalSigner.generate("P-256").public_key)},
        {"template": "certification"},
    ],
    ids=["claims", "unbound", "another-holder", "another-template"],
)
def test_other_claims_holder_or_template_are_other_content(award: NewAward, change) -> None:
    assert replace(award(), **change).digest() != award().digest()


def test_the_forms_asked_for_are_no_content(award: NewAward) -> None:
    """A form can be added later under the same reference."""
    assert award(asked=["dc+sd-jwt"]).digest() == award().digest()


def test_the_desk_says_who_issues_when_and_where_the_status_stands(award: NewAward, desk: Desk) -> None:
    row = complete(award(awarded="2024-07-05"), desk, intent())
    assert row["issuer"] == {"did": desk.did, "name": desk.name}
    assert row["issued_at"] == row["valid_from"] == "2026-11-21T00:00:00Z"
    assert row["credential_id"] == intent().credential_id
    assert row["status"] == {"tsl_uri": "https://academie.example/status/token/3", "tsl_index": 42}


def test_claims_cannot_speak_for_the_desk(award: NewAward, desk: Desk) -> None:
    forged = award(
        issuer={"did": "did:web:other.example"}, status={}, credential_id="urn:x:y", valid_from="x"
    )
    row = complete(forged, desk, intent())
    assert row["issuer"]["did"] == desk.did
    assert row["credential_id"] == intent().credential_id
    assert row["status"]["tsl_index"] == 42
    assert row["valid_from"] == row["issued_at"]


def test_an_award_to_come_is_valid_from_its_day_on(award: NewAward, desk: Desk) -> None:
    row = complete(award(awarded="2027-01-02"), desk, intent())
    assert row["valid_from"] == "2027-01-02T00:00:00Z"
    assert row["issued_at"] == "2026-11-21T00:00:00Z"


def test_a_bitstring_status_has_an_entry_for_each_purpose(award: NewAward, desk: Desk) -> None:
    entries = complete(award(), desk, intent("bitstring"))["status"]["entries"]
    assert [(entry["purpose"], entry["index"]) for entry in entries] == [
        ("revocation", "42"),
        ("suspension", "42"),
    ]
    assert len({entry["list"] for entry in entries}) == 2


def test_a_holder_is_named_and_bound_by_the_same_key(award: NewAward, desk: Desk) -> None:
    order = award()
    holder = complete(order, desk, intent())["holder"]
    assert holder["did"] == order.holder
    assert holder["jwk"]["kty"] == "EC"


def test_without_a_key_the_subject_is_a_name_used_once(award: NewAward, desk: Desk) -> None:
    """Made from the credential's id alone: the same after a crash, another for each copy."""
    one, again = (complete(award(bound=None), desk, intent())["holder"] for _ in range(2))
    other = complete(award(bound=None), desk, replace(intent(), credential_id="urn:uuid:other"))["holder"]
    assert one == again
    assert one.keys() == {"did"}
    assert one["did"].startswith("urn:uuid:")
    assert one["did"] != other["did"]
    assert one["did"] != intent().credential_id


@pytest.mark.parametrize("holder", ["did:key:zNotAKey", "did:web:personne.example", "nonsense", "did:key:"])
def test_a_holder_that_is_no_key_is_refused(award: NewAward, desk: Desk, holder: str) -> None:
    with pytest.raises(InputError) as caught:
        complete(award(bound=holder), desk, intent())
    assert caught.value.code == "issue.holder_key"


def test_times_are_rounded_to_the_day_in_utc() -> None:
    """Finer times would link the copies that were made together."""
    late = dt.datetime(2026, 11, 22, 0, 30, 15, 999, tzinfo=PARIS)
    assert stamp(day_of(late)) == "2026-11-21T00:00:00Z"


@pytest.mark.parametrize(
    ("asked", "found"),
    [(None, ["a"]), ([], ()), (["b", "a", "b"], ("b", "a"))],
    ids=["usual", "none", "twice"],
)
def test_forms_are_those_asked_for_each_once_or_the_usual(asked, found) -> None:
    assert chosen(asked, ["a"], ["a", "b"]) == found
