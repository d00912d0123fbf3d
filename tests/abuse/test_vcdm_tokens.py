"""The cases of JOSE and key binding again, with VCDM documents in the tokens (VC-JOSE-COSE).

The generators are the same; what they sign is a credential of the W3C data model instead of an SD-JWT VC.
"""

import copy
import datetime as dt
import json

import pytest
from attacks import minting, tokens

from boundary.strict_json import Json
from credentials.envelopes import Envelope, wrap
from credentials.status import token
from keys.dids import key as did_key
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import Problem
from proofs import jose, jws, sd_jwt
from proofs.sd_jwt import HolderExpectation, KeyBinding

V2 = "https://www.w3.org/ns/credentials/v2"

JOSE = [
    ("JO-001", "j_none_case", "jose.alg_not_allowed"),
    ("JO-001", "j_none", "jose.alg_not_allowed"),
    ("JO-002", "j_hs256_with_public_key", "jose.alg_not_allowed"),
    ("JO-004", "j_crit_empty", "jose.crit_unsupported"),
    ("JO-004", "j_b64_false", "jose.crit_unsupported"),
    ("JO-005", "j_dup_header_alg", "jose.malformed"),
    ("JO-007", "j_embedded_jwk", "jose.untrusted_key"),
    ("JO-008", "j_jku_x5u", "jose.untrusted_key"),
    ("JO-010", "j_kid_injection", None),
    ("JO-014", "j_four_or_two_segments", "presentation.unrecognized"),
    ("JO-015", "j_deep_json", "json.too_large"),
]
BINDING = [
    ("KB-001", "kb_missing", "holder.missing"),
    ("KB-002", "kb_wrong_nonce", "kb.other_nonce"),
    ("KB-003", "kb_no_nonce", "kb.invalid"),
    ("KB-005", "kb_aud_without_prefix", "kb.other_audience"),
    ("KB-007", "kb_no_sd_hash", "kb.other_content"),
    ("KB-008", "kb_wrong_sd_hash", "kb.other_content"),
    ("KB-009", "kb_disclosure_removed", "kb.other_content"),
    ("KB-010", "kb_disclosure_added", "kb.other_content"),
    ("KB-011", "kb_wrong_typ", "kb.invalid"),
    ("KB-014", "kb_signed_by_attacker", "kb.invalid"),
    ("KB-015", "kb_signed_by_issuer_key", "kb.invalid"),
    ("KB-016", "kb_jwk_in_header", "kb.invalid"),
    ("KB-017", "kb_alg_none", "kb.invalid"),
    ("KB-018", "kb_cnf_missing", "kb.no_holder_key"),
    ("KB-019", "kb_cnf_remote", "kb.no_holder_key"),
    ("KB-021", "kb_is_another_sdjwt", "kb.invalid"),
]
ANSWER = [
    ("KB-002", {"nonce": "other"}, "kb.other_nonce"),
    ("KB-003", {"nonce": ...}, "kb.invalid"),
    ("KB-005", {"aud": "verifier.test"}, "kb.other_audience"),
    ("KB-022", {"iat": 1}, "kb.too_old"),
]


WORDS = {"skill": "description", "level": "name"}
"""Words of the VCDM context for what the generators disclose: any other would be refused for itself."""


def params(rows):
    return [pytest.param(*row[1:], id=f"{row[0]}-{row[1]}") for row in rows]


def credential(**more) -> Json:
    """What :func:`attacks.minting.base_payload` is to an SD-JWT VC; ``...`` takes a member away."""
    made = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": minting.ISS,
        "id": "urn:example:welding",
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
        "cnf": {"jwk": minting.KEYS.jwk(minting.KEYS.holder)},
        "_sd_alg": "sha-256",
        **more,
    }
    return {name: value for name, value in made.items() if value is not ...}


def header(form):
    return {"alg": "ES256", "typ": form, "cty": "vc", "kid": f"{minting.ISS}#k1"}


@pytest.fixture(params=["vc+jwt", "vc+sd-jwt"])
def form(request, monkeypatch):
    """Let the generators sign credentials of the data model."""
    return _as(request.param, monkeypatch)


@pytest.fixture
def selective(monkeypatch):
    return _as("vc+sd-jwt", monkeypatch)


