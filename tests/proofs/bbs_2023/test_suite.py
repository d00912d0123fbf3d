"""bbs-2023 as a whole: what holders may do, what nobody may, and that presentations do not link."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url
from boundary.strict_json import Json, JsonValue
from keys.local import LocalSigner
from keys.resolver import Resolver
from keys.signer import Algorithm
from problems import Problem, ProofGenerationError, ProofTransformationError, ProofVerificationError
from proofs import SUITES
from proofs.bbs_2023 import Bbs2023
from proofs.bbs_2023.proof_value import (
    BaseProof,
    DerivedProof,
    parse_base_proof_value,
    parse_derived_proof_value,
    serialize_base_proof_value,
    serialize_derived_proof_value,
)
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.suite import Cryptosuite, ProofOptions

Suites = dict[str, Cryptosuite]
Signers = dict[str, LocalSigner]

SHOWN = ("/credentialSubject/givenName", "/credentialSubject/skill/1")


def an_object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def value_of(secured: Json) -> str:
    return str(an_object(secured["proof"])["proofValue"])


def with_value(secured: Json, value: str) -> Json:
    return {**secured, "proof": {**an_object(secured["proof"]), "proofValue": value}}


def parsed(secured: Json) -> DerivedProof:
    return parse_derived_proof_value(value_of(secured))


def rewritten(secured: Json, change: Callable[[DerivedProof], DerivedProof]) -> Json:
    return with_value(secured, serialize_derived_proof_value(change(parsed(secured))))


@pytest.fixture(scope="module")
def issued(sample: Json, signers: Signers) -> Json:
    mandatory = ["/name", "/issuer", "/validFrom", "/credentialSubject/experience/experienceKind"]
    options = ProofOptions(created="2026-11-21T00:00:00Z", mandatory=mandatory)
    return add_proof(copy.deepcopy(sample), SUITES["bbs-2023"], options, signers["Bls12381G2"])


@pytest.fixture
def base(issued: Json) -> Json:
    return copy.deepcopy(issued)


@pytest.fixture
def shown(base: Json) -> Json:
    return derive(base, SUITES, SHOWN)


def refusal(secured: Json, keys: Resolver, expect: Expectation) -> Problem:
    with pytest.raises(Problem) as caught:
        verify(secured, SUITES, keys, expect)
    assert caught.value.says("fr").what
    return caught.value


# Choosing


def test_shown_is_what_was_chosen_and_what_is_mandatory(
    shown: Json, credential: Json, keys: Resolver, expect: Expectation
) -> None:
    subject = an_object(credential["credentialSubject"])
    skills = subject["skill"]
    assert isinstance(skills, list)
    assert verify(shown, SUITES, keys, expect).document == {
        **{name: credential[name] for name in ("@context", "id", "type", "name", "issuer", "validFrom")},
        "credentialSubject": {
            "id": subject["id"],
            "type": subject["type"],
            "experience": {"type": "Experience", "experienceKind": "EMPLOYMENT"},
            "givenName": "Camille Fictive",
            "skill": [skills[1]],
        },
    }


def test_choosing_everything_shows_the_whole_document(
    base: Json, credential: Json, keys: Resolver, expect: Expectation
) -> None:
    everything = derive(base, SUITES, [f"/{name}" for name in credential if name != "@context"])
    assert verify(everything, SUITES, keys, expect).document == credential


@settings(max_examples=25)
@given(data=st.data())
def test_any_choice_verifies_whatever_the_order_of_labels(
    data: st.DataObject, sample: Json, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    """Labels are shuffled by the HMAC key: a choice must not depend on which order came out."""
    every = ["/name", "/issuer/name", "/credentialSubject/dateOfBirth", "/credentialSubject/experience"]
    every += [f"/credentialSubject/skill/{n}{m}" for n in range(3) for m in ("", "/name", "/level")]
    pointers = st.lists(st.sampled_from(every), unique=True)
    mandatory, chosen = data.draw(pointers), data.draw(pointers)
    key = data.draw(st.binary(min_size=32, max_size=32))
    issuing = Bbs2023(random=lambda _: key)
    issued = add_proof(
        copy.deepcopy(sample), issuing, ProofOptions(mandatory=mandatory), signers["Bls12381G2"]
    )
    if not mandatory and not chosen:
        return
    reduced = derive(issued, SUITES, chosen)
    document = verify(reduced, SUITES, keys, expect).document
    assert document == {name: value for name, value in reduced.items() if name != "proof"}


def test_nothing_chosen_and_nothing_mandatory_is_an_error(sample: Json, signers: Signers) -> None:
    free = add_proof(copy.deepcopy(sample), SUITES["bbs-2023"], ProofOptions(), signers["Bls12381G2"])
    with pytest.raises(ProofGenerationError, match=r"selective\.nothing_selected"):
        derive(free, SUITES, [])


@pytest.mark.parametrize("pointer", ["", "/noSuchTerm", "/credentialSubject/skill/99"])
def test_a_pointer_to_nothing_is_an_error_for_holder_and_issuer(
    pointer: str, base: Json, credential: Json, signers: Signers
) -> None:
    with pytest.raises(ProofGenerationError, match=r"pointer\."):
        derive(base, SUITES, [pointer])
    options = ProofOptions(mandatory=[pointer])
    with pytest.raises(ProofGenerationError, match=r"pointer\."):
        add_proof(credential, SUITES["bbs-2023"], options, signers["Bls12381G2"])


# Unlinkability


def pieces(value: DerivedProof) -> set[bytes]:
    """All that a proof has but what says which statements are shown: any 8 octets in a row."""
    return {value.bbs_proof[n : n + 8] for n in range(len(value.bbs_proof) - 7)}


def test_two_presentations_share_no_value_beyond_what_is_shown(base: Json) -> None:
    first, second = (derive(base, SUITES, SHOWN) for _ in range(2))
    assert pieces(parsed(first)).isdisjoint(pieces(parsed(second)))
    assert {**first, "proof": None} == {**second, "proof": None}
    members = [
        {n: v for n, v in an_object(one["proof"]).items() if n != "proofValue"} for one in (first, second)
    ]
    assert members[0] == members[1], "else they would differ by something that is not random"


def test_a_presentation_holds_nothing_of_the_base_proof(base: Json, shown: Json) -> None:
    """Neither signature nor HMAC key nor header: each would be the same in every presentation."""
    secret = parse_base_proof_value(value_of(base))
    octets = base64url.decode(value_of(shown)[1:])
    for part in (secret.bbs_signature, secret.hmac_key, secret.bbs_header, secret.public_key):
        assert not any(part[n : n + 8] in octets for n in range(len(part) - 7))


def test_labels_are_small_numbers_that_tell_no_credential_from_another(
    sample: Json, signers: Signers
) -> None:
    """ecdsa-sd-2023 labels nodes by 32 octets that are the same in each presentation; here they are ranks."""
    labels = []
    for n in range(40):
        issuing = Bbs2023(random=lambda size, n=n: bytes([n]) * size)  # type: ignore[misc]
        options = ProofOptions(mandatory=["/name"])
        issued = add_proof(copy.deepcopy(sample), issuing, options, signers["Bls12381G2"])
        labels.append(tuple(parsed(derive(issued, SUITES, SHOWN)).label_map.items()))
    assert {int(label[1:]) for one in labels for _, label in one} <= set(range(6))
    assert len(set(labels)) > 1, "shuffled"
    assert len(set(labels)) < len(labels), "and the same for different credentials"


def test_the_number_of_hidden_statements_is_told(base: Json) -> None:
    """What BBS does not hide, said by a test: the length of a proof counts what it leaves out."""
    one, two = (len(parsed(derive(base, SUITES, SHOWN[:n])).bbs_proof) for n in (1, 2))
    assert (one - two) % 32 == 0
    assert one > two


# Tampering


TAMPERED: dict[str, Callable[[Json], object]] = {
    "a changed text": lambda doc: doc.update(name="Autre titre"),
    "another name": lambda doc: an_object(doc["credentialSubject"]).update(givenName="Dominique Fictive"),
    "another date": lambda doc: doc.update(validFrom="2020-01-01T00:00:00Z"),
    "a mandatory statement hidden": lambda doc: doc.pop("name"),
    "a chosen statement hidden": lambda doc: an_object(doc["credentialSubject"]).pop("givenName"),
    "a statement more": lambda doc: an_object(doc["credentialSubject"]).update(familyName="AUTRE"),
    "another type": lambda doc: doc.update(type=["VerifiableCredential", "SkillCredential"]),
    "another issuer": lambda doc: an_object(doc["issuer"]).update(id="did:web:autre.example"),
    "a later creation": lambda doc: an_object(doc["proof"]).update(created="2026-11-21T00:00:01Z"),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_what_is_shown_cannot_be_changed(
    change: Callable[[Json], object], shown: Json, keys: Resolver, expect: Expectation
) -> None:
    change(shown)
    assert refusal(shown, keys, expect).code in (
        "signature.invalid", "bbs.label_map", "bbs.mandatory_indexes", "bbs.indexes",
    )  # fmt: skip


BENT: dict[str, Callable[[DerivedProof], DerivedProof]] = {
    "a truncated proof": lambda p: replace(p, bbs_proof=p.bbs_proof[:-32]),
    "a truncated scalar": lambda p: replace(p, bbs_proof=p.bbs_proof[:-1]),
    "a longer proof": lambda p: replace(p, bbs_proof=p.bbs_proof + bytes(31) + b"\1"),
    "no proof": lambda p: replace(p, bbs_proof=b""),
    "identity points": lambda p: replace(p, bbs_proof=(b"\xc0" + bytes(47)) * 3 + p.bbs_proof[144:]),
    "a point outside the group": lambda p: replace(
        p, bbs_proof=b"\x80" + bytes(46) + b"\4" + p.bbs_proof[48:]
    ),
    "another presentation header": lambda p: replace(p, presentation_header=b"another"),
    "a mandatory index less": lambda p: replace(p, mandatory_indexes=p.mandatory_indexes[1:]),
    "a mandatory index beyond": lambda p: replace(p, mandatory_indexes=[*p.mandatory_indexes, 999]),
    "no mandatory index": lambda p: replace(p, mandatory_indexes=[]),
    "a selective index less": lambda p: replace(p, selective_indexes=p.selective_indexes[:-1]),
    "a selective index beyond": lambda p: replace(p, selective_indexes=[*p.selective_indexes[:-1], 999]),
    "another selective index": lambda p: replace(p, selective_indexes=[n + 1 for n in p.selective_indexes]),
    "labels exchanged": lambda p: replace(
        p, label_map=dict(zip(p.label_map, reversed(p.label_map.values()), strict=True))
    ),
    "a label more": lambda p: replace(p, label_map={**p.label_map, f"c14n{len(p.label_map)}": "b99"}),
    "no label": lambda p: replace(p, label_map={}),
}


@pytest.mark.parametrize("change", BENT.values(), ids=BENT)
def test_a_bent_proof_is_refused(
    change: Callable[[DerivedProof], DerivedProof], shown: Json, keys: Resolver, expect: Expectation
) -> None:
    assert rewritten(shown, lambda proof: proof) == shown, "only the change is what is refused"
    assert isinstance(refusal(rewritten(shown, change), keys, expect), ProofVerificationError)


def test_what_is_mandatory_cannot_be_made_a_choice(base: Json, keys: Resolver, expect: Expectation) -> None:
    """A holder who shortens the list of the base proof makes proofs that nobody accepts, if any."""
    secret = parse_base_proof_value(value_of(base))
    freed = with_value(base, serialize_base_proof_value(replace(secret, mandatory_pointers=["/issuer"])))
    with pytest.raises(ProofTransformationError, match=r"bbs\.other_document"):
        derive(freed, SUITES, SHOWN)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: replace(p, bbs_header=bytes(64)),
        lambda p: replace(p, mandatory_pointers=[*p.mandatory_pointers, "/credentialSubject/familyName"]),
    ],
    ids=["header", "pointers"],
)
def test_a_base_proof_of_another_document_derives_nothing(
    base: Json, change: Callable[[BaseProof], BaseProof]
) -> None:
    secret = parse_base_proof_value(value_of(base))
    with pytest.raises(ProofTransformationError, match=r"bbs\.other_document"):
        derive(with_value(base, serialize_base_proof_value(change(secret))), SUITES, SHOWN)


def test_a_changed_statement_does_not_pass_by_deriving_again(
    base: Json, keys: Resolver, expect: Expectation
) -> None:
    """The holder has the base proof and may derive from any document; the signature is over all of it."""
    an_object(base["credentialSubject"])["familyName"] = "AUTRE"
    shown = derive(base, SUITES, ["/credentialSubject/familyName"])
    assert refusal(shown, keys, expect).code == "signature.invalid"
    hidden = derive(base, SUITES, SHOWN)
    assert refusal(hidden, keys, expect).code == "signature.invalid", "a hidden change too"


def test_two_presentations_do_not_make_a_third(base: Json, keys: Resolver, expect: Expectation) -> None:
    """Parts of two proofs of one signature fit nowhere else."""
    one = derive(base, SUITES, SHOWN[:1])
    two = derive(base, SUITES, SHOWN[1:])
    mixed = with_value(one, value_of(two))
    assert isinstance(refusal(mixed, keys, expect), ProofVerificationError)


def test_the_key_of_another_does_not_verify(shown: Json, keys: Resolver, expect: Expectation) -> None:
    other = LocalSigner.generate("Bls12381G2").verification_method
    an_object(shown["proof"])["verificationMethod"] = other
    assert refusal(shown, keys, expect).code == "signature.invalid"


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "ML-DSA-44"])
def test_keys_of_other_kinds_neither_sign_nor_verify(
    algorithm: Algorithm, credential: Json, shown: Json, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    with pytest.raises(ProofGenerationError, match=r"proof\.signer_key_type"):
        add_proof(credential, SUITES["bbs-2023"], ProofOptions(), signers[algorithm])
    an_object(shown["proof"])["verificationMethod"] = signers[algorithm].verification_method
    assert refusal(shown, keys, expect).code == "proof.key_type"


def test_a_signer_that_signs_one_message_only_is_refused(credential: Json) -> None:
    @dataclass(frozen=True)
    class OneMessage:
        algorithm: Algorithm = "Bls12381G2"
        verification_method: str = "did:web:a.example#key-1"

        def sign(self, data: bytes) -> bytes:
            raise AssertionError(data)

    with pytest.raises(ProofGenerationError, match=r"bbs\.signer"):
        add_proof(credential, SUITES["bbs-2023"], ProofOptions(), OneMessage())


def test_a_base_proof_is_nobodys_but_the_holders(
    base: Json, shown: Json, keys: Resolver, expect: Expectation
) -> None:
    assert refusal(base, keys, expect).code == "bbs.base_proof_shown"
    with pytest.raises(ProofVerificationError, match=r"bbs\.derived_already"):
        derive(shown, SUITES, [])


# The writing of a value


def written(elements: object, header: bytes = b"\xd9\x5d\x03") -> str:
    return "u" + base64url.encode(header + cbor2.dumps(elements))


def elements_of(shown: Json) -> list[object]:
    found = cbor2.loads(base64url.decode(value_of(shown)[1:])[3:])
    assert isinstance(found, list)
    return found


def changed(place: int, value: object) -> Callable[[list[object]], object]:
    return lambda elements: [*elements[:place], value, *elements[place + 1 :]]


MISWRITTEN: dict[str, tuple[Callable[[list[object]], object], str]] = {
    "four elements": (lambda e: e[:4], "bbs.cbor"),
    "six elements": (lambda e: [*e, 8], "bbs.cbor"),
    "no array": (lambda e: e[0], "bbs.cbor"),
    "a text for the proof": (changed(0, "proof"), "bbs.cbor"),
    "a tagged proof": (changed(0, cbor2.CBORTag(64, b"x")), "bbs.cbor"),
    "an array for the label map": (changed(1, [0, 1]), "bbs.cbor"),
    "octets for a label": (changed(1, {0: b"x"}), "bbs.cbor"),
    "a text for a label's number": (changed(1, {"c14n0": 1}), "bbs.cbor"),
    "a true for a label": (changed(1, {0: True}), "bbs.cbor"),
    "a label below zero": (changed(1, {0: -1}), "bbs.cbor"),
    "a label twice": (changed(1, {0: 3, 1: 3}), "bbs.label_map"),
    "a number left out": (changed(1, {0: 3, 2: 4}), "bbs.label_map"),
    "no array of mandatory indexes": (changed(2, 1), "bbs.cbor"),
    "a float for an index": (changed(2, [1.0]), "bbs.cbor"),
    "a true for an index": (changed(2, [True]), "bbs.cbor"),
    "an index below zero": (changed(2, [-1]), "bbs.cbor"),
    "an index twice": (changed(2, [1, 1]), "bbs.indexes"),
    "indexes out of order": (changed(3, [3, 1]), "bbs.indexes"),
    "a text for the presentation header": (changed(4, "header"), "bbs.cbor"),
    "null for the presentation header": (changed(4, None), "bbs.cbor"),
}


@pytest.mark.parametrize(("change", "code"), MISWRITTEN.values(), ids=MISWRITTEN)
def test_a_miswritten_value_is_refused(
    change: Callable[[list[object]], object], code: str, shown: Json, keys: Resolver, expect: Expectation
) -> None:
    elements = elements_of(shown)
    assert written(elements) == value_of(shown)
    assert refusal(with_value(shown, written(change(elements))), keys, expect).code == code


HEADERS = {
    "ecdsa-sd base": (b"\xd9\x5d\x00", "bbs.header"),
    "ecdsa-sd derived": (b"\xd9\x5d\x01", "bbs.header"),
    "base": (b"\xd9\x5d\x02", "bbs.base_proof_shown"),
    **{f"feature {n}": (bytes([0xD9, 0x5D, n]), "bbs.feature") for n in range(4, 10)},
    "unknown": (b"\xd9\x5d\x0a", "bbs.header"),
    "none": (b"", "bbs.header"),
}


@pytest.mark.parametrize(("header", "code"), HEADERS.values(), ids=HEADERS)
def test_another_header_is_refused(
    header: bytes, code: str, shown: Json, keys: Resolver, expect: Expectation
) -> None:
    value = written(elements_of(shown), header)
    assert refusal(with_value(shown, value), keys, expect).code == code


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (lambda v: "z" + v[1:], "bbs.header"),
        (lambda v: v[1:], "bbs.header"),
        (lambda v: v + "=", "bbs.header"),
        (lambda v: v + "\n", "bbs.header"),
        (lambda v: v + "AA", "bbs.cbor"),
        (lambda v: v[: len(v) // 2 // 4 * 4 + 1], "bbs.cbor"),
        (lambda v: "u", "bbs.header"),
        (lambda v: "u" + "A" * 200_000, "cbor.too_large"),
    ],
    ids=["another base", "no base", "padding", "a line end", "octets more", "cut", "nothing", "enormous"],
)
def test_another_spelling_is_refused(
    bend: Callable[[str], str], code: str, shown: Json, keys: Resolver, expect: Expectation
) -> None:
    assert refusal(with_value(shown, bend(value_of(shown))), keys, expect).code == code


@pytest.mark.parametrize("mandatory", [(), ("/name",)], ids=["none", "one"])
def test_a_base_value_is_written_as_it_was_read(
    mandatory: Sequence[str], credential: Json, signers: Signers
) -> None:
    options = ProofOptions(mandatory=mandatory)
    value = value_of(add_proof(credential, SUITES["bbs-2023"], options, signers["Bls12381G2"]))
    assert serialize_base_proof_value(parse_base_proof_value(value)) == value


@pytest.mark.parametrize("place", range(5))
def test_a_miswritten_base_value_is_refused(place: int, base: Json) -> None:
    elements = elements_of(base)
    for other in (b"x", 7, "x", [7], None):
        with pytest.raises(ProofVerificationError, match=r"bbs\.cbor"):
            parse_base_proof_value(written(changed(place, other)(elements), b"\xd9\x5d\x02"))
