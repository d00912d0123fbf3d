"""``passeport wallet``: take in what verifies, keep it beside what confirms it, save it elsewhere."""

from pathlib import Path

import pytest

from boundary import base64url
from wallet import recovery_code


def delivered(furnished, reference: str, form: str = "sd-jwt") -> Path:
    [file] = furnished.path("out").glob(f"{reference}-*.{form}")
    return file


@pytest.fixture
def emptied(furnished):
    """The wallet with its keys, before anything was delivered to it."""
    for line in furnished("wallet", "list", "--json").json:
        furnished("wallet", "remove", line["id"])
    return furnished


def held(furnished) -> list[str]:
    return [line["id"] for line in furnished("wallet", "list", "--json").json]


# taking in


def of_another_issuer(body: bytes) -> bytes:
    """Return the credential with another name in the place of its issuer's, wherever it stands."""
    if body.startswith(b"{"):
        return body.replace(b"certificateur.example", b"faussaire.example")
    parts = [
        base64url.encode(base64url.decode(part).replace(b"certificateur.example", b"faussaire.example"))
        for part in body.decode().partition("~")[0].split(".")[:2]
    ]
    return ".".join([*parts, body.decode().split(".", 2)[2]]).encode()


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
def test_what_verifies_is_kept(emptied, form: str) -> None:
    told = emptied("wallet", "add", delivered(emptied, "R-2", form), "--json").json
    assert [line["title"][:3] for line in told] == ["BTS"]
    assert held(emptied) == [told[0]["id"]] == [emptied.held("R-2", form)]


