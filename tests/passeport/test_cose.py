"""A credential in COSE from the command line: issued on request, kept, shown, verified, withdrawn."""

import pytest

from proofs.cose import envelope, sign1


@pytest.fixture
def cose(furnished):
    """A home whose wallet has the certification in COSE too."""
    out = furnished.path("cose")
    furnished(
        "issue", furnished.path("results.csv"), "--issuer", "centre", "--out", out,
        "--holders", furnished.path("holders.csv"), "--form", "vc+cose",
    )  # fmt: skip
    [file] = out.glob("R-1-*.vc.cose")
    furnished("wallet", "add", file)
    return furnished, file


def _held(home, file) -> str:
    return next(
        one["id"] for one in home("wallet", "list", "--json").json if one["form"] == "application/vc+cose"
    )


def test_what_is_issued_is_a_message(cose) -> None:
    _, file = cose
    message = sign1.parse(file.read_bytes())
    assert message.header[sign1.TYP] == "application/vc+cose"
    assert envelope.unverified(file.read_bytes()).document["type"][-1] == "CertificationCredential"


def test_the_file_is_verified_as_it_is(cose) -> None:
    home, file = cose
    report = home("verify", file, "--json").json
    assert report["credentials"][0]["shown"]["title"] == "Développeur web et web mobile"
    assert {step["code"] for step in report["credentials"][0]["steps"]} >= {
        "integrity.intact",
        "status.valid",
    }


def test_it_is_shown_to_whoever_asks_and_counts_once(cose) -> None:
    home, file = cose
    audience = ("--audience", "https://recruteur.example")
    nonce = home("ask", *audience).out.strip()
    share = home.path("reponse")
    home("wallet", "present", "--show", f"{_held(home, file)}:*", *audience, "--nonce", nonce, "--out", share)
    assert share.read_text().startswith("data:application/vp+cose;base64,")
    assert home("verify", share, *audience, "--nonce", nonce, "--json").json["verdict"] == "genuine"
    assert home("verify", share, *audience, "--nonce", nonce, "--json", ends=1).json["verdict"] == "not_valid"


@pytest.mark.parametrize("form", ["vp+jwt", "vp+cose"])
def test_beside_the_other_forms_in_one_presentation(cose, form) -> None:
    home, file = cose
    share = home.path("reponse")
    shown = ("--show", f"{_held(home, file)}:*", "--show", f"{home.held('R-2')}:*", "--form", form)
    home("wallet", "present", *shown, "--out", share)
    report = home("verify", share, "--json").json
    assert (report["verdict"], len(report["credentials"])) == ("genuine", 2)


def test_withdrawn_it_is_not_valid(cose) -> None:
    home, file = cose
    home("revoke", "R-1", "--issuer", "centre", "--reason", "essai")
    report = home("verify", file, "--json", ends=1).json
    assert "status.revoked" in {step["code"] for step in report["credentials"][0]["steps"]}


def test_it_is_shown_whole(cose) -> None:
    home, file = cose
    held = _held(home, file)
    home.refused("present.shows_everything", "wallet", "present", "--show", f"{held}:mention")
    home.refused("present.shows_everything", "derive", file, "--reveal", "/credentialSubject")


def test_changed_it_is_refused(cose) -> None:
    home, file = cose
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    assert not home("verify", home.write("faux", bytes(data)), "--json", ends=1).json["verified"]
    home.refused("wallet.not_verified", "wallet", "add", home.write("faux", bytes(data)))
