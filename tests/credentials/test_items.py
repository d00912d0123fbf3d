"""Protects: what a holder ticks is the same thing in both forms, and nothing is left between the items."""

import itertools

import pytest

from credentials.items import (
    items_ld,
    items_sd,
    items_token,
    mandatory_pointers,
    selective_paths,
    selective_places,
)
from credentials.pointers import expand_pointer, pointer_to
from proofs.selective.select import select_json_ld

_PROTOCOL = {"vct", "iss", "iat", "nbf", "exp", "cnf", "status", "sub"}


def test_both_forms_offer_the_same_items(example):
    ld, sd = items_ld(example.template, example.ld), items_sd(example.template, example.sd)
    assert [(item.id, item.label) for item in ld] == [(item.id, item.label) for item in sd]


def test_items_of_a_list_are_numbered(examples):
    example = examples["rs-certification-digital"]
    ids = [item.id for item in items_ld(example.template, example.ld)]
    assert ids == [
        "replaces", "given_name", "family_name", "birth_family_name", "birthdate", "access_route", "exam",
        "evidence", "mention", "score", "skill.0", "skill.1", "cefr_listening", "cefr_reading",
        "cefr_speaking", "cefr_writing", "digcomp.0", "digcomp.1", "digcomp.2",
    ]  # fmt: skip


def test_an_element_of_a_list_is_shown_with_its_list(examples):
    example = examples["block"]
    skill = next(item for item in items_sd(example.template, example.sd) if item.id == "skill.2")
    assert skill.paths == (("skills",), ("skills", 2))
    assert skill.template_item == "skill"


def test_every_leaf_of_the_json_ld_form_is_covered_once(example, leaves):
    """By exactly one of: what is always shown, or one item. Ids and types come with what they stand in."""
    if not example.template.mandatory:
        pytest.skip("a public document: everything is always shown")
    groups = [mandatory_pointers(example.template, example.ld)]
    groups += [item.pointers for item in items_ld(example.template, example.ld)]
    for place in leaves(example.ld):
        covering = [group for group in groups if _covers(group, pointer_to(place))]
        assert len(covering) == (0 if _is_structure(place, groups) else 1), place


def _covers(pointers, leaf):
    return any(leaf == pointer or leaf.startswith(pointer + "/") for pointer in pointers)


def _is_structure(place, groups):
    """Whether the leaf is the id or type of a node that something selected stands in."""
    parents = {
        tuple(pointer.split("/")[1:][:depth])
        for pointer in itertools.chain(*groups)
        for depth in range(pointer.count("/"))
    }
    steps = tuple(map(str, place))
    member = next((at for at, step in enumerate(steps) if step in ("id", "type")), None)
    return member is not None and steps[:member] in parents


def test_every_leaf_of_the_sd_jwt_form_is_covered_once(example, leaves):
    """By an open claim or by one item; and no protocol claim can be hidden."""
    template, payload = example.template, example.sd
    disclosures = selective_paths(template, payload)
    items = [item.paths for item in items_sd(template, payload)]
    for place in leaves(payload):
        holding = [paths for paths in items if any(place[: len(path)] == path for path in paths[-1:])]
        hidden = [path for path in disclosures if place[: len(path)] == path]
        open_ = any(place[: len(rule.path)] == rule.path for rule in template.open) and not hidden
        assert bool(hidden) + open_ + (place[0] in _PROTOCOL) == 1, place
        assert len(holding) <= 1
    assert not {path[0] for path in disclosures} & _PROTOCOL


def test_disclosures_are_those_of_the_items(example):
    items = {path for item in items_sd(example.template, example.sd) for path in item.paths}
    assert set(selective_paths(example.template, example.sd)) == items


def test_parents_are_disclosed_before_children(examples):
    paths = selective_paths(examples["block"].template, examples["block"].sd)
    assert paths.index(("skills",)) < paths.index(("skills", 0))


def test_every_pointer_selects_what_it_names(example):
    """What is in the list of pointers really is in the document: ecdsa-sd-2023 refuses any other."""
    pointers = mandatory_pointers(example.template, example.ld)
    pointers += [pointer for item in items_ld(example.template, example.ld) for pointer in item.pointers]
    assert bool(select_json_ld(pointers, example.ld)) == bool(pointers)


def test_mandatory_pointers_follow_the_content(examples):
    """The overall level of a certification by score is always shown, wherever it stands in the list."""
    example = examples["rs-certification"]
    overall = expand_pointer(example.ld, "/credentialSubject/result/*[resultPart=overall]")
    assert pointer_to(overall[0]) in mandatory_pointers(example.template, example.ld)
    assert "/credentialSubject/result/0" not in mandatory_pointers(example.template, example.ld)


def test_the_request_cannot_make_the_end_of_validity_optional(examples):
    """Mandatory pointers come from the template; all that limits a credential is among them."""
    for example in examples.values():
        if example.template.mandatory:
            assert {"/issuer", "/validFrom", "/validUntil", "/credentialStatus"} <= {
                *example.template.mandatory
            }


# The JSON-LD form as the payload of an SD-JWT


def test_a_token_offers_the_items_of_its_document(example):
    ld, token = items_ld(example.template, example.ld), items_token(example.template, example.ld)
    assert [(item.id, item.label) for item in ld] == [(item.id, item.label) for item in token]


def _without_empty(value):
    """ecdsa-sd-2023 leaves no trace of a list of which nothing is shown."""
    if isinstance(value, dict):
        kept = {name: _without_empty(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if member != []}
    return [_without_empty(element) for element in value] if isinstance(value, list) else value


def test_a_token_hides_what_a_derived_proof_hides(example):
    """Whatever is chosen: nothing, each item alone, all of them. Only the holder's id is shown besides."""
    if not example.template.mandatory:
        pytest.skip("a public document: everything is always shown")
    items = [item.id for item in items_ld(example.template, example.ld)]
    for chosen in ([], items, *([item] for item in items)):
        derived, token = example.show_ld(chosen), example.show_token(chosen)
        assert _without_empty(token) == derived, chosen


def test_a_list_of_nothing_but_items_is_hidden_itself(examples):
    """So that nobody counts the blocs that are not shown."""
    example = examples["certification"]
    places = selective_places(example.template, example.ld)
    blocks = [place for place in places if place[:2] == ("credentialSubject", "block")]
    assert blocks[0] == ("credentialSubject", "block")
    assert blocks[1:] == [("credentialSubject", "block", n) for n in range(len(blocks) - 1)]


def test_a_list_in_which_something_is_always_shown_stays(examples):
    example = examples["certification"]
    results = [
        {"type": "ExamResult", "resultScale": "autre"},
        {"type": "ExamResult", "resultScale": "mention"},
    ]
    document = {"credentialSubject": {"result": results}}
    assert selective_places(example.template, document) == [("credentialSubject", "result", 1)]


def test_a_token_hides_nothing_that_must_be_open(example):
    never = {"@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema"}
    assert never.isdisjoint(place[0] for place in selective_places(example.template, example.ld))
