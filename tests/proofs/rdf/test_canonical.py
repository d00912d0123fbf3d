"""RDFC-1.0: equal graphs get equal text, other implementations agree, and poison is refused in time."""

import json
import random
import time
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundary import limits
from problems import CryptographicSecurityError, ProofTransformationError, WorkBudgetError
from proofs.rdf.canonical import Algorithm, _orders, canonicalize
from proofs.rdf.nquads import Blank, Iri, Literal, Quad, parse

OXIGRAPH = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}
P = Iri("urn:p")


# The official tests (w3c/rdf-canon), each named by its file; the manifest says what is expected.


def _entries(fixtures: Path, kind: str) -> list[dict[str, str]]:
    manifest = json.loads((fixtures / "vectors/rdf-canon/manifest.jsonld").read_text("utf-8"))
    return [entry for entry in manifest["entries"] if entry["type"] == f"rdfc:RDFC10{kind}Test"]


def _text(fixtures: Path, name: str) -> str:
    return (fixtures / "vectors/rdf-canon" / name).read_bytes().decode("utf-8")


def _algorithm(entry: dict[str, str]) -> Algorithm:
    return "sha384" if entry.get("hashAlgorithm") == "SHA384" else "sha256"


def test_the_official_evaluation_tests(fixtures: Path, subtests: pytest.Subtests) -> None:
    entries = _entries(fixtures, "Eval")
    assert len(entries) == 64
    for entry in entries:
        with subtests.test(entry["id"]):
            found = canonicalize(parse(_text(fixtures, entry["action"])), algorithm=_algorithm(entry))
            assert found.text == _text(fixtures, entry["result"])


def test_the_official_label_tests(fixtures: Path, subtests: pytest.Subtests) -> None:
    entries = _entries(fixtures, "Map")
    assert len(entries) == 21
    for entry in entries:
        with subtests.test(entry["id"]):
            found = canonicalize(parse(_text(fixtures, entry["action"])), algorithm=_algorithm(entry))
            assert dict(found.labels) == json.loads(_text(fixtures, entry["result"]))


def test_the_official_poison(fixtures: Path) -> None:
    [entry] = _entries(fixtures, "NegativeEval")
    _refused_in_time(parse(_text(fixtures, entry["action"])))


# Randomized graphs, with pyoxigraph as the second opinion. Few nodes: it has no budget of its own.

