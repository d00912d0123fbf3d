"""PDFs are drawn in a child process: honest ones are read, the others end in a coded error, soon."""

import contextlib
import io
import os
import resource
import subprocess
import time
import zlib
from collections.abc import Sequence

import pytest
import qrcode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from boundary import limits
from problems import InputError, LimitError, ParsingError, Problem
from verifier import pdf
from verifier.pdf import is_pdf, read_pdf

TEXT = "https://passeport.example/v#O" + "1234567890" * 60


def code(text: str, pixels: int = 4) -> Image.Image:
    maker = qrcode.QRCode(None, qrcode.constants.ERROR_CORRECT_L, pixels, border=4)
    maker.add_data(text)
    return maker.make_image().get_image().convert("L")


def scanned(*pages: Image.Image) -> bytes:
    """Return a PDF as a scanner makes it: one picture a page."""
    written = io.BytesIO()
    pages[0].save(written, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return written.getvalue()


def assembled(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of numbered objects, of which the first is the catalogue."""
    body, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        trailer,
        len(body),
    )
    return bytes(body) + table + end


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), more, data)


def page(content: bytes, box: bytes = b"0 0 595 842", *others: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of one page that draws ``content``."""
    return assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R"
            b"/Resources<</XObject<</X0 5 0 R>>>>>>" % box,
            content,
            *others,
        ],
        trailer,
    )


def vectors(text: str, side: float) -> bytes:
    """Return drawing operators for a code as a word processor draws it, ``side`` points wide."""
    maker = qrcode.QRCode(None, qrcode.constants.ERROR_CORRECT_L, border=4)
    maker.add_data(text)
    rows = maker.get_matrix()
    unit = side / len(rows)
    dark = [
        b"%.4f %.4f %.4f %.4f re" % (60 + x * unit, 700 - y * unit, unit, unit)
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    ]
    return stream(b"\n".join([*dark, b"f"]))


def refused(data: bytes, kind: type[Problem], name: str) -> None:
    with pytest.raises(kind) as caught:
        read_pdf(data)
    assert caught.value.code == name
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))


def test_a_scanned_page_is_read() -> None:
    a4 = Image.new("L", (1240, 1754), 255)
    a4.paste(code(TEXT), (700, 1200))
    assert [seen.texts for seen in read_pdf(scanned(a4))] == [(TEXT,)]


@pytest.mark.parametrize("centimetres", [2.5, 4, 8])
def test_a_drawn_code_is_read_however_small_it_is_printed(centimetres: float) -> None:
    [seen] = read_pdf(page(vectors(TEXT, centimetres / 2.54 * 72)))
    assert seen.texts == (TEXT,)


def test_pages_come_in_their_order_with_none_left_out() -> None:
    blank = Image.new("L", (1240, 1754), 255)
    told = read_pdf(scanned(code("111"), blank, code("222"), blank))
    assert [seen.texts for seen in told] == [("111",), (), ("222",), ()]


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 1 1", b"0 0 90000 2", b"-100 -100 495 742"])
def test_a_page_of_any_size_is_drawn_no_larger_than_the_limit(box: bytes) -> None:
    [seen] = read_pdf(page(vectors("123", 200), box))
    assert seen.texts in ((), ("123",))


def test_a_pdf_is_told_by_its_header_wherever_readers_look_for_it() -> None:
    data = page(vectors("123", 200))
    assert is_pdf(data)
    assert is_pdf(b"\r\n" * 20 + data)
    assert not is_pdf(b" " * 1100 + data)
    assert not is_pdf(b'{"a": "PDF-"}')


def test_a_password_is_asked_of_nobody() -> None:
    locked = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"11" * 32, b"22" * 32)
    refused(page(stream(b""), trailer=locked), InputError, "pdf.locked")


WHOLE = page(vectors("12345678", 200))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"%PDF-1.7\n", id="header-alone"),
        pytest.param(b"%PDF-1.7\n" + os.urandom(4000), id="noise"),
        pytest.param(assembled([b"<</Type/Catalog>>"]), id="no-pages"),
        pytest.param(assembled([b"<</Type/Catalog/Pages 1 0 R>>"]), id="pages-are-the-catalogue"),
    ],
)
def test_a_broken_file_is_refused_or_shows_nothing(data: bytes) -> None:
    with contextlib.suppress(ParsingError):
        assert not any(seen.texts for seen in read_pdf(data))


