"""DCQL matched by us and by `dcql`: the same credentials, the same claims, whatever is asked."""

import random
from collections.abc import Iterable
from typing import Any

import pytest
from strangers import Refused, Strangers

from boundary.strict_json import Json, JsonValue
from exchange import dcql
from exchange.dcql import Candidate
from exchange.dcql.paths import Place
from problems import ProtocolError

pytestmark = pytest.mark.node
NAMES = ("a", "b", "c", "list")
VALUES: tuple[JsonValue, ...] = ("x", "y", "1", 1, 2, True, False)
TYPES = ("urn:one", "urn:two")
ONE: Json = {"id": "q", "format": "dc+sd-jwt", "meta": {}}


def claims(chance: random.Random, depth: int = 0) -> JsonValue:
    kind = chance.randrange(6) if depth < 3 else 0
    if kind < 3:
        return chance.choice(VALUES)
    if kind == 3:
        return [claims(chance, depth + 1) for _ in range(chance.randrange(1, 4))]
    return {name: claims(chance, depth + 1) for name in chance.sample(NAMES, chance.randrange(1, 4))}


def path(chance: random.Random, node: JsonValue) -> list[Any]:
    """A path that leads somewhere, mostly."""
    steps: list[Any] = []
    while isinstance(node, dict | list) and node and (not steps or chance.random() < 0.8):
        if isinstance(node, dict):
            steps.append(chance.choice(list(node)) if chance.random() < 0.9 else "absent")
            node = node.get(steps[-1])
        else:
            steps.append(chance.choice([None, chance.randrange(len(node) + 1)]))
            node = node[0] if steps[-1] is None else [*node, None][steps[-1]]
    return steps or ["absent"]


def claim(chance: random.Random, subject: JsonValue, name: str, holds: list[Json]) -> Json:
    about: Json = {
        "id": name,
        "path": path(chance, subject if chance.random() < 0.8 else chance.choice(holds)),
    }
    if chance.random() < 0.3:
        about["values"] = chance.sample(VALUES, chance.randrange(1, 4))
    return about


def query(chance: random.Random, name: str, holds: list[Json]) -> Json:
    asked: Json = {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [chance.choice(TYPES)]}}
    if chance.random() < 0.85:
        names = [f"k{n}" for n in range(chance.randrange(1, 4))]
        subject = chance.choice(holds)
        asked["claims"] = [claim(chance, subject, one, holds) for one in names]
        if chance.random() < 0.4:
            asked["claim_sets"] = [
                chance.sample(names, chance.randrange(1, len(names) + 1)) for _ in range(2)
            ]
    if chance.random() < 0.2:
        asked["multiple"] = True
    return asked


def situation(seed: int) -> tuple[Json, list[Json]]:
    """Credentials of one type or another, and a query for some of what they hold."""
    chance = random.Random(seed)
    holds = []
    for _ in range(chance.randrange(1, 5)):
        said: Json = {name: claims(chance) for name in chance.sample(NAMES, chance.randrange(1, 4))}
        holds.append({**said, "vct": chance.choice(TYPES)})
    names = [f"q{n}" for n in range(chance.randrange(1, 4))]
    asked: Json = {"credentials": [query(chance, name, holds) for name in names]}
    if chance.random() < 0.4:
        options = [chance.sample(names, chance.randrange(1, len(names) + 1)) for _ in range(2)]
        asked["credential_sets"] = [{"options": options, "required": chance.random() < 0.7}]
    return asked, holds


def leaves(node: JsonValue, at: Place = ()) -> set[Place]:
    """Return where everything stands that is shown; null is what a list hides."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = {leaf for key, child in children if child is not None for leaf in leaves(child, (*at, key))}
    return found or {at}


def shown(held: JsonValue, places: Iterable[Place]) -> set[Place]:
    found = set[Place]()
    for place in places:
        node: Any = held
        for step in place:
            node = node[step]
        found |= leaves(node, place)
    return found


def ours(asked: Json, holds: list[Json]) -> tuple[dict[str, Any], bool]:
    read = dcql.read(asked)
    held = [Candidate(str(n), "dc+sd-jwt", one, vct=str(one["vct"])) for n, one in enumerate(holds)]
    found = dcql.options(read, held)
    matches = {
        name: [
            (int(one.candidate.id), _listed(read, name, shown(one.candidate.claims, one.places)))
            for one in options
        ]
        for name, options in found.items()
    }
    return matches, dcql.satisfied(read, [name for name, options in found.items() if options])


def theirs(strangers: Strangers, asked: Json, holds: list[Json]) -> tuple[dict[str, Any], bool]:
    common = {"credential_format": "dc+sd-jwt", "cryptographic_holder_binding": True}
    credentials = [{**common, "vct": one["vct"], "claims": one} for one in holds]
    said = strangers.ask("dcqlMatch", query=asked, credentials=credentials)
    read = dcql.read(asked)
    matches = {
        name: [(index, _listed(read, name, leaves(output))) for index, output in found]
        for name, found in said["matches"].items()
    }
    return matches, said["possible"]


def _listed(read: dcql.Query, name: str, places: set[Place]) -> list[str]:
    """Without claims we show nothing that can be hidden; they list everything, shown or not."""
    one = read.by_id(name)
    return sorted(map(str, places)) if one is not None and one.claims else []


def test_a_thousand_questions(strangers: Strangers, full: bool) -> None:
    disagreements, matched = [], 0
    for seed in range(10_000 if full else 1_000):
        asked, holds = situation(seed)
        here, there = ours(asked, holds), theirs(strangers, asked, holds)
        matched += sum(map(len, here[0].values()))
        if here != there:
            disagreements.append((asked, holds, here, there))
    assert matched > 300
    assert not disagreements, (len(disagreements), disagreements[0])


@pytest.mark.parametrize(
    "broken",
    [
        {"credentials": []},
        {"credentials": [{"id": "q q", "format": "dc+sd-jwt", "meta": {"vct_values": ["u"]}}]},
        {"credentials": [{**ONE, "claims": []}]},
        {"credentials": [{**ONE, "claims": [{"path": []}]}]},
        {"credentials": [{**ONE, "claims": [{"path": ["a", -1]}]}]},
        {"credentials": [ONE, ONE]},
        {"credentials": [ONE], "credential_sets": [{"options": [["r"]]}]},
        {"credentials": [{**ONE, "claims": [{"path": ["a"]}], "claim_sets": [["k"]]}]},
    ],
    ids=[
        "no credential", "an id with a space", "no claim", "no path", "a negative index", "one id twice",
        "a set of what is not asked", "a claim set of what has no id",
    ],
)  # fmt: skip
def test_what_is_no_query_is_none_for_both(strangers: Strangers, broken: Json) -> None:
    with pytest.raises(ProtocolError):
        dcql.read(broken)
    with pytest.raises(Refused):
        strangers.ask("dcqlMatch", query=broken, credentials=[])
