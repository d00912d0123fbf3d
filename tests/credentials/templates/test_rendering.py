"""Protects: one row of claims always gives the same two documents, and nothing undefined."""

import json
import re

import pytest

from contexts import PRODUCT
from credentials.templates import load, names, render_ld, render_sd
from problems import MalformedValueError
from proofs.rdf import canonical_form


def test_the_row_gives_the_json_ld_form(example):
    assert render_ld(example.template, example.row) == example.ld


def test_the_row_gives_the_sd_jwt_form(example):
    assert render_sd(example.template, example.row) == example.sd


def test_the_row_stays_as_it_was(example):
    before = json.dumps(example.row)
    render_ld(example.template, example.row)
    assert json.dumps(example.row) == before


def test_json_ld_drops_nothing_of_it(example):
    """The safe mode of the RDF room raises for whatever JSON-LD would silently lose."""
    assert canonical_form(example.ld, PRODUCT).lines


def test_every_template_has_an_example(examples):
    assert {example.template.id for example in examples.values()} == set(names())


def test_a_row_without_mention_shows_none_in_either_form(copy_of):
    """``SANS_MENTION`` is a value of the accrochage flow, not something to show."""
    example = copy_of("diploma")
    example.row["mention"] = "SANS_MENTION"
    assert "result" not in render_ld(example.template, example.row)["credentialSubject"]
    assert "mention" not in render_sd(example.template, example.row)


def test_a_single_status_entry_is_an_object_and_two_are_a_list(copy_of):
    """ecdsa-sd-2023 compacts before it selects: a list of one would become an object there."""
    assert isinstance(copy_of("diploma").ld["credentialStatus"], dict)
    assert len(copy_of("rs-certification-digital").ld["credentialStatus"]) == 2


def test_no_example_holds_a_national_number(example):
    text = json.dumps([example.row, example.ld, example.sd])
    assert not re.search(r'"[12]\d{4}(?:2[AB]|\d\d)\d{6}(?:\d\d)?"', text)


@pytest.mark.parametrize("name", names())
def test_a_missing_required_claim_is_named(name, examples):
    example = next(example for example in examples.values() if example.template.id == name)
    for claim, rule in load(name).claims.items():
        if rule.required:
            row = {other: value for other, value in example.row.items() if other != claim}
            with pytest.raises(MalformedValueError) as caught:
                render_ld(example.template, row)
            assert (caught.value.code, caught.value.facts["at"]) == ("claim.missing", claim)


@pytest.mark.parametrize("name", names())
def test_templates_read_every_claim_that_they_take_and_no_other(name):
    """A claim that no body reads would be lost in silence; one that no rule lists could never be given."""
    template = load(name)
    read = {claim for text in _texts([template.ld, template.sd]) for claim in _claims_in(text)}
    computed_from = {"mention", "score", "cefr", "digcomp"}
    assert read - {"template", "results", "holder"} <= template.claims.keys()  # a shared fragment asks for it
    assert template.claims.keys() - read <= computed_from


def _texts(node):
    if isinstance(node, dict | list):
        return [
            text for child in (node.values() if isinstance(node, dict) else node) for text in _texts(child)
        ]
    return [node] if isinstance(node, str) else []


def _claims_in(text):
    """Return the top-level claims that a text of a body reads."""
    return re.findall(r"^\$([a-z_]+)", text) + re.findall(r"\{([a-z_]+)[.|}]", text)
