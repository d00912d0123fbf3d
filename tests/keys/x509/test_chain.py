"""A chain counts when it leads to an anchor that is trusted, and says then whose key it is."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.local import LocalSigner
from keys.x509 import Authority, Chain, check, read_pem, read_x5c
from problems import MalformedValueError, ProofVerificationError

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
AUTHORITY = Authority.create("Autorité fictive", NOW)
SIGNER = LocalSigner.generate("P-256")
CHAIN = AUTHORITY.certify(
    SIGNER.public_key,
    "Centre (fictif)",
    NOW,
    hosts=["centre.example"],
    uris=["https://centre.example/issuer"],
)


def refused(code: str, chain: Chain, anchors=(AUTHORITY.certificate,), now=NOW) -> None:
    with pytest.raises(ProofVerificationError) as refusal:
        check(chain, anchors, now)
    assert refusal.value.code == code


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
def test_a_chain_says_whose_key_it_is(algorithm):
    signer = LocalSigner.generate(algorithm)
    chain = read_x5c(AUTHORITY.certify(signer.public_key, "Centre (fictif)", NOW, hosts=["a.example"]).x5c)
    check(chain, [AUTHORITY.certificate], NOW)
    assert chain.key == signer.public_key
    assert chain.dns_names == ("a.example",)
    assert chain.organisation == "Centre (fictif)"


def test_a_chain_is_the_same_in_a_header_and_in_a_file():
    assert read_x5c(CHAIN.x5c) == read_pem(CHAIN.pem) == CHAIN
    assert len(CHAIN.digest) == 43
    assert len(CHAIN.authority_keys) == 1


def test_an_authority_is_kept_and_read_again():
    again = Authority.read(AUTHORITY.pem)
    assert again.certificate == AUTHORITY.certificate
    check(again.certify(SIGNER.public_key, "x", NOW), [AUTHORITY.certificate], NOW)


def test_a_chain_of_another_authority_is_not_trusted():
    refused("x509.untrusted", CHAIN, [Authority.create("Autorité fictive", NOW).certificate])
    refused("x509.untrusted", CHAIN, [])


@pytest.mark.parametrize("days", [-1, 366])
def test_a_certificate_counts_in_its_time_only(days):
    refused("x509.untrusted", CHAIN, now=NOW + dt.timedelta(days=days))


def test_a_certificate_that_vouches_for_itself_proves_nothing():
    refused("x509.self_signed", Chain((AUTHORITY.certificate,)))


def test_a_chain_does_not_bring_its_own_anchor():
    refused("x509.anchor_sent", Chain((CHAIN.leaf, AUTHORITY.certificate)))


def test_a_leaf_is_no_authority():
    """Whoever has a certificate for a key cannot make certificates for others."""
    stranger = LocalSigner.generate("P-256")
    forger = Authority(CHAIN.leaf, SIGNER._key)
    refused("x509.untrusted", Chain((forger.certify(stranger.public_key, "Banque", NOW).leaf, CHAIN.leaf)))


def test_a_changed_certificate_is_not_trusted():
    der = bytearray(CHAIN.leaf.public_bytes(Encoding.DER))
    der[-1] ^= 1
    refused("x509.untrusted", Chain((x509.load_der_x509_certificate(bytes(der)),)))


@pytest.mark.parametrize(
    "value", [None, [], "x", [1], ["!"], ["AAAA"], [""], ["A" * 100_000], CHAIN.x5c * 6, [[]], {}]
)
def test_what_is_no_chain_is_malformed(value):
    with pytest.raises(MalformedValueError):
        read_x5c(value)


@pytest.mark.parametrize("data", [b"", b"x", AUTHORITY.pem[:-60], b"-----BEGIN CERTIFICATE-----\n"])
def test_what_is_no_pem_is_malformed(data):
    with pytest.raises(MalformedValueError):
        read_pem(data)
