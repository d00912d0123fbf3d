"""The pinned contexts are the files they are said to be, and nothing else can be loaded."""

import hashlib
import socket
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from boundary import strict_json
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts, Pin
from problems import ProofTransformationError

V2 = "https://www.w3.org/ns/credentials/v2"
CATCH_ALL = "https://www.w3.org/ns/credentials/examples/v2"


@pytest.mark.parametrize("url", CONFORMANCE.pins)
def test_each_context_is_the_pinned_file(url: str) -> None:
    assert "@context" in CONFORMANCE.load(url)


def test_every_file_is_pinned_once() -> None:
    pinned = sorted(pin.file.name for pin in CONFORMANCE.pins.values())
    assert pinned == sorted(file.name for file in (files("contexts") / "data").iterdir())


def test_the_product_knows_what_it_needs() -> None:
    assert {
        "https://www.w3.org/2018/credentials/v1",
        V2,
        "https://w3id.org/security/data-integrity/v1",
        "https://w3id.org/security/data-integrity/v2",
        "https://w3id.org/security/multikey/v1",
        "https://www.w3.org/ns/did/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        "https://w3id.org/passeport/v1",
    } <= set(PRODUCT.pins)


@pytest.mark.parametrize("url", [CATCH_ALL, "https://w3id.org/citizenship/v4rc1"])
def test_the_vectors_contexts_stay_out_of_the_product(url: str) -> None:
    assert url in CONFORMANCE
    with pytest.raises(ProofTransformationError, match=r"context\.unknown"):
        PRODUCT.load(url)


def test_only_conformance_lets_a_document_define_its_own_terms() -> None:
    assert not PRODUCT.inline
    assert CONFORMANCE.inline


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/ctx.jsonld", V2 + "/", "", V2.upper(), "file:///etc/passwd"]
)
def test_an_unknown_url_raises_without_a_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "socket")
    with pytest.raises(ProofTransformationError, match=r"context\.unknown"):
        PRODUCT.document_loader(url, {})


def test_a_file_with_other_bytes_is_refused(tmp_path: Path) -> None:
    """A copy that says the same with one more line end is not the pinned one either."""
    content = PRODUCT.pins[V2].file.read_bytes()
    altered = tmp_path / "v2.jsonld"
    altered.write_bytes(content + b"\n")
    contexts = Contexts({V2: Pin(V2, altered, hashlib.sha256(content).hexdigest())})
    with pytest.raises(ProofTransformationError, match=r"context\.digest"):
        contexts.load(V2)


def test_the_same_file_with_the_same_bytes_is_accepted(tmp_path: Path) -> None:
    content = PRODUCT.pins[V2].file.read_bytes()
    (tmp_path / "v2.jsonld").write_bytes(content)
    contexts = Contexts({V2: Pin(V2, tmp_path / "v2.jsonld", hashlib.sha256(content).hexdigest())})
    assert contexts.load(V2) == PRODUCT.load(V2)


def test_whoever_alters_a_loaded_context_alters_only_a_copy() -> None:
    before = PRODUCT.load(V2)
    PRODUCT.load(V2).clear()
    assert PRODUCT.load(V2) == before


def test_the_loader_answers_as_json_ld_processors_expect() -> None:
    assert PRODUCT.document_loader(V2, {"headers": {}}) == {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": V2,
        "document": PRODUCT.load(V2),
    }


@pytest.mark.parametrize("url", CONFORMANCE.pins)
def test_no_pinned_context_needs_another_or_maps_by_key(url: str) -> None:
    """What the safe mode relies on: all that is loaded is named by the document itself."""
    for entry in _objects(CONFORMANCE.load(url)["@context"]):
        assert not entry.keys() & {"@import", "@base", "@nest", "@propagate", "@index"}
        assert not isinstance(entry.get("@context"), str)
        assert entry.get("@container") in (None, "@set", "@list", "@graph", "@language")


def test_the_pinned_files_are_as_their_packages_ship_them(fixtures: Path) -> None:
    shipped = [
        (pin.file, fixtures / "contexts" / pin.file.name)
        for pin in CONFORMANCE.pins.values()
        if (fixtures / "contexts" / pin.file.name).exists()
    ]
    assert len(shipped) >= 11
    assert all(ours.read_bytes() == theirs.read_bytes() for ours, theirs in shipped)


def test_the_first_open_badges_context_is_1edtechs_own(fixtures: Path) -> None:
    theirs = (fixtures / "data" / "schemas" / "ob3" / "ob-v3p0.json").read_bytes()
    assert PRODUCT.load("https://purl.imsglobal.org/spec/ob/v3p0/context.json") == strict_json.read(theirs)


def _objects(value: JsonValue) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from _objects(item)
