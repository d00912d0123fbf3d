"""Expansion drops nothing: whatever no context defines raises, wherever in whichever document it stands."""

import copy
import sys
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts
from problems import (
    DataLossError,
    LimitError,
    MalformedValueError,
    Problem,
    ProofTransformationError,
    WorkBudgetError,
)
from proofs.rdf import canonical_form
from proofs.rdf.canonical import canonicalize
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import _active_context, compact, expand
from proofs.rdf.nquads import parse

V2 = "https://www.w3.org/ns/credentials/v2"
OURS = "https://w3id.org/passeport/v1"
SOME = [
    V2,
    OURS,
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
]


OWN_TERMS = Contexts(CONFORMANCE.pins, inline=True)
"""As strict as the product, but for the terms that these documents define themselves."""


def nodes(value: JsonValue) -> Iterator[Json]:
    """Every object of a document, its contexts aside."""
    if isinstance(value, dict):
        yield value
        for name, item in value.items():
            if name != "@context":
                yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def own(**members: JsonValue) -> Json:
    """A document with the terms that these tests need."""
    context: Json = {
        "@protected": True,
        "name": "urn:name",
        "knows": {"@id": "urn:knows", "@type": "@id"},
        "mood": {"@id": "urn:mood", "@type": "@vocab"},
        "tags": {"@id": "urn:tags", "@container": "@set"},
        "steps": {"@id": "urn:steps", "@container": "@list"},
        "title": {"@id": "urn:title", "@container": "@language"},
        "graph": {"@id": "urn:graph", "@container": "@graph"},
        "data": {"@id": "urn:data", "@type": "@json"},
        "partOf": {"@reverse": "urn:part", "@type": "@id"},
        "byIndex": {"@id": "urn:i", "@container": "@index"},
        "byId": {"@id": "urn:j", "@container": "@id"},
        "byType": {"@id": "urn:k", "@container": "@type"},
        "Thing": "urn:Thing",
        "Case": {"@id": "urn:Case", "@context": {"detail": "urn:detail"}},
    }
    return {"@context": context, "@id": "urn:s", **members}


KEPT: dict[str, Json] = {
    "text": own(name="a"),
    "typed": own(**{"@type": ["Thing", "Case"]}, detail="a"),
    "set": own(tags=["a", "b"]),
    "set object": own(tags={"@set": ["a"]}),
    "list": own(steps=["a", "a", 5, True]),
    "empty list": own(steps=[]),
    "list of lists": own(steps=[["a"], []]),
    "empty list object": own(name={"@list": []}),
    "language map": own(title={"fr": "a", "en": ["b", "c"], "@none": "d"}),
    "language": own(name={"@value": "a", "@language": "fr"}),
    "direction": own(name={"@value": "a", "@language": "ar", "@direction": "rtl"}),
    "graph": own(graph={"name": "a"}),
    "reverse": own(partOf=["urn:a", "urn:b"]),
    "reverse object": own(**{"@reverse": {"knows": {"@id": "urn:o", "name": "a"}}}),
    "included": own(name="a", **{"@included": [{"@id": "urn:i", "name": "b"}]}),
    "json": own(data={"anything": [None, {}, [], {"@context": None, "@ignoreMe": "x"}]}),
    "json array": own(data=[1, 2]),
    "absolute property": own(**{"urn:other": "a"}),
    "reference": own(knows=["urn:a", {"@id": "urn:b"}]),
    "vocabulary": own(mood="Thing"),
    "pinned context inside another": {
        "@context": {"@language": "fr", "@vocab": "urn:v#"},
        "p": {"@context": V2, "name": "a", "q": "b"},
    },
    "top-level graph": {**own(), "@graph": [{"@id": "urn:a", "name": "a"}]},
}

