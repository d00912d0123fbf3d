"""Who shows the credential, to whom, in answer to what, when (RFC 9901 §7.3)."""

import datetime as dt
from typing import Any

import pytest

from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import InvalidChallengeError, InvalidDomainError, Problem
from proofs import jws
from proofs.sd_jwt import SdJwt, issue, parse, present, verify
from proofs.sd_jwt.disclosure import digest

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(scope="module")
def credential(parties: Any) -> str:
    claims = parties.claims(name="Ada", city="Lyon")
    return issue(claims, [("name",), ("city",)], parties.issuer)


def rebound(parties: Any, shown: str, *, signer: Any = None, header: Any = None, **changed: Any) -> str:
    """Return a presentation whose Key Binding JWT says what it likes; None takes a claim away."""
    claims = {
        "iat": int(parties.now.timestamp()),
        "aud": parties.audience,
        "nonce": parties.nonce,
        "sd_hash": digest(shown),
    } | changed
    token = jws.sign(
        {"typ": "kb+jwt"} | (header or {}),
        {name: value for name, value in claims.items() if value is not None},
        signer or parties.holder,
    )
    return shown + token


def refused(parties: Any, text: str, **expected: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        verify(text, parties.keys, now=parties.now, holder=parties.expectation(**expected))
    return caught.value


@pytest.mark.parametrize("issuer", ["P-256", "Ed25519"])
@pytest.mark.parametrize("holder", ["P-256", "P-384", "Ed25519"])
def test_the_holder_is_named_with_all_that_was_checked(new_parties: Any, issuer: Any, holder: Any) -> None:
    parties = new_parties(issuer, holder)
    text = issue(parties.claims(name="Ada"), [("name",)], parties.issuer)
    expires = parties.now + MINUTE
    shown = present(text, [("name",)], parties.binding(expires=expires))
    found = verify(shown, parties.keys, now=parties.now, holder=parties.expectation()).holder
    assert found is not None
    assert found.key == parties.holder.public_key
    assert (found.audience, found.nonce) == (parties.audience, parties.nonce)
    assert (found.issued_at, found.expires) == (parties.now, expires)


def test_key_binding_is_the_callers_demand(credential: str, parties: Any) -> None:
    """§9.5: stripped, a presentation is still a credential, and no answer to who asked for a holder."""
    shown = present(credential, [])
    assert refused(parties, shown).code == "kb.missing"
    assert verify(shown, parties.keys, now=parties.now, holder=None).holder is None


def test_an_unasked_binding_must_be_sound_and_proves_nothing(credential: str, parties: Any) -> None:
    bound = present(credential, [("name",)], parties.binding(audience="someone else", nonce="of long ago"))
    assert verify(bound, parties.keys, now=parties.now, holder=None).holder is None
    sd_jwt = parse(bound)
    for broken, code in (
        (SdJwt(sd_jwt.issuer_jwt, (), sd_jwt.key_binding).text, "kb.other_content"),
        (bound[:-4], "kb.invalid"),
        (present(credential, []) + "x", "kb.invalid"),
        (rebound(parties, present(credential, []), signer=LocalSigner.generate("P-256")), "kb.invalid"),
    ):
        with pytest.raises(Problem) as caught:
            verify(broken, parties.keys, now=parties.now, holder=None)
        assert caught.value.code == code


def test_another_audience_is_refused(credential: str, parties: Any) -> None:
    problem = refused(parties, present(credential, [], parties.binding(audience="https://other.example")))
    assert (type(problem), problem.code) == (InvalidDomainError, "kb.other_audience")


def test_another_nonce_is_refused(credential: str, parties: Any) -> None:
    problem = refused(parties, present(credential, [], parties.binding(nonce="n-0S6_WzA2Mk")))
    assert (type(problem), problem.code) == (InvalidChallengeError, "kb.other_nonce")


def test_another_key_is_refused(credential: str, parties: Any) -> None:
    shown = present(credential, [])
    for signer in (LocalSigner.generate("P-256"), LocalSigner.generate("Ed25519"), parties.issuer):
        problem = refused(parties, rebound(parties, shown, signer=signer))
        assert problem.code == "kb.invalid"


def test_a_binding_serves_one_selection(credential: str, parties: Any) -> None:
    """Disclosures added, removed, reordered or exchanged after binding; and another credential."""
    bound = parse(present(credential, [("name",)], parties.binding()))
    both = parse(credential).disclosures
    other = parse(present(credential, [("city",)])).disclosures
    for disclosures in ((), both, other):
        swapped = SdJwt(bound.issuer_jwt, disclosures, bound.key_binding)
        assert refused(parties, swapped.text).code == "kb.other_content"
    two = parse(present(credential, [("name",), ("city",)], parties.binding()))
    assert (
        refused(parties, SdJwt(two.issuer_jwt, two.disclosures[::-1], two.key_binding).text).code
        == "kb.other_content"
    )
    again = issue(parties.claims(name="Ada", city="Lyon"), [("name",)], parties.issuer)
    moved = SdJwt(parse(again).issuer_jwt, (), bound.key_binding)
    assert refused(parties, moved.text).code == "kb.other_content"


def test_the_digest_uses_the_credentials_hash(parties: Any) -> None:
    """A credential whose digests are SHA-512 is bound by SHA-512 (§4.3.1)."""
    payload = parties.claims() | {"_sd_alg": "sha-512"}
    token = jws.sign({"typ": "dc+sd-jwt", "kid": parties.issuer.verification_method}, payload, parties.issuer)
    bound = present(token + "~", [], parties.binding())
    assert verify(bound, parties.keys, now=parties.now, holder=parties.expectation()).holder
    assert refused(parties, rebound(parties, token + "~")).code == "kb.other_content"
    assert len(str(jws.claims(jws.parse(str(parse(bound).key_binding)))["sd_hash"])) == 86


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"aud": None}, id="no-audience"),
        pytest.param({"aud": ["https://recruiter.example"]}, id="audience-list"),
        pytest.param({"nonce": None}, id="no-nonce"),
        pytest.param({"nonce": 1}, id="nonce-number"),
        pytest.param({"iat": None}, id="no-time"),
        pytest.param({"iat": "now"}, id="time-text"),
        pytest.param({"iat": True}, id="time-boolean"),
        pytest.param({"iat": 2**52}, id="time-beyond-the-calendar"),
        pytest.param({"exp": "never"}, id="expiry-text"),
        pytest.param({"header": {"typ": "JWT"}}, id="other-typ"),
        pytest.param({"header": {"typ": "dc+sd-jwt"}}, id="typ-of-a-credential"),
        pytest.param({"header": {"crit": ["x"]}}, id="crit"),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_malformed_bindings_are_refused(credential: str, parties: Any, changed: Any, asked: bool) -> None:
    text = rebound(parties, present(credential, []), **changed)
    expected = parties.expectation() if asked else None
    with pytest.raises(Problem) as caught:
        verify(text, parties.keys, now=parties.now, holder=expected)
    assert caught.value.code == "kb.invalid"
    assert verify(
        rebound(parties, present(credential, [])), parties.keys, now=parties.now, holder=parties.expectation()
    )


