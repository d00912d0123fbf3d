"""What an issuer says of itself: at the place that the specification names, plain or signed, and true."""

import pytest

from boundary.sources import Mirror
from exchange.oauth import metadata as server
from exchange.openid4vci import metadata
from keys.dids.resolve import resolver

CENTRE = "http://127.0.0.1:8000/issuers/centre"
HERE = "http://127.0.0.1:8000"


def plain(certifier, **headers):
    answer = certifier.http.get(metadata.address(CENTRE).removeprefix(HERE), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_it_stands_where_the_name_is_inserted_and_calls_itself_by_its_name(certifier):
    assert metadata.address(CENTRE) == f"{HERE}/.well-known/openid-credential-issuer/issuers/centre"
    answer = plain(certifier)
    assert answer.headers["content-type"] == "application/json"
    read = metadata.read(answer.json(), CENTRE)
    assert read.document() == answer.json(), "reading and writing are one"
    appended = certifier.http.get("/issuers/centre/.well-known/openid-credential-issuer")
    assert appended.status_code == 404


def test_every_endpoint_that_is_named_is_there(certifier):
    read = metadata.read(plain(certifier).json(), CENTRE)
    named = [
        read.credential_endpoint,
        read.nonce_endpoint,
        read.deferred_endpoint,
        read.notification_endpoint,
    ]
    found = server.read(certifier.http.get(server.address(CENTRE).removeprefix(HERE)).json(), CENTRE)
    named += [found.token_endpoint, found.pushed_endpoint]
    for endpoint in named:
        assert certifier.http.post(endpoint.removeprefix(HERE)).status_code in (200, 400, 401)
    assert certifier.http.get(found.authorization_endpoint.removeprefix(HERE)).status_code == 400
    assert (found.names_itself, found.pushed_only, found.anonymous) == (True, True, True)
    assert found.document() == certifier.http.get(server.address(CENTRE).removeprefix(HERE)).json()


def test_every_configuration_has_what_its_format_asks_for(certifier):
    configurations = plain(certifier).json()["credential_configurations_supported"]
    assert {entry["format"] for entry in configurations.values()} == {"dc+sd-jwt", "ldp_vc", "jwt_vc_json"}
    for name, entry in configurations.items():
        assert entry["scope"] == name
        assert entry["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] == [
            "ES256",
            "EdDSA",
        ]
        assert {"jwk", "did:key", "did:jwk"} == set(entry["cryptographic_binding_methods_supported"])
        assert {shown["locale"] for shown in entry["credential_metadata"]["display"]} == {"fr", "en"}
        match entry["format"]:
            case "dc+sd-jwt":
                assert entry["vct"]
                paths = [str(claim["path"]) for claim in entry["credential_metadata"]["claims"]]
                assert len(set(paths)) == len(paths), "no claim is described twice (Appendix B.3)"
            case "ldp_vc":
                assert entry["credential_definition"]["@context"]
                assert entry["credential_signing_alg_values_supported"] == ["ecdsa-sd-2023"]
            case "jwt_vc_json":
                assert entry["credential_definition"].keys() == {"type"}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/jwt", "application/jwt"),
        ("application/jwt, application/json;q=0.5", "application/jwt"),
        ("application/json, application/jwt;q=0.9", "application/json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/jwt;q=x", "application/json"),
        ("application/jwt;q=0", "application/json"),
        ("", "application/json"),
    ],
)
def test_it_is_signed_for_who_accepts_that_first(certifier, accept, kind):
    answer = plain(certifier, accept=accept)
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["vary"] == "Accept"


def test_signed_it_says_the_same_and_who_signed(certifier):
    centre = certifier.house.organisations.get("centre")
    centre.issuer.publish_keys(certifier.house.settings.web)
    token = plain(certifier, accept="application/jwt").text
    keys = resolver(Mirror(certifier.house.settings.web))
    claims, signer = metadata.verify(token, keys, certifier.clock())
    assert signer == "did:web:centre.example"
    assert {name: claims[name] for name in claims.keys() - {"sub", "iat", "exp"}} == plain(certifier).json()
    assert metadata.read(claims, CENTRE).issuer == CENTRE


def test_each_organisation_speaks_for_itself(certifier):
    answer = certifier.http.get("/.well-known/openid-credential-issuer/issuers/atelier").json()
    assert answer["credential_issuer"] == f"{HERE}/issuers/atelier"
    for name in ("nobody", "..", "centre%2f..", "CENTRE", "a" * 500):
        assert certifier.http.get(f"/.well-known/openid-credential-issuer/issuers/{name}").status_code == 404


def test_without_its_passphrase_a_service_says_what_it_could_sign_and_signs_nothing(certifier):
    from starlette.testclient import TestClient

    from passeport.serve.app import create_app
    from passeport.serve.settings import Service

    app = create_app(Service(home=certifier.house.settings.home, passphrase=None))
    with TestClient(app) as http:
        path = "/.well-known/openid-credential-issuer/issuers/centre"
        assert http.get(path).status_code == 200
        answer = http.get(path, headers={"accept": "application/jwt"})
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
