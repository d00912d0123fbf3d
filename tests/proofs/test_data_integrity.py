"""Adding, deriving and verifying embedded proofs: what an honest proof says, and every way to bend it."""

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys.local import LocalSigner
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import (
    DataLossError,
    InvalidChallengeError,
    InvalidDomainError,
    LimitError,
    ParsingError,
    Problem,
    ProofGenerationError,
    ProofVerificationError,
)
from proofs import whole
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.suite import Cryptosuite, ProofOptions

Suites = dict[str, Cryptosuite]
Signers = dict[str, LocalSigner]
Vector = Callable[[str], JsonValue]

RDF_WAYS = [
    ("eddsa-rdfc-2022", "Ed25519"),
    ("ecdsa-rdfc-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("ecdsa-sd-2023", "P-256"),
    ("bbs-2023", "Bls12381G2"),
    ("mldsa44-rdfc-2024", "ML-DSA-44"),
]
SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")
JCS_WAYS = [
    ("eddsa-jcs-2022", "Ed25519"),
    ("ecdsa-jcs-2019", "P-256"),
    ("ecdsa-jcs-2019", "P-384"),
    ("mldsa44-jcs-2024", "ML-DSA-44"),
]
WAYS = [*RDF_WAYS, *JCS_WAYS]
every_way = pytest.mark.parametrize("way", WAYS, ids=[" ".join(way) for way in WAYS])
every_rdf_way = pytest.mark.parametrize("way", RDF_WAYS, ids=[" ".join(way) for way in RDF_WAYS])


@pytest.fixture
def secured(credential: Json, accepted: Suites, signers: Signers) -> Json:
    options = ProofOptions(created="2026-09-15T00:00:00Z")
    return add_proof(credential, accepted["eddsa-rdfc-2022"], options, signers["Ed25519"])


@pytest.fixture
def sealed(
    way: tuple[str, str], credential: Json, accepted: Suites, signers: Signers, mandatory: list[str]
) -> Json:
    """The credential secured in one of the ways, with everything shown where that can be chosen."""
    suite, algorithm = way
    options = ProofOptions(created="2026-09-15T00:00:00Z", mandatory=mandatory)
    signed = add_proof(credential, accepted[suite], options, signers[algorithm])
    if suite not in SELECTIVE:
        return signed
    return derive(signed, accepted, [f"/{name}" for name in credential if name != "@context"])


def _object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def _with(secured: Json, **members: JsonValue) -> Json:
    return {**secured, "proof": {**_object(secured["proof"]), **members}}


def _without(secured: Json, member: str) -> Json:
    proof = {name: value for name, value in _object(secured["proof"]).items() if name != member}
    return {**secured, "proof": proof}


def _refusal(secured: Json, accepted: Suites, keys: Resolver, expect: Expectation) -> Problem:
    """Return why the document is refused; every refusal has sentences in both languages."""
    with pytest.raises(Problem) as caught:
        verify(secured, accepted, keys, expect)
    assert caught.value.says("fr").what
    assert caught.value.says("en").what
    return caught.value


# Honest documents


@every_way
def test_what_was_secured_verifies(
    sealed: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation, signers: Signers
) -> None:
    """CT-003, DI-030: the document that comes out is the one that was signed, with who signed it."""
    verified = verify(sealed, accepted, keys, expect)
    assert verified.document == credential
    [proof] = verified.proofs
    assert proof.key.verification_method in {signer.verification_method for signer in signers.values()}
    assert proof.created == dt.datetime(2026, 9, 15, tzinfo=dt.UTC)
    assert proof.expires is None


@every_way
def test_the_order_of_members_says_nothing(
    sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    turned = dict(reversed(sealed.items()))
    turned["credentialSubject"] = dict(reversed(_object(sealed["credentialSubject"]).items()))
    verify(turned, accepted, keys, expect)


def test_a_set_of_one_is_a_proof(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    verify({**secured, "proof": [secured["proof"]]}, accepted, keys, expect)


def test_a_proof_needs_no_date(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    signed = add_proof(credential, accepted["eddsa-rdfc-2022"], ProofOptions(), signers["Ed25519"])
    assert "created" not in _object(signed["proof"])
    assert verify(signed, accepted, keys, expect).proofs[0].created is None


def test_the_resolver_is_asked_for_the_purpose_that_the_proof_states(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """DI-024: whether a key may be used for a purpose is its controller's word, so it must be asked."""

    class Strict:
        def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
            if purpose == "assertionMethod":
                raise ProofVerificationError("proof.purpose", expected=purpose, found="authentication")
            return keys.resolve(verification_method, purpose)

    assert _refusal(secured, accepted, Strict(), expect).code == "proof.purpose"


# Documents changed after signing


def _places(value: JsonValue, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inside:
        yield (*at, name)
        yield from _places(item, (*at, name))


def _changed(document: Json, place: tuple[str | int, ...], change: Callable[[JsonValue], JsonValue]) -> Json:
    """Return a copy where ``change`` was applied to what holds the place."""
    copied = copy.deepcopy(document)
    holder: JsonValue = copied
    for step in place[:-1]:
        holder = holder[step]  # type: ignore[index,call-overload]
    change(holder)
    return copied


@every_way
def test_no_member_can_be_changed(
    sealed: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    for place in _places(credential):

        def alter(holder: JsonValue, name: str | int = place[-1]) -> None:
            value = holder[name]  # type: ignore[index,call-overload]
            holder[name] = value + "x" if isinstance(value, str) else "x"  # type: ignore[index,call-overload]

        _refusal(_changed(sealed, place, alter), accepted, keys, expect)


@every_way
def test_no_member_can_be_removed(
    sealed: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    for place in _places(credential):

        def remove(holder: JsonValue, name: str | int = place[-1]) -> None:
            del holder[name]  # type: ignore[attr-defined,arg-type,union-attr]

        _refusal(_changed(sealed, place, remove), accepted, keys, expect)


@every_way
@pytest.mark.parametrize(
    "addition",
    [
        pytest.param({"description": "ajoutée"}, id="defined term"),
        pytest.param({"memberLevel": "gold"}, id="undefined term"),
        pytest.param({"@ignoreMe": "x"}, id="looks like a keyword"),
        pytest.param({"https://example.org/role": "admin"}, id="full IRI"),
    ],
)
def test_nothing_can_be_added(
    addition: Json, sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """DI-002, DI-005: neither what the signature would miss nor what JSON-LD would drop."""
    _refusal({**sealed, **addition}, accepted, keys, expect)


@every_way
@pytest.mark.parametrize("member", ["created", "verificationMethod", "cryptosuite", "type", "proofPurpose"])
def test_no_member_of_the_proof_can_be_changed_or_removed(
    member: str, sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation, signers: Signers
) -> None:
    others: dict[str, JsonValue] = {
        "created": "2026-09-14T00:00:00Z",
        "verificationMethod": LocalSigner.generate("P-256").verification_method,
        "proofPurpose": "authentication",
    }
    _refusal(_with(sealed, **{member: others.get(member, "Other")}), accepted, keys, expect)
    _refusal(_without(sealed, member), accepted, keys, expect)


@every_way
def test_nothing_can_be_added_to_the_proof(
    sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """DI-004: members that no proof has are refused, in any spelling; the others were not signed."""
    for member in ("note", "https://w3id.org/security#expiration", "@included", "@id"):
        refused = _refusal(_with(sealed, **{member: "x"}), accepted, keys, expect)
        assert refused.code == "proof.member_unknown"
    assert _refusal(_with(sealed, nonce="x"), accepted, keys, expect).code == "signature.invalid"
    assert _refusal(_with(sealed, expires="2099-01-01T00:00:00Z"), accepted, keys, expect)


@every_rdf_way
def test_a_proof_brings_no_contexts_of_its_own(
    sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """What is signed is the proof read with the document's contexts; another reading is not signed."""
    other = _with(sealed, **{"@context": "https://www.w3.org/ns/credentials/v2"})
    assert _refusal(other, accepted, keys, expect).code == "proof.context"
    verify(_with(sealed, **{"@context": sealed["@context"]}), accepted, keys, expect)


@every_way
def test_a_proof_does_not_move_to_another_document(
    sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    other = {**sealed, "id": "urn:uuid:0e4e1c1a-0000-4000-8000-00000000beef"}
    assert _refusal(other, accepted, keys, expect).code == "signature.invalid"


@every_way
def test_a_suite_is_not_swapped_for_another(
    way: tuple[str, str], sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    for name in accepted.keys() - {way[0]}:
        assert isinstance(
            _refusal(_with(sealed, cryptosuite=name), accepted, keys, expect), ProofVerificationError
        )


@every_way
def test_supported_is_not_accepted(
    way: tuple[str, str], sealed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    some = {name: suite for name, suite in accepted.items() if name != way[0]}
    assert _refusal(sealed, some, keys, expect).code == "proof.cryptosuite"


def test_order_within_a_json_array_is_not_signed(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """JSON-LD arrays are sets: nobody may read a meaning into the order of skills.

    The -jcs- suites do sign it, see test_jcs.
    """
    subject = _object(secured["credentialSubject"])
    skills = subject["skill"]
    assert isinstance(skills, list)
    verify({**secured, "credentialSubject": {**subject, "skill": skills[::-1]}}, accepted, keys, expect)


# Proofs that say something else than expected

OTHER_KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"

BENT: list[tuple[str, Callable[[Json], JsonValue], type[Problem], str]] = [
    ("null", lambda p: None, ParsingError, "proof.not_an_object"),
    ("empty set", lambda p: [], ParsingError, "proof.empty_set"),
    ("text", lambda p: json.dumps(p), ParsingError, "proof.not_an_object"),
    ("number", lambda p: 1, ParsingError, "proof.not_an_object"),
    ("set with null", lambda p: [p, None], ParsingError, "proof.not_an_object"),
    ("set with text", lambda p: [p, "x"], ParsingError, "proof.not_an_object"),
    ("set in a set", lambda p: [[p]], ParsingError, "proof.not_an_object"),
    ("set with an empty object", lambda p: [p, {}], ProofVerificationError, "proof.type_missing"),
    ("too many", lambda p: [p] * (limits.PROOFS + 1), LimitError, "proof.too_many"),
    (
        "type unknown",
        lambda p: {**p, "type": "Ed25519Signature2020"},
        ProofVerificationError,
        "proof.type_unknown",
    ),
    ("type a list", lambda p: {**p, "type": [p["type"]]}, ProofVerificationError, "proof.type_missing"),
    (
        "purpose other",
        lambda p: {**p, "proofPurpose": "authentication"},
        ProofVerificationError,
        "proof.purpose",
    ),
    (
        "purpose unknown",
        lambda p: {**p, "proofPurpose": "keyAgreement"},
        ProofVerificationError,
        "proof.purpose_unknown",
    ),
    (
        "suite unknown",
        lambda p: {**p, "cryptosuite": "rot13-2026"},
        ProofVerificationError,
        "proof.cryptosuite",
    ),
    (
        "suite not ours",
        lambda p: {**p, "cryptosuite": "eddsa-2022"},
        ProofVerificationError,
        "proof.cryptosuite",
    ),
    (
        "suite a list",
        lambda p: {**p, "cryptosuite": ["eddsa-rdfc-2022"]},
        ProofVerificationError,
        "proof.cryptosuite_missing",
    ),
    (
        "key of another",
        lambda p: {**p, "verificationMethod": f"{OTHER_KEY}#{OTHER_KEY[8:]}"},
        ProofVerificationError,
        "signature.invalid",
    ),
    (
        "key an object",
        lambda p: {**p, "verificationMethod": {"id": "x"}},
        ProofVerificationError,
        "proof.verification_method",
    ),
    ("key no DID", lambda p: {**p, "verificationMethod": "#key-1"}, Problem, "did.method_not_supported"),
    (
        "value in base64",
        lambda p: {**p, "proofValue": f"m{p['proofValue']}"[:80]},
        ProofVerificationError,
        "proof.value_encoding",
    ),
    (
        "value cut",
        lambda p: {**p, "proofValue": str(p["proofValue"])[:-4]},
        ProofVerificationError,
        "signature.length",
    ),
    ("value null", lambda p: {**p, "proofValue": None}, ProofVerificationError, "proof.value"),
    (
        "created in the future",
        lambda p: {**p, "created": "2999-01-01T00:00:00Z"},
        ProofVerificationError,
        "proof.created_in_future",
    ),
    (
        "created without offset",
        lambda p: {**p, "created": "2025-01-01T00:00:00"},
        ProofVerificationError,
        "proof.created_malformed",
    ),
    (
        "created no date",
        lambda p: {**p, "created": "invalidDate"},
        ProofVerificationError,
        "proof.created_malformed",
    ),
    (
        "created a number",
        lambda p: {**p, "created": 1757894400},
        ProofVerificationError,
        "proof.created_malformed",
    ),
    ("created null", lambda p: {**p, "created": None}, ProofVerificationError, "proof.created_malformed"),
    ("expired", lambda p: {**p, "expires": "2000-01-01T00:00:00Z"}, ProofVerificationError, "proof.expired"),
    (
        "expires without offset",
        lambda p: {**p, "expires": "2999-01-01T00:00:00"},
        ProofVerificationError,
        "proof.expires_malformed",
    ),
    ("expires null", lambda p: {**p, "expires": None}, ProofVerificationError, "proof.expires_malformed"),
    (
        "good and bad",
        lambda p: [p, {**p, "proofValue": "z" + "1" * 86}],
        ProofVerificationError,
        "signature.length",
    ),
    (
        "good and forged",
        lambda p: [p, {**p, "created": "2026-09-14T00:00:00Z"}],
        ProofVerificationError,
        "signature.invalid",
    ),
    ("domain unasked", lambda p: {**p, "domain": "a.example"}, InvalidDomainError, "proof.domain_unexpected"),
    (
        "challenge unasked",
        lambda p: {**p, "challenge": "x"},
        InvalidChallengeError,
        "proof.challenge_unexpected",
    ),
]


@pytest.mark.parametrize(("bend", "kind", "code"), [row[1:] for row in BENT], ids=[row[0] for row in BENT])
def test_bent_proofs_are_refused_each_with_its_code(
    bend: Callable[[Json], JsonValue],
    kind: type[Problem],
    code: str,
    secured: Json,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """DI-023, and what careless verifiers let through; the honest document passes right after."""
    problem = _refusal({**secured, "proof": bend(_object(secured["proof"]))}, accepted, keys, expect)
    assert isinstance(problem, kind)
    assert problem.code == code
    verify(secured, accepted, keys, expect)


def test_a_document_without_proof_is_refused(
    credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    problem = _refusal(credential, accepted, keys, expect)
    assert (problem.code, problem.type) == ("proof.missing", ParsingError.type)


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("type", "proof.type_missing"),
        ("verificationMethod", "proof.verification_method"),
        ("proofPurpose", "proof.purpose_missing"),
        ("cryptosuite", "proof.cryptosuite_missing"),
        ("proofValue", "proof.value"),
    ],
)
def test_a_proof_without_a_required_member_is_refused(
    member: str, code: str, secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    problem = _refusal(_without(secured, member), accepted, keys, expect)
    assert (problem.code, problem.type) == (code, ProofVerificationError.type)


def test_a_clock_may_be_a_little_ahead(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    def signed(ahead: float) -> Json:
        created = (expect.now + dt.timedelta(seconds=ahead)).isoformat()
        return add_proof(
            credential, accepted["eddsa-rdfc-2022"], ProofOptions(created=created), signers["Ed25519"]
        )

    verify(signed(limits.CLOCK_SKEW_SECONDS), accepted, keys, expect)
    problem = _refusal(signed(limits.CLOCK_SKEW_SECONDS + 1), accepted, keys, expect)
    assert problem.code == "proof.created_in_future"


# Sets


@pytest.fixture
def cosigned(secured: Json, accepted: Suites, signers: Signers) -> Json:
    return add_proof(secured, accepted["ecdsa-rdfc-2019"], ProofOptions(), signers["P-256"])


def test_a_second_proof_makes_a_set(
    cosigned: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation, signers: Signers
) -> None:
    verified = verify(cosigned, accepted, keys, expect)
    assert verified.document == credential
    named = [proof.key.verification_method for proof in verified.proofs]
    assert named == [signers["Ed25519"].verification_method, signers["P-256"].verification_method]


def test_the_order_of_a_set_says_nothing(
    cosigned: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = cosigned["proof"]
    assert isinstance(proofs, list)
    verify({**cosigned, "proof": proofs[::-1]}, accepted, keys, expect)


@pytest.mark.parametrize("which", [0, 1])
def test_each_proof_of_a_set_must_verify(
    which: int, cosigned: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = copy.deepcopy(cosigned["proof"])
    assert isinstance(proofs, list)
    proofs[which] = {**_object(proofs[which]), "created": "2026-09-13T00:00:00Z"}
    problem = _refusal({**cosigned, "proof": proofs}, accepted, keys, expect)
    assert problem.code == "signature.invalid"


def test_a_proof_taken_out_of_a_set_is_missing_from_the_answer(
    cosigned: Json, accepted: Suites, keys: Resolver, expect: Expectation, signers: Signers
) -> None:
    """Proofs of a set are independent: no signature tells of it, so the answer tells who signed."""
    proofs = cosigned["proof"]
    assert isinstance(proofs, list)
    verified = verify({**cosigned, "proof": proofs[:1]}, accepted, keys, expect)
    assert [proof.key.verification_method for proof in verified.proofs] == [
        signers["Ed25519"].verification_method
    ]


def test_a_full_set_verifies_and_takes_no_more(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    full = credential
    for _ in range(limits.PROOFS):
        full = add_proof(full, accepted["eddsa-rdfc-2022"], ProofOptions(), signers["Ed25519"])
    assert len(verify(full, accepted, keys, expect).proofs) == limits.PROOFS
    with pytest.raises(LimitError) as caught:
        add_proof(full, accepted["eddsa-rdfc-2022"], ProofOptions(), signers["Ed25519"])
    assert caught.value.code == "proof.too_many"


@pytest.mark.parametrize("proof", [None, [], "x", [None]])
def test_nothing_is_signed_beside_a_proof_that_is_none(
    proof: JsonValue, credential: Json, accepted: Suites, signers: Signers
) -> None:
    with pytest.raises(ParsingError):
        add_proof(
            {**credential, "proof": proof}, accepted["eddsa-rdfc-2022"], ProofOptions(), signers["Ed25519"]
        )


SETS = "vc-di-eddsa/proof-set-chain"


def test_official_proof_set_values(
    vector: Vector, official_signer: Callable[[JsonValue], LocalSigner]
) -> None:
    pairs = _object(vector(f"{SETS}/multiKeyPairs.json"))
    document = _object(vector(f"{SETS}/unsigned.json"))
    for number in (1, 2):
        config = _object(vector(f"{SETS}/proofSetConfig{number}.json"))
        signature = official_signer(pairs[f"keyPair{number}"]).sign(
            whole.hash_data(document, config, CONFORMANCE, "sha256")
        )
        signed = _object(vector(f"{SETS}/proofSetConfigSigned{number}.json"))
        assert signature == whole.proof_bytes(signed)
        assert {**config, "proofValue": signed["proofValue"]} == signed


@pytest.mark.parametrize("number", [1, 2])
def test_official_proof_sets(
    number: int, vector: Vector, official: Suites, keys: Resolver, expect: Expectation
) -> None:
    secured = _object(vector(f"{SETS}/signedProofSet{number}.json"))
    verified = verify(secured, official, keys, expect)
    assert len(verified.proofs) == number
    assert verified.document == vector(f"{SETS}/unsigned.json")


def test_the_official_chain_starts_from_a_set(
    vector: Vector, official: Suites, keys: Resolver, expect: Expectation
) -> None:
    secured = _object(vector(f"{SETS}/proofChainTempDoc1.json"))
    assert len(verify(secured, official, keys, expect).proofs) == 2


# Presentations


ASKED = {"challenge": "n-0S6_WzA2Mj", "domain": "verifier.example"}


@pytest.fixture
def presentation(sealed: Json, accepted: Suites, signers: Signers) -> Json:
    document: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": signers["P-256"].verification_method.partition("#")[0],
        "verifiableCredential": [sealed],
    }
    options = ProofOptions(
        purpose="authentication", created="2026-11-21T11:59:00Z", expires="2026-11-21T12:05:00Z", **ASKED
    )
    return add_proof(document, accepted["ecdsa-rdfc-2019"], options, signers["P-256"])


@pytest.fixture
def asked(now: dt.datetime) -> Expectation:
    return Expectation("authentication", now, expiry_required=True, **ASKED)


@every_way
def test_a_presentation_answers_who_asked(
    presentation: Json,
    sealed: Json,
    accepted: Suites,
    keys: Resolver,
    asked: Expectation,
    expect: Expectation,
) -> None:
    verified = verify(presentation, accepted, keys, asked)
    assert verified.proofs[0].expires == dt.datetime(2026, 11, 21, 12, 5, tzinfo=dt.UTC)
    inside = verified.document["verifiableCredential"]
    assert inside == [sealed]
    assert isinstance(inside, list)
    verify(_object(inside[0]), accepted, keys, expect)


REPLAYED: list[tuple[str, dict[str, object], type[Problem], str]] = [
    ("other challenge", {"challenge": "another"}, InvalidChallengeError, "proof.challenge"),
    ("no challenge asked", {"challenge": None}, InvalidChallengeError, "proof.challenge_unexpected"),
    ("other domain", {"domain": "thief.example"}, InvalidDomainError, "proof.domain"),
    ("no domain asked", {"domain": None}, InvalidDomainError, "proof.domain_unexpected"),
    ("bearer expected", {"domain": None, "challenge": None}, InvalidDomainError, "proof.domain_unexpected"),
    ("as a credential", {"purpose": "assertionMethod"}, ProofVerificationError, "proof.purpose"),
    (
        "too late",
        {"now": dt.datetime(2026, 11, 21, 12, 5, tzinfo=dt.UTC)},
        ProofVerificationError,
        "proof.expired",
    ),
]


@pytest.mark.parametrize("way", WAYS[:1], ids=["eddsa"])
@pytest.mark.parametrize(("other", "kind", "code"), [r[1:] for r in REPLAYED], ids=[r[0] for r in REPLAYED])
def test_a_presentation_replayed_elsewhere_is_refused(
    other: dict[str, object],
    kind: type[Problem],
    code: str,
    presentation: Json,
    accepted: Suites,
    keys: Resolver,
    asked: Expectation,
) -> None:
    """DI-027"""
    problem = _refusal(presentation, accepted, keys, replace(asked, **other))  # type: ignore[arg-type]
    assert (type(problem), problem.code) == (kind, code)


@pytest.mark.parametrize("way", WAYS[:1], ids=["eddsa"])
@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("challenge", "proof.challenge"),
        ("domain", "proof.domain"),
        ("expires", "proof.expires_missing"),
    ],
)
def test_what_binds_a_presentation_cannot_be_taken_off(
    member: str, code: str, presentation: Json, accepted: Suites, keys: Resolver, asked: Expectation
) -> None:
    assert _refusal(_without(presentation, member), accepted, keys, asked).code == code


@pytest.mark.parametrize("way", WAYS[:1], ids=["eddsa"])
@pytest.mark.parametrize(
    "forged",
    [
        {"challenge": "another"},
        {"domain": "thief.example"},
        {"challenge": "another", "domain": "thief.example"},
        {"expires": "2027-11-21T12:05:00Z"},
    ],
    ids=lambda forged: " and ".join(forged),
)
def test_what_binds_a_presentation_cannot_be_rewritten(
    forged: dict[str, str], presentation: Json, accepted: Suites, keys: Resolver, asked: Expectation
) -> None:
    expected = replace(asked, **{k: v for k, v in forged.items() if k != "expires"})  # type: ignore[arg-type]
    problem = _refusal(_with(presentation, **forged), accepted, keys, expected)
    assert problem.code == "signature.invalid"


@pytest.mark.parametrize("way", WAYS[:1], ids=["eddsa"])
@pytest.mark.parametrize("domains", [["verifier.example", "thief.example"], [], [None], None, 1], ids=repr)
def test_several_domains_are_not_the_one_that_was_asked(
    domains: JsonValue, presentation: Json, accepted: Suites, keys: Resolver, asked: Expectation
) -> None:
    problem = _refusal(_with(presentation, domain=domains), accepted, keys, asked)
    assert problem.code == "proof.domain"


@pytest.mark.parametrize("way", WAYS[:1], ids=["eddsa"])
def test_one_domain_may_be_written_as_a_list(
    presentation: Json, accepted: Suites, keys: Resolver, asked: Expectation
) -> None:
    """§4.4 compares sets; RDF writes a set of one like its one member, so it is signed alike."""
    verify(_with(presentation, domain=[ASKED["domain"]]), accepted, keys, asked)


@pytest.mark.parametrize("way", WAYS, ids=[" ".join(way) for way in WAYS])
def test_a_presented_credential_cannot_be_swapped_or_cut(
    presentation: Json, credential: Json, accepted: Suites, keys: Resolver, asked: Expectation
) -> None:
    for inside in ([], [credential], None):
        _refusal({**presentation, "verifiableCredential": inside}, accepted, keys, asked)


# Signing


def test_a_credential_of_the_first_data_model_gets_the_context_of_proofs(
    accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    document: Json = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:uuid:0e4e1c1a-0000-4000-8000-00000000c0d1",
        "type": ["VerifiableCredential"],
        "issuer": "did:web:employeur.example",
        "issuanceDate": "2026-09-15T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
    }
    secured = add_proof(document, accepted["eddsa-rdfc-2022"], ProofOptions(), signers["Ed25519"])
    assert secured["@context"] == [
        "https://www.w3.org/2018/credentials/v1",
        "https://w3id.org/security/data-integrity/v2",
    ]
    verify(secured, accepted, keys, expect)
    again = add_proof(secured, accepted["ecdsa-rdfc-2019"], ProofOptions(), signers["P-256"])
    assert len(verify(again, accepted, keys, expect).proofs) == 2


@every_way
def test_what_json_ld_would_drop_is_never_signed(
    way: tuple[str, str], credential: Json, accepted: Suites, signers: Signers
) -> None:
    """DI-001"""
    with pytest.raises(DataLossError) as caught:
        add_proof({**credential, "memberLevel": "gold"}, accepted[way[0]], ProofOptions(), signers[way[1]])
    assert caught.value.code == "rdf.undefined_term"


@pytest.mark.parametrize("member", ["created", "expires"])
@pytest.mark.parametrize("time", ["2026-09-15", "2026-09-15T00:00:00", "hier", ""])
def test_no_proof_gets_a_time_without_an_offset(
    member: str, time: str, credential: Json, accepted: Suites, signers: Signers
) -> None:
    options = replace(ProofOptions(), **{member: time})  # type: ignore[arg-type]
    with pytest.raises(ProofGenerationError) as caught:
        add_proof(credential, accepted["eddsa-rdfc-2022"], options, signers["Ed25519"])
    assert caught.value.code == "proof.time_malformed"


@every_way
def test_securing_leaves_the_document_given_alone(
    way: tuple[str, str], credential: Json, accepted: Suites, signers: Signers
) -> None:
    before = copy.deepcopy(credential)
    add_proof(credential, accepted[way[0]], ProofOptions(), signers[way[1]])
    assert credential == before


# Deriving


def test_a_document_signed_as_a_whole_has_nothing_to_choose(secured: Json, accepted: Suites) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        derive(secured, accepted, ["/name"])
    assert caught.value.code == "proof.not_one_selective"
    assert caught.value.facts == {"found": 0}


def test_only_the_selective_proof_of_a_set_survives_a_choice(
    secured: Json,
    accepted: Suites,
    signers: Signers,
    mandatory: list[str],
    keys: Resolver,
    expect: Expectation,
) -> None:
    """The other proofs sign the whole document, which is not shown any more."""
    both = add_proof(secured, accepted["ecdsa-sd-2023"], ProofOptions(mandatory=mandatory), signers["P-256"])
    shown = derive(both, accepted, ["/credentialSubject/givenName"])
    assert [proof.cryptosuite for proof in verify(shown, accepted, keys, expect).proofs] == ["ecdsa-sd-2023"]


def test_two_selective_proofs_leave_no_choice(
    credential: Json, accepted: Suites, signers: Signers, mandatory: list[str]
) -> None:
    both = credential
    for _ in range(2):
        options = ProofOptions(mandatory=mandatory)
        both = add_proof(both, accepted["ecdsa-sd-2023"], options, signers["P-256"])
    with pytest.raises(ProofGenerationError) as caught:
        derive(both, accepted, ["/name"])
    assert caught.value.facts == {"found": 2}