nodes = st.integers(0, 5).map(lambda number: Blank(f"n{number}"))
objects = nodes | st.sampled_from([Iri("urn:a"), Literal("x\n"), Literal("x", "urn:t")])
graphs = st.none() | nodes | st.just(Iri("urn:g"))
datasets = st.lists(
    st.builds(Quad, nodes | st.just(Iri("urn:s")), st.sampled_from([P, Iri("urn:q")]), objects, graphs),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(datasets, st.sampled_from(["sha256", "sha384"]))
def test_pyoxigraph_agrees(quads: list[Quad], algorithm: Algorithm) -> None:
    try:
        found = canonicalize(quads, algorithm=algorithm)
    except WorkBudgetError:
        assume(False)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse("".join(map(str, quads)), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(OXIGRAPH[algorithm])
    text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode("utf-8")
    assert found.lines == tuple(sorted(line + "\n" for line in text.split("\n")[:-1]))


@settings(max_examples=200, deadline=None)
@given(datasets, st.randoms(use_true_random=False))
def test_labels_and_order_do_not_matter(quads: list[Quad], source: random.Random) -> None:
    names = [f"n{number}" for number in range(6)]
    others = dict(zip(names, source.sample(["c14n1", "c14n0", "b0", "z", "a", "x.y"], 6), strict=True))
    shuffled = source.sample(quads, len(quads))
    try:
        expected = canonicalize(quads)
    except WorkBudgetError:
        assume(False)
    assert canonicalize([quad.rename(others.__getitem__) for quad in shuffled]).lines == expected.lines


@settings(deadline=None)
@given(datasets)
def test_the_labels_lead_from_the_input_to_the_output(quads: list[Quad]) -> None:
    try:
        found = canonicalize(quads)
    except WorkBudgetError:
        assume(False)
    assert {str(quad.rename(found.labels.__getitem__)) for quad in quads} == set(found.lines)
    assert canonicalize(parse(found.text)).lines == found.lines


def test_a_quad_said_twice_is_one() -> None:
    quad = Quad(Blank("a"), P, Literal("x"))
    assert canonicalize([quad, quad]).lines == ('_:c14n0 <urn:p> "x" .\n',)


def test_nothing_is_canonical_already() -> None:
    assert canonicalize([]).text == ""


def test_lines_are_in_code_point_order() -> None:
    """Not in that of UTF-16, where the astral one would come first."""
    quads = [Quad(Iri("urn:s"), P, Literal(text)) for text in ("\U0001f600", "\uff5e")]
    assert canonicalize(quads).lines == ('<urn:s> <urn:p> "\uff5e" .\n', '<urn:s> <urn:p> "\U0001f600" .\n')


# Terms that would write other quads than they are.


@pytest.mark.parametrize(
    "term",
    [
        pytest.param(Literal("a", "urn:lang", 'fr .\n<urn:s> <urn:role> "admin"'), id="language"),
        pytest.param(Literal("a", 'urn:t> .\n<urn:s> <urn:role> "admin"^^<urn:t'), id="datatype"),
        pytest.param(Iri("urn:o> .\n<urn:s> <urn:role> <urn:o"), id="iri"),
        pytest.param(Literal("a", "urn:not-langString", "fr"), id="language without its datatype"),
        pytest.param(Iri("relative"), id="relative"),
    ],
)
def test_a_term_that_is_read_back_differently_is_refused(term: Iri | Literal) -> None:
    with pytest.raises((CryptographicSecurityError, ProofTransformationError)):
        canonicalize([Quad(Iri("urn:s"), P, term)])


def test_a_label_that_states_a_quad_stays_a_label() -> None:
    """Input labels never reach the output."""
    found = canonicalize([Quad(Blank('b <urn:role> "admin" .\n_:b'), P, Literal("a"))])
    assert found.lines == ('_:c14n0 <urn:p> "a" .\n',)


# Poison (RDFC-1.0 §7.1): each is refused within a second of work, and the honest twin is not.


def _clique(size: int) -> list[Quad]:
    return [Quad(Blank(f"n{a}"), P, Blank(f"n{b}")) for a, b in permutations(range(size), 2)]


def _ring(size: int) -> list[Quad]:
    return [Quad(Blank(f"n{n}"), P, Blank(f"n{(n + 1) % size}")) for n in range(size)]


def _chain(size: int) -> list[Quad]:
    return [Quad(Blank(f"n{n}"), P, Blank(f"n{n + 1}")) for n in range(size)]


def _star(size: int) -> list[Quad]:
    return [Quad(Blank("hub"), P, Blank(f"n{n}")) for n in range(size)]


def _pairs(size: int) -> list[Quad]:
    return [Quad(Blank(f"a{n}"), P, Blank(f"b{n}")) for n in range(size)]


def _hubs(size: int) -> list[Quad]:
    """Few nodes alike, each with very many neighbours that are not."""
    leaves = [Quad(Blank(f"n{n}"), P, Literal(str(n))) for n in range(2_000)]
    return leaves + [Quad(Blank(f"h{h}"), P, Blank(f"n{n}")) for n in range(2_000) for h in range(size)]


@pytest.mark.parametrize("size", [7, 8, 9, 10])
def test_cliques_are_refused(size: int) -> None:
    _refused_in_time(_clique(size))


@pytest.mark.parametrize(
    ("shape", "poison", "honest"),
    [
        (_clique, 7, 4),
        (_ring, 300, 10),
        (_chain, 15_000, 10),
        (_star, 15_000, 6),
        (_pairs, 9_000, 8),
        (_hubs, 4, 1),
    ],
)
def test_every_shape_has_an_end(shape: Callable[[int], list[Quad]], poison: int, honest: int) -> None:
    _refused_in_time(shape(poison))
    assert canonicalize(shape(honest)).lines


def test_the_number_of_quads_has_an_end() -> None:
    quads = [Quad(Iri("urn:s"), P, Literal(str(n))) for n in range(limits.QUADS + 1)]
    with pytest.raises(WorkBudgetError):
        canonicalize(quads)
    assert len(canonicalize(quads[:-1]).lines) == limits.QUADS


def _refused_in_time(quads: list[Quad]) -> None:
    started = time.process_time()
    with pytest.raises(WorkBudgetError, match=r"rdf\.work_budget"):
        canonicalize(quads)
    assert time.process_time() - started < 1


# Orders of equal things


@given(st.text(alphabet="abcd", max_size=6))
def test_each_order_comes_once(labels: str) -> None:
    assert [tuple(order) for order in _orders(labels)] == sorted(
        set(permutations(labels)), key=lambda order: [labels.index(label) for label in order]
    )


def _beside(graphs: int, statements: int) -> list[Quad]:
    """Graphs without a name that say the same of a node each: two employers' words on one skill."""
    return [
        Quad(Blank(f"n{graph}"), Iri(f"urn:p{number}"), Literal("same"), Blank(f"g{graph}"))
        for graph in range(graphs)
        for number in range(statements)
    ]


@pytest.mark.parametrize(("graphs", "statements"), [(2, 9), (3, 9), (4, 30), (2, 2_000)])
def test_the_name_of_a_graph_costs_nothing_for_each_of_its_statements(graphs: int, statements: int) -> None:
    """Each statement relates its node to the graph's name; nine of them are no 9! orders."""
    quads = _beside(graphs, statements)
    started = time.process_time()
    canonical = canonicalize(quads)
    assert time.process_time() - started < 1
    assert len(canonical.lines) == graphs * statements
    assert canonicalize(quads[::-1]).text == canonical.text


def test_statements_in_graphs_without_a_name_agree_with_pyoxigraph() -> None:
    quads = _beside(2, 5)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse("".join(map(str, quads)), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(OXIGRAPH["sha256"])
    assert sorted(f"{quad} .\n" for quad in dataset) == list(canonicalize(quads).lines)
