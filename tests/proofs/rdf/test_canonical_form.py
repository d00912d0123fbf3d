"""From a document to what is signed: the published forms are reached, every leaf is covered, attacks end."""

import copy
import hashlib
import importlib.util
import json
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pyoxigraph
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from boundary import strict_json
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts
from problems import (
    DataLossError,
    LimitError,
    MalformedValueError,
    ParsingError,
    Problem,
    ProofTransformationError,
)
from proofs.rdf import Algorithm, canonical_form
from proofs.rdf.canonical import canonicalize
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.rdf.nquads import parse

VECTORS = tomllib.loads((Path(__file__).parents[2] / "vectors" / "rdf" / "canonical.toml").read_text("utf-8"))


# Published canonical forms.


@pytest.mark.parametrize("vector", VECTORS["document"])
def test_the_restated_documents(vector: dict[str, str]) -> None:
    text = canonical_form(strict_json.read_object(vector["json"]), CONFORMANCE).text
    assert hashlib.sha256(text.encode()).hexdigest() == vector["sha256"]
    text = canonical_form(strict_json.read_object(vector["json"]), CONFORMANCE, algorithm="sha384").text
    assert hashlib.sha384(text.encode()).hexdigest() == vector["sha384"]


@pytest.mark.parametrize("vector", VECTORS["graph"])
def test_the_restated_graphs(vector: dict[str, Any]) -> None:
    lines = [
        f"_:e{a} <{vector['predicate']}> _:e{b} .\n" for a, row in enumerate(vector["edges"]) for b in row
    ]
    text = canonicalize(parse("".join(lines)), algorithm=vector["algorithm"]).text
    assert hashlib.sha256(text.encode()).hexdigest() == vector["sha256"]


EDDSA = "vc-di-eddsa/eddsa-rdfc-2022/"
P256 = "vc-di-ecdsa/ecdsa-rdfc-2019-p256/"
P384 = "vc-di-ecdsa/ecdsa-rdfc-2019-p384/"
SD = "vc-di-ecdsa/ecdsa-sd-2023/"


@pytest.mark.parametrize(
    ("document", "canonical"),
    [
        ("vc-di-eddsa/unsigned.json", EDDSA + "canonDocDataInt.txt"),
        ("vc-di-eddsa/employmentAuth.json", EDDSA + "employ/canonDocDataInt.txt"),
        ("vc-di-ecdsa/unsigned.json", P256 + "canonDocECDSAP256.txt"),
        ("vc-di-ecdsa/unsigned.json", P384 + "canonDocECDSAP384.txt"),
        ("vc-di-ecdsa/employmentAuth.json", P384 + "employ/canonDocECDSAP384.txt"),
        (SD + "employ/addSignedSDBase.json", SD + "employ/addBaseDocCanon.json"),
        # not of prCredUnsigned.json, whose description is another
        (SD + "prc/addSignedSDBase.json", SD + "prc/addBaseDocCanon.json"),
    ],
)
def test_the_published_canonical_forms(fixtures: Path, document: str, canonical: str) -> None:
    unsecured = _read(fixtures, document)
    unsecured.pop("proof", None)
    algorithm: Algorithm = "sha384" if "P384" in canonical else "sha256"
    found = canonical_form(unsecured, CONFORMANCE, algorithm=algorithm)
    published = (fixtures / "vectors" / canonical).read_text("utf-8")
    assert found.text == ("".join(json.loads(published)) if canonical.endswith("json") else published)


def test_the_published_proof_configurations(fixtures: Path) -> None:
    found = 0
    for file in sorted((fixtures / "vectors").glob("vc-di-e*/e*/**/*roofConfig*.json")):
        canonical = [*file.parent.glob("proofCanon*.txt"), *file.parent.glob("addProofConfigCanon.txt")]
        if not canonical or "jcs" in str(file):
            continue
        algorithm: Algorithm = "sha384" if "P384" in file.name else "sha256"
        form = canonical_form(strict_json.read_object(file.read_bytes()), CONFORMANCE, algorithm=algorithm)
        assert form.text == canonical[0].read_text("utf-8")
        found += 1
    assert found == 8


def _read(fixtures: Path, name: str) -> Json:
    return strict_json.read_object((fixtures / "vectors" / name).read_bytes())


# Second and third opinion.


