"""Whatever the intake lets through can be issued: it builds in every form and keeps every schema."""

import datetime as dt

import pytest

from issuer.desk import Desk
from issuer.intake.columns import table_templates, template_csv
from issuer.issue import check
from issuer.order import Award
from keys.local import LocalSigner
from skills.register import from_fiches

NOW = dt.datetime(2026, 4, 3, tzinfo=dt.UTC)
SAMPLES = ("own/flux_rncp_rs_titulaire.xml", "own/flux_scoring_dossier.xml", "cdc_kit_v2.0.0_exemple.xml")


@pytest.fixture(scope="module")
def desk():
    signer = LocalSigner.generate("P-256")
    return Desk(
        "did:web:certificateur.example", "Centre fictif", signer, "https://certificateur.example/status"
    )


def _forms(reading, desk):
    """The forms in which a row can be secured; a problem for one that cannot."""
    row = reading.row
    return [draft.form for draft in check(Award(row.reference, row.template, row.claims), desk, NOW)]


@pytest.mark.parametrize("template", table_templates())
def test_models_to_download(files, desk, template):
    (reading,) = files.read(files.write("modele.csv", template_csv(template)))
    assert _forms(reading, desk) == ["ecdsa-sd-2023", "dc+sd-jwt"]


@pytest.mark.parametrize("name", SAMPLES)
def test_accrochage_samples(files, fixtures, desk, name):
    for reading in files.read(fixtures / "data" / "accrochage" / name):
        assert _forms(reading, desk) == ["ecdsa-sd-2023", "dc+sd-jwt"]


@pytest.mark.parametrize("name", ["export_fiches_RNCP_fixture.xml.gz", "export_fiches_RS_fixture.xml"])
def test_every_certification_and_bloc_of_the_real_fiches(files, fixtures, desk, name):
    files.register = from_fiches(fixtures / "data" / "rncp" / name)
    codes = [
        code for found in files.register for code in (found.code, *(block.code for block in found.blocks))
    ]
    lines = [f"ESSAI-{number};{code};FICTIF;Camille;01/02/2025" for number, code in enumerate(codes)]
    header = "reference;code;nom;prenoms;date_obtention"
    readings = files.read(files.write("r.csv", "\n".join([header, *lines])))
    assert len(readings) == len(codes) > 7
    for reading in readings:
        assert len(_forms(reading, desk)) == 2
