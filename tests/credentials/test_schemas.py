"""Protects: what is shown keeps the schema of its type, whole items only, and nothing is ever fetched."""

import copy
import socket

import pytest
from jsonschema import Draft202012Validator

from boundary import strict_json
from credentials.items import items_ld, items_sd
from credentials.schemas import check_shown, schema
from credentials.templates import load, names
from credentials.templates.codes import code_tables
from problems import MalformedValueError


def _refused(document):
    with pytest.raises(MalformedValueError) as caught:
        check_shown(document)
    assert caught.value.code == "schema.refused"
    return caught.value.facts["at"]


@pytest.mark.parametrize("form", ["ld", "sd"])
@pytest.mark.parametrize("name", [*names(), "definitions"])
def test_schemas_are_schemas(name, form):
    document = schema(name, form)
    Draft202012Validator.check_schema(document)
    suffix = ".sd-jwt.json" if form == "sd" else ".json"
    assert document["$id"] == f"https://w3id.org/passeport/schema/{name}/1{suffix}"


def test_the_full_credential(example):
    assert check_shown(example.ld) is example.template
    assert check_shown(example.sd) is example.template


def test_nothing_chosen(example):
    if example.template.mandatory:
        check_shown(example.show_ld(set()))
    check_shown(example.show_sd(set()))


def test_each_item_alone(example):
    if example.template.mandatory:
        for item in items_ld(example.template, example.ld):
            check_shown(example.show_ld({item.id}))
    for item in items_sd(example.template, example.sd):
        check_shown(example.show_sd({item.id}))


# --- half an item: cryptography accepts it, the schema does not (MODEL, "Items are atomic")


def test_half_an_item_an_adjusted_skill_without_the_level_that_was_observed(copy_of):
    example = copy_of("endorsement")
    shown = example.show_ld({"skill.1"})
    del shown["credentialSubject"]["endorsedSkill"][0]["observedLevel"]
    assert "endorsedSkill" in _refused(shown)


def test_half_an_item_a_job_that_starts_and_does_not_end(copy_of):
    example = copy_of("skill")
    shown = example.show_ld({"period"})
    del shown["credentialSubject"]["experience"]["endDate"]
    assert "experience" in _refused(shown)


def test_half_an_item_a_language_level_without_the_part_of_the_test(copy_of):
    example = copy_of("rs-certification")
    shown = example.show_ld({"cefr_reading"})
    result = next(r for r in shown["credentialSubject"]["result"] if r.get("resultPart") == "reading")
    del result["resultPart"]
    assert "result" in _refused(shown)


@pytest.mark.parametrize(
    ("name", "item", "node", "members"),
    [
        (
            "endorsement",
            "skill.1",
            ("endorsedSkill", 0),
            ("verdict", "name", "ref", "level", "narrative", "type"),
        ),
        ("endorsement", "skill.0", ("endorsedSkill", 0), ("verdict", "framework", "levelScale")),
        ("endorsement", "period", (), ("observedUntil",)),
        ("block", "skill.1", ("skill", 0), ("name", "ref", "framework", "type")),
        ("skill", "skill.0", ("skill", 0), ("levelScale",)),
        ("certification", "block.0", ("block", 0), ("name", "code", "definition")),
        ("certification", "mention", ("result", 0), ("value", "name", "resultScale")),
        ("certification", "exam", ("exam",), ("type",)),
        ("rs-certification", "score", ("result", 0), ("valueMin", "value")),
        ("diploma", "mention", ("result", 0), ("resultScale", "type")),
    ],
)
def test_an_item_is_never_shown_without(copy_of, name, item, node, members):
    for member in members:
        shown = copy_of(name).show_ld({item})
        target = shown["credentialSubject"]
        for step in node:
            target = target[step]
        if name == "rs-certification":
            target = next(r for r in shown["credentialSubject"]["result"] if r["resultScale"] == "score")
        del target[member]
        _refused(shown)


@pytest.mark.parametrize(
    "member", ["issuer", "validFrom", "credentialStatus", "credentialSchema", "awardedDate", "id"]
)
def test_what_is_always_shown_must_be_there(copy_of, member):
    shown = copy_of("diploma").show_ld({"birthdate"})
    del shown[member]
    _refused(shown)


