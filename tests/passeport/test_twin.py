"""The offline twin from the command line: signed beside its credential, kept, shown, read, withdrawn."""

import datetime as dt
from pathlib import Path

import pytest

from credentials import twin
from exchange import offline, qr
from passeport import qr_image

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def town(furnished):
    """A home whose certificates have twins, in files; none is in the wallet yet."""
    out, holders, results = (furnished.path(name) for name in ("out", "holders.csv", "results.csv"))
    furnished("issue", results, "--issuer", "centre", "--out", out, "--holders", holders, "--twin")
    return furnished


def _twins(town, pattern: str = "*") -> list[Path]:
    return sorted(town.path("out").glob(f"{pattern}.cwt"))


@pytest.fixture
def kept(town):
    """The same, every twin in the wallet."""
    town("wallet", "add", *_twins(town))
    return town


def _shown(kept, *options: str | Path, reference: str = "R-1") -> str:
    """Return the link that shows a twin."""
    return kept("wallet", "present", "--show", kept.held(reference), *options).out.strip()


def test_twins_are_written_beside_each_credential(town) -> None:
    assert len(_twins(town)) == 3 * 2 * 2  # three awards, two forms, paper and screen
    for path in _twins(town):
        assert twin.parse(path.read_bytes()).kind == path.name.split(".")[-2]
        credential = path.with_name(path.name.removesuffix(".paper.cwt").removesuffix(".screen.cwt"))
        assert credential.exists()
        assert path.stat().st_size < 360


def test_without_the_option_there_are_none(furnished) -> None:
    assert _twins(furnished) == []


def test_signed_again_they_are_the_same(town) -> None:
    before = {path: path.read_bytes() for path in _twins(town)}
    files = (town.path("results.csv"), "--holders", town.path("holders.csv"))
    town("issue", *files, "--issuer", "centre", "--out", town.path("out"), "--twin")
    assert {path: path.read_bytes() for path in _twins(town)} == before


def test_a_desk_whose_key_signs_no_twins(town) -> None:
    town(
        "keys",
        "create",
        "autre",
        "--did",
        "did:web:autre.example",
        "--org",
        "Autre",
        "--algorithm",
        "Ed25519",
    )
    out = town.path("autre")
    town.refused(
        "twin.key", "issue", town.path("results.csv"), "--issuer", "autre", "--out", out, "--twin",
        "--algorithm", "Ed25519", "--form", "dc+sd-jwt",
    )  # fmt: skip


def test_a_screen_is_shown_and_read(kept) -> None:
    picture = kept.path("ecran.png")
    said = _shown(kept, "--offline", "--qr", picture)
    assert "version 1" in said
    assert "octets" in said
    report = kept("verify", picture, "--json").json
    [line] = report["credentials"]
    assert (report["verdict"], line["shown"]["title"]) == ("to_confirm", "Développeur web et web mobile")
    codes = {step["code"] for step in line["steps"]}
    assert {"twin.shown_now", "twin.short", "status.valid", "issuer.domain"} <= codes


def test_a_paper_is_shown_and_read(kept) -> None:
    picture = kept.path("papier.svg")
    _shown(kept, "--paper", "--qr", picture)
    link = kept.write("lien.txt", _shown(kept, "--paper"))
    said = kept("verify", link).out
    for words in ("pièce d'identité", "29/02/2000", "Forme courte", "certificateur.example"):
        assert words in said
    codes = {step["code"] for step in kept("verify", link, "--json").json["credentials"][0]["steps"]}
    assert "twin.compare_identity" in codes


def test_each_showing_of_a_screen_is_signed_anew(kept) -> None:
    first, second = (offline.read(qr.content(qr.decode(_shown(kept, "--offline")))) for _ in range(2))
    assert first.signed == second.signed
    assert first.proof is not None


def test_a_screen_is_worth_nothing_a_minute_later(kept) -> None:
    link = kept.write("lien.txt", _shown(kept, "--offline"))
    later = (dt.datetime.now(dt.UTC) + 62 * SECOND).isoformat()
    report = kept("verify", link, "--at", later, "--json", ends=1).json
    assert report["credentials"][0]["steps"][-1]["code"] == "twin.stale"
    assert report["credentials"][0]["shown"] is None


@pytest.mark.parametrize("option", ["--offline", "--paper"])
def test_withdrawn_with_its_credential(kept, option) -> None:
    link = kept.write("lien.txt", _shown(kept, option))
    kept("verify", link)
    kept("revoke", "R-1", "--issuer", "centre", "--reason", "essai")
    if option == "--offline":
        link = kept.write("lien.txt", _shown(kept, option))
    report = kept("verify", link, "--json", ends=1).json
    assert "status.revoked" in {step["code"] for step in report["credentials"][0]["steps"]}


