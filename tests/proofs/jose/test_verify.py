"""Tokens that must not verify, each by its defect; an honest one of the same make does."""

import datetime as dt
import json

import pytest

from boundary import base64url
from keys.dids import key as did_key
from keys.local import LocalSigner
from problems import (
    InvalidChallengeError,
    InvalidDomainError,
    ParsingError,
    Problem,
    ProofVerificationError,
    RangeError,
)
from proofs import jose, jws, sd_jwt
from proofs.sd_jwt import KeyBinding
from proofs.sd_jwt.disclosure import disclose

FORMS = ["vc+jwt", "vc+sd-jwt"]
PRESENTATIONS = ["vp+jwt", "vp+sd-jwt"]


@pytest.fixture(params=FORMS)
def form(request):
    return request.param


@pytest.fixture(params=PRESENTATIONS)
def vp(request):
    return request.param


def with_header(token, **header):
    """Change the header of a token after it was signed."""
    head, rest = token.split(".", 1)
    changed = json.loads(base64url.decode(head)) | header
    return base64url.encode(json.dumps(changed).encode()) + "." + rest


# Credentials


def test_an_honest_one(parties, mint, form):
    verified = parties.verify(form, mint(form, parties.credential, parties.issuer))
    assert (verified.document, verified.claims) == (parties.credential, {})


def test_no_content_type_is_no_wrong_one(parties, mint, form):
    """§3.1.1: ``cty``, when present."""
    assert parties.verify(form, mint(form, parties.credential, parties.issuer, cty=None))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"typ": "JWT"}, "jose.wrong_typ"),
        ({"typ": "dc+sd-jwt"}, "jose.wrong_typ"),
        ({"typ": "vp+jwt"}, "jose.wrong_typ"),
        ({"typ": "VC+JWT"}, "jose.wrong_typ"),
        ({"typ": "application/vc+jwt"}, "jose.wrong_typ"),
        ({"typ": None}, "jose.wrong_typ"),
        ({"cty": "vp"}, "jose.wrong_cty"),
        ({"cty": "VC"}, "jose.wrong_cty"),
        ({"cty": ["vc"]}, "jose.wrong_cty"),
        ({"cty": "application/vc"}, "jose.wrong_cty"),
        ({"crit": ["exp"], "exp": 1}, "jose.crit_unsupported"),
        ({"crit": []}, "jose.crit_unsupported"),
        ({"b64": False}, "jose.crit_unsupported"),
        ({"zip": "DEF"}, "jose.crit_unsupported"),
        ({"jku": "https://attacker.example/jwks"}, "jose.untrusted_key"),
        ({"jwk": {"kty": "EC"}}, "jose.untrusted_key"),
        ({"x5c": ["MIIB"]}, "jose.x5c_unsupported"),
        ({"kid": None}, "jose.untrusted_key"),
        ({"kid": "#key"}, "sdjwt.issuer_key_mismatch"),
        ({"kid": "key-1"}, "sdjwt.issuer_key_mismatch"),
        ({"iss": "did:web:autre.example"}, "sdjwt.issuer_key_mismatch"),
    ],
    ids=str,
)
def test_a_header_that_says_something_else(parties, mint, form, header, code):
    """Signed with it, so that only what it says is wrong."""
    with pytest.raises(Problem) as refusal:
        parties.verify(form, mint(form, parties.credential, parties.issuer, **header))
    assert refusal.value.code == code


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "HS256", "RS256", "ES512", "", None, ["ES256"]])
def test_an_algorithm_off_the_list(parties, mint, form, alg):
    token = with_header(mint(form, parties.credential, parties.issuer), alg=alg)
    with pytest.raises(ProofVerificationError, match=r"jose\.alg_not_allowed"):
        parties.verify(form, token)


