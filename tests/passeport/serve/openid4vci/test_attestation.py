"""Wallets that their provider vouches for (HAIP 1.0): the provider's word, and the instance's own."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from boundary import strict_json
from credentials.status import token as lists
from exchange.oauth import attestation
from keys.local import LocalSigner
from keys.x509.authority import Authority
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from proofs import jws

CENTRE = "http://127.0.0.1:8000/issuers/centre"
LIST = "https://provider.example/status/1"


class Provider:
    """A wallet's provider, and one instance of its wallet."""

    def __init__(self, clock):
        self.clock = clock
        self.authority = Authority.create("Fournisseurs (fictif)", clock())
        self.signer, self.instance = LocalSigner.generate("P-256"), LocalSigner.generate("P-256")
        self.chain = self.authority.certify(self.signer.public_key, "Fournisseur (fictif)", clock())

    def headers(self, signer=None, instance=None, server=CENTRE, made=None, **how):
        instance, ends = instance or self.instance, how.pop("expires", self.clock() + dt.timedelta(hours=1))
        word = attestation.attest(
            signer or self.signer, how.pop("chain", self.chain), "w-1", self.instance.public_key, ends, **how
        )
        pop = attestation.prove(instance, server, "w-1", made or self.clock())
        return {attestation.HEADER: word, attestation.POP_HEADER: pop}

    def publish(self, web, states):
        claims = {"sub": LIST, "iat": int(self.clock().timestamp()), "ttl": 3600}
        claims["status_list"] = {"bits": 2, "lst": lists.encode(states)}
        path = web / "provider.example" / "status" / "1"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(jws.sign({"typ": lists.TYP, "x5c": self.chain.x5c}, claims, self.signer))


@pytest.fixture
def provider(clock):
    return Provider(clock)


@pytest.fixture
def strict(certifier, provider, tmp_path):
    """The same service, for attested wallets only."""
    anchors = tmp_path / "providers.pem"
    anchors.write_bytes(provider.authority.certificate.public_bytes(_pem()))
    settings = Service(
        home=certifier.house.settings.home,
        passphrase=certifier.house.settings.passphrase,
        wallet_providers=anchors,
        attested_only=True,
        requests_per_minute=100_000,
    )
    app = create_app(settings)
    app.state.house.now = certifier.clock
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as http:
        yield replace(certifier, app=app, http=http)


def _pem():
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.PEM


def redeem(strict, headers, **more):
    sent = strict.offer(f"R-{uuid.uuid4().hex[:12]}")
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "pre-authorized_code": strict.read(sent).pre_authorized.code,
        **more,
    }
    return strict.http.post("/issuers/centre/token", data=form, headers=headers)


def refused(answer, code):
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert answer.json()["error_description"].startswith(code), answer.text


def test_an_attested_wallet_is_served_under_its_attested_name(strict, provider):
    answer = redeem(strict, provider.headers())
    wallet = strict.wallet(client_id="w-1").with_tokens(answer)
    assert wallet.fetch().status_code == 200
    assert redeem(strict, provider.headers(), client_id="w-1").status_code == 200


def test_the_metadata_say_so(strict, certifier):
    path = "/.well-known/oauth-authorization-server/issuers/centre"
    found = strict.http.get(path).json()
    assert found["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert found["client_attestation_signing_alg_values_supported"]
    assert certifier.http.get(path).json()["token_endpoint_auth_methods_supported"] == ["none"]


def test_without_attestation_nobody_is_served(strict, provider):
    refused(redeem(strict, {}), "attestation.missing")
    for name in (attestation.HEADER, attestation.POP_HEADER):
        refused(redeem(strict, {name: provider.headers()[name]}), "attestation.missing")
    form = {"response_type": "code", "client_id": "w-1", "redirect_uri": "https://w.example/b"}
    challenge = {
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    refused(strict.http.post("/issuers/centre/par", data={**form, **challenge}), "attestation.missing")


def test_what_is_wrong_with_an_attestation(strict, provider, clock):
    """CI-028: expired, for another service, proved by another key, of an unknown provider."""
    now = clock()
    stranger = Provider(clock)
    wrong = {
        "attestation.expired": provider.headers(expires=now),
        "attestation.other_server": provider.headers(server=CENTRE + "/"),
        "signature.invalid": provider.headers(instance=LocalSigner.generate("P-256")),
        "x509.untrusted": stranger.headers(),
        "oauth.proof_time": provider.headers(made=now - dt.timedelta(hours=1)),
        "signature": provider.headers(signer=LocalSigner.generate("P-256")),
        "jose.wrong_typ": {
            attestation.HEADER: provider.headers()[attestation.POP_HEADER],
            attestation.POP_HEADER: provider.headers()[attestation.HEADER],
        },
    }
    wrong["x509.malformed"] = wrong.pop("jose.wrong_typ")  # the instance's word has no chain
    for code, headers in wrong.items():
        refused(redeem(strict, headers), code)
    refused(redeem(strict, provider.headers(), client_id="w-2"), "attestation.other_client")
    assert redeem(strict, provider.headers()).status_code == 200


def test_an_instances_word_serves_once(strict, provider):
    headers = provider.headers()
    assert redeem(strict, headers).status_code == 200
    refused(redeem(strict, headers), "attestation.replayed")


def test_a_revoked_attestation(strict, provider):
    """CI-028: the provider's list decides, and where it cannot be had nobody is let in."""
    status = {"status_list": {"uri": LIST, "idx": 7}}
    web = strict.house.settings.web
    assert redeem(strict, provider.headers(status=status)).status_code >= 400
    provider.publish(web, {})
    assert redeem(strict, provider.headers(status=status)).status_code == 200
    provider.publish(web, {7: "revoked"})
    refused(redeem(strict, provider.headers(status=status)), "attestation.revoked")
    provider.publish(web, {7: "suspended"})
    refused(redeem(strict, provider.headers(status=status)), "attestation.revoked")
    Provider(provider.clock).publish(web, {})
    refused(redeem(strict, provider.headers(status=status)), "x509.untrusted")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_headers_that_are_no_tokens(strict, provider, text):
    for name in (attestation.HEADER, attestation.POP_HEADER):
        answer = redeem(strict, {**provider.headers(), name: text})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert strict_json.read_object(answer.content)
