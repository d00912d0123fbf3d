"""Accounts, keys for programs and the log, from the command line of the machine itself."""

import sqlite3
from contextlib import closing

import pytest

WORDS = "quatre mots de passe"


@pytest.fixture
def town(passeport):
    object.__setattr__(passeport, "more", {"PASSEPORT_ACCOUNT_PASSPHRASE": WORDS})
    passeport("keys", "create", "centre", "--did", "did:web:a.example", "--org", "Centre (fictif)")
    return passeport


def account(town, login="camille", *roles):
    options = [option for role in roles for option in ("--role", role)]
    return town("account", "create", login, "--organisation", "centre", *options, "--json").json["account"]


def damage(town, *statements):
    with closing(sqlite3.connect(town.home / "service" / "audit.db", isolation_level=None)) as db:
        for change in ("update", "delete"):
            db.execute(f"drop trigger entry_no_{change}")
        for statement in statements:
            db.execute(statement)


def test_an_account_and_its_roles(town):
    made = account(town, "camille", "administrator", "operator")
    [listed] = town("account", "list", "--json").json
    assert listed["id"] == made
    assert listed["roles"] == {"centre": ["administrator", "operator"]}
    other = account(town, "dominique", "administrator")
    town("account", "role", made, "centre", "--role", "auditor")
    assert town("account", "list", "--json").json[0]["roles"] == {"centre": ["auditor"]}
    assert "camille" in town("account", "list").out
    town("account", "disable", other)
    assert WORDS not in town("audit", "verify").out


def test_what_cannot_be_is_refused(town):
    made = account(town, "camille", "administrator")
    town.refused("account.exists", "account", "create", "camille")
    town.refused("account.login", "account", "create", "Camille Fictive")
    town.refused("access.no_such_role", "account", "role", made, "centre", "--role", "is_admin")
    town.refused("access.last_administrator", "account", "role", made, "centre")
    town.refused("account.unknown", "account", "role", "a-0", "centre")
    town.refused("cli.issuer_unknown", "account", "role", made, "autre")
    object.__setattr__(town, "more", {"PASSEPORT_ACCOUNT_PASSPHRASE": "court"})
    town.refused("secret.length", "account", "create", "dominique")


def test_a_key_is_shown_once(town):
    made = town("apikey", "create", "centre", "--role", "operator", "--json").json
    assert made["key"].startswith("psk_")
    assert made["key"] not in town("apikey", "list", "centre").out
    town("apikey", "revoke", "centre", made["id"])
    [listed] = town("apikey", "list", "centre", "--json").json
    assert (listed["id"], listed["revoked"]) == (made["id"], True)
    town.refused("access.not_found", "apikey", "revoke", "centre", made["id"])
    town.refused("access.key_role", "apikey", "create", "centre", "--role", "approver")


def test_key_operations_stand_in_the_log_once_there_is_one(town):
    account(town)
    town("keys", "add", "centre", "--algorithm", "Ed25519")
    town("keys", "rotate", "centre")
    town("keys", "revoke", "centre", "key-1", "--reason", "superseded")
    with closing(sqlite3.connect(town.home / "service" / "audit.db")) as db:
        rows = db.execute("select who, what, thing, organisation, outcome from entry where what like 'key.%'")
        said = [row for row in rows if row[-1] == "done"]
    assert said == [
        ("console", "key.add", "Ed25519", "centre", "done"),
        ("console", "key.rotate", "key-1", "centre", "done"),
        ("console", "key.revoke", "key-1", "centre", "done"),
    ]


def test_no_key_is_rotated_when_the_log_cannot_be_written(town):
    account(town)
    with closing(sqlite3.connect(town.home / "service" / "audit.db", isolation_level=None)) as db:
        db.execute("create trigger full before insert on entry begin select raise(abort, 'disk full'); end")
    before = town("keys", "list", "centre", "--json").json
    town.refused("audit.unavailable", "keys", "rotate", "centre")
    assert town("keys", "list", "centre", "--json").json == before


def test_the_log_is_whole_and_its_signed_heads_agree(town):
    account(town)
    anchored = town("audit", "anchor", "--json").json
    account(town, "dominique")
    assert town("audit", "verify", "--json").json == {"entries": anchored["entry"] * 2, "heads": 1}
    assert str(anchored["entry"] * 2) in town("audit", "verify", "--key", anchored["key"]).out


TAMPERED = {
    "edited": ("update entry set who = 'a-9' where number = 2", "audit.changed", 2),
    "deleted": ("delete from entry where number = 2", "audit.missing", 2),
    "truncated": ("delete from entry where number > 3", "audit.truncated", 4),
}


@pytest.mark.parametrize(("statement", "code", "entry"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_named_by_its_first_entry(town, statement, code, entry):
    account(town)
    elsewhere = town.path("heads.txt")
    key = town("audit", "anchor", "--out", elsewhere, "--json").json["key"]
    damage(town, statement)
    said = town.refused(code, "audit", "verify", "--heads", elsewhere, "--key", key, "--json")
    assert said.json["entry"] == entry


def test_a_log_made_anew_with_another_key_is_told_by_the_key_that_was_noted(town):
    account(town)
    elsewhere = town.path("heads.txt")
    key = town("audit", "anchor", "--out", elsewhere, "--json").json["key"]
    for file in (town.home / "service").glob("audit*"):
        file.unlink()
    account(town, "dominique")
    account(town, "sacha")
    forged = town.path("forged.txt")
    town("audit", "anchor", "--out", forged)
    town.refused("audit.rewritten", "audit", "verify", "--heads", elsewhere, "--key", key)
    town.refused("audit.head", "audit", "verify", "--heads", forged, "--key", key)
    town.refused("audit.head", "audit", "verify", "--heads", elsewhere)


@pytest.mark.parametrize("line", ["x", "a.b.c", "e30.e30.e30", "é"])
def test_what_is_no_head_is_refused(town, line):
    account(town)
    town("audit", "anchor")
    town.refused("audit.head", "audit", "verify", "--heads", town.write("heads.txt", line))
    town.refused("cli.no_such_file", "audit", "verify", "--heads", town.path("nowhere.txt"))