def test_none_with_the_signature_taken_off(parties, mint, form):
    token = with_header(mint(form, parties.credential, parties.issuer), alg="none")
    body, _, rest = token.rpartition(".")
    with pytest.raises(ProofVerificationError, match=r"jose\.alg_not_allowed"):
        parties.verify(form, f"{body}." + ("~" if "~" in rest else ""))


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA", "Ed25519"])
def test_an_algorithm_fits_the_key_or_is_refused(parties, form, algorithm, alg):
    """Both names of EdDSA over Curve25519, RFC 8037 and RFC 9864; neither with another key."""
    fits = {"P-256": ["ES256"], "P-384": ["ES384"], "Ed25519": ["EdDSA", "Ed25519"]}[algorithm]
    signer = LocalSigner.generate(algorithm)
    header = {"alg": alg, "typ": form, "kid": signer.verification_method}
    document = {**parties.credential, "issuer": parties.did(signer)}
    parts = [base64url.encode(json.dumps(part).encode()) for part in (header, document)]
    signature = base64url.encode(signer.sign(".".join(parts).encode()))
    token = ".".join([*parts, signature]) + ("~" if form == "vc+sd-jwt" else "")
    if alg in fits:
        assert parties.verify(form, token).document == document
    else:
        with pytest.raises(ProofVerificationError, match=r"jose\.key_type"):
            parties.verify(form, token)


def test_any_changed_character(parties, mint, form):
    token = mint(form, parties.credential, parties.issuer)
    for position in range(0, len(token), 7):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        with pytest.raises(Problem):
            parties.verify(form, changed)


@pytest.mark.parametrize("cut", [lambda t: t.rpartition(".")[0], lambda t: t.rpartition(".")[0] + "."])
def test_a_stripped_signature(parties, mint, cut):
    with pytest.raises((ParsingError, ProofVerificationError)):
        parties.verify("vc+jwt", cut(mint("vc+jwt", parties.credential, parties.issuer)))


def test_the_signature_of_another_token(parties, mint, form):
    one = mint(form, parties.credential, parties.issuer)
    other = mint(form, {**parties.credential, "name": "Autre"}, parties.issuer)
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        parties.verify(form, one.rpartition(".")[0] + "." + other.rpartition(".")[2])


def test_the_key_of_another(parties, mint, form):
    """Signed by somebody, in the name of the issuer's key."""
    token = mint(form, parties.credential, parties.holder, kid=parties.issuer.verification_method)
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        parties.verify(form, token)


def test_the_key_of_another_by_its_own_name(parties, mint, form):
    """It verifies, and ``key.controller`` is who signed: not the issuer, as whoever judges trust will see."""
    verified = parties.verify(form, mint(form, parties.credential, parties.holder))
    assert verified.key.controller == parties.did(parties.holder) != verified.document["issuer"]["id"]


def test_iss_is_the_issuer_wherever_it_stands(parties, mint, form):
    issuer = parties.did(parties.issuer)
    for payload in [
        {**parties.credential, "iss": issuer},
        {**parties.credential, "iss": issuer, "issuer": issuer},
    ]:
        assert parties.verify(form, mint(form, payload, parties.issuer)).claims == {"iss": issuer}


@pytest.mark.parametrize("iss", ["did:web:autre.example", 7, None, {"id": "x"}])
def test_another_iss_than_the_issuer(parties, mint, form, iss):
    """§4.1.2: ``iss``, if present, matches ``issuer``."""
    with pytest.raises(Problem) as refusal:
        parties.verify(form, mint(form, {**parties.credential, "iss": iss}, parties.issuer))
    assert refusal.value.code in ("sdjwt.issuer_key_mismatch", "shape.text_expected")


def test_iss_of_the_signer_over_the_issuer_of_another(parties, mint, form):
    """Signed by the holder, who says so in ``iss``, over what names the issuer."""
    token = mint(form, {**parties.credential, "iss": parties.did(parties.holder)}, parties.holder)
    with pytest.raises(ProofVerificationError, match=r"sdjwt\.issuer_key_mismatch"):
        parties.verify(form, token)


@pytest.mark.parametrize("member", ["vc", "vp", "proof"])
def test_a_document_inside_the_document(parties, mint, form, member):
    with pytest.raises(ProofVerificationError, match=r"jose\.(nested_document|proof_inside)"):
        parties.verify(form, mint(form, {**parties.credential, member: {}}, parties.issuer))


@pytest.mark.parametrize("aud", ["https://autre.example", ["https://autre.example"], []])
@pytest.mark.parametrize("asking", [None, "https://recruteur.example"])
def test_a_credential_for_somebody_else(parties, mint, form, aud, asking):
    """RFC 7519 §4.1.3."""
    token = mint(form, {**parties.credential, "aud": aud}, parties.issuer)
    with pytest.raises(InvalidDomainError, match=r"sdjwt\.other_audience"):
        parties.verify(form, token, audience=asking)


