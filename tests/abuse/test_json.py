"""JSON that must be refused, given to every command that reads JSON; honest JSON right after."""

import json
from pathlib import Path

import pytest
from attacks import files, minting, tokens

EXAMPLE = Path(__file__).parents[1] / "credentials" / "examples" / "training.json"
_ROW = json.loads(EXAMPLE.read_text("utf-8"))["row"]
CLAIMS = (
    "name",
    "description",
    "given_name",
    "family_name",
    "birthdate",
    "awarded",
    "achievement",
    "training",
)
ROW = {"template": "training", "reference": "JS-1", "claims": {name: _ROW[name] for name in CLAIMS}}

COMMANDS = {
    "verify": ["verify"],
    "add to a wallet": ["wallet", "add"],
    "derive": ["derive"],
    "issue": ["issue", "--issuer", "ecole", "--out", "{home}/never"],
    "endorse": ["endorse", "--issuer", "ecole", "--skill", "s1", "--out", "{home}/never"],
}


@pytest.fixture(params=COMMANDS.values(), ids=COMMANDS)
def give(request, house):
    """Give a document to each command that reads one."""
    command = [part.format(home=house.home) for part in request.param]
    machine = ["--json"] if command[0] in ("verify", "issue") else []

    def run(content):
        return house.run(*command, house.file(content, "document.json"), *machine)

    return run


def assert_in_words(answer, house):
    """Ended in a coded message with a next step; nothing was verified, kept or issued."""
    assert answer.status in (1, 2), answer.out
    assert answer.codes, answer
    assert "cli.unexpected" not in answer.codes
    assert "Traceback" not in answer.out + answer.err
    assert answer.seconds < 1
    assert not (house.home / "never").exists() or not list((house.home / "never").glob("*.sd-jwt"))


def test_texts_that_are_no_json(house, give):
    """JS-004 to JS-007: duplicate names, NaN, depth, numbers beyond any integer, and more."""
    for text in files.json_edge():
        assert_in_words(give(text), house)


def test_duplicate_names(house, refused):
    """JS-004: which of two values was signed is nobody's guess."""
    honest = json.dumps(_credential())
    twice = honest.replace('"name": "Natation"', '"name": "Natation", "name": "Médecine"')
    assert twice != honest
    refused(house.verify(twice), "json.duplicate_name")
    assert house.verify(honest).codes == {"proof.missing"}


def _credential():
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:web:ecole.example",
        "name": "Natation",
        "credentialSubject": {"id": "urn:x:1"},
    }


def test_a_hundred_thousand_levels(house, refused):
    """JS-006: one kind of bracket, the other, and both."""
    for text in ('{"a":' + "[" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000):
        refused(house.verify(text), "json.too_deep", seconds=0.5)


def test_an_integer_of_five_thousand_digits(house, refused):
    """JS-007"""
    refused(house.verify('{"a":' + "9" * 5_000 + "}"), "json.number_out_of_range")


def issue(house, *rows, name="rows.json"):
    path = house.file(json.dumps(rows), name)
    out = house.home / f"out-{name}"
    return house.run("issue", path, "--issuer", "ecole", "--out", out, "--json"), out


def changed(member, value, reference):
    return {**ROW, "reference": reference, "claims": {**ROW["claims"], member: value}}


def test_the_row_that_the_bad_ones_are_made_of_is_good(own_house):
    answer, out = issue(own_house, ROW)
    assert answer.status == 0, answer.out
    assert len(list(out.glob("*.sd-jwt"))) == 1


def test_half_a_character_in_a_claim(own_house):
    """JS-008: what cannot be written cannot be signed."""
    path = own_house.file(json.dumps([ROW]).replace("Camille", "\\ud800"), "half.json")
    answer = own_house.run("issue", path, "--issuer", "ecole", "--out", own_house.home / "out", "--json")
    assert answer.status == 2
    assert answer.codes == {"json.lone_surrogate"}
    assert issue(own_house, ROW)[0].status == 0


WRONG = [None, 0, 1.5, "", [], {}, [[]], True]


def test_claims_of_the_wrong_kind(own_house):
    """JS-011: each claim replaced by each kind of value, all in one file, each refused by name."""
    rows = [
        changed(member, value, f"{member}-{number}")
        for member in ROW["claims"]
        for number, value in enumerate(WRONG)
    ]
    lawful = [row for row in rows if None in row["claims"].values()]  # null is how a tool says "absent"
    answer, out = issue(own_house, *[row for row in rows if row not in lawful])
    assert answer.status == 2
    assert "cli.unexpected" not in answer.out
    assert not list(out.glob("*.sd-jwt"))
    judged = [found for found in _objects(answer.json) if {"reference", "accepted"} <= found.keys()]
    assert {row["reference"] for row in judged} == {row["reference"] for row in rows if row not in lawful}
    assert all(not row["accepted"] and row["findings"] for row in judged)
    assert issue(own_house, ROW, name="good.json")[0].status == 0


def _objects(value):
    if isinstance(value, dict):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(member)


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**21 + 1])
def test_numbers_that_readers_read_differently(own_house, number):
    """JS-010: beyond 2^53 no two programs agree; no claim of ours needs to go there."""
    answer, _ = issue(own_house, changed("name", number, "JS-2"))
    assert answer.status == 2
    assert answer.codes == {"json.number_out_of_range"}
    assert issue(own_house, ROW, name="good.json")[0].status == 0


def test_wrong_kinds_at_every_member_of_what_is_shown(house, refused):
    """JS-011, for the verifier: every member of a credential, its proof aside, by every kind of value."""
    document = {**_credential(), "proof": {"type": "DataIntegrityProof", "proofValue": "z1"}}
    for member in document:
        for value in WRONG:
            refused(house.verify(json.dumps({**document, member: value})))
    payload = tokens.base_payload()
    for member in ("iss", "iat", "exp", "vct", "cnf", "_sd_alg"):
        for value in WRONG:
            if (member, value) in (("iat", 0), ("vct", "")):
                continue  # issued at the beginning of time; of a type that nobody knows
            answer = house.verify(minting.sdjwt({**payload, member: value}), asked=True)
            assert answer.status == 1, (member, value)
            assert "cli.unexpected" not in answer.out


def test_json_test_suite(fixtures, house, refused):
    """JS-001, JS-002: 223 documents of the JSON Parsing Test Suite, as a recruiter would receive them."""
    folder = fixtures / "abuse" / "fixtures" / "jsontestsuite" / "test_parsing"
    documents = sorted(folder.glob("[ni]_*.json"))
    assert len(documents) == 223
    for document in documents:
        refused(house.verify(document.read_bytes()))
