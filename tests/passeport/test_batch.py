"""``passeport verify FOLDER`` or ``ARCHIVE``: every document judged, none stops another, nothing escapes."""

import csv
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def shares(furnished):
    """A folder of shares: two sound ones, one withdrawn, one twice, and things that are no share."""
    folder = furnished.path("candidats")
    folder.mkdir()
    furnished("wallet", "present", "--show", furnished.held("R-1"), "--out", folder / "a-camille.txt")
    furnished("wallet", "present", "--show", furnished.held("R-2"), "--qr", folder / "b-dominique.png")
    (folder / "lettres").mkdir()
    (folder / "lettres" / "motivation.txt").write_text("Madame, Monsieur,")
    (folder / "lettres" / "copie.txt").write_bytes((folder / "a-camille.txt").read_bytes())
    return folder


def good(furnished, folder: Path) -> None:
    (folder / "lettres" / "motivation.txt").unlink()


def files_of(told) -> list[str]:
    return [document["file"] for document in told["documents"]]


def test_a_folder_is_verified_in_its_order_and_duplicates_are_told(furnished, shares) -> None:
    told = furnished("verify", shares, "--json", ends=1).json
    assert files_of(told) == [
        "a-camille.txt",
        "b-dominique.png",
        "lettres/copie.txt",
        "lettres/motivation.txt",
    ]
    assert [document["verified"] for document in told["documents"]] == [True, True, True, False]
    assert [document["sameAs"] for document in told["documents"]] == [None, None, "a-camille.txt", None]
    assert told["documents"][3]["steps"][0]["code"] == "presentation.unrecognized"
    assert (told["documentCount"], told["verifiedCount"], told["verified"]) == (4, 3, False)


def test_all_verified_is_status_zero(furnished, shares) -> None:
    good(furnished, shares)
    assert furnished("verify", shares, "--json", ends=0).json["verified"]


def test_people_get_a_table(furnished, shares) -> None:
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    said = furnished("verify", shares, "--lang", "fr", ends=1).out
    for words in (
        "a-camille.txt",
        "certificateur.example",
        "Non valide",
        "status.revoked",
        "Même document que",
    ):
        assert words in said
    assert "Documents vérifiés\u00a0: 2 sur 4. En double\u00a0: 1." in said


def test_the_table_can_be_kept_for_a_spreadsheet(furnished, shares) -> None:
    (shares / "=cmd|' 'A1.txt").write_text("x")
    out = furnished.path("resultats.csv")
    furnished("verify", shares, "--csv", out, ends=1)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(out.read_text("utf-8-sig")), delimiter=";")
    assert len(header) == len(set(header)) == 10
    assert len(rows) == 5
    assert rows[0][0].startswith("'=cmd")
    assert {row[5] for row in rows} == {"0", "1"}


def zipped(*members: tuple[str, bytes], more=zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", more) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def tarred(*members: tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz", format=form) as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


@pytest.fixture
def share(shares) -> bytes:
    return (shares / "a-camille.txt").read_bytes()


@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar.gz"])
def test_an_archive_is_a_folder(furnished, share, pack) -> None:
    archive = furnished.write(
        "candidats.archive", pack(("b/un.txt", share), ("a/deux.txt", share), ("é.txt", b"{"))
    )
    told = furnished("verify", archive, "--json", ends=1).json
    assert files_of(told) == ["b/un.txt", "a/deux.txt", "é.txt"]
    assert [document["verified"] for document in told["documents"]] == [True, True, False]
    assert told["documents"][1]["sameAs"] == "b/un.txt"


@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar.gz"])
def test_names_lead_nowhere(furnished, share, pack) -> None:
    names = [
        "../../evasion.txt",
        "/absolu.txt",
        "C:\\Windows\\x.txt",
        "a\x1b[31mrouge.txt",
        "long/" * 60 + "x",
    ]
    archive = furnished.write("candidats.archive", pack(*((name, share) for name in names)))
    before = set(furnished.home.parent.rglob("*"))
    told = furnished("verify", archive, "--json", ends=0).json
    assert len(told["documents"]) == len(names)
    assert set(furnished.home.parent.rglob("*")) == before
    assert "\x1b" not in furnished("verify", archive).out


def test_archives_within_archives_are_not_opened(furnished, share) -> None:
    inner = zipped(("cv.txt", share))
    archive = furnished.write(
        "candidats.archive", zipped(("inner.zip", inner), ("cv.tgz", tarred(("x", share))))
    )
    told = furnished("verify", archive, "--json", ends=1).json
    assert {document["problem"]["code"] for document in told["documents"]} == {"bundle.nested"}