LOST: dict[str, tuple[Json, str]] = {
    "undefined term": (own(undefined="a"), "rdf.undefined_term"),
    "undefined term with an object": (own(undefined={"name": "a"}), "rdf.undefined_term"),
    "undefined term in a list": (own(steps=[{"undefined": "a"}]), "rdf.undefined_term"),
    "undefined term in a graph": (own(graph={"undefined": "a"}), "rdf.undefined_term"),
    "undefined term in a reverse": (own(partOf={"undefined": "a"}), "rdf.undefined_term"),
    "undefined term beside a value": (own(name={"@value": "a", "undefined": "b"}), "rdf.undefined_term"),
    "term of another type": (own(detail="a"), "rdf.undefined_term"),
    "term of the outer type": (
        own(**{"@type": "Case"}, knows={"@id": "urn:o", "detail": "a"}),
        "rdf.undefined_term",
    ),
    "term of another case": (own(Name="a"), "rdf.undefined_term"),
    "keyword-like term": (own(**{"@ignoreMe": "a"}), "rdf.undefined_term"),
    "empty term": (own(**{"": "a"}), "rdf.undefined_term"),
    "null": (own(name=None), "rdf.null_value"),
    "null in a set": (own(tags=["a", None]), "rdf.null_value"),
    "null in a list": (own(steps=[None]), "rdf.null_value"),
    "null in a language map": (own(title={"fr": None}), "rdf.null_value"),
    "null among the texts of a language": (own(title={"fr": ["a", None]}), "rdf.null_value"),
    "null language": (own(name={"@value": "a", "@language": None}), "rdf.null_value"),
    "null value": (own(name={"@value": None}), "rdf.null_value"),
    "null type of a value": (own(name={"@value": "a", "@type": None}), "rdf.null_value"),
    "null id": (own(knows={"@id": None}), "rdf.null_value"),
    "null type": (own(**{"@type": None}), "rdf.null_value"),
    "no texts of a language": (own(title={"fr": []}), "rdf.null_value"),
    "empty language map": (own(title={}), "rdf.empty_array"),
    "empty array": (own(name=[]), "rdf.empty_array"),
    "empty set": (own(tags={"@set": []}), "rdf.empty_array"),
    "empty reverse": (own(partOf=[]), "rdf.empty_array"),
    "empty reverse object": (own(name="a", **{"@reverse": {}}), "rdf.empty_array"),
    "nothing included": (own(name="a", **{"@included": []}), "rdf.empty_array"),
    "empty graph": (own(name="a", **{"@graph": []}), "rdf.empty_array"),
    "text in a graph": (own(name="a", **{"@graph": ["a"]}), "rdf.free_floating"),
    "value in a graph": (own(name="a", **{"@graph": [{"@value": "a"}]}), "rdf.free_floating"),
    "name in a graph": (own(name="a", **{"@graph": [{"@id": "urn:a"}]}), "rdf.free_floating"),
    "only a language": (own(name={"@language": "fr"}), "rdf.free_floating"),
    "only a name": (own(), "rdf.free_floating"),
    "index": (own(name="a", **{"@index": "i"}), "rdf.keyword"),
    "index beside a set": (own(tags={"@set": ["a"], "@index": "i"}), "rdf.keyword"),
    "nest": (own(**{"@nest": {"name": "a"}}), "rdf.keyword"),
    "empty nest": (own(name="a", **{"@nest": []}), "rdf.keyword"),
    "framing keyword": (own(name="a", **{"@default": "a"}), "rdf.keyword"),
    "index map": (own(byIndex={"a": "b"}), "rdf.index_map"),
    "id map": (own(byId={"urn:a": {"@id": "urn:b", "name": "a"}}), "rdf.index_map"),
    "type map": (own(byType={"Thing": "urn:a"}), "rdf.index_map"),
    "relative id": (own(knows="relative"), "rdf.relative_iri"),
    "relative id of the document": (own(name="a") | {"@id": "relative"}, "rdf.relative_iri"),
    "keyword-like reference": (own(knows="@ignoreMe"), "rdf.relative_iri"),
    "undefined word of a vocabulary": (own(mood="undefined"), "rdf.relative_iri"),
    "undefined type": (own(**{"@type": ["Thing", "Undefined"]}), "rdf.undefined_type"),
    "keyword-like type": (own(**{"@type": ["Thing", "@ignoreMe"]}), "rdf.undefined_type"),
    "no type": (own(name="a", **{"@type": []}), "rdf.empty_array"),
    "context erased inside": (own(knows={"@context": None, "urn:name": "a"}), "context.null"),
}

MALFORMED: dict[str, Json] = {
    "language": own(name={"@value": "a", "@language": "fr .\n<urn:x>"}),
    "language that becomes well-formed in lower case": own(name={"@value": "a", "@language": "\u212ao"}),
    "language of a map": own(title={"fr .\n<urn:x>": "a"}),
    "keyword-like language of a map": own(title={"@ignoreMe": "a"}),
    "default language": {"@context": {"@language": "fr .\n", "name": "urn:name"}, "name": "a"},
    "default language without a text": {"@context": {"@language": "fr .\n", "name": "urn:name"}, "name": 5},
    "language of a term": {"@context": {"name": {"@id": "urn:name", "@language": "f r"}}, "name": "a"},
}