@pytest.mark.parametrize("form", ["sd-jwt", "json"])
@pytest.mark.parametrize(
    "harm",
    [
        lambda body: of_another_issuer(body),
        lambda body: body[:-40] + bytes([body[-40] ^ 1]) + body[-39:],
        lambda body: body[: len(body) // 2],
        lambda body: body + b"x",
    ],
    ids=["another-issuer", "one-bit", "half", "more"],
)
def test_what_does_not_verify_is_not_kept(emptied, form: str, harm) -> None:
    wrong = emptied.write("wrong", harm(delivered(emptied, "R-2", form).read_bytes()))
    said = emptied("wallet", "add", wrong, ends=2)
    assert said.err
    assert held(emptied) == []


def test_what_is_another_persons_is_not_kept(furnished) -> None:
    other = type(furnished)(furnished.home.parent / "other")
    other("wallet", "create")
    words = ["--pinned", furnished.home / "web"]
    other.refused("wallet.not_yours", "wallet", "add", delivered(furnished, "R-2"), *words)


def test_without_the_issuers_keys_nothing_is_taken_on_trust(emptied) -> None:
    (emptied.home / "web").rename(emptied.home / "away")
    said = emptied("wallet", "add", delivered(emptied, "R-2"), ends=2)
    assert "wallet.issuer_unreachable" in said.err
    assert emptied("wallet", "add", delivered(emptied, "R-2"), "--pinned", emptied.home / "away")


def test_a_withdrawn_credential_is_not_taken_in(emptied) -> None:
    emptied("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    said = emptied("wallet", "add", delivered(emptied, "R-2"), ends=2)
    assert "status.revoked" in said.err
    assert held(emptied) == []


def test_a_share_is_not_a_credential_to_keep(furnished) -> None:
    for form in ("sd-jwt", "json"):
        out = furnished.path("share")
        furnished("wallet", "present", "--show", furnished.held("R-2", form), "--out", out)
        assert furnished("wallet", "add", out, ends=2)


def test_the_same_twice_is_kept_once(furnished) -> None:
    before = held(furnished)
    furnished("wallet", "add", delivered(furnished, "R-2"), delivered(furnished, "R-2"))
    assert held(furnished) == before


def test_of_several_files_those_before_the_wrong_one_stay(emptied) -> None:
    wrong = emptied.write("wrong.txt", "bonjour")
    files = [delivered(emptied, "R-1"), wrong, delivered(emptied, "R-2")]
    told = emptied("wallet", "add", *files, "--json", ends=2).json
    assert [line["id"] for line in told["added"]] == [emptied.held("R-1")]
    assert told["file"] == "wrong.txt"
    assert told["problem"]["code"]
    assert held(emptied) == [emptied.held("R-1")]
    said = emptied("wallet", "add", *files, ends=2)
    assert emptied.held("R-1")[:8] in said.out
    assert "Arrêté à wrong.txt ; attestations rangées avant, et gardées : 1." in said.err.replace(
        "\u00a0", " "
    )


# looking


def test_the_list_is_for_people_and_for_programs(furnished) -> None:
    said = furnished("wallet", "list").out
    assert furnished.held("R-2")[:8] in said
    assert "Certifiée" in said
    lines = furnished("wallet", "list", "--json").json
    assert len(lines) == 6
    assert {line["type"] for line in lines} == {"certification", "diploma", "block"}
    assert {item["id"] for item in lines[0]["items"]} >= {"given_name", "family_name", "birthdate"}


def test_a_credential_is_found_by_its_id_or_its_title(furnished) -> None:
    furnished("wallet", "remove", furnished.held("R-2", "json"))
    for name in ("BTS", furnished.held("R-2"), furnished.held("R-2")[:6].upper()):
        assert furnished("wallet", "show", name, "--json").json["id"] == furnished.held("R-2")


def test_showing_says_what_can_be_hidden_and_what_cannot(furnished) -> None:
    said = furnished("wallet", "show", furnished.held("R-1")).out
    assert "(toujours)" in said
    assert "block.0" in said
    assert "29/02/2000" in said


def test_an_empty_wallet_says_what_to_do(emptied) -> None:
    assert "wallet add" in emptied("wallet", "list").out
    assert emptied("wallet", "list", "--json").json == []


# removing


def test_what_is_removed_is_gone_and_its_key_stays(furnished) -> None:
    one = furnished.held("R-2")
    furnished("wallet", "remove", one)
    assert one not in held(furnished)
    furnished("wallet", "add", delivered(furnished, "R-2"))
    assert one in held(furnished)


# saving elsewhere


def test_a_backup_restores_every_byte_in_another_wallet(furnished) -> None:
    backup = furnished.path("backup")
    told = furnished("wallet", "export", backup, "--json").json
    assert told["path"] == str(backup)
    assert recovery_code.looks_like(told["code"])
    other = type(furnished)(furnished.path("elsewhere"))
    other("wallet", "create")
    counted = other("wallet", "restore", backup, "--code", told["code"], "--json").json
    assert counted == {"credentials": 6, "keys": 3, "already": 0}
    assert other("wallet", "list", "--json").json == furnished("wallet", "list", "--json").json
    one = furnished.held("R-2")
    shown = other("wallet", "present", "--show", f"{one}:*").out
    assert furnished("verify", "-", stdin=shown.encode())
    again = other("wallet", "restore", backup, "--code", told["code"], "--json").json
    assert again == {"credentials": 0, "keys": 0, "already": 9}


def test_a_backup_says_nothing_to_whoever_finds_it(furnished) -> None:
    backup = furnished.path("backup")
    furnished("wallet", "export", backup)
    data = backup.read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    for hidden in (b"EXEMPLE", b"Camille", b"certificateur", b"BTS", b"eyJ"):
        assert hidden not in data


def test_a_wrong_or_mistyped_code_restores_nothing(furnished) -> None:
    backup = furnished.path("backup")
    code = furnished("wallet", "export", backup, "--json").json["code"]
    other = type(furnished)(furnished.path("elsewhere"))
    other("wallet", "create")
    swapped = code[:-1] + ("0" if code[-1] != "0" else "1")
    other.refused("wallet.code_mistyped", "wallet", "restore", backup, "--code", swapped)
    fresh = recovery_code.generate(lambda count: bytes(count))
    other.refused("wallet.wrong_secret", "wallet", "restore", backup, "--code", fresh)
    other.refused("secret.missing", "wallet", "restore", backup)
    assert held(other) == []


def test_the_code_can_come_from_the_environment(furnished) -> None:
    backup = furnished.path("backup")
    code = furnished("wallet", "export", backup, "--json").json["code"]
    other = type(furnished)(furnished.path("elsewhere"), {"PASSEPORT_RECOVERY_CODE": code})
    other("wallet", "create")
    assert other("wallet", "restore", backup, "--json").json["credentials"] == 6


def test_the_recovery_code_opens_the_wallet(passeport) -> None:
    code = passeport("wallet", "create", "--json").json["recoveryCode"]
    rescued = type(passeport)(passeport.home, {"PASSEPORT_WALLET_PASSPHRASE": code.lower().replace("-", " ")})
    assert rescued("wallet", "list", "--json").json == []


# declaring and being confirmed


@pytest.fixture
def confirmed(furnished):
    """A declared skill and an employer's endorsement of both its forms, in the wallet."""
    person = ["--given-name", "Camille", "--family-name", "EXEMPLE"]
    declared = furnished("wallet", "declare", "Tenir un planning", "--level", "3", *person, "--json").json
    shared = []
    for one in declared:
        shared.append(furnished.path(f"shared-{one['id'][:6]}"))
        items = ":*" if one["form"] == "application/vc" else ""
        furnished("wallet", "present", "--show", one["id"] + items, "--out", shared[-1])
    words = ["--issuer", "atelier", "--skill", "s1", "--out", furnished.path("words"), "--json"]
    written = furnished("endorse", *shared, *words).json["written"]
    furnished("wallet", "add", *written)
    return furnished


def test_a_declared_skill_is_never_green(furnished) -> None:
    person = ["--given-name", "Camille", "--family-name", "EXEMPLE"]
    for one in furnished("wallet", "declare", "Tenir un planning", *person, "--json").json:
        items = ":*" if one["form"] == "application/vc" else ""
        shown = furnished("wallet", "present", "--show", one["id"] + items).out
        told = furnished("verify", "-", "--json", stdin=shown.encode()).json
        assert told["verdict"] == "declared"
        assert [line["verdict"] for line in told["credentials"]] == ["declared"]
        assert "Déclarée" in furnished("verify", "-", stdin=shown.encode()).out


def test_an_endorsement_is_kept_beside_what_it_confirms(confirmed) -> None:
    lines = [line for line in confirmed("wallet", "list", "--json").json if line["declared"]]
    assert sorted(len(line["endorsements"]) for line in lines) == [0, 2]
    assert "✎" in confirmed("wallet", "list").out


def test_shown_together_the_recruiter_sees_who_confirms(confirmed) -> None:
    [line] = [line for line in confirmed("wallet", "list", "--json").json if line["endorsements"]]
    items = ":*" if line["form"] == "application/vc" else ""
    for word in line["endorsements"]:
        choices = ["--show", line["id"] + items, "--show", f"{word['id']}:skill.0"]
        shown = confirmed("wallet", "present", *choices).out
        told = confirmed("verify", "-", "--json", stdin=shown.encode()).json
        [said] = [one["confirmations"] for one in told["credentials"] if one["confirmations"]]
        assert [(one["skill"], one["by"]["name"]) for one in said] == [
            ("Tenir un planning", "Atelier (fictif)")
        ]
        assert told["verdict"] == "declared", "a confirmation never makes a declaration green"


def test_an_endorsement_survives_a_backup_beside_what_it_confirms(confirmed) -> None:
    backup = confirmed.path("backup")
    code = confirmed("wallet", "export", backup, "--json").json["code"]
    other = type(confirmed)(confirmed.path("elsewhere"))
    other("wallet", "create")
    other("wallet", "restore", backup, "--code", code)
    assert other("wallet", "list", "--json").json == confirmed("wallet", "list", "--json").json


def test_what_does_not_verify_is_not_confirmed(furnished) -> None:
    words = ["--issuer", "atelier", "--skill", "s1", "--out", furnished.path("words")]
    shared = furnished.path("shared")
    furnished("wallet", "present", "--show", furnished.held("R-3") + ":*", "--out", shared)
    furnished("revoke", "R-3", "--issuer", "centre", "--reason", "x")
    furnished.refused("endorse.not_verified", "endorse", shared, *words)
    told = furnished("endorse", shared, *words, "--json", ends=2)
    assert told.json["code"] == "endorse.not_verified"
    assert not furnished.path("words").exists()


def test_a_certified_skill_is_confirmed_too(furnished) -> None:
    shared = furnished.path("shared")
    furnished("wallet", "present", "--show", furnished.held("R-3") + ":skill.0", "--out", shared)
    words = ["--issuer", "atelier", "--skill", "s1", "--comment", "Bien", "--out", furnished.path("words")]
    furnished("endorse", shared, *words)
    again = furnished("endorse", shared, *words)
    assert again.out.count("Écrite") == 2
    files = sorted(furnished.path("words").iterdir())
    assert len(files) == 2, "the same words are one endorsement"
    furnished("wallet", "add", *files)
    [line] = [line for line in furnished("wallet", "list", "--json").json if line["endorsements"]]
    assert line["id"] == furnished.held("R-3")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("endorse.skill_unknown", ["--skill", "s2"]),
        ("endorse.skill_twice", ["--skill", "s1", "--skill", "s1=2"]),
        ("endorse.no_level", ["--skill", "s1=2"]),
        ("claim.code", ["--skill", "s1", "--relationship", "AMI"]),
        ("claim.too_long", ["--skill", "s1", "--comment", "x" * 501]),
    ],
)
def test_words_that_cannot_be_said_are_refused(furnished, code: str, words: list[str]) -> None:
    shared = furnished.path("shared")
    furnished("wallet", "present", "--show", furnished.held("R-3") + ":skill.0", "--out", shared)
    furnished.refused(
        code, "endorse", shared, "--issuer", "atelier", "--out", furnished.path("words"), *words
    )
    assert not furnished.path("words").exists() or not list(furnished.path("words").iterdir())


