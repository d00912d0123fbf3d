"""Decompression yields exactly one whole stream within its cap, or a problem."""

import contextlib
import gzip
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary.inflate import gunzip, inflate
from problems import LimitError, ParsingError, Problem

MIB = 1 << 20


def deflate(data: bytes, window: int = -15, dictionary: bytes = b"") -> bytes:
    machine = (
        zlib.compressobj(9, wbits=window, zdict=dictionary)
        if dictionary
        else zlib.compressobj(9, wbits=window)
    )
    return machine.compress(data) + machine.flush()


FORMS = {"gzip": gzip.compress, "zlib": zlib.compress, "deflate": deflate}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.binary(max_size=2000))
def test_what_was_compressed_comes_back(form, data):
    assert inflate(FORMS[form](data), form) == data


def test_a_dictionary_known_to_both_is_used():
    words = b"credentialSubject issuer validFrom"
    assert (
        inflate(deflate(b"validFrom issuer", dictionary=words), "deflate", dictionary=words)
        == b"validFrom issuer"
    )


@pytest.mark.parametrize("form", FORMS)
def test_exactly_the_cap_is_accepted_and_one_byte_more_refused(form):
    assert len(inflate(FORMS[form](bytes(1000)), form, limit=1000)) == 1000
    with pytest.raises(LimitError, match=r"inflate\.too_large"):
        inflate(FORMS[form](bytes(1001)), form, limit=1000)


@pytest.mark.parametrize("form", FORMS)
def test_a_bomb_is_cut_off_at_the_cap(form):
    """64 MiB in 64 kB; a gigabyte behaves alike, since nothing after the cap is ever inflated."""
    bomb = FORMS[form](bytes(64 * MIB))
    start = time.process_time()
    with pytest.raises(LimitError, match=r"inflate\.too_large"):
        inflate(bomb, form, limit=MIB)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("form", FORMS)
def test_a_bomb_in_a_bomb_is_only_one_layer_deep(form):
    inner = FORMS[form](bytes(4 * MIB))
    assert inflate(FORMS[form](inner), form) == inner


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_stream_is_refused(form):
    whole = FORMS[form](b"attestation" * 50)
    for length in range(len(whole)):
        with pytest.raises(ParsingError, match="inflate"):
            inflate(whole[:length], form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "tail", [b"\0", b"x", gzip.compress(b"second member")], ids=["a zero", "a letter", "a member"]
)
def test_anything_after_the_stream_is_refused(form, tail):
    with pytest.raises(ParsingError, match=r"inflate\.trailing_data"):
        inflate(FORMS[form](b"data") + tail, form)


@pytest.mark.parametrize("form", ["gzip", "zlib"])
def test_a_changed_byte_is_noticed_by_the_checksum(form):
    whole = bytearray(FORMS[form](b"a" * 100))
    whole[-1] ^= 1
    with pytest.raises(ParsingError):
        inflate(bytes(whole), form)


def test_one_form_is_not_taken_for_another():
    for made, compress in FORMS.items():
        for read in FORMS:
            if read != made:
                with pytest.raises(ParsingError):
                    inflate(compress(b"attestation" * 20), read)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.binary(max_size=300))
def test_noise_is_data_or_a_problem(form, data):
    with contextlib.suppress(Problem):
        inflate(data, form, limit=10_000)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_a_stream_is_inflated_piece_by_piece(data, size):
    assert b"".join(gunzip(pieces(gzip.compress(data), size), limit=5000)) == data


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_a_streamed_bomb_is_cut_off_at_the_cap(size):
    given_out: list[bytes] = []
    with pytest.raises(LimitError, match=r"inflate\.too_large"):
        given_out.extend(gunzip(pieces(gzip.compress(bytes(8 * MIB)), size), limit=MIB))
    assert len(b"".join(given_out)) <= MIB


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda whole: whole[:-1], "inflate.truncated"),
        (lambda whole: b"", "inflate.truncated"),
        (lambda whole: whole + b"x", "inflate.trailing_data"),
        (lambda whole: whole + whole, "inflate.trailing_data"),
        (lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), "inflate.damaged"),
        (lambda whole: b"x" + whole, "inflate.damaged"),
    ],
    ids=["cut", "empty", "trailing byte", "second member", "wrong checksum", "no gzip"],
)
def test_a_spoiled_stream_is_refused_however_it_arrives(size, spoil, code):
    with pytest.raises(ParsingError) as caught:
        list(gunzip(pieces(spoil(gzip.compress(b"attestation" * 50)), size), limit=MIB))
    assert caught.value.code == code
