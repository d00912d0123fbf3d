"""Pictures of codes are read, and pictures that are a trap cost nothing."""

import contextlib
import io
import random
import struct
import time
import zlib
from collections.abc import Callable

import pytest
import qrcode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from qrcode.util import MODE_NUMBER, QRData

from boundary import limits
from problems import InputError, LimitError, ParsingError, Problem
from verifier.scan import read_image


def code(text: str, version: int | None = None, pixels: int = 4) -> Image.Image:
    maker = qrcode.QRCode(version, qrcode.constants.ERROR_CORRECT_L, pixels, border=4)
    maker.add_data(QRData(text.encode(), mode=MODE_NUMBER) if text.isdigit() else text)
    return maker.make_image().get_image().convert("L")


def file(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def text_on(data: bytes) -> str:
    """Return what the only code on a picture says."""
    seen = read_image(data)
    assert not seen.unreadable
    [text] = seen.texts
    return text


def refused(data: bytes, kind: type[Problem], name: str) -> None:
    with pytest.raises(kind) as caught:
        read_image(data)
    assert caught.value.code == name
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))


DIGITS = "".join(random.Random(4).choices("0123456789", k=7000))


@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_is_read(version: int) -> None:
    count = {1: 30, 40: 7000}.get(version, 4 * version * version + 40)
    assert text_on(file(code(DIGITS[:count], version))) == DIGITS[:count]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_format_is_read(form: str) -> None:
    assert text_on(file(code("https://a.example/v#O123"), form)) == "https://a.example/v#O123"


def test_only_the_first_frame_of_an_animation_counts() -> None:
    data = file(code("111"), "GIF", save_all=True, append_images=[code("222")])
    assert text_on(data) == "111"