def _as(form, monkeypatch):
    for module in (minting, tokens):
        monkeypatch.setattr(module, "HDR", header(form))
    monkeypatch.setattr(tokens, "base_payload", credential)
    monkeypatch.setattr(tokens, "disc", lambda name, value: minting.disc(WORDS.get(name, name), value))
    return form


def payloads(generator, form):
    made = getattr(tokens, generator)()
    texts = [made] if isinstance(made, str) else [text for _, text in made]
    return [text if form == "vc+sd-jwt" else text.rstrip("~") for text in texts]


def honest(form):
    claims = {name: value for name, value in credential().items() if name != "_sd_alg"}
    return minting.jws(header(form), claims) + ("~" if form == "vc+sd-jwt" else "")


@pytest.mark.parametrize(("generator", "code"), params(JOSE))
def test_tokens(house, refused, form, generator, code):
    for text in payloads(generator, form):
        answer = house.verify(text)
        refused(answer, *([code, "sdjwt.form"] if code else []))  # some say that they are an SD-JWT VC
        assert "welding" not in answer.out
    assert house.verify(honest(form)).status == 0


def test_a_member_twice(house, refused, form):
    """JO-006: readers differ about which of the two counts."""
    body = json.dumps(credential(_sd_alg=...)).encode()[:-1] + b',"issuer":"did:web:autre.example"}'
    token = minting.jws(header(form), None, raw_payload=body) + ("~" if form == "vc+sd-jwt" else "")
    refused(house.verify(token), "jose.malformed")


def test_another_spelling_of_the_same_token(house, refused, form):
    """JO-013"""
    token, end = honest(form).rstrip("~"), "~" if form == "vc+sd-jwt" else ""
    head, payload, signature = token.split(".")
    for bent in (
        f"{token}=={end}",
        f"{head}.{payload}=.{signature}{end}",
        f"{token[:20]}\n{token[20:]}{end}",
        f"{head}. {payload}.{signature}{end}",
        f"{head}+.{payload}.{signature}{end}",
        f"{token[:-1]}{_next(token[-1])}{end}",
    ):
        refused(house.verify(bent))
    assert house.verify(f" {token}{end}\n").status == 0  # around the text, as files have it


def _next(character):
    """Return a last character of the same bytes: its lowest bits say nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(character) ^ 1]


@pytest.mark.parametrize(("generator", "code"), params(BINDING))
def test_presentations(house, refused, selective, generator, code):
    for text in payloads(generator, selective):
        answer = house.verify(text, asked=True)
        refused(answer, code)
        assert "welding" not in answer.out
    assert house.verify(minting.sdjwt(credential()), asked=True).status == 0


def answer_token(changes, key=None, **more):
    """Return a presentation as its holder would sign it, with one claim of it changed."""
    did = did_key.did(LocalSigner.from_secret("P-256", _secret(minting.KEYS.holder)).public_key)
    kid = f"{did}#{did.removeprefix('did:key:')}"
    payload = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": [wrap(Envelope("vc+jwt", honest("vc+jwt")))],
        "iat": int(dt.datetime.now(dt.UTC).timestamp()),
        "aud": minting.AUD,
        "nonce": minting.NONCE,
        **changes,
    }
    stated = {name: value for name, value in payload.items() if value is not ...}
    head = {"alg": "ES256", "typ": "vp+jwt", "cty": "vp", "kid": kid, **more}
    return minting.jws(head, stated, key or minting.KEYS.holder)


def _secret(key):
    return key.private_numbers().private_value.to_bytes(32, "big")


@pytest.mark.parametrize(("changes", "code"), params(ANSWER))
def test_answers(house, refused, changes, code):
    answer = house.verify(answer_token(changes), asked=True)
    refused(answer, code)
    assert answer.json["credentials"] == []
    assert house.verify(answer_token({}), asked=True).status == 0


@pytest.mark.parametrize("key", ["attacker", "issuer"])
def test_answers_signed_by_somebody_else(house, refused, key):
    """KB-014, KB-015: under the holder's name, and by whoever signed the credential."""
    refused(house.verify(answer_token({}, getattr(minting.KEYS, key)), asked=True), "signature.invalid")
    brought = {"jwk": minting.KEYS.jwk(minting.KEYS.attacker)}
    answer = house.verify(answer_token({}, minting.KEYS.attacker, **brought), asked=True)
    refused(answer, "jose.untrusted_key")  # KB-016