@pytest.mark.parametrize("sd_hash", [None, "", "x", 7, ["x"]])
def test_the_digest_must_be_there(credential: str, parties: Any, sd_hash: Any) -> None:
    assert (
        refused(parties, rebound(parties, present(credential, []), sd_hash=sd_hash)).code
        == "kb.other_content"
    )


def test_two_bindings_are_refused(credential: str, parties: Any) -> None:
    bound = present(credential, [], parties.binding())
    twice = f"{bound}~{parse(bound).key_binding}"
    assert refused(parties, twice).code == "sdjwt.disclosure_malformed"
    assert refused(parties, f"{bound}~").code == "sdjwt.disclosure_malformed"


def test_a_credential_without_holder_key_binds_nobody(parties: Any) -> None:
    for confirmation in (None, {"kid": "k1"}, {"jku": "https://keys.example/1", "kid": "k1"}):
        text = issue(parties.claims(cnf=confirmation), [], parties.issuer)
        assert refused(parties, rebound(parties, text)).code == "kb.no_holder_key"
        assert refused(parties, text).code == "kb.missing"


def test_the_key_is_that_of_the_credential_shown(credential: str, parties: Any) -> None:
    """A second credential with the attacker's key does not lend it to the first."""
    attacker = LocalSigner.generate("P-256")
    theirs = issue(parties.claims(cnf={"jwk": to_jwk(attacker.public_key)}), [], parties.issuer)
    bound = present(theirs, [], parties.binding(signer=attacker))
    assert verify(bound, parties.keys, now=parties.now, holder=parties.expectation())
    moved = SdJwt(parse(credential).issuer_jwt, (), parse(bound).key_binding)
    assert refused(parties, moved.text).code == "kb.invalid"


