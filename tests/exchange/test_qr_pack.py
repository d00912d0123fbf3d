"""Packing makes presentations small and gives every character back."""

import hashlib
import json
import time
import zlib
from collections.abc import Callable

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url
from exchange import qr_pack
from problems import InputError, LimitError, ParsingError, Problem

DICTIONARY_1 = "e300f893314e042927b53862c1a9c7bf8678dd10de1e2e8b776766499ca1ea3d"


def test_the_dictionary_of_version_1_never_changes() -> None:
    """A code printed today must be read in ten years: a better dictionary is another version."""
    assert hashlib.sha256(qr_pack.dictionary(1)).hexdigest() == DICTIONARY_1


def test_the_dictionary_holds_nobody_and_fits_the_window() -> None:
    words = qr_pack.dictionary(1).decode()
    assert len(words.encode()) <= 32 << 10
    for name in ("Camille", "EXEMPLE", "Valmorin", "Imaginaire", "academie", "employeur"):
        assert name not in words


def test_presentations_come_back_character_for_character(three: list[str]) -> None:
    assert qr_pack.unpack(qr_pack.pack(three)) == tuple(three)


def test_packing_is_deterministic(three: list[str]) -> None:
    assert qr_pack.pack(three) == qr_pack.pack(three)


def test_three_credentials_take_a_quarter_of_their_text(three: list[str]) -> None:
    assert len(qr_pack.pack(three)) < sum(map(len, three)) / 4


def test_what_the_reader_can_work_out_is_not_carried(diploma: str) -> None:
    """Digests of shown disclosures, the hash in the key binding and the second coordinate are left out."""
    _, _, random = cbor2.loads(qr_pack.pack([diploma]))
    issuer_jwt, *disclosures, key_binding = diploma.split("~")
    payload = json.loads(base64url.decode(issuer_jwt.split(".")[1]))
    for digest in (hashlib.sha256(one.encode("ascii")).digest() for one in disclosures if one):
        assert digest not in random
    assert base64url.decode(json.loads(base64url.decode(key_binding.split(".")[1]))["sd_hash"]) not in random
    assert base64url.decode(payload["cnf"]["jwk"]["y"]) not in random
    assert base64url.decode(payload["cnf"]["jwk"]["x"]) in random


def test_a_point_beside_the_curve_and_a_foreign_multikey_come_back() -> None:
    off_curve = '{"x":"' + base64url.encode(b"\x05" * 32) + '","y":"' + base64url.encode(b"\x07" * 32) + '"}'
    looks_like_a_key = "did:key:zDn" + "a" * 46
    looks_like_a_digest = "uEi" + "_" * 44
    texts = [off_curve, looks_like_a_key, looks_like_a_digest]
    assert qr_pack.unpack(qr_pack.pack(texts)) == tuple(texts)


def test_a_json_document_is_one_piece(data: Callable[[str], str]) -> None:
    document = data("declared-skill.ld.json")
    assert qr_pack.unpack(qr_pack.pack([document])) == (document,)


B64URL = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", max_size=100)
OPENED = st.recursive(
    st.text(max_size=40) | B64URL | st.binary(min_size=16, max_size=64).map(base64url.encode),
    lambda inner: (
        inner.map(lambda text: base64url.encode(b"{" + text.encode("utf-8", "replace")))
        | inner.map(lambda text: base64url.encode(b'["' + text.encode("utf-8", "replace") + b'"]'))
        | st.lists(inner, max_size=4).map("~".join)
        | st.lists(inner, max_size=4).map(".".join)
        | inner.map(lambda text: '{"x":"' + text + '","y":"' + text + '"}')
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(OPENED, min_size=1, max_size=4))
def test_any_text_comes_back(texts: list[str]) -> None:
    assert qr_pack.unpack(qr_pack.pack(texts)) == tuple(texts)


@settings(deadline=None)
@given(st.lists(st.text("\x00\x01\x02\x04\x05\x06\x0e\x10\x11\x1b\x1e\x1f~.A{", max_size=30), min_size=1))
def test_characters_that_are_marks_come_back(texts: list[str]) -> None:
    assert qr_pack.unpack(qr_pack.pack(texts)) == tuple(texts)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ParsingError) as caught:
        qr_pack.pack(["\ud800"])
    assert caught.value.code == "json.lone_surrogate"


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_damage_and_nothing_else(data: bytes) -> None:
    with pytest.raises(Problem):
        qr_pack.unpack(data)


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_never_brings_the_same_text(three: list[str], data: st.DataObject) -> None:
    packed = bytearray(qr_pack.pack(three))
    place = data.draw(st.integers(0, len(packed) - 1))
    packed[place] ^= data.draw(st.integers(1, 255))
    try:
        found = qr_pack.unpack(bytes(packed))
    except Problem:
        return
    assert found != tuple(three)