# what credentials say is text, whatever it looks like


@pytest.mark.parametrize(
    "name", ["[/bold] [red]rouge", "[link=https://x.example]ici[/link]", ":warning: :x:", "[", "\\["]
)
def test_nothing_that_a_credential_says_is_markup(furnished, name: str) -> None:
    person = ["--given-name", name, "--family-name", "EXEMPLE"]
    for one in furnished("wallet", "declare", name, *person, "--json").json:
        items = ":*" if one["form"] == "application/vc" else ":given_name"
        assert name in furnished("wallet", "list").out
        assert furnished("wallet", "show", one["id"]).out.count(name) >= 2
        shown = furnished("wallet", "present", "--show", one["id"] + items).out
        for how in ((), ("--details",)):
            assert name in furnished("verify", "-", *how, stdin=shown.encode()).out


def test_a_badge_baked_into_a_picture_is_kept_as_what_it_is(furnished) -> None:
    """From a PNG and from an SVG; the picture is left aside."""
    import io
    import struct
    import zlib

    from PIL import Image

    [credential] = furnished.path("out").glob("R-2-*.json")
    body = credential.read_bytes()
    written = io.BytesIO()
    Image.new("L", (8, 8)).save(written, "PNG")
    text = b"iTXtopenbadgecredential\0\0\0\0\0" + body
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    png = written.getvalue()[:33] + chunk + written.getvalue()[33:]
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:o="https://purl.imsglobal.org/ob/v3p0"'
    svg = f"<svg {spaces}><o:credential><![CDATA[{body.decode()}]]></o:credential></svg>".encode()
    for name, picture in (("badge.png", png), ("badge.svg", svg)):
        furnished("wallet", "remove", furnished.held("R-2", "json"))
        [kept] = furnished("wallet", "add", furnished.write(name, picture), "--json").json
        assert kept["id"] == furnished.held("R-2", "json")
    furnished.refused("badge.none", "wallet", "add", furnished.write("rien.svg", f"<svg {spaces}/>".encode()))
