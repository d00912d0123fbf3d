"""Any bytes at all, and honest files bent anywhere: a coded answer, never a crash, and nothing taken in."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from passeport import qr_image

COMMANDS = {
    "issue": ("--issuer", "centre", "--out", "OUT"),
    "wallet add": (),
    "wallet restore": ("--code", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG"),
    "derive": ("--reveal", "/family_name"),
    "endorse": ("--issuer", "atelier", "--skill", "s1", "--out", "OUT"),
    "scan": (),
    "verify": (),
}


def played(furnished, command: str, file: Path):
    """Run a command on a file; whatever comes, it is said with a code (``play`` refuses a crash)."""
    options = [word.replace("OUT", str(furnished.path("produced"))) for word in COMMANDS[command]]
    said = furnished.play(*command.split(), file, *options, "--json")
    told = json.loads(said.out)
    assert said.err == ""
    if said.status == 2:
        problem = told.get("problem") or told
        assert problem["code"], said
        assert problem["nextStep"], said
    return said, told


MARKS = (
    *(
        b"{",
        b"}",
        b"[",
        b'"',
        b":",
        b",",
        b"null",
        b"~",
        b".",
        b"eyJ",
        b"<",
        b"/>",
        b"<flux",
        b";",
        b"\n",
        b"\r",
    ),
    *(b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"sep=;", b"1e999", b"\\ud800", b'{"vp_token":'),
    b"reference;code;nom;prenoms;date_naissance;date_obtention\n",
    b'{"@context":["https://www.w3.org/ns/credentials/v2"],',
    b'"type":["VerifiableCredential"],',
    b'"proof":{"type":"DataIntegrityProof","cryptosuite":"ecdsa-sd-2023"}',
    b"https://passeport.example/v#O",
    *(b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF", b"PK\x03\x04", b"passeport backup 1\n"),
)
PIECES = st.one_of(st.binary(max_size=40), st.sampled_from(MARKS))


@pytest.mark.parametrize("command", COMMANDS)
@given(pieces=st.lists(PIECES, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_answered(furnished, command: str, pieces: list[bytes]) -> None:
    said, told = played(furnished, command, furnished.write("wild", b"".join(pieces)))
    if command == "verify":
        assert said.status == 2 or told["verified"] is False
    else:
        assert said.status == 2


@pytest.fixture(scope="module")
def honest(_furnished: Path) -> Callable[[str], bytes]:
    """Gives an honest file of each kind."""
    out = _furnished / "out"
    samples = Path(__file__).parents[2] / "passeport" / "samples"
    picture = qr_image.png("https://passeport.example/v#O" + "123456789" * 30)
    files = {
        "table": (_furnished / "results.csv").read_bytes(),
        "accrochage": (samples / "accrochage.xml").read_bytes()[:6000] + b"</x>",
        "sd-jwt": next(out.glob("R-1-*.sd-jwt")).read_bytes(),
        "json-ld": next(out.glob("R-1-*.json")).read_bytes(),
        "picture": picture,
    }
    return lambda kind: files[kind]


KINDS = ("table", "accrochage", "sd-jwt", "json-ld", "picture")
FITTING = {"issue": KINDS[:2], "scan": ("picture",), "verify": KINDS[2:]}


def says_no_more(bent: bytes, honest: Callable[[str], bytes]) -> bool:
    """Whether it is the same document in another dress, or the same token with fewer disclosures."""
    if bent.lstrip().startswith(b"{"):
        return bool(json.loads(bent) == json.loads(honest("json-ld")))
    token, *disclosures = bent.strip().split(b"~")
    issued, *disclosed = honest("sd-jwt").split(b"~")
    return token == issued and set(disclosures) <= set(disclosed)


@pytest.mark.parametrize("command", COMMANDS)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_honest_file_bent_anywhere_is_answered(furnished, honest, command: str, data) -> None:
    """Whether it still passes depends on where it was bent; that it is answered does not."""
    body = bytearray(honest(data.draw(st.sampled_from(FITTING.get(command, KINDS[2:4])))))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body) - 1))
        end = start + data.draw(st.integers(0, 30))
        body[start:end] = data.draw(PIECES)
        if not body:
            return
    said, told = played(furnished, command, furnished.write("bent", bytes(body)))
    if command == "wallet add" and said.status == 0:
        assert told
        assert says_no_more(bytes(body), honest)


@pytest.mark.parametrize("kind", ["sd-jwt", "json-ld"])
def test_one_byte_changed_anywhere_in_a_credential_never_passes(
    furnished, honest, kind: str, full: bool
) -> None:
    """Every byte counts: each in turn by default every 97th, with PASSEPORT_FULL each 7th."""
    body = honest(kind)
    for position in range(0, len(body), 7 if full else 97):
        changed = bytes([*body[:position], body[position] ^ 1, *body[position + 1 :]])
        said = furnished.play("wallet", "add", furnished.write("changed", changed), "--json")
        assert said.status == 2 or changed.split() == body.split(), (position, said)


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp", "tiff", "ico"])
def test_a_picture_of_any_kind_without_a_code_is_answered(furnished, kind: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(picture, kind.upper())
    for command in ("scan", "verify"):
        said, _ = played(furnished, command, furnished.write(f"picture.{kind}", picture.getvalue()))
        assert said.status in (1, 2)


def test_a_picture_that_would_fill_the_memory_is_refused(furnished) -> None:
    """20,000 × 20,000 pixels in some kilobytes."""
    picture = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(picture, "PNG")
    for command in ("scan", "verify"):
        said, told = played(furnished, command, furnished.write("bomb.png", picture.getvalue()))
        assert said.status == 2, told


def test_what_a_picture_carries_beside_its_pixels_is_not_read(furnished) -> None:
    """A token in the metadata is nobody's presentation."""
    [file] = furnished.path("out").glob("R-2-*.sd-jwt")
    notes = PngImagePlugin.PngInfo()
    notes.add_text("openbadgecredential", file.read_text())
    picture = io.BytesIO()
    Image.new("L", (64, 64), 255).save(picture, "PNG", pnginfo=notes)
    said, _ = played(furnished, "verify", furnished.write("baked.png", picture.getvalue()))
    assert said.status == 2