@pytest.mark.parametrize("member", ["iss", "iat", "nbf", "status", "issuing_authority", "certification"])
def test_what_is_always_open_must_be_there(copy_of, member):
    payload = copy_of("diploma").sd
    del payload[member]
    _refused(payload)


def test_prevention_is_never_shown_without_its_end(copy_of):
    for name in ("prevention-training", "prevention-success"):
        example = copy_of(name)
        del example.ld["validUntil"], example.sd["exp"]
        _refused(example.ld)
        _refused(example.sd)


def test_a_certification_by_score_is_never_shown_without_its_level(copy_of):
    shown = copy_of("rs-certification").show_ld({"birthdate"})
    del shown["credentialSubject"]["result"]
    _refused(shown)


def test_a_member_of_no_schema_is_refused_wherever_it_stands(example):
    """``unevaluatedProperties`` closes what the shared definitions leave open."""
    for document in (example.ld, example.sd):
        for place in _objects(document, ()):
            changed = copy.deepcopy(document)
            node = changed
            for step in place:
                node = node[step]
            node["surprise"] = "x"
            _refused(changed)


def _objects(value, place):
    if isinstance(value, dict):
        yield place
        for name, member in value.items():
            yield from _objects(member, (*place, name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _objects(element, (*place, index))


def test_types_written_as_full_iris_do_not_slip_through(copy_of):
    document = copy_of("endorsement").ld
    document["credentialSubject"]["endorsedSkill"][0]["type"] = (
        "https://w3id.org/passeport/vocab#EndorsedSkill"
    )
    _refused(document)


def test_an_extra_type_is_refused(copy_of):
    document = copy_of("diploma").ld
    document["type"].append("ProofOfGenius")
    _refused(document)


def test_another_schema_is_not_followed(copy_of, monkeypatch):
    """The schema that a credential names is compared with ours; nobody is asked for it."""
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("something was fetched"))
    document = copy_of("diploma").ld
    document["credentialSchema"]["id"] = "https://elsewhere.example/lenient.json"
    _refused(document)


def test_foreign_types_have_no_schema_here():
    assert (
        check_shown({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]})
        is None
    )
    assert check_shown({"vct": "https://elsewhere.example/vct/1", "anything": [1]}) is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": ["DiplomaCredential"]},
        {"@context": [], "vct": "https://w3id.org/passeport/vct/diploma/1"},
    ],
)
def test_a_document_of_no_form_or_of_two_is_refused(document):
    with pytest.raises(MalformedValueError) as caught:
        check_shown(document)
    assert caught.value.code == "schema.no_form"


@pytest.mark.parametrize("text", ["2000-02-29\n", "Camille\u0000", "\u202eelliC"])
def test_characters_that_are_never_issued_are_never_accepted(copy_of, text):
    """``$`` in a pattern would let a last newline through."""
    document = copy_of("diploma").ld
    document["credentialSubject"]["dateOfBirth" if text[0] == "2" else "givenName"] = text
    with pytest.raises(MalformedValueError) as caught:
        check_shown(document)
    assert caught.value.code == "characters.refused"


def test_the_place_is_told_without_the_value(copy_of):
    document = copy_of("diploma").ld
    document["credentialSubject"]["familyName"] = ["Secret"]
    with pytest.raises(MalformedValueError) as caught:
        check_shown(document)
    assert caught.value.facts["at"] == "$.credentialSubject.familyName"
    assert "Secret" not in strict_json.write(dict(caught.value.details()))


def test_codes_of_schemas_are_those_of_templates():
    """Codes are said twice, once for people and once for other verifiers: they must not drift apart."""
    for form in ("ld", "sd"):
        for name, definition in schema("definitions", form)["$defs"].items():
            table = code_tables().get("".join(f"_{c.lower()}" if c.isupper() else c for c in name))
            if table is not None and "enum" in definition:
                assert set(definition["enum"]) == table.keys() - {"SANS_MENTION"}


def test_a_declared_skill_is_one_skill(copy_of):
    example = copy_of("declared-skill")
    example.ld["credentialSubject"]["skill"] *= 2
    example.sd["skills"] *= 2
    _refused(example.ld)
    _refused(example.sd)


def test_titles_are_those_of_templates():
    for name in names():
        assert schema(name, "ld")["title"] == load(name).label["en"]
