"""Protects: each notation of the bodies means one thing, and what is absent leaves no trace."""

import pytest

from credentials.templates.notation import fill, include

_ROW = {
    "a": {"b": "x", "none": None},
    "number": 3,
    "no": False,
    "rows": [{"f": "1"}, {"g": "2"}, {"f": "3"}],
    "day": "2026-03-27T00:00:00Z",
    "big": "RNCP",
}

_CASES = {
    "a claim of any type": ({"x": "$number"}, {"x": 3}),
    "false is there": ({"x": "$no"}, {"x": False}),
    "a nested claim": ({"x": "$a.b"}, {"x": "x"}),
    "a claim that is absent takes its member along": ({"x": "$a.c", "y": "$a.b"}, {"y": "x"}),
    "a claim that is null takes its member along": ({"x": "$a.none"}, {}),
    "a claim of something that is no object": ({"x": "$number.b"}, {}),
    "text with claims inside": ({"x": "{a.b}/{number}"}, {"x": "x/3"}),
    "text with a claim that is absent": ({"x": "{a.b}/{a.c}"}, {}),
    "text that only looks like a hole": ({"x": "{Not a claim}"}, {"x": "{Not a claim}"}),
    "an instant in seconds": ({"x": "$day|epoch"}, {"x": 1774569600}),
    "lower case": ({"x": "{big|lower}"}, {"x": "rncp"}),
    "once per element": ({"x": [{"$each": "$rows", "f": "$.f", "b": "$a.b"}]},
                         {"x": [{"f": "1", "b": "x"}, {"b": "x"}, {"f": "3", "b": "x"}]}),
    "an empty element": ({"x": [{"$each": "$rows", "f": "$.f"}]}, {"x": [{"f": "1"}, {"f": "3"}]}),
    "no rows, no list": ({"x": [{"$each": "$none", "f": "$.f"}]}, {}),
    "only if it is there": ({"x": {"$if": "$a.b", "y": 1}}, {"x": {"y": 1}}),
    "not if it is absent": ({"x": {"$if": "$a.c", "y": 1}}, {}),
    "a value in a list, if": ({"x": ["A", {"$if": "$a.b", "$value": "B"}]}, {"x": ["A", "B"]}),
    "no value in a list, unless": ({"x": ["A", {"$if": "$a.c", "$value": "B"}]}, {"x": ["A"]}),
    "one is given as itself": ({"x": {"$one_or_many": [{"$if": "$a.b", "y": 1}, {"$if": "$a.c", "y": 2}]}},
                               {"x": {"y": 1}}),
    "several as a list": ({"x": {"$one_or_many": [1, 2]}}, {"x": [1, 2]}),
    "none as nothing": ({"x": {"$one_or_many": [{"$if": "$a.c", "y": 2}]}}, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", _CASES)
def test_fill(case):
    body, expected = _CASES[case]
    assert fill(body, _ROW) == expected


def test_a_claim_is_never_read_as_notation():
    """Whoever fills in a name cannot make the renderer read another claim."""
    assert fill({"x": "$a.b"}, {"a": {"b": "$secret"}, "secret": "s"}) == {"x": "$secret"}
    assert fill({"x": "{a.b}"}, {"a": {"b": "{secret}"}, "secret": "s"}) == {"x": "{secret}"}


def test_include_merges_fragments_before_the_members_beside_it():
    fragments = {"one": {"a": 1, "b": 1}, "two": {"$include": "one", "c": 2}}
    assert include({"$include": "two", "b": 3}, fragments) == {"a": 1, "b": 3, "c": 2}
    assert include({"x": [{"$include": "one"}]}, fragments) == {"x": [{"a": 1, "b": 1}]}
