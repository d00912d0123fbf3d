"""What is hidden is nowhere: not in what is shown, not in a code, not in a report, not in a message.

And a national identity number (NIR) in a certifier's file goes nowhere at all.
"""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange import presentation, qr
from issuer.intake.xlsx_model import texts
from problems.dates import day

HIDDEN = {
    "birthdate": ("2000-02-29", "29/02/2000", "29 février 2000", "29 February 2000"),
    "given_name": ("Camille Fictive",),
    "family_name": ("EXEMPLE-DÉMONSTRATION",),
    "mention": ("Bien", "MENTION_BIEN"),
    "block.1": ("RNCP37674BC02", "Développer la partie back-end"),
}


def opened(data: bytes) -> Iterator[bytes]:
    """Yield the bytes, and what any run of base64url in them decodes to, from each of four starts."""
    yield data
    for run in re.findall(rb"[A-Za-z0-9_-]{16,}", data):
        for start in range(4):
            piece = run[start:]
            yield base64.urlsafe_b64decode(piece[: len(piece) // 4 * 4])


def holds(data: bytes, secret: str) -> bool:
    """Whether the secret stands in the data, as text, as JSON writes it, or behind base64url."""
    spellings = {secret.encode(), json.dumps(secret)[1:-1].encode(), secret.encode("utf-16-le")}
    return any(spelling in piece for piece in opened(data) for spelling in spellings)


def test_this_search_finds_what_is_there() -> None:
    secret = "EXEMPLE-DÉMONSTRATION"
    disclosure = base64.urlsafe_b64encode(json.dumps(["salt", "family_name", secret]).encode())
    for data in (secret.encode(), disclosure, b"ab" + disclosure, json.dumps(secret).encode()):
        assert holds(data, secret)
    assert not holds(base64.urlsafe_b64encode(b"nothing of the kind here"), secret)


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
@pytest.mark.parametrize("item", HIDDEN)
def test_a_hidden_item_is_absent_byte_for_byte(furnished, form: str, item: str) -> None:
    one = furnished.held("R-1", form)
    items = {
        line["id"]
        for line in next(c for c in furnished("wallet", "list", "--json").json if c["id"] == one)["items"]
    }
    assert item in items
    shown = ",".join(sorted(items - {item}))
    out = furnished.path("shared")
    said = furnished("wallet", "present", "--show", f"{one}:{shown}", "--out", out)
    data = out.read_bytes()
    produced = {
        "what presenting said": (said.out + said.err).encode(),
        "the file": data,
        "the verdict": furnished("verify", out).out.encode(),
        "the details": furnished("verify", out, "--details").out.encode(),
        "the report for programs": furnished("verify", out, "--json").out.encode(),
    }
    for secret in HIDDEN[item]:
        assert [place for place, said in produced.items() if holds(said, secret)] == []
    whole = furnished("wallet", "present", "--show", f"{one}:*").out.encode()
    assert any(holds(whole, secret) for secret in HIDDEN[item]), "shown, it is found"


@pytest.mark.parametrize("item", HIDDEN)
def test_a_hidden_item_is_absent_from_the_code(furnished, item: str) -> None:
    one = furnished.held("R-1")
    kept = ",".join(sorted({"family_name", "block.0"} - {item}))
    picture = furnished.path("code.png")
    told = furnished("wallet", "present", "--show", f"{one}:{kept}", "--qr", picture, "--json").json
    unpacked = "".join(qr.presentations(qr.decode(told["qr"]["text"])))
    scanned = furnished("scan", picture).out
    assert presentation.read(scanned.encode())
    for secret in HIDDEN[item]:
        for data in (unpacked, scanned, told["qr"]["text"], told["presentation"]):
            assert not holds(data.encode(), secret)
        assert not holds(picture.read_bytes(), secret)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    "words",
    [
        ["wallet", "present", "--show", "ONE:nir"],
        ["wallet", "present", "--show", "ONE:*", "--qr", "CLOSED/code.png"],
        ["wallet", "remove", "zz"],
        ["wallet", "add", "TAMPERED"],
        ["verify", "TAMPERED"],
        ["verify", "TAMPERED", "--json"],
        ["derive", "TAMPERED"],
        ["endorse", "TAMPERED", "--issuer", "atelier", "--skill", "s1", "--out", "CLOSED"],
    ],
)
def test_no_complaint_repeats_what_is_personal(furnished, words, lang: str) -> None:
    [file] = furnished.path("out").glob("R-1-*.sd-jwt")
    body = file.read_bytes()
    places = {
        "ONE": furnished.held("R-1"),
        "TAMPERED": str(furnished.write("tampered", body[:-30] + b"AAAA" + body[-26:])),
        "CLOSED": str(furnished.write("closed", b"")),
    }
    words = [re.sub("|".join(places), lambda found: places[found[0]], word) for word in words]
    said = furnished.play(*words, "--lang", lang)
    assert said.status in (1, 2)
    for secrets in HIDDEN.values():
        for secret in secrets:
            if secret != "Bien":
                assert not holds((said.out + said.err).encode(), secret), said


def test_a_changed_document_is_not_repeated(furnished) -> None:
    """Nothing vouches for what it says."""
    out = furnished.path("shared")
    furnished("wallet", "present", "--show", furnished.held("R-1", "json") + ":*", "--out", out)
    out.write_bytes(
        out.read_bytes().replace(b"MENTION_BIEN", b"MENTION_TRES_BIEN").replace(b"Camille", b"Claudie")
    )
    for how in ((), ("--details",), ("--json",)):
        said = furnished("verify", out, *how, ends=1).out
        for secret in ("Claudie", "EXEMPLE", *HIDDEN["birthdate"]):
            assert secret not in said


def test_dates_are_searched_as_people_read_them() -> None:
    import datetime as dt

    assert day(dt.date(2000, 2, 29), "fr") in HIDDEN["birthdate"]
    assert day(dt.date(2000, 2, 29), "en") in HIDDEN["birthdate"]


# the national identity number


def _nir(number: str) -> str:
    return f"{number}{97 - int(number) % 97:02}"


NIR = _nir("2000275056001")
CORSICAN = "200022A056001" + "66"  # 2A counts as 19: 97 - 2000219056001 % 97
WRITTEN = (
    NIR,
    NIR[:13],
    f"{NIR[0]} {NIR[1:3]} {NIR[3:5]} {NIR[5:7]} {NIR[7:10]} {NIR[10:13]} {NIR[13:]}",
    " ".join(NIR[start : start + 3] for start in range(0, 15, 3)),
    ".".join(NIR),
    CORSICAN,
    f"{CORSICAN[:4]} {CORSICAN[4:6]}-{CORSICAN[6:12]}.{CORSICAN[12:]}",
)
HEADER = "reference;code;nom;prenoms;date_naissance;date_obtention;mention;remarque"
ROW = "L-1;RNCP37674;EXEMPLE;Camille Fictive;29/02/2000;27/03/2026;;"


def _in_cell(position: int, nir: str) -> str:
    cells = ROW.split(";")
    cells[position] = nir
    return f"{HEADER}\nL-0;RNCP37674;AUTRE;Dominique Imaginaire;14/07/1988;27/03/2026;;\n{';'.join(cells)}\n"


def _in_workbook(position: int, nir: str) -> bytes:
    return texts([line.split(";") for line in _in_cell(position, nir).splitlines()])


def _flux(furnished, nir: str, element: str) -> bytes:
    text = Path(__file__).parents[2].joinpath("passeport/samples/accrochage.xml").read_text("utf-8")
    return re.sub(
        rf"<cpf:{element}>[^<]*</cpf:{element}>", f"<cpf:{element}>{nir}</cpf:{element}>", text, count=1
    ).encode()


def _json(nir: str) -> str:
    claims = {"given_name": nir, "family_name": "EXEMPLE", "name": "X", "certification": "RNCP37674"}
    return json.dumps(
        [{"template": "certification", "reference": "L-1", "claims": claims, "extra": {nir: nir}}]
    )


def _ready(nir: str) -> str:
    """A credential that its certifier built: a JSON-LD document, signed as it is."""
    subject = {"type": ["Person"], "familyName": "EXEMPLE", "givenName": nir}
    return json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "credentialSubject": subject})


