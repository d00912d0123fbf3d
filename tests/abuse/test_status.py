"""Status lists that must not be believed, and what must not happen while lists are kept or asked."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attacks import files

from boundary.sources import Mirror
from contexts import PRODUCT
from issuer.desk import Desk
from issuer.issue import issue
from issuer.order import Award
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from problems import ConflictError
from proofs import suites
from storage.sqlite.issuance import SqliteLedger
from verifier.policy import Policy
from verifier.verify import Verifier

EXAMPLE = Path(__file__).parents[1] / "credentials" / "examples" / "training.json"


def issued(house):
    """Return the diploma's SD-JWT as the school delivered it."""
    (path,) = (house.home / "out").glob("*.sd-jwt")
    return path


def status(house):
    answer = house.run("verify", issued(house), "--json")
    (step,) = (step for step in answer.json["credentials"][0]["steps"] if step["step"] == "status")
    return step["outcome"], step["code"]


@pytest.fixture
def listed(school):
    """Return the file of the school's token status list."""
    lists = school.home / "web" / "ecole.example" / "status" / "token"
    (path,) = (path for path in lists.iterdir() if path.suffix != ".cwt")
    return path


def test_the_honest_list(school):
    assert status(school) == ("passed", "status.valid")


BENT = {
    "a bomb": lambda text: files.status_bomb(16),
    "cut": lambda text: text[:-10],
    "nothing": lambda text: "",
    "another token": lambda text: text.replace(".", "..", 1),
    "unsigned": lambda text: text.rpartition(".")[0] + ".",
    "of no algorithm": lambda text: "eyJhbGciOiJub25lIn0." + text.split(".")[1] + ".",
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_list_that_was_bent(school, listed, bend):
    """ST-002, ST-006, ST-013: never "valid" for want of knowing better; the honest list right after."""
    honest = listed.read_text()
    listed.write_text(bend(honest))
    outcome, _ = status(school)
    assert outcome == "failed"
    assert not school.run("verify", issued(school), "--json").json["verified"]
    listed.write_text(honest)
    assert status(school) == ("passed", "status.valid")


def test_a_list_is_no_credential(school, refused):
    """JO-021: signed by the school, and about nobody."""
    lists = school.home / "web" / "ecole.example" / "status"
    published = [path for path in lists.rglob("*") if path.is_file()]
    codes = (
        "format.status_list",
        "jose.wrong_typ",
        "sdjwt.form",
        "cose.wrong_typ",
        "presentation.unrecognized",
    )
    assert len(published) == 4
    for path in published:
        refused(school.run("verify", path, "--json"), *codes)
    assert status(school) == ("passed", "status.valid")


def test_a_list_that_is_gone(school, listed):
    """ST-010, as far as a folder goes: unknown, which is not verified."""
    honest = listed.read_text()
    listed.unlink()
    assert status(school) == ("unknown", "status.not_retrieved")
    assert school.run("verify", issued(school)).status == 1
    listed.write_text(honest)
    assert status(school) == ("passed", "status.valid")


class Recording:
    """Hands on what a folder has, and remembers what was asked for."""

    def __init__(self, folder):
        self._folder = Mirror(folder)
        self.asked = []

    def get(self, url, *, limit=1 << 20):
        self.asked.append(url)
        return self._folder.get(url, limit=limit)


def test_no_list_is_asked_for_before_the_signature_holds(school):
    """ST-014: a forged credential would send its reader to an address of the forger's choice."""
    honest = issued(school).read_text()
    head, payload, rest = honest.split(".", 2)
    signature, tilde, others = rest.partition("~")
    forged = f"{head}.{payload}.{'A' * len(signature)}{tilde}{others}"
    for text, lists in ((forged, 0), (honest, 1)):
        web = Recording(school.home / "web")
        verifier = Verifier(Policy(), suites(PRODUCT), resolver(web), web)
        verifier.verify(text.encode(), dt.datetime.now(dt.UTC))
        assert len([url for url in web.asked if "/status/" in url]) == lists


def test_nobody_revokes_for_another(school, found):
    """ST-019: B knows A's reference, and has no say in it."""
    found("autre", "autre.example")
    reference = json.loads((school.home / "out" / "report.json").read_text())["rows"][0]["reference"]
    revoke = ["revoke", reference, "--reason", "essai", "--issuer"]
    answer = school.run(*revoke, "autre")
    assert answer.status == 2
    assert status(school) == ("passed", "status.valid")
    assert school.run(*revoke, "ecole").status == 0
    assert status(school) == ("failed", "status.revoked")


def test_renewing_while_revoking(tmp_path):
    """ST-018: whatever comes first, in the end every form of the award is revoked."""
    signer = LocalSigner.generate("P-256", "did:web:ecole.example#key-1")
    desk = Desk("did:web:ecole.example", "École fictive", signer, "https://ecole.example/status")
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    claims = json.loads(EXAMPLE.read_text("utf-8"))["row"]
    kept = {
        name: claims[name]
        for name in ("name", "description", "given_name", "family_name", "awarded", "achievement", "training")
    }
    order = Award("R-1", "training", kept)

    def with_ledger(work):
        ledger = SqliteLedger(tmp_path / "ledger.db")
        try:
            return work(ledger)
        finally:
            ledger.close()

    def renew(_):
        try:
            return with_ledger(lambda ledger: len(list(issue([order], desk, ledger, now))))
        except ConflictError:
            return 0

    def revoke(_):
        return with_ledger(lambda ledger: ledger.set_status("R-1", "revoked", "essai", now))

    assert renew(0) == 2
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, n) for n in range(10) for work in (renew, revoke)]:
            done.result()
    entries = with_ledger(
        lambda ledger: [
            (kind, entry.value) for kind, number in ledger.lists() for entry in ledger.listed(kind, number)
        ]
    )
    assert sorted(entries) == [("bitstring", "revoked"), ("token", "revoked")]
