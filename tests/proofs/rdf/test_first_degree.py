"""The short way to the canonical form gives what the long way gives, and hands over what it cannot decide."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import limits
from problems import CryptographicSecurityError, Problem, ProofTransformationError, WorkBudgetError
from proofs.rdf.canonical import Algorithm, canonicalize
from proofs.rdf.first_degree import Statement, canonicalize_statements, statement
from proofs.rdf.nquads import parse

P = " <urn:p> "
blanks = st.sampled_from([f"_:n{number}" for number in range(6)])
values = blanks | st.sampled_from(
    ["<urn:a>", '"x\\n"', '"x"@fr', '"1"^^<urn:t>', '"\\u0000"', '"\U0001f600"']
)
graphs = st.sampled_from(["", "", "", " <urn:g>"]) | blanks.map(lambda label: f" {label}")
datasets = st.lists(
    st.tuples(blanks | st.just("<urn:s>"), st.sampled_from([P, " <urn:q> "]), values, graphs), max_size=10
)


def written(statements: list[Statement]) -> str:
    return "".join(f"{''.join(one)} .\n" for one in statements)


@settings(max_examples=400, deadline=None)
@given(datasets, st.sampled_from(["sha256", "sha384"]))
def test_both_ways_agree(statements: list[Statement], algorithm: Algorithm) -> None:
    try:
        expected = canonicalize(parse(written(statements)), algorithm=algorithm)
    except Problem as problem:
        with pytest.raises(type(problem), match=problem.code):
            canonicalize_statements(statements, algorithm=algorithm)
        return
    found = canonicalize_statements(statements, algorithm=algorithm)
    assert found.lines == expected.lines
    assert found.labels.keys() == expected.labels.keys()
    relabelled = {quad.rename(found.labels.__getitem__) for quad in parse(written(statements))}
    assert set(map(str, relabelled)) == set(found.lines)


@settings(deadline=None)
@given(datasets)
def test_a_quad_makes_the_statement_that_was_read(statements: list[Statement]) -> None:
    assert [statement(quad) for quad in parse(written(statements))] == statements


def test_nothing_is_canonical_already() -> None:
    assert canonicalize_statements([]).lines == ()


def test_blank_nodes_alike_cost_no_more_than_the_budget() -> None:
    clique = [(f"_:n{a}", P, f"_:n{b}", "") for a in range(8) for b in range(8) if a != b]
    with pytest.raises(WorkBudgetError, match=r"rdf\.work_budget"):
        canonicalize_statements(clique)


def test_the_number_of_quads_has_an_end() -> None:
    many = [("<urn:s>", P, f'"{number}"', "") for number in range(limits.QUADS + 1)]
    with pytest.raises(WorkBudgetError, match=r"rdf\.work_budget"):
        canonicalize_statements(many)
    assert len(canonicalize_statements(many[1:]).lines) == limits.QUADS


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(("<urn:s>", P, '"a" .\n<urn:s> <urn:role> "admin"', ""), id="quad in a text"),
        pytest.param(("<urn:s>", P, '"a"@fr .\n<urn:s> <urn:role> "admin"', ""), id="quad in a language"),
        pytest.param(("<urn:s>", P, '"a\nb"', ""), id="line end"),
        pytest.param(("<urn:s>", P, '"a\\u0041"', ""), id="needless escape"),
        pytest.param(("<s>", P, '"a"', ""), id="relative"),
        pytest.param(("<urn:s x>", P, '"a"', ""), id="space in an IRI"),
        pytest.param(("<urn:s>", " _:p ", '"a"', ""), id="blank predicate"),
        pytest.param(('"s"', P, '"a"', ""), id="literal subject"),
        pytest.param(("<urn:s>", P, '"a"', ' "g"'), id="literal graph"),
    ],
)
def test_a_term_that_was_not_checked_is_found(statement: Statement) -> None:
    """It breaks the grammar of its line, or makes two lines of one."""
    with pytest.raises((CryptographicSecurityError, ProofTransformationError)):
        canonicalize_statements([statement])
