"""What a token says of itself narrows what its document says, and never widens it."""

import datetime as dt

import pytest

from credentials.facts import facts_ld
from credentials.token_facts import check_enveloped, check_enveloped_presentation, facts_token
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import MalformedValueError, ParsingError, RangeError

HOLDER = LocalSigner.generate("P-256").public_key
STRANGER = LocalSigner.generate("P-256").public_key
BEGINS, ENDS = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 1, 1, tzinfo=dt.UTC)
DAY = 86_400


@pytest.fixture
def document(copy_of):
    made = copy_of("skill").ld
    made["credentialSubject"]["id"] = did_key.did(HOLDER)
    return {**made, "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2028-01-01T00:00:00Z"}


def cnf(key):
    return {"cnf": {"jwk": to_jwk(key)}}


def test_without_claims_the_document_speaks(document):
    assert facts_token(document, {}) == facts_ld(document)


@pytest.mark.parametrize(
    ("claims", "begins", "ends"),
    [
        ({"exp": ENDS.timestamp() - DAY}, 0, -1),
        ({"exp": ENDS.timestamp() + DAY}, 0, 0),
        ({"nbf": BEGINS.timestamp() - DAY}, 0, 0),
        ({"nbf": BEGINS.timestamp() + DAY}, 1, 0),
    ],
    ids=str,
)
def test_the_narrower_window_counts(document, claims, begins, ends):
    """A signature that ends later does not prolong what was signed, one that ends earlier ends it."""
    facts = facts_token(document, {name: int(value) for name, value in claims.items()})
    assert facts.valid_from == BEGINS + begins * dt.timedelta(days=1)
    assert facts.valid_until == ENDS + ends * dt.timedelta(days=1)


def test_times_of_a_document_without_any(document):
    undated = {name: value for name, value in document.items() if not name.startswith("valid")}
    facts = facts_token(undated, {"iat": 1, "nbf": 2, "exp": 3})
    times = [moment.timestamp() for moment in (facts.issued_on, facts.valid_from, facts.valid_until)]
    assert times == [1, 2, 3]


@pytest.mark.parametrize("bad", ["demain", True, 1.5, None, 10**15, -(10**15), [1]])
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_a_time_that_is_none(document, name, bad):
    with pytest.raises(MalformedValueError):
        facts_token(document, {name: bad})


def test_the_status_of_the_token_is_asked_too(document):
    claims = {"status": {"status_list": {"idx": 7, "uri": "https://x.example/1"}}}
    assert [entry.kind for entry in facts_token(document, claims).status][-1] == "token"
    assert len(facts_token(document, claims).status) == len(facts_ld(document).status) + 1
    with pytest.raises(RangeError):
        facts_token(document, {"status": {"status_list": {"idx": -1, "uri": "https://x.example/1"}}})


def test_the_confirmed_key_is_the_subject_s(document):
    assert facts_token(document, cnf(HOLDER)) == facts_ld(document)


def test_two_keys_are_nobody_s(document):
    with pytest.raises(MalformedValueError, match=r"model\.two_holders"):
        facts_token(document, cnf(STRANGER))


@pytest.mark.parametrize(
    "name", [None, "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0", "did:web:camille.example"]
)
def test_a_subject_without_a_key_is_bound_by_the_confirmed_one(document, name):
    subject = {k: v for k, v in document["credentialSubject"].items() if k != "id"} | (
        {"id": name} if name else {}
    )
    facts = facts_token({**document, "credentialSubject": subject}, cnf(HOLDER))
    assert (facts.holder_key, facts.holder_id, facts.bound) == (HOLDER, did_key.did(HOLDER), True)


def test_who_confirms_their_own_key_speaks_of_themselves(document):
    """Under whichever names: the issuer's DID and ``cnf`` are one key."""
    subject = {name: value for name, value in document["credentialSubject"].items() if name != "id"}
    issuer = {"id": did_key.did(HOLDER), "type": ["Profile"], "name": "Université (fictive)"}
    facts = facts_token({**document, "credentialSubject": subject, "issuer": issuer}, cnf(HOLDER))
    assert facts.self_declared
    assert facts.issuer_name is None


@pytest.mark.parametrize("bad", [{}, {"jwk": {}}, {"jwk": {"kty": "EC"}}, "x", {"kid": "x"}, None])
def test_a_bad_confirmation(document, bad):
    with pytest.raises(MalformedValueError):
        facts_token(document, {"cnf": bad})


@pytest.mark.parametrize(
    "context", ["https://www.w3.org/2018/credentials/v1", None, [], ["https://x.example"]]
)
def test_only_the_second_version_is_enveloped(document, context):
    with pytest.raises(MalformedValueError, match=r"model\.first_context"):
        check_enveloped({**document, "@context": context})
    with pytest.raises(MalformedValueError, match=r"model\.first_context"):
        check_enveloped_presentation({"@context": context, "type": "VerifiablePresentation"})


def test_the_spelling_gate_stands_here_too(document):
    check_enveloped(document)
    for member in ("@type", "https://www.w3.org/2018/credentials#credentialStatus", "@included"):
        with pytest.raises(MalformedValueError, match=r"spelling\."):
            check_enveloped({**document, member: []})


def test_a_presentation_is_no_credential(document):
    with pytest.raises(ParsingError):
        check_enveloped_presentation(document)
    with pytest.raises(ParsingError):
        check_enveloped({**document, "type": ["VerifiablePresentation"]})
