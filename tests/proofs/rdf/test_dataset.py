"""Expanded JSON-LD states the quads that the specification says, and nothing of it is dropped."""

import pyoxigraph
import pytest
from pyld import jsonld

from boundary.strict_json import JsonValue
from problems import DataLossError, MalformedValueError
from proofs.rdf.dataset import to_dataset

A: JsonValue = {"@value": "a"}
B: JsonValue = {"@value": "b"}

KEPT: dict[str, list[JsonValue]] = {
    "values": [{"@id": "urn:s", "urn:p": [A, {"@value": "a", "@language": "fr"}, {"@value": 5}]}],
    "types": [{"@id": "urn:s", "@type": ["urn:t", "_:t", "urn:u"], "urn:p": [{"@id": "_:t"}]}],
    "nested node": [{"urn:p": [{"urn:q": [{"@id": "urn:o", "urn:r": [A]}]}]}],
    "empty node as a value": [{"@id": "urn:s", "urn:p": [{}]}],
    "shared blank node": [
        {"@id": "_:x", "urn:p": [{"@id": "_:y"}]},
        {"@id": "_:y", "urn:q": [{"@id": "_:x"}]},
    ],
    "list": [{"@id": "urn:s", "urn:p": [{"@list": [A, {"@id": "urn:o", "urn:q": [B]}, {"urn:q": [A]}]}]}],
    "list with a value twice": [{"@id": "urn:s", "urn:p": [{"@list": [A, A, A]}]}],
    "empty list": [{"@id": "urn:s", "urn:p": [{"@list": []}]}],
    "list of lists": [
        {"@id": "urn:s", "urn:p": [{"@list": [{"@list": [A]}, {"@list": []}, {"@list": [B, A]}]}]}
    ],
    "named graph": [{"@id": "urn:g", "urn:p": [A], "@graph": [{"@id": "urn:s", "urn:p": [{"urn:q": [A]}]}]}],
    "graph as a value": [
        {"@id": "urn:s", "urn:proof": [{"@graph": [{"urn:p": [A]}]}, {"@graph": [{"urn:p": [A]}]}]}
    ],
    "graph in a graph": [
        {"@id": "urn:g", "@graph": [{"@id": "urn:h", "urn:p": [{"@graph": [{"urn:q": [A]}]}]}]}
    ],
    "list in a graph": [{"@id": "urn:g", "@graph": [{"@id": "urn:s", "urn:p": [{"@list": [A, B]}]}]}],
    "included": [{"@id": "urn:s", "urn:p": [A], "@included": [{"@id": "urn:i", "urn:q": [B]}]}],
    "reverse": [{"@id": "urn:s", "@reverse": {"urn:p": [{"@id": "urn:o", "urn:q": [A]}, {"urn:q": [B]}]}}],
    "one node told in two places": [
        {"@id": "urn:s", "urn:p": [A], "urn:q": [{"@id": "urn:s", "urn:p": [B]}]},
        {"@id": "urn:s", "urn:p": [A]},
    ],
}


@pytest.mark.parametrize("name", KEPT)
def test_pyld_states_the_same_quads(name: str) -> None:
    ours = "".join(map(str, to_dataset(KEPT[name])))
    theirs = jsonld.to_rdf(KEPT[name], {"base": None, "format": "application/n-quads"})
    assert _canonical(ours) == _canonical(theirs)


