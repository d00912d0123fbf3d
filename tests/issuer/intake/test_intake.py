"""What a file is, from its first bytes, and that every kind comes out as readings."""

import io
import json
import zipfile

import pytest

from issuer import intake
from issuer.intake.columns import template_csv
from problems import InputError, Problem

KINDS = {
    "accrochage": ('<?xml version="1.0"?><a/>', "accrochage"),
    "XML after blanks": ("\n  <a/>", "accrochage"),
    "XML in UTF-16": ("<a/>".encode("utf-16"), "accrochage"),
    "XML with a mark": ("\ufeff<a/>", "accrochage"),
    "JSON": ('  [{"a": 1}]', "json"),
    "a JSON object": ('{"a": 1}', "json"),
    "a table": ("reference;nom\n", "csv"),
    "a table in UTF-16": ("reference;nom\n".encode("utf-16"), "csv"),
    "a table in Windows-1252": ("référence;nom\n".encode("cp1252"), "csv"),
}


@pytest.mark.parametrize("case", KINDS.values(), ids=KINDS)
def test_kinds_are_told_by_content(files, case):
    content, kind = case
    assert intake.detect(files.write("fichier.dat", content)) == kind


def _zip(name="a.txt"):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, "a" * 1000)
    return output.getvalue()


ARCHIVES = {
    "zip": _zip(),
    "zip with a name that climbs out": _zip("../../etc/passwd"),
    "gzip": b"\x1f\x8b\x08\x00",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "bzip2": b"BZh91AY",
    "xz": b"\xfd7zXZ\x00",
    "rar": b"Rar!\x1a\x07",
}


@pytest.mark.parametrize("content", ARCHIVES.values(), ids=ARCHIVES)
def test_archives_are_refused_unopened(files, content):
    with pytest.raises(InputError) as refused:
        files.read(files.write("classeur.csv", content))
    assert refused.value.code == "intake.archive"
    assert "fichier de résultats" in refused.value.says("fr").next_step


def test_an_empty_file(files):
    with pytest.raises(InputError, match="empty"):
        files.read(files.write("vide", b""))


def test_every_kind_gives_the_same_claims(files):
    """One award, told in three formats."""
    xml = files.read(files.flux(files.passage()))
    header = "reference;code;nom;prenoms;date_naissance;date_obtention;mention"
    cells = "ESSAI-1;RNCP37674;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;27/03/2026;Bien"
    table = files.read(files.write("r.csv", f"{header}\n{cells}\n"))
    claims = table[0].row.claims
    rows = {"template": "certification", "reference": "ESSAI-1", "claims": claims}
    listed = files.read(files.write("r.json", json.dumps(rows)))
    assert xml[0].row.claims == claims == listed[0].row.claims
    assert [reading[0].row.reference for reading in (xml, table, listed)] == ["ESSAI-1"] * 3


def test_the_senders_id_of_a_file(files):
    assert intake.sender_id(files.flux(files.passage())) == "essai-1"
    assert intake.sender_id(files.write("r.csv", template_csv("diploma"))) == ""


def test_a_kind_may_be_imposed(files):
    with pytest.raises(Problem, match="xml"):
        files.read(files.write("r", template_csv("diploma")), kind="accrochage")


GARBAGE = [b"\0", b"\xff\xfe", b"\xff\xfe\0\0", b"<", b"{", b"[", b'"', b"\xef\xbb\xbf", b"\x81", b"\r", b" ",
           b"%PDF-1.7\n\x81", b"\x89PNG\r\n\x1a\n\0", b"GIF89a=1", b"-----BEGIN", b"\xff\xfe<\0"]  # fmt: skip


@pytest.mark.parametrize("content", GARBAGE)
def test_garbage_ends_in_a_coded_message(files, content):
    with pytest.raises(Problem) as refused:
        files.read(files.write("fichier", content))
    assert refused.value.says("fr").what
    assert refused.value.says("fr").next_step
