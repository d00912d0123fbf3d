"""The abuse cases of the areas jose, sdjwt and keybinding that reach a verifier of SD-JWT VC.

Each attack is refused, for its own reason, at once, and honest input is accepted right after it. The
parameters are named by the ids of the catalogue (``abuse/cases.yaml``); the codes are ours, more exact
than the catalogue's families.
"""

import datetime as dt
import time
from types import ModuleType
from typing import Any, Protocol

import pytest

from keys.resolver import Resolver
from problems import Problem
from proofs import jws
from proofs.sd_jwt import HolderExpectation, VerifiedSdJwt, check_dates, present, receive, verify


class Verify(Protocol):
    def __call__(self, text: str, *, asked: bool = True) -> VerifiedSdJwt: ...


@pytest.fixture(scope="module")
def keys(abuse: ModuleType, pinned: Any) -> Resolver:
    jwk = {name: value for name, value in abuse.KEYS.issuer_jwks()["keys"][0].items() if name != "kid"}
    trusted: Resolver = pinned({f"{abuse.ISS}#k1": jwk})
    return trusted


@pytest.fixture(scope="module")
def check(abuse: ModuleType, keys: Resolver) -> Verify:
    expected = HolderExpectation(abuse.AUD, abuse.NONCE, dt.timedelta(minutes=5))

    def check(text: str, *, asked: bool = True) -> VerifiedSdJwt:
        now = dt.datetime.now(dt.UTC)
        verified = verify(text, keys, now=now, holder=expected if asked else None)
        check_dates(verified.payload, now)
        return verified

    return check


def payloads(generated: Any) -> list[str]:
    """A generator returns one attack, or several with their labels."""
    return [text for _, text in generated] if isinstance(generated, list) else [generated]


def assert_refused(check: Verify, text: str, code: str, *, asked: bool = True) -> None:
    started = time.process_time()
    with pytest.raises(Problem) as caught:
        check(text, asked=asked)
    assert time.process_time() - started < 1
    assert caught.value.code == code
    assert caught.value.says("fr").next_step
    assert caught.value.says("en").next_step


@pytest.mark.parametrize(
    ("generator", "code"),
    [
        pytest.param("j_none", "jose.alg_not_allowed", id="JO-001-none"),
        pytest.param("j_none_case", "jose.alg_not_allowed", id="JO-001"),
        pytest.param("j_hs256_with_public_key", "jose.alg_not_allowed", id="JO-002"),
        pytest.param("j_crit_empty", "jose.crit_unsupported", id="JO-004-crit-empty"),
        pytest.param("j_b64_false", "jose.crit_unsupported", id="JO-004-b64-false"),
        pytest.param("j_dup_header_alg", "jose.malformed", id="JO-005"),
        pytest.param("j_dup_payload_claim", "jose.malformed", id="JO-006"),
        pytest.param("j_embedded_jwk", "jose.untrusted_key", id="JO-007"),
        pytest.param("j_jku_x5u", "jose.untrusted_key", id="JO-008"),
        pytest.param("j_padding_variants", "jose.malformed", id="JO-013"),
        pytest.param("j_four_or_two_segments", "jose.malformed", id="JO-014"),
        pytest.param("j_huge_header", "sdjwt.too_large", id="JO-015"),
        pytest.param("j_deep_json", "sdjwt.too_large", id="JO-deep-json"),
    ],
)
def test_tokens(abuse: ModuleType, check: Verify, generator: str, code: str) -> None:
    for text in payloads(getattr(abuse, generator)()):
        if generator == "j_padding_variants" and "-" not in text and "_" not in text:
            continue  # one token in 10^5 has no character that the other alphabet would change
        assert_refused(check, text, code, asked=False)
    assert check(abuse.jws(abuse.HDR, abuse.base_payload()) + "~", asked=False).holder is None


def test_key_names_lead_nowhere(abuse: ModuleType, check: Verify) -> None:
    """JO-010: a ``kid`` that is a path, a query, a URL, or 100 kB long."""
    for label, text in abuse.j_kid_injection():
        code = "jose.too_large" if len(label) > 1000 else "jose.untrusted_key"
        if label in ("../../../../dev/null", "https://169.254.169.254/", "' OR 1=1 --"):
            code = code if " " in label else "sdjwt.issuer_key_mismatch"
        assert_refused(check, text, code, asked=False)
    assert check(abuse.sd_control())


