"""What a wallet takes in, what it refuses, and where it puts what confirms something."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from problems import (
    InputError,
    LimitError,
    MalformedValueError,
    ParsingError,
    Problem,
    ProofVerificationError,
)
from proofs import SUITES, data_integrity, sd_jwt
from proofs.sd_jwt import KeyBinding
from proofs.suite import ProofOptions
from wallet import hold
from wallet.contents import HolderKey
from wallet.vault import Vault

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DATA = Path(__file__).parents[1] / "exchange" / "data"

Declare = Callable[[Vault, HolderKey], bytes]


def refused(act: Callable[[], object], kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))


def declared_ld(vault: Vault, key: HolderKey, **changes: object) -> bytes:
    """The JSON-LD form of a declared skill, signed as a whole by the holder."""
    document = json.loads((DATA / "declared-skill.ld.json").read_text("utf-8"))
    document["issuer"]["id"] = document["credentialSubject"]["id"] = key.did
    options = ProofOptions(created="2026-11-21T00:00:00Z")
    signed = data_integrity.add_proof(
        {**document, **changes}, SUITES["ecdsa-rdfc-2019"], options, vault.signer_for(key.did)
    )
    return json.dumps(signed, ensure_ascii=False, indent=1).encode()


def test_both_forms_are_recognized_and_kept_as_delivered(vault: Vault, academy: Any) -> None:
    key = vault.new_key(NOW)
    diploma, declared = academy.sd_jwt("diploma", key), declared_ld(vault, key)
    held = [hold.take(diploma, vault, NOW), hold.take(declared, vault, NOW)]
    assert [one.media_type for one in held] == ["application/dc+sd-jwt", "application/vc"]
    assert [one.body for one in vault.credentials()] == [diploma, declared]


def test_a_file_with_a_line_end_holds_the_same_credential(vault: Vault, academy: Any) -> None:
    diploma = academy.sd_jwt("diploma", vault.new_key(NOW))
    assert hold.take(diploma + b"\n", vault, NOW) == hold.take(diploma, vault, NOW)
    assert len(vault.credentials()) == 1


def test_the_list_shows_title_and_issuer(vault: Vault, academy: Any) -> None:
    hold.take(academy.sd_jwt("diploma", vault.new_key(NOW)), vault, NOW)
    [shelved] = hold.shelf(vault)
    assert shelved.facts.title.startswith("BTS Finition")
    assert shelved.facts.issuer_name == "Académie de Valmorin (académie fictive)"
    assert shelved.facts == hold.facts_of(shelved.held)


def test_an_unbound_credential_is_kept(vault: Vault, academy: Any) -> None:
    held = hold.take(academy.sd_jwt("diploma", None), vault, NOW)
    assert not hold.facts_of(held).bound


def test_what_is_bound_to_another_key_is_refused(
    vault: Vault, new_vault: Callable[[], Vault], academy: Any
) -> None:
    other = new_vault()
    stranger = other.new_key(NOW)
    for body in (academy.sd_jwt("diploma", stranger), declared_ld(other, stranger)):
        refused(lambda body=body: hold.take(body, vault, NOW), InputError, "wallet.not_yours")
    assert vault.credentials() == []


def test_what_is_bound_to_a_name_that_we_cannot_be_is_refused(vault: Vault) -> None:
    document = json.loads((DATA / "declared-skill.ld.json").read_text("utf-8"))
    document["credentialSubject"]["id"] = "did:web:someone.example"
    refused(lambda: hold.take(json.dumps(document).encode(), vault, NOW), InputError, "wallet.not_yours")


def test_what_was_already_presented_is_refused(vault: Vault, academy: Any) -> None:
    """RFC 9901 §7.2: an issuer never delivers an SD-JWT+KB (abuse case SD-034)."""
    key = vault.new_key(NOW)
    binding = KeyBinding(vault.signer_for(key.did), "https://verifier.example", "nonce", NOW)
    presented = sd_jwt.present(academy.sd_jwt("diploma", key).decode(), [], binding)
    refused(lambda: hold.take(presented.encode(), vault, NOW), MalformedValueError, "sdjwt.unexpected_kb")
    assert vault.credentials() == []


def test_a_presentation_is_no_credential(vault: Vault) -> None:
    presentation = b'{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"]}'
    refused(lambda: hold.take(presentation, vault, NOW), InputError, "wallet.presentation")


def test_several_at_once_are_not_half_taken(vault: Vault, academy: Any) -> None:
    one = academy.sd_jwt("diploma", vault.new_key(NOW)).decode()
    token = json.dumps({"vp_token": {"a": [one], "b": [one]}}).encode()
    refused(lambda: hold.take(token, vault, NOW), InputError, "wallet.several")
    assert vault.credentials() == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"Bonjour", id="text"),
        pytest.param(b"\xff\xfe", id="not-utf8"),
        pytest.param(b"{}", id="no-type"),
        pytest.param(b'{"type":"VerifiableCredential","type":"x"}', id="name-twice"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"type":["VerifiableCredential"]}', id="nothing-but-a-type"),
        pytest.param(b"a.b.c~", id="segments-of-nothing"),
        pytest.param(b"e30.e30.c2ln~", id="empty-claims"),
        pytest.param(b"e30.e30.c2ln~~~", id="tildes"),
        pytest.param(b"A" * (2 << 20), id="two-megabytes"),
    ],
)
def test_what_is_no_credential_is_told(vault: Vault, body: bytes) -> None:
    with pytest.raises((ParsingError, MalformedValueError, LimitError, ProofVerificationError)) as caught:
        hold.take(body, vault, NOW)
    assert caught.value.says("fr").next_step
    assert vault.credentials() == []


def test_what_does_not_verify_is_not_kept(vault: Vault, academy: Any) -> None:
    seen: list[tuple[bytes, str]] = []

    def verify(body: bytes, media_type: str) -> None:
        seen.append((body, media_type))
        raise ProofVerificationError("signature.invalid")

    diploma = academy.sd_jwt("diploma", vault.new_key(NOW))
    refused(lambda: hold.take(diploma, vault, NOW, verify), ProofVerificationError, "signature.invalid")
    assert seen == [(diploma, "application/dc+sd-jwt")]
    assert vault.credentials() == []


def test_an_endorsement_stands_beside_what_it_endorses(vault: Vault, employer: Any, declare: Declare) -> None:
    key = vault.new_key(NOW)
    declared = declare(vault, key)
    skill = hold.take(declared, vault, NOW)
    endorsement = hold.take(employer.endorsement(declared, key), vault, NOW)
    assert endorsement.endorses == skill.id
    [shelved] = hold.shelf(vault)
    assert shelved.held == skill
    assert [beside.held for beside in shelved.endorsements] == [endorsement]


def test_an_endorsement_that_came_first_finds_its_place(
    vault: Vault, employer: Any, declare: Declare
) -> None:
    key = vault.new_key(NOW)
    declared = declare(vault, key)
    stray = hold.take(employer.endorsement(declared, key), vault, NOW)
    assert stray.endorses is None
    assert [shelved.held for shelved in hold.shelf(vault)] == [stray]
    skill = hold.take(declared, vault, NOW)
    assert vault.get(stray.id).endorses == skill.id
    assert [shelved.held for shelved in hold.shelf(vault)] == [skill]


def test_an_endorsement_of_something_else_stands_alone(vault: Vault, employer: Any, declare: Declare) -> None:
    key = vault.new_key(NOW)
    hold.take(declare(vault, key), vault, NOW)
    other = hold.take(employer.endorsement(declare(vault, key), key), vault, NOW)
    assert other.endorses is None
    assert len(hold.shelf(vault)) == 2


def test_an_endorsement_outlives_what_it_endorsed(vault: Vault, employer: Any, declare: Declare) -> None:
    key = vault.new_key(NOW)
    declared = declare(vault, key)
    skill = hold.take(declared, vault, NOW)
    endorsement = hold.take(employer.endorsement(declared, key), vault, NOW)
    vault.remove(skill.id)
    assert [shelved.held for shelved in hold.shelf(vault)] == [endorsement]


def test_an_endorsement_of_another_holder_is_refused(
    vault: Vault, new_vault: Callable[[], Vault], employer: Any, declare: Declare
) -> None:
    declared = declare(vault, vault.new_key(NOW))
    stranger = new_vault().new_key(NOW)
    refused(
        lambda: hold.take(employer.endorsement(declared, stranger), vault, NOW),
        InputError,
        "wallet.not_yours",
    )


def test_looking_keeps_nothing(vault: Vault, academy: Any) -> None:
    looked = hold.look(academy.sd_jwt("diploma", vault.new_key(NOW)))
    assert looked.facts.title.startswith("BTS")
    assert vault.credentials() == []
