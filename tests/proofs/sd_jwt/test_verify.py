"""Whose credential it is, and what it says (RFC 9901 §7.1, SD-JWT VC §3.5)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from boundary import base64url
from keys.local import LocalSigner
from keys.resolver import Purpose, Revocation, VerificationKey
from problems import Problem, RetrievalError
from proofs import jws
from proofs.sd_jwt import check_dates, issue, parse, present, receive, verify
from proofs.sd_jwt.disclosure import digest, disclose


@dataclass
class Always:
    """A resolver that gives one answer, and remembers what it was asked."""

    answer: VerificationKey | Problem
    asked: list[tuple[str, Purpose]]

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        self.asked.append((verification_method, purpose))
        if isinstance(self.answer, Problem):
            raise self.answer
        return self.answer


@pytest.fixture(scope="module")
def credential(parties: Any) -> str:
    return issue(parties.claims(name="Ada", skills=["a", "b"]), [("name",), ("skills", 0)], parties.issuer)


def refused(text: str, parties: Any, keys: Any = None, **more: Any) -> str:
    with pytest.raises(Problem) as caught:
        verify(text, keys or parties.keys, now=parties.now, holder=None, **more)
    return caught.value.code


def by_hand(parties: Any, header: Any = None, signer: Any = None, **changed: Any) -> str:
    """Return a credential signed without the care that issuing takes; None takes a header away."""
    members = {"typ": "dc+sd-jwt", "kid": parties.issuer.verification_method} | (header or {})
    members = {name: value for name, value in members.items() if value is not None}
    return jws.sign(members, parties.claims(**changed), signer or parties.issuer) + "~"


def test_what_was_proved(credential: str, parties: Any) -> None:
    shown = present(credential, [("skills", 0)])
    verified = verify(shown, parties.keys, now=parties.now, holder=None)
    assert verified.payload == parties.claims(skills=["a", "b"])
    assert verified.disclosed == (("skills", 0),)
    assert verified.issuer_jwt == parse(credential).issuer_jwt
    assert verified.key.key == parties.issuer.public_key
    assert verified.key.verification_method == parties.issuer.verification_method
    assert verified.key.controller == parties.iss
    assert verified.holder is None


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
def test_every_kind_of_key(new_parties: Any, algorithm: Any) -> None:
    parties = new_parties(algorithm, algorithm)
    text = issue(parties.claims(name="Ada"), [("name",)], parties.issuer)
    bound = present(text, [("name",)], parties.binding())
    assert verify(bound, parties.keys, now=parties.now, holder=parties.expectation()).payload["name"] == "Ada"


def test_a_changed_character_anywhere_is_refused(credential: str, parties: Any) -> None:
    """One character in each part exchanged, in every 20th place."""
    bound = present(credential, [("name",)], parties.binding())
    for place in range(0, len(bound), 20):
        changed = bound[:place] + ("A" if bound[place] != "A" else "B") + bound[place + 1 :]
        with pytest.raises(Problem):
            verify(changed, parties.keys, now=parties.now, holder=parties.expectation())
    assert verify(bound, parties.keys, now=parties.now, holder=parties.expectation())


def test_a_cut_presentation_is_refused(credential: str, parties: Any) -> None:
    bound = present(credential, [("name",)], parties.binding())
    for end in range(0, len(bound), 10):
        with pytest.raises(Problem):
            verify(bound[:end], parties.keys, now=parties.now, holder=parties.expectation())


def test_another_key_in_the_issuers_name_is_refused(parties: Any) -> None:
    """Signed by an attacker who names the issuer's key, or their own."""
    attacker = LocalSigner.generate("P-256")
    assert refused(by_hand(parties, signer=attacker), parties) == "signature.invalid"
    header = {"kid": attacker.verification_method}
    assert refused(by_hand(parties, header, attacker), parties) == "sdjwt.issuer_key_mismatch"
    theirs = by_hand(parties, header, attacker, iss=attacker.verification_method.partition("#")[0])
    controller = verify(theirs, parties.keys, now=parties.now, holder=None).key.controller
    assert controller == attacker.verification_method.partition("#")[0] != parties.iss


def test_the_controller_of_the_key_must_be_the_issuer(credential: str, parties: Any) -> None:
    """Trust is judged on the key: what resolves to somebody else's is refused, ``iss`` or not."""
    key = VerificationKey(
        parties.issuer.public_key, parties.issuer.verification_method, "did:web:other.example"
    )
    for text in (credential, by_hand(parties, iss=None)):
        assert refused(text, parties, Always(key, [])) == "sdjwt.issuer_key_mismatch"
    fragment = {"kid": "key-1"}
    odd = by_hand(parties, fragment, iss=f"{parties.iss}#x")
    named = VerificationKey(parties.issuer.public_key, f"{parties.iss}#x", parties.iss)
    assert refused(odd, parties, Always(named, [])) == "sdjwt.issuer_key_mismatch"


def test_without_iss_the_controller_of_the_key_is_the_issuer(parties: Any) -> None:
    verified = verify(by_hand(parties, iss=None), parties.keys, now=parties.now, holder=None)
    assert verified.key.controller == parties.iss
    assert "iss" not in verified.payload


def test_the_key_is_asked_for_once_by_its_full_name_to_make_assertions(parties: Any) -> None:
    name = parties.issuer.verification_method
    keys = Always(VerificationKey(parties.issuer.public_key, name, parties.iss), [])
    verify(by_hand(parties, {"kid": "#" + name.partition("#")[2]}), keys, now=parties.now, holder=None)
    assert keys.asked == [(name, "assertionMethod")]


