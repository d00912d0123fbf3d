"""Tokens that must be refused, given to ``passeport verify`` as a recruiter would; an honest one right after.

The parameters are named by the ids of the catalogue. That ``proofs`` refuses the same is tested there;
here it is what a person is told: which check failed, and nothing of what the token says.
"""

import datetime as dt
import json

import pytest
from attacks import minting, tokens

from credentials.status import token
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import jws, sd_jwt
from proofs.sd_jwt import KeyBinding

JOSE = [
    ("JO-001", "j_none_case", "integrity", "jose.alg_not_allowed"),
    ("JO-001", "j_none", "integrity", "jose.alg_not_allowed"),
    ("JO-002", "j_hs256_with_public_key", "integrity", "jose.alg_not_allowed"),
    ("JO-004", "j_crit_empty", "integrity", "jose.crit_unsupported"),
    ("JO-004", "j_b64_false", "integrity", "jose.crit_unsupported"),
    ("JO-005", "j_dup_header_alg", "integrity", "jose.malformed"),
    ("JO-006", "j_dup_payload_claim", "integrity", "jose.malformed"),
    ("JO-007", "j_embedded_jwk", "issuer_key", "jose.untrusted_key"),
    ("JO-008", "j_jku_x5u", "issuer_key", "jose.untrusted_key"),
    ("JO-010", "j_kid_injection", None, None),
    ("JO-013", "j_padding_variants", "integrity", "jose.malformed"),
    ("JO-014", "j_four_or_two_segments", "format", "presentation.unrecognized"),
    ("JO-015", "j_deep_json", "format", "json.too_large"),
    ("JO-023", "jwe_pbes2", "format", "presentation.unrecognized"),
    ("JO-024", "jwe_alg_confusion", "format", "presentation.unrecognized"),
]

SD_JWT = [
    ("SD-002", "sd_dup_digest_two_levels", "integrity", "sdjwt.duplicate_digest"),
    ("SD-003", "sd_dup_digest_undisclosed", "integrity", "sdjwt.duplicate_digest"),
    ("SD-004", "sd_same_disclosure_twice", "integrity", "sdjwt.duplicate_disclosure"),
    ("SD-007", "sd_claim_collision", "integrity", "sdjwt.claim_collision"),
    ("SD-008", "sd_claim_collision_between_discs", "integrity", "sdjwt.claim_collision"),
    ("SD-009", "sd_disclosed_name__sd", "integrity", "sdjwt.reserved_name"),
    ("SD-010", "sd_disclosed_name_dots", "integrity", "sdjwt.reserved_name"),
    ("SD-013", "sd_disclosure_4_elems", "integrity", "sdjwt.disclosure_malformed"),
    ("SD-014", "sd_disclosure_not_json", "integrity", "sdjwt.disclosure_malformed"),
    ("SD-015", "sd_disclosure_dup_keys", "integrity", "sdjwt.disclosure_malformed"),
    ("SD-016", "sd_disclosure_name_not_string", "integrity", "sdjwt.disclosure_malformed"),
    ("SD-017", "sd_alg_md5", "integrity", "sdjwt.hash_not_allowed"),
    ("SD-018", "sd_alg_sha256_32", "integrity", "sdjwt.hash_not_allowed"),
    ("SD-019", "sd__sd_not_array", "integrity", "sdjwt.digest_malformed"),
    ("SD-020", "sd__sd_alg_nested", "integrity", "sdjwt.reserved_name"),
    ("SD-021", "sd_array_placeholder_extra_key", "integrity", "sdjwt.digest_malformed"),
    ("SD-022", "sd_exp_disclosed_past", "integrity", "sdjwt.claim_not_disclosable"),
    ("SD-025", "sd_iss_in_disclosure", "issuer_key", "sdjwt.issuer_key_mismatch"),
    ("SD-026", "sd_missing_vct", "integrity", "sdjwt.vct_missing"),
    ("SD-027", "sd_wrong_typ", "integrity", "jose.wrong_typ"),
    ("SD-028", "sd_embedded_jwk_iss_trusted", "issuer_key", "jose.untrusted_key"),
    ("SD-029", "sd_no_trailing_tilde", "integrity", "sdjwt.form"),
    ("SD-030", "sd_extra_tildes", "integrity", "sdjwt.form"),
    ("SD-031", "sd_empty_disclosure_mid", "integrity", "sdjwt.form"),
    ("SD-032", "sd_recursive_depth", "integrity", "sdjwt.too_complex"),
    ("SD-033", "sd_many_disclosures", "format", "json.too_large"),
]

