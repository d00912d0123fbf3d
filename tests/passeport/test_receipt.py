"""A receipt proves that somebody verified a file, and what came of it; it holds nothing about the person."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from keys.local import LocalSigner
from proofs import jws


@pytest.fixture
def shared(furnished):
    out = furnished.path("partage.txt")
    furnished("wallet", "present", "--show", furnished.held("R-2") + ":family_name,given_name", "--out", out)
    return out


@pytest.fixture
def receipt(furnished, shared):
    furnished(
        "keys", "create", "recruteur", "--did", "did:web:recruteur.example", "--org", "Recruteur (fictif)"
    )
    out = furnished.path("recu.json")
    furnished("verify", shared, "--receipt", out, "--as", "recruteur")
    return out


def test_a_receipt_is_sound_and_belongs_to_its_file(furnished, shared, receipt) -> None:
    assert furnished("receipt", "check", receipt, shared, "--json").json["sound"]
    assert furnished("receipt", "check", receipt, "--json").json["sound"]
    said = furnished("receipt", "check", receipt, shared, "--lang", "fr").out
    for words in ("Recruteur (fictif)", "did:web:recruteur.example", "c'est bien ce fichier", "Authentique"):
        assert words in said


def test_it_says_who_when_how_and_on_what_it_relied(furnished, shared, receipt) -> None:
    content = json.loads(receipt.read_text("utf-8"))["receipt"]
    assert content["verifier"] == {"id": "did:web:recruteur.example", "name": "Recruteur (fictif)"}
    assert re.fullmatch(r"passeport \d+\.\d+\.\d+", content["software"])
    assert content["policy"]["question"] is None
    assert {one["host"] for one in content["evidence"]} == {"certificateur.example"}
    assert len(content["evidence"]) == 2, "a key document and a status list"
    [file] = content["files"]
    [document] = file["documents"]
    [line] = document["credentials"]
    steps = {step["step"]: step for step in line["steps"]}
    assert steps["integrity"]["outcome"] == "passed"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", steps["status"]["asOf"])


PERSONAL = ("EXEMPLE", "Camille", "2000", "BTS", "MENTION", "R-2", "partage", "did:key")


def test_it_holds_nothing_of_what_was_shown(furnished, shared, receipt) -> None:
    text = receipt.read_text("utf-8")
    shown = furnished("verify", shared, "--json").json["credentials"][0]["shown"]
    told = [item["value"] for item in shown["items"]] + [shown["title"], shown["holder"], *PERSONAL]
    assert "EXEMPLE-DÉMONSTRATION" in str(told)
    for value in told:
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str) and len(part) > 3:
                assert part not in text


def test_a_refusal_has_its_receipt_too(furnished, shared, receipt) -> None:
    furnished("revoke", "R-2", "--issuer", "centre", "--reason", "x")
    furnished("verify", shared, "--receipt", receipt, "--as", "recruteur", ends=1)
    content = furnished("receipt", "check", receipt, shared, "--json").json["receipt"]
    [document] = content["files"][0]["documents"]
    assert (document["verified"], document["verdict"]) == (False, "not_valid")
    assert "status.revoked" in str(document)
    assert "Non valide" in furnished("receipt", "check", receipt, shared).out


def test_a_batch_has_one_receipt_for_all_its_files(furnished, shared, receipt) -> None:
    folder = furnished.path("candidats")
    folder.mkdir()
    (folder / "dominique-secret.txt").write_bytes(shared.read_bytes())
    (folder / "lettre.txt").write_text("Bonjour")
    out = furnished.path("recus.json")
    furnished("verify", folder, "--receipt", out, "--as", "recruteur", ends=1)
    told = furnished("receipt", "check", out, folder / "lettre.txt", "--json").json["receipt"]
    assert [document["verified"] for file in told["files"] for document in file["documents"]] == [False]
    assert furnished("receipt", "check", out, shared)
    assert "dominique" not in out.read_text("utf-8")


# what must fail


def change(receipt, edit: Callable[[Any], None]) -> None:
    document = json.loads(receipt.read_text("utf-8"))
    edit(document)
    receipt.write_text(json.dumps(document), "utf-8")


def _rows(document) -> None:
    step = document["receipt"]["files"][0]["documents"][0]["credentials"][0]["steps"][0]
    step["outcome"] = "failed"


def _verdict(document) -> None:
    document["receipt"]["files"][0]["documents"][0]["verdict"] = "not_valid"


def _time(document) -> None:
    document["receipt"]["signedAt"] = "2026-01-01T00:00:00Z"


def _file(document) -> None:
    document["receipt"]["files"][0]["sha256"] = "0" * 64


def _policy(document) -> None:
    document["receipt"]["policy"]["proofOnly"] = True


def _evidence(document) -> None:
    document["receipt"]["evidence"] = []


def _more(document) -> None:
    document["receipt"]["note"] = "vérifié"


def _name(document) -> None:
    document["receipt"]["verifier"]["name"] = "Un autre"


@pytest.mark.parametrize(
    "edit",
    [_rows, _verdict, _time, _file, _policy, _evidence, _more, _name],
    ids=lambda edit: edit.__name__[1:],
)
def test_a_changed_receipt_is_no_receipt(furnished, shared, receipt, edit) -> None:
    change(receipt, edit)
    for words in ([receipt], [receipt, shared]):
        told = furnished("receipt", "check", *words, "--json", ends=1).json
        assert (told["sound"], told["problem"]["code"]) == (False, "receipt.changed")
    assert "receipt.changed" in furnished("receipt", "check", receipt, ends=1).err


def test_spelling_does_not_matter_and_content_does(furnished, shared, receipt) -> None:
    document = json.loads(receipt.read_text("utf-8"))
    turned = {name: document["receipt"][name] for name in reversed(document["receipt"])}
    receipt.write_text(json.dumps({"signature": document["signature"], "receipt": turned}, indent=4), "utf-8")
    assert furnished("receipt", "check", receipt, shared)


def test_another_file_is_not_its_file(furnished, shared, receipt) -> None:
    other = furnished.write("autre.txt", shared.read_bytes() + b"\n")
    told = furnished("receipt", "check", receipt, other, "--json", ends=1).json
    assert told["problem"]["code"] == "receipt.other_file"


def _signed_by(receipt, signer: LocalSigner, typ: str = "passeport-receipt", **header: str) -> None:
    import hashlib

    import rfc8785

    document = json.loads(receipt.read_text("utf-8"))
    digest = hashlib.sha256(rfc8785.dumps(document["receipt"])).hexdigest()
    token = jws.sign({"typ": typ, "kid": signer.verification_method, **header}, {"sha256": digest}, signer)
    receipt.write_text(json.dumps({**document, "signature": token}), "utf-8")


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        (None, "receipt.other_party"),
        ("did:web:recruteur.example#key-1", "signature.invalid"),
        ("did:web:recruteur.example#key-9", "did.key_not_listed"),
    ],
    ids=["a-key-of-their-own", "under-the-name-of-the-verifier", "no-such-key"],
)
def test_somebody_elses_key_signs_no_receipt_of_ours(furnished, receipt, kid, code) -> None:
    _signed_by(receipt, LocalSigner.generate("P-256", kid))
    told = furnished("receipt", "check", receipt, "--json", ends=1).json
    assert told["problem"]["code"] == code


def test_a_token_of_another_kind_is_no_receipt(furnished, receipt) -> None:
    _signed_by(receipt, LocalSigner.generate("P-256"), "vc+jwt")
    assert (
        furnished("receipt", "check", receipt, "--json", ends=1).json["problem"]["code"] == "jose.wrong_typ"
    )


def test_a_receipt_is_no_credential(furnished, receipt) -> None:
    signature = json.loads(receipt.read_text("utf-8"))["signature"]
    for form in (receipt.read_bytes(), signature.encode(), f"{signature}~".encode()):
        assert not furnished("verify", "-", "--json", stdin=form, ends=1).json["verified"]


def test_a_key_that_was_stolen_proves_nothing_any_more(furnished, receipt) -> None:
    furnished("keys", "revoke", "recruteur", "key-1", "--reason", "compromised")
    told = furnished("receipt", "check", receipt, "--json", ends=1).json
    assert told["problem"]["code"] == "receipt.key_withdrawn"


def test_a_key_that_was_replaced_still_proves_what_it_signed(furnished, receipt, shared) -> None:
    furnished("keys", "rotate", "recruteur")
    assert furnished("receipt", "check", receipt, shared)


def test_without_the_verifiers_key_nothing_is_known(furnished, receipt) -> None:
    elsewhere = type(furnished)(furnished.path("ailleurs"))
    elsewhere.refused("source.offline", "receipt", "check", receipt)
    assert elsewhere("receipt", "check", receipt, "--pinned", furnished.home / "web")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"receipt": {}, "signature": "a.b.c"}',
        b'{"receipt": {"format": "x"}, "signature": ""}',
    ],
)
def test_what_is_no_receipt_is_refused(furnished, content: bytes) -> None:
    said = furnished("receipt", "check", furnished.write("recu.json", content), "--json", ends=2)
    assert said.json["code"]


def test_a_receipt_is_wished_whole(furnished, shared) -> None:
    furnished.refused("cli.receipt_halved", "verify", shared, "--receipt", "x.json")
    furnished.refused("cli.receipt_halved", "verify", shared, "--as", "centre")
    furnished.refused("cli.issuer_unknown", "verify", shared, "--receipt", "x.json", "--as", "personne")


def test_no_receipt_is_left_of_what_could_not_be_read(furnished, receipt) -> None:
    out = furnished.path("rien.json")
    furnished("verify", "-", "--receipt", out, "--as", "recruteur", ends=2, stdin=b"\x89PNG\r\n\x1a\n")
    assert not out.exists()
