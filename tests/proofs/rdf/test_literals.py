"""A value becomes one literal that every implementation writes alike, or is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from boundary.strict_json import Json, JsonValue
from problems import DataLossError, MalformedValueError, Problem
from proofs.rdf.literals import language, literal, shown
from proofs.rdf.nquads import RDF, RDF_LANG_STRING, XSD, Literal, parse


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"@value": "a"}, Literal("a")),
        ({"@value": "a", "@type": XSD + "date"}, Literal("a", XSD + "date")),
        ({"@value": "a", "@language": "fr-ca"}, Literal("a", RDF_LANG_STRING, "fr-ca")),
        ({"@value": "a", "@direction": "rtl"}, Literal("a", "https://www.w3.org/ns/i18n#_rtl")),
        (
            {"@value": "a", "@language": "ar", "@direction": "rtl"},
            Literal("a", "https://www.w3.org/ns/i18n#ar_rtl"),
        ),
        ({"@value": True}, Literal("true", XSD + "boolean")),
        ({"@value": False, "@type": "urn:t"}, Literal("false", "urn:t")),
        ({"@value": 5}, Literal("5", XSD + "integer")),
        ({"@value": -5}, Literal("-5", XSD + "integer")),
        ({"@value": 5.0}, Literal("5", XSD + "integer")),
        ({"@value": -0.0}, Literal("0", XSD + "integer")),
        ({"@value": 2**53 + 1}, Literal("9007199254740993", XSD + "integer")),
        ({"@value": 5, "@type": XSD + "decimal"}, Literal("5", XSD + "decimal")),
        ({"@value": 5, "@type": XSD + "double"}, Literal("5.0E0", XSD + "double")),
        ({"@value": 1.1}, Literal("1.1E0", XSD + "double")),
        ({"@value": 14.25}, Literal("1.425E1", XSD + "double")),
        ({"@value": -0.00001}, Literal("-1.0E-5", XSD + "double")),
        ({"@value": 1e21}, Literal("1.0E21", XSD + "double")),
        ({"@value": "5.0E0", "@type": XSD + "double"}, Literal("5.0E0", XSD + "double")),
        (
            {"@value": {"b": [1.0, None], "a": "é"}, "@type": "@json"},
            Literal('{"a":"é","b":[1,null]}', RDF + "JSON"),
        ),
        ({"@value": None, "@type": "@json"}, Literal("null", RDF + "JSON")),
        ({"@value": "tab\t, line\r\nend"}, Literal("tab\t, line\r\nend")),
    ],
    ids=lambda case: json.dumps(case) if isinstance(case, dict) else "",
)
def test_each_kind_of_value(value: Json, expected: Literal) -> None:
    assert literal(value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param({"@value": "a", "@index": "i"}, "rdf.keyword", id="index"),
        pytest.param({"@value": 0.1 + 0.2}, "rdf.number_precision", id="17 digits"),
        pytest.param({"@value": 10**21 + 1}, "rdf.number_precision", id="integer beyond 10^21"),
        pytest.param({"@value": -0.0, "@type": XSD + "double"}, "rdf.number_precision", id="minus zero"),
    ],
)
def test_what_rdf_would_drop_is_data_loss(value: Json, code: str) -> None:
    with pytest.raises(DataLossError, match=code.replace(".", r"\.")):
        literal(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param({"@value": 5, "@language": "fr"}, "rdf.value", id="number with a language"),
        pytest.param({"@value": True, "@direction": "ltr"}, "rdf.value", id="boolean with a direction"),
        pytest.param({"@value": None}, "rdf.value", id="null"),
        pytest.param({"@value": ["a"]}, "rdf.value", id="array"),
        pytest.param({"@value": {"a": 1}, "@type": "urn:t"}, "rdf.value", id="object"),
        pytest.param({"@value": "a", "@direction": "up"}, "rdf.value", id="unknown direction"),
        pytest.param({"@value": "a", "@type": "date"}, "rdf.value", id="relative type"),
        pytest.param({"@value": "a", "@type": "_:t"}, "rdf.value", id="blank type"),
        pytest.param({"@value": "a", "@type": "urn:t> ."}, "rdf.value", id="type that closes its brackets"),
        pytest.param({"@value": "a", "@type": "urn:\x7f"}, "rdf.unusual_character", id="control in a type"),
        pytest.param({"@value": "a", "@type": ["urn:t"]}, "rdf.value", id="array of types"),
        pytest.param({"@value": "5", "@type": XSD + "double"}, "rdf.value", id="text that some rewrite"),
        pytest.param({"@value": "abc", "@type": XSD + "double"}, "rdf.value", id="no double"),
        pytest.param({"@value": "NaN", "@type": XSD + "double"}, "rdf.value", id="not a number"),
        pytest.param(
            {"@value": "a", "@type": RDF_LANG_STRING}, "rdf.reserved_datatype", id="language spelt out"
        ),
        pytest.param({"@value": "{}", "@type": RDF + "JSON"}, "rdf.reserved_datatype", id="JSON spelt out"),
        pytest.param(
            {"@value": "a", "@type": "https://www.w3.org/ns/i18n#ar_rtl"},
            "rdf.reserved_datatype",
            id="i18n spelt out",
        ),
        pytest.param({"@value": "a\x00"}, "rdf.unusual_character", id="NUL"),
        pytest.param({"@value": "a\x85"}, "rdf.unusual_character", id="C1 control"),
        pytest.param({"@value": "a\ufffe"}, "rdf.unusual_character", id="noncharacter"),
        pytest.param({"@value": "a\U0001ffff"}, "rdf.unusual_character", id="astral noncharacter"),
        pytest.param({"@value": "a\ud800"}, "rdf.unusual_character", id="lone surrogate"),
        pytest.param({"@value": {"a": 2**60}, "@type": "@json"}, "rdf.value", id="integer JSON cannot hold"),
        pytest.param(
            {"@value": "a", "@language": 'fr .\n<urn:x> <urn:role> "admin"'},
            "rdf.language_tag",
            id="quads in a language",
        ),
        pytest.param({"@value": "a", "@language": None}, "rdf.language_tag", id="null language"),
    ],
)
def test_what_could_be_written_in_two_ways_is_refused(value: Json, code: str) -> None:
    with pytest.raises(MalformedValueError, match=code.replace(".", r"\.")):
        literal(value)


@pytest.mark.parametrize(
    "tag",
    [
        "fr",
        "FR",
        "fr-FR",
        "zh-Hant-TW",
        "zh-cmn-Hans-CN",
        "sl-rozaj-biske",
        "de-1996",
        "en-a-bbb-x-a",
        "x-own",
    ],
)
def test_well_formed_languages(tag: str) -> None:
    assert language(tag) == tag


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "f",
        "fr-",
        "-fr",
        "fr_FR",
        "fr FR",
        "fr\n",
        "français",
        "fr--FR",
        "a" * 9,
        "fr-a",
        "fr-x",
        "\u212ao",
        5,
        None,
    ],
)
def test_malformed_languages(tag: JsonValue) -> None:
    with pytest.raises(MalformedValueError, match=r"rdf\.language_tag"):
        language(tag)


@settings(deadline=None)
@given(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_as_pyld_writes_them_or_refused_where_it_changes_them(number: float) -> None:
    written = jsonld.to_rdf({"urn:p": number}, {"base": None})["@default"][0]["object"]
    try:
        ours = literal({"@value": number})
    except DataLossError:
        assert float(written["value"]) != number
    else:
        assert (ours.value, ours.datatype) == (written["value"], written["datatype"])


members = st.sampled_from(["@value", "@type", "@language", "@direction", "@index"])
anything = st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(["@json", XSD + "double"])


@settings(deadline=None)
@given(st.dictionaries(members, anything), anything)
def test_no_value_object_does_anything_but_convert_or_raise(value: Json, content: JsonValue) -> None:
    with suppress(Problem):
        assert parse(f"_:s <urn:p> {literal({'@value': content, **value})} .")


def test_a_name_in_a_message_is_short_and_writable() -> None:
    assert shown("a" * 500 + "\ud800") == "a" * 80
    assert shown("\ud800") == "?"
    assert shown(None) == ""
