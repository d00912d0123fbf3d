"""eddsa-jcs-2022 and ecdsa-jcs-2019 against the official vectors, every intermediate value, and bent."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from boundary import base58btc, limits
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import (
    DataLossError,
    InvalidChallengeError,
    Problem,
    ProofGenerationError,
    ProofTransformationError,
    ProofVerificationError,
)
from proofs import jcs, whole
from proofs.data_integrity import Expectation, add_proof, verify
from proofs.rdf.canonical import Algorithm
from proofs.suite import Cryptosuite, ProofOptions

Suites = dict[str, Cryptosuite]
Signers = dict[str, LocalSigner]
Vector = Callable[[str], JsonValue]

WAYS = [("eddsa-jcs-2022", "Ed25519"), ("ecdsa-jcs-2019", "P-256"), ("ecdsa-jcs-2019", "P-384")]
every_way = pytest.mark.parametrize("way", WAYS, ids=[" ".join(way) for way in WAYS])
V2 = "https://www.w3.org/ns/credentials/v2"
OTHER_CONTEXT = "https://w3id.org/security/data-integrity/v2"


def _json(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def _text(value: JsonValue) -> str:
    assert isinstance(value, str)
    return value.strip()


def _refusal(secured: Json, accepted: Suites, keys: Resolver, expect: Expectation) -> Problem:
    with pytest.raises(Problem) as caught:
        verify(secured, accepted, keys, expect)
    assert caught.value.says("fr").what
    assert caught.value.says("en").what
    return caught.value


# Official vectors


@dataclass(frozen=True)
class Case:
    """One folder of vectors; ``ending`` is what its file names end with."""

    folder: str
    ending: str
    pair: str
    suite: str
    hash: Algorithm

    def file(self, name: str, kind: str) -> str:
        return f"{self.folder}/{name}{self.ending}.{kind}"

    @property
    def unsigned(self) -> str:
        return f"{self.folder.partition('/')[0]}/unsigned.json"


CASES = [
    Case("vc-di-eddsa/eddsa-jcs-2022", "JCS", "vc-di-eddsa/keyPair.json", "eddsa-jcs-2022", "sha256"),
    Case(
        "vc-di-ecdsa/ecdsa-jcs-2019-p256",
        "JCSECDSAP256",
        "vc-di-ecdsa/p256KeyPair.json",
        "ecdsa-jcs-2019",
        "sha256",
    ),
    Case(
        "vc-di-ecdsa/ecdsa-jcs-2019-p384",
        "JCSECDSAP384",
        "vc-di-ecdsa/p384KeyPair.json",
        "ecdsa-jcs-2019",
        "sha384",
    ),
]
every_case = pytest.mark.parametrize("case", CASES, ids=[case.folder for case in CASES])


@every_case
def test_canonical_document_and_configuration(case: Case, vector: Vector) -> None:
    for source, canonical in (
        (case.unsigned, case.file("canonDoc", "txt")),
        (case.file("proofConfig", "json"), case.file("proofCanon", "txt")),
    ):
        assert jcs.canonical_json(_json(vector(source))).decode() == _text(vector(canonical))


@every_case
def test_hashes(case: Case, vector: Vector) -> None:
    config = _json(vector(case.file("proofConfig", "json")))
    combined = jcs.hash_data(_json(vector(case.unsigned)), config, CONFORMANCE, case.hash).hex()
    assert combined == _text(vector(case.file("combinedHash", "txt")))
    half = len(combined) // 2
    assert combined[:half] == _text(vector(case.file("proofHash", "txt")))
    assert combined[half:] == _text(vector(case.file("docHash", "txt")))


@every_case
def test_signature_bytes(case: Case, vector: Vector) -> None:
    proof = _json(_json(vector(case.file("signed", "json")))["proof"])
    assert whole.proof_bytes(proof).hex() == _text(vector(case.file("sigHex", "txt")))
    assert proof["proofValue"] == _text(vector(case.file("sigBTC58", "txt")))


@every_case
def test_signs_to_the_same_bytes(
    case: Case, vector: Vector, official: Suites, official_signer: Callable[[JsonValue], LocalSigner]
) -> None:
    config = _json(vector(case.file("proofConfig", "json")))
    options = ProofOptions(created=_text(config["created"]))
    signer = official_signer(vector(case.pair))
    secured = add_proof(_json(vector(case.unsigned)), official[case.suite], options, signer)
    assert secured == vector(case.file("signed", "json"))


@every_case
def test_verifies(
    case: Case, vector: Vector, official: Suites, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """As with RDF: what leans on a catch-all vocabulary, the product refuses."""
    secured = _json(vector(case.file("signed", "json")))
    verified = verify(secured, official, keys, expect)
    assert verified.document == vector(case.unsigned)
    assert [proof.cryptosuite for proof in verified.proofs] == [case.suite]
    assert _refusal(secured, accepted, keys, expect).code == "context.unknown"


# Members that no context defines


def _signed_by_hand(document: Json, proof: Json, way: tuple[str, str], signers: Signers) -> Json:
    """Sign as a careless issuer would: whatever there is, whether defined or not."""
    suite, algorithm = way
    signer = signers[algorithm]
    config: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        **proof,
    }
    hash_name: Algorithm = "sha384" if algorithm == "P-384" else "sha256"
    signature = signer.sign(_hashes(hash_name, config, document))
    return {**document, "proof": {**config, "proofValue": base58btc.encode(signature)}}


def _hashes(name: Algorithm, *parts: Json) -> bytes:
    return b"".join(hashlib.new(name, jcs.canonical_json(part)).digest() for part in parts)


UNDEFINED: list[tuple[str, Json, str]] = [
    ("undefined term", {"memberLevel": "gold"}, "rdf.undefined_term"),
    ("undefined type", {"type": ["VerifiableCredential", "Gold"]}, "rdf"),
    ("relative id", {"id": "credential/1"}, "rdf"),
    ("unknown context", {"@context": [V2, "https://elsewhere.example/v1"]}, "context.unknown"),
    ("inline context", {"@context": [V2, {"memberLevel": "urn:x"}]}, "context.inline"),
    ("contexts in another order", {"@context": [OTHER_CONTEXT]}, "rdf"),
]


@every_way
@pytest.mark.parametrize(("members", "code"), [row[1:] for row in UNDEFINED], ids=[r[0] for r in UNDEFINED])
def test_what_no_context_defines_is_refused_though_it_was_signed(
    members: Json,
    code: str,
    way: tuple[str, str],
    credential: Json,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """One credential, one verdict: the -jcs- suites read no more than the -rdfc- suites would."""
    document = {**credential, **members}
    secured = _signed_by_hand(document, {"@context": document["@context"]}, way, signers)
    assert _refusal(secured, accepted, keys, expect).code.startswith(code)
    with pytest.raises(Problem) as caught:
        add_proof(document, accepted[way[0]], ProofOptions(), signers[way[1]])
    assert caught.value.code.startswith(code)


@every_way
def test_what_is_undefined_in_the_proof_is_refused_though_it_was_signed(
    way: tuple[str, str],
    credential: Json,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    signed: Json = {"@context": credential["@context"]}
    verify(_signed_by_hand(credential, signed, way, signers), accepted, keys, expect)
    secured = _signed_by_hand(credential, {**signed, "note": "x"}, way, signers)
    assert _refusal(secured, accepted, keys, expect).code == "proof.member_unknown"


@every_way
def test_a_context_added_later_defines_nothing(
    way: tuple[str, str],
    credential: Json,
    signers: Signers,
    official: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """Whoever appends one must not choose what an undefined member means, not even one that is allowed."""
    document: Json = {**credential, "memberLevel": "gold"}
    secured = _signed_by_hand(document, {"@context": document["@context"]}, way, signers)
    assert isinstance(credential["@context"], list)
    secured["@context"] = [*credential["@context"], {"memberLevel": "https://example.org/level"}]
    assert isinstance(_refusal(secured, official, keys, expect), DataLossError)


# Contexts of the proof


@pytest.fixture(params=WAYS, ids=[" ".join(way) for way in WAYS])
def secured(request: pytest.FixtureRequest, credential: Json, accepted: Suites, signers: Signers) -> Json:
    suite, algorithm = request.param
    options = ProofOptions(created="2026-09-15T00:00:00Z")
    return add_proof(credential, accepted[suite], options, signers[algorithm])


def test_the_proof_repeats_the_contexts_of_the_document(secured: Json, credential: Json) -> None:
    proof = _json(secured["proof"])
    assert proof["@context"] == credential["@context"]
    assert proof["@context"] is not secured["@context"]


def test_contexts_added_later_are_no_part_of_what_was_verified(
    secured: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """§3.3.2 step 4: the document may have more contexts than the proof, behind those that it names."""
    assert isinstance(secured["@context"], list)
    longer = {**secured, "@context": [*secured["@context"], OTHER_CONTEXT]}
    assert verify(longer, accepted, keys, expect).document == credential


BENT_CONTEXTS: dict[str, Callable[[list[JsonValue]], JsonValue]] = {
    "last removed": lambda c: c[:-1],
    "first removed": lambda c: c[1:],
    "turned round": lambda c: c[::-1],
    "one before": lambda c: [OTHER_CONTEXT, *c],
    "one between": lambda c: [c[0], OTHER_CONTEXT, *c[1:]],
    "one alone": lambda c: c[0],
    "none": lambda c: [],
    "null": lambda c: None,
    "no list": lambda c: {"@vocab": "https://example.org/"},
}


@pytest.mark.parametrize("bend", BENT_CONTEXTS.values(), ids=BENT_CONTEXTS)
def test_the_document_must_start_with_the_contexts_of_the_proof(
    bend: Callable[[list[JsonValue]], JsonValue],
    secured: Json,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    found = secured["@context"]
    assert isinstance(found, list)
    assert _refusal({**secured, "@context": bend(found)}, accepted, keys, expect).code == "proof.context"


@pytest.mark.parametrize("stated", [None, [], [V2], V2, [V2, V2], [OTHER_CONTEXT], {"id": "@id"}])
def test_the_contexts_of_the_proof_cannot_be_rewritten(
    stated: JsonValue, secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    bent = {**secured, "proof": {**_json(secured["proof"]), "@context": stated}}
    problem = _refusal(bent, accepted, keys, expect)
    assert isinstance(problem, ProofVerificationError | DataLossError)
    assert stated or problem.code == "proof.context"


def test_the_contexts_of_the_proof_cannot_be_taken_off(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proof = {name: value for name, value in _json(secured["proof"]).items() if name != "@context"}
    assert _refusal({**secured, "proof": proof}, accepted, keys, expect).code == "signature.invalid"


@every_way
def test_a_proof_may_name_no_contexts(
    way: tuple[str, str],
    credential: Json,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """§3.3.2 step 4 applies if there are any; then the document's are signed as they stand."""
    secured = _signed_by_hand(credential, {}, way, signers)
    assert verify(secured, accepted, keys, expect).document == credential
    assert isinstance(secured["@context"], list)
    longer = {**secured, "@context": [*secured["@context"], OTHER_CONTEXT]}
    assert _refusal(longer, accepted, keys, expect).code == "signature.invalid"


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
def test_both_kinds_of_suites_sign_one_document(
    first: int,
    second: int,
    credential: Json,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    ways = [("eddsa-jcs-2022", "Ed25519"), ("ecdsa-rdfc-2019", "P-256")]
    document = credential
    for suite, algorithm in (ways[first], ways[second]):
        document = add_proof(document, accepted[suite], ProofOptions(), signers[algorithm])
    verified = verify(document, accepted, keys, expect)
    assert verified.document == credential
    assert len(verified.proofs) == 2


def test_proofs_that_disagree_about_contexts_are_refused_together(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    """Each verifies by itself, but there is no one document that both are about."""
    short = add_proof(credential, accepted["eddsa-jcs-2022"], ProofOptions(), signers["Ed25519"])
    assert isinstance(credential["@context"], list)
    longer: Json = {**credential, "@context": [*credential["@context"], OTHER_CONTEXT]}
    other = add_proof(longer, accepted["ecdsa-rdfc-2019"], ProofOptions(), signers["P-256"])
    for proof in (short["proof"], other["proof"]):
        verify({**longer, "proof": proof}, accepted, keys, expect)
    both = {**longer, "proof": [short["proof"], other["proof"]]}
    assert _refusal(both, accepted, keys, expect).code == "proof.context"


# Documents and proofs bent


def test_order_within_a_json_array_is_signed(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    subject = _json(secured["credentialSubject"])
    skills = subject["skill"]
    assert isinstance(skills, list)
    turned = {**secured, "credentialSubject": {**subject, "skill": skills[::-1]}}
    assert _refusal(turned, accepted, keys, expect).code == "signature.invalid"


def test_one_value_is_not_a_list_of_one(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """RDF sees no difference; JSON does, and so does the signature."""
    bent = {**secured, "name": [secured["name"]]}
    assert isinstance(_refusal(bent, accepted, keys, expect), Problem)


_OTHER = LocalSigner.generate("Ed25519").verification_method
VARIANTS: list[tuple[str, Callable[[Json], JsonValue], str]] = [
    ("empty list", lambda p: [], "proof.empty_set"),
    ("purpose other", lambda p: {**p, "proofPurpose": "authentication"}, "proof.purpose"),
    (
        "purpose missing",
        lambda p: {n: v for n, v in p.items() if n != "proofPurpose"},
        "proof.purpose_missing",
    ),
    ("suite unknown", lambda p: {**p, "cryptosuite": "rot13-2026"}, "proof.cryptosuite"),
    ("type other", lambda p: {**p, "type": "Ed25519Signature2020"}, "proof.type_unknown"),
    (
        "value in base64",
        lambda p: {**p, "proofValue": "m" + str(p["proofValue"])[1:]},
        "proof.value_encoding",
    ),
    ("value cut", lambda p: {**p, "proofValue": str(p["proofValue"])[:-4]}, "signature.length"),
    ("value empty", lambda p: {**p, "proofValue": ""}, "proof.value"),
    ("created later", lambda p: {**p, "created": "2999-01-01T00:00:00Z"}, "proof.created_in_future"),
    ("expired", lambda p: {**p, "expires": "2000-01-01T00:00:00Z"}, "proof.expired"),
    ("created without offset", lambda p: {**p, "created": "2025-01-01T00:00:00"}, "proof.created_malformed"),
    ("good and bad", lambda p: [p, {**p, "proofValue": "z" + "1" * 86}], "signature.length"),
    ("other suite", lambda p: {**p, "cryptosuite": str(p["cryptosuite"]).replace("jcs", "rdfc")}, ""),
    ("key of another", lambda p: {**p, "verificationMethod": _OTHER}, ""),
]


@pytest.mark.parametrize(("bend", "code"), [row[1:] for row in VARIANTS], ids=[row[0] for row in VARIANTS])
def test_bent_proofs_are_refused_each_with_its_code(
    bend: Callable[[Json], JsonValue],
    code: str,
    secured: Json,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """DI-023; the honest document passes right after."""
    problem = _refusal({**secured, "proof": bend(_json(secured["proof"]))}, accepted, keys, expect)
    assert problem.code == (code or problem.code)
    verify(secured, accepted, keys, expect)


def test_a_presentation_is_bound_to_who_asked(
    secured: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    document: Json = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [secured],
    }
    options = ProofOptions("authentication", challenge="n-0S6", domain="verifier.example")
    presentation = add_proof(document, accepted["eddsa-jcs-2022"], options, signers["Ed25519"])
    asked = Expectation("authentication", expect.now, "n-0S6", "verifier.example")
    assert verify(presentation, accepted, keys, asked).document == document
    replayed = Expectation("authentication", expect.now, "other", "verifier.example")
    assert isinstance(_refusal(presentation, accepted, keys, replayed), InvalidChallengeError)
    forged = {**presentation, "proof": {**_json(presentation["proof"]), "challenge": "other"}}
    assert _refusal(forged, accepted, keys, replayed).code == "signature.invalid"


@pytest.mark.parametrize(("suite", "algorithm"), [("eddsa-jcs-2022", "P-256"), ("ecdsa-jcs-2019", "Ed25519")])
def test_a_key_of_another_type_neither_signs_nor_verifies(
    suite: str,
    algorithm: str,
    credential: Json,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        accepted[suite].create_proof(credential, ProofOptions(), signers[algorithm])
    assert caught.value.code == "proof.signer_key_type"
    signed = _signed_by_hand(credential, {"@context": credential["@context"]}, (suite, algorithm), signers)
    assert _refusal(signed, accepted, keys, expect).code == "proof.key_type"


def test_p_384_is_not_hashed_with_sha_256(
    credential: Json, signers: Signers, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    signer = signers["P-384"]
    honest = _json(_signed_by_hand(credential, {}, ("ecdsa-jcs-2019", "P-384"), signers)["proof"])
    config = {name: value for name, value in honest.items() if name != "proofValue"}
    value = base58btc.encode(signer.sign(_hashes("sha256", config, credential)))
    bent: Json = {**credential, "proof": {**config, "proofValue": value}}
    assert _refusal(bent, accepted, keys, expect).code == "signature.invalid"


# Canonical JSON


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_write_in_one_way_is_not_signed(value: JsonValue) -> None:
    documents: list[Json] = [{"a": value}, {"a": [value]}]
    if isinstance(value, str):
        documents.append({value: 1})
    for document in documents:
        with pytest.raises(ProofTransformationError) as caught:
            jcs.canonical_json(document)
        assert caught.value.code == "jcs.unwritable"


def test_a_document_too_deep_is_refused_before_the_stack_ends(
    credential: Json, signers: Signers, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    secured = add_proof(credential, accepted["eddsa-jcs-2022"], ProofOptions(), signers["Ed25519"])
    deep: JsonValue = "x"
    for _ in range(100_000):
        deep = [deep]
    assert _refusal({**secured, "name": deep}, accepted, keys, expect).code == "rdf.too_deep"
    assert limits.JSON_DEPTH < 1000


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-limits.JSON_INTEGER, limits.JSON_INTEGER)
    | st.floats(-limits.JSON_INTEGER, limits.JSON_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), _VALUES, max_size=5))
def test_the_canonical_form_holds_every_member(value: Json) -> None:
    canonical = jcs.canonical_json(value)
    assert canonical == rfc8785.dumps(value)
    assert json.loads(canonical) == value
    assert jcs.canonical_json(dict(reversed(value.items()))) == canonical


_TRICKY = st.sampled_from(
    [":1.5", "[2e3", ",-0.0", "\x7f", "\x1f", "\u2028", "</", '\\"', "é", "e\u0301", "\ue000"]
)
_NUMBERS = st.sampled_from([0, -1, 1.0, -0.0, 1e21, 1e-7, 0.1, 2**53 - 1, 10**15, 10**15 - 1, 5e-324])


@given(
    st.dictionaries(
        st.text("ab\ue000\U0001f600", max_size=2) | _TRICKY, st.lists(_TRICKY | _NUMBERS, max_size=3)
    )
)
def test_what_is_written_fast_is_what_is_written_by_the_book(value: dict[str, list[str | float]]) -> None:
    """Each place where the standard library would write otherwise, beside texts that look like one."""
    document: Json = {name: [*items] for name, items in value.items()}
    assert jcs.canonical_json(document) == rfc8785.dumps(document)
    for name, items in document.items():
        single: Json = {name: items}
        assert jcs.canonical_json(single) == rfc8785.dumps(single)


def test_names_are_in_the_order_of_utf_16() -> None:
    """RFC 8785 §3.2.3: a surrogate comes before U+FB33."""
    names: Sequence[str] = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]
    found = list(json.loads(jcs.canonical_json(dict.fromkeys(names))))
    assert found == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
