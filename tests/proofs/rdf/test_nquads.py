"""Quads are written in one way, and read by the grammar of N-Quads 1.1 and nothing looser."""

from contextlib import suppress

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import ProofTransformationError
from proofs.rdf.nquads import RDF_LANG_STRING, XSD, Blank, Iri, Literal, Quad, parse

S, P = Iri("urn:s"), Iri("urn:p")

iris = st.from_regex(r"urn:[a-zA-Z0-9é/?]{1,8}(#[a-z]*)?", fullmatch=True).map(Iri)
blanks = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,6}[A-Za-z0-9_-])?", fullmatch=True).map(Blank)
languages = st.sampled_from(["fr", "en-gb", "zh-hant-tw", "de-1996", "fr-x-prive", "sl-rozaj-biske"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
literals = st.one_of(
    texts.map(Literal),
    st.builds(Literal, texts, iris.map(lambda iri: iri.value)),
    st.builds(Literal, texts, st.just(RDF_LANG_STRING), languages),
)
resources = iris | blanks
quads = st.builds(Quad, resources, iris, resources | literals, st.none() | resources)


@settings(deadline=None)
@given(st.lists(quads))
def test_what_is_written_is_read_again(some: list[Quad]) -> None:
    assert parse("".join(map(str, some))) == some


@settings(deadline=None)
@given(quads)
def test_another_reader_reads_the_same(quad: Quad) -> None:
    [other] = pyoxigraph.parse(str(quad), pyoxigraph.RdfFormat.N_QUADS)
    value = quad.object
    if isinstance(value, Literal):
        assert isinstance(other.object, pyoxigraph.Literal)
        assert (other.object.value, other.object.datatype.value) == (value.value, value.datatype)
        assert other.object.language == value.language
    else:
        assert str(other.object) == str(value)
    assert str(other.subject) == str(quad.subject)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('tab\tquote"back\\line\nreturn\r', r'"tab\tquote\"back\\line\nreturn\r"'),
        ("\b\f", r'"\b\f"'),
        ("\x00\x0b\x1f\x7f", r'"\u0000\u000B\u001F\u007F"'),
        ("é \x80 \u2028 \U0001f600 '", '"é \x80 \u2028 \U0001f600 \'"'),
    ],
)
def test_only_what_canonical_n_quads_escapes_is_escaped(text: str, written: str) -> None:
    assert str(Literal(text)) == written


def test_the_datatype_of_plain_text_is_not_written() -> None:
    assert str(Literal("a", XSD + "string")) == '"a"'
    assert str(Literal("1", XSD + "integer")) == f'"1"^^<{XSD}integer>'
    assert str(Literal("a", RDF_LANG_STRING, "fr")) == '"a"@fr'


def test_spaces_comments_and_line_ends_may_vary() -> None:
    text = '# a comment\n\n\t<urn:s><urn:p>"a" . # why\r\n<urn:s>  <urn:p>\t<urn:o>\t<urn:g>  .'
    assert parse(text) == [Quad(S, P, Literal("a")), Quad(S, P, Iri("urn:o"), Iri("urn:g"))]


def test_escapes_are_undone() -> None:
    text = r'<urn:\u00e9> <urn:p> "C:\\new\t\u00E9\U0001F600\'" .'
    assert parse(text) == [Quad(Iri("urn:é"), P, Literal("C:\\new\té\U0001f600'"))]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('<urn:s> <urn:p> "a"', id="no full stop"),
        pytest.param('<urn:s> <urn:p> "a" . <urn:s> <urn:p> "b" .', id="two on a line"),
        pytest.param('"s" <urn:p> "a" .', id="literal subject"),
        pytest.param('<urn:s> _:p "a" .', id="blank predicate"),
        pytest.param('<urn:s> <urn:p> "a" "g" .', id="literal graph"),
        pytest.param('<s> <urn:p> "a" .', id="relative subject"),
        pytest.param('<urn:s> <urn:p> "a"^^<t> .', id="relative datatype"),
        pytest.param('<urn:s x> <urn:p> "a" .', id="space in an IRI"),
        pytest.param('<urn:s"> <urn:p> "a" .', id="quote in an IRI"),
        pytest.param('<urn:\\n> <urn:p> "a" .', id="letter escape in an IRI"),
        pytest.param('<urn:s> <urn:p> "a"b" .', id="bare quote"),
        pytest.param('<urn:s> <urn:p> "a\\x" .', id="unknown escape"),
        pytest.param('<urn:s> <urn:p> "\\uD800" .', id="surrogate"),
        pytest.param('<urn:s> <urn:p> "\\UFFFFFFFF" .', id="beyond Unicode"),
        pytest.param('<urn:s> <urn:\\u0020> "a" .', id="escaped space in an IRI"),
        pytest.param('<urn:s> <urn:p> "a"@ .', id="empty language"),
        pytest.param('<urn:s> <urn:p> "a"@f_r .', id="malformed language"),
        pytest.param('<urn:s> <urn:p> "a"@fr^^<urn:t> .', id="language and datatype"),
        pytest.param("_: <urn:p> <urn:o> .", id="empty label"),
        pytest.param("_:-a <urn:p> <urn:o> .", id="label with a leading hyphen"),
        pytest.param("_:a. <urn:p> <urn:o> .", id="label with a trailing dot"),
        pytest.param("\u00a0<urn:s> <urn:p> <urn:o> .", id="other space"),
        pytest.param("{} ", id="json"),
    ],
)
def test_whatever_the_grammar_does_not_allow_is_refused(line: str) -> None:
    with pytest.raises(ProofTransformationError, match=r"rdf\.nquads"):
        parse(line + "\n")


@settings(deadline=None)
@given(texts)
def test_no_text_does_anything_but_parse_or_raise(text: str) -> None:
    with suppress(ProofTransformationError):
        parse(text)
