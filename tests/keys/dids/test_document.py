"""DID documents that others wrote: what could be read in two ways, or is someone else's, is refused."""

import contextlib
import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import limits
from boundary.strict_json import Json
from keys import multikey
from keys.dids import document
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner
from keys.resolver import Revocation
from problems import LimitError, MalformedValueError, ParsingError, Problem, ProofVerificationError

DID = "did:web:certifier.example"
OTHER = "did:web:other.example"
NAME = f"{DID}#key-1"
KEY = LocalSigner.from_secret("P-256", bytes(31) + b"\1").public_key


def method(**changes: object) -> Json:
    found = {"id": NAME, "type": "Multikey", "controller": DID, "publicKeyMultibase": multikey.encode(KEY)}
    return {name: value for name, value in (found | changes).items() if value is not ...}


def written(**changes: object) -> Json:
    found = {"id": DID, "verificationMethod": [method()], "assertionMethod": [NAME]}
    return {name: value for name, value in (found | changes).items() if value is not ...}


def find(found: Json, name: str = NAME) -> object:
    return document.find(found, DID, name, "assertionMethod")


JWK = method(publicKeyMultibase=..., publicKeyJwk=to_jwk(KEY))
GOOD: dict[str, Json] = {
    "by reference": written(),
    "one method, no list": written(verificationMethod=method(), assertionMethod=NAME),
    "relative names": written(verificationMethod=[method(id="#key-1")], assertionMethod=["#key-1"]),
    "embedded": written(verificationMethod=..., assertionMethod=[method()]),
    "embedded, beside another": written(
        verificationMethod=[method(id="#key-2")], assertionMethod=["#key-2", method()]
    ),
    "JsonWebKey": written(verificationMethod=[{**JWK, "type": "JsonWebKey"}]),
    "JsonWebKey2020": written(verificationMethod=[{**JWK, "type": "JsonWebKey2020"}]),
    "beside a kind of key that we do not know": written(
        verificationMethod=[method(), {"id": "#rsa", "type": "RsaVerificationKey2018", "publicKeyPem": "…"}]
    ),
    "beside a key of another": written(assertionMethod=[f"{OTHER}#key-1", NAME]),
    "with services": written(service=[{"id": "#site", "type": "LinkedDomains", "serviceEndpoint": "x"}]),
    "not deactivated": written(deactivated=False),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_lawful_document_leads_to_the_key(name):
    found = find(GOOD[name])
    assert (found.key, found.verification_method, found.controller, found.revoked) == (KEY, NAME, DID, None)


BAD: dict[str, tuple[Json, type[Problem], str]] = {
    "id of another": (written(id=OTHER), MalformedValueError, "did.document_id"),
    "id in other letters": (written(id=DID.upper()), MalformedValueError, "did.document_id"),
    "no id": (written(id=...), MalformedValueError, "did.document_id"),
    "id a list": (written(id=[DID]), MalformedValueError, "did.document_id"),
    "deactivated": (written(deactivated=True), ProofVerificationError, "did.deactivated"),
    "no keys": (written(verificationMethod=[]), ProofVerificationError, "did.key_not_listed"),
    "empty": ({"id": DID}, ProofVerificationError, "did.key_not_listed"),
    "listed for no purpose": (written(assertionMethod=[]), ProofVerificationError, "did.purpose"),
    "listed for another purpose": (
        written(assertionMethod=..., authentication=[NAME]),
        ProofVerificationError,
        "did.purpose",
    ),
    "embedded for another purpose": (
        written(verificationMethod=..., assertionMethod=..., authentication=[method()]),
        ProofVerificationError,
        "did.purpose",
    ),
    "same fragment of another": (
        written(assertionMethod=[f"{OTHER}#key-1"]),
        ProofVerificationError,
        "did.purpose",
    ),
    "controlled by another": (
        written(verificationMethod=[method(controller=OTHER)]),
        ProofVerificationError,
        "did.controller",
    ),
    "controlled by nobody": (
        written(verificationMethod=[method(controller=...)]),
        ProofVerificationError,
        "did.controller",
    ),
    "controlled by two": (
        written(verificationMethod=[method(controller=[DID, OTHER])]),
        ProofVerificationError,
        "did.controller",
    ),
    "two of one name": (
        written(verificationMethod=[method(), method()]),
        MalformedValueError,
        "did.duplicate_key",
    ),
    "two of one name, one relative": (
        written(verificationMethod=[method(), method(id="#key-1")]),
        MalformedValueError,
        "did.duplicate_key",
    ),
    "two of one name, one embedded": (
        written(assertionMethod=[method()]),
        MalformedValueError,
        "did.duplicate_key",
    ),
    "two of one name, elsewhere": (
        written(authentication=[method()]),
        MalformedValueError,
        "did.duplicate_key",
    ),
    "two forms of the key": (
        written(verificationMethod=[method(publicKeyJwk=to_jwk(KEY))]),
        MalformedValueError,
        "did.two_keys",
    ),
    "no key": (
        written(verificationMethod=[method(publicKeyMultibase=...)]),
        MalformedValueError,
        "shape.text_expected",
    ),
    "no type": (written(verificationMethod=[method(type=...)]), MalformedValueError, "key.type_unsupported"),
    "another type": (
        written(verificationMethod=[method(type="Ed25519VerificationKey2018")]),
        MalformedValueError,
        "key.type_unsupported",
    ),
    "type and key disagree": (
        written(verificationMethod=[{**JWK, "type": "Multikey"}]),
        MalformedValueError,
        "shape.text_expected",
    ),
    "a secret key": (
        written(
            verificationMethod=[{**JWK, "type": "JsonWebKey", "publicKeyJwk": {**to_jwk(KEY), "d": "AQ"}}]
        ),
        MalformedValueError,
        "key.secret_shown",
    ),
    "a method without a name": (
        written(verificationMethod=[method(), method(id=...)]),
        MalformedValueError,
        "shape.text_expected",
    ),
    "a method that is a text": (
        written(verificationMethod=[NAME]),
        MalformedValueError,
        "shape.object_expected",
    ),
    "a purpose that is a number": (written(assertionMethod=[1]), MalformedValueError, "shape.text_expected"),
    "revoked at no time": (
        written(verificationMethod=[method(revoked="yesterday")]),
        MalformedValueError,
        "shape.date_time_expected",
    ),
    "revoked as a flag": (
        written(verificationMethod=[method(revoked=True)]),
        MalformedValueError,
        "shape.text_expected",
    ),
    "revoked null": (
        written(verificationMethod=[method(revoked=None)]),
        MalformedValueError,
        "shape.text_expected",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_refused(name):
    found, kind, code = BAD[name]
    with pytest.raises(kind) as caught:
        find(found)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "name", [f"{DID}#key-2", DID, f"{OTHER}#key-1", "#key-1", f"{DID}#KEY-1", f"{NAME} "]
)
def test_only_the_exact_name_is_the_key(name):
    with pytest.raises(ProofVerificationError, match=r"did\.key_not_listed"):
        find(written(), name)


WHEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ({"revoked": "2026-11-01T00:00:00Z"}, Revocation("compromised", WHEN)),
        ({"revoked": "2026-11-01T01:00:00+01:00"}, Revocation("compromised", WHEN)),
        (
            {"revoked": "2026-11-01T00:00:00Z", "revocationReason": "superseded"},
            Revocation("superseded", WHEN),
        ),
        ({"revoked": "2026-11-01T00:00:00Z", "revocationReason": "ceased"}, Revocation("ceased", WHEN)),
        ({"revoked": "2026-11-01T00:00:00Z", "revocationReason": "boredom"}, Revocation("compromised", WHEN)),
        (
            {"revoked": "2026-11-01T00:00:00Z", "revocationReason": ["ceased"]},
            Revocation("compromised", WHEN),
        ),
        ({"expires": "2026-11-01T00:00:00Z"}, Revocation("ceased", WHEN)),
        (
            {"expires": "2030-01-01T00:00:00Z", "revoked": "2026-11-01T00:00:00Z"},
            Revocation("compromised", WHEN),
        ),
        ({}, None),
    ],
)
def test_a_revocation_is_understood_at_its_worst(said, understood):
    assert find(written(verificationMethod=[method(**said)])).revoked == understood