def test_without_the_mirrored_list_nobody_can_tell(kept) -> None:
    link = kept.write("lien.txt", _shown(kept, "--paper"))
    for path in (kept.home / "web" / "certificateur.example" / "status").rglob("*"):
        if path.is_file():
            path.unlink()
    report = kept("verify", link, "--json", ends=1).json
    assert report["verdict"] == "cannot_check"


def test_what_is_scanned_is_the_link(kept) -> None:
    picture = kept.path("papier.png")
    _shown(kept, "--paper", "--qr", picture)
    assert kept("scan", picture).out.strip() == _shown(kept, "--paper")
    assert kept("scan", picture, "--json").json["host"] == "passeport.example"


def test_a_file_of_its_own(kept) -> None:
    file = kept.path("papier.bin")
    _shown(kept, "--paper", "--out", file)
    assert kept("verify", file, "--json").json["verified"]


def test_programs_are_told_its_size(kept) -> None:
    told = kept("wallet", "present", "--show", kept.held("R-1"), "--offline", "--json").json
    assert told["bytes"] < 430
    assert told["qr"]["version"] <= 15
    assert told["qr"]["text"].startswith("https://passeport.example/v#T")


def test_paper_bears_more_stains_than_a_screen(kept) -> None:
    """Error correction M against L: about a step or two of versions more for the same bytes."""
    paper = _shown(kept, "--paper")
    digits = paper.partition("#T")[2]
    assert qr_image.version(paper) > qr_image.version(f"https://passeport.example/v#O{digits}")


# keeping


def test_a_twin_of_nothing_that_the_wallet_has(town) -> None:
    town("wallet", "remove", town.held("R-1"))
    [path] = _twins(town, "R-1-*.sd-jwt.paper")
    said = town.refused("wallet.twin_stray", "wallet", "add", path)
    assert said.out == ""


def test_a_twin_that_somebody_else_signed(town) -> None:
    [path] = _twins(town, "R-1-*.sd-jwt.paper")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    town.refused("signature.invalid", "wallet", "add", town.write("faux.cwt", bytes(data)))


def test_noise_that_begins_like_a_twin(town) -> None:
    town.refused("cbor.malformed", "wallet", "add", town.write("bruit.cwt", b"\x84\x56" + b"x" * 40))


def test_what_is_shown_is_not_kept(kept) -> None:
    file = kept.path("papier.bin")
    _shown(kept, "--paper", "--out", file)
    kept.refused("wallet.presentation", "wallet", "add", file)


def test_kept_with_its_credential_and_gone_with_it(kept) -> None:
    kept("wallet", "remove", kept.held("R-1"))
    [credential] = kept.path("out").glob("R-1-*.sd-jwt")
    kept("wallet", "add", credential)
    kept.refused("wallet.no_twin", "wallet", "present", "--show", kept.held("R-1"), "--offline")


def test_a_backup_holds_them(kept, tmp_path) -> None:
    backup = kept.path("sauvegarde")
    code = kept("wallet", "export", backup, "--json").json["code"]
    before = _shown(kept, "--paper")
    (kept.home / "wallet.db").unlink()
    kept("wallet", "create")
    kept("wallet", "restore", backup, "--code", code)
    assert _shown(kept, "--paper") == before


# asking for what it cannot do

WRONG = {
    "items chosen": ("present.twin_whole", ("--offline", "--show", "{R-1}:mention")),
    "two at once": ("present.twin_whole", ("--paper", "--show", "{R-1}", "--show", "{R-2}")),
    "for somebody": (
        "cli.contradiction",
        ("--offline", "--show", "{R-1}", "--audience", "https://x.example"),
    ),
    "in another form": ("cli.contradiction", ("--offline", "--show", "{R-1}", "--form", "vp+jwt")),
    "both at once": ("cli.contradiction", ("--offline", "--paper", "--show", "{R-1}")),
    "a bad host": ("qr.host", ("--paper", "--show", "{R-1}", "--host", "a b")),
    "another kind of picture": ("qr.picture_kind", ("--paper", "--show", "{R-1}", "--qr", "x.gif")),
}


@pytest.mark.parametrize(("code", "arguments"), WRONG.values(), ids=WRONG)
def test_what_it_cannot_do(kept, code, arguments) -> None:
    held = {f"{{{reference}}}": kept.held(reference) for reference in ("R-1", "R-2")}
    given = []
    for argument in arguments:
        for name, value in held.items():
            argument = argument.replace(name, value)
        given.append(argument)
    kept.refused(code, "wallet", "present", *given)


def test_a_credential_without_a_twin(furnished) -> None:
    furnished.refused("wallet.no_twin", "wallet", "present", "--show", furnished.held("R-1"), "--paper")