REFUSED: dict[str, tuple[Json, str]] = {
    "protected term redefined": (
        own(name="a", knows={"@context": {"name": "urn:b"}, "name": "a"}),
        "protected_term",
    ),
    "object as a value": (own(name={"@value": {"a": 1}}), "rdf.json_ld"),
    "language of a number": (own(name={"@value": 5, "@language": "fr"}), "rdf.json_ld"),
    "type and language": (own(name={"@value": "a", "@type": "urn:t", "@language": "fr"}), "rdf.json_ld"),
    "number as an id": (own(knows={"@id": 5}), "rdf.json_ld"),
    "number as a type": (own(**{"@type": 5}), "rdf.json_ld"),
    "term without meaning": ({"@context": {"a": {}}, "a": "b"}, "rdf.json_ld"),
    "terms in a circle": ({"@context": {"a": "b:x", "b": "a:x"}, "a": "b"}, "rdf.json_ld"),
    "language that was never set": ({"@context": {"@language": None}, "urn:p": "a"}, "rdf.expansion"),
    "no context": ({"name": "a"}, "rdf.undefined_term"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_defined_is_kept(name: str) -> None:
    """PyLD without our checks sees the same and states the same: they take nothing away."""
    found = expand(KEPT[name], CONFORMANCE)
    options = {"base": None, "documentLoader": CONFORMANCE.document_loader}
    assert found == jsonld.expand(KEPT[name], options)
    stated = jsonld.to_rdf(
        KEPT[name], options | {"format": "application/n-quads", "rdfDirection": "i18n-datatype"}
    )
    assert canonicalize(to_dataset(found)).lines == canonicalize(parse(stated)).lines


@pytest.mark.parametrize("name", LOST)
def test_what_would_be_dropped_is_data_loss(name: str) -> None:
    document, code = LOST[name]
    with pytest.raises(DataLossError, match=code.replace(".", r"\.")):
        to_dataset(expand(document, OWN_TERMS))


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_language_is_refused_wherever_it_stands(name: str) -> None:
    with pytest.raises(MalformedValueError, match=r"rdf\.language_tag"):
        expand(MALFORMED[name], CONFORMANCE)


@pytest.mark.parametrize("name", REFUSED)
def test_what_json_ld_refuses_is_a_problem_with_a_code(name: str) -> None:
    document, code = REFUSED[name]
    with pytest.raises(ProofTransformationError, match=code):
        expand(document, CONFORMANCE)


def test_the_undefined_term_is_named() -> None:
    with pytest.raises(DataLossError) as caught:
        expand(own(knows={"memberLevel": "gold"}), CONFORMANCE)
    assert caught.value.facts == {"term": "memberLevel"}
    assert "memberLevel" in caught.value.says("fr").what


# The same of any place in real documents.

undefined_names = st.from_regex(r"zz[A-Za-z0-9_ -]{0,10}|@[A-Za-z]{12}|", fullmatch=True)
values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), name=undefined_names, value=values)
def test_an_undefined_member_anywhere_is_data_loss(
    documents: dict[str, Json], data: st.DataObject, name: str, value: JsonValue
) -> None:
    document = copy.deepcopy(documents[data.draw(st.sampled_from(sorted(documents)))])
    data.draw(st.sampled_from(list(nodes(document))))[name] = value
    with pytest.raises(DataLossError):
        expand(document, PRODUCT)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_null_or_an_empty_array_anywhere_is_data_loss(
    documents: dict[str, Json], data: st.DataObject
) -> None:
    document = copy.deepcopy(documents[data.draw(st.sampled_from(sorted(documents)))])
    node = data.draw(st.sampled_from(list(nodes(document))))
    member = data.draw(st.sampled_from([name for name in node if name != "@context"]))
    node[member] = data.draw(st.sampled_from([None, [None], []]))
    with pytest.raises((DataLossError, ProofTransformationError)):
        to_dataset(expand(document, PRODUCT))


EMPTY = {
    "set": {"name": "a", "tags": []},
    "graph": {"@context": V2, "type": "VerifiablePresentation", "verifiableCredential": []},
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_member_that_holds_nothing_says_nothing_for_conformance_only(name: str) -> None:
    """Other people's test-suites sign an empty ``verifiableCredential``, of which no trace is signed."""
    document = EMPTY[name] if "@context" in EMPTY[name] else own(**EMPTY[name])
    without = {member: value for member, value in document.items() if value != []}
    assert canonical_form(document, CONFORMANCE).lines == canonical_form(without, CONFORMANCE).lines
    with pytest.raises(DataLossError, match=r"rdf\.empty_array"):
        canonical_form(document, OWN_TERMS)


def test_an_empty_list_is_said_even_so() -> None:
    context: Json = {"steps": {"@id": "urn:steps", "@container": "@list"}, "name": "urn:name"}
    lines = canonical_form({"@context": context, "name": "a", "steps": []}, CONFORMANCE).lines
    assert any("rdf-syntax-ns#nil" in line for line in lines)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), name=undefined_names.filter(bool))
