"""Protects: only the right list, signed by the issuer and holding now, ever says "valid"."""

import dataclasses
import datetime as dt
import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url
from credentials.status import StatusReference, bitstring, check_status, references_ld, references_sd, token
from keys.dids.key import DidKey, did
from keys.local import LocalSigner
from keys.resolver import Revocation
from problems import (
    Problem,
    RangeError,
    RetrievalError,
    StatusListLengthError,
    StatusVerificationError,
)
from proofs import SUITES, data_integrity, jws
from proofs.suite import ProofOptions

_NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
_HOUR = dt.timedelta(hours=1)
_SIGNER = LocalSigner.from_secret("P-256", b"\x11" * 32)
_STRANGER = LocalSigner.from_secret("P-256", b"\x22" * 32)
_ISSUER = did(_SIGNER.public_key)
_BITSTRING = "https://certificateur.example/status/bitstring/1"
_TOKEN = "https://certificateur.example/status/token/1"
_REVOKED, _SUSPENDED = 7, 94_567


def _bitstring(purpose="revocation", *, signer=_SIGNER, issuer=_ISSUER, suite="ecdsa-rdfc-2019", **members):
    index = {"revocation": _REVOKED, "suspension": _SUSPENDED}[purpose]
    document = bitstring.list_credential(
        _BITSTRING, issuer, purpose, [index], valid_from=_NOW - _HOUR, valid_until=_NOW + _HOUR
    )
    return _signed({k: v for k, v in (document | members).items() if v is not None}, signer, suite)


def _signed(document, signer=_SIGNER, suite="ecdsa-rdfc-2019"):
    return json.dumps(data_integrity.add_proof(document, SUITES[suite], ProofOptions(), signer)).encode()


def _token(*, signer=_SIGNER, typ="statuslist+jwt", **members):
    states = {_REVOKED: "revoked", _SUSPENDED: "suspended"}
    payload = token.list_payload(_TOKEN, states, issued_at=_NOW - _HOUR, expires_at=_NOW + _HOUR)
    payload = {k: v for k, v in (payload | members).items() if v is not None}
    if typ == token.TYP:
        return token.sign_list(payload, signer).encode()
    return jws.sign({"typ": typ, "kid": signer.verification_method}, payload, signer).encode()


def _in_bitstring(index, purpose="revocation"):
    return StatusReference("bitstring", _BITSTRING, index, purpose)


def _in_token(index):
    return StatusReference("token", _TOKEN, index)


def _ask(reference, data, *, issuer=_ISSUER, keys=None, suites=SUITES, now=_NOW):
    return check_status(reference, data, issuer=issuer, keys=keys or DidKey(), suites=suites, now=now)


def _refused(reference, data, **how):
    with pytest.raises(StatusVerificationError) as caught:
        _ask(reference, data, **how)
    assert caught.value.says("fr").what
    return caught.value


class _Keys:
    """Answers for one key, with what is known of it."""

    def __init__(self, **known):
        self._known = known

    def resolve(self, verification_method, purpose):
        return dataclasses.replace(DidKey().resolve(verification_method, purpose), **self._known)


# --- honest lists


@pytest.mark.parametrize(
    ("reference", "data", "state"),
    [
        (_in_bitstring(_REVOKED), _bitstring(), "revoked"),
        (_in_bitstring(_REVOKED + 1), _bitstring(), "valid"),
        (_in_bitstring(_SUSPENDED, "suspension"), _bitstring("suspension"), "suspended"),
        (_in_bitstring(_REVOKED, "suspension"), _bitstring("suspension"), "valid"),
        (_in_token(_REVOKED), _token(), "revoked"),
        (_in_token(_SUSPENDED), _token(), "suspended"),
        (_in_token(0), _token(), "valid"),
        (_in_token(0), _token() + b"\n", "valid"),
    ],
)
def test_what_a_list_says(reference, data, state):
    answer = _ask(reference, data)
    assert (answer.state, answer.as_of) == (state, _NOW - _HOUR)


