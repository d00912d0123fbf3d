"""Badges baked into pictures are taken out as they were put in; pictures that are a trap cost nothing."""

import contextlib
import io
import struct
import time
import zlib

import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from boundary import limits
from exchange import qr
from problems import InputError, LimitError, ParsingError, Problem
from verifier.baked import from_png, from_svg, is_svg
from verifier.extract import extract

BADGE = b'{"type":["VerifiableCredential","OpenBadgeCredential"],"name":"Fictif"}'
TOKEN = b"eyJhbGciOiJSUzI1NiJ9.e30.AAAA"


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("L", (40, 40), 200).save(written, "PNG")
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text(
    content: bytes, keyword: bytes = b"openbadgecredential", *, packed: bool = False, between: bytes = b"\0\0"
) -> bytes:
    return chunk(
        b"iTXt",
        keyword
        + (b"\0\1\0" if packed else b"\0\0\0")
        + between
        + (zlib.compress(content, 9) if packed else content),
    )


def baked(*chunks: bytes, into: bytes | None = None) -> bytes:
    """Put chunks behind the header of a PNG, where bakers put them."""
    whole = into or picture()
    return whole[:33] + b"".join(chunks) + whole[33:]


def svg(inside: str, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"'
        f' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" viewBox="0 0 10 10" {more}>'
        f'{inside}<g><circle r="4"/></g></svg>'
    ).encode()


def refused(made: bytes, kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        extract(made)
    assert caught.value.code == code
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))


@pytest.mark.parametrize("content", [BADGE, TOKEN], ids=["json", "token"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_a_png_gives_its_badge(content: bytes, packed: bool) -> None:
    made = baked(text(content, packed=packed))
    assert from_png(made) == content
    assert [document.body() for document in extract(made).documents] == [content]


def test_language_and_translated_keyword_do_not_matter() -> None:
    assert from_png(baked(text(BADGE, between=b"fr\0badge\0"))) == BADGE


def test_other_texts_of_a_picture_are_no_badge() -> None:
    assert from_png(baked(text(BADGE, b"Comment"), chunk(b"tEXt", b"openbadgecredential\0" + BADGE))) is None
    assert from_png(picture()) is None
    refused(baked(text(BADGE, b"Comment")), InputError, "image.no_code")


def test_the_same_badge_twice_is_one() -> None:
    assert from_png(baked(text(BADGE), text(BADGE, packed=True))) == BADGE


def test_two_badges_are_not_guessed_between() -> None:
    refused(baked(text(BADGE), text(TOKEN)), InputError, "badge.several")


def test_an_earlier_version_is_told_as_such() -> None:
    refused(baked(text(b"{}", b"openbadges")), InputError, "badge.version_2")
    assert from_png(baked(text(b"{}", b"openbadges"), text(BADGE))) == BADGE


@pytest.mark.parametrize(
    "bent",
    [
        text(BADGE)[:-1] + b"\xff",
        chunk(b"iTXt", b"openbadgecredential"),
        chunk(b"iTXt", b"openbadgecredential\0\0\0"),
        chunk(b"iTXt", b"openbadgecredential\0\0\0fr"),
        chunk(b"iTXt", b"openbadgecredential\0\2\0\0\0" + BADGE),
        chunk(b"iTXt", b"openbadgecredential\0\1\1\0\0" + zlib.compress(BADGE)),
    ],
    ids=["checksum", "no-flags", "no-language", "no-keyword-end", "unknown-flag", "unknown-method"],
)
def test_a_damaged_text_is_refused(bent: bytes) -> None:
    refused(baked(bent), ParsingError, "image.damaged")


def test_a_damaged_stream_is_refused() -> None:
    bent = chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + zlib.compress(BADGE)[:-6])
    refused(baked(bent), ParsingError, "inflate.truncated")


def test_a_text_that_inflates_without_end_is_stopped() -> None:
    bomb = baked(text(bytes(300 << 20), packed=True))
    started = time.process_time()
    refused(bomb, LimitError, "inflate.too_large")
    assert time.process_time() - started < 1


def test_a_picture_of_a_million_parts_is_stopped() -> None:
    started = time.process_time()
    refused(baked(chunk(b"tEXt", b"") * 1_000_000), LimitError, "badge.too_many_parts")
    assert time.process_time() - started < 1


def test_the_picture_itself_need_not_be_decoded() -> None:
    """A badge in a picture of too many pixels is still a badge."""
    huge = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0))
    made = b"\x89PNG\r\n\x1a\n" + huge + text(BADGE) + chunk(b"IEND", b"")
    assert [document.body() for document in extract(made).documents] == [BADGE]


