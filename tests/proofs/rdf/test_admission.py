"""A document cannot bring along a context that changes, erases or stretches what its words mean."""

import pytest

from boundary import limits
from boundary.strict_json import JsonValue
from contexts import CONFORMANCE, PRODUCT
from problems import DataLossError, LimitError, MalformedValueError, Problem, ProofTransformationError
from proofs.rdf.admission import admit

V2 = "https://www.w3.org/ns/credentials/v2"
TERM: JsonValue = {"term": "urn:term"}


@pytest.mark.parametrize("context", [V2, [V2], [V2, "https://w3id.org/passeport/v1"], []])
def test_pinned_contexts_are_admitted(context: JsonValue) -> None:
    admit(context, PRODUCT)


@pytest.mark.parametrize(
    "context",
    [
        TERM,
        [V2, TERM],
        {"@vocab": "urn:vocab#", "@version": 1.1, "@protected": True, "@language": "fr"},
        {"id": "@id", "p": {"@id": "urn:p", "@type": "@json", "@language": None}, "gone": None},
        {"p": {"@id": "urn:p", "@context": {"q": {"@reverse": "urn:q", "@context": V2}}}},
        {"@context": TERM},
        [V2, {"@context": TERM}],
    ],
)
def test_own_terms_are_admitted_for_conformance_only(context: JsonValue) -> None:
    admit(context, CONFORMANCE)
    with pytest.raises(ProofTransformationError, match=r"context\.inline"):
        admit(context, PRODUCT)


@pytest.mark.parametrize(
    ("context", "kind", "code"),
    [
        pytest.param(None, DataLossError, "context.null", id="null"),
        pytest.param([V2, None], DataLossError, "context.null", id="null in a list"),
        pytest.param(
            {"p": {"@id": "urn:p", "@context": None}}, DataLossError, "context.null", id="null in a term"
        ),
        pytest.param(
            {"@context": TERM, "p": "urn:p"},
            ProofTransformationError,
            "context.keyword",
            id="more than a context document",
        ),
        pytest.param({"@context": V2}, ProofTransformationError, "context.keyword", id="name in a document"),
        pytest.param(
            {"@context": [TERM]}, ProofTransformationError, "context.keyword", id="list in a document"
        ),
        pytest.param(
            {"@context": {"@context": TERM}}, ProofTransformationError, "context.keyword", id="twice wrapped"
        ),
        pytest.param("http://127.0.0.1:9/c", ProofTransformationError, "context.unknown", id="unknown"),
        pytest.param("v2", ProofTransformationError, "context.unknown", id="relative"),
        pytest.param(
            {"p": {"@id": "urn:p", "@context": "urn:unknown"}},
            Problem,
            "context.unknown",
            id="unknown in a term",
        ),
        pytest.param(5, ProofTransformationError, "context.malformed", id="number"),
        pytest.param([[V2]], ProofTransformationError, "context.malformed", id="list in a list"),
        pytest.param({"@import": V2}, ProofTransformationError, "context.keyword", id="import"),
        pytest.param({"@base": "urn:base"}, ProofTransformationError, "context.keyword", id="base"),
        pytest.param({"@propagate": False}, ProofTransformationError, "context.keyword", id="propagate"),
        pytest.param(
            {"@ignoreMe": "urn:p"}, ProofTransformationError, "context.keyword", id="keyword-like term"
        ),
        pytest.param(
            {"p": "@ignoreMe"}, ProofTransformationError, "context.keyword", id="keyword-like meaning"
        ),
        pytest.param(
            {"p": {"@id": "@nest"}}, ProofTransformationError, "context.keyword", id="alias of nest"
        ),
        pytest.param(
            {"p": {"@reverse": "@x"}}, ProofTransformationError, "context.keyword", id="reverse of a keyword"
        ),
        pytest.param({"@language": "fr\n"}, MalformedValueError, "rdf.language_tag", id="default language"),
        pytest.param(
            {"p": {"@language": "f r"}}, MalformedValueError, "rdf.language_tag", id="language of a term"
        ),
    ],
)
def test_what_a_document_may_not_bring_along(context: JsonValue, kind: type[Problem], code: str) -> None:
    with pytest.raises(kind, match=code.replace(".", r"\.")):
        admit(context, CONFORMANCE)


def test_the_number_of_own_terms_has_an_end() -> None:
    many: dict[str, JsonValue] = {f"t{n}": "urn:t" for n in range(limits.INLINE_TERMS)}
    admit(many, CONFORMANCE)
    with pytest.raises(LimitError, match=r"rdf\.too_large"):
        admit({**many, "one": "urn:more"}, CONFORMANCE)
