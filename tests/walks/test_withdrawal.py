"""A file that withdraws (accrochage 1.1.5): examined first, revoked only when told to, each reference whole.

Interrupted at any moment it is given again, and ends as if nothing had happened.
"""

import json
import re
import signal
import sqlite3
import subprocess
import xml.etree.ElementTree as ElementTree
from contextlib import closing

import pytest

NUMBER = "296022A004017"
HEAD = (
    '<flux xmlns="urn:cdc:cpf:pc5:schema:1.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<idFlux>FLUX-S-1</idFlux><horodatage>2026-07-13T08:00:00+00:00</horodatage><action>{action}</action>"
    "<emetteur><idClient>ZZTEST01</idClient><certificateurs><certificateur><idClient>ZZTEST01</idClient>"
    "<idContrat>MCFCER999999</idContrat><certifications><certification><type>RNCP</type>"
    "<code>RNCP37674</code><passageCertifications>\n"
)
PASSAGE = (
    "<passageCertification><idTechnique>{0}</idTechnique>"
    "<obtentionCertification>PAR_ADMISSION</obtentionCertification><donneeCertifiee>true</donneeCertifiee>"
    '<dateDebutValidite>2026-03-27</dateDebutValidite><dateFinValidite xsi:nil="true"/>'
    "<presenceNiveauLangueEuro>false</presenceNiveauLangueEuro>"
    "<presenceNiveauNumeriqueEuro>false</presenceNiveauNumeriqueEuro>"
    '<scoring xsi:nil="true"/><mentionValidee xsi:nil="true"/>'
    '<modalitesInscription><modaliteAcces xsi:nil="true"/></modalitesInscription>'
    "<identificationTitulaire><identifiantNational><nir>" + NUMBER + "</nir>"
    "<nomNaissance>EXEMPLE</nomNaissance></identifiantNational></identificationTitulaire>"
    "</passageCertification>\n"
)
TAIL = (
    "</passageCertifications></certification></certifications></certificateur></certificateurs>"
    "</emetteur></flux>\n"
)


@pytest.fixture
def withdraw(furnished):
    """Give a file that withdraws ``references`` to ``issue``."""

    def run(*references, more=(), action="SUPPRESSION", **how):
        flux = HEAD.format(action=action) + "".join(map(PASSAGE.format, references)) + TAIL
        file = furnished.write("suppression.xml", flux)
        return furnished("issue", file, "--issuer", "centre", "--out", furnished.path("s"), *more, **how)

    return run


def statuses(furnished):
    """Return what the ledger holds of each form of each reference."""
    with closing(sqlite3.connect(furnished.home / "issuers" / "centre" / "ledger.db")) as db:
        return {
            (r, f): (s, why)
            for r, f, s, why in db.execute("select reference, form, status, status_reason from issuance")
        }


def revoked(furnished):
    return sorted({reference for (reference, _), (status, _) in statuses(furnished).items() if status == 1})


def report(furnished, form):
    return (furnished.path("s") / f"report.{form}").read_text("utf-8")


def verdict(furnished, reference):
    """Not bound to a question, an honest one is to be confirmed."""
    [file] = furnished.path("out").glob(f"{reference}-*.sd-jwt")
    return furnished.play("verify", file, "--json").json["verdict"]


def test_without_being_told_to_nothing_is_revoked_and_everything_is_said(furnished, withdraw):
    before, lists = statuses(furnished), published(furnished)
    said = withdraw("R-1", "R-3", ends=2)
    assert "issue.revocations_not_allowed" in said.err
    assert "R-1" in said.out
    assert "R-3" in said.out
    rows = json.loads(report(furnished, "json"))["rows"]
    assert [(row["reference"], row["accepted"]) for row in rows] == [("R-1", False), ("R-3", False)]
    assert {finding["code"] for row in rows for finding in row["findings"]} == {"row.revocation_waits"}
    assert (statuses(furnished), published(furnished)) == (before, lists)
    assert verdict(furnished, "R-1") == "to_confirm"


def published(furnished):
    web = furnished.home / "web"
    return {path: path.read_bytes() for path in web.rglob("*") if path.is_file()}


def test_told_to_every_form_is_revoked_and_the_reports_name_it(furnished, withdraw):
    told = withdraw("R-1", "R-3", more=["--allow-revocations", "--json"]).json
    assert (told["revoked"], told["again"], told["waiting"], told["refused"]) == (2, 0, 0, 0)
    assert revoked(furnished) == ["R-1", "R-3"]
    assert {why for status, why in statuses(furnished).values() if status} == {"SUPPRESSION FLUX-S-1"}
    assert [verdict(furnished, reference) for reference in ("R-1", "R-2", "R-3")] == [
        "not_valid",
        "to_confirm",
        "not_valid",
    ]
    root = ElementTree.fromstring(report(furnished, "xml"))
    assert [element.text for element in root.find("PassagesOK")] == ["R-1", "R-3"]
    assert len(re.findall("<idTechnique>R-[13]</idTechnique> <!-- Révoqué", report(furnished, "xml"))) == 2
    rows = json.loads(report(furnished, "json"))["rows"]
    assert [(row["reference"], [f["code"] for f in row["findings"]]) for row in rows] == [
        ("R-1", ["row.revoked"]), ("R-3", ["row.revoked"])
    ]  # fmt: skip
    assert report(furnished, "csv").count("row.revoked") == 2


def test_the_json_ld_form_is_revoked_with_the_other(furnished, withdraw):
    withdraw("R-1", more=["--allow-revocations"])
    shown = furnished.path("shown.json")
    furnished("wallet", "present", "--show", furnished.held("R-1", "json") + ":*", "--out", shown)
    assert furnished.play("verify", shown, "--json").json["verdict"] == "not_valid"