BINDING = [
    ("KB-001", "kb_missing", "holder", "holder.missing"),
    ("KB-002", "kb_wrong_nonce", "holder", "kb.other_nonce"),
    ("KB-003", "kb_no_nonce", "holder", "kb.invalid"),
    ("KB-005", "kb_aud_without_prefix", "holder", "kb.other_audience"),
    ("KB-007", "kb_no_sd_hash", "holder", "kb.other_content"),
    ("KB-008", "kb_wrong_sd_hash", "holder", "kb.other_content"),
    ("KB-009", "kb_disclosure_removed", "holder", "kb.other_content"),
    ("KB-010", "kb_disclosure_added", "holder", "kb.other_content"),
    ("KB-011", "kb_wrong_typ", "holder", "kb.invalid"),
    ("KB-014", "kb_signed_by_attacker", "holder", "kb.invalid"),
    ("KB-015", "kb_signed_by_issuer_key", "holder", "kb.invalid"),
    ("KB-016", "kb_jwk_in_header", "holder", "kb.invalid"),
    ("KB-017", "kb_alg_none", "holder", "kb.invalid"),
    ("KB-018", "kb_cnf_missing", "holder", "kb.no_holder_key"),
    ("KB-019", "kb_cnf_remote", "holder", "kb.no_holder_key"),
    ("KB-021", "kb_is_another_sdjwt", "holder", "kb.invalid"),
]


def params(rows):
    return [pytest.param(*row[1:], id=f"{row[0]}-{row[1]}") for row in rows]


def payloads(generator):
    """But for the token in the other alphabet that has, once in 10^5, no character to be changed."""
    made = getattr(tokens, generator)()
    if not isinstance(made, list):
        return [made]
    return [text for label, text in made if label != "plus_slash" or {"+", "/"} & set(text)]


def failed_steps(answer):
    parts = [answer.json, *answer.json.get("credentials", [])]
    return {
        (step["step"], step["code"])
        for part in parts
        for step in part["steps"]
        if step["outcome"] == "failed"
    }


@pytest.mark.parametrize("generator", ["sd_control", "sd_control_decoys"])
def test_controls(house, generator):
    """CT-001, CT-002: honest tokens of a strange but known issuer verify, or nothing below means anything."""
    answer = house.verify(getattr(tokens, generator)(), asked=True)
    assert answer.status == 0, answer.out
    (line,) = answer.json["credentials"]
    codes = [step["code"] for step in line["steps"]]
    assert codes[:3] == ["integrity.intact", "issuer_key.held", "holder.live"]
    assert {"id": "skill", "label": "skill", "value": "welding"} in line["shown"]["items"]


@pytest.mark.parametrize(("generator", "step", "code"), params(JOSE))
def test_tokens(house, refused, generator, step, code):
    for text in payloads(generator):
        answer = house.verify(text)
        refused(answer)
        assert code is None or failed_steps(answer) == {(step, code)}
    assert house.verify(tokens.jws(tokens.HDR, tokens.base_payload()) + "~").status == 0


@pytest.mark.parametrize(("generator", "step", "code"), params(SD_JWT + BINDING))
def test_presentations(house, refused, generator, step, code):
    for text in payloads(generator):
        answer = house.verify(text, asked=True)
        refused(answer)
        assert failed_steps(answer) == {(step, code)}
        assert "welding" not in answer.out
    assert house.verify(tokens.sd_control(), asked=True).status == 0


def test_a_file_of_twenty_megabytes(house, refused):
    """JO-015: the header alone is larger than anything that is read."""
    answer = house.verify(tokens.j_huge_header())
    refused(answer, "cli.file_too_large")
    assert house.verify(tokens.sd_control(), asked=True).status == 0


def test_key_names_lead_nowhere(house, refused):
    """JO-010: a ``kid`` that is a path, a query, a URL, or 100 kB long, and is nowhere repeated."""
    for kid, text in tokens.j_kid_injection():
        answer = house.verify(text)
        refused(answer, "jose.untrusted_key", "sdjwt.issuer_key_mismatch", "jose.too_large")
        assert json.dumps(kid)[1:-1] not in answer.out
        assert len(answer.out) < 5_000


