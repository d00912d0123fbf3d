"""``passeport keys``: an issuer is made whole, its keys have a history, its document is public."""

import json

import pytest

from keys.dids import web as did_web

TABLE = """\
reference;code;nom;prenoms;date_naissance;date_obtention
P-1;RS6587;EXEMPLE;Camille;29/02/2000;27/03/2026
"""
CREATE = ("keys", "create", "centre", "--did", "did:web:a.example", "--org", "Centre (fictif)")


def document(passeport, host: str = "a.example") -> dict:
    return json.loads((passeport.home / "web" / host / ".well-known" / "did.json").read_text("utf-8"))


def multikeys(passeport) -> list[dict]:
    methods = document(passeport)["verificationMethod"]
    return [method for method in methods if method["type"] == "Multikey"]


def test_an_issuer_is_made_with_a_key_that_signs_and_is_published(passeport) -> None:
    said = passeport(*CREATE)
    assert "did:web:a.example" in said.out
    [key] = passeport("keys", "list", "centre", "--json").json
    assert (key["id"], key["state"], key["algorithm"], key["revoked"]) == ("key-1", "active", "P-256", None)
    [method] = multikeys(passeport)
    assert method["publicKeyMultibase"] == key["publicKeyMultibase"]


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
def test_an_issuer_may_have_a_key_of_any_kind(passeport, algorithm: str) -> None:
    told = passeport(*CREATE, "--algorithm", algorithm, "--json").json
    assert told["did"] == "did:web:a.example"
    assert passeport("keys", "list", "centre", "--json").json[0]["algorithm"] == algorithm


def test_only_its_owner_reads_an_issuers_folder(passeport) -> None:
    passeport(*CREATE)
    folder = passeport.home / "issuers" / "centre"
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir() if path.stat().st_size} == {0}


def test_no_secret_is_written_in_the_clear(passeport) -> None:
    passeport(*CREATE)
    written = [path.read_bytes() for path in passeport.home.rglob("*") if path.is_file()]
    assert not any(passeport.secret.encode() in data for data in written)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--did", "did:key:zDnaexLg18795Jm5pMDrbV5JsgMcMwHTNvD3ZAYCWJuFVJAqa", "--org", "A"], None),
        (["--did", "did:web:", "--org", "A"], None),
        (["--did", "did:web:../..", "--org", "A"], None),
        (["--did", "pas un did", "--org", "A"], "claim.type"),
        (["--did", "did:web:a.example", "--org", ""], "claim.blank"),
        (["--did", "did:web:a.example", "--org", "A", "--siret", "1234567890123a"], "cli.siret"),
        (["--did", "did:web:a.example", "--org", "A", "--siret", "1" * 15], "cli.siret"),
        (["--did", "did:web:a.example", "--org", "A", "--siret", "00000001800003"], "cli.siret"),
    ],
)
def test_an_issuer_that_cannot_be_is_not_half_made(passeport, options: list[str], code: str | None) -> None:
    said = passeport("keys", "create", "centre", *options, ends=2)
    assert code is None or said.err.split()[-1] == code
    assert not (passeport.home / "issuers" / "centre").exists()
    assert not (passeport.home / "web").exists()
    passeport(*CREATE)


def test_the_profile_goes_into_what_is_signed(passeport) -> None:
    options = ["--siret", "00000001800002", "--url", "https://a.example/"]
    passeport(*CREATE, *options)
    out = passeport.path("out")
    passeport("issue", passeport.write("t.csv", TABLE), "--issuer", "centre", "--out", out)
    [file] = out.glob("P-1-*.json")
    issuer = json.loads(file.read_text("utf-8"))["issuer"]
    assert (issuer["id"], issuer["name"]) == ("did:web:a.example", "Centre (fictif)")
    assert "00000001800002" in json.dumps(issuer)


def test_a_rotation_keeps_the_old_key_in_the_document(passeport) -> None:
    passeport(*CREATE)
    told = passeport("keys", "rotate", "centre", "--json").json
    assert (told["old"], told["new"]) == ("key-1", "key-2")
    states = {key["id"]: key["state"] for key in passeport("keys", "list", "centre", "--json").json}
    assert states == {"key-1": "retired", "key-2": "active"}
    assert len(multikeys(passeport)) == 2


def test_a_revocation_says_why_and_when_and_ends_signing(passeport) -> None:
    passeport(*CREATE)
    told = passeport("keys", "revoke", "centre", "key-1", "--reason", "compromised", "--json").json
    assert told["key"] == "key-1"
    [key] = passeport("keys", "list", "centre", "--json").json
    assert (key["state"], key["revoked"]["reason"]) == ("revoked", "compromised")
    assert key["revoked"]["at"]
    passeport.refused("key.none_active", "status", "publish", "--issuer", "centre")
    passeport.refused("key.none_active", "keys", "rotate", "centre")
    again = passeport("keys", "revoke", "centre", "key-1", "--reason", "ceased", ends=2)
    assert again.err


def test_the_list_is_for_people_too(passeport) -> None:
    passeport(*CREATE)
    said = passeport("keys", "list", "centre").out
    assert "key-1" in said
    assert "active" in said
    assert "retirée" in passeport("keys", "rotate", "centre").out + passeport("keys", "list", "centre").out


def test_the_document_is_published_where_asked(passeport) -> None:
    passeport(*CREATE)
    folder = passeport.path("public")
    told = passeport("keys", "publish", "centre", "--out", folder, "--json").json
    assert told["path"] == str(folder / "a.example" / ".well-known" / "did.json")
    assert json.loads((folder / "a.example" / ".well-known" / "did.json").read_text()) == document(passeport)


def test_a_did_with_a_path_and_a_port_has_its_place(passeport) -> None:
    passeport("keys", "create", "b", "--did", "did:web:b.example%3A8443:ecole", "--org", "B")
    assert did_web.url_of("did:web:b.example%3A8443:ecole") == "https://b.example:8443/ecole/did.json"
    assert (passeport.home / "web" / "b.example%3A8443" / "ecole" / "did.json").is_file()


def test_issuers_do_not_share_keys_or_books(passeport) -> None:
    passeport(*CREATE)
    passeport("keys", "create", "autre", "--did", "did:web:b.example", "--org", "B")
    file = passeport.write("t.csv", TABLE)
    for name in ("centre", "autre"):
        told = passeport("issue", file, "--issuer", name, "--out", passeport.path(name), "--json").json
        assert (told["issued"], told["again"]) == (1, 0), "one reference, two issuers"
    passeport("revoke", "P-1", "--issuer", "centre", "--reason", "x")
    [kept] = passeport.path("autre").glob("*.sd-jwt")
    assert passeport("verify", kept, "--json", ends=0).json["credentials"][0]["verified"]
