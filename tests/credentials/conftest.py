"""Our own examples: one row of claims each, and the two documents that it gives.

The people are evidently fictional, the codes of certifications are real.
"""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from boundary.strict_json import Json, JsonValue
from credentials.items import (
    items_ld,
    items_sd,
    items_token,
    mandatory_pointers,
    selective_paths,
    selective_places,
)
from credentials.templates import Template, load
from keys.local import LocalSigner
from proofs import jose, jws, sd_jwt
from proofs.sd_jwt.process import process
from proofs.selective.select import select_json_ld

FOLDER = Path(__file__).parent / "examples"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


@dataclass(frozen=True)
class Example:
    """``ld`` and ``sd`` are what ``row`` must render to, written down once and read by a person."""

    name: str
    template: Template
    row: Json
    ld: Json
    sd: Json

    def show_ld(self, chosen: Iterable[str]) -> Json:
        """Return what ecdsa-sd-2023 would show of the JSON-LD form, by its own selection."""
        items = {item.id: item.pointers for item in items_ld(self.template, self.ld)}
        pointers = [pointer for name in chosen for pointer in items[name]]
        shown = select_json_ld([*mandatory_pointers(self.template, self.ld), *pointers], self.ld)
        return copy.deepcopy(shown) if shown else {}

    def show_sd(self, chosen: Iterable[str]) -> Json:
        """Issue the SD-JWT form, present the chosen items, and return what a verifier would read."""
        items = {item.id: item.paths for item in items_sd(self.template, self.sd)}
        signer = LocalSigner.generate("P-256", f"{self.sd['iss']}#key")
        text = sd_jwt.issue(self.sd, selective_paths(self.template, self.sd), signer)
        shown = sd_jwt.parse(sd_jwt.present(text, {path for name in chosen for path in items[name]}))
        return process(jws.claims(jws.parse(shown.issuer_jwt)), shown.disclosures).payload

    def show_token(self, chosen: Iterable[str]) -> Json:
        """Sign the JSON-LD form as an SD-JWT, present the chosen items, and return what a verifier reads."""
        items = {item.id: item.paths for item in items_token(self.template, self.ld)}
        signer = LocalSigner.generate("P-256")
        hidden = selective_places(self.template, self.ld)
        text = jose.secure("vc+sd-jwt", self.ld, {}, signer, selective=hidden)
        shown = sd_jwt.present(text, {path for name in chosen for path in items[name]})
        return jose.unverified("vc+sd-jwt", shown).document


def _read(name: str) -> Example:
    document = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return Example(name, load(document["template"]), document["row"], document["ld"], document["sd"])


@pytest.fixture(scope="session")
def examples() -> Mapping[str, Example]:
    """Every example by its name; nobody may change one."""
    return {name: _read(name) for name in NAMES}


@pytest.fixture(params=NAMES)
def example(request: pytest.FixtureRequest) -> Example:
    """Each example in turn; a fresh copy, to be changed at will."""
    return _read(request.param)


@pytest.fixture
def copy_of() -> Callable[[str], Example]:
    return _read


@pytest.fixture(scope="session")
def leaves() -> Callable[[JsonValue], list[tuple[str | int, ...]]]:
    """Return the places of all leaves of a document, contexts aside."""
    return lambda document: [place for place in _places(document, ()) if place[:1] != ("@context",)]


def _places(value: JsonValue, place: tuple[str | int, ...]) -> Iterable[tuple[str | int, ...]]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _places(member, (*place, name))
    elif isinstance(value, list) and value:
        for index, element in enumerate(value):
            yield from _places(element, (*place, index))
    else:
        yield place
