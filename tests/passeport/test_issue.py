"""``passeport issue``, ``revoke`` and ``status``: a file becomes credentials, all of it or nothing."""

import hashlib
import json
import os
import sqlite3
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from boundary.strict_json import read_object
from issuer.intake.xlsx_model import texts
from problems import ConflictError

FLUX = """\
<flux xmlns="urn:cdc:cpf:pc5:schema:1.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<idFlux>FLUX-2026-07</idFlux><horodatage>2026-03-31T18:05:00+02:00</horodatage><emetteur>
<idClient>ZZTEST01</idClient><certificateurs><certificateur><idClient>ZZTEST01</idClient>
<idContrat>MCFCER999999</idContrat><certifications><certification><type>RNCP</type><code>RNCP37674</code>
<passageCertifications><passageCertification><idTechnique>X-1</idTechnique>
<obtentionCertification>PAR_ADMISSION</obtentionCertification><donneeCertifiee>true</donneeCertifiee>
<dateDebutValidite>2026-03-27</dateDebutValidite><dateFinValidite xsi:nil="true"/>
<presenceNiveauLangueEuro>false</presenceNiveauLangueEuro>
<presenceNiveauNumeriqueEuro>false</presenceNiveauNumeriqueEuro>
<scoring xsi:nil="true"/><mentionValidee xsi:nil="true"/>
<modalitesInscription><modaliteAcces xsi:nil="true"/></modalitesInscription>
<identificationTitulaire><titulaire><nomNaissance>EXEMPLE</nomNaissance>
<nomUsage xsi:nil="true"/><prenom1>Camille Fictive</prenom1><anneeNaissance>1996</anneeNaissance>
<moisNaissance>2</moisNaissance><jourNaissance>29</jourNaissance><sexe>F</sexe>
<codeCommuneNaissance><codeInseeNaissance><codeInsee>2A004</codeInsee></codeInseeNaissance>
</codeCommuneNaissance></titulaire></identificationTitulaire></passageCertification>
</passageCertifications></certification></certifications></certificateur></certificateurs>
</emetteur></flux>
"""
WRONG = "W-1;RNCP37674;EXEMPLE;Camille Fictive;31/02/2000;27/03/2026;\n"


@pytest.fixture
def issue(furnished):
    """Issues a file for the certifier, into ``produced``."""

    def run(file: Path, *more, ends: int = 0):
        return furnished(
            "issue", file, "--issuer", "centre", "--out", furnished.path("produced"), *more, ends=ends
        )

    return run


def results(furnished, *lines: str, name: str = "new.csv") -> Path:
    header = furnished.path("results.csv").read_text().splitlines()[0]
    return furnished.write(name, "\n".join([header, *(line.rstrip() for line in lines)]) + "\n")


def good(reference: str) -> str:
    """A line without fault; another (fictional) person for each reference."""
    name = (
        "EXEMPLE-"
        + reference.encode().hex().translate(str.maketrans("0123456789", "GHIJKLMNOP")).upper()[:40]
    )
    return f"{reference};RNCP37674;{name};Camille Fictive;29/02/2000;27/03/2026;\n"


def recorded(furnished) -> list[str]:
    with sqlite3.connect(furnished.home / "issuers" / "centre" / "ledger.db") as db:
        found = [row[0] for row in db.execute("select reference from issuance order by rowid")]
    db.close()
    return found


def credentials(furnished) -> dict[str, bytes]:
    folder = furnished.path("produced")
    files = folder.iterdir() if folder.exists() else []
    return {path.name: path.read_bytes() for path in files if not path.name.startswith("report")}


def report(furnished) -> dict:
    return json.loads(furnished.path("produced").joinpath("report.json").read_text("utf-8"))


# refusing and leaving out


def test_with_one_error_nothing_is_issued_and_the_reports_say_why(furnished, issue) -> None:
    before = recorded(furnished)
    said = issue(results(furnished, good("N-1"), WRONG, good("N-2")), ends=2)
    assert recorded(furnished) == before
    assert credentials(furnished) == {}
    assert "issue.refused" in said.err
    told = report(furnished)
    assert (told["accepted"], told["refused"]) == (0, 1)
    assert [row["reference"] for row in told["rows"]] == ["W-1"]
    assert told["rows"][0]["findings"][0]["code"] == "cell.date_impossible"
    tree = ET.fromstring(furnished.path("produced").joinpath("report.xml").read_bytes())
    assert [node.text for node in tree.iter("idTechnique")] == ["W-1"]
    assert "W-1" in furnished.path("produced").joinpath("report.csv").read_text("utf-8")


