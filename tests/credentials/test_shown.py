"""Protects: the same choice of items shows the same content, whichever way the credential is secured."""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.facts import facts_ld, facts_sd
from credentials.items import items_ld
from credentials.shown import FOREIGN_ITEMS, shown_foreign


def _visible(facts):
    """The facts that do not depend on how the credential is secured."""
    return {
        field.name: getattr(facts, field.name)
        for field in dataclasses.fields(facts)
        if field.name not in ("id", "status", "issued_on", "endorsement", "holder_id")
    }


def test_everything_shown_is_the_same_in_both_forms(example):
    assert _visible(facts_ld(example.ld)) == _visible(facts_sd(example.sd))


def test_each_item_shown_alone_is_the_same_in_both_forms(example):
    if not example.template.mandatory:
        pytest.skip("a public document: nothing is chosen")
    for item in items_ld(example.template, example.ld):
        _require_same(example, {item.id})


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_choice_of_items_is_the_same_in_both_forms(examples, data):
    selective = sorted(name for name, example in examples.items() if example.template.mandatory)
    example = examples[data.draw(st.sampled_from(selective))]
    ids = [item.id for item in items_ld(example.template, example.ld)]
    _require_same(example, data.draw(st.sets(st.sampled_from(ids)) if ids else st.just(set())))


def _require_same(example, chosen):
    ld, sd = facts_ld(example.show_ld(chosen)), facts_sd(example.show_sd(chosen))
    assert _visible(ld) == _visible(sd)
    shown = [item for item in ld.shown if not item.always]
    assert len(shown) == len(chosen)
    assert {item.label["fr"] for item in shown} == {
        item.label["fr"] for item in items_ld(example.template, example.ld) if item.id in chosen
    }


def test_hidden_values_are_absent(examples):
    """Not only from the facts: from the document that they are read from."""
    example = examples["certification"]
    for shown in (example.show_ld({"block.1"}), example.show_sd({"block.1"})):
        text = repr(shown)
        assert "RNCP37674BC02" in text
        assert not any(value in text for value in ("RNCP37674BC01", "2000-02-29", "Camille", "TRES_BIEN"))


def test_the_content_of_an_item_in_its_normal_form(examples):
    shown = {item.id: item for item in facts_ld(examples["rs-certification-digital"].ld).shown}
    assert shown["cefr.overall"].value == "B2"
    assert shown["cefr_reading"].value == "C1"
    assert shown["mention"].value == "MENTION_ASSEZ_BIEN"
    assert shown["score"].value == {"value": "742"}
    assert shown["digcomp.1"].value == {"part": "1.2", "level": "4"}
    assert shown["access_route"].value == {"access_route": "VAE", "vae_route": "CONGES_VAE"}
    assert shown["exam"].value == {"start_date": "2026-03-30", "end_date": "2026-04-01", "mode": "MIXTE"}


def test_what_was_always_shown_is_told_from_what_was_chosen(examples):
    shown = facts_ld(examples["certification"].ld).shown
    always = {item.id for item in shown if item.always}
    assert {"certification.code", "certification.name", "admission_mode"} <= always
    assert not always & {"birthdate", "given_name", "block.0", "mention"}


def test_foreign_claims_are_shown_under_their_own_names():
    items = shown_foreign({"credentialSubject": {"id": "did:x:y", "degree": {"type": "Master", "name": "M"}}})
    assert [(item.id, item.value) for item in items] == [
        ("credentialSubject.id", "did:x:y"),
        ("credentialSubject.degree.type", "Master"),
        ("credentialSubject.degree.name", "M"),
    ]


def test_foreign_claims_are_cut_off_at_a_limit():
    assert len(shown_foreign({"a": list(range(10_000))})) == FOREIGN_ITEMS
