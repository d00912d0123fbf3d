"""Open Badges of other issuers, as tokens and documents: shown for what they prove, and for no more."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from boundary import base58btc, base64url, strict_json
from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from contexts import PRODUCT
from credentials.status import bitstring
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import whole
from proofs.jws import sign

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
ED25519 = "https://w3id.org/security/suites/ed25519-2020/v1"
LIST_2021 = "https://w3id.org/vc/status-list/2021/v1"
PLATFORM = "https://badges.example/issuers/7"
RSA = rsa.generate_private_key(65537, 2048)
EC = LocalSigner.from_secret("P-256", bytes([7]) * 32, f"{PLATFORM}#cle")
ED = LocalSigner.from_secret("Ed25519", bytes([8]) * 32)
LD, SD = "application/vc", "application/dc+sd-jwt"


def rsa_jwk(key: rsa.RSAPrivateKey = RSA) -> Json:
    numbers = key.public_key().public_numbers()
    n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
    return {"kty": "RSA", "e": base64url.encode(numbers.e.to_bytes(3)), "n": base64url.encode(n)}


def badge(version: str = V2, **more: JsonValue) -> Json:
    """A fictional badge in the form of Open Badges 3.0."""
    dates = "issuanceDate" if version == V1 else "validFrom"
    document: Json = {
        "@context": [version, OB if version == V2 else OB.replace("-3.0.3", "-3.0.1")],
        "id": "https://badges.example/credentials/3732",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": PLATFORM, "type": ["Profile"], "name": "Plateforme Imaginaire"},
        dates: "2026-10-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:camille-fictive",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://badges.example/achievements/travail-en-equipe",
                "type": ["Achievement"],
                "name": "Travail en équipe",
                "description": "Sait travailler avec les autres.",
                "criteria": {"narrative": "Désignée par ses pairs."},
            },
        },
    }
    return document | more


def claims_of(document: Json) -> Json:
    issuer = document["issuer"]
    subject = document["credentialSubject"]
    assert isinstance(issuer, dict)
    assert isinstance(subject, dict)
    return {"iss": issuer["id"], "jti": document["id"], "nbf": 1790812800, "sub": subject["id"]}


def token(payload: Json, key: Any = RSA, **header: JsonValue) -> bytes:
    """Return a compact token, signed with RS256 or as the signer signs."""
    if isinstance(key, LocalSigner):
        return sign({"typ": "JWT", **header}, payload, key).encode()
    stated = {"alg": "RS256", "typ": "JWT", **header}
    head = {name: value for name, value in stated.items() if value is not None}
    said = ".".join(base64url.encode(strict_json.write(part).encode()) for part in (head, payload))
    signature = key.sign(said.encode(), padding.PKCS1v15(), SHA256())
    return f"{said}.{base64url.encode(signature)}".encode()


@pytest.fixture
def platform(town) -> Callable[[str, Json], None]:
    """Publish a document of the badge platform."""

    def publish(url: str, document: Json) -> None:
        path = town.web.path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(strict_json.write(document), "utf-8")

    return publish


KEY_URL = "https://badges.example/keys/1"


@pytest.fixture
def published(platform) -> None:
    platform(KEY_URL, rsa_jwk())


def payload_of(document: Json, form: str) -> Json:
    """The two ways in which the credential stands in its token."""
    claims = claims_of(document)
    return {**document, **claims} if form == "payload" else {"vc": document, **claims}


@pytest.mark.parametrize("form", ["payload", "vc"])
@pytest.mark.parametrize("version", [V1, V2], ids=["vcdm-1.1", "vcdm-2.0"])
def test_a_badge_whose_key_stands_at_its_issuers_address(town, published, form: str, version: str) -> None:
    line = town.one(token(payload_of(badge(version), form), kid=KEY_URL))
    said = town.said(line)
    assert said["integrity"] == ("passed", "integrity.intact")
    assert said["issuer_key"] == ("passed", "issuer_key.held")
    assert said["issuer"] == ("passed", "issuer.domain")
    assert said["schema"] == ("not_applicable", "schema.unknown_type")
    assert (line.verdict, line.verified, line.issuer_proved) == ("to_confirm", True, True)
    assert line.facts.title == "Travail en équipe"
    assert line.facts.kind is None


def test_it_is_shown_as_a_type_that_we_do_not_know(town, published) -> None:
    report = town.verify(token(payload_of(badge(), "payload"), kid=KEY_URL))
    said = town.everything_said(report)
    assert "type inconnu de ce logiciel" in said
    assert "type unknown to this software" in said
    assert "badges.example, « Plateforme Imaginaire »" in said


@pytest.mark.parametrize("key", [RSA, EC], ids=["rsa", "ec"])
def test_a_key_that_came_along_proves_no_issuer(town, key) -> None:
    jwk = rsa_jwk() if key is RSA else to_jwk(EC.public_key)
    report = town.verify(token(payload_of(badge(), "payload"), key, jwk=jwk))
    [line] = report.credentials
    said = town.said(line)
    assert said["integrity"][0] == "passed"
    assert said["issuer_key"] == ("not_applicable", "issuer_key.brought")
    assert said["issuer"] == ("passed", "issuer.key_only")
    assert (line.verdict, line.issuer_proved) == ("to_confirm", False)
    everything = town.everything_said(report)
    assert "badges.example, « Plateforme Imaginaire »" not in everything
    assert "« Plateforme Imaginaire », nom non vérifié" in everything


def test_a_named_key_is_asked_for_and_the_one_sent_along_ignored(town, published) -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    payload = payload_of(badge(), "payload")
    line = town.one(token(payload, stranger, kid=KEY_URL, jwk=rsa_jwk(stranger)))
    assert town.said(line)["integrity"] == ("failed", "signature.invalid")


def test_a_key_on_another_site_is_another_party(town, platform) -> None:
    platform("https://voleur.example/key", rsa_jwk())
    line = town.one(token(payload_of(badge(), "payload"), kid="https://voleur.example/key"))
    assert town.said(line)["issuer_key"] == ("failed", "issuer_key.other_party")
    assert line.facts is None


def test_a_key_that_cannot_be_had_is_unknown_neither_good_nor_bad(town) -> None:
    line = town.one(token(payload_of(badge(), "payload"), kid=KEY_URL))
    assert town.said(line)["issuer_key"][0] == "unknown"
    assert (line.verdict, line.verified) == ("cannot_check", False)


def test_a_key_is_fetched_from_the_public_web_alone(town) -> None:
    for kid in (
        "http://badges.example/k",
        "https://127.0.0.1/k",
        "https://localhost/k",
        "file:///etc/passwd",
    ):
        line = town.one(token(payload_of(badge(), "payload"), kid=kid))
        assert not line.verified
        assert line.facts is None


def test_a_key_named_by_a_did(town, platform) -> None:
    town.certifier.publish()
    document = badge(issuer={"id": town.certifier.desk.did, "type": ["Profile"], "name": "Centre"})
    line = town.one(
        token(
            payload_of(document, "payload"),
            town.certifier.desk.signer,
            kid=f"{town.certifier.desk.did}#key-1",
        )
    )
    assert town.said(line)["issuer_key"] == ("passed", "issuer_key.held")
    town.certifier.revoke_key("compromised", dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    line = town.one(
        token(
            payload_of(document, "payload"),
            town.certifier.desk.signer,
            kid=f"{town.certifier.desk.did}#key-1",
        )
    )
    assert town.said(line)["issuer_key"] == ("failed", "issuer_key.compromised")


def _without(document: Json, *names: str) -> Json:
    return {name: value for name, value in document.items() if name not in names}


BAD: dict[str, tuple[Json, Json, str]] = {
    "hmac-by-the-public-key": ({}, {"kid": KEY_URL, "alg": "HS256"}, "jose.alg_not_allowed"),
    "no-algorithm": ({}, {"kid": KEY_URL, "alg": "none"}, "jose.alg_not_allowed"),
    "weaker-hash": ({}, {"kid": KEY_URL, "alg": "RS1"}, "jose.alg_not_allowed"),
    "extension": ({}, {"kid": KEY_URL, "crit": ["b64"], "b64": False}, "jose.crit_unsupported"),
    "key-by-url": ({}, {"jku": KEY_URL}, "jose.untrusted_key"),
    "no-key": ({}, {}, "jose.untrusted_key"),
    "key-of-another-kind": ({}, {"kid": KEY_URL, "alg": "ES256"}, "jose.key_type"),
    "two-issuers": ({"iss": "https://autre.example"}, {"kid": KEY_URL}, "badge.disagrees"),
    "two-names": ({"jti": "urn:x:1"}, {"kid": KEY_URL}, "badge.disagrees"),
    "two-subjects": ({"sub": "did:example:autre"}, {"kid": KEY_URL}, "badge.disagrees"),
}


@pytest.mark.parametrize("defect", BAD)
def test_a_token_with_a_defect_is_not_verified(town, published, defect: str) -> None:
    more, header, code = BAD[defect]
    line = town.one(token(payload_of(badge(), "vc") | more, **header))
    assert not line.verified
    assert line.facts is None
    assert {step.code for step in line.steps if step.outcome == "failed"} == {code}


def test_a_changed_payload_is_not_verified(town, published) -> None:
    head, body, tail = token(payload_of(badge(), "payload"), kid=KEY_URL).decode().split(".")
    said = base64url.decode(body).decode().replace("Travail en équipe", "Direction d'équipe")
    line = town.one(f"{head}.{base64url.encode(said.encode())}.{tail}")
    assert town.said(line)["integrity"] == ("failed", "signature.invalid")


def weak_keys() -> dict[str, Json]:
    good = rsa_jwk()
    return {
        "1024-bits": rsa_jwk(rsa.generate_private_key(65537, 1024)),
        "exponent-3": rsa_jwk(rsa.generate_private_key(3, 2048)),
        "huge": {**good, "n": base64url.encode(b"\xff" * 4096)},
        "even": {**good, "n": base64url.encode(base64url.decode(str(good["n"]))[:-1] + b"\x00")},
        "padded": {**good, "n": f"{good['n']}="},
        "secret": {**good, "d": "AQAB"},
        "for-encryption": {**good, "use": "enc"},
        "for-another-algorithm": {**good, "alg": "PS256"},
        "no-exponent": _without(good, "e"),
    }


@pytest.mark.parametrize("weakness", weak_keys())
def test_a_weak_key_signs_nothing(town, platform, weakness: str) -> None:
    platform(KEY_URL, weak_keys()[weakness])
    line = town.one(token(payload_of(badge(), "payload"), kid=KEY_URL))
    assert not line.verified
    assert line.facts is None


def test_dates_of_token_and_badge_both_count(town, published) -> None:
    ended = payload_of(badge(), "payload") | {"exp": 1790900000}
    assert town.one(token(ended, kid=KEY_URL)).verdict == "expired"
    ended = payload_of(badge(validUntil="2026-10-02T00:00:00Z"), "payload") | {"exp": 1990900000}
    assert town.one(token(ended, kid=KEY_URL)).verdict == "expired"
    early = payload_of(badge(), "payload") | {"nbf": 1990900000}
    assert town.one(token(early, kid=KEY_URL)).verdict == "not_valid"


def test_rs256_secures_no_type_of_ours(town, published) -> None:
    """Whoever holds an RSA key must not speak in the words of our types, with their labels."""
    ours = badge(type=["VerifiableCredential", "OpenBadgeCredential", "SkillCredential"])
    line = town.one(token(payload_of(ours, "payload"), kid=KEY_URL))
    assert town.said(line)["schema"] == ("failed", "badge.not_a_badge")
    other = badge(type=["VerifiableCredential", "IdentityCredential"])
    line = town.one(token(payload_of(other, "payload"), kid=KEY_URL))
    assert town.said(line)["schema"] == ("failed", "badge.not_a_badge")


def test_a_badge_answers_no_question(town, published) -> None:
    from verifier.policy import Question

    line = town.one(
        token(payload_of(badge(), "payload"), kid=KEY_URL), question=Question("https://r.example", "n")
    )
    assert town.said(line)["holder"][0] == "failed"


# documents secured by embedded proofs


def old_proof(document: Json, signer: LocalSigner = ED) -> bytes:
    proof: Json = {
        "type": "Ed25519Signature2020",
        "created": "2026-10-01T00:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }
    signature = signer.sign(whole.hash_data(document, proof, PRODUCT, "sha256"))
    return strict_json.write(
        {**document, "proof": {**proof, "proofValue": base58btc.encode(signature)}}
    ).encode()


def old_badge(**more: JsonValue) -> Json:
    """A badge of VCDM 1.1, whose issuer is known by its key."""
    document = badge(V1)
    issuer: Json = {"id": did_key.did(ED.public_key), "type": ["Profile"], "name": "Plateforme Imaginaire"}
    contexts: JsonValue = [V1, OB.replace("-3.0.3", "-3.0.1"), EXTENSIONS, ED25519, LIST_2021]
    return document | {"@context": contexts, "issuer": issuer} | more


def test_a_badge_of_vcdm_1_1_by_a_key(town) -> None:
    line = town.one(old_proof(old_badge()))
    said = town.said(line)
    assert said["integrity"][0] == "passed"
    assert said["issuer"] == ("passed", "issuer.key_only")
    assert line.verdict == "to_confirm"


def test_what_nobody_looked_at_is_told(town) -> None:
    schema: Json = {
        "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
        "type": "1EdTechJsonSchemaValidator2019",
    }
    refresh: Json = {"id": "https://badges.example/refresh/1", "type": "1EdTechCredentialRefresh"}
    document = old_badge(credentialSchema=[schema], refreshService=refresh)
    line = town.one(old_proof(document))
    [step] = [step for step in line.steps if step.name == "unread"]
    assert step.facts == {"names": "credentialSchema, refreshService"}
    assert not step.caution
    assert line.verified


def test_an_expiration_date_counts(town) -> None:
    line = town.one(old_proof(old_badge(expirationDate="2026-11-01T00:00:00Z")))
    assert line.verdict == "expired"


def test_a_badge_signed_by_the_document_at_its_issuers_address(town, platform) -> None:
    """A controlled identifier document, without the metadata of SD-JWT VC."""
    method: Json = {"id": EC.verification_method, "type": "JsonWebKey", "controller": PLATFORM}
    method["publicKeyJwk"] = to_jwk(EC.public_key)
    platform(
        PLATFORM, {"id": PLATFORM, "verificationMethod": [method], "assertionMethod": [f"{PLATFORM}#cle"]}
    )
    signed = town.signed(badge(), EC)
    line = town.one(signed)
    assert town.said(line)["issuer_key"] == ("passed", "issuer_key.held")
    assert town.said(line)["issuer"] == ("passed", "issuer.domain")
    platform(PLATFORM, {"id": PLATFORM, "verificationMethod": [method]})
    assert town.said(town.one(signed))["issuer_key"] == ("failed", "did.purpose")
    platform(PLATFORM, {"id": "https://autre.example", "verificationMethod": [method]})
    assert town.said(town.one(signed))["issuer_key"] == ("failed", "did.document_id")


def test_a_vocabulary_that_is_not_pinned_is_said_by_its_address(town) -> None:
    signed = strict_json.read_object(town.signed(badge(issuer=did_key.did(ED.public_key)), ED))
    signed["@context"] = [V2, OB, "https://badges.example/context.json"]
    [step] = [step for step in town.one(strict_json.write(signed)).steps if step.name == "integrity"]
    assert (step.outcome, step.code) == ("unknown", "context.unknown")
    assert step.facts["url"] == "https://badges.example/context.json"


def status_list(indexes: list[int], **more: JsonValue) -> bytes:
    encoded = bitstring.encode(indexes)[1:]
    document: Json = {
        "@context": [V1, LIST_2021, ED25519],
        "id": "https://badges.example/status/1",
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": did_key.did(ED.public_key),
        "issuanceDate": "2026-11-20T00:00:00Z",
        "credentialSubject": {
            "id": "https://badges.example/status/1#list",
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }
    return old_proof(document | more)


ENTRY: Json = {
    "id": "https://badges.example/status/1#94567",
    "type": "StatusList2021Entry",
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": "https://badges.example/status/1",
}


@pytest.mark.parametrize(
    ("published_list", "expected"),
    [
        (lambda: status_list([5]), ("passed", "status.valid")),
        (lambda: status_list([94567]), ("failed", "status.revoked")),
        (lambda: status_list([5], expirationDate="2026-11-20T12:00:00Z"), ("unknown", "status.out_of_date")),
        (lambda: status_list([5], id="https://badges.example/status/2"), ("failed", "status.other_list")),
        (lambda: status_list([5]).replace(b"H4sI", b"H4sJ"), ("failed", "status.list_unverified")),
        (lambda: b"", ("failed", "status.list_unverified")),
        (None, ("unknown", "status.not_retrieved")),
    ],
    ids=["valid", "revoked", "old", "other", "changed", "empty", "absent"],
)
def test_a_status_list_of_2021(town, published_list, expected) -> None:
    if published_list:
        path = town.web.path("https://badges.example/status/1")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(published_list())
    line = town.one(old_proof(old_badge(credentialStatus=ENTRY)))
    assert town.said(line)["status"] == expected


def test_another_kind_of_status_is_unknown(town) -> None:
    entry: Json = {"id": "https://badges.example/revocations", "type": "1EdTechRevocationList"}
    line = town.one(old_proof(old_badge(credentialStatus=entry)))
    assert town.said(line)["status"] == ("unknown", "status.unknown_kind")
    assert line.verdict == "cannot_check"


def test_a_status_list_is_no_badge(town) -> None:
    line = town.one(status_list([1]))
    assert town.said(line)["schema"] == ("failed", "format.status_list")


@pytest.fixture
def official(fixtures) -> Json:
    """The badge in 1EdTech's own example of a transcript, with the proof that they published."""
    text = (fixtures / "data" / "schemas" / "clr2" / "example-simple.json").read_text("utf-8")
    subject = strict_json.read_object(text)["credentialSubject"]
    assert isinstance(subject, dict)
    [example] = many(subject["verifiableCredential"])
    assert isinstance(example, dict)
    return example


def test_an_official_example_verifies_with_the_key_that_it_names(town, platform, official) -> None:
    [proof] = many(official["proof"])
    assert isinstance(proof, dict)
    name = str(proof["verificationMethod"])
    issuer, _, key = name.partition("#")
    method: Json = {"id": name, "type": "Multikey", "controller": issuer, "publicKeyMultibase": key}
    platform(issuer, {"id": issuer, "verificationMethod": [method], "assertionMethod": [name]})
    line = town.one(strict_json.write(official))
    assert town.said(line)["integrity"] == ("passed", "integrity.intact")
    assert (line.verdict, line.facts.title) == ("to_confirm", "Teamwork Badge")
    changed = strict_json.write(official).replace("Teamwork Badge", "Leadership Badge")
    assert town.said(town.one(changed))["integrity"] == ("failed", "signature.invalid")
