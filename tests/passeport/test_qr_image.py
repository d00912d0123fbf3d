"""Codes as pictures: every version, in every form, is read again by an independent decoder."""

import io
import random
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from PIL import Image

from exchange import qr, qr_digits
from passeport import qr_image
from problems import InputError, LimitError

PREFIX = "https://passeport.example/v#O"


def read(image: Image.Image) -> str:
    [code] = zxingcpp.read_barcodes(image)
    return code.text


def offline(size: int) -> str:
    return PREFIX + qr_digits.encode(random.Random(size).randbytes(size))


@pytest.mark.parametrize("size", [8, 100, 400, 900, 1300, 1800, 2300, 2800, 2870])
def test_png_is_read_again(size: int) -> None:
    text = offline(size)
    with Image.open(io.BytesIO(qr_image.png(text))) as image:
        assert read(image) == text


@pytest.mark.parametrize(("form", "most"), [(b"\x82\x01", 14), (b"\x83\x02", 12)], ids=["paper", "screen"])
def test_twins_of_three_hundred_bytes(form: bytes, most: int) -> None:
    """Read again by an independent decoder; paper has more room for stains (error correction M)."""
    text = qr.encode_twin(form + random.Random(1).randbytes(298), "passeport.example")
    assert qr_image.version(text) == most
    with Image.open(io.BytesIO(qr_image.png(text))) as image:
        assert read(image) == text


def test_what_the_grammar_lets_through_always_fits() -> None:
    """exchange.qr counts bits so that nobody is told to share a code that cannot be drawn."""
    most = max(count for count in range(6900, 7100) if qr.fits(qr.decode(PREFIX + "1" * count)))
    digits = "1" * most
    assert qr_image.version(PREFIX + digits) == 40
    with pytest.raises(LimitError):
        qr_image.version(PREFIX + digits + "1")


def test_digits_stand_in_a_numeric_segment() -> None:
    """In byte mode the same digits would need 2.4 times the room."""
    assert qr_image.version(PREFIX + "1" * 1000) == 14
    assert qr_image.version(PREFIX.replace("#O", "#L") + "1" * 1000) > 20


def test_a_self_contained_code_has_level_l_and_a_link_level_m() -> None:
    levels = {}
    for kind in "OL":
        picture = qr_image.png(f"https://passeport.example/v#{kind}123456789012345")
        with Image.open(io.BytesIO(picture)) as image:
            [code] = zxingcpp.read_barcodes(image)
        levels[kind] = code.ec_level
    assert levels == {"O": "L", "L": "M"}


def test_there_are_four_quiet_modules_all_around() -> None:
    rows = qr_image.matrix(offline(100))
    for edge in (rows[:4], rows[-4:], [row[:4] for row in rows], [row[-4:] for row in rows]):
        assert not any(any(line) for line in edge)
    assert rows[4][4]


def test_svg_draws_the_same_modules() -> None:
    text = offline(200)
    rows = qr_image.matrix(text)
    svg = ET.fromstring(qr_image.svg(text))
    assert svg.attrib["viewBox"] == f"0 0 {len(rows)} {len(rows)}"
    drawn = [[False] * len(rows) for _ in rows]
    for run in svg[1].attrib["d"].split("z")[:-1]:
        start, rest = run.removeprefix("M").split("h", 1)
        x, y = map(int, start.split())
        width = int(rest.split("v")[0])
        drawn[y][x : x + width] = [True] * width
    assert drawn == rows


def test_the_terminal_form_is_dark_on_light_and_is_read_again() -> None:
    text = offline(60)
    shown = qr_image.terminal(text)
    lines = shown.splitlines()
    assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines)
    pixels = [line.removeprefix("\x1b[38;5;16;48;5;231m").removesuffix("\x1b[0m") for line in lines]
    image = Image.new("L", (len(pixels[0]), 2 * len(pixels)), 255)
    for y, line in enumerate(pixels):
        for x, character in enumerate(line):
            if character in "▀█":
                image.putpixel((x, 2 * y), 0)
            if character in "▄█":
                image.putpixel((x, 2 * y + 1), 0)
    assert read(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)) == text


def test_a_foreign_text_is_not_drawn() -> None:
    with pytest.raises(InputError):
        qr_image.png("https://example.org/menu")


def test_a_link_too_long_for_any_version_says_so() -> None:
    with pytest.raises(LimitError):
        qr_image.svg("https://passeport.example/v#L" + "a" * 4000)


def test_png_is_small() -> None:
    data = qr_image.png(offline(1800))
    assert len(data) < 20_000
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "1"