def test_a_bomb_is_one_bad_row(furnished, share) -> None:
    archive = furnished.write("candidats.archive", zipped(("bombe.txt", bytes(19 << 20)), ("cv.txt", share)))
    bomb, good_one = furnished("verify", archive, "--json", ends=1).json["documents"]
    assert bomb["problem"]["code"] == "bundle.ratio"
    assert good_one["verified"]


def test_a_file_too_large_is_one_bad_row(furnished, share) -> None:
    large = os.urandom(21 << 20)
    for pack in (zipped, tarred):
        archive = furnished.write("candidats.archive", pack(("grand.txt", large), ("cv.txt", share)))
        bad, good_one = furnished("verify", archive, "--json", ends=1).json["documents"]
        assert bad["problem"]["code"] == "bundle.file_too_large"
        assert good_one["verified"]


def test_links_and_devices_are_not_followed(furnished, shares, share) -> None:
    good(furnished, shares)
    outside = furnished.write("secret.txt", share)
    (shares / "lien.txt").symlink_to(outside)
    (shares / "dossier").symlink_to(furnished.home)
    os.mkfifo(shares / "tube")
    told = furnished("verify", shares, "--json", ends=1).json
    codes = {one["file"]: one.get("problem", {}).get("code") for one in told["documents"]}
    assert codes["lien.txt"] == codes["dossier"] == "bundle.link"
    assert codes["tube"] == "bundle.no_file"
    assert not any(name.startswith("dossier/") for name in codes)


def test_links_in_a_tar_are_no_files(furnished, share) -> None:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            entry = tarfile.TarInfo(f"special-{kind!r}")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("cv.txt")
        entry.size = len(share)
        archive.addfile(entry, io.BytesIO(share))
    told = furnished(
        "verify", furnished.write("candidats.archive", written.getvalue()), "--json", ends=0
    ).json
    assert files_of(told) == ["cv.txt"]


def test_what_was_read_before_the_damage_is_told(furnished, share) -> None:
    whole = tarred(("a.txt", share), ("b.txt", os.urandom(200_000)))
    archive = furnished.write("candidats.archive", whole[: len(whole) // 2])
    said = furnished("verify", archive, "--json", ends=2)
    assert said.json["documents"][0]["verified"]
    assert said.json["problem"]["code"] in ("inflate.truncated", "archive.damaged")
    assert "a.txt" in furnished("verify", archive, ends=2).out


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(100), b"\x1f\x8b" + bytes(100), b"PK\x05\x06"])
def test_a_damaged_archive_is_refused(furnished, content: bytes) -> None:
    archive = furnished.write("candidats.archive", content)
    said = furnished("verify", archive, ends=2)
    assert said.out == ""
    assert json.loads(furnished("verify", archive, "--json", ends=2).out)["code"]


def test_nothing_to_verify_is_said(furnished) -> None:
    empty = furnished.path("vide")
    empty.mkdir()
    (empty / ".cache").write_text("x")
    furnished.refused("bundle.empty", "verify", empty)
    furnished.refused("bundle.empty", "verify", empty, "--json")
    furnished.refused("bundle.empty", "verify", furnished.write("vide.zip", zipped()))


def test_a_folder_answers_no_request(furnished, shares) -> None:
    words = ["--audience", "https://r.example", "--nonce", "n"]
    furnished.refused("cli.question_batch", "verify", shares, *words)


def test_a_table_is_of_several(furnished, shares) -> None:
    furnished.refused("cli.csv_of_one", "verify", shares / "a-camille.txt", "--csv", "x.csv")


def test_names_of_other_code_pages_are_read(furnished, share) -> None:
    """Archives made on Windows before anybody said UTF-8."""
    made = zipped(("cv-eleve.txt", share)).replace(b"cv-eleve.txt", b"cv-\x82l\x82ve.txt")
    told = furnished("verify", furnished.write("candidats.archive", made), "--json", ends=0).json
    assert files_of(told) == ["cv-éléve.txt"]


def test_each_list_and_key_is_fetched_once(furnished, share, monkeypatch: pytest.MonkeyPatch) -> None:
    from boundary.sources import Mirror

    asked: list[str] = []
    get = Mirror.get
    monkeypatch.setattr(Mirror, "get", lambda self, url, **more: asked.append(url) or get(self, url, **more))
    archive = furnished.write("candidats.archive", zipped(*((f"{n}.txt", share) for n in range(20))))
    furnished("verify", archive, "--json", ends=0)
    assert len(asked) == len(set(asked)) == 2


def test_pages_are_told_in_a_batch(furnished, shares) -> None:
    with Image.open(shares / "b-dominique.png") as code:
        code.convert("L").save(shares / "cv.pdf", "PDF", resolution=150)
    told = furnished("verify", shares, "--json", ends=1).json
    [page] = [one["page"] for one in told["documents"] if one["file"] == "cv.pdf"]
    assert page == 1
    assert "page 1" in furnished("verify", shares, ends=1).out