def _canonical(text: str) -> set[pyoxigraph.Quad]:
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(text, pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def test_blank_nodes_are_labelled_in_order_of_appearance() -> None:
    found = to_dataset([{"urn:p": [{"@id": "_:b0", "urn:q": [A]}, {"urn:q": [B]}]}])
    assert [str(quad) for quad in found] == [
        '_:b1 <urn:q> "a" .\n',
        '_:b2 <urn:q> "b" .\n',
        "_:b0 <urn:p> _:b1 .\n",
        "_:b0 <urn:p> _:b2 .\n",
    ]


def test_direction_becomes_a_datatype() -> None:
    """Other implementations do so when told rdfDirection: i18n-datatype."""
    found = to_dataset([{"@id": "urn:s", "urn:p": [{"@value": "a", "@language": "ar", "@direction": "rtl"}]}])
    assert [str(quad) for quad in found] == ['<urn:s> <urn:p> "a"^^<https://www.w3.org/ns/i18n#ar_rtl> .\n']


@pytest.mark.parametrize(
    ("node", "code"),
    [
        pytest.param({"@id": "relative", "urn:p": [A]}, "rdf.relative_iri", id="relative subject"),
        pytest.param({"@id": "", "urn:p": [A]}, "rdf.relative_iri", id="empty subject"),
        pytest.param({"@id": None, "urn:p": [A]}, "rdf.relative_iri", id="keyword-like subject"),
        pytest.param({"urn:p": [{"@id": "../up"}]}, "rdf.relative_iri", id="relative object"),
        pytest.param({"urn:p": [{"@list": [{"@id": "x"}]}]}, "rdf.relative_iri", id="relative in a list"),
        pytest.param({"@type": ["Undefined"]}, "rdf.undefined_type", id="relative type"),
        pytest.param({"@type": [None]}, "rdf.undefined_type", id="keyword-like type"),
        pytest.param({"@type": ["@json"]}, "rdf.undefined_type", id="keyword as a type"),
        pytest.param({"@type": []}, "rdf.empty_array", id="no types"),
        pytest.param({"p": [A]}, "rdf.undefined_term", id="relative predicate"),
        pytest.param({"_:p": [A]}, "rdf.blank_predicate", id="blank predicate"),
        pytest.param({"@index": [A]}, "rdf.keyword", id="index"),
        pytest.param({"urn:p": [{"@list": [A], "@index": "i"}]}, "rdf.keyword", id="index of a list"),
        pytest.param({"urn:p": []}, "rdf.empty_array", id="no values"),
        pytest.param({"urn:p": [A], "@graph": []}, "rdf.empty_array", id="empty graph"),
        pytest.param({"urn:p": [A], "@included": []}, "rdf.empty_array", id="nothing included"),
        pytest.param({"urn:p": [A, A]}, "rdf.duplicate_value", id="value twice"),
        pytest.param({"@type": ["urn:t", "urn:t"]}, "rdf.duplicate_value", id="type twice"),
        pytest.param(
            {"urn:p": [{"@id": "urn:o"}, {"@id": "urn:o", "urn:q": [A]}]},
            "rdf.duplicate_value",
            id="node twice",
        ),
        pytest.param({}, "rdf.empty_node", id="nothing said"),
        pytest.param({"@id": "urn:s"}, "rdf.empty_node", id="only a name"),
        pytest.param({"urn:p": [A], "@included": [{"@id": "urn:i"}]}, "rdf.empty_node", id="included name"),
        pytest.param({"@graph": [{"@id": "urn:s"}]}, "rdf.empty_node", id="name in a graph"),
    ],
)
def test_what_rdf_would_drop_is_data_loss(node: JsonValue, code: str) -> None:
    with pytest.raises(DataLossError, match=code.replace(".", r"\.")):
        to_dataset([node])


@pytest.mark.parametrize(
    ("node", "code"),
    [
        pytest.param(
            {"@id": 'urn:x> <urn:role> "admin" .\n<urn:x', "urn:p": [A]}, "rdf.iri", id="quad in a subject"
        ),
        pytest.param({"urn:p": [{"@id": "urn:x y"}]}, "rdf.iri", id="space in an object"),
        pytest.param({"urn:p> <urn:q": [A]}, "rdf.iri", id="quad in a predicate"),
        pytest.param({"@type": ["urn:t\n"]}, "rdf.iri", id="line end after a type"),
        pytest.param(
            {"@id": "urn:\x85", "urn:p": [A]}, "rdf.unusual_character", id="control character in an IRI"
        ),
        pytest.param(
            {"@id": '_:b <urn:role> "admin" .\n_:b', "urn:p": [A]}, "rdf.blank_label", id="quad in a label"
        ),
        pytest.param({"@id": "_:", "urn:p": [A]}, "rdf.blank_label", id="empty label"),
        pytest.param({"@type": ["_:a b"]}, "rdf.blank_label", id="space in a blank type"),
        pytest.param({"urn:p": "a"}, "shape.list_expected", id="not expanded"),
        pytest.param("a", "shape.object_expected", id="no node"),
    ],
)
def test_what_cannot_be_written_without_doubt_is_refused(node: JsonValue, code: str) -> None:
    with pytest.raises(MalformedValueError, match=code.replace(".", r"\.")):
        to_dataset([node])


def test_no_identifier_gets_into_a_message() -> None:
    with pytest.raises(DataLossError) as caught:
        to_dataset([{"urn:p": [{"@id": "someone's name"}]}])
    assert caught.value.facts == {"term": "urn:p"}
