"""The safe XML stream: records in order with their lines, flat, and nothing that fetches or explodes."""

import time
import tracemalloc

import pytest

from boundary import limits
from boundary.xml_stream import XSI, stream
from problems import LimitError, ParsingError, Problem


def read(text, records=("r",), **options):
    data = text if isinstance(text, bytes) else text.encode()
    return list(stream([data], records, **options))


def test_records_come_in_order_then_the_root():
    elements = read("<a>\n<r>1</r>\n <x><r>2</r></x></a>")
    assert [(e.name, e.text.strip(), e.line) for e in elements] == [
        ("r", "1", 2),
        ("r", "2", 3),
        ("a", "", 1),
    ]


def test_a_record_leaves_its_parent_and_still_knows_it():
    record, root = read('<a id="1"><b/><r/></a>')
    assert record.parent is root
    assert [child.name for child in root.children] == ["b"]
    assert root.attributes == {"id": "1"}


def test_an_element_gives_namespace_attributes_and_children():
    (root,) = read(f'<p:a xmlns:p="urn:p" xmlns:x="{XSI}" x:nil="true"><p:b> un <!-- x -->deux </p:b></p:a>')
    assert (root.namespace, root.name) == ("urn:p", "a")
    assert root.attributes == {f"{XSI} nil": "true"}
    assert root.value("b") == "un deux"
    assert root.child("c") is None
    assert root.value("c") == ""


def test_a_record_inside_a_record_is_a_child_like_any():
    record, _root = read("<a><r><r>1</r></r></a>")
    assert record.value("r") == "1"


def test_what_is_skipped_is_empty_but_must_be_xml():
    record, root = read("<a><r>t<b><c/></b></r><s>t<b/></s></a>", skip=("r", "s"))
    assert (record.text, record.children) == ("", [])
    assert [(child.name, child.text) for child in root.children] == [("s", "")]
    with pytest.raises(ParsingError):
        read("<a><r><b></r></a>", skip=("r",))


def test_chunks_may_cut_anywhere():
    data = "<a><r>é&amp;</r><r/></a>".encode()
    elements = list(stream([bytes([byte]) for byte in data], {"r"}))
    assert [element.text for element in elements] == ["é&", "", ""]


ENCODINGS = {
    "UTF-8 with a mark": "\ufeff<a>é</a>".encode(),
    "UTF-16": "<a>é</a>".encode("utf-16"),
    "Windows-1252 as announced": '<?xml version="1.0" encoding="windows-1252"?><a>é</a>'.encode("cp1252"),
    "Latin-9 as announced": '<?xml version="1.0" encoding="iso-8859-15"?><a>é</a>'.encode("iso-8859-15"),
}


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS)
def test_encodings_that_are_announced_are_read(data):
    (root,) = read(data)
    assert root.text == "é"


BILLION = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
) + "]><l>&a9;</l>"  # fmt: skip
REFUSED = {
    "a billion laughs": (BILLION, "xml.dtd_forbidden"),
    "an entity from a file": (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "xml.dtd_forbidden",
    ),
    "a parameter entity": (
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/e.dtd">%p;]><r/>', "xml.dtd_forbidden",
    ),
    "a bare document type": ("<!DOCTYPE r><r/>", "xml.dtd_forbidden"),
    "XInclude": (
        '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></r>',
        "xml.xinclude",
    ),
    "XInclude where nobody looks": (
        '<a xmlns:xi="http://www.w3.org/2001/XInclude"><s><xi:include href="x"/></s></a>', "xml.xinclude",
    ),
    "a stylesheet": ('<?xml-stylesheet href="x"?><a/>', "xml.processing_instruction"),
    "an unknown entity": ("<a>&eacute;</a>", "xml.entity"),
    "bytes that are no UTF-8": (b"<a>\xe9</a>", "xml.syntax"),
    "an unknown encoding": ('<?xml version="1.0" encoding="klingon"?><a/>', "xml.encoding"),
    "an encoding of two bytes": ('<?xml version="1.0" encoding="shift_jis"?><a/>', "xml.encoding"),
    "a cut file": ("<a><r>", "xml.truncated"),
    "no file at all": ("", "xml.truncated"),
    "tags that cross": ("<a><b></a></b>", "xml.syntax"),
    "two roots": ("<a/><b/>", "xml.syntax"),
    "an undeclared prefix": ("<p:a/>", "xml.syntax"),
    "an attribute twice": ('<a b="1" b="2"/>', "xml.syntax"),
    "a null character": ("<a>\0</a>", "xml.syntax"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(case):
    text, code = case
    with pytest.raises(ParsingError) as refused:
        read(text, skip=("s",))
    assert refused.value.code == code
    assert refused.value.facts["line"] >= 1
    assert refused.value.says("fr").next_step


def test_the_document_type_is_refused_before_anything_behind_it():
    with pytest.raises(ParsingError, match="dtd_forbidden"):
        list(stream([BILLION.encode()[:40], b"\xff" * 1000], {"r"}))


BOMBS = {
    "one text of 20 MB": (lambda: [b"<a>", b"x" * 20_000_000, b"</a>"], "xml.text_too_long"),
    "one attribute of 20 MB": (lambda: [b'<a b="', b"x" * 20_000_000, b'"/>'], "xml.token_too_long"),
    "one comment of 20 MB": (lambda: [b"<a><!--", b"x" * 20_000_000, b"--></a>"], "xml.token_too_long"),
    "two million levels": (lambda: [b"<a>" * 2_000_000], "xml.too_deep"),
    "levels where nobody looks": (lambda: [b"<a><s>", b"<b>" * 2_000_000], "xml.too_deep"),
    "two million elements": (lambda: [b"<a>", b"<b/>" * 2_000_000], "xml.too_many_elements"),
    "two million elements in a record": (lambda: [b"<a><r>", b"<b/>" * 2_000_000], "xml.too_many_elements"),
    "a text in pieces": (lambda: [b"<a>", b"x<b/>" * 50_000], "xml.text_too_long"),
}


@pytest.mark.parametrize("case", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_within_a_second_and_64_megabytes(case):
    make, code = case
    pieces = make()
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(LimitError) as refused:
            list(stream(pieces, {"r"}, skip=("s",)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.code == code
    assert peak < 64 << 20
    assert time.process_time() - started < 10  # tracing slows everything some ten times


def test_twenty_thousand_records_take_no_more_memory_than_one():
    def pieces():
        yield b"<a>"
        for _ in range(200):
            yield b"<r><b>un texte</b><c/></r>\n    " * 100
        yield b"</a>"

    tracemalloc.start()
    try:
        count = sum(1 for _ in stream(pieces(), {"r"}))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_001
    assert peak < 4 << 20


def test_layout_between_records_is_not_a_text():
    """200,000 line ends between records are no long text; words between them are."""
    spread = "<a>" + f"{' ' * 50}<r/>" * 1_000 + "</a>"
    assert len(read(spread)) == 1_001
    with pytest.raises(LimitError, match="text_too_long"):
        read("<a>" + f"{'x' * 50}<r/>" * 1_000 + "</a>")


def test_limits_are_those_of_the_one_place():
    assert limits.XML_DEPTH == 32
    read("<a>" * 32 + "</a>" * 32)
    with pytest.raises(Problem, match="too_deep"):
        read("<a>" * 33 + "</a>" * 33)
