"""``vc+jwt``, ``vc+sd-jwt``, ``vp+jwt``, ``vp+sd-jwt`` from the command line, from issue to withdrawal."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from credentials.envelopes import Envelope, wrap
from exchange import presentation, qr
from proofs import jose, jws, sd_jwt

AUDIENCE = "https://recruteur.example"


@pytest.fixture
def delivered(furnished):
    """The same awards, issued again as tokens and kept beside the forms that the wallet has."""
    out = furnished.path("tokens")
    forms = ["--form", "vc+jwt", "--form", "vc+sd-jwt"]
    holders = ["--holders", furnished.path("holders.csv")]
    furnished("issue", furnished.path("results.csv"), "--issuer", "centre", "--out", out, *holders, *forms)
    return out


@pytest.fixture
def kept(furnished, delivered: Path):
    """Return the id of an award in the wallet, by its reference and form."""
    files = sorted(path for path in delivered.iterdir() if path.suffix in (".vc+jwt", ".vc+sd-jwt"))
    added = furnished("wallet", "add", *files, "--json").json
    names = {(path.name[:3], path.suffix[1:]): one["id"] for path, one in zip(files, added, strict=True)}
    assert len(names) == 6
    return names


def verified(furnished, share, *arguments, ends=0):
    path = furnished.write("share.txt", share)
    return furnished("verify", path, "--json", *arguments, ends=ends).json


def test_tokens_are_issued_on_request_and_only_then(furnished, delivered: Path) -> None:
    [whole] = delivered.glob("R-1-*.vc+jwt")
    [selective] = delivered.glob("R-1-*.vc+sd-jwt")
    assert jose.peek(whole.read_text()) == "vc+jwt"
    assert jose.peek(selective.read_text()) == "vc+sd-jwt"
    assert not [path for path in furnished.path("out").iterdir() if "vc+" in path.name]
    assert "EXEMPLE" not in selective.read_text()
    assert b"EXEMPLE" not in jws.parse(selective.read_text().partition("~")[0]).payload


def test_the_same_order_gives_the_same_bytes(furnished, delivered: Path) -> None:
    before = {path.name: path.read_bytes() for path in delivered.glob("*.vc+*")}
    furnished(
        "issue", furnished.path("results.csv"), "--issuer", "centre", "--out", furnished.path("again"),
        "--holders", furnished.path("holders.csv"), "--form", "vc+sd-jwt", "--form", "vc+jwt",
    )  # fmt: skip
    assert {path.name: path.read_bytes() for path in furnished.path("again").glob("*.vc+*")} == before


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-384"])
def test_any_key_of_an_issuer_signs_tokens(furnished, algorithm: str) -> None:
    name = ["--did", "did:web:autre.example", "--org", "Autre (fictif)"]
    furnished("keys", "create", "autre", *name, "--algorithm", algorithm)
    out, forms = furnished.path("o"), ["--form", "vc+jwt", "--form", "vc+sd-jwt"]
    arguments = ["--issuer", "autre", "--out", out, "--algorithm", algorithm, *forms]
    furnished("issue", furnished.path("results.csv"), *arguments)
    for file in out.glob("R-1-*.vc+*"):
        header = jws.parse(file.read_text().partition("~")[0]).header
        assert header["alg"] == {"Ed25519": "EdDSA", "P-384": "ES384"}[algorithm]
        assert furnished("verify", file, "--json").json["verified"]


def test_a_document_of_another_tool(furnished) -> None:
    """Of a type that is not ours: each thing said of the subject can be hidden, its name cannot."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/passeport/v1"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {
            "id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0",
            "type": "Holder",
            "givenName": "Camille",
        },
    }
    source = furnished.write("ready.json", json.dumps([document]))
    out = furnished.path("ready")
    furnished("issue", source, "--issuer", "centre", "--out", out, "--form", "vc+jwt", "--form", "vc+sd-jwt")
    [selective] = out.glob("*.vc+sd-jwt")
    assert set(sd_jwt.disclosed(sd_jwt.parse(selective.read_text()))) == {("credentialSubject", "givenName")}
    undefined = {**document, "inconnu": "x"}
    bad = furnished.write("bad.json", json.dumps([undefined]))
    said = furnished("issue", bad, "--issuer", "centre", "--out", out, "--form", "vc+jwt", "--json", ends=2)
    assert "rdf.undefined_term" in said.out


