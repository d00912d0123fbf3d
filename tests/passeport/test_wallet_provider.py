"""The development provider of a wallet: made once, trusted by its authority, read from its owner's file."""

import datetime as dt
from pathlib import Path

import pytest

from exchange.oauth import attestation
from keys.local import LocalSigner
from keys.x509 import Authority, key_file, read_anchors
from passeport import wallet_provider
from problems import MalformedValueError, ProtocolError

NOW = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)
SERVER = "https://centre.example"


def test_who_trusts_the_authority_trusts_the_wallet(tmp_path: Path) -> None:
    authority = wallet_provider.create(tmp_path, NOW)
    assert wallet_provider.create(tmp_path, NOW) == authority, "the same again"
    provider, instance = wallet_provider.find(tmp_path), LocalSigner.generate("P-256")
    assert provider is not None
    word = provider.vouch(instance.public_key, "w-1", NOW)
    proof = attestation.prove(instance, SERVER, "w-1", NOW)
    anchors = read_anchors(authority)
    assert attestation.check(word, proof, SERVER, anchors, NOW).client_id == "w-1"
    with pytest.raises(ProtocolError, match=r"attestation\.expired"):
        attestation.check(word, proof, SERVER, anchors, NOW + dt.timedelta(hours=1))
    with pytest.raises(ProtocolError, match=r"x509\.untrusted"):
        attestation.check(word, proof, SERVER, [Authority.create("Autre", NOW).certificate], NOW)


def test_nobody_vouches_unless_asked_to(tmp_path: Path) -> None:
    assert wallet_provider.find(tmp_path) is None


def test_a_file_that_is_none(tmp_path: Path) -> None:
    wallet_provider.create(tmp_path, NOW)
    file = tmp_path / "wallet-provider.pem"
    signer, chain = key_file.read(file.read_bytes())
    other = key_file.write(LocalSigner.generate("P-256"), chain)
    for damaged in (b"", b"x", chain.pem, other, key_file.write(signer, chain)[:300]):
        file.write_bytes(damaged)
        with pytest.raises(MalformedValueError, match=r"x509\.malformed"):
            wallet_provider.find(tmp_path)