def test_a_credential_for_who_asks(parties, mint, form):
    token = mint(form, {**parties.credential, "aud": [parties.audience, "https://x.example"]}, parties.issuer)
    assert parties.verify(form, token, audience=parties.audience)


def test_one_form_is_not_the_other(parties, mint, form):
    other = "vc+sd-jwt" if form == "vc+jwt" else "vc+jwt"
    with pytest.raises(Problem):
        parties.verify(other, mint(form, parties.credential, parties.issuer))


@pytest.mark.parametrize("payload", [[], "x", 7, None, True])
def test_a_payload_that_is_no_object(parties, form, payload):
    signer = parties.issuer
    header = {"alg": "ES256", "typ": form, "kid": signer.verification_method}
    parts = [base64url.encode(json.dumps(part).encode()) for part in (header, payload)]
    token = ".".join([*parts, base64url.encode(signer.sign(".".join(parts).encode()))])
    with pytest.raises(ParsingError, match=r"jose\.malformed"):
        parties.verify(form, token + ("~" if form == "vc+sd-jwt" else ""))


# Disclosures


@pytest.fixture
def hiding(parties):
    paths = [("credentialSubject", "givenName"), ("credentialSubject", "dateOfBirth"), ("name",)]
    claims = parties.cnf | {"iat": parties.at(0)}
    return jose.secure("vc+sd-jwt", parties.credential, claims, parties.issuer, selective=paths)


def test_what_is_not_disclosed_is_not_there(parties, hiding):
    shown = sd_jwt.present(hiding, [("name",)])
    document = parties.verify("vc+sd-jwt", shown).document
    assert document["name"] == parties.credential["name"]
    assert document["credentialSubject"].keys().isdisjoint({"givenName", "dateOfBirth"})


def test_an_unreferenced_disclosure(parties, hiding):
    for made in [
        disclose("c2FsdHNhbHRzYWx0c2FsdA", "role", "chef"),
        disclose("c2FsdHNhbHRzYWx0c2FsdA", None, 1),
    ]:
        with pytest.raises(ProofVerificationError, match=r"sdjwt\.unreferenced_disclosure"):
            parties.verify("vc+sd-jwt", hiding + made.encoded + "~")


def test_a_disclosure_twice(parties, hiding):
    first = hiding.split("~")[1]
    with pytest.raises(ProofVerificationError, match=r"sdjwt\.duplicate_disclosure"):
        parties.verify("vc+sd-jwt", f"{hiding}{first}~")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("@context", ["https://www.w3.org/ns/credentials/v2"]),
        ("type", ["VerifiableCredential"]),
        ("issuer", "did:web:autre.example"),
        ("validUntil", "2000-01-01T00:00:00Z"),
        ("validFrom", "2000-01-01T00:00:00Z"),
        ("credentialStatus", {"type": "BitstringStatusListEntry"}),
        ("credentialSchema", {"id": "https://x.example", "type": "JsonSchema"}),
        ("exp", 1),
        ("iat", 1),
        ("cnf", {}),
        ("aud", "https://x.example"),
        ("iss", "did:web:autre.example"),
        ("vc", {}),
        ("proof", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_disclosure_of_what_must_be_open(parties, mint, name, value):
    """The issuer hid it, and the holder could have left it hidden."""
    made = disclose("c2FsdHNhbHRzYWx0c2FsdA", name, value)
    document = {member: kept for member, kept in parties.credential.items() if member != name}
    token = mint("vc+sd-jwt", {**document, "_sd": [sd_jwt.disclosure.digest(made.encoded)]}, parties.issuer)
    with pytest.raises(ProofVerificationError, match=r"sdjwt\.claim_not_disclosable"):
        parties.verify("vc+sd-jwt", f"{token}{made.encoded}~")


def test_a_digest_in_what_must_be_open(parties, mint):
    for member in ("issuer", "credentialStatus", "credentialSchema"):
        hidden = {"id": "https://x.example", "_sd": [base64url.encode(bytes(32))]}
        with pytest.raises(ProofVerificationError, match=r"sdjwt\.claim_not_disclosable"):
            parties.verify(
                "vc+sd-jwt", mint("vc+sd-jwt", {**parties.credential, member: hidden}, parties.issuer)
            )


def test_a_key_binding(parties, hiding):
    binding = KeyBinding(parties.holder, parties.audience, parties.nonce, parties.now)
    shown = sd_jwt.present(hiding, [("name",)], binding)
    verified = parties.verify("vc+sd-jwt", shown, holder=parties.expected, audience=parties.audience)
    assert verified.holder.key == parties.holder.public_key


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"audience": "https://autre.example"}, "kb.other_audience"),
        ({"nonce": "rejoué"}, "kb.other_nonce"),
        ({"max_age": dt.timedelta(days=-1)}, "kb.too_old"),
        ({"expiry_required": True}, "kb.no_expiry"),
    ],
    ids=str,
)
def test_a_key_binding_for_another(parties, hiding, asked, code):
    binding = KeyBinding(parties.holder, parties.audience, parties.nonce, parties.now)
    shown = sd_jwt.present(hiding, [("name",)], binding)
    wanted = {
        "audience": parties.audience,
        "nonce": parties.nonce,
        "max_age": dt.timedelta(minutes=5),
        **asked,
    }
    with pytest.raises(ProofVerificationError) as refusal:
        parties.verify("vc+sd-jwt", shown, holder=sd_jwt.HolderExpectation(**wanted))
    assert refusal.value.code == code