def test_rows_in_error_are_left_out_on_request_only(furnished, issue) -> None:
    said = issue(results(furnished, good("N-1"), WRONG, good("N-2")), "--skip-errors")
    assert {name.split("-")[1] for name in credentials(furnished)} == {"1", "2"}
    assert len(credentials(furnished)) == 4
    assert "cell.date_impossible" in said.out
    told = report(furnished)
    assert (told["accepted"], told["refused"]) == (2, 1)


def test_once_corrected_the_file_is_issued_and_what_was_done_stays(furnished, issue) -> None:
    issue(results(furnished, good("N-1"), WRONG), "--skip-errors")
    before = credentials(furnished)
    told = issue(results(furnished, good("N-1"), WRONG.replace("31/02", "28/02")), "--json").json
    assert (told["issued"], told["again"], told["refused"]) == (1, 1, 0)
    after = credentials(furnished)
    assert {name: after[name] for name in before} == before
    assert len(after) == 4
    assert report(furnished)["refused"] == 0, "the report is that of the last run"


def test_when_all_rows_are_wrong_leaving_them_out_is_no_success(furnished, issue) -> None:
    said = issue(results(furnished, WRONG), "--skip-errors", ends=2)
    assert "issue.all_refused" in said.err


def test_what_only_the_desk_can_see_is_found_before_anything_is_issued(furnished, issue) -> None:
    """A reference that was used for other content, a form that the key cannot sign, a bad holder's key."""
    changed = results(furnished, good("N-1"), good("R-2"), name="changed.csv")
    told = issue(changed, "--json", ends=2).json
    assert told["report"]["rows"][0]["findings"][0]["code"] == "issue.reference_taken"
    told = issue(results(furnished, good("N-1")), "--form", "eddsa-rdfc-2022", "--json", ends=2).json
    assert told["report"]["rows"][0]["findings"][0]["code"] == "issue.algorithm"
    holders = furnished.write("h.csv", "N-1;did:key:zNotAKey\n")
    told = issue(results(furnished, good("N-1")), "--holders", holders, "--json", ends=2).json
    assert told["report"]["rows"][0]["findings"][0]["code"] == "issue.holder_key"
    assert "N-1" not in recorded(furnished)
    told = issue(changed, "--skip-errors", "--json").json
    assert (told["issued"], told["refused"]) == (1, 1)


def test_what_is_refused_is_said_row_by_row_and_no_longer_than_a_screen(furnished, issue) -> None:
    said = issue(results(furnished, *(WRONG.replace("W-1", f"W-{n}") for n in range(60))), ends=2)
    assert said.out.count("cell.date_impossible") == 40
    assert "… et 20 autre(s) constat(s)" in said.out
    assert len(report(furnished)["rows"]) == 60


# again


def test_the_same_file_twice_issues_nothing_twice(furnished, issue) -> None:
    file = results(furnished, good("N-1"), good("N-2"))
    issue(file)
    before, rows = credentials(furnished), recorded(furnished)
    told = issue(file, "--json").json
    assert (told["issued"], told["again"]) == (0, 2)
    assert credentials(furnished) == before
    assert recorded(furnished) == rows


@pytest.mark.parametrize("harm", ["lost", "cut", "emptied"])
def test_a_file_that_was_lost_is_written_again_byte_for_byte(furnished, issue, harm: str) -> None:
    """What a crash between the ledger and the folder leaves; the ledger has it."""
    file = results(furnished, good("N-1"))
    issue(file)
    before = credentials(furnished)
    for name, body in before.items():
        path = furnished.path("produced") / name
        path.unlink() if harm == "lost" else path.write_bytes(body[:100] if harm == "cut" else b"")
    issue(file)
    assert credentials(furnished) == before


def test_credentials_are_for_their_owner_only(furnished, issue) -> None:
    issue(results(furnished, good("N-1")))
    modes = {path.stat().st_mode & 0o777 for path in furnished.path("produced").iterdir()}
    assert modes == {0o600}


def test_no_unfinished_file_stays_behind(furnished, issue) -> None:
    issue(results(furnished, good("N-1"), WRONG), "--skip-errors")
    assert not [path for path in furnished.path("produced").iterdir() if path.name.startswith(".")]


