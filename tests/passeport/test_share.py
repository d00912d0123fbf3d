"""``wallet present``, ``derive``, ``scan``: what is shown, as a file, a picture or characters."""

import io
import json
import os
import pty
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from exchange import presentation, qr
from proofs import jws, sd_jwt


@pytest.fixture
def diploma(furnished) -> str:
    return furnished.held("R-2")


def shown(text: str) -> set[str]:
    return {str(path[0]) for path in sd_jwt.disclosed(sd_jwt.parse(text.strip().rpartition("~")[0] + "~"))}


# to a file or to the next program


def test_a_share_goes_to_standard_output_or_to_a_file(furnished, diploma: str) -> None:
    said = furnished("wallet", "present", "--show", f"{diploma}:family_name")
    assert shown(said.out) == {"family_name"}
    out = furnished.path("new/folder/share.txt")
    said = furnished("wallet", "present", "--show", f"{diploma}:family_name", "--out", out)
    assert shown(out.read_text()) == {"family_name"}
    assert out.stat().st_mode & 0o777 == 0o600
    assert "share.txt" in said.out
    assert "~" not in said.out


def test_programs_get_the_share_or_where_it_is(furnished, diploma: str) -> None:
    told = furnished("wallet", "present", "--show", diploma, "--json").json
    assert told["path"] is None
    assert told["qr"] is None
    assert presentation.read(told["presentation"].encode())
    out, picture = furnished.path("p.txt"), furnished.path("p.png")
    told = furnished("wallet", "present", "--show", diploma, "--out", out, "--qr", picture, "--json").json
    assert told["presentation"] is None
    assert told["path"] == str(out)
    assert told["qr"]["path"] == str(picture)
    assert qr.presentations(qr.decode(told["qr"]["text"])) == (out.read_text(),)


def test_items_of_one_credential_asked_for_twice_are_shown_together(furnished, diploma: str) -> None:
    choices = ["--show", f"{diploma}:family_name", "--show", f"{diploma[:6]}:given_name"]
    said = furnished("wallet", "present", *choices)
    [part] = presentation.read(said.out.encode())
    assert shown(part.text) == {"family_name", "given_name"}


def test_several_credentials_in_both_forms_travel_together(furnished) -> None:
    choices = [
        word
        for reference in ("R-1", "R-2")
        for form in ("sd-jwt", "json")
        for word in ("--show", f"{furnished.held(reference, form)}:family_name")
    ]
    question = ["--audience", "https://r.example", "--nonce", "n-1"]
    out = furnished.path("both.json")
    furnished("wallet", "present", *choices, *question, "--out", out)
    assert len(presentation.read(out.read_bytes())) == 3
    told = furnished("verify", out, *question, "--json").json
    assert len(told["credentials"]) == 4
    assert all(line["verified"] for line in told["credentials"])
    assert furnished("verify", out, "--audience", "https://r.example", "--nonce", "n-2", ends=1)
    assert furnished("verify", out, "--audience", "https://other.example", "--nonce", "n-1", ends=1)


def test_a_bearer_share_lasts_as_long_as_asked(furnished, diploma: str) -> None:
    for days in (1, 92):
        said = furnished("wallet", "present", "--show", diploma, "--days", str(days))
        claims = jws.claims(jws.parse(said.out.strip().rpartition("~")[2]))
        assert claims["exp"] - claims["iat"] == days * 86_400


# as a picture


@pytest.mark.parametrize("suffix", ["png", "PNG", "svg", "SVG"])
def test_a_code_is_drawn_in_the_form_that_its_name_says(furnished, diploma: str, suffix: str) -> None:
    path = furnished.path(f"code.{suffix}")
    said = furnished("wallet", "present", "--show", f"{diploma}:family_name", "--qr", path)
    if suffix.lower() == "svg":
        assert ET.fromstring(path.read_bytes()).tag.endswith("svg")
    else:
        with Image.open(path) as image:
            assert image.format == "PNG"
    assert path.stat().st_mode & 0o777 == 0o644
    assert "version" in said.out
    assert "Ce n'est pas une vérification" in said.out


def test_what_is_scanned_is_what_was_shown(furnished, diploma: str) -> None:
    out, picture = furnished.path("share.txt"), furnished.path("share.png")
    furnished("wallet", "present", "--show", f"{diploma}:family_name", "--out", out, "--qr", picture)
    assert furnished("scan", picture).out.strip() == out.read_text()
    told = furnished("scan", picture, "--json").json
    assert told == {"host": "passeport.example", "payload": out.read_text()}
    assert furnished("verify", picture, "--json").json["verified"] is True


def test_the_host_of_a_code_is_the_makers_choice_and_changes_nothing(furnished, diploma: str) -> None:
    picture = furnished.path("share.png")
    furnished("wallet", "present", "--show", diploma, "--qr", picture, "--host", "autre.example:8443")
    assert furnished("scan", picture, "--json").json["host"] == "autre.example:8443"
    assert furnished("verify", picture, "--json").json["verified"] is True