def test_a_list_signed_with_ed25519():
    signer = LocalSigner.from_secret("Ed25519", b"\x33" * 32)
    issuer = did(signer.public_key)
    data = _bitstring(signer=signer, issuer=issuer, suite="eddsa-rdfc-2022")
    assert _ask(_in_bitstring(_REVOKED), data, issuer=issuer).state == "revoked"
    assert _ask(_in_token(_REVOKED), _token(signer=signer), issuer=issuer).state == "revoked"


def test_lists_without_end_are_taken():
    assert _ask(_in_bitstring(0), _bitstring(validUntil=None)).state == "valid"
    assert _ask(_in_token(0), _token(exp=None)).state == "valid"


def test_the_references_of_our_credentials_find_their_entries(examples):
    example = examples["rs-certification-digital"]
    revocation, suspension = references_ld(example.ld)
    assert (revocation.purpose, suspension.purpose) == ("revocation", "suspension")
    assert revocation.index == suspension.index == 562_415
    (in_token,) = references_sd(example.sd)
    assert in_token == StatusReference("token", "https://certificateur.example/status/token/3", 136_520)


# --- ST-013 and the signer


@pytest.mark.parametrize(
    ("reference", "unsigned"),
    [
        (_in_bitstring(0), json.dumps({k: v for k, v in json.loads(_bitstring()).items() if k != "proof"})),
        (_in_bitstring(0), json.dumps(json.loads(_bitstring()) | {"proof": []})),
        (_in_token(0), _token().decode().rpartition(".")[0] + "."),
        (_in_token(0), _token().decode().rpartition(".")[0]),
    ],
)
def test_an_unsigned_list(reference, unsigned):
    _refused(reference, unsigned.encode())


def test_a_list_that_a_stranger_signed_in_the_issuers_name():
    _refused(_in_bitstring(0), _bitstring(signer=_STRANGER))
    _refused(_in_token(0), _token(signer=_STRANGER))


def test_a_strangers_own_list():
    """It is well made and well signed; it is not the issuer's to speak through."""
    stranger = did(_STRANGER.public_key)
    problem = _refused(_in_bitstring(0), _bitstring(signer=_STRANGER, issuer=stranger))
    assert problem.code == "status.other_issuer"
    _refused(_in_token(0), _token(signer=_STRANGER))


def test_the_list_of_another_issuer_signed_by_that_issuers_key():
    other = did(_STRANGER.public_key)
    data = _bitstring(signer=_STRANGER, issuer=other)
    assert _ask(_in_bitstring(_REVOKED), data, issuer=other).state == "revoked"
    assert _refused(_in_bitstring(_REVOKED), data).code == "status.other_issuer"


def test_a_key_that_another_party_controls():
    keys = _Keys(controller="did:web:elsewhere.example")
    assert _refused(_in_bitstring(0), _bitstring(), keys=keys).code == "status.other_issuer"
    assert _refused(_in_token(0), _token(), keys=keys).code == "status.other_issuer"


@pytest.mark.parametrize(
    ("reason", "at"),
    [("compromised", _NOW + _HOUR), ("compromised", _NOW - 9 * _HOUR), ("superseded", _NOW - _HOUR)],
)
def test_a_key_that_was_withdrawn(reason, at):
    keys = _Keys(revoked=Revocation(reason, at))
    assert _refused(_in_bitstring(0), _bitstring(), keys=keys).code == "status.key_withdrawn"
    assert _refused(_in_token(0), _token(), keys=keys).code == "status.key_withdrawn"


def test_a_key_that_was_replaced_after_it_signed():
    keys = _Keys(revoked=Revocation("superseded", _NOW))
    assert _ask(_in_bitstring(0), _bitstring(), keys=keys).state == "valid"


def test_an_issuer_who_cannot_be_asked_is_not_a_failure():
    """Rule 3: unknown is neither passed nor failed."""

    class Unreachable:
        def resolve(self, verification_method, purpose):
            raise RetrievalError("fetch.failed")

    for reference, data in ((_in_bitstring(0), _bitstring()), (_in_token(0), _token())):
        with pytest.raises(RetrievalError) as caught:
            _ask(reference, data, keys=Unreachable())
        assert caught.value.transient


