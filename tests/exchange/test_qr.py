"""One grammar for every code, and a plain sentence for every other."""

import contextlib
import random
import time
import zlib
from collections.abc import Callable

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url, limits
from exchange import qr, qr_digits, qr_pack
from problems import Problem

HOST = "passeport.example"


def refused(act: Callable[[], object], code: str) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    assert caught.value.code == code
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))
    return caught.value


def test_presentations_travel_in_a_code(three: list[str]) -> None:
    payload = qr.decode(qr.encode_offline(three, HOST))
    assert (payload.kind, payload.host) == ("O", HOST)
    assert qr.presentations(payload) == tuple(three)


def test_the_demonstrations_three_credentials_fit_into_version_32(three: list[str]) -> None:
    """With key bindings, names, two blocs, the skill and the endorsement; 7,000 digits is all that exists."""
    assert len(qr.encode_offline(three, HOST)) < 4_500


def test_the_code_is_a_link_that_a_camera_understands(diploma: str) -> None:
    text = qr.encode_offline([diploma], "localhost:8000")
    assert text.startswith("https://localhost:8000/v#O")
    assert text.partition("#O")[2].isdigit()


def test_hidden_values_are_not_in_the_code(diploma: str) -> None:
    [shown] = qr.presentations(qr.decode(qr.encode_offline([diploma], HOST)))
    opened = b"".join(base64url.decode(piece) for piece in shown.split("~")[1:-1]).decode()
    assert "EXEMPLE" in opened
    for hidden in ("2000-02-29", "MENTION_BIEN", "Préparer et organiser"):
        assert hidden not in opened


@given(st.binary(min_size=1, max_size=450))
def test_a_twin_travels_under_a_letter_of_its_own(shown: bytes) -> None:
    text = qr.encode_twin(shown, HOST)
    payload = qr.decode(text)
    assert (payload.kind, payload.host) == ("T", HOST)
    assert qr.content(payload) == shown
    assert text.partition("#T")[2].isdigit()
    refused(lambda: qr.presentations(payload), "qr.twin")


def test_what_is_no_number_of_ours_is_no_twin() -> None:
    refused(lambda: qr.content(qr.decode(f"https://{HOST}/v#T12")), "qr.damaged")
    refused(lambda: qr.content(qr.decode(f"https://{HOST}/v#Tabc")), "qr.damaged")
    refused(lambda: qr.encode_twin(b"x", "a b"), "qr.host")


def test_presentations_are_the_content_of_their_code(diploma: str) -> None:
    assert qr.content(qr.decode(qr.encode_offline([diploma], HOST))) == diploma.encode()


@pytest.mark.parametrize("kind", ["L", "R"])
def test_links_and_requests_are_known_and_wait(kind: str) -> None:
    payload = qr.decode(f"https://{HOST}/v#{kind}abc-DEF_123")
    assert (payload.kind, payload.body) == (kind, "abc-DEF_123")
    refused(lambda: qr.presentations(payload), {"L": "qr.link_not_yet", "R": "qr.request_not_yet"}[kind])


@pytest.mark.parametrize(
    ("text", "site"),
    [
        pytest.param("https://example.org/menu", "example.org", id="another-site"),
        pytest.param("http://passeport.example/v#O123", "passeport.example", id="not-https"),
        pytest.param("HTTPS://PASSEPORT.EXAMPLE/v#O123", "passeport.example", id="capitals"),
        pytest.param(f"https://{HOST}/v#X123", HOST, id="unknown-kind"),
        pytest.param(f"https://{HOST}/v#O", HOST, id="nothing-in-it"),
        pytest.param(f"https://{HOST}/w#O123", HOST, id="another-page"),
        pytest.param(f"https://{HOST}/v?x#O123", HOST, id="a-query"),
        pytest.param(f"https://{HOST}/v#O123\n", HOST, id="a-line-more"),
        pytest.param("https://xn--pple-43d.example/v", "xn--pple-43d.example", id="punycode-as-it-is"),
    ],
)
def test_another_sites_code_names_the_site(text: str, site: str) -> None:
    problem = refused(lambda: qr.decode(text), "qr.foreign")
    assert problem.facts == {"site": site}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("Bonjour", id="text"),
        pytest.param("BEGIN:VCARD\nFN:Camille Fictive\nEND:VCARD", id="vcard"),
        pytest.param("openid4vp://authorize?client_id=x", id="request-of-another-wallet"),
        pytest.param("shc:/567629595326546034602925", id="health-card"),
        pytest.param("https://user@passeport.example/v#O123", id="user-before-the-host"),
        pytest.param("https://passeport.example\\@evil.example/v#O1", id="backslash-in-the-host"),
        pytest.param("https://аpple.example/v#O123", id="cyrillic-host"),
        pytest.param("https://" + "a" * 300 + "/v#O123", id="host-too-long"),
        pytest.param("https://" + "a." * 150 + "example/v#O123", id="host-of-too-many-labels"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("https://-x.example/", id="host-that-is-none"),
    ],
)
def test_other_texts_name_nothing(text: str) -> None:
    assert refused(lambda: qr.decode(text), "qr.not_a_passport").facts == {}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("12a", id="letters"),
        pytest.param("999", id="beyond-one-byte"),
        pytest.param("0000", id="length-of-no-group"),
        pytest.param(qr_digits.encode(b"\xa0"), id="not-our-form"),
        pytest.param(qr_digits.encode(b""), id="nothing"),
    ],
)
def test_a_damaged_code_says_so(body: str) -> None:
    refused(lambda: qr.presentations(qr.QrPayload("O", HOST, body)), "qr.damaged")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_told_apart_without_surprise(text: str) -> None:
    with contextlib.suppress(Problem):
        qr.presentations(qr.decode(text))