def test_a_code_of_ours_on_the_picture_is_a_document_too() -> None:
    code = qr.encode_offline(['{"type":["VerifiableCredential"],"n":1}'], "un.example")
    written = io.BytesIO()
    qrcode.make(code, border=4).save(written)
    found = extract(baked(text(BADGE), into=written.getvalue()))
    assert [document.body() for document in found.documents] == [
        BADGE,
        b'{"type":["VerifiableCredential"],"n":1}',
    ]


# SVG


def test_an_svg_gives_the_token_of_its_attribute() -> None:
    made = svg(f'<openbadges:credential verify="{TOKEN.decode()}"></openbadges:credential>')
    assert is_svg(made)
    assert from_svg(made) == TOKEN
    assert [document.body() for document in extract(made).documents] == [TOKEN]


def test_an_svg_gives_the_document_that_its_element_holds() -> None:
    assert (
        from_svg(svg(f"<openbadges:credential>\n <![CDATA[{BADGE.decode()}]]>\n</openbadges:credential>"))
        == BADGE
    )
    escaped = BADGE.decode().replace('"', "&quot;")
    assert from_svg(svg(f"<openbadges:credential>{escaped}</openbadges:credential>")) == BADGE


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("", "badge.none"),
        (f"<credential>{BADGE.decode()}</credential>", "badge.none"),
        (f'<credential xmlns="https://autre.example">{BADGE.decode()}</credential>', "badge.none"),
        ("<openbadges:credential> </openbadges:credential>", "badge.none"),
        ('<openbadges:credential verify="a.b.c">{}</openbadges:credential>', "badge.several"),
        (
            '<openbadges:credential verify="a"/><openbadges:credential verify="b"/>',
            "badge.several",
        ),
        ('<assertion xmlns="http://openbadges.org" verify="a.b.c"/>', "badge.version_2"),
    ],
)
def test_an_svg_without_one_badge_is_refused(inside: str, code: str) -> None:
    refused(svg(inside), InputError, code)


BILLION = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {n} "&{p};&{p};&{p};&{p};&{p};&{p};">' for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(BILLION.encode() + svg("&i;")[39:], id="entities"),
        pytest.param(b'<!DOCTYPE svg SYSTEM "file:///etc/passwd">' + svg("")[39:], id="external-type"),
        pytest.param(svg("")[:-10], id="cut"),
        pytest.param(svg("<g>" * 5000), id="deep"),
        pytest.param(svg("<openbadges:credential>&nbsp;</openbadges:credential>"), id="unknown-entity"),
        pytest.param(
            svg(f"<openbadges:credential>{'x' * (limits.JSON_BYTES + 1)}</openbadges:credential>"), id="long"
        ),
        pytest.param(b"<svg" + bytes(range(256)), id="noise"),
    ],
)
def test_a_wild_svg_is_refused_at_once(made: bytes) -> None:
    started = time.process_time()
    refused(made, ParsingError, "badge.svg")
    assert time.process_time() - started < 1


def test_an_svg_too_large_is_refused_unread() -> None:
    refused(svg(" " * limits.SVG_BYTES), LimitError, "badge.picture_too_large")


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_damaged_picture_never_surprises(data: st.DataObject) -> None:
    whole = bytearray(
        data.draw(
            st.sampled_from([baked(text(BADGE, packed=True)), svg("<openbadges:credential verify='a.b.c'/>")])
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Problem):
        extract(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