def test_a_suite_that_is_not_accepted():
    accepted = {"eddsa-rdfc-2022": SUITES["eddsa-rdfc-2022"]}
    _refused(_in_bitstring(0), _bitstring(), suites=accepted)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_changed_byte_is_noticed(data):
    """A flip is refused, or leaves what the list says as it was (white space, letter case of nothing)."""
    reference, published = data.draw(
        st.sampled_from([(_in_bitstring(_REVOKED), _bitstring()), (_in_token(_REVOKED), _token())])
    )
    changed = bytearray(published)
    position = data.draw(st.integers(0, len(changed) - 1))
    changed[position] ^= data.draw(st.integers(1, 255))
    try:
        answer = _ask(reference, bytes(changed))
    except Problem:
        return
    assert answer.state == "revoked"


# --- dates


@pytest.mark.parametrize(("reference", "data"), [(_in_bitstring(0), _bitstring()), (_in_token(0), _token())])
def test_an_old_list_is_never_an_answer(reference, data):
    """ST-009."""
    problem = _refused(reference, data, now=_NOW + _HOUR)
    assert (problem.code, problem.facts["at"]) == ("status.list_expired", "2026-11-21")


@pytest.mark.parametrize(("reference", "data"), [(_in_bitstring(0), _bitstring()), (_in_token(0), _token())])
def test_a_list_from_the_future(reference, data):
    assert _refused(reference, data, now=_NOW - 2 * _HOUR).code == "status.list_not_yet_valid"


def test_a_list_that_does_not_say_when_it_was_made():
    assert _refused(_in_token(0), _token(iat=None)).code == "status.list_undated"
    assert _refused(_in_bitstring(0), _bitstring(validFrom=None)).code == "status.list_undated"


# --- the right list, the right entry


@pytest.mark.parametrize(
    ("reference", "data", "code"),
    [
        (_in_bitstring(0), _bitstring(id="https://elsewhere.example/1"), "status.other_list"),
        (_in_bitstring(0, "suspension"), _bitstring(), "status.purpose"),
        (_in_bitstring(0, "message"), _bitstring(), "status.purpose_unsupported"),
        (_in_bitstring(0, "refresh"), _bitstring(), "status.purpose_unsupported"),
        (_in_token(0), _token(sub="https://elsewhere.example/1"), "status.other_list"),
        (_in_token(0), _token(sub=None), "status.other_list"),
        (_in_token(0), _token(status={"status_list": {"idx": 1, "uri": _TOKEN}}), "status.list_has_status"),
        (StatusReference("other", "", 0), _bitstring(), "status.unknown_kind"),
    ],
)
def test_refused(reference, data, code):
    assert _refused(reference, data).code == code


def test_a_list_that_depends_on_a_list():
    """ST-011: refused at the first step; nobody is sent round in circles."""
    entry = {
        "id": f"{_BITSTRING}#0",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "0",
        "statusListCredential": _BITSTRING,
    }
    assert _refused(_in_bitstring(0), _bitstring(credentialStatus=entry)).code == "status.list_has_status"


@pytest.mark.parametrize("typ", ["jwt", "dc+sd-jwt", "STATUSLIST+JWT", "application/statuslist+jwt"])
def test_a_token_of_another_type(typ):
    """A token made for something else never serves as a list."""
    _refused(_in_token(0), _token(typ=typ))


def test_one_kind_of_list_in_place_of_the_other():
    _refused(_in_bitstring(0), _token())
    _refused(_in_token(0), _bitstring())


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"<html>", b"a.b.c", "é.é.é".encode()]
)
def test_something_else_altogether(data):
    _refused(_in_bitstring(0), data)
    _refused(_in_token(0), data)


def test_an_index_beyond_the_end():
    for reference, data in ((_in_bitstring(131_072), _bitstring()), (_in_token(131_072), _token())):
        with pytest.raises(RangeError):
            _ask(reference, data)


def test_a_list_that_is_too_short():
    document = json.loads(_bitstring())
    del document["proof"]
    document["credentialSubject"]["encodedList"] = "u" + base64url.encode(gzip.compress(bytes(8_192)))
    with pytest.raises(StatusListLengthError):
        _ask(_in_bitstring(0), _signed(document))
