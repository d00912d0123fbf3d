"""Decompression piece by piece: whole, capped, exactly one stream."""

import gzip
import os
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary.inflate import gunzip
from problems import LimitError, ParsingError


def pieces(data, size=1000):
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(st.binary(max_size=200_000), st.integers(1, 5_000))
def test_what_was_compressed_comes_back(data, size):
    assert b"".join(gunzip(pieces(gzip.compress(data), size), limit=1 << 20)) == data


def test_incompressible_data_come_back():
    data = os.urandom(300_000)
    assert b"".join(gunzip(pieces(gzip.compress(data)), limit=1 << 20)) == data


def test_a_bomb_stops_at_the_limit_in_flat_memory():
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([*(machine.compress(bytes(1 << 20)) for _ in range(200)), machine.flush()])
    tracemalloc.start()
    try:
        with pytest.raises(LimitError) as refused:
            for _ in gunzip([bomb], limit=100 << 20):
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.code == "inflate.too_large"
    assert peak < 8 << 20


WRONG = {
    "cut": (gzip.compress(b"x" * 10_000)[:-4], "inflate.truncated"),
    "nothing": (b"", "inflate.truncated"),
    "another member": (gzip.compress(b"a") + gzip.compress(b"b"), "inflate.trailing_data"),
    "something behind": (gzip.compress(b"a") + b"\0", "inflate.trailing_data"),
    "no gzip": (b"<FICHES/>", "inflate.damaged"),
    "a wrong checksum": (gzip.compress(b"x" * 1000)[:-8] + bytes(8), "inflate.damaged"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_refused(case, size):
    data, code = case
    with pytest.raises((ParsingError, LimitError)) as refused:
        list(gunzip(pieces(data, size), limit=1 << 20))
    assert refused.value.code == code