def test_a_former_purpose_counts_only_for_a_revoked_key():
    """Else anybody who may add a member could make a key for login into a key for diplomas."""
    gone = {"revoked": "2026-11-01T00:00:00Z", "revokedPurpose": ["assertionMethod"]}
    assert find(written(verificationMethod=[method(**gone)], assertionMethod=[])).revoked is not None
    del gone["revoked"]
    with pytest.raises(ProofVerificationError, match=r"did\.purpose"):
        find(written(verificationMethod=[method(**gone)], assertionMethod=[]))


def test_a_document_of_ten_thousand_keys_is_refused():
    many = [method(id=f"#key-{number}") for number in range(10_000)]
    with pytest.raises(LimitError, match=r"did\.too_many_keys"):
        find(written(verificationMethod=many))
    lawful = many[: limits.VERIFICATION_METHODS]
    assert find(written(verificationMethod=lawful)).key == KEY
    with pytest.raises(LimitError, match=r"did\.too_many_keys"):
        find(written(verificationMethod=lawful, authentication=[method(id="#one-more")]))


def test_a_controller_that_controls_itself_in_a_circle_is_not_followed():
    with pytest.raises(ProofVerificationError, match=r"did\.controller"):
        find(written(controller=OTHER, verificationMethod=[method(controller=OTHER)]))


def test_through_the_web_the_document_is_read_strictly(pin: Callable, tmp_path):
    keys = resolver(pin(DID, written()))
    file = tmp_path / "web/certifier.example/.well-known/did.json"
    assert keys.resolve(NAME, "assertionMethod").key == KEY
    for text, kind in [
        (f'{{"id":"{OTHER}",' + file.read_text()[1:], ParsingError),
        ("<html>not found</html>", ParsingError),
        ("[]", ParsingError),
        (" " * 5_000_000, LimitError),
    ]:
        file.write_text(text)
        with pytest.raises(kind):
            keys.resolve(NAME, "assertionMethod")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([NAME, DID, "#key-1", "Multikey", "revoked"])
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "controller", "publicKeyMultibase", "revoked", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(json_values, json_values, st.booleans())
def test_whatever_a_document_holds_the_answer_is_a_key_or_a_problem(methods, purposes, lawful):
    found = written(verificationMethod=[method(), methods] if lawful else methods, assertionMethod=purposes)
    with contextlib.suppress(Problem):
        assert find(found).key == KEY