def test_no_answer_at_all(house, refused):
    """KB-001: the credential alone, where somebody was asked to show that it is theirs."""
    refused(house.verify(honest("vc+jwt"), asked=True), "holder.missing")


def test_the_same_answer_again(own_house, refused):
    """KB-022: asked by the product, answered, and answered again with the very same bytes."""
    question = own_house.run("ask", "--audience", minting.AUD, "--json").json
    asked = ["--audience", minting.AUD, "--nonce", question["nonce"], "--json"]
    path = own_house.file(answer_token({"nonce": question["nonce"]}))
    assert own_house.run("verify", path, *asked).status == 0
    again = own_house.run("verify", path, *asked)
    refused(again, "holder.replayed")
    assert again.json["credentials"] == []


# JO-021: each token that the product makes, in the place of each other


@pytest.fixture(scope="module")
def made():
    """All with all that any place could ask for."""
    return _made({"aud": minting.AUD, "nonce": minting.NONCE})


@pytest.fixture(scope="module")
def unaddressed():
    """The same, made for nobody in particular."""
    return _made({})


def _made(addressed):
    """Return honest tokens of one holder who is issuer too, by their types."""
    signer = LocalSigner.generate("P-256")
    did, now = did_key.did(signer.public_key), dt.datetime.now(dt.UTC)
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential", "VerifiablePresentation"],
        "issuer": did,
        "holder": did,
        "credentialSubject": {"id": did},
    }
    claims = {
        "iat": int(now.timestamp()),
        "cnf": {"jwk": to_jwk(signer.public_key)},
        **addressed,
    }
    kid = {"kid": signer.verification_method}
    vct = {"iss": did, "vct": minting.VCT, **claims}
    issued = sd_jwt.issue(vct, [], signer)
    bound = sd_jwt.present(issued, [], KeyBinding(signer, minting.AUD, minting.NONCE, now))
    listed = token.list_payload("https://x.example/1", {}, issued_at=now)
    others = {
        "dc+sd-jwt": issued,
        "kb+jwt": bound.rpartition("~")[2],
        "statuslist+jwt": token.sign_list({**listed, **copy.deepcopy(document), **claims}, signer),
        "openid4vci-proof+jwt": jws.sign(
            {"typ": "openid4vci-proof+jwt", **kid}, {**document, **claims}, signer
        ),
        "JWT": jws.sign({"typ": "JWT", **kid}, {**document, **claims}, signer),
    }
    return {**{form: jose.secure(form, document, claims, signer) for form in jose.FORMS}, **others}


PLACES = ["vc+jwt", "vp+jwt", "vc+sd-jwt", "vp+sd-jwt"]
KINDS = [*PLACES, "dc+sd-jwt", "kb+jwt", "statuslist+jwt", "openid4vci-proof+jwt", "JWT"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_token_serves_another_purpose(made, kind, place):
    """Only what was made for a place is accepted there; ``typ`` tells, to the letter."""
    text = made[kind].rstrip("~") + ("~" if place.endswith("sd-jwt") else "")
    now, expected = (
        dt.datetime.now(dt.UTC),
        HolderExpectation(minting.AUD, minting.NONCE, dt.timedelta(minutes=5)),
    )

    def verified():
        if place.startswith("vp"):
            return jose.verify_presentation(place, text, resolver(), now=now, holder=expected)
        return jose.verify(place, text, resolver(), now=now, audience=minting.AUD)

    if kind == place:
        assert verified().document
        return
    with pytest.raises(Problem) as caught:
        verified()
    assert caught.value.code == ("jose.untrusted_key" if kind == "kb+jwt" else "jose.wrong_typ")


@pytest.mark.parametrize("place", ["vc+jwt", "vc+sd-jwt", "dc+sd-jwt"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "JWT"])
def test_no_token_serves_another_purpose_in_an_envelope(house, refused, unaddressed, kind, place):
    """The envelope says what is in it; so does the token, and they must agree."""
    node = wrap(Envelope(place, unaddressed[kind].rstrip("~") + ("~" if place.endswith("sd-jwt") else "")))
    answer = house.verify(json.dumps(node))
    if kind == place:
        assert answer.status == 0, answer.out
    else:
        refused(answer)
        assert answer.status == 1