def test_an_undefined_type_anywhere_is_data_loss(
    documents: dict[str, Json], data: st.DataObject, name: str
) -> None:
    document = copy.deepcopy(documents[data.draw(st.sampled_from(sorted(documents)))])
    node = data.draw(st.sampled_from([node for node in nodes(document) if "type" in node]))
    types = node["type"] if isinstance(node["type"], list) else [node["type"]]
    node["type"] = [*types, name]
    with pytest.raises(DataLossError, match=r"rdf\.undefined_type"):
        to_dataset(expand(document, PRODUCT))


def test_honest_documents_expand_as_pyld_alone_expands_them(documents: dict[str, Json]) -> None:
    for document in documents.values():
        options = {"base": None, "documentLoader": PRODUCT.document_loader}
        assert expand(document, PRODUCT) == jsonld.expand(document, options)


members = st.sampled_from(
    [*own(), "name", "knows", "title", "steps", "data", "partOf", "graph", "byId", "tags"]
)
keywords = st.sampled_from(
    ["@type", "@value", "@list", "@set", "@graph", "@reverse", "@language", "@included", "@nest"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        members | keywords,
        st.recursive(values, lambda inner: st.dictionaries(members | keywords, inner, max_size=3)),
    )
)
def test_no_document_does_anything_but_expand_or_raise(some: Json) -> None:
    with suppress(Problem):
        expand(own() | some, CONFORMANCE)


# Contexts.


def test_an_appended_context_cannot_redefine_a_protected_term(diploma: Json) -> None:
    swapped: Json = {"name": "https://schema.org/description", "description": "https://schema.org/name"}
    context = diploma["@context"]
    assert isinstance(context, list)
    with pytest.raises(ProofTransformationError, match=r"context\.protected_term"):
        expand({**diploma, "@context": [*context, swapped]}, CONFORMANCE)
    with pytest.raises(ProofTransformationError, match=r"context\.inline"):
        expand({**diploma, "@context": [*context, swapped]}, PRODUCT)


def test_a_document_cannot_write_into_a_pinned_context() -> None:
    """PyLD writes what imports into what is imported: nothing may import, and each load is a copy."""
    with pytest.raises(ProofTransformationError, match=r"context\.keyword"):
        expand({"@context": {"@import": V2, "name": "urn:evil"}, "name": "a"}, CONFORMANCE)


def test_the_remembered_contexts_are_never_changed(documents: dict[str, Json]) -> None:
    contexts = documents["diploma"]["@context"]
    assert isinstance(contexts, list)
    urls = tuple(str(url) for url in contexts)
    expand(documents["diploma"], PRODUCT)
    remembered = copy.deepcopy(dict(_active_context(PRODUCT, urls)["mappings"]))
    for document in documents.values():
        compact(expand(document, PRODUCT), document["@context"], PRODUCT)
    assert dict(_active_context(PRODUCT, urls)["mappings"]) == remembered
    _active_context.cache_clear()
    assert dict(_active_context(PRODUCT, urls)["mappings"]) == remembered


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_is_remembered_changes_nothing(documents: dict[str, Json], data: st.DataObject) -> None:
    """Contexts that documents may extend are not remembered beyond the head: both read a document alike."""
    document = copy.deepcopy(documents[data.draw(st.sampled_from(sorted(documents)))])
    places = list(nodes(document))
    node = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from([*node, "name", "type", "proof"]))
    if name != "@context":
        node[name] = copy.deepcopy(data.draw(st.sampled_from(places)))
    assert _outcome(document, PRODUCT) == _outcome(document, Contexts(PRODUCT.pins, inline=True))


def _outcome(document: Json, contexts: Contexts) -> JsonValue:
    try:
        return expand(document, contexts)
    except Problem as problem:
        return problem.code


def test_a_context_of_nothing_holds_nothing_back() -> None:
    inner: Json = {"@context": V2, "type": "VerifiableCredential", "name": "a"}
    [found] = expand({"@context": [], "urn:p": inner}, PRODUCT)
    assert found == jsonld.expand({"urn:p": inner}, {"documentLoader": PRODUCT.document_loader})[0]


