"""What is sealed is read back exactly, and nothing else is read at all."""

import datetime as dt

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.local import LocalSigner, secret_of
from problems import ParsingError
from wallet import contents
from wallet.contents import Content, Held, StoredKey

MOMENTS = st.datetimes(timezones=st.just(dt.UTC))
HELD = st.builds(
    Held,
    st.sampled_from(["application/vc", "application/dc+sd-jwt"]),
    st.binary(max_size=200),
    MOMENTS,
    st.none() | st.text(max_size=40),
)
KEYS = st.builds(
    StoredKey,
    st.just("Ed25519"),
    st.binary(min_size=32, max_size=32),
    st.none() | st.text(max_size=40),
    MOMENTS,
)


@settings(deadline=None)
@given(st.lists(HELD | KEYS, max_size=5))
def test_contents_come_back(found: list[Content]) -> None:
    assert contents.load(contents.dump(found)) == [*found]


@settings(deadline=None)
@given(st.binary(max_size=100).filter(lambda data: data != b"\x80"))
def test_noise_is_damage(data: bytes) -> None:
    with pytest.raises(ParsingError) as caught:
        contents.load(data)
    assert caught.value.code == "wallet.damaged"


CREDENTIAL = {
    "kind": "credential",
    "type": "application/vc",
    "body": b"{}",
    "added": "2026-11-21T08:00:00+00:00",
    "endorses": None,
}
KEY = {
    "kind": "key",
    "algorithm": "P-256",
    "secret": b"\x01" * 32,
    "added": CREDENTIAL["added"],
    "reference": None,
}


def test_the_forms_that_the_bad_ones_are_made_of_are_good() -> None:
    assert len(contents.load(cbor2.dumps([CREDENTIAL, KEY], canonical=True))) == 2


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param({**CREDENTIAL, "kind": "secret"}, id="unknown-kind"),
        pytest.param({**CREDENTIAL, "type": "text/plain"}, id="unknown-type"),
        pytest.param({**CREDENTIAL, "body": "{}"}, id="body-as-text"),
        pytest.param({**CREDENTIAL, "added": "yesterday"}, id="no-date"),
        pytest.param({**CREDENTIAL, "added": "2026-11-21T08:00:00"}, id="date-without-zone"),
        pytest.param({**CREDENTIAL, "more": 1}, id="member-too-many"),
        pytest.param({name: CREDENTIAL[name] for name in ("kind", "type", "body")}, id="members-missing"),
        pytest.param({**KEY, "algorithm": "P-521"}, id="unknown-algorithm"),
        pytest.param({**KEY, "secret": b"\x00" * 32}, id="secret-zero"),
        pytest.param({**KEY, "secret": b"\x01" * 31}, id="secret-short"),
        pytest.param([], id="a-list"),
        pytest.param(None, id="nothing"),
    ],
)
def test_other_forms_are_damage(plain: object) -> None:
    with pytest.raises(ParsingError):
        contents.load(cbor2.dumps([plain], canonical=True))


@pytest.mark.parametrize("data", [b"\x80\x00", b"\x98\x00", b"\x9f\xff"], ids=["trailing", "long", "endless"])
def test_other_spellings_are_damage(data: bytes) -> None:
    with pytest.raises(ParsingError):
        contents.load(data)


def test_a_credential_has_one_id_everywhere() -> None:
    one = Held("application/vc", b"{}", dt.datetime.now(dt.UTC))
    other = Held("application/vc", b"{}", dt.datetime(2020, 1, 1, tzinfo=dt.UTC), endorses="x")
    assert one.id == other.id
    assert one.id != Held("application/vc", b"{ }", one.added).id


def test_a_key_is_shown_without_its_secret() -> None:
    signer = LocalSigner.generate("P-256")
    stored = StoredKey("P-256", secret_of(signer), "pour le BTS", dt.datetime.now(dt.UTC))
    assert stored.public.did == signer.verification_method.partition("#")[0]
    assert stored.public.algorithm == "P-256"
    assert secret_of(signer) not in repr(stored.public).encode("latin-1", "replace")
