"""Disclosures and their digests, as RFC 9901 §4.2 computes them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import base64url
from problems import ParsingError, ProofGenerationError, ProofVerificationError
from proofs.sd_jwt.disclosure import decode, digest, disclose

SALT = "_26bc4LT-ac6q2KI6cBW5es"


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param(
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0", id="as-written"
        ),
        pytest.param(
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNXHUwMGY2Yml1cyJd", id="escaped"
        ),
        pytest.param("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd", id="dense"),
        pytest.param(
            "WwoiXzI2YmM0TFQtYWM2cTJLSTZjQlc1ZXMiLAoiZmFtaWx5X25hbWUiLAoiTcO2Yml1cyIKXQ", id="lines"
        ),
    ],
)
def test_any_spelling_of_json_is_read(encoded: str) -> None:
    """§4.2.1: four spellings of one claim."""
    disclosure = decode(encoded)
    assert (disclosure.salt, disclosure.name, disclosure.value) == (SALT, "family_name", "Möbius")
    assert disclosure.encoded == encoded


def test_the_digest_is_over_the_characters() -> None:
    """§4.2.3."""
    encoded = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest(encoded) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert (
        digest("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0") == "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"
    )


@given(st.text(), st.none() | st.text(), st.recursive(st.none() | st.booleans() | st.text(), st.lists))
def test_what_was_disclosed_is_read_back(salt: str, name: str | None, value: Any) -> None:
    disclosure = disclose(salt, name, value)
    assert decode(disclosure.encoded) == disclosure


def test_null_is_a_value_like_any_other() -> None:
    assert decode(disclose("s", None, None).encoded).value is None
    assert decode(disclose("s", "name", None).encoded).name == "name"


@pytest.mark.parametrize("value", [float("nan"), "\ud800"])
def test_what_json_cannot_hold_is_not_disclosed(value: Any) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        disclose("s", "name", value)
    assert caught.value.code == "jose.unreadable"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(["salt"], id="one-element"),
        pytest.param([], id="no-element"),
        pytest.param(["salt", "a", "b", "c"], id="four-elements"),
        pytest.param([1, "name", "value"], id="salt-number"),
        pytest.param([None, "value"], id="salt-null"),
        pytest.param(["salt", 7, "value"], id="name-number"),
        pytest.param(["salt", None, "value"], id="name-null"),
        pytest.param(["salt", ["name"], "value"], id="name-list"),
        pytest.param({"0": "salt", "1": "name", "2": "value"}, id="object"),
        pytest.param("salt", id="text"),
        pytest.param(None, id="null"),
    ],
)
def test_malformed_contents_are_refused(content: Any) -> None:
    with pytest.raises(ParsingError) as caught:
        decode(base64url.encode(json.dumps(content).encode()))
    assert caught.value.code == "sdjwt.disclosure_malformed"


@pytest.mark.parametrize("text", ["", "not json", '["s","n",NaN]', '["s","n",{"a":1,"a":2}]', '["s","n",1]x'])
def test_contents_are_strict_json(text: str) -> None:
    with pytest.raises(ParsingError) as caught:
        decode(base64url.encode(text.encode()))
    assert caught.value.code == "sdjwt.disclosure_malformed"
    assert str(caught.value.facts["cause"]).startswith("json.")


@pytest.mark.parametrize(
    "encoded", ["WyJzIiwxXQ==", "WyJzIiwxXQ\n", " WyJzIiwxXQ", "Wy.JzIiwxXQ", "WyJzIiwxXR", "é"]
)
def test_base64url_has_one_spelling(encoded: str) -> None:
    with pytest.raises(ParsingError) as caught:
        decode(encoded)
    assert caught.value.code == "sdjwt.disclosure_malformed"
    assert caught.value.facts["cause"] == "base64url.invalid"


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        decode(disclose("salt", name, "value").encoded)
    assert caught.value.code == "sdjwt.reserved_name"