def test_a_bomb_in_a_code_is_refused_at_once() -> None:
    """Abuse case QR-007: a megabyte of nothing fits into one honest-looking code."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=qr_pack.dictionary(1))
    deflated = machine.compress(b"a" * (2 << 20)) + machine.flush()
    bomb = f"https://{HOST}/v#O{qr_digits.encode(cbor2.dumps([1, deflated, b'']))}"
    assert qr.fits(qr.decode(bomb))
    started = time.process_time()
    refused(lambda: qr.presentations(qr.decode(bomb)), "inflate.too_large")
    assert time.process_time() - started < 0.2


def test_codes_of_other_families_are_refused() -> None:
    machine = zlib.compressobj(9)
    deflated = machine.compress(b"a" * (1 << 20)) + machine.flush()
    refused(lambda: qr.decode("VC1-Z:" + base64url.encode(deflated)), "qr.not_a_passport")
    refused(lambda: qr.decode("HC1:" + "[[" * 2_000), "qr.not_a_passport")


@pytest.mark.parametrize("part", ["a", "a.", "a-", "a-a.", "1:", "a/v#O"])
def test_no_text_makes_the_grammar_slow(part: str) -> None:
    started = time.process_time()
    with pytest.raises(Problem):
        qr.decode(("https://" + part * 4_000)[: limits.QR_PAYLOAD_CHARS])
    assert time.process_time() - started < 0.2


def test_a_text_longer_than_any_code_is_refused_at_once() -> None:
    started = time.process_time()
    refused(lambda: qr.decode("https://a/v#O" + "1" * 10_000_000), "qr.too_long")
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    "host",
    ["", "https://passeport.example", "passeport.example/v", "a b", "a" * 300, "é.example", "u@h", "h:port"],
)
def test_a_host_that_is_none_is_refused(host: str, diploma: str) -> None:
    refused(lambda: qr.encode_offline([diploma], host), "qr.host")


def test_too_many_credentials_say_how_many(six_diplomas: list[str]) -> None:
    problem = refused(lambda: qr.encode_offline(six_diplomas, HOST), "qr.too_large")
    over = problem.facts["over"]
    assert problem.facts["credentials"] == 6
    assert isinstance(over, int)
    assert qr.encode_offline(six_diplomas[: 6 - over], HOST)
    refused(lambda: qr.encode_offline(six_diplomas[: 7 - over], HOST), "qr.too_large")


def test_too_many_items_say_how_many() -> None:
    noise = random.Random(1)
    items = [base64url.encode(b"[" + noise.randbytes(119)) for _ in range(40)]
    shown = lambda count: "~".join(["issuer.jwt.signature", *items[:count], "key.binding.jwt"])  # noqa: E731
    problem = refused(lambda: qr.encode_offline([shown(40)], HOST), "qr.too_large_items")
    over = problem.facts["over"]
    assert problem.facts["items"] == 40
    assert isinstance(over, int)
    assert qr.encode_offline([shown(40 - over)], HOST)
    refused(lambda: qr.encode_offline([shown(41 - over)], HOST), "qr.too_large_items")


def test_a_document_that_never_fits_suggests_a_link() -> None:
    document = '{"proof":"' + "".join(f"{n * n * 7919:x}" for n in range(3000)) + '"}'
    problem = refused(lambda: qr.encode_offline([document], HOST), "qr.too_large_document")
    assert "lien" in problem.says("fr").next_step


def test_a_payload_is_never_larger_than_what_we_accept(three: list[str]) -> None:
    assert len(qr.encode_offline(three, "h" * 63)) < limits.QR_PAYLOAD_CHARS