def test_too_much_for_a_code_is_said_and_nothing_is_written(furnished) -> None:
    """Two derived JSON-LD credentials do not fit: a file or a link is for them."""
    picture, out = furnished.path("share.png"), furnished.path("share.txt")
    choices = [word for n in "12" for word in ("--show", f"{furnished.held(f'R-{n}', 'json')}:*")]
    words = ["wallet", "present", *choices, "--qr", picture, "--out", out]
    assert furnished(*words, ends=2).err.split()[-1].startswith("qr.too_large")
    assert not picture.exists()
    assert not out.exists()


def test_a_code_for_the_terminal_goes_through_a_pipe_as_it_is(furnished, diploma: str) -> None:
    said = furnished("wallet", "present", "--show", f"{diploma}:family_name", "--terminal")
    assert said.out.count("█") > 100
    assert "~" not in said.out, "the share itself is in the code"


def at_terminal(furnished, columns: int, *arguments: str) -> tuple[int, str]:
    """Run a command at a terminal of so many columns; return how it ended and all that it showed."""
    ours, theirs = pty.openpty()
    sized = type(furnished)(furnished.home, {"COLUMNS": str(columns), "TERM": "xterm"})
    process = sized.process(*arguments, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = io.BytesIO()
    while chunk := _read(ours):
        shown.write(chunk)
    os.close(ours)
    return process.wait(), shown.getvalue().decode("utf-8", "replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # its other side is closed: the command has ended
        return b""


def test_a_terminal_too_narrow_for_the_code_is_told_so(furnished, diploma: str) -> None:
    words = ["wallet", "present", "--show", f"{diploma}:family_name", "--terminal"]
    status, seen = at_terminal(furnished, 60, *words)
    assert (status, "qr.wider_than_terminal" in seen) == (2, True)
    assert "--qr" in seen
    assert "█" not in seen
    status, seen = at_terminal(furnished, 400, *words)
    assert (status, "█" in seen) == (0, True)


def test_a_person_sees_progress_and_a_program_does_not(furnished) -> None:
    words = [
        "issue",
        str(furnished.path("results.csv")),
        "--issuer",
        "centre",
        "--out",
        str(furnished.path("p")),
    ]
    holders = ["--holders", str(furnished.path("holders.csv"))]
    status, seen = at_terminal(furnished, 100, *words, *holders)
    assert status == 0
    assert "Lecture et contrôle" in seen
    assert "Délivrance" in seen
    status, seen = at_terminal(furnished, 100, *words, *holders, "--json")
    assert status == 0
    assert "Lecture" not in seen
    assert json.loads(seen)["again"] == 3


# deriving


def test_a_credential_is_reduced_to_what_is_pointed_to(furnished) -> None:
    [file] = furnished.path("out").glob("R-2-*.json")
    said = furnished("derive", file, "--reveal", "/credentialSubject/familyName")
    assert "EXEMPLE-DÉMONSTRATION" in said.out
    assert "Camille" not in said.out
    assert furnished("verify", "-", stdin=said.out.encode(), ends=0)
    assert furnished("derive", file, "--json").json.keys() == {"credential"}


def test_what_holds_several_credentials_is_not_derived(furnished, diploma: str) -> None:
    choices = ["--show", diploma, "--show", furnished.held("R-1")]
    out = furnished.path("two.json")
    furnished("wallet", "present", *choices, "--out", out)
    furnished.refused("wallet.several", "derive", out)


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ("json", "/nothing"),
        ("json", "nothing"),
        ("sd-jwt", "/nothing"),
        ("sd-jwt", "nothing"),
        ("sd-jwt", ""),
    ],
)
def test_a_pointer_to_nothing_is_said(furnished, form: str, pointer: str) -> None:
    [file] = furnished.path("out").glob(f"R-2-*.{form}")
    out = furnished.path("derived")
    assert furnished("derive", file, "--reveal", pointer, "--out", out, ends=2).err
    assert not out.exists()


def test_a_base_credential_is_the_holders_alone(furnished) -> None:
    """Handed over as it was delivered it would let its reader choose what to show."""
    [file] = furnished.path("out").glob("R-2-*.json")
    said = furnished("verify", file, "--json", ends=1)
    codes = {step["code"] for line in said.json["credentials"] for step in line["steps"]}
    assert "ecdsa_sd.base_proof_shown" in codes


# and it is remembered


def test_what_was_handed_over_is_in_the_history(furnished, diploma: str) -> None:
    furnished("wallet", "present", "--show", f"{diploma}:family_name")
    furnished("wallet", "present", "--show", diploma, "--audience", "https://r.example", "--nonce", "n" * 22)
    bearer, asked = furnished("wallet", "history", "--json").json
    assert {bearer["outcome"], asked["outcome"]} == {"handed_over"}
    assert (bearer["verifier"]["name"], asked["verifier"]["name"]) == ("", "https://r.example")
    assert [shown["credential"] for shown in bearer["shown"]] == [diploma]
    assert furnished("wallet", "show", diploma, "--json").json["presented"] == [bearer, asked]
    said = furnished("wallet", "history").out
    assert "quiconque" in said
    assert "remis" in said


def test_what_could_not_be_written_was_not_handed_over(furnished, diploma: str) -> None:
    blocked = furnished.write("blocked", b"a file where a folder is wanted")
    furnished.refused("cli.not_a_folder", "wallet", "present", "--show", diploma, "--out", blocked / "x")
    assert furnished("wallet", "history", "--json").json == []
