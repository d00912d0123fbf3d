"""Going through XML that is too long to keep: every element is told, and what could harm is refused."""

import pytest

from boundary import limits
from boundary.xml_scan import scan
from problems import LimitError, ParsingError

REFUSED = {
    "a document type": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml.dtd_forbidden"),
    "an entity that nobody declared": (b"<a>&b;</a>", "xml.entity"),
    "a processing instruction": (b"<?php x ?><a/>", "xml.processing_instruction"),
    "cut short": (b"<a><b></b>", "xml.truncated"),
    "nothing": (b"", "xml.truncated"),
    "no XML": (b"reference;nom", "xml.syntax"),
    "an encoding that nobody knows": (b'<?xml version="1.0" encoding="x-9"?><a/>', "xml.encoding"),
}


def test_every_element_is_told():
    told = []
    document = b'<a xmlns="n"><b c="1">text</b><x:b xmlns:x="m"/></a>'
    scan(
        [document[:7], document[7:]],
        lambda tag, given: told.append((tag, given)),
        lambda tag: told.append(tag),
    )
    assert told == [("n a", {}), ("n b", {"c": "1"}), "n b", ("m b", {}), "m b", "n a"]


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(case):
    document, code = case
    with pytest.raises(ParsingError) as caught:
        scan([document])
    assert caught.value.code == code


def test_a_tag_without_end():
    pieces = (b"a" * 65_536 for _ in range(2 * limits.XML_TOKEN_BYTES // 65_536))
    with pytest.raises(LimitError) as caught:
        scan((b"<a b='", *pieces))
    assert caught.value.code == "xml.token_too_long"
