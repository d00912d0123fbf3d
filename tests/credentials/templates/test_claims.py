"""Protects: a row is refused for what it must not hold, and told which claim it is, never its value."""

import contextlib
import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.templates import check_claims, load, names
from credentials.templates.claims import _fits, _refuse_claims, _Same, shapes
from credentials.templates.codes import code_tables
from problems import MalformedValueError, Problem

_RULES = load("certification").claims

_BAD = {
    "a claim that no rule lists": (["surname"], "EXEMPLE", "claim.unknown"),
    "results, which are computed": (["results"], [], "claim.unknown"),
    "a number for a text": (["family_name"], 7, "claim.type"),
    "a list for a text": (["given_name"], ["Camille"], "claim.type"),
    "a text for an object": (["exam"], "x", "claim.type"),
    "an object for a list": (["blocks"], {}, "claim.type"),
    "an empty list": (["blocks"], [], "claim.type"),
    "too many elements": (["blocks"], [{"code": "RNCP1BC01", "name": "x"}] * 501, "claim.too_many"),
    "blanks only": (["family_name"], "  ", "claim.blank"),
    "a no-break blank only": (["family_name"], "\u00a0", "claim.blank"),
    "a name longer than the accrochage flow allows": (["family_name"], "A" * 61, "claim.too_long"),
    "a text beyond 2,000 characters": (["description"], "A" * 2001, "claim.too_long"),
    "a control character": (["family_name"], "EX\u0000EMPLE", "characters.refused"),
    "a newline": (["family_name"], "EXEMPLE\nRetenu", "characters.refused"),
    "a newline at the end": (["birthdate"], "2000-02-29\n", "characters.refused"),
    "a terminal escape": (["family_name"], "EX\u001b[31mEMPLE", "characters.refused"),
    "a noncharacter": (["family_name"], "EXEMPLE\ufdd0", "characters.refused"),
    "a noncharacter of another plane": (["family_name"], "EXEMPLE\U0001ffff", "characters.refused"),
    "a direction override": (["family_name"], "\u202eELPMEXE", "characters.refused"),
    "a day that does not exist": (["birthdate"], "2001-02-29", "claim.date"),
    "a French date": (["birthdate"], "29/02/2000", "claim.type"),
    "a year of another age": (["birthdate"], "1000-01-01", "claim.type"),
    "foreign digits": (["birthdate"], "٢٠٠٠-٠٢-٢٩", "claim.type"),
    "an instant without zone": (["valid_from"], "2026-03-31T00:00:00", "claim.type"),
    "an instant that does not exist": (["valid_from"], "2026-03-31T25:00:00Z", "claim.date"),
    "a code of no table": (["mention"], "MENTION_PASSABLE", "claim.code"),
    "a code in lower case": (["admission_mode"], "par_admission", "claim.code"),
    "a route of VAE without VAE": (["access_route"], None, "claim.needs"),
    "a code inside a shape": (["exam", "mode"], "SUR_PLACE", "claim.code"),
    "an unknown claim inside a shape": (["certification", "level"], "5", "claim.unknown"),
    "a missing claim inside a shape": (["certification", "url"], None, "claim.missing"),
    "a missing claim inside an element": (["blocks", 1, "name"], None, "claim.missing"),
    "a code that is of no register": (["certification", "code"], "TP-01280", "claim.type"),
    "an address with a space": (["evidence", "url"], "https://a.example/x y", "claim.type"),
    "an address without scheme": (["evidence", "url"], "a.example/x", "claim.type"),
    "a DID that is no key": (["holder", "did"], "did:web:titulaire.example", "claim.type"),
    "a private key": (["holder", "jwk", "d"], "AAAA", "claim.unknown"),
    "a SIRET of 13 digits": (["issuer", "siret"], "0000000010001", "claim.type"),
    "an index below zero": (["status", "tsl_index"], -1, "claim.type"),
    "an index that is a boolean": (["status", "tsl_index"], True, "claim.type"),
    "an index with a leading zero": (["status", "entries", 0, "index"], "07", "claim.type"),
    "an index as a number": (["status", "entries", 0, "index"], 7, "claim.type"),
    "a list address without index": (["status", "tsl_index"], None, "claim.needs"),
    "a national number": (["description"], "2 00 02 99 999 999 34", "claim.national_number"),
    "a national number without key": (["evidence", "name"], "2000299999999", "claim.national_number"),
    "a national number of Corsica": (["family_name"], "200022A99999934", "claim.national_number"),
}