def test_no_key_is_looked_for_before_the_token_is_sound(parties: Any) -> None:
    keys = Always(RetrievalError("did.unavailable"), [])
    for header in ({"alg": "none"}, {"crit": ["x"]}, {"jku": "https://a.example"}, {"jwk": {}}, {"x5c": []}):
        token = base64url.encode(b"{}")
        if header != {"alg": "none"}:
            text = by_hand(parties, header)
        else:
            text = base64url.encode(b'{"alg":"none","typ":"dc+sd-jwt","kid":"k"}') + f".{token}.~"
        refused(text, parties, keys)
    assert keys.asked == []


def test_a_key_that_cannot_be_had_is_no_bad_signature(credential: str, parties: Any) -> None:
    keys = Always(RetrievalError("jose.untrusted_key"), [])
    with pytest.raises(RetrievalError) as caught:
        verify(credential, keys, now=parties.now, holder=None)
    assert caught.value.transient


def test_a_revoked_key_is_reported_not_judged(credential: str, parties: Any) -> None:
    """Rule 2 of the design is for those who know when the signature was made."""
    revoked = Revocation("compromised", parties.now)
    name = parties.issuer.verification_method
    keys = Always(VerificationKey(parties.issuer.public_key, name, parties.iss, revoked), [])
    assert verify(credential, keys, now=parties.now, holder=None).key.revoked == revoked


@pytest.mark.parametrize("typ", ["vc+sd-jwt", "JWT", "kb+jwt", None])
def test_another_type_is_refused_unless_asked_for(parties: Any, typ: Any) -> None:
    """Only an SD-JWT VC must say in ``vct`` what it is."""
    text = by_hand(parties, {"typ": typ}, vct=None)
    assert refused(text, parties) == "jose.wrong_typ"
    if typ:
        assert verify(text, parties.keys, now=parties.now, holder=None, typ={typ})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"vct": None}, "sdjwt.vct_missing", id="no-vct"),
        pytest.param({"vct": ["x"]}, "shape.text_expected", id="vct-list"),
        pytest.param({"iss": 7}, "shape.text_expected", id="iss-number"),
        pytest.param({"_sd_alg": "md5"}, "sdjwt.hash_not_allowed", id="weak-hash"),
        pytest.param({"cnf": {"jwk": {"kty": "oct", "k": "AA"}}}, "key.secret_shown", id="secret-in-cnf"),
    ],
)
def test_claims_that_make_no_credential(parties: Any, changed: Any, code: str) -> None:
    assert refused(by_hand(parties, **changed), parties) == code


def test_a_private_holder_key_is_refused(parties: Any) -> None:
    confirmation = {"jwk": parties.claims()["cnf"]["jwk"] | {"d": "AAAA"}}
    assert refused(by_hand(parties, cnf=confirmation), parties) == "key.secret_shown"


def test_a_type_may_not_be_hidden_where_it_is_required(parties: Any) -> None:
    """``vct`` must stand in the open even if a disclosure brings it."""
    disclosure = disclose("salt", "vct", "https://issuer.example/doctor").encoded
    text = by_hand(parties, vct=None, _sd=[digest(disclosure)])
    assert refused(text + disclosure + "~", parties) == "sdjwt.claim_not_disclosable"
    assert refused(text, parties) == "sdjwt.vct_missing"


def test_dates_are_a_step_of_their_own(parties: Any) -> None:
    """An expired credential verifies, and says so when its dates are asked."""
    text = issue(parties.claims(exp=1), [], parties.issuer)
    verified = verify(text, parties.keys, now=parties.now, holder=None)
    with pytest.raises(Problem) as caught:
        check_dates(verified.payload, parties.now)
    assert caught.value.code == "sdjwt.expired"


@pytest.mark.parametrize("audience", ["https://recruiter.example", ["x", "https://recruiter.example"]])
def test_a_credential_for_this_verifier(parties: Any, audience: Any) -> None:
    bound = present(issue(parties.claims(aud=audience), [], parties.issuer), [], parties.binding())
    assert verify(bound, parties.keys, now=parties.now, holder=parties.expectation())


@pytest.mark.parametrize("audience", ["https://other.example", ["https://other.example"], [], ""])
def test_a_credential_for_another_verifier_is_refused(parties: Any, audience: Any) -> None:
    bound = present(issue(parties.claims(aud=audience), [], parties.issuer), [], parties.binding())
    with pytest.raises(Problem) as caught:
        verify(bound, parties.keys, now=parties.now, holder=parties.expectation())
    assert caught.value.code == "sdjwt.other_audience"


def test_what_an_issuer_delivers(credential: str, parties: Any) -> None:
    assert receive(credential, parties.keys, now=parties.now).payload["name"] == "Ada"
    with pytest.raises(Problem) as caught:
        receive(present(credential, [], parties.binding()), parties.keys, now=parties.now)
    assert caught.value.code == "sdjwt.unexpected_kb"
    with pytest.raises(Problem) as caught:
        receive(credential[:-2] + "A~", parties.keys, now=parties.now)
    assert caught.value.code in {"sdjwt.disclosure_malformed", "sdjwt.unreferenced_disclosure"}


def test_now_needs_no_dates(parties: Any) -> None:
    """``now`` is for the key binding: the same credential verifies in any year."""
    text = issue(parties.claims(), [], parties.issuer)
    for year in (1990, 2200):
        assert verify(text, parties.keys, now=dt.datetime(year, 1, 1, tzinfo=dt.UTC), holder=None)
