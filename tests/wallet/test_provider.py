"""Who vouches for the wallet: for an instance, for an hour; for keys, no more than is true of them."""

import datetime as dt

import pytest

from exchange.oauth import attestation
from exchange.openid4vci import key_attestation
from exchange.openid4vci.key_attestation import Demand
from keys.local import LocalSigner
from keys.x509 import Authority
from problems import ProtocolError
from wallet.provider import LIFETIME, OwnProvider

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
SERVER = "https://centre.example"
AUTHORITY = Authority.create("Fournisseurs (fictif)", NOW)
SIGNER = LocalSigner.generate("P-256")
PROVIDER = OwnProvider(SIGNER, AUTHORITY.certify(SIGNER.public_key, "Fournisseur (fictif)", NOW))
INSTANCE = LocalSigner.generate("P-256")


def test_an_instance_for_an_hour() -> None:
    word = PROVIDER.vouch(INSTANCE.public_key, "w-1", NOW)
    proof = attestation.prove(INSTANCE, SERVER, "w-1", NOW, challenge="c")
    found = attestation.check(word, proof, SERVER, [AUTHORITY.certificate], NOW)
    assert found.client_id == "w-1"
    late = NOW + LIFETIME
    again = attestation.prove(INSTANCE, SERVER, "w-1", late)
    with pytest.raises(ProtocolError, match=r"attestation\.expired"):
        attestation.check(word, again, SERVER, [AUTHORITY.certificate], late)


def test_keys_as_software_keeps_them() -> None:
    keys = [LocalSigner.generate("P-256").public_key for _ in range(3)]
    word = PROVIDER.vouch_for_keys(keys, "n", NOW)
    found = key_attestation.check(word, [AUTHORITY.certificate], NOW, with_proof=True)
    assert (list(found.keys), found.nonce, found.key_storage) == (keys, "n", ("iso_18045_basic",))


@pytest.mark.parametrize(("level", "met"), [("iso_18045_basic", True), ("iso_18045_moderate", False)])
def test_it_says_no_more_than_is_true(level: str, met: bool) -> None:
    assert PROVIDER.meets(Demand((level,))) == met
    assert PROVIDER.meets(Demand((), (level,))) == met
    assert PROVIDER.meets(Demand())
