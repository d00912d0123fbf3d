"""The compiled schemas say yes only where the library does: a yes is never asked again."""

import copy
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import schemas
from credentials.schemas.compiled import compiled
from credentials.templates import names

STRANGE = [
    None, True, 1, 1.5, -1, "", "x", "x" * 2001, "A1", "RNCP1", "RS12", "2024-02-30", "2024-02-28",
    "https://x.example/a b", "https://x.example", [], ["x"], ["x", "x"], [1, True], {}, {"id": "urn:x"},
    "MENTION_BIEN", "\n2024-02-28\n", "s1", "s1\n",
]  # fmt: skip


def places(value, at=()):
    """Yield the way to every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in inner:
        yield (*at, step)
        yield from places(child, (*at, step))


def bent(document, dice):
    """Return a copy in which one to three things were taken out, put in, doubled or replaced."""
    changed = copy.deepcopy(document)
    for _ in range(dice.randint(1, 3)):
        *way, last = dice.choice(list(places(changed)))
        around = changed
        for step in way:
            around = around[step]
        act = dice.randrange(4)
        if act == 0:
            del around[last]
        elif act == 1:
            around[last] = dice.choice(STRANGE)
        elif isinstance(around, list):
            around.insert(dice.randint(0, len(around)), copy.deepcopy(dice.choice([*around, *STRANGE])))
        else:
            name = dice.choice([*around, "unknown", "id", "type", "level", "url", "exp"])
            around[name] = copy.deepcopy(dice.choice([*around.values(), *STRANGE]))
    return changed


@pytest.mark.parametrize("form", ["ld", "sd"])
def test_no_yes_that_the_library_refuses(example, form, full: bool):
    """Of thousands of bent documents, and of the sound one, the two say the same, or ours is in doubt."""
    document = getattr(example, form)
    fits = schemas._fits(example.template.id, form)
    library = schemas._validator(example.template.id, form)
    assert fits(document), "a sound document takes the short way"
    dice = random.Random(f"{example.template.id} {form}")
    doubts = 0
    for _ in range(2_000 if full else 150):
        changed = bent(document, dice)
        theirs = library.is_valid(changed)
        assert theirs or not fits(changed), changed
        doubts += theirs and not fits(changed)
    assert doubts <= 15, "the short way is taken"


@pytest.mark.parametrize("form", ["ld", "sd"])
@pytest.mark.parametrize("name", names())
def test_every_schema_is_compiled(name, form):
    assert not schemas._fits(name, form)({})
    assert not schemas._fits(name, form)([])


ID = "https://x.example/schema.json"
values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "bb", "ccc", "é\n"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = [
    {"type": "integer", "minimum": 0, "maximum": 2},
    {"type": ["object", "array"], "minProperties": 1, "minItems": 1, "maxItems": 2},
    {"const": True},
    {"const": "a"},
    {"const": ["a", "bb"]},
    {"enum": ["a", "bb"]},
    {"type": "string", "minLength": 1, "maxLength": 2, "pattern": "^[ab]+$"},
    {"type": "boolean"},
    {"items": {"type": "string"}, "uniqueItems": True},
    {"contains": {"const": "a"}},
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"enum": ["a"]}}]},
    {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
    },
    {"dependentRequired": {"a": ["b", "c"]}},
    {"if": {"properties": {"a": {"const": "bb"}}, "required": ["a"]}, "then": {"required": ["b"]}},
    {"if": {"properties": {"a": {"enum": ["a", "bb"]}}}, "then": {"required": ["c"]}},
    {
        "$ref": "#/$defs/a",
        "allOf": [{"$ref": "#/$defs/b"}],
        "properties": {"a": {"type": "string"}},
        "unevaluatedProperties": False,
    },
]
DEFS = {
    "a": {"properties": {"b": {"type": "integer"}}, "required": ["a"]},
    "b": {"properties": {"c": {"items": {"$ref": "#/$defs/c"}}}},
    "c": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
}


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: "-".join(schema))
@given(value=values)
def test_each_keyword(schema, value):
    whole = {"$id": ID, "$defs": DEFS, **schema}
    library = schemas.Draft202012Validator(whole)
    assert library.is_valid(value) or not compiled(whole, {})(value)


@pytest.mark.parametrize(
    "schema",
    [{"oneOf": []}, {"not": {}}, {"if": {"not": {}}}, {"if": {}, "then": {}, "else": {}}, {"format": "date"},
     {"additionalProperties": {}}, {"prefixItems": []}, {"patternProperties": {}}],
    ids=lambda schema: "-".join(schema),
)  # fmt: skip
def test_what_is_not_translated_is_not_passed_over(schema):
    with pytest.raises(ValueError):  # noqa: PT011
        compiled({"$id": ID, **schema}, {})
