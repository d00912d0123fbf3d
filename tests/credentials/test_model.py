"""Protects: VCDM 2.0's rules for documents; a wrong type anywhere is a problem, never a crash."""

import copy
import datetime as dt
import os

import pytest

from credentials import model
from credentials.facts import facts_ld, facts_sd
from credentials.schemas import check_shown
from problems import MalformedValueError, ParsingError, Problem, RangeError

_V2 = "https://www.w3.org/ns/credentials/v2"
_V1 = "https://www.w3.org/2018/credentials/v1"
_EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
_BASE = {
    "@context": [_V2, _EXAMPLES],
    "id": "https://uni.example/credentials/1",
    "type": ["VerifiableCredential", "ExampleDegreeCredential"],
    "issuer": "did:web:uni.example",
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:web:holder.example", "degree": "M"},
}


def _with(**members):
    return copy.deepcopy(_BASE) | members


def _without(name):
    return {member: value for member, value in _BASE.items() if member != name}


_GOOD = {
    "minimal": _BASE,
    "without id": _without("id"),
    "one type and one context as texts": _with(type="VerifiableCredential", **{"@context": _V2}),
    "an inline context": _with(**{"@context": [_V2, {"degree": "https://uni.example/#degree"}]}),
    "an issuer with a name in two languages": _with(
        issuer={
            "id": "did:web:uni.example",
            "name": [
                {"@value": "Université", "@language": "fr"},
                {"@value": "University", "@language": "en"},
            ],
        }
    ),
    "a language object with a direction": _with(name={"@value": "ش", "@language": "ar", "@direction": "rtl"}),
    "several subjects": _with(credentialSubject=[{"degree": "M"}, {"id": "urn:x:y"}]),
    "dates with an offset and milliseconds": _with(
        validFrom="2026-01-01T00:00:00.123+02:00", validUntil="2027-01-01T00:00:00-05:00"
    ),
    "an end that is the beginning": _with(validUntil="2026-01-01T00:00:00Z"),
    "no date at all": _without("validFrom"),
    "a status without id": _with(credentialStatus={"type": "BitstringStatusListEntry"}),
    "two pieces of evidence": _with(evidence=[{"type": "Evidence"}, {"type": ["Evidence"], "id": "urn:x:1"}]),
    "a schema": _with(credentialSchema={"id": "https://uni.example/s.json", "type": "JsonSchema"}),
    "a related resource that we do not hold": _with(
        relatedResource=[{"id": "https://uni.example/logo.svg", "digestSRI": "sha384-AAAA"}]
    ),
}