def test_a_key_binding_taken_off_or_around_something_else(parties, hiding):
    binding = KeyBinding(parties.holder, parties.audience, parties.nonce, parties.now)
    shown = sd_jwt.present(hiding, [("name",), ("credentialSubject", "givenName")], binding)
    jwt, first, _, bound = shown.split("~")
    for text, code in [(f"{jwt}~{first}~", "kb.missing"), (f"{jwt}~{first}~{bound}", "kb.other_content")]:
        with pytest.raises(ProofVerificationError) as refusal:
            parties.verify("vc+sd-jwt", text, holder=parties.expected)
        assert refusal.value.code == code


# Presentations


def test_an_honest_presentation(parties, mint, vp):
    verified = parties.verify_presentation(
        vp, mint(vp, parties.presentation | parties.claims(), parties.holder)
    )
    assert verified.document == parties.presentation
    assert verified.holder == sd_jwt.VerifiedHolder(
        parties.holder.public_key, parties.audience, parties.nonce, parties.now, None
    )


@pytest.mark.parametrize(
    ("claims", "error", "code"),
    [
        ({"aud": "https://autre.example"}, InvalidDomainError, "kb.other_audience"),
        ({"aud": ["https://recruteur.example"]}, ProofVerificationError, "kb.invalid"),
        ({"aud": None}, ProofVerificationError, "kb.invalid"),
        ({"nonce": "rejoué"}, InvalidChallengeError, "kb.other_nonce"),
        ({"nonce": ""}, InvalidChallengeError, "kb.other_nonce"),
        ({"nonce": None}, ProofVerificationError, "kb.invalid"),
        ({"nonce": 7}, ProofVerificationError, "kb.invalid"),
        ({"iat": None}, ProofVerificationError, "kb.invalid"),
        ({"iat": "hier"}, ProofVerificationError, "kb.invalid"),
        ({"iat": 1_000}, ProofVerificationError, "kb.too_old"),
        ({"iat": 4_000_000_000}, ProofVerificationError, "kb.from_the_future"),
        ({"exp": 1_000}, ProofVerificationError, "kb.expired"),
        ({"nbf": 4_000_000_000}, RangeError, "sdjwt.not_yet_valid"),
        ({"iss": "did:web:autre.example"}, ProofVerificationError, "sdjwt.issuer_key_mismatch"),
        ({"holder": "did:web:autre.example"}, ProofVerificationError, "kb.other_holder"),
        ({"holder": {"id": "did:web:autre.example"}}, ProofVerificationError, "kb.other_holder"),
        ({"holder": {}}, ProofVerificationError, "kb.other_holder"),
        ({"holder": []}, ProofVerificationError, "kb.other_holder"),
        ({"vp": {}}, ProofVerificationError, "jose.nested_document"),
        ({"vc": {}}, ProofVerificationError, "jose.nested_document"),
        ({"proof": []}, ProofVerificationError, "jose.proof_inside"),
    ],
    ids=str,
)
def test_a_presentation_that_answers_something_else(parties, mint, vp, claims, error, code):
    stated = {**parties.presentation, **parties.claims(), **claims}
    payload = {name: value for name, value in stated.items() if value is not None}
    with pytest.raises(error) as refusal:
        parties.verify_presentation(vp, mint(vp, payload, parties.holder))
    assert refusal.value.code == code


