"""Offers from the command line: a link for each person, taken up over HTTP."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from starlette.testclient import TestClient

from exchange.openid4vci import offer as links

ROWS = """\
type;code_certification;reference;nom_naissance;prenoms;date_naissance;date_obtention;mode_obtention
Diplôme;RNCP35809;BTS-1;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;05/07/2024;Admission
Diplôme;RNCP35809;BTS-2;MODÈLE;Alix Inventée;01/03/1999;05/07/2024;Admission
"""


@pytest.fixture
def centre(passeport):
    passeport("keys", "create", "centre", "--did", "did:web:centre.example", "--org", "Centre (fictif)")
    return passeport


def fetched(centre, link):
    from passeport.serve.app import create_app
    from passeport.serve.settings import Service

    address = links.read_link(link, plain=True)
    with TestClient(create_app(Service(home=centre.home, passphrase=centre.secret))) as http:
        return http.get(address.removeprefix("http://127.0.0.1:8000"))


def test_each_row_becomes_a_link_that_a_wallet_can_open(centre):
    rows = centre.write("rows.csv", ROWS)
    made = centre("offer", rows, "--issuer", "centre", "--json").json
    assert [entry["reference"] for entry in made] == ["BTS-1", "BTS-2"]
    for entry in made:
        assert len(entry["code"]) == 6
        answer = fetched(centre, entry["link"])
        assert answer.status_code == 200
        assert links.read(answer.json()).issuer == "http://127.0.0.1:8000/issuers/centre"


def test_one_row_and_its_code_as_a_picture(centre, tmp_path: Path):
    rows, picture = centre.write("rows.csv", ROWS), tmp_path / "offer.png"
    how = ("--reference", "BTS-2", "--to", "person", "--qr", picture, "--public-url", "https://p.example")
    [made] = centre("offer", rows, "--issuer", "centre", *how, "--json").json
    assert made["code"] is None
    [found] = zxingcpp.read_barcodes(Image.open(picture))
    assert found.text == made["link"]
    assert links.read_link(made["link"]).startswith("https://p.example/issuers/centre/offers/")
    said = centre("offer", rows, "--issuer", "centre", "--reference", "BTS-1", "--to", "code")
    assert "openid-credential-offer://" in said.out


def test_what_cannot_be_offered(centre):
    rows = centre.write("rows.csv", ROWS)
    centre.refused("offer.row_unknown", "offer", rows, "--issuer", "centre", "--reference", "BTS-9")
    centre("offer", rows, "--issuer", "centre")
    centre.refused("offer.exists", "offer", rows, "--issuer", "centre")
    wrong = centre.write("wrong.csv", ROWS.replace("05/07/2024", "31/02/2024"))
    centre.refused("issue.refused", "offer", wrong, "--issuer", "centre")