def test_unsound_holder_keys(house, refused):
    """JO-019: a key beside its curve or in a small subgroup binds nobody."""
    small = [{"kty": "OKP", "crv": "Ed25519", "x": x} for x in tokens.j_ed25519_small_order()]
    for jwk in [tokens.j_invalid_curve(), *small]:
        answer = house.verify(tokens.sdjwt(tokens.base_payload(cnf={"jwk": jwk})), asked=True)
        refused(answer, "key.not_on_curve")
    assert house.verify(tokens.sd_control(), asked=True).status == 0


# JO-021: each token that the product makes, in the place of each other


@pytest.fixture(scope="module")
def made(house):
    """Tokens of one issuer and one holder, all honest, and a document that some of them belong to."""
    issuer = LocalSigner.generate("P-256")
    holder = LocalSigner.generate("P-256")
    did = did_key.did(issuer.public_key)
    payload = {
        "iss": did,
        "vct": minting.VCT,
        "cnf": {"jwk": to_jwk(holder.public_key)},
        "skill": "welding",
    }
    issued = sd_jwt.issue(payload, [], issuer)
    now = dt.datetime.now(dt.UTC)
    shown = sd_jwt.present(issued, [], KeyBinding(holder, minting.AUD, minting.NONCE, now))
    listed = token.list_payload("https://x.example/1", {}, issued_at=now)
    return {
        "credential": issued.rstrip("~"),
        "binding": shown.rpartition("~")[2],
        "status list": token.sign_list({**listed, "vct": minting.VCT, "iss": did}, issuer),
        "proof of a key": jws.sign(
            {"typ": "openid4vci-proof+jwt", "kid": issuer.verification_method}, payload, issuer
        ),
    }


@pytest.mark.parametrize("place", ["credential", "binding"])
@pytest.mark.parametrize("name", ["credential", "binding", "status list", "proof of a key"])
def test_no_token_serves_another_purpose(house, refused, made, name, place):
    """Only what was made for a place is accepted there; ``typ`` tells, to the letter."""
    parts = {"credential": made["credential"], "binding": made["binding"], place: made[name]}
    answer = house.verify(f"{parts['credential']}~{parts['binding']}", asked=True)
    if name == place:
        assert answer.status == 0, answer.out
    else:
        refused(answer)
        assert answer.status == 1


# The same answer twice


def test_the_same_answer_again(own_house, refused):
    """KB-022: asked by the product, answered, and answered again with the very same bytes."""
    question = own_house.run("ask", "--audience", minting.AUD, "--json").json
    text = minting.sdjwt(minting.base_payload(), kb_claims={"nonce": question["nonce"]})
    asked = ["--audience", minting.AUD, "--nonce", question["nonce"], "--json"]
    path = own_house.file(text)
    assert own_house.run("verify", path, *asked).status == 0
    again = own_house.run("verify", path, *asked)
    refused(again, "holder.replayed")
    assert again.json["credentials"] == []
    another = own_house.run("ask", "--audience", minting.AUD, "--json").json
    fresh = minting.sdjwt(minting.base_payload(), kb_claims={"nonce": another["nonce"]})
    asked = ["--audience", minting.AUD, "--nonce", another["nonce"]]
    assert own_house.run("verify", own_house.file(fresh), *asked).status == 0


def test_a_nonce_of_another_verifier(own_house, refused):
    """KB-023: asked by A, presented to B."""
    question = own_house.run("ask", "--audience", "https://a.example", "--json").json
    claims = {"nonce": question["nonce"], "aud": "https://a.example"}
    path = own_house.file(minting.sdjwt(minting.base_payload(), kb_claims=claims))
    at_b = own_house.run(
        "verify", path, "--audience", "https://b.example", "--nonce", question["nonce"], "--json"
    )
    refused(at_b, "kb.other_audience")
    at_a = ["--audience", "https://a.example", "--nonce", question["nonce"]]
    assert own_house.run("verify", path, *at_a).status == 0


def test_a_wallet_takes_no_presentation(own_house, refused):
    """SD-034: what an issuer delivers has no key binding."""
    assert own_house.run("wallet", "create").status == 0
    answer = own_house.run("wallet", "add", own_house.file(tokens.sd_holder_receives_kb()), "--json")
    refused(answer, "sdjwt.unexpected_kb")
