"""An issuer who restores an old ledger gives no place twice and un-revokes nothing that was published."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

ROW = (
    "reference;code;nom;prenoms;date_naissance;date_obtention\n"
    "{0};RNCP37674;EXEMPLE;{1};29/02/2000;27/03/2026\n"
)


@pytest.fixture
def ledger(furnished):
    return furnished.home / "issuers" / "centre" / "ledger.db"


@pytest.fixture
def issue(furnished):
    def run(reference, name="Camille"):
        file = furnished.write(f"{reference}.csv", ROW.format(reference, name))
        furnished("issue", file, "--issuer", "centre", "--out", furnished.path("more"))

    return run


def back_up(ledger):
    copy = ledger.with_name("backup.db")
    with closing(sqlite3.connect(ledger)) as db, closing(sqlite3.connect(copy)) as target:
        db.backup(target)


def restore(ledger):
    for side in ("-wal", "-shm"):
        ledger.with_name(ledger.name + side).unlink(missing_ok=True)
    shutil.copy(ledger.with_name("backup.db"), ledger)


def places(ledger):
    with closing(sqlite3.connect(ledger)) as db:
        return {(kind, number, slot): reference for kind, number, slot, reference in db.execute(
            "select kind, list, slot, reference from issuance")}  # fmt: skip


def verdict(furnished, reference, folder="out"):
    [file] = furnished.path(folder).glob(f"{reference}-*.sd-jwt")
    return furnished.play("verify", file, "--json").json["verdict"]


def test_no_place_is_given_twice_and_what_was_forgotten_still_verifies(furnished, ledger, issue):
    back_up(ledger)
    issue("F-1")
    forgotten = places(ledger)
    restore(ledger)
    issue("N-1", "Dominique")
    new = {place: reference for place, reference in places(ledger).items() if reference == "N-1"}
    assert len(new) == 2
    assert not new.keys() & forgotten.keys()
    assert {number for _, number, _ in new} == {2}
    for reference in ("F-1", "N-1"):
        assert verdict(furnished, reference, "more") == "to_confirm"


def test_what_was_revoked_since_stays_revoked(furnished, ledger):
    back_up(ledger)
    furnished("revoke", "R-1", "--issuer", "centre", "--reason", "erreur")
    assert verdict(furnished, "R-1") == "not_valid"
    restore(ledger)
    for _ in range(2):
        furnished("status", "publish", "--issuer", "centre")
        assert [verdict(furnished, reference) for reference in ("R-1", "R-2")] == ["not_valid", "to_confirm"]
    shown = furnished.path("shown.json")
    furnished("wallet", "present", "--show", furnished.held("R-1", "json") + ":*", "--out", shown)
    assert furnished.play("verify", shown, "--json").json["verdict"] == "not_valid"


def test_a_suspension_can_still_be_lifted(furnished):
    furnished("revoke", "R-1", "--issuer", "centre", "--reason", "enquête", "--suspend")
    furnished("revoke", "R-1", "--issuer", "centre", "--reason", "levée", "--reinstate")
    assert verdict(furnished, "R-1") == "to_confirm"


@pytest.mark.parametrize("forged", [b"", b"{}", b"eyJ.eyJ.x", b"\xd2\x84"])
def test_a_list_that_is_not_ours_revokes_nobody(furnished, forged):
    """Whoever can write where lists stand does not make us sign what they say."""
    lists = [path for path in (furnished.home / "web").rglob("status/*/*") if path.is_file()]
    lists += [path for path in (furnished.home / "web").rglob("status/*/*/*") if path.is_file()]
    assert lists
    for path in lists:
        path.write_bytes(forged)
    furnished("status", "publish", "--issuer", "centre")
    assert verdict(furnished, "R-1") == "to_confirm"


def test_a_list_of_another_issuer_in_its_place_revokes_nobody(furnished):
    """Signed, whole, and about other people."""
    file = furnished.write("a.csv", ROW.format("A-1", "Camille"))
    furnished("issue", file, "--issuer", "atelier", "--out", furnished.path("a"), "--form", "dc+sd-jwt")
    furnished("revoke", "A-1", "--issuer", "atelier", "--reason", "essai")
    web = furnished.home / "web"
    theirs = web / "employeur.example" / "status" / "token" / "1"
    ours = web / "certificateur.example" / "status" / "token" / "1"
    shutil.copy(theirs, ours)
    furnished("status", "publish", "--issuer", "centre")
    [body] = furnished.path("out").glob("R-1-*.sd-jwt")
    assert json.loads(furnished.play("verify", body, "--json").out)["verdict"] == "to_confirm"