def test_the_holder_need_not_be_named(parties, mint, vp):
    """Who signed is told by the key."""
    payload = {name: value for name, value in parties.presentation.items() if name != "holder"}
    token = mint(vp, payload | parties.claims(), parties.holder)
    assert parties.verify_presentation(vp, token).key.controller == parties.did(parties.holder)


def test_a_holder_who_is_described(parties, mint, vp):
    described = {**parties.presentation, "holder": {"id": parties.did(parties.holder), "name": "Camille"}}
    assert parties.verify_presentation(vp, mint(vp, described | parties.claims(), parties.holder))


@pytest.mark.parametrize(
    "header", [{"typ": "vc+jwt"}, {"typ": "kb+jwt"}, {"cty": "vc"}, {"cty": ""}], ids=str
)
def test_a_presentation_of_another_kind(parties, mint, vp, header):
    token = mint(vp, parties.presentation | parties.claims(), parties.holder, **header)
    with pytest.raises(ProofVerificationError, match=r"jose\.wrong_(typ|cty)"):
        parties.verify_presentation(vp, token)


def test_a_key_that_is_not_for_authentication(parties, mint, vp):
    """Whoever may state may not for that reason answer in a person's name."""

    class Statements:
        def resolve(self, verification_method, purpose):
            if purpose != "assertionMethod":
                raise ProofVerificationError("did.purpose", purpose=purpose)
            raise AssertionError("asked for the wrong purpose")

    token = mint(vp, parties.presentation | parties.claims(), parties.holder)
    with pytest.raises(ProofVerificationError, match=r"did\.purpose"):
        jose.verify_presentation(vp, token, Statements(), now=parties.now, holder=parties.expected)


def test_credentials_hidden_in_a_presentation(parties, mint):
    """Nobody on the way leaves one out."""
    made = disclose("c2FsdHNhbHRzYWx0c2FsdA", None, {"type": "EnvelopedVerifiableCredential"})
    held = [{"...": sd_jwt.disclosure.digest(made.encoded)}]
    payload = parties.presentation | parties.claims() | {"verifiableCredential": held}
    for text in ("", made.encoded + "~"):
        with pytest.raises(ProofVerificationError, match=r"sdjwt\.claim_not_disclosable"):
            parties.verify_presentation("vp+sd-jwt", mint("vp+sd-jwt", payload, parties.holder) + text)


def test_the_signature_alone(parties, mint, vp):
    """For whoever asked nothing: the signature, and that it is not over."""
    payload = parties.presentation | parties.claims(aud=None, nonce=None, iat=None)
    verified = parties.verify_presentation(vp, mint(vp, payload, parties.holder), holder=None)
    assert verified.holder is None
    with pytest.raises(RangeError, match=r"sdjwt\.expired"):
        parties.verify_presentation(vp, mint(vp, payload | {"exp": 1}, parties.holder), holder=None)


def test_a_forged_name_of_a_did(parties, mint, vp):
    """The fragment of a did:key is the key itself."""
    other = did_key.did(LocalSigner.generate("P-256").public_key)
    kid = f"{other}#{parties.holder.verification_method.partition('#')[2]}"
    token = mint(vp, parties.presentation | parties.claims(), parties.holder, kid=kid)
    with pytest.raises(Problem):
        parties.verify_presentation(vp, token)


def test_tokens_are_told_apart_by_their_header_only_after_the_signature(parties, mint):
    """A signature that fails is said before anything of what is signed."""
    token = with_header(mint("vc+jwt", {**parties.credential, "vc": {}}, parties.issuer), cty="vp")
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        parties.verify("vc+jwt", token)
    assert jws.parse(token).header["cty"] == "vp"