def test_twins_and_forms_asked_for_later_are_revoked_with_the_rest(furnished, withdraw):
    """Whatever was made of the award, in whichever run."""
    holders, results = furnished.path("holders.csv"), furnished.path("results.csv")
    issue = ["issue", results, "--issuer", "centre", "--holders", holders, "--out", furnished.path("t")]
    furnished(*issue, "--twin")
    forms = {form for reference, form in statuses(furnished) if reference == "R-1"}
    assert len(forms) > 2, "the twins have places of their own"
    withdraw("R-1", more=["--allow-revocations"])
    assert {status for (reference, _), (status, _) in statuses(furnished).items() if reference == "R-1"} == {
        1
    }


def test_the_same_file_again_changes_nothing(furnished, withdraw):
    withdraw("R-1", more=["--allow-revocations"])
    before = statuses(furnished)
    for more in (["--allow-revocations", "--json"], ["--json"]):
        told = withdraw("R-1", more=more).json
        assert (told["revoked"], told["again"]) == (0, 1)
    assert statuses(furnished) == before
    assert "row.revoked_before" in report(furnished, "csv")


def test_what_was_never_issued_is_an_error_and_nothing_else_is_revoked(furnished, withdraw):
    said = withdraw("R-1", "R-9", more=["--allow-revocations"], ends=2)
    assert "issue.refused" in said.err
    assert revoked(furnished) == []
    [waits, unknown] = json.loads(report(furnished, "json"))["rows"]
    assert waits["findings"][0]["code"] == "row.revocation_waits"
    assert unknown["findings"][0]["code"] == "issue.reference_unknown"
    told = withdraw("R-1", "R-9", more=["--allow-revocations", "--skip-errors", "--json"]).json
    assert (told["revoked"], told["refused"]) == (1, 1)
    assert revoked(furnished) == ["R-1"]


def test_another_issuer_revokes_nothing_of_ours(furnished, withdraw):
    file = furnished.write("s.xml", HEAD.format(action="SUPPRESSION") + PASSAGE.format("R-1") + TAIL)
    furnished(
        "issue", file, "--issuer", "atelier", "--out", furnished.path("s"), "--allow-revocations", ends=2
    )
    assert revoked(furnished) == []


def test_what_was_withdrawn_is_not_declared_again_under_its_name(furnished, withdraw):
    """A revocation is final: the award takes another reference."""
    withdraw("R-1", more=["--allow-revocations"])
    changed = furnished.write(
        "again.csv",
        "reference;code;nom;prenoms;date_naissance;date_obtention;mention\n"
        "R-1;RNCP37674;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;27/03/2026;Assez bien\n",
    )
    furnished.refused(
        "issue.all_refused", "issue", changed, "--issuer", "centre", "--out", furnished.path("a")
    )


def test_declared_again_as_it_was_it_stays_revoked_and_that_is_told(furnished, withdraw):
    withdraw("R-1", more=["--allow-revocations"])
    holders, results = furnished.path("holders.csv"), furnished.path("results.csv")
    again = ["issue", results, "--issuer", "centre", "--out", furnished.path("a"), "--holders", holders]
    assert "row.reference_revoked" in furnished(*again).out
    assert revoked(furnished) == ["R-1"]


def test_the_national_number_goes_nowhere(furnished, withdraw):
    said = [withdraw("R-1", "R-9", ends=2), withdraw("R-1", more=["--allow-revocations", "--json"])]
    said.append(withdraw("N-1", action="CREATION", ends=2))
    furnished.path("suppression.xml").unlink()
    kept = {str(path): path.read_bytes() for path in furnished.home.parent.rglob("*") if path.is_file()}
    for place, data in [*kept.items(), *((str(one), (one.out + one.err).encode()) for one in said)]:
        assert NUMBER.encode() not in data, place


CRASH = """
import os, signal
from storage.sqlite.issuance import SqliteLedger
from passeport import issuers, reports

POINT, passed = "{point}", 0

def dies(name, real):
    def step(*arguments, **named):
        global passed
        passed += POINT.startswith(name)
        if POINT == f"{{name}} before {{passed}}":
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*arguments, **named)
        if POINT == f"{{name}} after {{passed}}":
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return step

SqliteLedger.set_status = dies("revoke", SqliteLedger.set_status)
issuers.publish_lists = dies("publish", issuers.publish_lists)
reports._publish = dies("report", reports._publish)
"""
POINTS = [
    *(f"revoke {moment} {n}" for n in (1, 2, 3) for moment in ("before", "after")),
    "publish before 1", "publish after 1", "report before 1", "report after 2",
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_step_it_is_taken_up(furnished, withdraw, point):
    references = ("R-1", "R-2", "R-3")
    flux = HEAD.format(action="SUPPRESSION") + "".join(map(PASSAGE.format, references)) + TAIL
    file = furnished.write("suppression.xml", flux)
    command = ["issue", file, "--issuer", "centre", "--out", furnished.path("s"), "--allow-revocations"]
    process = furnished.process(
        *command, code=CRASH.format(point=point), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL, said.decode()
    before = revoked(furnished)
    told = withdraw(*references, more=["--allow-revocations", "--json"]).json
    assert (told["again"], told["revoked"]) == (len(before), 3 - len(before))
    assert revoked(furnished) == list(references)
    assert {verdict(furnished, reference) for reference in references} == {"not_valid"}
    assert len(json.loads(report(furnished, "json"))["rows"]) == 3
