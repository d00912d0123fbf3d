"""The gate between parsed JSON and typed code names the member that is wrong."""

import pytest

from boundary import shape
from problems import MalformedValueError

GATES = [
    (shape.an_object, {"a": 1}, "shape.object_expected"),
    (shape.a_text, "x", "shape.text_expected"),
    (shape.an_integer, 3, "shape.integer_expected"),
    (shape.a_list, [1], "shape.list_expected"),
]
SAMPLES = [None, True, 3, 2.5, "x", [1], {"a": 1}]


@pytest.mark.parametrize(("gate", "good", "code"), GATES)
def test_only_the_expected_type_passes(gate, good, code):
    assert gate(good, "issuer") == good
    for sample in SAMPLES:
        if type(sample) is not type(good):
            with pytest.raises(MalformedValueError) as caught:
                gate(sample, "issuer")
            assert (caught.value.code, caught.value.facts) == (code, {"at": "issuer"})


def test_one_or_many():
    assert shape.many(None) == []
    assert shape.many("x") == ["x"]
    assert shape.many(["x", 1]) == ["x", 1]
    assert shape.texts("x", "type") == ["x"]
    with pytest.raises(MalformedValueError, match=r"shape\.text_expected"):
        shape.texts(["x", 1], "type")