def test_a_file_cut_short_is_no_file() -> None:
    refused(WHOLE[:60], ParsingError, "pdf.damaged")


def test_a_file_too_large_is_refused_unread() -> None:
    refused(b"%PDF-1.7" + bytes(limits.PDF_BYTES), LimitError, "pdf.file_too_large")


def test_more_pages_than_any_application_has_are_refused() -> None:
    kids = b" ".join(b"3 0 R" for _ in range(limits.PDF_PAGES + 1))
    many = assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, limits.PDF_PAGES + 1),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        ]
    )
    refused(many, LimitError, "pdf.too_many_pages")


# bombs: the child's own limits are lowered, so that the tests need not wait for them


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the child two seconds instead of thirty, as its parent and as itself."""
    monkeypatch.setattr(limits, "PDF_SECONDS", 2)
    monkeypatch.setattr(pdf, "_CHILD", (*pdf._CHILD[:2], "-c", _BRIEF))


_BRIEF = """
from boundary import limits
limits.PDF_SECONDS = 2
from verifier.pdf_pages import main
main()
"""


def _nested_forms(depth: int, times: int) -> list[bytes]:
    """Each form draws the next ``times`` times: times ** depth drawings from a kilobyte."""
    forms = [
        stream(
            b"/X0 Do " * times,
            b"/Type/XObject/Subtype/Form/BBox[0 0 600 850]/Resources<</XObject<</X0 %d 0 R>>>>" % (6 + level),
        )
        for level in range(depth)
    ]
    square = stream(b"0 0 500 500 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 600 850]")
    return [*forms, square]


def test_a_page_that_draws_for_ever_is_stopped(brief: None) -> None:
    bomb = page(stream(b"/X0 Do"), b"0 0 595 842", *_nested_forms(8, 40))
    assert len(bomb) < 10_000
    started = time.thread_time()
    refused(bomb, LimitError, "pdf.too_much_work")
    assert time.thread_time() - started < 1


def test_a_stream_that_inflates_without_end_takes_no_memory_of_ours(brief: None) -> None:
    deflated = zlib.compress(bytes(200 << 20), 9)
    bomb = page(stream(deflated, b"/Filter/FlateDecode"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(Problem):
        assert not any(seen.texts for seen in read_pdf(bomb))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def test_the_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSEPORT_PASSPHRASE", "secret")
    told = subprocess.run(
        [pdf._CHILD[0], "-I", "-c", "import os; print(sorted(os.environ))"],
        env=pdf._environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "PASSEPORT" not in told.stdout


def test_the_child_can_write_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    program = f"""
from verifier import pdf_pages
pdf_pages._limit()
with open({str(tmp_path / "x")!r}, "wb", buffering=0) as file:
    file.write(b"x")
"""
    done = subprocess.run([pdf._CHILD[0], "-I", "-c", program], capture_output=True)
    assert done.returncode != 0
    assert (tmp_path / "x").stat().st_size == 0


@pytest.mark.parametrize(
    "program",
    ["import os; os.abort()", "print('{')", "print('[]')", "print('{\"pages\": 3}')", "pass"],
    ids=["crash", "cut", "list", "shape", "nothing"],
)
def test_a_child_that_dies_or_babbles_is_a_damaged_file(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(pdf, "_CHILD", (pdf._CHILD[0], "-I", "-c", program))
    refused(WHOLE, ParsingError, "pdf.damaged")


def test_a_child_that_never_stops_talking_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    monkeypatch.setattr(pdf, "_CHILD", (pdf._CHILD[0], "-I", "-c", endless))
    refused(WHOLE, LimitError, "pdf.too_much_work")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=6)
@given(st.data())
def test_a_damaged_file_never_surprises(data: st.DataObject) -> None:
    bent = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Problem):
        read_pdf(bytes(bent[: data.draw(st.integers(20, len(bent)))]))