_BAD = {
    "no context": (_without("@context"), "model.first_context"),
    "an empty context": (_with(**{"@context": []}), "model.first_context"),
    "the base context is not first": (_with(**{"@context": [_EXAMPLES, _V2]}), "model.first_context"),
    "a number as context": (_with(**{"@context": [_V2, 7]}), "model.url_expected"),
    "a word as context": (_with(**{"@context": [_V2, "examples"]}), "model.url_expected"),
    "null as context": (_with(**{"@context": [_V2, None]}), "model.url_expected"),
    "no type": (_without("type"), "model.not_a"),
    "another type": (_with(type=["VerifiablePresentation"]), "model.not_a"),
    "a number as type": (_with(type=["VerifiableCredential", 7]), "shape.text_expected"),
    "null as id": (_with(id=None), "model.url_expected"),
    "a list as id": (_with(id=["urn:x:1"]), "model.url_expected"),
    "a word as id": (_with(id="credential-1"), "model.url_expected"),
    "an id with a space": (_with(id="urn:x:1 2"), "model.url_expected"),
    "no issuer": (_without("issuer"), "model.url_expected"),
    "null as issuer": (_with(issuer=None), "model.url_expected"),
    "a list as issuer": (_with(issuer=["did:web:uni.example"]), "model.url_expected"),
    "a word as issuer": (_with(issuer="university"), "model.url_expected"),
    "an issuer without id": (_with(issuer={"name": "University"}), "model.url_expected"),
    "an issuer whose id is a list": (_with(issuer={"id": ["did:web:uni.example"]}), "model.url_expected"),
    "an issuer with a language object too many": (
        _with(issuer={"id": "did:web:uni.example", "name": {"@value": "U", "url": "https://uni.example"}}),
        "model.language_object",
    ),
    "no subject": (_without("credentialSubject"), "model.no_subject"),
    "no subject in the list": (_with(credentialSubject=[]), "model.no_subject"),
    "an empty subject": (_with(credentialSubject={}), "model.empty_subject"),
    "an empty subject in a list": (_with(credentialSubject=[{"a": 1}, {}]), "model.empty_subject"),
    "a subject that is a text": (_with(credentialSubject="did:web:holder.example"), "shape.object_expected"),
    "a subject whose id is a list": (_with(credentialSubject={"id": ["urn:x:1"]}), "model.url_expected"),
    "a subject whose id is null": (_with(credentialSubject={"id": None}), "model.url_expected"),
    "a status without type": (_with(credentialStatus={"id": "urn:x:1"}), "model.no_type"),
    "terms of use without type": (_with(termsOfUse={"id": "urn:x:1"}), "model.no_type"),
    "evidence without type": (_with(evidence=[{"type": "E"}, {"id": "urn:x:1"}]), "model.no_type"),
    "a refresh service without type": (_with(refreshService={"id": "urn:x:1"}), "model.no_type"),
    "a schema without type": (_with(credentialSchema={"id": "urn:x:1"}), "model.no_type"),
    "an empty list of types": (_with(evidence={"type": []}), "model.no_type"),
    "a status that is null": (_with(credentialStatus=None), "model.no_type"),
    "a status that is a text": (_with(credentialStatus="revoked"), "shape.object_expected"),
    "a status whose id is a word": (_with(credentialStatus={"type": "S", "id": "one"}), "model.url_expected"),
    "a schema without id": (_with(credentialSchema={"type": "JsonSchema"}), "model.url_expected"),
    "a name that is a number": (_with(name=7), "shape.text_expected"),
    "a language object without value": (_with(name={"@language": "fr"}), "spelling.member"),
    "a language object with another member": (
        _with(description={"@value": "x", "title": "y"}),
        "model.language_object",
    ),
    "a day without time": (_with(validFrom="2026-01-01"), "shape.date_time_expected"),
    "an instant without zone": (_with(validFrom="2026-01-01T00:00:00"), "shape.date_time_expected"),
    "a day that does not exist": (_with(validUntil="2026-02-30T00:00:00Z"), "shape.date_time_expected"),
    "a number as date": (_with(validUntil=1_800_000_000), "shape.text_expected"),
    "an end before the beginning": (_with(validUntil="2025-12-31T23:59:59Z"), "model.ends_before_it_begins"),
    "an end before the beginning, by its offset": (
        _with(validUntil="2026-01-01T01:00:00+02:00"),
        "model.ends_before_it_begins",
    ),
    "a related resource that is a text": (_with(relatedResource="urn:x:1"), "shape.object_expected"),
    "a related resource without id": (
        _with(relatedResource=[{"digestSRI": "sha256-AAAA"}]),
        "model.url_expected",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", _GOOD)
def test_a_good_credential(case):
    model.check_credential(_GOOD[case], at_issue=True)
    model.check_credential(_GOOD[case], at_issue=False)


@pytest.mark.parametrize("at_issue", [True, False])
@pytest.mark.parametrize("defect", _BAD)
def test_a_bad_credential(defect, at_issue):
    document, code = _BAD[defect]
    with pytest.raises(Problem) as caught:
        model.check_credential(document, at_issue=at_issue)
    assert caught.value.code == code


def test_our_own_examples(example):
    model.check_credential(example.ld, at_issue=True)
    model.check_sd_payload(example.sd)


def test_unprintable_characters_are_refused_at_issue_only():
    document = _with(credentialSubject={"id": "urn:x:1", "degree": "M\u0007"})
    model.check_credential(document, at_issue=False)
    with pytest.raises(MalformedValueError) as caught:
        model.check_credential(document, at_issue=True)
    assert caught.value.code == "characters.refused"


# --- VCDM 1.1


_OLD = {
    "@context": [_V1],
    "type": ["VerifiableCredential"],
    "issuer": "did:web:uni.example",
    "issuanceDate": "2021-01-01T00:00:00Z",
    "expirationDate": "2027-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:web:holder.example"},
}


def test_a_credential_of_the_first_version_is_verified_but_not_issued():
    model.check_credential(_OLD, at_issue=False)
    with pytest.raises(MalformedValueError) as caught:
        model.check_credential(_OLD, at_issue=True)
    assert caught.value.code == "model.first_context"


def test_its_dates_count():
    facts = facts_ld(_OLD)
    model.check_dates(facts, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.timedelta())
    with pytest.raises(RangeError) as caught:
        model.check_dates(facts, dt.datetime(2028, 1, 1, tzinfo=dt.UTC), dt.timedelta())
    assert caught.value.code == "credential.expired"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"issuanceDate": None}, "shape.text_expected"),
        ({"expirationDate": "2020-01-01T00:00:00Z"}, "model.ends_before_it_begins"),
    ],
)
def test_its_dates_are_checked(members, code):
    with pytest.raises(Problem) as caught:
        model.check_credential(_OLD | members, at_issue=False)
    assert caught.value.code == code


