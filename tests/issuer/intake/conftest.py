"""Small files of our own, with evidently fictional people, to be broken in one place at a time."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

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