def test_references_that_look_alike_in_a_file_name_have_files_of_their_own(furnished, issue) -> None:
    references = ["A/1", "A 1", "A-1", "../A-1", "a-1", "Ä" * 80]
    issue(results(furnished, *map(good, references)))
    assert len(credentials(furnished)) == 2 * len(references)
    assert {path.parent for path in furnished.path("produced").rglob("*")} == {furnished.path("produced")}


def test_a_file_that_changes_while_it_is_checked_is_not_issued(furnished) -> None:
    from passeport.issuing import unchanged

    path = results(furnished, good("N-1"))
    read = unchanged(path, lambda: ["read"])
    assert read() == ["read"]
    os.utime(path, ns=(1, 1))
    with pytest.raises(ConflictError) as caught:
        read()
    assert caught.value.code == "issue.file_changed"


# what is said


def test_programs_get_one_document_when_it_is_done_and_when_it_is_refused(furnished, issue) -> None:
    done = issue(results(furnished, good("N-1")), "--json")
    assert done.err == ""
    assert done.json["problem"] is None
    assert done.json["report"]["rows"][0]["accepted"] is True
    assert done.json["folder"] == str(furnished.path("produced"))
    refused = issue(results(furnished, WRONG), "--json", ends=2)
    assert refused.err == ""
    assert refused.json["problem"]["code"] == "issue.all_refused"
    assert refused.json["report"]["refused"] == 1


def test_the_report_names_the_flux_of_an_accrochage_file(furnished, issue) -> None:
    """The CDC's report is about a flux: the sender finds it again by its idFlux."""
    issue(furnished.write("flux.xml", FLUX))
    tree = ET.fromstring(furnished.path("produced").joinpath("report.xml").read_bytes())
    assert tree.findtext("idFlux") == "FLUX-2026-07"
    assert tree.findtext("nomFichier") == "flux.xml"
    assert [node.text for node in tree.findall("PassagesOK/idTechnique")] == ["X-1"]
    assert report(furnished)["flux"] == "FLUX-2026-07"


def test_a_table_has_no_flux(furnished, issue) -> None:
    issue(results(furnished, good("N-1")))
    assert report(furnished)["flux"] == ""


def test_columns_can_be_named(furnished, issue) -> None:
    file = results(furnished, good("N-1"))
    file.write_text(file.read_text().replace("prenoms", "Petit nom"))
    issue(file, ends=2)
    issue(file, "--column", "Petit nom=prenoms")
    assert len(credentials(furnished)) == 2


@pytest.mark.parametrize("mapping", ["prenoms", "=prenoms", "Petit nom=", ""])
def test_a_mapping_that_is_none_is_refused(furnished, mapping: str) -> None:
    words = ["--issuer", "centre", "--out", furnished.path("produced"), "--column", mapping]
    furnished.refused("issue.column", "issue", furnished.path("results.csv"), *words)


def test_one_form_can_be_asked_for(furnished, issue) -> None:
    issue(results(furnished, good("N-1")), "--form", "dc+sd-jwt")
    [name] = credentials(furnished)
    assert name.endswith(".sd-jwt")


def test_a_model_table_is_a_file_that_can_be_issued(furnished, issue) -> None:
    for kind in ("diploma", "certification", "block", "rs-certification", "skill", "training"):
        furnished("template", kind, "--out", furnished.path("model.csv"))
        assert furnished.path("model.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "for spreadsheets"
        shown = furnished("template", kind).out
        assert shown.encode("utf-8-sig") == furnished.path("model.csv").read_bytes()
        renamed = furnished.path("model.csv").read_text("utf-8-sig").replace("EXEMPLE-0001", f"M-{kind}")
        issue(furnished.write("model.csv", renamed))


# holders


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"N-1", "issue.holders_line"),
        (b"N-1;did:web:a.example", "issue.holders_line"),
        (b"N-1;did:key:zA;x", "issue.holders_line"),
        (b"N-1;did:key:zA\nN-2;did:key:zB\nN-1;did:key:zC", "issue.holders_twice"),
        (b"N-1;did:key:zA\n\xff\xfe;x", "issue.holders_line"),
        (b'"N-1;did:key:zA', "issue.holders_line"),
    ],
    ids=["no-key", "not-did-key", "three-cells", "two-keys", "encoding", "open-quote"],
)
def test_holders_are_read_strictly(furnished, content: bytes, code: str) -> None:
    words = [
        "--issuer",
        "centre",
        "--out",
        furnished.path("produced"),
        "--holders",
        furnished.write("h", content),
    ]
    furnished.refused(code, "issue", furnished.path("results.csv"), *words)
    assert not furnished.path("produced").exists()


