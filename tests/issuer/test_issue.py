"""The pipeline: the order of its steps, and that nothing is ever issued twice."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from boundary.strict_json import read_object
from credentials.forms import FORMS
from issuer import issue as pipeline
from issuer.issue import BATCH, Issued, Step, check, issue
from issuer.order import Award
from keys.local import LocalSigner
from problems import ConflictError, InputError, MalformedValueError, Problem
from proofs import jws, sd_jwt
from storage.sqlite.issuance import SqliteLedger

NewAward = Callable[..., Award]
BOTH = {"dc+sd-jwt", "ecdsa-sd-2023"}


def status_of(done: Issued) -> tuple[str, int]:
    if done.form.status == "token":
        payload = jws.claims(jws.parse(sd_jwt.parse(done.body.decode()).issuer_jwt))
        return payload["status"]["status_list"]["uri"], payload["status"]["status_list"]["idx"]
    entry = read_object(done.body)["credentialStatus"][0]
    return entry["statusListCredential"], int(entry["statusListIndex"])


def test_one_award_gives_a_credential_per_form(desk, ledger, now, award: NewAward) -> None:
    done = list(issue([award()], desk, ledger, now))
    assert {one.form.name for one in done} == BOTH
    assert all(one.fresh for one in done)
    assert {one.credential_id for one in done} == {i.credential_id for i in ledger.issued()}
    assert [one.body for one in done] == [intent.body for intent in ledger.issued()]
    assert ledger.unfinished() == 0


def test_the_index_that_is_signed_is_the_one_that_was_recorded(desk, ledger, now, award: NewAward) -> None:
    done = {one.credential_id: status_of(one) for one in issue([award()], desk, ledger, now)}
    recorded = {
        intent.credential_id: (
            desk.list_url(intent.draft.kind, intent.status_list),
            intent.status_index,
        )
        for intent in ledger.issued()
    }
    assert done == recorded


def test_each_step_finds_done_what_comes_before_it(desk, ledger_path: Path, now, award: NewAward) -> None:
    """Recorded before signed, stored before handed over; seen by another connection, so durable."""
    seen: list[tuple[Step, int, int]] = []

    def look(step: Step) -> None:
        other = SqliteLedger(ledger_path)
        seen.append((step, other.unfinished(), len(list(other.issued()))))
        other.close()

    ledger = SqliteLedger(ledger_path)
    assert len(list(issue([award()], desk, ledger, now, look))) == 2
    ledger.close()
    assert seen == [("validated", 0, 0), ("recorded", 2, 0), ("secured", 2, 0), ("stored", 0, 2)]


def test_the_same_order_again_gives_the_same_bytes_and_signs_nothing(ledger, desk, now, award) -> None:
    class Refusing:
        """Stands for a key that is gone: whoever signs with it learns so."""

        algorithm = "P-256"
        verification_method = "did:web:academie.example#key-1"

        def sign(self, data: bytes) -> bytes:
            raise AssertionError("signed again")

    first = list(issue([award()], desk, ledger, now))
    later = list(issue([award()], replace(desk, signer=Refusing()), ledger, now + dt.timedelta(days=400)))
    assert [one.body for one in later] == [one.body for one in first]
    assert not any(one.fresh for one in later)
    assert len(list(ledger.issued())) == 2


def test_an_order_twice_in_one_batch_is_one_credential(desk, ledger, now, award: NewAward) -> None:
    done = list(issue([award(), award()], desk, ledger, now))
    assert [one.fresh for one in done] == [True, True, False, False]
    assert len({one.body for one in done}) == 2


@pytest.mark.parametrize("change", [{"birthdate": "2000-03-01"}, {"bound": None}], ids=["claims", "holder"])
def test_a_reference_with_other_content_is_refused_before_anything_is_recorded(
    desk, ledger, now, award: NewAward, change
) -> None:
    list(issue([award("A")], desk, ledger, now))
    with pytest.raises(ConflictError) as caught:
        list(issue([award("B"), award("A", **change)], desk, ledger, now))
    assert caught.value.code == "issue.reference_taken"
    assert {intent.draft.reference for intent in ledger.issued()} == {"A"}
    assert ledger.unfinished() == 0


def test_claims_that_make_no_credential_are_refused_before_an_index_is_taken(
    desk, ledger, now, award: NewAward
) -> None:
    steps: list[Step] = []
    with pytest.raises(MalformedValueError):
        list(issue([award("A"), award("B", name=" ")], desk, ledger, now, steps.append))
    assert steps == []
    assert ledger.lists() == []


def test_what_ends_before_it_begins_is_refused_before_an_index_is_taken(desk, ledger, now, award) -> None:
    with pytest.raises(Problem):
        list(issue([award(valid_until="2026-11-20T23:59:59Z")], desk, ledger, now))
    assert ledger.lists() == []


def test_batches_follow_each_other_and_a_bad_one_stops_there(desk, ledger, now, award: NewAward) -> None:
    """What was yielded stays issued; nothing of the batch in error is."""
    orders = [award(f"A{n}", asked=["dc+sd-jwt"]) for n in range(BATCH + 3)] + [award("B", name=" ")]
    steps: list[Step] = []
    done: list[Issued] = []
    with pytest.raises(MalformedValueError):
        done.extend(issue(orders, desk, ledger, now, steps.append))
    assert steps == ["validated", "recorded", "secured", "stored"]
    assert len(list(ledger.issued())) == BATCH
    again = list(issue(orders[:-1], desk, ledger, now))
    assert [one.reference for one in again] == [order.reference for order in orders[:-1]]
    assert [one.fresh for one in again] == [False] * BATCH + [True] * 3


def test_orders_are_taken_one_batch_at_a_time(desk, ledger, now, award: NewAward) -> None:
    """A file of 200,000 rows never stands in memory."""
    taken = 0

    def endless() -> Iterator[Award]:
        nonlocal taken
        while True:
            taken += 1
            yield award(f"A{taken}", asked=["dc+sd-jwt"])

    next(issue(endless(), desk, ledger, now))
    assert taken == BATCH


def test_a_key_that_fails_in_the_middle_loses_nothing(desk, ledger, now, award: NewAward, signer) -> None:
    class Tired:
        """Signs twice, then its key is revoked by somebody else."""

        algorithm = signer.algorithm
        verification_method = signer.verification_method
        left = 2

        def sign(self, data: bytes) -> bytes:
            if not self.left:
                raise ConflictError("key.revoked", key="key-1")
            self.left -= 1
            return signer.sign(data)

    orders = [award(f"A{n}", asked=["dc+sd-jwt"]) for n in range(5)]
    with pytest.raises(ConflictError):
        list(issue(orders, replace(desk, signer=Tired()), ledger, now))
    assert ledger.unfinished() == 5
    recorded = [
        intent.credential_id
        for intent in ledger.record([draft for order in orders for draft in check(order, desk, now)], now)
    ]
    done = list(issue(orders, desk, ledger, now))
    assert [one.credential_id for one in done] == recorded
    assert all(one.fresh for one in done)


def test_two_desks_at_once_hand_over_the_same_bytes(desk, ledger_path: Path, now, award: NewAward) -> None:
    """Each signs; those kept first are the credential, whoever asks."""
    one, two = SqliteLedger(ledger_path), SqliteLedger(ledger_path)
    other: list[Issued] = []

    def overtake(step: Step) -> None:
        if step == "secured":
            other.extend(issue([award()], desk, two, now))

    done = list(issue([award()], desk, one, now, overtake))
    one.close()
    two.close()
    assert [item.body for item in done] == [item.body for item in other]
    assert [item.fresh for item in done] == [False, False]
    assert [item.fresh for item in other] == [True, True]


# forms and keys


def test_a_form_alone_can_be_asked_for_and_another_later(desk, ledger, now, award: NewAward) -> None:
    [sd] = issue([award(asked=["dc+sd-jwt"])], desk, ledger, now)
    assert sd.form.name == "dc+sd-jwt"
    both = list(issue([award()], desk, ledger, now))
    assert {one.form.name: one.fresh for one in both} == {"dc+sd-jwt": False, "ecdsa-sd-2023": True}


def test_a_form_named_twice_is_secured_once(desk, ledger, now, award: NewAward) -> None:
    assert len(list(issue([award(asked=["dc+sd-jwt", "dc+sd-jwt"])], desk, ledger, now))) == 1


@pytest.mark.parametrize("form", ["eddsa-rdfc-1999", "jwt", ""])
def test_a_form_that_the_type_does_not_have_is_refused(desk, ledger, now, award: NewAward, form) -> None:
    with pytest.raises(InputError) as caught:
        list(issue([award(asked=[form])], desk, ledger, now))
    assert caught.value.code == "issue.form"
    assert ledger.lists() == []


def test_a_key_that_cannot_sign_a_form_is_refused_before_an_index_is_taken(ledger, desk, now, award) -> None:
    ed25519 = replace(desk, signer=LocalSigner.generate("Ed25519", "did:web:academie.example#key-2"))
    with pytest.raises(InputError) as caught:
        list(issue([award()], ed25519, ledger, now))
    assert caught.value.code == "issue.algorithm"
    assert ledger.lists() == []
    [done] = issue([award(asked=["dc+sd-jwt"])], ed25519, ledger, now)
    assert jws.parse(sd_jwt.parse(done.body.decode()).issuer_jwt).header["alg"] == "EdDSA"


def test_every_form_of_every_template_is_in_the_table() -> None:
    from credentials import templates

    named = {form for name in templates.names() for form in templates.load(name).securing}
    assert named <= FORMS.keys()


def test_what_is_checked_is_what_is_signed(desk, ledger, now, award: NewAward, monkeypatch) -> None:
    """It is checked before it has its id and index: nothing else may differ."""
    checked = []
    form = FORMS["ecdsa-sd-2023"]
    monkeypatch.setitem(
        pipeline.FORMS,
        "ecdsa-sd-2023",
        replace(form, check=lambda document: checked.append(document) or form.check(document)),
    )
    [done] = issue([award(asked=["ecdsa-sd-2023"])], desk, ledger, now)
    signed = read_object(done.body)
    del signed["proof"]
    [before] = checked
    for document in (before, signed):
        del document["id"]
        for entry in document["credentialStatus"]:
            del entry["id"], entry["statusListIndex"], entry["statusListCredential"]
    assert signed == before
