"""jsonld.js in its safe mode and we give every document the same canonical form."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strangers import Refused, Strangers

from contexts import PRODUCT
from problems import DataLossError, Problem
from proofs.rdf import canonical_form

pytestmark = pytest.mark.node

Json = dict[str, Any]
OURS = json.loads((Path(__file__).parent / "documents/block.ld.json").read_text("utf-8"))["credential"]
EXAMPLES = sorted(Path(os.environ.get("PASSEPORT_FIXTURES", "/nowhere")).glob("model/examples/*.ld.json"))


def same(strangers: Strangers, document: Json) -> bool:
    return canonical_form(document, PRODUCT).text == strangers.ask("canonize", document=document)


def test_both_write_our_document_alike(strangers: Strangers) -> None:
    assert same(strangers, OURS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_both_write_the_models_examples_alike(strangers: Strangers, path: Path) -> None:
    assert same(strangers, json.loads(path.read_text("utf-8")))


# Implementations in JavaScript order text by its UTF-16 halves, RDFC-1.0 by code points: from U+E000 to
# U+FFFF the two disagree about what is beyond U+FFFF (digitalbazaar/rdf-canonize, issue 52).
ORDERED_ALIKE = st.characters(exclude_categories=["Cs", "Cc", "Cn"], max_codepoint=0xD7FF) | st.characters(
    exclude_categories=["Cn"], min_codepoint=0x10000
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(ORDERED_ALIKE, min_size=1), min_size=2, max_size=6, unique=True))
def test_both_write_and_order_any_text_alike(strangers: Strangers, names: list[str]) -> None:
    assert same(strangers, with_names(names))


def test_they_order_some_rare_pairs_of_texts_otherwise(strangers: Strangers) -> None:
    """Ours is right (RDFC-1.0 §3, Unicode code point order); when this fails, theirs is mended."""
    yen, face = "\uffe5", "\U0001f600"
    document = with_names([face, yen])
    ours, theirs = canonical_form(document, PRODUCT).text, strangers.ask("canonize", document=document)
    assert ours.index(yen) < ours.index(face)
    assert theirs.index(face) < theirs.index(yen)


def with_names(names: list[str]) -> Json:
    """Several names on one node: nothing but themselves decides their order."""
    document = copy.deepcopy(OURS)
    document["credentialSubject"]["skill"][0]["name"] = names
    return document


def undefined_term(document: Json) -> None:
    document["credentialSubject"]["loisirs"] = "voile"


def undefined_type(document: Json) -> None:
    document["type"].append("CertificatDeComplaisance")


def relative_id(document: Json) -> None:
    document["credentialSubject"]["achievement"]["id"] = "RNCP37674BC01"


@pytest.mark.parametrize("drop", [undefined_term, undefined_type, relative_id])
def test_both_refuse_to_drop_data(strangers: Strangers, drop: Any) -> None:
    document = copy.deepcopy(OURS)
    drop(document)
    with pytest.raises(DataLossError):
        canonical_form(document, PRODUCT)
    with pytest.raises(Refused, match="Safe mode"):
        strangers.ask("canonize", document=document)


def test_neither_asks_the_network_for_a_context(strangers: Strangers) -> None:
    document = copy.deepcopy(OURS)
    document["@context"].append("https://contextes.example/v1")
    with pytest.raises(Problem):
        canonical_form(document, PRODUCT)
    with pytest.raises(Refused, match=r"contextes\.example"):
        strangers.ask("canonize", document=document)