def test_what_one_set_of_contexts_knows_another_does_not() -> None:
    document: Json = {
        "@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "AlumniCredential"],
    }
    assert expand(document, CONFORMANCE)
    with pytest.raises(ProofTransformationError, match=r"context\.unknown"):
        expand(document, PRODUCT)


def test_the_input_is_left_as_it_was(diploma: Json) -> None:
    document = copy.deepcopy(diploma)
    expand(document, PRODUCT)
    assert document == diploma


def test_threads_do_not_disturb_each_other(documents: dict[str, Json]) -> None:
    expected = {name: expand(document, PRODUCT) for name, document in documents.items()}
    _active_context.cache_clear()
    wrong: list[str] = []

    def work() -> None:
        for name, document in documents.items():
            expanded = expand(document, PRODUCT)
            compacted = compact(expanded, document["@context"], PRODUCT)
            if expanded != expected[name] or expand(compacted, PRODUCT) != expected[name]:
                wrong.append(name)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# Size.


def _nested(depth: int) -> Json:
    document = own(name="a")
    for _ in range(depth):
        document = {"knows": document}
    document["@context"] = own()["@context"]
    return document


def test_depth_has_an_end_before_the_stack_has() -> None:
    assert to_dataset(expand(_deepest(), CONFORMANCE))
    for depth in (limits.JSON_DEPTH, 5_000):
        with pytest.raises(LimitError, match=r"rdf\.too_deep"):
            expand(_nested(depth), CONFORMANCE)


def _deepest() -> Json:
    """As deep as may be, with an array around every object, which costs the most stack."""
    value: JsonValue = "urn:end"
    for _ in range((limits.JSON_DEPTH - 2) // 2):
        value = [{"knows": value}]
    return own(knows=value)


def test_the_deepest_document_leaves_most_of_the_stack() -> None:
    limit = sys.getrecursionlimit()
    frames, frame = 0, sys._getframe()
    while frame.f_back:
        frames, frame = frames + 1, frame.f_back
    sys.setrecursionlimit(frames + 500)
    try:
        assert to_dataset(expand(_deepest(), CONFORMANCE))
    finally:
        sys.setrecursionlimit(limit)


def test_size_has_an_end() -> None:
    with pytest.raises(LimitError, match=r"rdf\.too_large"):
        expand(own(tags=[str(n) for n in range(limits.JSON_LD_VALUES)]), CONFORMANCE)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            {"@context": [V2, OURS] * 2_000, "type": "VerifiableCredential"}, id="contexts repeated"
        ),
        pytest.param(
            {
                "@context": [V2],
                "type": ["VerifiableCredential"],
                "credentialSubject": [
                    {"@context": Random(n).sample(SOME, 5), "id": f"urn:{n}"} for n in range(900)
                ],
            },
            id="contexts in many orders",
        ),
        pytest.param(
            {
                "@context": [V2],
                "type": ["VerifiableCredential"],
                "credentialSubject": [
                    {"type": "VerifiableCredential", "id": f"urn:{n}"} for n in range(3_000)
                ],
            },
            id="types that define many terms",
        ),
    ],
)
def test_what_contexts_ask_for_has_an_end(document: Json) -> None:
    with pytest.raises(WorkBudgetError, match=r"rdf\.work_budget"):
        expand(document, PRODUCT)


def test_terms_defined_by_one_another_end() -> None:
    chain: Json = {f"t{n}": f"t{n + 1}:x" for n in range(limits.INLINE_TERMS - 1)}
    assert expand({"@context": {**chain, f"t{limits.INLINE_TERMS - 1}": "urn:x:"}, "t0": "a"}, CONFORMANCE)


# Compaction.


def test_compaction_undoes_expansion(documents: dict[str, Json]) -> None:
    for document in documents.values():
        compacted = compact(expand(document, PRODUCT), document["@context"], PRODUCT)
        assert expand(compacted, PRODUCT) == expand(document, PRODUCT)


def test_compaction_leaves_its_input_as_it_was(diploma: Json) -> None:
    expanded = expand(diploma, PRODUCT)
    before = copy.deepcopy(expanded)
    compact(expanded, diploma["@context"], PRODUCT)
    assert expanded == before


def test_compaction_admits_the_same_contexts() -> None:
    with pytest.raises(ProofTransformationError, match=r"context\.unknown"):
        compact([{"urn:p": [{"@value": "a"}]}], "urn:unknown", PRODUCT)
    with pytest.raises(ProofTransformationError, match=r"rdf\.json_ld"):
        compact([{"urn:p": [{"@value": "a"}]}], {"a": 5}, CONFORMANCE)
