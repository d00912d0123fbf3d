"""Real documents and random ones, for tests that must hold of any of them."""

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from boundary import strict_json
from boundary.shape import many
from boundary.strict_json import Json, JsonValue

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def diploma() -> Json:
    """A full diploma of our model. Copy it before changing it."""
    return strict_json.read_object((HERE / "documents" / "diploma.json").read_bytes())


@pytest.fixture(scope="session")
def documents(diploma: Json) -> dict[str, Json]:
    """Documents by name: ours, a presentation of them, and all examples of the model when at hand."""
    proof: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-07-06T10:00:00Z",
        "verificationMethod": "did:web:academie.example#key-1",
        "proofPurpose": "assertionMethod",
        "proofValue": "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9",
    }
    status: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "https://academie.example/status/bitstring/3",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:academie.example",
        "validFrom": "2026-07-06T00:00:00Z",
        "credentialSubject": {
            "id": "https://academie.example/status/bitstring/3#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
        },
    }
    presentation: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "did:key:zDnaeu4Yp324bgyL3mTHyjBA4jwhCo8G5aZY76hTUR21i8BJs",
        "verifiableCredential": [copy.deepcopy(diploma) | {"proof": proof}, copy.deepcopy(status)],
        "proof": {
            **proof,
            "challenge": "c2f1",
            "domain": "recruiter.example",
            "proofPurpose": "authentication",
        },
    }
    return {"diploma": diploma, "status": status, "presentation": presentation, **_examples()}


def _examples() -> dict[str, Json]:
    folder = os.environ.get("PASSEPORT_FIXTURES")
    if not folder:
        return {}
    files = sorted((Path(folder) / "model" / "examples").glob("*.ld.json"))
    return {file.name: json.loads(file.read_text("utf-8")) for file in files}


# Documents of every construct, with contexts of their own: mostly in order, now and then with something odd.

XSD = "http://www.w3.org/2001/XMLSchema#"
ALIASES: Json = {
    "id": "@id",
    "type": "@type",
    "text": "@value",
    "list": "@list",
    "set": "@set",
    "in": "@graph",
}
TERMS = [f"t{number}" for number in range(8)]
TYPES = [f"C{number}" for number in range(4)]
IDS = ["_:a", "_:b", "_:c", "_:d", "urn:s", "urn:t", "ex:u"]
V2 = "https://www.w3.org/ns/credentials/v2"
ODD_CONTEXTS: list[JsonValue] = [None, [], [V2], V2, {"@import": V2}, {"t0": {}}, 5]
ODD: list[JsonValue] = [
    *(
        None,
        [],
        {},
        "",
        "relative",
        "_:a b",
        "@type",
        "a\x00",
        5e-324,
        1e400,
        [[]],
        [None],
        [["a"]],
        {"@set": []},
    ),
    *({"@id": 5}, {"@value": None}, {"@value": "a", "@language": "x y"}, {"@value": ["a"]}, {"@nest": {}}),
    *({"@list": ["a"], "@index": "i"}, {"@type": "C0", "@value": "a"}, {"unknown": "a"}, {"@context": None}),
    *(
        {"@set": ["a"], "@type": "C0"},
        {"@language": "fr"},
        {"@id": "urn:a"},
        {"@graph": ["a"]},
        {"@list": None},
    ),
    *({"@value": 1, "@language": "fr"}, {"@id": "urn:a", "id": "urn:b"}, {"@type": ["C0"], "type": "C1"}),
    *(
        {"@reverse": {"t0": "a"}},
        {"@reverse": {"@id": "urn:a"}},
        {"@included": "a"},
        {"@set": {"@list": ["a"]}},
    ),
]