def _packed(text: bytes, random: bytes = b"", version: object = 1) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=qr_pack.dictionary(1))
    return cbor2.dumps([version, machine.compress(text) + machine.flush(), random], canonical=True)


def test_the_form_that_the_bad_ones_are_made_of_is_good() -> None:
    assert qr_pack.unpack(_packed(b"\x02", b"r" * 32)) == (base64url.encode(b"r" * 32),)


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(_packed(b"\x02", b"r" * 31), id="random-bytes-cut"),
        pytest.param(_packed(b"\x02", b"r" * 33), id="random-bytes-left-over"),
        pytest.param(_packed(b"\x04", b"\x00"), id="again-of-what-nobody-saw"),
        pytest.param(_packed(b"\x10{}"), id="json-never-closed"),
        pytest.param(_packed(b"{}\x11"), id="json-never-opened"),
        pytest.param(_packed(b"\x10" * 4 + b"{}" + b"\x11" * 4), id="json-too-deep"),
        pytest.param(_packed(b"\x1b"), id="escape-of-nothing"),
        pytest.param(_packed(b"\x1bz"), id="escape-of-a-letter"),
        pytest.param(_packed(b"\x05x"), id="multihash-of-nothing"),
        pytest.param(_packed(b"\x06\x02", b"\xff" * 32), id="no-such-point"),
        pytest.param(_packed(b"\x0e\x02", b"\xff" * 32), id="no-such-multikey"),
        pytest.param(_packed(b"\x06\x01", b"\x05" * 16), id="point-of-half-the-size"),
        pytest.param(_packed(b"\xff\xfe"), id="not-utf8"),
        pytest.param(_packed(b"{}")[:-1], id="cut"),
        pytest.param(_packed(b"{}") + b"\x00", id="trailing-byte"),
        pytest.param(_packed(b"{}", version=True), id="version-true"),
        pytest.param(_packed(b"{}", version=0), id="version-0"),
        pytest.param(cbor2.dumps([1, b"", b""]), id="nothing-deflated"),
        pytest.param(cbor2.dumps([1, b"x"]), id="two-members"),
        pytest.param(cbor2.dumps({1: 2}), id="a-map"),
        pytest.param(bytes.fromhex("d81c81d81d00"), id="an-array-inside-itself"),
        pytest.param(b"\x81" * 3000, id="deep-arrays"),
        pytest.param(bytes.fromhex("9b7fffffffffffffff"), id="an-array-of-exabytes"),
        pytest.param(b"\x98\x03" + _packed(b"{}")[1:], id="array-header-of-two-bytes"),
    ],
)
def test_damaged_forms_are_refused(packed: bytes) -> None:
    with pytest.raises(ParsingError) as caught:
        qr_pack.unpack(packed)
    assert caught.value.code == "qr.damaged"


def test_a_newer_version_says_so() -> None:
    with pytest.raises(InputError) as caught:
        qr_pack.unpack(_packed(b"{}", version=2))
    assert caught.value.code == "qr.newer"


def test_a_deflate_bomb_stops_at_64_kilobytes() -> None:
    started = time.process_time()
    with pytest.raises(LimitError):
        qr_pack.unpack(_packed(b"a" * (100 << 20)))
    assert time.process_time() - started < 5  # making the bomb is what takes time
