"""Among several codes those that are ours by the grammar are taken, all of them, and none is guessed."""

import io
from collections.abc import Callable

import pytest
import qrcode
from PIL import Image

from exchange import qr
from problems import InputError, LimitError, Problem
from verifier.extract import Extracted, extract

Draw = Callable[..., bytes]
FIRST = qr.encode_offline(['{"type":["VerifiableCredential"],"n":1}'], "un.example")
SECOND = qr.encode_offline(['{"type":["VerifiableCredential"],"n":2}'], "deux.example")
LINK = "https://passeport.example/v#Labcdefgh"
MENU = "https://www.example.org/menu"


def drawn(*texts: str) -> Image.Image:
    page = Image.new("L", (1240, 1754), 255)
    for number, text in enumerate(texts):
        code = qrcode.QRCode(None, qrcode.constants.ERROR_CORRECT_L, 4, border=4)
        code.add_data(text)
        page.paste(code.make_image().get_image().convert("L"), (60 + 40 * number, 20 + 600 * number))
    return page


def picture(*texts: str) -> bytes:
    written = io.BytesIO()
    drawn(*texts).save(written, "PNG")
    return written.getvalue()


def pdf(*pages: Image.Image) -> bytes:
    written = io.BytesIO()
    pages[0].save(written, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return written.getvalue()


def bodies(found: Extracted) -> list[tuple[bytes, int | None]]:
    return [(document.body(), document.page) for document in found.documents]


def refused(data: bytes, kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        extract(data)
    assert caught.value.code == code


N1, N2 = (b'{"type":["VerifiableCredential"],"n":%d}' % number for number in (1, 2))


def test_a_document_is_its_own_file() -> None:
    assert bodies(extract(N1)) == [(N1, None)]
    assert bodies(extract(b"")) == [(b"", None)]


def test_the_text_of_a_code_is_as_good_as_its_picture() -> None:
    for text in (FIRST, f"\n {FIRST}\r\n", FIRST.replace("https", "HTTPS", 0)):
        assert bodies(extract(text.encode())) == [(N1, None)]


def test_ours_is_taken_and_a_link_to_a_site_is_counted() -> None:
    found = extract(picture(MENU, FIRST))
    assert bodies(found) == [(N1, None)]
    assert (found.foreign, found.unreadable) == (1, False)


def test_several_of_ours_are_all_taken() -> None:
    assert bodies(extract(picture(SECOND, MENU, FIRST))) == [(N2, None), (N1, None)]


def test_one_of_ours_that_cannot_be_opened_yet_does_not_hide_the_other() -> None:
    first, second = extract(picture(LINK, FIRST)).documents
    with pytest.raises(InputError, match=r"qr\.link_not_yet"):
        first.body()
    assert second.body() == N1


def test_a_site_alone_is_told_by_its_name() -> None:
    refused(picture(MENU), InputError, "qr.foreign")
    refused(picture("Bonjour"), InputError, "qr.not_a_passport")
    refused(b"https://" + b"a" * 9000, LimitError, "qr.too_long")


def test_nothing_on_it_is_said() -> None:
    refused(picture(), InputError, "image.no_code")


def test_what_cannot_be_read_may_be_ours() -> None:
    """So a site beside it is not what the person meant to show."""
    page = drawn("https://passeport.example/v#O" + "12345678" * 250, MENU)
    page.paste(128, (140, 100, 360, 320))
    written = io.BytesIO()
    page.save(written, "PNG")
    refused(written.getvalue(), InputError, "image.unreadable")


def test_every_page_of_a_pdf_is_read_and_its_number_told() -> None:
    found = extract(pdf(drawn(), drawn(MENU, FIRST), drawn(), drawn(SECOND)))
    assert bodies(found) == [(N1, 2), (N2, 4)]
    assert found.foreign == 1


def test_a_code_on_every_page_is_one_document() -> None:
    assert bodies(extract(pdf(drawn(FIRST), drawn(FIRST)))) == [(N1, 1)]


def test_a_pdf_without_a_code_says_so() -> None:
    refused(pdf(drawn()), InputError, "pdf.no_code")
    refused(pdf(drawn(MENU)), InputError, "qr.foreign")