@pytest.fixture
def row(copy_of):
    return copy_of("certification").row


def _changed(row, path, value):
    *parents, last = path
    node = row
    for step in parents:
        node = node[step]
    node[last] = value
    return row


@pytest.mark.parametrize("defect", _BAD)
def test_refused(row, defect):
    path, value, code = _BAD[defect]
    with pytest.raises(MalformedValueError) as caught:
        check_claims(_RULES, _changed(row, path, value))
    assert caught.value.code == code
    if isinstance(value, str) and len(value) > 3:
        assert value not in json.dumps(caught.value.details("fr"), ensure_ascii=False)


def test_the_place_is_told_down_to_the_element(row):
    with pytest.raises(MalformedValueError) as caught:
        check_claims(_RULES, _changed(row, ["blocks", 1, "code"], "BC02"))
    assert caught.value.facts["at"] == "blocks.1.code"


def test_null_counts_as_absent(row):
    row["birthdate"] = None
    check_claims(_RULES, row)


@pytest.mark.parametrize(
    "name", ["Nguyễn", "Ó Briain", "D'Ångström-Łukasz", "Çelik", "李", "ʻOkina", "Élodie\u00a0Anne"]
)
def test_names_of_people_are_taken_as_they_are(row, name):
    row["family_name"] = name
    check_claims(_RULES, row)


def test_a_siret_is_no_national_number(row):
    row["description"] = "10000000000016"
    check_claims(_RULES, row)


def test_every_rule_names_a_type_and_a_table_that_exist():
    templates = [load(name).claims for name in names()]
    for rule in (rule for table in [*templates, *shapes().values()] for rule in table.values()):
        with contextlib.suppress(MalformedValueError):
            check_claims({"x": replace(rule, many=False, needs=())}, {"x": 7})
        assert (rule.type == "code") == bool(rule.codes)
        assert not rule.codes or rule.codes in code_tables()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
def test_no_json_whatever_in_place_of_a_claim_does_more_than_a_problem(examples, data):
    row = copy.deepcopy(examples["certification"].row)
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(_JSON)
    with contextlib.suppress(Problem):
        check_claims(_RULES, row)


STRANGE = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    " ",
    "x",
    "x\n",
    "A" * 2001,
    "2001-02-29",
    "A1",
    "RNCP1",
    [],
    {},
    ["x"],
    [{}],
]


@given(st.data())
def test_the_short_way_says_what_the_careful_one_says(examples, data):
    """What is refused is refused by name; nothing else may be refused, and nothing else let through."""
    example = data.draw(st.sampled_from(sorted(examples.values(), key=lambda one: one.name)))
    row, rules = copy.deepcopy(example.row), example.template.claims
    for _ in range(data.draw(st.integers(0, 2))):
        around = row
        while True:
            step = data.draw(
                st.sampled_from(sorted(around) if isinstance(around, dict) else range(len(around)))
            )
            if not (isinstance(around[step], dict | list) and around[step] and data.draw(st.booleans())):
                break
            around = around[step]
        if data.draw(st.booleans()):
            around[step] = copy.deepcopy(data.draw(st.sampled_from(STRANGE)))
        elif isinstance(around, dict):
            around[data.draw(st.sampled_from(["unknown", *rules]))] = around.pop(step)
    refused = False
    try:
        _refuse_claims(rules, row, "")
    except MalformedValueError:
        refused = True
    assert _fits(_Same(rules))(row) is not refused