def test_a_huge_header_is_refused_before_it_is_decoded(abuse: ModuleType) -> None:
    """JO-015, for tokens that are no SD-JWT."""
    token = abuse.j_huge_header(20).removesuffix("~")
    started = time.process_time()
    with pytest.raises(Problem) as caught:
        jws.parse(token)
    assert time.process_time() - started < 0.1
    assert caught.value.code == "jose.too_large"


def test_unsound_holder_keys(abuse: ModuleType, check: Verify) -> None:
    """JO-019: a key beside its curve or in a small subgroup binds nobody."""
    small = [{"kty": "OKP", "crv": "Ed25519", "x": x} for x in abuse.j_ed25519_small_order()]
    for jwk in [abuse.j_invalid_curve(), *small]:
        text = abuse.sdjwt(abuse.base_payload(cnf={"jwk": jwk}), [])
        assert_refused(check, text, "key.not_on_curve")
    assert check(abuse.sd_control())


def test_no_token_serves_another_purpose(abuse: ModuleType, check: Verify) -> None:
    """JO-021, as far as one verifier goes: every other ``typ`` in either place is refused."""
    for typ in (
        "JWT",
        "kb+jwt",
        "openid4vci-proof+jwt",
        "statuslist+jwt",
        "dpop+jwt",
        "DC+SD-JWT",
        ["dc+sd-jwt"],
    ):
        assert_refused(check, abuse.sdjwt(abuse.base_payload(), [], hdr={"typ": typ}), "jose.wrong_typ")
    for typ in ("JWT", "dc+sd-jwt", "openid4vci-proof+jwt", "oauth-authz-req+jwt", "dpop+jwt", "KB+JWT"):
        assert_refused(check, abuse.sdjwt(abuse.base_payload(), [], kb_hdr={"typ": typ}), "kb.invalid")
    assert check(abuse.sd_control())


