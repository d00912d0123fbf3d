"""In development every key is certified by an authority of this machine, so that all of it can be tried."""

import json
import stat
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from boundary import base64url
from contexts import PRODUCT
from issuer.intake.judge import PIPELINE
from issuer.issue import issue
from issuer.order import Award
from keys.dids.resolve import resolver
from keys.x509 import Authority, check, read_x5c
from passeport.serve.app import create_app
from passeport.serve.house import House
from passeport.serve.settings import Service
from proofs import suites
from verifier.policy import Policy
from verifier.verify import Verifier

DIPLOMA = Path(__file__).parents[2] / "credentials" / "examples" / "diploma.json"


@pytest.fixture
def house(furnished):
    made = House(Service(home=furnished.home, passphrase=furnished.secret))
    yield made
    made.close()


def desk_of(house, name="centre"):
    return house.organisations.get(name).desk("P-256")


def test_the_authority_is_made_on_first_need_for_its_owner_alone(house, furnished):
    path = furnished.home / "authority.pem"
    assert not path.exists()
    chain = desk_of(house).chain
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    check(chain, [Authority.read(path.read_bytes()).certificate], house.now())
    assert chain.dns_names == ("certificateur.example",)
    assert chain.uris == ("did:web:certificateur.example",)


def test_every_process_has_the_same_chain(house, furnished):
    other = House(Service(home=furnished.home, passphrase=furnished.secret))
    try:
        assert desk_of(house).chain == desk_of(other).chain
        assert house.anchors == other.anchors
    finally:
        other.close()


def header_and_report(house):
    """Issue one more award at the service's desk; return its header, and what its verifier says."""
    desk, ledger = desk_of(house), house.organisations.get("centre").ledger
    award = Award("R-77", "diploma", row(), None, ("dc+sd-jwt",))
    (issued,) = issue([award], desk, ledger, house.now())
    header = json.loads(base64url.decode(issued.body.decode().partition(".")[0]))
    policy = Policy(anchors=house.anchors)
    verifier = Verifier(policy, suites(PRODUCT), resolver(house.source), house.source)
    report = verifier.verify(issued.body, house.now())
    return header, {step.code for line in report.credentials for step in line.steps}


def row():
    claims = json.loads(DIPLOMA.read_text("utf-8"))["row"]
    return {name: value for name, value in claims.items() if name not in PIPELINE}


def test_what_is_issued_carries_the_chain_and_is_verified_by_it(house):
    header, codes = header_and_report(house)
    assert read_x5c(header["x5c"]) == desk_of(house).chain
    assert header["kid"] == "did:web:certificateur.example#key-1"
    assert "issuer.certified" in codes
    assert "status.valid" in codes


@pytest.mark.parametrize(
    "changes", [{"x5c": False}, {"public_url": "https://passeport.example"}], ids=["switched off", "public"]
)
def test_without_it_the_did_is_the_only_name(furnished, changes):
    """A development authority certifies nothing for the public web."""
    house = House(Service(home=furnished.home, passphrase=furnished.secret, **changes))
    try:
        header, codes = header_and_report(house)
    finally:
        house.close()
    assert "x5c" not in header
    assert "issuer.domain" in codes


def test_no_secret_of_the_authority_is_published(house, furnished):
    desk_of(house)
    settings = Service(home=furnished.home, passphrase=furnished.secret)
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        for path in (
            "/authority.pem",
            "/status/authority.pem",
            "/passeport/authority.pem",
            "/../authority.pem",
        ):
            assert client.get(path, headers={"Host": "certificateur.example"}).status_code == 404
