"""Files of the size that certifiers send: flat memory, whatever the number of results.

20,000 results by default; 200,000, the most that a file may hold, with PASSEPORT_FULL=1. Each file is read
by a process of its own, whose memory is then its own too.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from boundary import limits
from issuer.intake.xlsx_model import texts

COUNT = limits.IMPORT_ROWS if os.environ.get("PASSEPORT_FULL") else 20_000
GROWTH = (8 << 20) + 300 * COUNT
"""Marks of references and awards are kept, to find repeats: some 300 bytes a result; nothing else."""

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<flux xmlns="urn:cdc:cpf:pc5:schema:1.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<idFlux>grand</idFlux><horodatage>2026-03-31T18:05:00+02:00</horodatage><emetteur>"
    "<idClient>ZZTEST01</idClient><certificateurs><certificateur><idClient>ZZTEST01</idClient>"
    "<idContrat>MCFCER999999</idContrat><certifications><certification><type>RNCP</type>"
    "<code>RNCP37674</code><passageCertifications>\n"
)
PASSAGE = (
    "<passageCertification><idTechnique>ESSAI-{0:06}</idTechnique>"
    "<obtentionCertification>PAR_ADMISSION</obtentionCertification><donneeCertifiee>true</donneeCertifiee>"
    '<dateDebutValidite>2026-03-27</dateDebutValidite><dateFinValidite xsi:nil="true"/>'
    "<presenceNiveauLangueEuro>false</presenceNiveauLangueEuro>"
    "<presenceNiveauNumeriqueEuro>false</presenceNiveauNumeriqueEuro>"
    '<scoring xsi:nil="true"/><mentionValidee xsi:nil="true"/>'
    '<modalitesInscription><modaliteAcces xsi:nil="true"/></modalitesInscription>'
    "<identificationTitulaire><titulaire><nomNaissance>{1}</nomNaissance>"
    '<nomUsage xsi:nil="true"/><prenom1>Camille</prenom1><anneeNaissance>1996</anneeNaissance>'
    "<moisNaissance>2</moisNaissance><jourNaissance>29</jourNaissance><sexe>F</sexe>"
    "<codeCommuneNaissance><codeInseeNaissance><codeInsee>2A004</codeInsee></codeInseeNaissance>"
    "</codeCommuneNaissance></titulaire></identificationTitulaire></passageCertification>\n"
)
TAIL = (
    "</passageCertifications></certification></certifications></certificateur></certificateurs>"
    "</emetteur></flux>\n"
)
READ = """
import resource, sys
from datetime import date
from pathlib import Path
from issuer import intake
from skills.register import builtin

def count(path):
    readings = intake.read(Path(path), register=builtin(), today=date(2026, 4, 3))
    return sum(reading.row is not None and not reading.findings for reading in readings)

small, large = sys.argv[1:]
count(small)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = count(large)
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def _name(number: int) -> str:
    """An evidently fictional name, another for each number, without figures."""
    return "FICTIF-" + str(number).translate(str.maketrans("0123456789", "ABCDEFGHIJ"))


def _accrochage(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(count):
            file.write(PASSAGE.format(number, _name(number)))
        file.write(TAIL)
    return path


def _table(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("reference;code;nom;prenoms;date_naissance;date_obtention\n")
        for number in range(count):
            file.write(f"ESSAI-{number};RNCP37674;{_name(number)};Camille;29/02/1996;27/03/2026\n")
    return path


def _workbook(path: Path, count: int) -> Path:
    """As spreadsheets write them: texts once, in a table of their own."""
    rows = [["reference", "code", "nom", "prenoms", "date_naissance", "date_obtention"]]
    rows += [
        [f"ESSAI-{number}", "RNCP37674", _name(number), "Camille", "29/02/1996", "27/03/2026"]
        for number in range(count)
    ]
    path.write_bytes(texts(rows))
    return path


CELLS = 100
"""What python-calamine keeps of each cell: its place, its value, its text."""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
def test_a_workbook_takes_what_its_reader_keeps(tmp_path):
    small, large = _workbook(tmp_path / "petit", 200), _workbook(tmp_path / "grand", COUNT)
    command = [sys.executable, "-c", READ, str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_root())
    rows, growth = map(int, done.stdout.split())
    assert rows == COUNT
    assert growth < GROWTH + 6 * CELLS * COUNT, growth


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
@pytest.mark.parametrize("write", [_accrochage, _table])
def test_memory_does_not_grow_with_the_file(tmp_path, write):
    small, large = write(tmp_path / "petit", 200), write(tmp_path / "grand", COUNT)
    assert large.stat().st_size < limits.IMPORT_BYTES
    command = [sys.executable, "-c", READ, str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_root())
    rows, growth = map(int, done.stdout.split())
    assert rows == COUNT
    assert growth < GROWTH


def _root() -> Path:
    return Path(__file__).parents[3]
