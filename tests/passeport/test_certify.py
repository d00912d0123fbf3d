"""Certificates of keys: requested, taken in, carried by what is issued, and judged by who verifies."""

import datetime as dt
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from boundary import base64url
from keys.keyring import Keyring
from keys.local import LocalSigner
from keys.x509 import Authority, read_x5c

NOW = dt.datetime.now(dt.UTC)
AUTHORITY = Authority.create("Autorité fictive", NOW)
DID = "did:web:certificateur.example"


def ring(town):
    return Keyring(town.home / "issuers" / "centre" / "keyring.json")


def chain_for(town, key=None, authority=AUTHORITY, now=NOW, **names):
    named = names or {"hosts": ["certificateur.example"], "uris": [DID]}
    public = key or ring(town).records()[0].key
    return authority.certify(public, "Centre (fictif)", now, **named)


def anchors(town):
    return town.write("anchors.pem", AUTHORITY.certificate.public_bytes(Encoding.PEM))


def header_of(path):
    return json.loads(base64url.decode(path.read_text("utf-8").partition(".")[0]))


def reissued(town):
    """One more award, after the chain was taken in."""
    results = town.write(
        "more.csv",
        "reference;code;nom;prenoms;date_naissance;date_obtention\n"
        "R-9;RNCP35809;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;05/07/2024\n",
    )
    town("issue", results, "--issuer", "centre", "--out", town.path("out9"))
    [path] = town.path("out9").glob("R-9-*.sd-jwt")
    return path


def test_a_request_is_signed_by_the_key_that_it_is_for(furnished):
    out = furnished.path("centre.csr")
    furnished("keys", "certify", "centre", "--csr", out)
    request = x509.load_pem_x509_csr(out.read_bytes())
    assert request.is_signature_valid
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["certificateur.example"]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [DID]
    assert b"PRIVATE" not in out.read_bytes()


def test_a_chain_is_carried_by_what_is_issued_and_names_the_issuer(furnished):
    pem = furnished.write("chain.pem", chain_for(furnished).pem)
    furnished("keys", "certify", "centre", "--chain", pem)
    path = reissued(furnished)
    header = header_of(path)
    assert read_x5c(header["x5c"]).key == ring(furnished).records()[0].key
    assert header["kid"] == f"{DID}#key-1"
    report = furnished("verify", path, "--anchors", anchors(furnished), "--json").json
    steps = {step["step"]: step for step in report["credentials"][0]["steps"]}
    assert steps["issuer"]["code"] == "issuer.certified"
    assert "Centre (fictif)" in steps["issuer"]["sentence"]
    assert steps["status"]["outcome"] == "passed"
    plain = furnished("verify", path, "--json").json
    steps = {step["step"]: step for step in plain["credentials"][0]["steps"]}
    assert steps["issuer"]["code"] == "issuer.domain"


def test_a_revoked_key_is_not_saved_by_its_certificate(furnished):
    furnished("keys", "certify", "centre", "--chain", furnished.write("c.pem", chain_for(furnished).pem))
    path = reissued(furnished)
    furnished("keys", "revoke", "centre", "key-1", "--reason", "compromised")
    report = furnished("verify", path, "--anchors", anchors(furnished), "--json", ends=1).json
    codes = {step["code"] for step in report["credentials"][0]["steps"]}
    assert "issuer_key.compromised" in codes


def test_expiry_is_told(furnished):
    said = furnished(
        "keys", "certify", "centre", "--chain", furnished.write("c.pem", chain_for(furnished).pem)
    )
    until = (NOW + dt.timedelta(days=365)).date().isoformat()
    assert until in said.out
    [key] = furnished("keys", "list", "centre", "--json").json
    assert key["certifiedUntil"].startswith(until)


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("x509.other_key", {"key": LocalSigner.generate("P-256").public_key}),
        ("x509.other_issuer", {"hosts": ["autre.example"], "uris": ["did:web:autre.example"]}),
        ("x509.ended", {"now": NOW - dt.timedelta(days=400)}),
    ],
)
def test_a_chain_of_another(furnished, code, how):
    pem = furnished.write("chain.pem", chain_for(furnished, **how).pem)
    furnished.refused(code, "keys", "certify", "centre", "--chain", pem)
    assert not (furnished.home / "issuers" / "centre" / "certificates").exists()


def test_what_is_no_chain(furnished):
    own = furnished.write("own.pem", AUTHORITY.certificate.public_bytes(Encoding.PEM))
    furnished.refused("x509.self_signed", "keys", "certify", "centre", "--chain", own)
    for data in (b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        pem = furnished.write("bad.pem", data)
        furnished.refused("x509.malformed", "keys", "certify", "centre", "--chain", pem)
        furnished.refused("x509.malformed", "verify", furnished.path("out"), "--anchors", pem)
    furnished.refused("x509.chain_or_request", "keys", "certify", "centre")
    furnished.refused("cli.no_such_file", "verify", furnished.path("out"), "--anchors", "nothing.pem")
