"""Small files of our own, with evidently fictional people, to be broken in one place at a time."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from issuer import intake
from issuer.intake.rows import Finding, Reading
from problems.sentences import LANGS
from skills.register import Certification, Chain, Register, Shelf, builtin

NAMESPACE = "urn:cdc:cpf:pc5:schema:1.0.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

HEADER = {
    "idFlux": "<idFlux>essai-1</idFlux>",
    "horodatage": "<horodatage>2026-03-31T18:05:00+02:00</horodatage>",
}
PERSON = {
    "nomNaissance": "<nomNaissance>EXEMPLE-DÉMONSTRATION</nomNaissance>",
    "nomUsage": '<nomUsage xsi:nil="true"/>',
    "prenom1": "<prenom1>Camille Fictive</prenom1>",
    "anneeNaissance": "<anneeNaissance>2000</anneeNaissance>",
    "moisNaissance": "<moisNaissance>2</moisNaissance>",
    "jourNaissance": "<jourNaissance>29</jourNaissance>",
    "sexe": "<sexe>F</sexe>",
    "codeCommuneNaissance": "<codeCommuneNaissance><codeInseeNaissance><codeInsee>2A004</codeInsee>"
    "</codeInseeNaissance></codeCommuneNaissance>",
}
PASSAGE = {
    "idTechnique": "<idTechnique>ESSAI-1</idTechnique>",
    "obtentionCertification": "<obtentionCertification>PAR_ADMISSION</obtentionCertification>",
    "donneeCertifiee": "<donneeCertifiee>true</donneeCertifiee>",
    "dateDebutValidite": "<dateDebutValidite>2026-03-27</dateDebutValidite>",
    "dateFinValidite": '<dateFinValidite xsi:nil="true"/>',
    "presenceNiveauLangueEuro": "<presenceNiveauLangueEuro>false</presenceNiveauLangueEuro>",
    "presenceNiveauNumeriqueEuro": "<presenceNiveauNumeriqueEuro>false</presenceNiveauNumeriqueEuro>",
    "scoring": '<scoring xsi:nil="true"/>',
    "mentionValidee": "<mentionValidee>MENTION_BIEN</mentionValidee>",
    "modalitesInscription": '<modalitesInscription><modaliteAcces xsi:nil="true"/></modalitesInscription>',
}
Changes = Mapping[str, str | None]
"""Element name -> its XML instead, or None to leave it out."""


def element_of(members: Mapping[str, str], changes: Changes) -> str:
    merged = {**members, **changes}
    return "\n".join(xml for xml in merged.values() if xml is not None)


class Files:
    """Writes small files and reads them back through the intake."""

    def __init__(self, folder: Path, register: Register, today: date) -> None:
        self._folder, self.register, self.today = folder, register, today

    def write(self, name: str, content: str | bytes) -> Path:
        path = self._folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def passage(self, person: Changes | None = None, **changes: str | None) -> str:
        """One result; ``person`` changes its holder, the others change the rest."""
        who = f"<titulaire>{element_of(PERSON, person or {})}</titulaire>"
        holder = f"<identificationTitulaire>{who}</identificationTitulaire>"
        inside = element_of(PASSAGE | {"identificationTitulaire": holder}, changes)
        return f"<passageCertification>\n{inside}\n</passageCertification>"

    def flux(
        self, *passages: str, register: str = "RNCP", code: str = "RNCP37674", **header: str | None
    ) -> Path:
        certification = (
            f"<certification><type>{register}</type><code>{code}</code><passageCertifications>\n"
            + "\n".join(passages)
            + "\n</passageCertifications></certification>"
        )
        certifier = (
            "<certificateur><idClient>ZZTEST01</idClient><idContrat>MCFCER999999</idContrat>"
            f"<certifications>{certification}</certifications></certificateur>"
        )
        sender = (
            f"<emetteur><idClient>ZZTEST01</idClient><certificateurs>{certifier}</certificateurs></emetteur>"
        )
        inside = element_of(HEADER | {"emetteur": sender}, header)
        return self.write(
            "resultats.xml", f'<flux xmlns="{NAMESPACE}" xmlns:xsi="{XSI}">\n{inside}\n</flux>\n'
        )

    def read(self, path: Path, **options: object) -> list[Reading]:
        """Return all readings; whatever they find is said in full, in both languages."""
        readings = list(intake.read(path, register=self.register, today=self.today, **options))  # type: ignore[arg-type]
        for reading in readings:
            assert (reading.row is None) or not reading.has_error
            for finding in reading.findings:
                _said_in_full(finding)
        return readings

    def findings(self, path: Path, **options: object) -> list[Finding]:
        return [finding for reading in self.read(path, **options) for finding in reading.findings]


def _said_in_full(finding: Finding) -> None:
    """A fact that is missing shows as an ellipsis; so does a name that may not be repeated."""
    for lang in LANGS:
        said = finding.says(lang)
        assert said.what
        assert "…" not in said.what + said.next_step or finding.place.field == "…"
        assert finding.place.file in finding.place.says(lang)


@pytest.fixture(scope="session")
def register() -> Register:
    """The small register, and two codes that the samples use: one made up, one of the official example."""
    invented = Certification("RS9999", "RS", "Test fictif", "Certification fictive.", language="en")
    official = Certification("RNCP19117", "RNCP", "Titre d'exemple", "Titre de l'exemple officiel.")
    return Chain(builtin(), Shelf([invented, official]))


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 4, 3)


@pytest.fixture
def files(tmp_path: Path, register: Register, today: date) -> Files:
    return Files(tmp_path, register, today)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
FORMATS = (
    "General",
    "dd/mm/yyyy",
    "00000",
    "0%",
    "[h]:mm",
    "dd/mm/yyyy hh:mm",
    '"N°"0',
    "0.00",
    "hh:mm",
    "#,##0",
)
"""The number formats of the cells that tests write, by style: 0, 1 and so on."""


class Books:
    """Writes workbooks as spreadsheets do, cell by cell, to be broken in one place at a time."""

    def cell(self, value: object, style: int = 0, type: str = "") -> str:
        """A cell: a text, a number, a boolean; ``type`` says another kind, with its value as text."""
        if isinstance(value, str) and not type:
            return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        kind = type or ("b" if isinstance(value, bool) else "n")
        text = str(int(value)) if isinstance(value, bool) else escape(str(value))
        return f'<c t="{kind}" s="{style}"><v>{text}</v></c>'

    def row(self, *cells: object, number: int | None = None, more: str = "") -> str:
        """A row: of values, or of cells that are written already."""
        placed = f' r="{number}"' if number else ""
        written = (
            cell if isinstance(cell, str) and cell.startswith("<c") else self.cell(cell) for cell in cells
        )
        return f"<row{placed} {more}>{''.join(written)}</row>"

    def sheet(self, *rows: str, before: str = "", after: str = "") -> str:
        data = f"<sheetData>{''.join(rows)}</sheetData>"
        return f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{before}{data}{after}</worksheet>'

    def book(
        self,
        *sheets: str | tuple[str, str, str],
        date1904: bool = False,
        texts: str = "",
        **parts: str | bytes,
    ) -> bytes:
        """A workbook; sheets are their XML, or name, state and XML. ``parts`` come beside or instead."""
        named = [(f"Feuil{n}", "visible", s) if isinstance(s, str) else s for n, s in enumerate(sheets, 1)]
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" state="{state}" r:id="r{n}"/>'
            for n, (name, state, _) in enumerate(named, 1)
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(named) + 1)
        )
        formats = "".join(
            f'<numFmt numFmtId="{164 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
            for n, code in enumerate(FORMATS)
        )
        styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(FORMATS)))
        content: dict[str, str | bytes] = {
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
            f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            f'<workbookPr date1904="{int(date1904)}"/><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>'
            f"<cellXfs>{styles}</cellXfs></styleSheet>",
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
            **{f"xl/worksheets/sheet{n}.xml": xml for n, (_, _, xml) in enumerate(named, 1)},
            **parts,
        }
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in content.items():
                archive.writestr(name, part)
        return output.getvalue()


@pytest.fixture(scope="session")
def books() -> Books:
    return Books()


@pytest.fixture
def read(files, books):
    """Read one sheet of rows, or a whole workbook."""

    def run(*rows, book=None, name="resultats.xlsx", **options):
        content = book if book is not None else books.book(books.sheet(*rows))
        return files.read(files.write(name, content), **options)

    return run
