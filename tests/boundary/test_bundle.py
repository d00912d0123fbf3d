"""Folders and archives are read in a bounded way, whatever they say of themselves."""

import contextlib
import gzip
import io
import os
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundary import bundle, limits, tar_stream
from boundary.bundle import Entry
from problems import LimitError, ParsingError, Problem


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def tarred(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=form) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def read(path: Path, limit: int = 1 << 20) -> list[tuple[str, bytes | str]]:
    """Return name and content, or the code of the problem in its place."""
    return [(one.name, _told(one)) for one in bundle.entries(path, limit=limit)]


def _told(entry: Entry) -> bytes | str:
    return entry.content.code if isinstance(entry.content, Problem) else entry.content


LONG = "dossier/" * 20 + "é" * 50 + ".pdf"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_kind_of_tar_is_read(tmp_path: Path, form: int) -> None:
    name = "dossier/cv.pdf" if form == tarfile.USTAR_FORMAT else LONG
    archive = tmp_path / "a"
    archive.write_bytes(gzip.compress(tarred((name, b"x" * 700), ("b", b""), ("c", b"y" * 512), form=form)))
    assert read(archive) == [(name, b"x" * 700), ("b", b""), ("c", b"y" * 512)]
    assert bundle.count(archive) is None


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_is_read_in_its_order(tmp_path: Path, method: int) -> None:
    archive = tmp_path / "a"
    archive.write_bytes(zipped(("z/1", b"un"), ("a/2", b"deux"), ("a/", b""), method=method))
    assert read(archive) == [("z/1", b"un"), ("a/2", b"deux")]
    assert bundle.count(archive) == 2


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    for name in (".DS_Store", "__MACOSX/._cv.pdf", "a/.git/config", "cv.txt"):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert read(tmp_path / "folder") == [("cv.txt", b"x")]
    (tmp_path / "z").write_bytes(zipped((".DS_Store", b"x"), ("__MACOSX/._cv", b"x"), ("cv.txt", b"x")))
    assert read(tmp_path / "z") == [("cv.txt", b"x")]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_packed_in_another_way_stops_no_other(tmp_path: Path, method: int) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a", b"x" * 100, method)
        archive.writestr("b", b"y")
    (tmp_path / "z").write_bytes(written.getvalue())
    assert read(tmp_path / "z") == [("a", "archive.damaged"), ("b", b"y")]


def test_a_member_with_a_password_stops_no_other(tmp_path: Path) -> None:
    made = bytearray(zipped(("a", b"x"), ("b", b"y"), method=zipfile.ZIP_STORED))
    at = made.index(b"PK\1\2")
    made[at + 8] |= 1
    (tmp_path / "z").write_bytes(made)
    assert read(tmp_path / "z") == [("a", "archive.encrypted"), ("b", b"y")]


def test_a_member_whose_bytes_are_not_what_they_were_stops_no_other(tmp_path: Path) -> None:
    made = zipped(("a", b"secret"), ("b", b"y"), method=zipfile.ZIP_STORED).replace(b"secret", b"public")
    (tmp_path / "z").write_bytes(made)
    assert read(tmp_path / "z") == [("a", "archive.damaged"), ("b", b"y")]


def test_members_are_measured_one_by_one_and_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BUNDLE_BYTES", 2_500)
    archive = tmp_path / "z"
    archive.write_bytes(zipped(*((f"{n}", os.urandom(1_000)) for n in range(4)), ("big", os.urandom(3_000))))
    assert [told if isinstance(told, str) else len(told) for _, told in read(archive, 1_500)] == [
        1_000,
        1_000,
        "bundle.file_too_large",
        "bundle.file_too_large",
        "bundle.file_too_large",
    ]


def test_a_gzip_of_gigabytes_is_stopped_in_flat_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BUNDLE_BYTES", 64 << 20)
    head = tarfile.TarInfo("bombe")
    head.size = 1 << 30
    archive = tmp_path / "a"
    with gzip.open(archive, "wb", 1) as file:
        file.write(head.tobuf())
        for _ in range(80):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(LimitError) as caught:
        read(archive)
    assert caught.value.code == "inflate.too_large"
    assert time.process_time() - started < 2
    assert tracemalloc.get_traced_memory()[1] < 5 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_name_of_a_gigabyte_is_not_read(kind: bytes) -> None:
    head = tarfile.TarInfo("x")
    head.type, head.size = kind, 1 << 30
    with pytest.raises(LimitError) as caught:
        list(tar_stream.files([head.tobuf()], limit=1_000))
    assert caught.value.code == "archive.too_large"


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ARCHIVE_PARTS", 10)
    many = [(str(n), b"") for n in range(11)]
    for name, data in (("z", zipped(*many)), ("t", gzip.compress(tarred(*many)))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LimitError, match=r"archive\.too_many_parts"):
            read(tmp_path / name)


def test_folders_in_folders_in_folders_end(tmp_path: Path) -> None:
    deep = tmp_path.joinpath("f", *"abcdefghijklmnopqrs")
    deep.mkdir(parents=True)
    with pytest.raises(LimitError, match=r"bundle\.too_deep"):
        read(tmp_path / "f")


def test_a_file_without_permission_stops_no_other(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("whoever may read everything cannot be refused")
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a").chmod(0)
    assert read(tmp_path) == [("a", "bundle.unreadable"), ("b", b"x")]


def test_a_loop_of_links_is_no_way_round(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to("b")
    assert read(tmp_path) == [("a", "bundle.link"), ("b", "bundle.link")]


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.data())
def test_a_damaged_archive_never_surprises(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(
        data.draw(
            st.sampled_from(
                [zipped(("a", b"un" * 50), (LONG, b"deux")), gzip.compress(tarred((LONG, b"x" * 600)), 1)]
            )
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    archive = tmp_path / "a"
    archive.write_bytes(whole[: data.draw(st.integers(4, len(whole)))])
    with contextlib.suppress(ParsingError, LimitError):
        read(archive)


def lines(path: Path, data: bytes, limit: int = 10) -> list[tuple[str, bytes | str]]:
    path.write_bytes(data)
    return [
        (entry.name, entry.content.code if isinstance(entry.content, Problem) else entry.content)
        for entry in bundle.lines(path, limit=limit)
    ]


def test_the_lines_of_a_text_are_files(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfun\r\n\n   \n deux \ntrois"
    assert lines(tmp_path / "t", data) == [("1", b"un"), ("4", b"deux"), ("5", b"trois")]
    assert lines(tmp_path / "t", b"") == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_line_that_is_too_long_is_one_bad_file(tmp_path: Path, end: bytes) -> None:
    for extra, content in (
        (b"", b"x" * 10),
        (b"x", "bundle.file_too_large"),
        (b"x" * 200_000, "bundle.file_too_large"),
    ):
        found = lines(tmp_path / "t", b"x" * 10 + extra + end + (b"apres" if end else b""))
        assert found == [("1", content), *([("2", b"apres")] if end else [])]


@pytest.mark.parametrize("data", [b"\x00", b"texte\n%PDF\x00\n"])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Problem, match=r"bundle\.kind"):
        lines(tmp_path / "t", data)