def files(furnished) -> Iterator[tuple[str, str | bytes]]:
    for nir in WRITTEN:
        for position in range(8):
            yield f"cell {position}", _in_cell(position, nir)
            yield f"cell {position} of a workbook", _in_workbook(position, nir)
        yield "header", f"{nir};{HEADER}\n;{ROW}\n"
        yield "header announcing it", f"nir;{HEADER}\n{nir};{ROW}\n"
        for element in ("idTechnique", "nomNaissance", "prenom1", "idFlux", "codeInsee", "mentionValidee"):
            yield f"element {element}", _flux(furnished, nir, element)
        yield "claims", _json(nir)
        yield "a credential built already", _ready(nir)
        yield "not a table at all", f"Bonjour, mon numéro est {nir}."
        yield "broken JSON", '{"nir": "' + nir


def test_a_national_number_in_a_file_goes_nowhere(furnished) -> None:
    """Neither to what is said, nor to a report, nor to the ledger, nor to a credential; nor half of it."""
    out = furnished.path("produced")
    for number, (where, content) in enumerate(files(furnished)):
        file = furnished.write(f"upload-{number}", content)
        for how in (["--json"], ["--skip-errors"]):
            said = furnished.play("issue", file, "--issuer", "centre", "--out", out, *how)
            _nowhere(where, {"what was said": (said.out + said.err).encode()})
        file.unlink()
    kept = {str(path): path.read_bytes() for path in furnished.home.parent.rglob("*") if path.is_file()}
    assert any(name.endswith("ledger.db") for name in kept)
    assert any(name.endswith("report.xml") for name in kept)
    _nowhere("all that was kept", kept)


def _nowhere(where: str, said: dict[str, bytes]) -> None:
    for place, data in said.items():
        for nir in WRITTEN:
            assert not holds(data, nir), f"{where}: in {place}"


def test_a_national_number_in_the_name_of_a_file_is_not_repeated(furnished) -> None:
    wrong = furnished.write(f"resultats-{NIR}.csv", _in_cell(4, "31/02/2000"))
    out = furnished.path("produced")
    for how in ([], ["--json"], ["--skip-errors"]):
        said = furnished.play("issue", wrong, "--issuer", "centre", "--out", out, *how)
        _nowhere("the file's name", {"what was said": (said.out + said.err).encode()})
    _nowhere("the file's name", {path.name: path.read_bytes() for path in out.iterdir()})