PHOTOS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "turned-a-quarter": lambda image: image.rotate(90, expand=True),
    "turned-upside-down": lambda image: image.rotate(180),
    "tilted": lambda image: image.rotate(17, Image.Resampling.BICUBIC, expand=True, fillcolor=255),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "larger": lambda image: image.resize((image.width * 13 // 4, image.height * 13 // 4)),
    "three-pixels-a-module": lambda image: image.resize((image.width * 3 // 4, image.height * 3 // 4)),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1.2)),
    "pale": lambda image: image.point(lambda level: 120 + level // 3),
    "inverted": lambda image: image.point(lambda level: 255 - level),
    "small-on-a-page": lambda image: _on_page(image),
}


def _on_page(image: Image.Image) -> Image.Image:
    page = Image.new("L", (2480, 3508), 240)
    page.paste(image, (1500, 2700))
    return page


@pytest.mark.parametrize("photo", PHOTOS)
def test_an_imperfect_photo_is_read(photo: str) -> None:
    image = PHOTOS[photo](code(DIGITS[:2100]))
    assert text_on(file(image, "JPEG", quality=85)) == DIGITS[:2100]


def test_a_noisy_photo_of_what_the_demonstration_shows_is_read() -> None:
    """Version 31, as large as three credentials with key bindings make it."""
    image = code(DIGITS[:4150], pixels=5).rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    noise = Image.effect_noise(image.size, 40)
    assert text_on(file(Image.blend(image, noise, 0.25), "JPEG", quality=70)) == DIGITS[:4150]


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    image = (
        code("12345678").convert("I").point(lambda level: level * 256).convert("I;16")
        if mode == "I;16"
        else None
    )
    picture = image or code("12345678").convert(mode)
    assert text_on(file(picture, "JPEG" if mode == "CMYK" else "PNG")) == "12345678"


def test_a_transparent_background_is_white() -> None:
    image = Image.new("RGBA", code("12345678").size, (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), mask=code("12345678").point(lambda level: 255 - level))
    assert text_on(file(image)) == "12345678"


def test_the_same_code_twice_is_one() -> None:
    image = code("12345678")
    both = Image.new("L", (2 * image.width, image.height), 255)
    both.paste(image, (0, 0))
    both.paste(image, (image.width, 0))
    assert text_on(file(both)) == "12345678"


def test_every_code_is_told_from_top_to_bottom() -> None:
    """Which of them is meant is not for the eye to say."""
    texts = ["11111111", "https://www.example.org/menu", "33333333"]
    page = Image.new("L", (900, 900), 255)
    for number, text in enumerate(texts):
        page.paste(code(text), (500 - 200 * number, 50 + 260 * number))
    assert read_image(file(page)).texts == tuple(texts)


def test_a_picture_without_a_code_shows_none() -> None:
    seen = read_image(file(Image.new("L", (400, 400), 255)))
    assert (seen.texts, seen.unreadable) == ((), False)


def test_a_code_of_another_kind_is_no_code_of_ours() -> None:
    import zxingcpp

    barcode = zxingcpp.create_barcode("12345678", zxingcpp.BarcodeFormat.Code128)
    assert read_image(file(Image.fromarray(barcode.to_image(scale=4)))).texts == ()


def test_a_code_that_is_there_and_cannot_be_read_is_told() -> None:
    stained = code(DIGITS[:2000])
    stained.paste(128, (120, 120, 300, 300))
    page = Image.new("L", (1400, 1400), 255)
    page.paste(stained, (40, 40))
    page.paste(code("12345678"), (1000, 1000))
    seen = read_image(file(page))
    assert seen.unreadable
    assert seen.texts == ("12345678",)


SCREENS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as-it-is": lambda image: image,
    "dark-mode": lambda image: image.point(lambda level: 255 - level),
    "dark-grey-on-black": lambda image: image.point(lambda level: 18 + (255 - level) * 200 // 255),
    "turned": lambda image: image.rotate(90, expand=True),
    "held-askew": lambda image: image.rotate(11, Image.Resampling.BICUBIC, expand=True, fillcolor=255),
    "of-a-monitor": lambda image: image.resize((image.width * 3, image.height * 3), Image.Resampling.BICUBIC),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screenshot_with_a_small_code_and_a_link_beside_it_is_read(screen: str) -> None:
    """What the demonstration shows, two fifths of the width of a phone, 3.2 pixels a module."""
    phone = Image.new("L", (1170, 2532), 255)
    phone.paste(code(DIGITS[:4150]).resize((450, 450), Image.Resampling.LANCZOS), (120, 900))
    phone.paste(code("https://www.example.org/menu", pixels=5), (760, 2100))
    seen = read_image(file(SCREENS[screen](phone), "JPEG", quality=90))
    assert set(seen.texts) == {DIGITS[:4150], "https://www.example.org/menu"}


PNG_START = file(code("12345678"))


@pytest.mark.parametrize(
    ("data", "kind", "name"),
    [
        pytest.param(b"", InputError, "image.not_an_image", id="empty"),
        pytest.param(b"Bonjour", InputError, "image.not_an_image", id="text"),
        pytest.param(
            b"<svg xmlns='http://www.w3.org/2000/svg'/>", InputError, "image.not_an_image", id="svg"
        ),
        pytest.param(b"%PDF-1.7\n", InputError, "image.not_an_image", id="pdf"),
        pytest.param(file(code("1"), "BMP"), InputError, "image.not_an_image", id="format-not-listed"),
        pytest.param(file(code("1"), "TIFF"), InputError, "image.not_an_image", id="tiff"),
        pytest.param(PNG_START[:-300], ParsingError, "image.damaged", id="cut"),
        pytest.param(PNG_START[:90] + b"\xff" + PNG_START[91:], ParsingError, "image.damaged", id="flipped"),
        pytest.param(file(code("1"), "JPEG")[:300], ParsingError, "image.damaged", id="jpeg-cut"),
        pytest.param(file(code("1"), "GIF")[:60], ParsingError, "image.damaged", id="gif-cut"),
        pytest.param(file(code("1"), "WEBP")[:60], ParsingError, "image.damaged", id="webp-cut"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes, kind: type[Problem], name: str) -> None:
    refused(data, kind, name)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + _chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [60_000, 14_000, 9_000, 7_200])
def test_a_pixel_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    bomb = _png(side, side, _chunk(b"IDAT", zlib.compress(bytes(1 << 20), 9)))
    started = time.process_time()
    refused(bomb, LimitError, "image.too_large")
    assert time.process_time() - started < 0.3


def test_a_chunk_bomb_costs_nothing() -> None:
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50 << 20), 9))
    started = time.process_time()
    with pytest.raises(Problem):
        read_image(_png(8, 8, text, text, _chunk(b"IDAT", zlib.compress(bytes(16)))))
    assert time.process_time() - started < 1


def test_a_file_too_large_is_refused_unread() -> None:
    refused(bytes(limits.IMAGE_BYTES + 1), LimitError, "image.file_too_large")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_file_never_surprises(data: st.DataObject) -> None:
    whole = bytearray(file(code("12345678"), data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Problem):
        read_image(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