class Maker:
    """Makes documents; ``odd`` is the likelihood of each value to be out of order."""

    def __init__(self, seed: int, odd: float) -> None:
        self.random = Random(seed)
        self.odd = odd
        self.left = 25

    def chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    def document(self) -> Json:
        context = {"ex": {"@id": "urn:ex:", "@prefix": True}, **self.context(2, first=True)}
        if self.chance(0.1):
            nodes = [self.node(context, 0) for _ in range(2)]
            return {"@context": context, "@graph": nodes}
        return {"@context": context, **self.node(context, 0)}

    def context(self, depth: int, *, first: bool = False) -> Json:
        share = 0.9 if first else 0.3
        found: Json = {name: means for name, means in ALIASES.items() if self.chance(share)}
        found |= {name: self.term(depth) for name in TERMS if self.chance(share)}
        found |= {name: self.type_term(name, depth) for name in TYPES if self.chance(share)}
        for key, value in (("@language", "en-GB"), ("@vocab", "urn:vocab#"), ("@protected", True)):
            if self.chance(0.02 if key == "@protected" else 0.07):
                found[key] = value
        if self.chance(0.02):
            found[self.random.choice(sorted(ALIASES))] = "urn:no-alias"
        return found

    def type_term(self, name: str, depth: int) -> JsonValue:
        iri = f"urn:{name}{self.random.randrange(2)}"
        return {"@id": iri, "@context": self.context(depth - 1)} if depth and self.chance(0.5) else iri

    def term(self, depth: int) -> JsonValue:
        iri = self.random.choice(["urn:p", "ex:q"]) + str(self.random.randrange(200))
        kind = self.random.choice(
            [
                "",
                "",
                "",
                "@id",
                "@id",
                "@vocab",
                "@json",
                "@none",
                XSD + "date",
                XSD + "double",
                XSD + "string",
            ]
        )
        container = self.random.choice(
            ["", "", "", "", "@set", "@list", "@list", "@language", "@graph", "@graph"]
        )
        if self.chance(0.01):
            container = self.random.choice(["@index", "@id"])
        term: Json = {"@id": iri}
        if self.chance(0.1) and kind in ("", "@id"):
            return {"@reverse": iri} | ({"@type": kind} if kind else {})
        if container:
            term["@container"] = (
                [container, "@set"] if self.chance(0.2) and container != "@list" else container
            )
        if kind and container != "@language":
            term["@type"] = kind
        elif self.chance(0.2):
            term["@language"] = self.random.choice(["FR", None])
        elif self.chance(0.1):
            term["@direction"] = "rtl"
        if depth and self.chance(0.25):
            term["@context"] = self.context(depth - 1)
        return term

    def node(self, scope: Json, depth: int) -> Json:
        node: Json = {}
        if depth > 4:
            return {"urn:any": self.text()}
        if self.chance(0.5):
            node["id" if "id" in scope else "@id"] = self.random.choice(IDS)
        if self.chance(0.08):
            local = self.odd_or(self.context(1), ODD_CONTEXTS)
            node["@context"] = local
            scope = {**scope, **local} if isinstance(local, dict) else scope
        inner = scope
        if self.chance(0.4):
            types = [name for name in TYPES if name in scope and self.chance(0.5)] or ["urn:T"]
            node["type" if "type" in scope else "@type"] = types[0] if len(types) == 1 else types
            for name in types:
                inner = {**inner, **_scoped(scope.get(name))}
        known = [name for name in TERMS if name in inner]
        for name in self.random.sample(known, min(len(known), self.random.randrange(1, 4))):
            node[name] = self.value(inner, scope, name, depth)
        for name in ("@included", "@graph", "@reverse"):
            if self.chance(0.05) and depth < 4:
                below = self.node({**scope}, depth + 1)
                node[name] = {"ex:r": [below]} if name == "@reverse" else [below]
        return {**node, "urn:any": self.text()} if self.chance(0.3) else node

    def value(self, scope: Json, outer: Json, name: str, depth: int) -> JsonValue:
        definition = scope[name]
        if not isinstance(definition, dict):
            return self.text()
        container = many(definition.get("@container"))
        if "@language" in container:
            return self.odd_or({"fr": [self.text()], "EN": self.text(), "@none": self.text()}, ODD)
        # Types of the node do not propagate, the context of the term does.
        below, scope = ({**names, **_scoped(definition), name: definition} for names in (outer, scope))
        count = self.random.choice([0, 1, 2]) if "@list" in container else self.random.choice([1, 1, 2, 3])
        items = [self.item(below, scope, name, depth) for _ in range(count)]
        if "@list" in container and self.chance(0.2):
            items.append([self.text(), [self.text()]])
        if "@list" not in container:
            items = list({json.dumps(item): item for item in items}.values())
        return items[0] if len(items) == 1 and self.chance(0.5) else list(items)

    def item(self, below: Json, scope: Json, name: str, depth: int) -> JsonValue:
        definition = scope.get(name)
        kind = definition.get("@type") if isinstance(definition, dict) else None
        graph = isinstance(definition, dict) and "@graph" in many(definition.get("@container"))
        self.left -= 1
        reverse = isinstance(definition, dict) and "@reverse" in definition
        if graph or (self.left > 0 and depth < 4 and (reverse or self.chance(0.4))):
            return self.odd_or(self.node(below, depth + 1), ODD)
        if kind == "@id" or reverse:
            identifier = self.random.choice(IDS)
            return self.odd_or(identifier if kind == "@id" else {"@id": identifier}, ODD)
        if kind == "@vocab":
            return self.odd_or(self.random.choice(["C0", "t1", "urn:w", "ex:w"]), ODD)
        if kind == XSD + "double":
            return self.odd_or(self.random.choice([1.5, 7, "1.5E0"]), ODD)
        return self.odd_or(self.scalar(scope), ODD)

    def scalar(self, scope: Json) -> JsonValue:
        text = self.text()
        value = "text" if "text" in scope else "@value"
        return self.random.choice(
            [
                *(text, text, text, self.random.randrange(99), 1.5, True),
                {value: text},
                {value: text, "@language": "fr-CA"},
                {value: text, "@language": "ar", "@direction": "rtl"},
                {value: text, "type" if "type" in scope else "@type": "ex:datatype"},
                {"@value": {"b": [text], "a": None}, "@type": "@json"},
                {"list" if "list" in scope else "@list": [text, [], {"@id": "_:a"}]},
                {"set" if "set" in scope else "@set": [text, {"@value": text + "x"}]},
            ]
        )

    def text(self) -> str:
        return self.random.choice(["a", 'q"\\', "é\n", "\u2028", "\U0001f600", "z"]) + str(
            self.random.randrange(999)
        )

    def odd_or(self, value: JsonValue, odd: list[JsonValue]) -> JsonValue:
        return copy.deepcopy(self.random.choice(odd)) if self.chance(self.odd) else value


def _scoped(definition: JsonValue) -> Json:
    context = definition.get("@context") if isinstance(definition, dict) else None
    return context if isinstance(context, dict) else {}


@pytest.fixture(scope="session")
def random_document() -> Callable[[int, float], Json]:
    """Make a document of any constructs, with contexts of its own, from a seed; ``odd`` as in Maker."""
    return lambda seed, odd: Maker(seed, odd).document()


@pytest.fixture(scope="session")
def odd_values() -> list[JsonValue]:
    """Return values that JSON-LD drops, refuses or reads in a way of its own."""
    return ODD