def test_the_wallet_lists_and_shows_tokens(furnished, kept) -> None:
    listed = {one["id"]: one for one in furnished("wallet", "list", "--json").json}
    assert listed[kept["R-1", "vc+jwt"]]["form"] == "application/vc+jwt"
    assert listed[kept["R-1", "vc+sd-jwt"]]["form"] == "application/vc+sd-jwt"
    assert "vc+sd-jwt" in furnished("wallet", "list").out
    shown = furnished("wallet", "show", kept["R-1", "vc+sd-jwt"])
    assert "family_name" in shown.out
    assert "EXEMPLE-DÉMONSTRATION" in shown.out
    items = [one["id"] for one in listed[kept["R-1", "vc+sd-jwt"]]["items"]]
    assert items == [one["id"] for one in listed[furnished.held("R-1")]["items"]]


def test_a_token_is_kept_once_also_out_of_an_envelope(furnished, delivered: Path, kept) -> None:
    [file] = delivered.glob("R-1-*.vc+jwt")
    node = furnished.write("enveloped.json", json.dumps(wrap(Envelope("vc+jwt", file.read_text()))))
    [again] = furnished("wallet", "add", node, "--json").json
    assert again["id"] == kept["R-1", "vc+jwt"]
    furnished("wallet", "remove", again["id"])
    furnished("wallet", "add", file)


def test_what_does_not_verify_is_not_kept(furnished, delivered: Path) -> None:
    [file] = delivered.glob("R-1-*.vc+jwt")
    head, payload, signature = file.read_text().split(".")
    bent = furnished.write("bent", f"{head}.{payload}.{'A' * len(signature)}")
    furnished.refused("wallet.not_verified", "wallet", "add", bent)
    [other] = delivered.glob("R-2-*.vc+jwt")
    spliced = furnished.write("spliced", f"{head}.{payload}.{other.read_text().split('.')[2]}")
    furnished.refused("wallet.not_verified", "wallet", "add", spliced)


def test_what_was_presented_is_not_kept(furnished, kept) -> None:
    for name, code in [("vc+sd-jwt", "sdjwt.unexpected_kb"), ("vc+jwt", "wallet.presentation")]:
        share = furnished("wallet", "present", "--show", f"{kept['R-1', name]}:*").out
        furnished.refused(code, "wallet", "add", furnished.write("shared", share))


def test_somebody_elses_token_is_not_kept(furnished, delivered: Path, tmp_path: Path) -> None:
    stranger = replace(furnished, more={"PASSEPORT_HOME": str(tmp_path / "stranger")})
    stranger("wallet", "create")
    [file] = delivered.glob("R-1-*.vc+jwt")
    stranger.refused("wallet.not_yours", "wallet", "add", file)


def test_items_of_a_token_are_shown_one_by_one(furnished, kept) -> None:
    share = furnished("wallet", "present", "--show", f"{kept['R-1', 'vc+sd-jwt']}:mention,block.1").out
    [part] = presentation.read(share.encode())
    assert part.form == "vc+sd-jwt"
    [line] = verified(furnished, share)["credentials"]
    assert {"mention", "block.0"} <= {item["id"] for item in line["shown"]["items"]}
    assert "EXEMPLE" not in json.dumps(line, ensure_ascii=False)


def test_a_whole_token_is_shown_whole(furnished, kept) -> None:
    name = kept["R-1", "vc+jwt"]
    furnished.refused("present.shows_everything", "wallet", "present", "--show", f"{name}:mention")
    share = furnished("wallet", "present", "--show", f"{name}:*").out
    [part] = presentation.read(share.encode())
    assert part.form == "vp+jwt"
    assert verified(furnished, share)["verified"]


