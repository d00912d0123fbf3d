"""Whatever is given to the verifier, a report comes out; and what was changed does not verify."""

import copy
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from boundary import limits, strict_json
from boundary.strict_json import read_object
from passeport.machine import report_json
from proofs import SUITES, data_integrity
from proofs.suite import ProofOptions

LD, SD = "application/vc", "application/dc+sd-jwt"
JWT, LD_SD = "application/vc+jwt", "application/vc+sd-jwt"


def test_what_is_nothing_that_we_know(scene):
    for data in (
        b"",
        b" ",
        b"\xff\xfe",
        b"bonjour",
        b"{}",
        b"[]",
        b'{"a":1,"a":2}',
        b"a.b.c",
        b'"x"',
        b"\x00",
    ):
        report = scene.town.verify(data)
        assert [step.name for step in report.steps] == ["format"] or report.credentials
        assert (report.verdict, report.verified) == ("not_valid", False)
        assert scene.town.everything_said(report)


EMPTY = {
    "no answer": {"vp_token": {}},
    "an empty answer": {"vp_token": {"a": []}},
    "a presentation of nothing": {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
    },
    "a presentation of an empty list": {"type": "VerifiablePresentation", "verifiableCredential": []},
}


@pytest.mark.parametrize("document", EMPTY.values(), ids=EMPTY)
def test_a_share_of_nothing_says_so(scene, document):
    report = scene.town.verify(json.dumps(document))
    assert [(step.name, step.code) for step in report.steps] == [("format", "format.no_credential")]
    assert (report.verdict, report.verified) == ("not_valid", False)


def test_a_signed_share_of_nothing_says_so(scene, person):
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    signer = person.signer_for(person.new_key())
    options = ProofOptions("authentication", expires="2026-12-01T00:00:00Z", domain="urn:passeport:bearer")
    share = data_integrity.add_proof(document, SUITES["ecdsa-rdfc-2019"], options, signer)
    assert not scene.town.verify(strict_json.write(share)).verified


def test_too_many_at_once_are_counted_before_any_is_verified(scene):
    limit = limits.CREDENTIALS_PER_PRESENTATION
    few = {"type": "VerifiablePresentation", "verifiableCredential": [{}] * (limit // 2)}
    report = scene.town.verify(json.dumps({"vp_token": {"a": [few, few, few]}}))
    assert [(step.name, step.code) for step in report.steps] == [("format", "presentation.too_many")]
    assert scene.town.verify(json.dumps({"vp_token": {"a": [few, few]}})).steps[0].outcome == "passed"


@pytest.fixture(scope="module")
def shares(scene):
    """Honest shares in every shape, to be mutated."""
    person, town = scene.person, scene.town
    both = person.bearer(town.choice(scene.award[LD], "family_name"), town.choice(scene.award[SD], "mention"))
    return {
        "sd-jwt": person.bearer(town.choice(scene.award[SD], "block.0", "given_name")),
        "json-ld": person.bearer(town.choice(scene.award[LD], "block.0", "given_name")),
        "both": both,
        "vp+jwt": person.bearer(town.choice(scene.award[JWT], "*")),
        "vc+sd-jwt": person.bearer(town.choice(scene.award[LD_SD], "block.0", "given_name")),
    }


anything = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@anything
@given(data=st.binary(max_size=200))
@example(data=b'{"payload":1,"signature":1}')
@example(data=b'{"vp_token":1}')
@example(data=b'{"type":[[]]}')
@example(data=b"..~")
@example(data=b"{" * 5_000)
def test_noise_is_a_report(scene, data):
    report = scene.town.verify(data)
    assert not report.verified
    assert scene.town.everything_said(report)


leaves = st.sampled_from(
    [None, True, 0, -1, 2**53, 1.5, "", "x", "\x00", "did:key:z", [], {}, [[]], [None], {"@id": "x"}]
)


@anything
@given(data=st.data())
@pytest.mark.parametrize("shape", ["json-ld", "both"])
def test_a_mutated_document_is_a_report(scene, shares, shape, data):
    """Any member replaced by any kind of value, or removed: reported, never raised, never verified.

    But for a whole presentation of several: leaving one out leaves an honest share of the others.
    """
    document = json.loads(shares[shape])
    honest = copy.deepcopy(document)
    places = [place for place in _places(document) if len(place) != 2 or place[0] != "vp_token"]
    place = data.draw(st.sampled_from(places))
    parent = _at(document, place[:-1])
    if data.draw(st.booleans()) or isinstance(parent, list):
        parent[place[-1]] = data.draw(leaves)
    else:
        del parent[place[-1]]
    report = scene.town.verify(json.dumps(document))
    assert scene.town.everything_said(report)
    if document != honest:
        assert not report.verified or _same(report, scene.town.verify(shares[shape]))


def _places(value, place=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*place, name)
        yield from _places(member, (*place, name))


def _at(value, place):
    for name in place:
        value = value[name]
    return value


def _same(report, honest):
    """Whether both say the same: what a changed byte did not change is no change."""
    return report_json(report, "en") == report_json(honest, "en")


@anything
@given(data=st.data())
@pytest.mark.parametrize("shape", ["sd-jwt", "json-ld", "both", "vp+jwt", "vc+sd-jwt"])
def test_no_changed_byte_verifies(scene, shares, shape, data):
    """Every byte counts, unless it is white space that says nothing."""
    share = shares[shape].encode()
    place = data.draw(st.integers(0, len(share) - 1))
    flipped = bytes([share[place] ^ data.draw(st.integers(1, 255))])
    report = scene.town.verify(share[:place] + flipped + share[place + 1 :])
    assert not report.verified or _same(report, scene.town.verify(share))


@anything
@given(data=st.data())
@pytest.mark.parametrize("shape", ["sd-jwt", "json-ld", "vp+jwt", "vc+sd-jwt"])
def test_no_cut_and_no_doubled_piece_verifies(scene, shares, shape, data):
    share = shares[shape]
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(share))] * 2)))
    piece = share[start:stop]
    for changed in (share[:start] + share[stop:], share[:stop] + piece + share[stop:]):
        if changed != share:
            report = scene.town.verify(changed)
            assert not report.verified or _same(report, scene.town.verify(share))


def test_each_disclosure_counts(scene, shares):
    """Leaving one out, adding one, another order: none of it is what the holder signed."""
    *parts, binding = shares["sd-jwt"].split("~")
    issued = scene.award[SD].decode().split("~")
    hidden = next(part for part in issued if part and part not in parts)
    for changed in (parts[:-1], [*parts, hidden], [parts[0], *parts[:0:-1]]):
        report = scene.town.verify("~".join([*changed, binding]))
        last = report.credentials[0].steps[-1]
        assert (last.outcome, last.code) in {
            ("failed", "kb.other_content"),
            ("failed", "sdjwt.unreferenced_disclosure"),  # what holds its digest is not there
        }
        assert report.credentials[0].facts is None


def test_the_honest_shares_verify(scene, shares):
    """So that none of the above passes for want of a good example."""
    for share in shares.values():
        assert scene.town.verify(share).verified
        assert scene.town.verify(f" \n{share}\n").verified
    assert read_object(shares["both"]).keys() == {"vp_token"}
