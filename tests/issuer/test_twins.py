"""Twins stand beside their credential, come again when asked again, and are withdrawn with it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from credentials import twin
from credentials.status import check_status
from exchange import presentation
from exchange.said import said
from issuer.desk import Desk
from issuer.issue import BATCH, issue
from issuer.order import Award
from issuer.publish import publish
from issuer.twins import IssuedTwin, issue_twins
from keys.local import LocalSigner
from keys.resolver import VerificationKey
from problems import InputError
from proofs import SUITES

NewAward = Callable[..., Award]


@pytest.fixture
def twinned(desk, ledger, now):
    """Issues awards with their twins; returns the twins."""

    def made(*awards: Award) -> list[IssuedTwin]:
        return [
            one
            for _, twins in issue_twins(issue(awards, desk, ledger, now), desk, ledger, now)
            for one in twins
        ]

    return made


def test_each_credential_has_a_paper_and_a_screen(twinned, award: NewAward, signer) -> None:
    made = twinned(award())
    assert [(one.of.form.name, one.kind) for one in made] == [
        ("ecdsa-sd-2023", "paper"), ("ecdsa-sd-2023", "screen"),
        ("dc+sd-jwt", "paper"), ("dc+sd-jwt", "screen"),
    ]  # fmt: skip
    for one in made:
        read = twin.parse(one.body)
        read.verify(signer.public_key)
        [part] = presentation.read(one.of.body)
        assert twin.binds(read, said(part).digests)
        assert read.kind == one.kind
    assert {one.extension for one in made} == {
        "json.paper.cwt", "json.screen.cwt", "sd-jwt.paper.cwt", "sd-jwt.screen.cwt",
    }  # fmt: skip


def test_a_twin_is_that_of_one_form_only(twinned, award: NewAward) -> None:
    """So a paper does not link to what is shown of the other form."""
    digests = {one.of.form.name: twin.parse(one.body).digest for one in twinned(award())}
    assert len(set(digests.values())) == 2


def test_every_twin_has_a_place_of_its_own(twinned, award: NewAward, ledger) -> None:
    places = [twin.parse(one.body).status for one in twinned(award("A"), award("B"))]
    tokens = [(i.status_list, i.status_index) for i in ledger.issued() if i.draft.kind == "token"]
    assert len(set(places)) == len(places) == 8
    assert len(set(tokens)) == len(tokens) == 10  # and none is that of an SD-JWT VC


def test_bound_to_nobody_there_is_paper_only(twinned, award: NewAward) -> None:
    assert {one.kind for one in twinned(award(bound=None))} == {"paper"}


def test_without_a_birth_date_there_is_a_screen_only(twinned, award: NewAward) -> None:
    assert {one.kind for one in twinned(award(birthdate=None))} == {"screen"}


def test_asked_again_they_are_the_same(twinned, award: NewAward) -> None:
    assert [one.body for one in twinned(award())] == [one.body for one in twinned(award())]


def test_twins_may_come_later(desk, ledger, now, award: NewAward, twinned) -> None:
    bodies = [done.body for done in issue([award()], desk, ledger, now)]
    made = twinned(award())
    assert {one.of.body for one in made} == set(bodies)


def test_more_than_a_batch(twinned, award: NewAward) -> None:
    made = twinned(*(award(f"B-{n}", asked=["dc+sd-jwt"]) for n in range(BATCH + 2)))
    assert len(made) == 2 * (BATCH + 2)


@pytest.mark.parametrize("value", ["revoked", "suspended"])
def test_a_credential_and_its_twins_are_withdrawn_together(
    desk, signer, ledger, now: dt.datetime, award: NewAward, twinned, value
) -> None:
    """In one transaction, by the reference that they share; and nobody else's."""
    made = twinned(award("A"), award("B"))
    assert ledger.set_status("A", value, "essai", now) == 6  # two forms, two twins each
    lists = {published.url: published.body for published in publish(desk, ledger, now)}

    class Keys:
        def resolve(self, verification_method, purpose):
            return VerificationKey(signer.public_key, verification_method, desk.did)

    for one in made:
        status = twin.parse(one.body).status
        for end in ("", ".cwt"):
            answer = check_status(
                status, lists[status.uri + end], issuer=desk.did, keys=Keys(), suites=SUITES, now=now
            )
            assert answer.state == (value if one.of.reference == "A" else "valid")


def test_no_twin_of_what_was_withdrawn(desk, ledger, now, award: NewAward, twinned) -> None:
    list(issue([award("A")], desk, ledger, now))
    ledger.set_status("A", "revoked", "essai", now)
    assert twinned(award("A")) == []


def test_a_twin_that_joins_what_is_suspended_is_suspended(
    desk, ledger, now, award: NewAward, twinned
) -> None:
    list(issue([award("A")], desk, ledger, now))
    ledger.set_status("A", "suspended", "essai", now)
    assert len(twinned(award("A"))) == 4
    listed = [entry.value for kind, number in ledger.lists() for entry in ledger.listed(kind, number)]
    assert listed == ["suspended"] * 6


def test_a_crash_between_record_and_signature_costs_nothing(desk, ledger, now, award: NewAward) -> None:
    """The intents are there; whoever comes back signs them, in the same places."""

    done = list(issue([award()], desk, ledger, now))
    recorded = ledger.unfinished()
    drafts = [(one.draft, kind) for one in done for kind in twin.KINDS]
    intents = ledger.record(
        [replace(draft, form=f"{draft.form}/{kind}", kind="token") for draft, kind in drafts], now
    )
    assert ledger.unfinished() == recorded + 4
    made = [one for _, twins in issue_twins(done, desk, ledger, now) for one in twins]
    assert [twin.parse(one.body).status.index for one in made] == [intent.status_index for intent in intents]
    assert ledger.unfinished() == recorded


def test_what_cannot_be_named_has_no_twin(desk, ledger, now, award: NewAward, monkeypatch) -> None:
    """A form whose presentations do not link has no digest, and a twin would link them."""
    from issuer import twins as module

    nameless = lambda part: replace(said(part), digests=())  # noqa: E731
    monkeypatch.setattr(module, "said", nameless)
    done = issue([award()], desk, ledger, now)
    assert [twins for _, twins in issue_twins(done, desk, ledger, now)] == [[], []]


def test_a_desk_whose_key_signs_no_twins(desk, ledger, now, award: NewAward) -> None:
    other = Desk(desk.did, desk.name, LocalSigner.generate("Ed25519", f"{desk.did}#key-2"), desk.status_base)
    with pytest.raises(InputError) as raised:
        list(issue_twins([], other, ledger, now))
    assert raised.value.code == "twin.key"
