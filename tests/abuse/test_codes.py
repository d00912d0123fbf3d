"""QR codes made to mislead, and twins that somebody bends: refused, or they say only what was signed."""

import json
import shutil
import zlib
from pathlib import Path

import cbor2
import pytest
from attacks import files

from boundary import cbor, limits
from exchange import offline, qr, qr_digits
from passeport import qr_image

HOST = "passeport.example"


@pytest.fixture(scope="module")
def shown(tmp_path_factory, model):
    """A school that issued one certificate to nobody in particular, with its paper."""
    house = type(model)(Path(shutil.copytree(model.home, tmp_path_factory.mktemp("codes") / "house")))
    rows = house.file(
        "reference;code;nom;prenoms;date_naissance;date_obtention;mention\n"
        "Q-1;RNCP37674;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;27/03/2026;Bien\n",
        "rows.csv",
    )
    out = house.home / "out"
    done = house.run("issue", rows, "--issuer", "ecole", "--out", out, "--twin")
    assert done.status == 0, done.err
    [signed] = out.glob("Q-1-*.sd-jwt.paper.cwt")
    return house, signed.read_bytes()


def _link(data: bytes, host: str = HOST) -> str:
    return qr.encode_twin(data, host)


def test_the_honest_paper(shown):
    house, signed = shown
    answer = house.verify(_link(offline.paper(signed)))
    assert answer.status == 0, answer.out


def test_a_code_pasted_on_another_persons_page(shown):
    """QR-008: what is reported is the person in the signed data; of the page around it nothing is read."""
    house, signed = shown
    picture = house.file(qr_image.png(_link(offline.paper(signed))), "diplome-de-quelquun-dautre.png")
    answer = house.run("verify", picture, "--json")
    [line] = answer.json["credentials"]
    values = {item["id"]: item["value"] for item in line["shown"]["items"]}
    assert (values["given_name"], values["family_name"]) == ("Camille Fictive", "EXEMPLE-DÉMONSTRATION")
    assert values["birthdate"] == "2000-02-29"
    assert "twin.compare_identity" in {step["code"] for step in line["steps"]}
    assert "quelquun" not in answer.out


@pytest.mark.parametrize(
    "host", ["passeport.examp1e", "passeport.example.attaquant.example", "127.0.0.1:8000"]
)
def test_a_look_alike_host(shown, host):
    """QR-006: the host was chosen by whoever made the code; it is told, and nothing follows from it."""
    house, signed = shown
    honest, other = (house.verify(_link(offline.paper(signed), one)) for one in (HOST, host))
    assert [line["verdict"] for line in other.json["credentials"]] == [
        line["verdict"] for line in honest.json["credentials"]
    ]
    assert host not in other.out
    picture = house.file(qr_image.png(_link(offline.paper(signed), host)), "code.png")
    assert house.run("scan", picture, "--json").json["host"] == host


@pytest.mark.parametrize(
    "text",
    [
        "openid4vp://?client_id=attaquant.example&request_uri=https://attaquant.example/r",
        "https://passeport.example@attaquant.example/v#T82",
        "https://attaquant.example/v?next=https://passeport.example/v#T82",
        "http://passeport.example/v#T82",
    ],
    ids=["another scheme", "a user name", "a page in a page", "unprotected"],
)
def test_a_code_that_leads_elsewhere(house, refused, text):
    """QR-006: refused before anything is asked of anybody."""
    refused(house.verify(text), "qr.foreign", "qr.not_a_passport", "sdjwt.form")


def _deflate_bomb(megabytes: int) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = machine.compress(b"a" * (megabytes << 20)) + machine.flush()
    return cbor2.dumps([1, packed[:2_800], b""], canonical=True)


def _presentations(data: bytes) -> str:
    return f"https://{HOST}/v#O{qr_digits.encode(data)}"


BOMBS = {
    "deflate": lambda: _presentations(_deflate_bomb(100)),
    "another format's bomb": files.qr_deflate_bomb,
    "nested in each other": lambda: "NCF" * 1_432,
    "a version to come": lambda: _presentations(cbor2.dumps([9, b"", b""])),
    "a twin of a form to come": lambda: _link(cbor.write([3, b""])),
    "a twin too large": lambda: _link(b"\x82\x01" + bytes(2_000)),
    "a twin of arrays in arrays": lambda: _link(b"\x82\x01" + b"\x81" * 1_300),
    "a twin that says it is a gigabyte": lambda: _link(b"\x82\x01\x5a\x40\x00\x00\x00" + bytes(40)),
    "a twin of references to itself": lambda: _link(b"\x82\x01\xd8\x1c\x81\xd8\x1d\x00"),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_what_a_code_may_unfold_to(shown, refused, text):
    """QR-007: 64 kB and 1,400 bytes are all that there is; the honest code right after."""
    house, signed = shown
    refused(house.verify(text()), seconds=0.5)
    assert house.verify(_link(offline.paper(signed))).status == 0
    assert limits.QR_INFLATED_BYTES == 64 << 10


def test_a_code_discloses_no_more_than_its_twin(shown):
    """QR-004: what the full credential holds and the twin does not is in no code and in no report."""
    house, signed = shown
    paper = offline.paper(signed)
    answer = house.verify(_link(paper))
    [full] = (house.home / "out").glob("Q-1-*.json")
    document = json.loads(full.read_text("utf-8"))
    achievement = document["credentialSubject"]["achievement"]
    for hidden in (document["id"], document["credentialSubject"]["id"], achievement["criteria"]["id"]):
        assert hidden.encode() not in paper
        assert hidden not in answer.out
    assert achievement["name"].encode() in paper
    assert achievement["name"] in answer.out