@pytest.mark.parametrize(
    ("issued_at", "code"),
    [
        pytest.param(-6 * MINUTE - dt.timedelta(seconds=1), "kb.too_old", id="too-old"),
        pytest.param(MINUTE + dt.timedelta(seconds=1), "kb.from_the_future", id="future"),
    ],
)
def test_the_window_of_time(credential: str, parties: Any, issued_at: dt.timedelta, code: str) -> None:
    """Five minutes, and one for clocks that differ."""
    assert (
        refused(parties, present(credential, [], parties.binding(issued_at=parties.now + issued_at))).code
        == code
    )
    for edge in (-6 * MINUTE, MINUTE):
        bound = present(credential, [], parties.binding(issued_at=parties.now + edge))
        assert verify(bound, parties.keys, now=parties.now, holder=parties.expectation())


def test_the_skew_is_the_callers(credential: str, parties: Any) -> None:
    bound = present(credential, [], parties.binding(issued_at=parties.now + 5 * MINUTE))
    expected = parties.expectation()
    assert verify(bound, parties.keys, now=parties.now, holder=expected, skew=5 * MINUTE)
    with pytest.raises(Problem):
        verify(bound, parties.keys, now=parties.now, holder=expected, skew=4 * MINUTE)


def test_a_bearer_presentation_ends(credential: str, parties: Any) -> None:
    """A link or a paper answers no request: any nonce serves, until the expiry that it must have."""
    month = dt.timedelta(days=30)
    expected = parties.expectation(nonce=None, max_age=month, expiry_required=True)
    bound = present(
        credential, [], parties.binding(nonce="whatever", expires=parties.now + 7 * dt.timedelta(days=1))
    )

    def at(later: dt.timedelta) -> Any:
        return verify(bound, parties.keys, now=parties.now + later, holder=expected).holder

    assert at(dt.timedelta(days=6)).nonce == "whatever"
    with pytest.raises(Problem) as caught:
        at(dt.timedelta(days=7) + MINUTE)
    assert caught.value.code == "kb.expired"
    forever = present(credential, [], parties.binding())
    assert refused(parties, forever, nonce=None, expiry_required=True).code == "kb.no_expiry"
    elsewhere = present(
        credential, [], parties.binding(audience="https://other.example", expires=parties.now + month)
    )
    assert refused(parties, elsewhere, nonce=None, expiry_required=True).code == "kb.other_audience"
    unbound = rebound(
        parties, present(credential, []), nonce=None, exp=int((parties.now + month).timestamp())
    )
    assert refused(parties, unbound, nonce=None, expiry_required=True).code == "kb.invalid"


def test_an_expiry_counts_even_where_none_is_required(credential: str, parties: Any) -> None:
    bound = present(credential, [], parties.binding(expires=parties.now - MINUTE))
    assert refused(parties, bound).code == "kb.expired"
    with pytest.raises(Problem):
        verify(bound, parties.keys, now=parties.now, holder=None)
