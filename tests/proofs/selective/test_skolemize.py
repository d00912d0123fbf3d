"""Names for nodes without one, and back; what cannot be named is refused."""

import pytest

from boundary import strict_json
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT
from problems import ProofTransformationError
from proofs.rdf.canonical import canonicalize
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.selective.skolemize import (
    skolemize_compact_json_ld,
    skolemize_expanded_json_ld,
    to_deskolemized_quads,
)


def _plain(value: JsonValue) -> JsonValue:
    """Take our names off, and the brackets off arrays of one, which JSON-LD compacts."""
    if isinstance(value, list):
        return _plain(value[0]) if len(value) == 1 else [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if not str(item).startswith("urn:bnid:")}
    return value


def test_every_node_gets_a_name_and_nothing_else_changes(credential: Json) -> None:
    skolemized = skolemize_compact_json_ld(credential, PRODUCT)
    blank = len(canonicalize(to_dataset(expand(credential, PRODUCT))).labels)
    assert blank == 4
    assert strict_json.write(skolemized.compact).count('"urn:bnid:') == blank
    assert _plain(skolemized.compact) == _plain(credential)


def test_names_and_back_is_the_same_dataset(credential: Json) -> None:
    """§3.4.7 and §3.4.9 undo each other, up to the labels that canonicalization replaces."""
    plain = canonicalize(to_dataset(expand(credential, PRODUCT)))
    skolemized = skolemize_compact_json_ld(credential, PRODUCT)
    assert canonicalize(to_deskolemized_quads(skolemized.expanded)).lines == plain.lines
    again = to_deskolemized_quads(expand(skolemized.compact, PRODUCT))
    assert set(again) == set(to_deskolemized_quads(skolemized.expanded))


def test_values_lists_of_values_and_graphs() -> None:
    expanded: list[JsonValue] = [
        {
            "http://a.example/p": [{"@value": "x"}, {"@value": {"id": "_:b0"}, "@type": "@json"}],
            "http://a.example/g": [{"@graph": [{"http://a.example/p": [{"@value": "y"}]}]}],
            "@reverse": {"http://a.example/r": [{"@id": "http://a.example/s"}]},
        }
    ]
    [node] = skolemize_expanded_json_ld(expanded)
    assert isinstance(node, dict)
    assert node["http://a.example/p"] == expanded[0]["http://a.example/p"]  # type: ignore[index,call-overload]
    assert node["@reverse"] == {"http://a.example/r": [{"@id": "http://a.example/s"}]}
    quads = to_deskolemized_quads([node])
    assert canonicalize(quads).lines == canonicalize(to_dataset(expanded)).lines
    assert len({quad.graph for quad in quads}) == 2


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ({"@id": "_:b0"}, "selective.blank_node_identifier"),
        ({"@id": "urn:bnid:b0"}, "selective.blank_node_identifier"),
        ({"@type": ["_:b0"]}, "selective.blank_node_identifier"),
        ({"@type": ["urn:bnid:b0"]}, "selective.blank_node_identifier"),
        ({"http://a.example/p": [{"@list": [{"@value": 1}]}]}, "selective.list"),
        ({"http://a.example/p": [{"@id": "urn:bnid:b0"}]}, "selective.blank_node_identifier"),
    ],
    ids=["blank id", "our scheme", "blank type", "our scheme as type", "ordered list", "reference"],
)
def test_what_has_no_name_of_its_own_is_refused(node: Json, code: str) -> None:
    """Otherwise a document could pass one of its nodes off as another, or show a list in part."""
    with pytest.raises(ProofTransformationError) as caught:
        skolemize_expanded_json_ld([{"http://a.example/in": [node]}])
    assert caught.value.code == code
    assert caught.value.says("fr").what


def test_an_ordered_list_in_a_document_is_refused() -> None:
    document: Json = {
        "@context": {"p": {"@id": "http://a.example/p", "@container": "@list"}},
        "p": ["one", "two"],
    }
    with pytest.raises(ProofTransformationError) as caught:
        skolemize_compact_json_ld(document, CONFORMANCE)
    assert caught.value.code == "selective.list"