def test_pyld_reaches_the_same_form(documents: dict[str, Json]) -> None:
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": PRODUCT.document_loader,
    }
    for document in documents.values():
        assert canonical_form(document, PRODUCT).text == jsonld.normalize(copy.deepcopy(document), options)


def test_pyoxigraph_canonicalizes_alike(documents: dict[str, Json]) -> None:
    for document in documents.values():
        quads = to_dataset(expand(document, PRODUCT))
        dataset = pyoxigraph.Dataset(pyoxigraph.parse("".join(map(str, quads)), pyoxigraph.RdfFormat.N_QUADS))
        dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
        theirs = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode("utf-8")
        lines = sorted(line + "\n" for line in theirs.split("\n")[:-1])
        assert canonical_form(document, PRODUCT).lines == tuple(lines)


# Every leaf is covered: whatever is changed or taken away, the form changes or the document is refused.


def _places(value: JsonValue) -> Iterator[tuple[Any, Any]]:
    """Every container with a key or index into it, contexts aside."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        if key != "@context":
            yield value, key
            yield from _places(item)


@pytest.fixture(scope="session")
def forms(documents: dict[str, Json]) -> dict[str, str]:
    return {name: canonical_form(document, PRODUCT).text for name, document in documents.items()}


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_leaf_can_be_changed_unnoticed(
    documents: dict[str, Json], forms: dict[str, str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(documents)))
    document = copy.deepcopy(documents[name])
    leaves = [place for place in _places(document) if isinstance(place[0][place[1]], str)]
    container, key = data.draw(st.sampled_from(leaves))
    before = container[key]
    others = [before + "x", before[:-1], "", "urn:x", 5, True, None, [before, "urn:x"], {"id": "urn:x"}]
    container[key] = data.draw(st.sampled_from(others))
    assume(container[key] != before)
    _unlike(document, forms[name])


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_nothing_can_be_taken_away_unnoticed(
    documents: dict[str, Json], forms: dict[str, str], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(documents)))
    document = copy.deepcopy(documents[name])
    container, key = data.draw(st.sampled_from(list(_places(document))))
    del container[key]
    _unlike(document, forms[name])


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_nothing_can_be_repeated_unnoticed(
    documents: dict[str, Json], forms: dict[str, str], data: st.DataObject
) -> None:
    """An array with an item twice says more to people than to a graph."""
    name = data.draw(st.sampled_from(sorted(documents)))
    document = copy.deepcopy(documents[name])
    container, key = data.draw(
        st.sampled_from([at for at in _places(document) if at[1] not in ("id", "@id")])
    )
    item = container[key]
    container[key] = [item, item] if not isinstance(item, list) else [*item, item[0]]
    _unlike(document, forms[name])


def _unlike(document: Json, honest: str) -> None:
    try:
        changed = canonical_form(document, PRODUCT)
    except Problem:
        return
    assert changed.text != honest


# The attacks of the abuse catalogue, area data-integrity, each with its honest twin.


@pytest.fixture(scope="session")
def attacks(fixtures: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("attacks", fixtures / "abuse" / "generators.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def credential(diploma: Json, documents: dict[str, Json]) -> Json:
    presented = documents["presentation"]["verifiableCredential"]
    assert isinstance(presented, list)
    assert isinstance(presented[0], dict)
    honest = copy.deepcopy(presented[0])
    assert canonical_form(honest, PRODUCT).lines
    return honest


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("ld_add_undefined", DataLossError, "rdf.undefined_term"),
        ("ld_add_undefined_proof", DataLossError, "rdf.undefined_term"),
        ("ld_keyword_like", DataLossError, "rdf.undefined_term"),
        ("ld_drop_context", DataLossError, "rdf.undefined"),
        ("ld_context_null", DataLossError, "context.null"),
        ("ld_context_remote", ProofTransformationError, "context.unknown"),
        ("ld_append_redefining_context", ProofTransformationError, "context.inline"),
    ],
)
def test_a_signed_credential_that_was_altered(
    attacks: ModuleType, credential: Json, name: str, kind: type[Problem], code: str
) -> None:
    with pytest.raises(kind, match=code.replace(".", r"\.")):
        canonical_form(getattr(attacks, name)(credential), PRODUCT)


def test_an_appended_context_is_refused_even_where_documents_may_have_their_own(
    attacks: ModuleType, credential: Json
) -> None:
    with pytest.raises(ProofTransformationError, match=r"context\.protected_term"):
        canonical_form(attacks.ld_append_redefining_context(credential), CONFORMANCE)


def test_quads_injected_by_a_language(attacks: ModuleType) -> None:
    honest, *forged = dict(attacks.ld_lang_injection()).items()
    assert '"admin"' in canonical_form(honest[1], CONFORMANCE).text
    assert len(forged) == 3
    for _, document in forged:
        with pytest.raises(MalformedValueError, match=r"rdf\.language_tag"):
            canonical_form(document, CONFORMANCE)


def test_quads_injected_by_an_iri(attacks: ModuleType) -> None:
    for _, document in attacks.ld_iri_injection():
        with pytest.raises(MalformedValueError, match=r"rdf\.(iri|blank_label)"):
            canonical_form(document, CONFORMANCE)
        assert canonical_form({**document, "@id": "urn:x", "knows": "urn:y"}, CONFORMANCE).lines


def test_relative_iris(attacks: ModuleType, credential: Json) -> None:
    for _, members in attacks.ld_relative_iris():
        with pytest.raises(DataLossError, match=r"rdf\.(relative_iri|undefined_type)"):
            canonical_form({**credential, **members}, PRODUCT)


def test_a_base_does_not_make_them_absolute() -> None:
    document: Json = {
        "@context": [{"@base": "https://evil.example/", "p": "urn:p"}],
        "@id": "relative",
        "p": "a",
    }
    with pytest.raises(ProofTransformationError, match=r"context\.keyword"):
        canonical_form(document, CONFORMANCE)


def test_numbers(attacks: ModuleType) -> None:
    forms = {}
    for name, number in attacks.ld_numbers():
        document: Json = {"@context": {"p": "urn:p"}, "@id": "urn:s", "p": number}
        try:
            forms[name] = canonical_form(document, CONFORMANCE).text
        except DataLossError as problem:
            forms[name] = problem.code
    assert forms == {
        "float": '<urn:s> <urn:p> "1.1E0"^^<http://www.w3.org/2001/XMLSchema#double> .\n',
        "1e21+1": "rdf.number_precision",
        "2^53+1": '<urn:s> <urn:p> "9007199254740993"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
        "-0": '<urn:s> <urn:p> "0"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
        "1e400": '<urn:s> <urn:p> "1e400(raw)" .\n',
        "int_vs_str": '<urn:s> <urn:p> "1" .\n'
        '<urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
    }


@pytest.mark.parametrize("size", [7, 8, 9, 10])
def test_poison(attacks: ModuleType, size: int) -> None:
    _ends(lambda: canonical_form(attacks.ld_clique_vc(size), CONFORMANCE), "rdf.work_budget")
    _ends(lambda: canonicalize(parse(attacks.ld_clique_nquads(size))), "rdf.work_budget")
    assert canonical_form(attacks.ld_clique_vc(4), CONFORMANCE).lines


def test_a_wide_graph(attacks: ModuleType) -> None:
    document = attacks.ld_wide_graph()
    _ends(lambda: canonical_form(document, PRODUCT), "rdf.too_large")
    assert len(canonical_form(attacks.ld_wide_graph(1_000), PRODUCT).lines) == 2_001


def test_a_deep_document(attacks: ModuleType) -> None:
    with pytest.raises(ParsingError, match=r"json\.too_deep"):
        strict_json.read(attacks.ld_deep_nest())
    document: JsonValue = "x"
    for _ in range(5_000):
        document = {"knows": document}
    assert isinstance(document, dict)
    _ends(lambda: canonical_form(document, PRODUCT), "rdf.too_deep")


def _ends(attack: Callable[[], object], code: str) -> None:
    started = time.process_time()
    with pytest.raises((ProofTransformationError, LimitError), match=code.replace(".", r"\.")):
        attack()
    assert time.process_time() - started < 1


def test_direction_is_covered() -> None:
    document: Json = {"@context": {"p": "urn:p"}, "@id": "urn:s", "p": {"@value": "a", "@direction": "rtl"}}
    assert canonical_form(document, CONFORMANCE).text == (
        '<urn:s> <urn:p> "a"^^<https://www.w3.org/ns/i18n#_rtl> .\n'
    )


def test_the_profile_decides(diploma: Json) -> None:
    with pytest.raises(ProofTransformationError, match=r"context\.unknown"):
        canonical_form(diploma, Contexts({}))
