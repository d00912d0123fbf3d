"""Archives are what they say, or are refused: sizes, sums, names, before anybody unpacks anything."""

import contextlib
import io
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import limits
from boundary.archive import Archive
from problems import LimitError, ParsingError, Problem


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return output.getvalue()


def read(data, name="a", **options):
    return b"".join(Archive(io.BytesIO(data)).chunks(name, **options))


def refused(data, kind, code, name="a"):
    with pytest.raises(kind) as caught:
        read(data, name)
    assert caught.value.code == code


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@given(content=st.binary(max_size=200_000), other=st.binary(max_size=100))
def test_parts_come_back(method, content, other):
    data = zipped({"a": content, "dossier/é": other}, method)
    assert read(data) == content
    assert read(data, "dossier/é") == other


def test_two_parts_read_in_turns():
    contents = {"a": bytes(200_000), "b": b"b" * 200_000}
    archive = Archive(io.BytesIO(zipped(contents, zipfile.ZIP_STORED)))
    pieces = zip(archive.chunks("a"), archive.chunks("b"), strict=True)
    assert tuple(map(b"".join, zip(*pieces, strict=True))) == tuple(contents.values())


def test_a_name_that_is_not_in_utf_8_is_in_code_page_437():
    data = zipped({"a": b"1"}).replace(b"a", b"\x82")
    assert list(Archive(io.BytesIO(data)).parts) == ["é"]
    assert read(data, "é") == b"1"


def declared(data, old, new, times=-1):
    return data.replace(old.to_bytes(4, "little"), new.to_bytes(4, "little"), times)


def test_a_bomb_costs_next_to_nothing():
    """Whether it says how large it is, or lies."""
    size = limits.ARCHIVE_INFLATED_BYTES + 1
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as part:
        for _ in range(size >> 20):
            part.write(bytes(1 << 20))
        part.write(b"0")
    data = bomb.getvalue()
    started = time.process_time()
    refused(data, LimitError, "archive.too_large")
    refused(declared(data, size, 1_000), ParsingError, "archive.damaged")
    assert time.process_time() - started < 1


def bent():
    honest = zipped({"a": b"content" * 9})
    yield "no archive", b"PK\3\4" + bytes(100)
    yield "nothing", b""
    yield "cut short", honest[:-4]
    yield "something behind it", honest + b"x"
    yield "another size", declared(honest, 63, 64)
    yield "another sum", honest.replace(zipfile.crc32(b"content" * 9).to_bytes(4, "little"), bytes(4))
    yield "another name inside", honest.replace(b"a", b"b", 1)
    yield "a part twice", bytes(zipped({"a": b"1", "b": b"2"})).replace(b"b", b"a")
    yield "another method", bytes(zipped({"a": b"1" * 9}, zipfile.ZIP_BZIP2))
    yield "several volumes", honest[:-18] + b"\1\0" + honest[-16:]


@pytest.mark.parametrize("data", [data for _, data in bent()], ids=[label for label, _ in bent()])
def test_bent_archives_are_refused(data):
    refused(data, ParsingError, "archive.damaged")


def test_an_encrypted_part():
    data = zipped({"a": b"content"})
    at = data.index(b"PK\1\2") + 8
    refused(data[:at] + b"\1" + data[at + 1 :], ParsingError, "archive.encrypted")


def test_a_part_that_is_not_there():
    refused(zipped({"a": b""}), ParsingError, "archive.part_missing", "b")


def test_too_many_parts():
    refused(
        zipped({str(n): b"" for n in range(limits.ARCHIVE_PARTS + 1)}), LimitError, "archive.too_many_parts"
    )


@given(st.data())
def test_bytes_changed_anywhere_are_read_or_refused_with_a_problem(data):
    archive = bytearray(zipped({"a": b"content" * 50, "b": b"other"}))
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Problem):
        assert read(bytes(archive)) == b"content" * 50, "what is read is what the sum says"