def test_a_holders_file_may_know_more_than_this_file(furnished, issue) -> None:
    key = furnished("wallet", "key", "N-1").out.split(";")[1].strip()
    holders = furnished.write("h.csv", f"\ufeffAUTRE;{key}\r\n\r\nN-1;{key}\r\n")
    issue(results(furnished, good("N-1"), good("N-2")), "--holders", holders)
    subjects = {
        name.split("-")[1]: read_object(body)["credentialSubject"]["id"]
        for name, body in credentials(furnished).items()
        if name.endswith(".json")
    }
    assert subjects["1"] == key
    assert subjects["2"].startswith("urn:uuid:"), "bound to nobody"


# status


def lists(furnished) -> dict[str, str]:
    root = furnished.home / "web" / "certificateur.example" / "status"
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def verdict(furnished, reference: str) -> tuple[int, set[str]]:
    codes = set()
    status = 0
    for form in ("sd-jwt", "json"):
        shown = furnished.path("shown")
        furnished("wallet", "present", "--show", furnished.held(reference, form), "--out", shown)
        said = furnished.play("verify", shown, "--json")
        status = max(status, said.status)
        codes |= {
            step["code"]
            for line in said.json["credentials"]
            for step in line["steps"]
            if step["step"] == "status"
        }
    return status, codes


def test_issuing_publishes_lists_and_what_is_withdrawn_is_withdrawn_everywhere(furnished) -> None:
    assert set(lists(furnished)) == {
        "bitstring/1/revocation", "bitstring/1/suspension", "token/1", "token/1.cwt",
    }  # fmt: skip
    assert verdict(furnished, "R-2") == (0, {"status.valid"})
    before = lists(furnished)
    said = furnished("revoke", "R-2", "--issuer", "centre", "--reason", "erreur de jury", "--json")
    assert said.json == {"reference": "R-2", "count": 2}
    assert all(lists(furnished)[name] != before[name] for name in before)
    assert verdict(furnished, "R-2") == (1, {"status.revoked"})
    assert verdict(furnished, "R-1") == (0, {"status.valid"}), "its neighbour holds"


def test_a_suspension_is_lifted_and_a_revocation_is_final(furnished) -> None:
    withdraw = ["--issuer", "centre", "--reason", "doute"]
    furnished("revoke", "R-2", *withdraw, "--suspend")
    assert verdict(furnished, "R-2") == (1, {"status.suspended"})
    furnished("revoke", "R-2", *withdraw, "--reinstate")
    assert verdict(furnished, "R-2") == (0, {"status.valid"})
    furnished("revoke", "R-2", *withdraw)
    furnished.refused("issue.revocation_is_final", "revoke", "R-2", *withdraw, "--reinstate")
    furnished.refused("issue.revocation_is_final", "revoke", "R-2", *withdraw, "--suspend")
    assert verdict(furnished, "R-2") == (1, {"status.revoked"})


def test_what_was_revoked_is_not_issued_anew_by_its_file(furnished, issue) -> None:
    """The file given again yields the revoked credential, and no new form of it."""
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    told = issue(furnished.path("results.csv"), "--holders", furnished.path("holders.csv"), "--json").json
    assert (told["issued"], told["again"]) == (0, 3)
    assert verdict(furnished, "R-2") == (1, {"status.revoked"})


def test_the_reason_stays_with_the_issuer(furnished) -> None:
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "RAISON-TUE")
    root = furnished.home / "web"
    assert not [path for path in root.rglob("*") if path.is_file() and b"RAISON-TUE" in path.read_bytes()]


def test_lists_are_published_where_asked(furnished) -> None:
    folder = furnished.path("public")
    told = furnished("status", "publish", "--issuer", "centre", "--out", folder, "--json").json
    assert sorted(told["written"]) == sorted(str(path) for path in folder.rglob("*") if path.is_file())
    assert folder.joinpath("certificateur.example", ".well-known", "did.json").is_file()
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o644}


def test_after_a_rotation_old_credentials_hold_and_new_ones_are_signed_anew(furnished, issue) -> None:
    told = furnished("keys", "rotate", "centre", "--json").json
    assert (told["old"], told["new"]) == ("key-1", "key-2")
    assert verdict(furnished, "R-1") == (0, {"status.valid"})
    issue(results(furnished, good("N-1")))
    signed = [
        read_object(body)["proof"] for name, body in credentials(furnished).items() if name.endswith("json")
    ]
    assert [proof["verificationMethod"].rpartition("#")[2] for proof in signed] == ["key-2"]
    assert verdict(furnished, "R-1") == (0, {"status.valid"}), "with a list signed by the new key"


