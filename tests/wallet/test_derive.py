"""A credential reduced to what is pointed to, in either form; whoever points to nothing is told."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from boundary.strict_json import read_object
from exchange import presentation
from exchange.presentation import Part, SdJwtPart
from problems import InputError, NotFoundError, Problem, ProofGenerationError
from proofs import sd_jwt
from storage.sqlite.vault import SqliteVault
from wallet.derive import derive
from wallet.present import Binding, Choice, present
from wallet.vault import Vault

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def delivered(_furnished: Path):
    """Reads the certification as it was delivered, in one form."""

    def read(form: str) -> Part:
        [file] = (_furnished / "out").glob(f"R-1-*.{form}")
        [part] = presentation.read(file.read_bytes())
        return part

    return read


@pytest.fixture
def vault(_furnished: Path, tmp_path: Path) -> Iterator[Vault]:
    path = tmp_path / "wallet.db"
    path.write_bytes((_furnished / "home" / "wallet.db").read_bytes())
    with closing(SqliteVault(path)) as store:
        yield Vault.open(store, "phrase secrète de test")


def test_a_json_ld_credential_shows_what_is_mandatory_and_what_is_pointed_to(delivered) -> None:
    document = read_object(derive(delivered("json"), ["/credentialSubject/familyName"]))
    subject = document["credentialSubject"]
    assert subject["familyName"] == "EXEMPLE-DÉMONSTRATION"
    assert "givenName" not in subject
    assert document["credentialStatus"]
    assert document["proof"]["cryptosuite"] == "ecdsa-sd-2023"


def test_an_sd_jwt_shows_what_is_pointed_to(delivered) -> None:
    text = derive(delivered("sd-jwt"), ["/family_name", "/blocks/1"])
    assert set(sd_jwt.disclosed(sd_jwt.parse(text))) == {("family_name",), ("blocks",), ("blocks", 0)}
    assert "Camille" not in json.dumps([*map(str, sd_jwt.disclosed(sd_jwt.parse(text)).values())])


@pytest.mark.parametrize("form", ["json", "sd-jwt"])
def test_nothing_pointed_to_shows_the_least(delivered, form: str) -> None:
    text = derive(delivered(form), [])
    assert "EXEMPLE-DÉMONSTRATION" not in text
    assert text


@pytest.mark.parametrize(
    "pointer", ["/credentialSubject/nir", "credentialSubject", "/proof", "//", "/@context/9", "~"]
)
def test_a_pointer_to_nothing_in_json_ld_is_refused(delivered, pointer: str) -> None:
    with pytest.raises(Problem) as caught:
        derive(delivered("json"), [pointer])
    assert caught.value.says("fr").next_step


@pytest.mark.parametrize("pointer", ["/nir", "family_name", "/iss", "/blocks/99", "/", ""])
def test_a_pointer_to_nothing_that_an_sd_jwt_hides_is_refused(delivered, pointer: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        derive(delivered("sd-jwt"), [pointer])
    assert caught.value.code == "present.item_unknown"
    assert "/family_name" in str(caught.value.facts["known"])


def test_what_was_derived_is_derived_no_further(delivered) -> None:
    [reduced] = presentation.read(derive(delivered("json"), ["/credentialSubject/familyName"]).encode())
    with pytest.raises(Problem):
        derive(reduced, [])


def test_an_sd_jwt_that_was_reduced_is_reduced_again(delivered) -> None:
    text = derive(delivered("sd-jwt"), ["/family_name", "/given_name"])
    again = derive(SdJwtPart(text), ["/given_name"])
    assert set(sd_jwt.disclosed(sd_jwt.parse(again))) == {("given_name",)}


@pytest.mark.parametrize("form", ["application/vc", "application/dc+sd-jwt"])
def test_what_was_made_for_somebody_is_not_reduced(vault: Vault, form: str) -> None:
    """It would be somebody's answer to another question."""
    held = next(one for one in vault.credentials() if one.media_type == form)
    [part] = present([Choice(held)], vault, Binding("https://r.example", "n", NOW))
    with pytest.raises((InputError, ProofGenerationError)):
        derive(part, [])
