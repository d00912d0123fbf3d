"""What a person decides about: exactly what would be shown, what stays hidden, what cannot be left out."""

import datetime as dt
from typing import Any

import pytest

from exchange import dcql
from exchange.openid4vp.client_id import Asker
from exchange.openid4vp.request import AuthorizationRequest
from wallet import hold
from wallet.consent import Asked, Consent, consent
from wallet.opened import open_held

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
VERIFIER = "x509_san_dns:recruteur.example"
DIPLOMA = "https://w3id.org/passeport/vct/diploma/1"


def query(name: str = "q", *paths: Any, vct: str = DIPLOMA, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, **more}
    return asked | ({"claims": [{"path": list(path)} for path in paths]} if paths else {})


def asked(*queries: Any, **more: Any) -> Asked:
    request = AuthorizationRequest(
        VERIFIER, "https://recruteur.example/a", "n" * 22, dcql.read({"credentials": [*queries], **more})
    )
    return Asked(request, Asker(VERIFIER, "x509_san_dns", "recruteur.example", True))


@pytest.fixture
def held(vault, academy):
    return hold.take(academy.sd_jwt("diploma", vault.new_key(NOW)), vault, NOW)


def ids(items: Any) -> set[str]:
    return {item.id for item in items}


def test_what_is_asked_is_shown_and_the_rest_is_hidden(held):
    [proposal] = consent(asked(query("q", ["family_name"])), [held]).proposals["q"]
    assert proposal.paths == (("family_name",),)
    assert "family_name" in ids(proposal.facts.shown)
    assert "birthdate" in ids(proposal.hidden)
    assert not ids(proposal.facts.shown) & ids(proposal.hidden)
    assert proposal.along == ()
    assert not proposal.everything


def test_without_claims_nothing_that_can_be_hidden_is_shown(held):
    """§6.4.1."""
    [proposal] = consent(asked(query()), [held]).proposals["q"]
    assert proposal.paths == ()
    assert "family_name" in ids(proposal.hidden)


def test_who_asks_for_everything_is_told_of(held):
    every = [list(path) for path in open_held(held).paths]
    [proposal] = consent(asked(query("q", *every)), [held]).proposals["q"]
    assert proposal.everything
    assert proposal.hidden == ()


@pytest.mark.parametrize(
    "wanted",
    [query(vct="urn:other"), query("q", ["absent"]), query("q", ["family_name"], format="ldp_vc",
     meta={"type_values": [["urn:x"]]})],
    ids=["another type", "no such claim", "another format"],
)  # fmt: skip
def test_what_does_not_answer(held, wanted):
    given = consent(asked(wanted), [held])
    assert given.proposals == {"q": []}
    assert not given.possible
    assert given.suggested() == []


def test_a_value_that_the_credential_does_not_have_is_no_answer(held):
    wanted = {**query(), "claims": [{"path": ["family_name"], "values": ["Autre"]}]}
    assert not consent(asked(wanted), [held]).possible


def options(*names: str, required: bool = True) -> dict[str, Any]:
    return {"options": [[name] for name in names], "required": required}


def test_of_two_ways_to_answer_the_possible_one_is_suggested(held):
    sets = [options("absent", "q")]
    given = consent(asked(query(), query("absent", vct="urn:other"), credential_sets=sets), [held])
    assert given.possible
    assert given.required("q")
    assert [one.query for one in given.suggested()] == ["q"]


def test_what_may_be_left_out_is_not_suggested(held):
    sets = [options("q"), options("r", required=False)]
    given = consent(asked(query(), query("r", ["mention"]), credential_sets=sets), [held])
    assert not given.required("r")
    assert given.proposals["r"]
    assert [one.query for one in given.suggested()] == ["q"]


def test_without_sets_all_queries_are_required(held):
    given = consent(asked(query(), query("r")), [held])
    assert given.required("q")
    assert given.required("r")
    assert {one.query for one in given.suggested()} == {"q", "r"}


def test_copies_that_nobody_has_seen_come_first(vault, academy):
    copies = [hold.take(academy.sd_jwt("diploma", vault.new_key(NOW)), vault, NOW) for _ in range(3)]
    seen = {copies[0].id: 2, copies[1].id: 1}
    given = consent(asked(query()), copies, lambda one: seen.get(one.id, 0))
    assert [one.held for one in given.proposals["q"]] == copies[::-1]


def test_an_endorsement_is_no_answer_of_its_own(vault, academy, employer):
    key = vault.new_key(NOW)
    diploma = academy.sd_jwt("diploma", key)
    held = hold.take(diploma, vault, NOW)
    endorsement = hold.take(employer.endorsement(diploma, key), vault, NOW)
    assert endorsement.endorses == held.id
    wanted = query(vct="https://w3id.org/passeport/vct/endorsement/1")
    assert not consent(asked(wanted), vault.credentials()).possible


def test_no_holder_no_bound_answer(vault, academy):
    unbound = hold.take(academy.sd_jwt("diploma", None), vault, NOW)
    assert not consent(asked(query()), [unbound]).possible
    given: Consent = consent(asked(query(require_cryptographic_holder_binding=False)), [unbound])
    assert given.possible