@pytest.mark.parametrize(
    ("generator", "code"),
    [
        pytest.param("sd_dup_digest_two_levels", "sdjwt.duplicate_digest", id="SD-002"),
        pytest.param("sd_dup_digest_undisclosed", "sdjwt.duplicate_digest", id="SD-003"),
        pytest.param("sd_same_disclosure_twice", "sdjwt.duplicate_disclosure", id="SD-004"),
        pytest.param("sd_claim_collision", "sdjwt.claim_collision", id="SD-007"),
        pytest.param("sd_claim_collision_between_discs", "sdjwt.claim_collision", id="SD-008"),
        pytest.param("sd_disclosed_name__sd", "sdjwt.reserved_name", id="SD-009"),
        pytest.param("sd_disclosed_name_dots", "sdjwt.reserved_name", id="SD-010"),
        pytest.param("sd_disclosure_4_elems", "sdjwt.disclosure_malformed", id="SD-013"),
        pytest.param("sd_disclosure_not_json", "sdjwt.disclosure_malformed", id="SD-014"),
        pytest.param("sd_disclosure_dup_keys", "sdjwt.disclosure_malformed", id="SD-015"),
        pytest.param("sd_disclosure_name_not_string", "sdjwt.disclosure_malformed", id="SD-016"),
        pytest.param("sd_alg_md5", "sdjwt.hash_not_allowed", id="SD-017"),
        pytest.param("sd_alg_sha256_32", "sdjwt.hash_not_allowed", id="SD-018"),
        pytest.param("sd__sd_not_array", "sdjwt.digest_malformed", id="SD-019"),
        pytest.param("sd__sd_alg_nested", "sdjwt.reserved_name", id="SD-020"),
        pytest.param("sd_array_placeholder_extra_key", "sdjwt.digest_malformed", id="SD-021"),
        pytest.param("sd_exp_disclosed_past", "sdjwt.claim_not_disclosable", id="SD-022"),
        pytest.param("sd_iss_in_disclosure", "sdjwt.issuer_key_mismatch", id="SD-025"),
        pytest.param("sd_missing_vct", "sdjwt.vct_missing", id="SD-026"),
        pytest.param("sd_wrong_typ", "jose.wrong_typ", id="SD-027"),
        pytest.param("sd_embedded_jwk_iss_trusted", "jose.untrusted_key", id="SD-028"),
        pytest.param("sd_no_trailing_tilde", "sdjwt.form", id="SD-029"),
        pytest.param("sd_extra_tildes", "sdjwt.form", id="SD-030"),
        pytest.param("sd_empty_disclosure_mid", "sdjwt.form", id="SD-031"),
        pytest.param("sd_recursive_depth", "sdjwt.too_complex", id="SD-032"),
        pytest.param("sd_many_disclosures", "sdjwt.too_large", id="SD-033"),
        pytest.param("kb_missing", "kb.missing", id="KB-001"),
        pytest.param("kb_wrong_nonce", "kb.other_nonce", id="KB-002"),
        pytest.param("kb_no_nonce", "kb.invalid", id="KB-003"),
        pytest.param("kb_aud_without_prefix", "kb.other_audience", id="KB-005"),
        pytest.param("kb_no_sd_hash", "kb.other_content", id="KB-007"),
        pytest.param("kb_wrong_sd_hash", "kb.other_content", id="KB-008"),
        pytest.param("kb_disclosure_removed", "kb.other_content", id="KB-009"),
        pytest.param("kb_disclosure_added", "kb.other_content", id="KB-010"),
        pytest.param("kb_wrong_typ", "kb.invalid", id="KB-011"),
        pytest.param("kb_signed_by_attacker", "kb.invalid", id="KB-014"),
        pytest.param("kb_signed_by_issuer_key", "kb.invalid", id="KB-015"),
        pytest.param("kb_jwk_in_header", "kb.invalid", id="KB-016"),
        pytest.param("kb_alg_none", "kb.invalid", id="KB-017"),
        pytest.param("kb_cnf_missing", "kb.no_holder_key", id="KB-018"),
        pytest.param("kb_cnf_remote", "kb.no_holder_key", id="KB-019"),
        pytest.param("kb_is_another_sdjwt", "kb.invalid", id="KB-021"),
    ],
)
def test_presentations(abuse: ModuleType, check: Verify, generator: str, code: str) -> None:
    assert_refused(check, getattr(abuse, generator)(), code)
    assert check(abuse.sd_control()).payload["skill"] == "welding"
    assert check(abuse.sd_control_decoys()).payload["skill"] == "welding"


def test_disclosures_nested_33_deep(abuse: ModuleType, check: Verify) -> None:
    """SD-032, small enough to pass the limit on the number of disclosures: depth itself is limited."""
    assert check(abuse.sd_recursive_depth(32))
    assert_refused(check, abuse.sd_recursive_depth(33), "sdjwt.too_complex")


def test_a_holder_receives_no_presentation(abuse: ModuleType, keys: Resolver) -> None:
    """SD-034: what an issuer delivers has no key binding, and a presentation is not presented again."""
    text = abuse.sd_holder_receives_kb()
    for action in (
        lambda: receive(text, keys, now=dt.datetime.now(dt.UTC)),
        lambda: present(text, [("skill",)]),
    ):
        with pytest.raises(Problem) as caught:
            action()
        assert caught.value.code == "sdjwt.unexpected_kb"
    issued = text[: text.rindex("~") + 1]
    assert receive(issued, keys, now=dt.datetime.now(dt.UTC)).payload["skill"] == "welding"
    assert present(issued, [("skill",)]) == issued


def test_the_same_presentation_again(abuse: ModuleType, check: Verify, keys: Resolver) -> None:
    """KB-022, KB-023: against another request's nonce a valid presentation is worth nothing.

    That a nonce is given out and taken once is for whoever keeps them.
    """
    text = abuse.sd_control()
    assert check(text)
    other = HolderExpectation(abuse.AUD, "the-next-request", dt.timedelta(minutes=5))
    with pytest.raises(Problem) as caught:
        verify(text, keys, now=dt.datetime.now(dt.UTC), holder=other)
    assert caught.value.code == "kb.other_nonce"