def test_it_must_say_when_it_was_issued():
    with pytest.raises(MalformedValueError) as caught:
        model.check_credential({k: v for k, v in _OLD.items() if k != "issuanceDate"}, at_issue=False)
    assert caught.value.code == "model.no_issuance_date"


# --- dates


_FROM = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)
_UNTIL = dt.datetime(2028, 4, 1, 21, 59, 59, tzinfo=dt.UTC)
_SKEW = dt.timedelta(minutes=5)
_SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize("now", [_FROM, _FROM - _SKEW, _UNTIL, _UNTIL + _SKEW])
def test_within_its_dates(examples, now):
    for facts in (facts_ld(examples["rs-certification"].ld), facts_sd(examples["rs-certification"].sd)):
        model.check_dates(facts, now, _SKEW)


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (_FROM - _SKEW - _SECOND, "credential.not_yet_valid"),
        (_UNTIL + _SKEW + _SECOND, "credential.expired"),
    ],
)
def test_outside_its_dates(examples, now, code):
    for facts in (facts_ld(examples["rs-certification"].ld), facts_sd(examples["rs-certification"].sd)):
        with pytest.raises(RangeError) as caught:
            model.check_dates(facts, now, _SKEW)
        assert caught.value.code == code


def test_a_credential_without_end_never_expires(examples):
    model.check_dates(facts_ld(examples["diploma"].ld), dt.datetime(2099, 1, 1, tzinfo=dt.UTC), _SKEW)


# --- presentations


_PRESENTATION = {"@context": [_V2], "type": "VerifiablePresentation", "verifiableCredential": [_BASE]}
_ENVELOPED = {
    "@context": [_V2],
    "type": "EnvelopedVerifiableCredential",
    "id": "data:application/vc+jwt,eyJhbGciOiJFUzI1NiJ9.e30.AA",
}


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"holder": "did:web:holder.example"},
        {"holder": {"id": "did:web:holder.example"}},
        {"verifiableCredential": _BASE},
        {"verifiableCredential": [_ENVELOPED]},
        {"id": "urn:x:1", "@context": [_V1]},
    ],
)
def test_a_good_presentation(members):
    model.check_presentation(_PRESENTATION | members)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"type": []}, "model.not_a"),
        ({"type": "VerifiableCredential"}, "model.not_a"),
        ({"@context": [_EXAMPLES, _V2]}, "model.first_context"),
        ({"@context": None}, "model.first_context"),
        ({"id": None}, "model.url_expected"),
        ({"holder": None}, "model.url_expected"),
        ({"holder": "me"}, "model.url_expected"),
        ({"holder": ["did:web:holder.example"]}, "model.url_expected"),
        ({"holder": {"name": "me"}}, "model.url_expected"),
        ({"verifiableCredential": "eyJ"}, "shape.object_expected"),
        ({"verifiableCredential": [None]}, "shape.object_expected"),
        ({"verifiableCredential": [_ENVELOPED | {"@context": []}]}, "model.first_context"),
        ({"verifiableCredential": [_ENVELOPED | {"id": "https://uni.example/1"}]}, "model.no_envelope"),
        ({"verifiableCredential": [_ENVELOPED | {"id": "data:text/plain,x"}]}, "model.no_envelope"),
        ({"verifiableCredential": [_ENVELOPED | {"id": None}]}, "shape.text_expected"),
    ],
)
def test_a_bad_presentation(members, code):
    with pytest.raises(Problem) as caught:
        model.check_presentation(_PRESENTATION | members)
    assert caught.value.code == code