@pytest.mark.parametrize("form", ["vp+jwt", "vp+sd-jwt"])
def test_everything_in_one_form(furnished, kept, form: str) -> None:
    """Whatever it is secured by: one token per key, and all of it in a QR code too."""
    choices = [
        f"{kept['R-1', 'vc+jwt']}:*",
        f"{kept['R-1', 'vc+sd-jwt']}:mention",
    ]
    shows = [argument for choice in choices for argument in ("--show", choice)]
    picture = furnished.path("p.png")
    told = furnished("wallet", "present", *shows, "--form", form, "--qr", picture, "--json").json
    assert jose.peek(told["presentation"]) == form
    assert qr.presentations(qr.decode(told["qr"]["text"])) == (told["presentation"],)
    for share in (told["presentation"].encode(), picture.read_bytes()):
        assert verified(furnished, share)["verified"]
    old = furnished(
        "wallet", "present", "--show", f"{furnished.held('R-2', 'json')}:family_name", "--form", form
    ).out
    [part] = presentation.read(old.encode())
    assert part.form == form
    assert verified(furnished, old)["verified"]


def test_no_other_form_is_known(furnished, kept) -> None:
    for form in ("vc+jwt", "vp+cwt", ""):
        furnished.refused(
            "present.form", "wallet", "present", "--show", f"{kept['R-1', 'vc+jwt']}:*", "--form", form
        )


@pytest.mark.parametrize("form", ["vc+jwt", "vc+sd-jwt"])
def test_an_answer_counts_once(furnished, kept, form: str) -> None:
    nonce = furnished("ask", "--audience", AUDIENCE).out.strip()
    asked = ["--audience", AUDIENCE, "--nonce", nonce]
    share = furnished("wallet", "present", "--show", f"{kept['R-1', form]}:*", *asked).out
    other = verified(furnished, share, "--audience", AUDIENCE, "--nonce", "another", ends=1)
    assert not other["verified"]
    elsewhere = verified(furnished, share, "--audience", "https://autre.example", "--nonce", nonce, ends=1)
    assert not elsewhere["verified"]
    assert verified(furnished, share, *asked)["verified"]
    again = verified(furnished, share, *asked, ends=1)
    assert [step["code"] for step in again["steps"]][-1] == "holder.replayed"
    unasked = verified(furnished, share, ends=1)
    assert "holder.for_another" in json.dumps(unasked)


def test_withdrawn_in_every_form(furnished, kept) -> None:
    shares = [
        furnished("wallet", "present", "--show", f"{kept['R-1', form]}:*").out
        for form in ("vc+jwt", "vc+sd-jwt")
    ]
    told = furnished("revoke", "R-1", "--issuer", "centre", "--reason", "essai", "--json").json
    assert told["count"] == 4
    for share in shares:
        [line] = verified(furnished, share, ends=1)["credentials"]
        assert "status.revoked" in [step["code"] for step in line["steps"]]


def test_a_token_reduced_to_what_is_pointed_to(furnished, delivered: Path) -> None:
    [file] = delivered.glob("R-1-*.vc+sd-jwt")
    said = furnished("derive", file, "--reveal", "/credentialSubject/familyName")
    assert set(sd_jwt.disclosed(sd_jwt.parse(said.out.strip()))) == {("credentialSubject", "familyName")}
    assert verified(furnished, said.out)["verified"]
    furnished.refused("present.item_unknown", "derive", file, "--reveal", "/issuer")
    [whole] = delivered.glob("R-1-*.vc+jwt")
    furnished.refused("present.shows_everything", "derive", whole)


def test_backed_up_and_restored(furnished, kept) -> None:
    told = furnished("wallet", "export", furnished.path("backup"), "--json").json
    for name in kept.values():
        furnished("wallet", "remove", name)
    restored = furnished("wallet", "restore", furnished.path("backup"), "--code", told["code"], "--json").json
    assert restored["credentials"] == 6
    assert furnished("wallet", "show", kept["R-1", "vc+sd-jwt"]).status == 0