# a credential that its certifier built

BADGE = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "https://badges.example/remis/1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "name": "Badge fictif",
    "credentialSubject": {
        "id": "did:key:zDnaexLg18795Jm5pMDrbV5JsgMcMwHTNvD3ZAYCWJuFVJAqa",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://badges.example/1",
            "type": ["Achievement"],
            "name": "Badge",
            "description": "Un badge",
            "criteria": {"narrative": "Aucun"},
        },
    },
}


def test_a_built_credential_is_signed_as_it_is(furnished, issue) -> None:
    told = issue(furnished.write("badge.json", json.dumps(BADGE)), "--json").json
    assert (told["issued"], told["refused"]) == (1, 0)
    [body] = credentials(furnished).values()
    signed = json.loads(body)
    assert {name: signed[name] for name in BADGE} == BADGE
    assert signed["issuer"] == "did:web:certificateur.example"
    assert furnished("verify", "-", "--json", stdin=body).json["credentials"][0]["verified"]
    furnished("revoke", BADGE["id"], "--issuer", "centre", "--reason", "x")
    furnished("verify", "-", stdin=body, ends=1)


def test_two_suites_of_one_credential_are_two_files(furnished, issue) -> None:
    words = ["--form", "ecdsa-sd-2023", "--form", "ecdsa-rdfc-2019"]
    issue(furnished.write("badge.json", json.dumps(BADGE)), *words)
    suites = {json.loads(body)["proof"]["cryptosuite"] for body in credentials(furnished).values()}
    assert suites == {"ecdsa-sd-2023", "ecdsa-rdfc-2019"}


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "did:web:autre.example"},
        {"proof": {"type": "DataIntegrityProof"}},
        {"credentialStatus": {"type": "BitstringStatusListEntry"}},
        {"horsContexte": "perdu"},
        {"type": ["VerifiableCredential", "TypeInconnu"]},
        {"credentialSubject": []},
        {"validFrom": "demain"},
        {"@context": ["https://ailleurs.example/v1"]},
        {"@context": ["https://www.w3.org/ns/credentials/v2", "https://ailleurs.example/v1"]},
    ],
    ids=[
        "issuer",
        "proof",
        "status",
        "undefined-term",
        "undefined-type",
        "no-subject",
        "date",
        "context",
        "remote",
    ],
)
def test_a_built_credential_that_cannot_be_signed_takes_no_index(furnished, issue, change: dict) -> None:
    before = recorded(furnished)
    told = issue(furnished.write("badge.json", json.dumps({**BADGE, **change})), "--json", ends=2).json
    [row] = told["report"]["rows"]
    assert row["findings"][0]["nextStep"]
    assert recorded(furnished) == before
    assert credentials(furnished) == {}


# Workbooks


def test_the_model_as_a_workbook_is_issued(furnished):
    """What ``template`` writes, ``issue`` reads; the report names cells."""
    model = furnished.path("modele.xlsx")
    furnished("template", "diploma", "--out", model)
    assert (
        furnished("issue", model, "--issuer", "centre", "--out", furnished.path("w"), "--json").json["issued"]
        == 1
    )
    wrong = furnished.write(
        "faux.xlsx", texts([HEADER, ["W-1", "RNCP37674", "EXEMPLE", "Camille", "31/02/2000", ""]])
    )
    said = furnished("issue", wrong, "--issuer", "centre", "--out", furnished.path("w2"), ends=2)
    assert "Résultats!E2" in said.out
    [row] = json.loads((furnished.path("w2") / "report.json").read_text("utf-8"))["rows"]
    assert {finding["cell"] for finding in row["findings"]} >= {"Résultats!E2"}
    assert "Résultats!E2" in (furnished.path("w2") / "report.csv").read_text("utf-8")
    assert "Cellule Résultats!E2" in (furnished.path("w2") / "report.xml").read_text("utf-8")


def test_the_sheet_to_read_is_named(furnished):
    book = furnished.write("livre.xlsx", texts([HEADER]))
    said = furnished(
        "issue", book, "--issuer", "centre", "--out", furnished.path("w"), "--sheet", "Autre", ends=2
    )
    assert "workbook.no_such_sheet" in said.err
    assert "Résultats" in said.err


HEADER = ["reference", "code", "nom", "prenoms", "date_naissance", "date_obtention"]
