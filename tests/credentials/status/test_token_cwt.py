"""Protects: the CWT form of a list says what its JWT says, to whoever the JWT would say it, and no more."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import cbor
from credentials.status import StatusReference, check_status, token, token_cwt
from keys.dids.key import DidKey, did
from keys.local import LocalSigner
from problems import Problem, RangeError, StatusVerificationError
from proofs import SUITES
from proofs.cose import cwt, sign1

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SIGNER = LocalSigner.from_secret("P-256", b"\x11" * 32)
STRANGER = LocalSigner.from_secret("P-256", b"\x22" * 32)
ISSUER = did(SIGNER.public_key)
URI = "https://certificateur.example/status/token/1"
REVOKED, SUSPENDED = 7, 94_567
STATES: dict[int, token.State] = {REVOKED: "revoked", SUSPENDED: "suspended"}
PAYLOAD = token.list_payload(URI, STATES, issued_at=NOW - HOUR, expires_at=NOW + HOUR, ttl=2 * HOUR)


def _claims(**more):
    """Return the claims of an honest list, changed: numbers are claim names, None takes one away."""
    named = cwt.claims(sign1.parse(token_cwt.sign_list(PAYLOAD, SIGNER)))
    changed = named | {int(name[1:]): value for name, value in more.items()}
    return {name: value for name, value in changed.items() if value is not None}


def _signed(claims, signer=SIGNER, typ=token_cwt.MEDIA_TYPE, kid=None, tagged=True):
    header = {sign1.TYP: typ, sign1.KID: kid or signer.verification_method.encode()}
    return sign1.sign(header, cbor.write(claims), signer, tagged=tagged)


def _ask(data, index=0, *, issuer=ISSUER, now=NOW):
    reference = StatusReference("token", URI, index)
    return check_status(reference, data, issuer=issuer, keys=DidKey(), suites=SUITES, now=now)


def _refused(data, **how):
    with pytest.raises(StatusVerificationError) as caught:
        _ask(data, **how)
    assert caught.value.says("fr").what
    return caught.value


@pytest.mark.parametrize(
    ("index", "state"), [(REVOKED, "revoked"), (SUSPENDED, "suspended"), (0, "valid"), (131_071, "valid")]
)
def test_both_forms_give_one_answer(index, state):
    data = token_cwt.sign_list(PAYLOAD, SIGNER)
    answer = _ask(data, index)
    assert answer == _ask(token.sign_list(PAYLOAD, SIGNER).encode(), index)
    assert (answer.state, answer.as_of, answer.fresh_until) == (state, NOW - HOUR, NOW + HOUR)


def test_the_claims_are_those_of_the_draft():
    """draft-20 §5.2: sub 2, exp 4, iat 6, ttl 65534, status_list 65533 with bits and a byte string."""
    message = sign1.parse(token_cwt.sign_list(PAYLOAD, SIGNER))
    claims = cbor.read(message.payload, limit=1 << 20)
    assert (claims[2], claims[4], claims[6], claims[65534]) == (URI, 1_795_266_000, 1_795_258_800, 7_200)
    assert claims[65533]["bits"] == 2
    assert isinstance(claims[65533]["lst"], bytes)
    assert claims.keys() == {2, 4, 6, 65533, 65534}
    assert message.header[16] == "application/statuslist+cwt"


def test_it_is_smaller():
    states = {index * 37: "revoked" for index in range(3_000)}
    payload = token.list_payload(URI, states, issued_at=NOW)
    assert len(token_cwt.sign_list(payload, SIGNER)) < 0.8 * len(token.sign_list(payload, SIGNER))


@pytest.mark.parametrize("algorithm", ["P-384", "Ed25519"])
def test_other_keys(algorithm):
    signer = LocalSigner.generate(algorithm)
    data = token_cwt.sign_list(PAYLOAD, signer)
    assert _ask(data, REVOKED, issuer=did(signer.public_key)).state == "revoked"


@pytest.mark.parametrize("typ", [token_cwt.MEDIA_TYPE, token_cwt.COAP_FORMAT])
def test_the_type_as_a_name_or_as_a_number(typ):
    assert _ask(_signed(_claims(), typ=typ), REVOKED).state == "revoked"


@pytest.mark.parametrize(
    "typ", ["statuslist+cwt", "application/statuslist+jwt", "application/vc+cose", 278, True]
)
def test_a_token_of_another_type(typ):
    """What was signed for something else never serves as a list."""
    assert _refused(_signed(_claims(), typ=typ)).facts["cause"] == "cose.wrong_typ"


def test_a_list_that_a_stranger_signed():
    _refused(_signed(_claims(), STRANGER))
    _refused(_signed(_claims(), STRANGER, kid=SIGNER.verification_method.encode()))


@pytest.mark.parametrize("kid", [b"\xff\xfe", b"#", b"\x00" * 40, "é".encode()], ids=range(4))
def test_a_key_of_no_name(kid):
    _refused(_signed(_claims(), kid=kid))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_changed_byte_is_refused(data):
    changed = bytearray(token_cwt.sign_list(PAYLOAD, SIGNER))
    position = data.draw(st.integers(0, len(changed) - 1))
    changed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Problem):
        _ask(bytes(changed), REVOKED)


BAD = {
    "another list": ({"_2": "https://elsewhere.example/1"}, "status.other_list"),
    "no list named": ({"_2": None}, "status.other_list"),
    "undated": ({"_6": None}, "status.list_undated"),
    "expired": ({"_4": 1_795_262_400 - 1}, "status.list_expired"),
    "from the future": ({"_6": 1_795_262_400 + 120}, "status.list_not_yet_valid"),
    "a list with a status": ({"_65535": {"status_list": {"idx": 1, "uri": URI}}}, "status.list_has_status"),
    "no time to live": ({"_65534": 0}, "status.time_to_live"),
    "less than no time to live": ({"_65534": -1}, "status.time_to_live"),
    "time to live without end": ({"_65534": 2**63}, "status.time_to_live"),
    "no list": ({"_65533": None}, "status.list_unverified"),
    "a list in text": ({"_65533": {"bits": 2, "lst": "eNpjYAAAAAIAAQ"}}, "status.list_unverified"),
    "no size of entries": ({"_65533": {"lst": b""}}, "status.list_unverified"),
    "entries of three bits": ({"_65533": {"bits": 3, "lst": b""}}, "status.entry_size"),
    "a damaged list": ({"_65533": {"bits": 2, "lst": b"zz"}}, "status.list_unreadable"),
    "text for a date": ({"_6": "1795258800"}, "status.list_unverified"),
}


@pytest.mark.parametrize(("change", "code"), BAD.values(), ids=BAD)
def test_what_no_list_may_say(change, code):
    assert _refused(_signed(_claims(**change))).code == code


def test_lists_without_end_or_time_to_live_are_taken():
    assert _ask(_signed(_claims(_4=None))).state == "valid"
    assert _ask(_signed(_claims(_65534=None))).fresh_until is None


def test_a_list_without_its_tag_is_none():
    _refused(_signed(_claims(), tagged=False))


def test_an_index_beyond_the_end():
    with pytest.raises(RangeError):
        _ask(token_cwt.sign_list(PAYLOAD, SIGNER), 131_072)
