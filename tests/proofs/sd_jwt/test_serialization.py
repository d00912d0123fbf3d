"""The forms in which an SD-JWT travels."""

import json
from typing import Any

import pytest

from boundary import limits
from problems import LimitError, ParsingError, Problem
from proofs.sd_jwt import SdJwt, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("a.b.c~", SdJwt("a.b.c"), id="nothing-disclosed"),
        pytest.param("a.b.c~d~e~", SdJwt("a.b.c", ("d", "e")), id="disclosures"),
        pytest.param("a.b.c~d~k.b.j", SdJwt("a.b.c", ("d",), "k.b.j"), id="key-binding"),
        pytest.param("a.b.c~k.b.j", SdJwt("a.b.c", (), "k.b.j"), id="key-binding-alone"),
    ],
)
def test_compact_there_and_back(text: str, parts: SdJwt) -> None:
    assert parse(text) == parts
    assert parts.text == text
    assert parts.presented == text[: text.rindex("~") + 1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="no-tilde"),
        pytest.param("~", id="tilde-alone"),
        pytest.param("~d~", id="no-issuer-jwt"),
        pytest.param("a.b.c~~", id="two-tildes-at-the-end"),
        pytest.param("a.b.c~d~~", id="empty-disclosure-last"),
        pytest.param("a.b.c~~d~", id="empty-disclosure-first"),
        pytest.param("a.b.c~d~~k.b.j", id="empty-disclosure-before-key-binding"),
    ],
)
def test_malformed_compact_is_refused(text: str) -> None:
    with pytest.raises(ParsingError) as caught:
        parse(text)
    assert caught.value.code == "sdjwt.form"


def flattened(**changed: Any) -> str:
    document = {"payload": "b", "protected": "a", "signature": "c"} | changed
    return json.dumps({name: value for name, value in document.items() if value is not None})


def general(*signatures: Any) -> str:
    return json.dumps({"payload": "b", "signatures": signatures})


SIGNATURE = {"protected": "a", "signature": "c"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param(flattened(), SdJwt("a.b.c"), id="no-header"),
        pytest.param(
            flattened(header={"disclosures": ["d"], "kb_jwt": "k"}),
            SdJwt("a.b.c", ("d",), "k"),
            id="flattened",
        ),
        pytest.param(
            general(SIGNATURE | {"header": {"kid": "x", "disclosures": ["d"]}}),
            SdJwt("a.b.c", ("d",)),
            id="general",
        ),
        pytest.param(
            general(SIGNATURE | {"header": {"disclosures": ["d"]}}, {"protected": "x", "signature": "y"}),
            SdJwt("a.b.c", ("d",)),
            id="the-first-of-two-signatures",
        ),
    ],
)
def test_json_forms(text: str, parts: SdJwt) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("{", "json.syntax", id="not-json"),
        pytest.param("{}", "shape.text_expected", id="empty-object"),
        pytest.param(flattened(payload=None), "shape.text_expected", id="no-payload"),
        pytest.param(flattened(signature=7), "shape.text_expected", id="signature-number"),
        pytest.param(flattened(header=[]), "shape.object_expected", id="header-list"),
        pytest.param(flattened(header={"disclosures": "d"}), "shape.list_expected", id="disclosures-text"),
        pytest.param(flattened(header={"disclosures": [1]}), "shape.text_expected", id="disclosure-number"),
        pytest.param(flattened(header={"kb_jwt": 1}), "shape.text_expected", id="key-binding-number"),
        pytest.param(general(), "shape.object_expected", id="no-signature"),
        pytest.param(general("x"), "shape.object_expected", id="signature-text"),
        pytest.param(
            general(SIGNATURE, SIGNATURE | {"header": {"disclosures": []}}),
            "sdjwt.form",
            id="later-disclosures",
        ),
        pytest.param(
            general(SIGNATURE, SIGNATURE | {"header": {"kb_jwt": "k"}}), "sdjwt.form", id="later-key-binding"
        ),
        pytest.param('{"payload":"b","payload":"x"}', "json.duplicate_name", id="duplicate-name"),
    ],
)
def test_malformed_json_forms_are_refused(text: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text)
    assert caught.value.code == code


def test_sizes_are_limited() -> None:
    assert parse("a" * (limits.SD_JWT_BYTES - 1) + "~")
    with pytest.raises(LimitError) as caught:
        parse("a" * limits.SD_JWT_BYTES + "~")
    assert caught.value.code == "sdjwt.too_large"
    assert len(parse("a~" + "d~" * limits.SD_JWT_DISCLOSURES).disclosures) == limits.SD_JWT_DISCLOSURES
    with pytest.raises(LimitError) as caught:
        parse("a~" + "d~" * (limits.SD_JWT_DISCLOSURES + 1))
    assert caught.value.code == "sdjwt.too_complex"
