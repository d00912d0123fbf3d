"""The holder's own word: signed by them alone, kept whole, and never taken for more."""

import datetime as dt
from collections.abc import Callable

import pytest

from boundary.sources import Nowhere
from boundary.strict_json import read_object
from credentials.facts import SkillFact
from keys.dids import key as did_key
from keys.dids.resolve import resolver
from problems import InputError, MalformedValueError, Problem
from proofs import SUITES, data_integrity, sd_jwt
from proofs.data_integrity import Expectation
from wallet import hold
from wallet.declare import declare_skill
from wallet.opened import open_held
from wallet.vault import Vault

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
PERSON = {"given_name": "Camille Fictive", "family_name": "EXEMPLE"}


def test_both_forms_are_kept_with_one_new_key(vault: Vault) -> None:
    held = declare_skill(vault, {"name": "Tenir un planning", "level": "3"}, PERSON, NOW)
    assert vault.credentials() == held
    assert {one.media_type for one in held} == {"application/vc", "application/dc+sd-jwt"}
    [key] = vault.holder_keys()
    for one in held:
        facts = hold.facts_of(one)
        assert facts.holder_key == key.public
        assert facts.skills == (SkillFact("s1", "Tenir un planning", level="3", level_scale="workplace-4"),)


def test_it_is_the_holders_word_and_nobody_elses(vault: Vault) -> None:
    for one in declare_skill(vault, {"name": "Souder"}, PERSON, NOW):
        facts = hold.facts_of(one)
        assert facts.self_declared
        assert facts.issuer_name is None
        assert facts.issuer_id == facts.holder_id
        assert facts.status == ()


def test_each_declaration_has_a_key_of_its_own(vault: Vault) -> None:
    for name in ("Souder", "Souder"):
        declare_skill(vault, {"name": name}, PERSON, NOW)
    assert len(vault.holder_keys()) == 2
    assert len(vault.credentials()) == 4


def test_the_signatures_hold(vault: Vault) -> None:
    keys = resolver(Nowhere())
    for one in declare_skill(vault, {"name": "Souder"}, PERSON, NOW):
        if one.media_type == "application/vc":
            data_integrity.verify(read_object(one.body), SUITES, keys, Expectation("assertionMethod", NOW))
        else:
            sd_jwt.receive(one.body.decode(), keys, now=NOW)


def test_the_name_can_be_hidden(vault: Vault) -> None:
    [sd] = [
        one for one in declare_skill(vault, {"name": "Souder"}, PERSON, NOW) if "sd-jwt" in one.media_type
    ]
    assert {item.id for item in open_held(sd).items} == {"given_name", "family_name"}


@pytest.mark.parametrize(
    ("skill", "person"),
    [
        ({"name": " "}, PERSON),
        ({"name": "x" * 3000}, PERSON),
        ({"name": "Souder\u202e"}, PERSON),
        ({"name": "Souder", "code": "1"}, PERSON),
        ({"name": "Souder", "level": "5"}, PERSON),
        ({"name": "Souder", "level": "trois"}, PERSON),
        ({"name": "Souder", "level": ""}, PERSON),
        ({"name": "Souder", "diplôme": "oui"}, PERSON),
        ({}, PERSON),
        ({"name": "Souder"}, {"given_name": ""}),
        ({"name": "Souder"}, {"nir": "1"}),
    ],
    ids=["blank", "long", "controls", "code-alone", "level-5", "level-word", "level-empty", "unknown", "none",
         "blank-name", "unknown-of-person"],
)  # fmt: skip
def test_what_makes_no_declaration_leaves_nothing(vault: Vault, skill, person) -> None:
    """No key without its credential either."""
    with pytest.raises((MalformedValueError, InputError)) as caught:
        declare_skill(vault, skill, person, NOW)
    assert caught.value.says("fr").next_step
    assert list(vault.contents()) == []


def test_a_crash_between_the_forms_keeps_neither(new_vault: Callable[[], Vault], monkeypatch) -> None:
    vault = new_vault()
    monkeypatch.setattr(type(vault._store), "add", _fail)
    with pytest.raises(Problem):
        declare_skill(vault, {"name": "Souder"}, PERSON, NOW)
    monkeypatch.undo()
    assert list(vault.contents()) == []


def _fail(store, records) -> int:
    """All that is declared comes in one transaction; here it fails."""
    assert len(records) == 3
    raise InputError("storage.full")


def test_the_key_is_named_by_itself(vault: Vault) -> None:
    [one, _] = declare_skill(vault, {"name": "Souder"}, PERSON, NOW)
    [key] = vault.holder_keys()
    assert hold.facts_of(one).issuer_id == did_key.did(key.public)