def test_a_presentation_is_no_credential_and_a_credential_no_presentation():
    with pytest.raises(ParsingError):
        model.check_credential(_PRESENTATION, at_issue=False)
    with pytest.raises(ParsingError):
        model.check_presentation(_BASE)


# --- SD-JWT payloads


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"vct": None}, "shape.text_expected"),
        ({"vct": 7}, "shape.text_expected"),
        ({"iat": "2026-01-01"}, "shape.integer_expected"),
        ({"exp": True}, "shape.integer_expected"),
        ({"nbf": 2**53 - 1}, "model.date_out_of_range"),
        ({"nbf": 200, "exp": 100}, "model.ends_before_it_begins"),
        ({"iss": "university"}, "model.url_expected"),
        ({"sub": 7}, "shape.text_expected"),
        ({"cnf": "key"}, "shape.object_expected"),
        ({"cnf": {}}, "shape.object_expected"),
        ({"status": {"status_list": {"idx": -1, "uri": "https://a.example/1"}}}, "status.index_form"),
        ({"status": {"status_list": {"idx": "1", "uri": "https://a.example/1"}}}, "shape.integer_expected"),
        ({"status": {"status_list": {"idx": 1, "uri": "list"}}}, "model.url_expected"),
    ],
)
def test_a_bad_payload(examples, members, code):
    with pytest.raises(Problem) as caught:
        model.check_sd_payload(examples["diploma"].sd | members)
    assert caught.value.code == code


def test_a_private_key_in_cnf_is_refused(copy_of):
    payload = copy_of("diploma").sd
    payload["cnf"]["jwk"]["d"] = "AAAA"
    with pytest.raises(MalformedValueError) as caught:
        model.check_sd_payload(payload)
    assert caught.value.code == "key.secret_shown"


# --- JS-011: a wrong JSON type at every member


_WRONG = (None, 0, "", [], {}, [[]], True)
_EVERYTHING = bool(os.environ.get("PASSEPORT_FULL"))


@pytest.mark.parametrize("form", ["ld", "sd"])
def test_a_wrong_type_at_any_member_is_refused_with_a_problem(example, form):
    """At every member, one wrong value in turn (every one in the long run): refused, and never a crash."""
    document = getattr(example, form)
    for count, place in enumerate(_places(document)):
        for value in _WRONG if _EVERYTHING else [_WRONG[count % len(_WRONG)]]:
            changed = copy.deepcopy(document)
            before = _replace(changed, place, value)
            problem = _problem_of(changed, form)
            assert problem or type(before) is type(value), (place, value)
            if problem:
                assert problem.says("fr").what
                assert problem.details("en")["code"] == problem.code


def _places(value, place=()):
    if place:
        yield place
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, member in members:
        yield from _places(member, (*place, step))


def _replace(document, place, value):
    node = document
    for step in place[:-1]:
        node = node[step]
    before, node[place[-1]] = node[place[-1]], value
    return before


def _problem_of(document, form):
    try:
        if form == "ld":
            model.check_credential(document, at_issue=False)
        else:
            model.check_sd_payload(document)
        facts = facts_ld(document) if form == "ld" else facts_sd(document)
        check_shown(document)
    except Problem as problem:
        return problem
    return None if facts.kind else MalformedValueError("schema.no_form")  # of no type of ours any more
