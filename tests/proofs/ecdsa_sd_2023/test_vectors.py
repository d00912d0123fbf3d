"""ecdsa-sd-2023 against the official vectors: every intermediate value of base, derived and verified."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys import multikey
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import ProofVerificationError
from proofs.config import canonical_proof_config
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.ecdsa_sd_2023 import EcdsaSd2023
from proofs.ecdsa_sd_2023.disclosure import create_disclosure_data
from proofs.ecdsa_sd_2023.proof_value import (
    parse_base_proof_value,
    parse_derived_proof_value,
    serialize_base_proof_value,
    serialize_derived_proof_value,
)
from proofs.ecdsa_sd_2023.suite import serialize_sign_data
from proofs.ecdsa_sd_2023.verify_data import create_verify_data
from proofs.rdf import canonical_form
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.selective.group import canonicalize_and_group, hash_mandatory_nquads
from proofs.selective.labels import (
    create_hmac_id_label_map_function,
    create_label_map_function,
    label_replacement_canonicalize,
)
from proofs.selective.pointers import json_pointer_to_paths, value_at
from proofs.selective.select import select_json_ld
from proofs.suite import Cryptosuite, ProofOptions

Load = Callable[[JsonValue], LocalSigner]


def an_object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def texts(value: JsonValue) -> list[str]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, str)]


def entries(value: JsonValue) -> dict[int, str]:
    """Read a JavaScript Map as the vectors write it."""
    pairs = an_object(value)["value"]
    assert isinstance(pairs, list)
    return {int(str(pair[0])): str(pair[1]) for pair in pairs if isinstance(pair, list)}


@dataclass(frozen=True)
class Case:
    """One of the two folders: ``read`` gives one of its values."""

    read: Callable[[str], Json]
    values: Callable[[str], JsonValue]
    document: Json
    mandatory: list[str]
    selective: list[str]
    suite: EcdsaSd2023
    signer: LocalSigner

    @property
    def hmac_key(self) -> bytes:
        return self.suite.random(32)


def _without_proof(secured: Json) -> Json:
    """The document as it was signed: the file prCredUnsigned.json has another description."""
    return {name: value for name, value in secured.items() if name != "proof"}


@pytest.fixture(params=["prc", "employ"])
def case(request: pytest.FixtureRequest, vector: Callable[[str], JsonValue], official_signer: Load) -> Case:
    folder = request.param
    pointers = {"prc": "prCred", "employ": "employ"}[folder]
    material = an_object(vector("vc-di-ecdsa/ecdsa-sd-2023/SDKeyMaterial.json"))
    hmac_key = bytes.fromhex(str(material["hmacKeyString"]))

    def values(name: str) -> JsonValue:
        return vector(f"vc-di-ecdsa/ecdsa-sd-2023/{folder}/{name}")

    return Case(
        lambda name: an_object(values(name + ".json")),
        values,
        _without_proof(an_object(values("addSignedSDBase.json"))),
        texts(vector(f"vc-di-ecdsa/{pointers}Mandatory.json")),
        texts(vector(f"vc-di-ecdsa/{pointers}Selective.json")),
        EcdsaSd2023(CONFORMANCE, lambda _: hmac_key, lambda: official_signer(material["proofKeyPair"])),
        official_signer(material["baseKeyPair"]),
    )


def test_the_unsigned_file_is_what_was_signed(vector: Callable[[str], JsonValue]) -> None:
    secured = an_object(vector("vc-di-ecdsa/ecdsa-sd-2023/employ/addSignedSDBase.json"))
    assert _without_proof(secured) == vector("vc-di-ecdsa/employmentAuth.json")


# Base proof


def test_canonical_document(case: Case) -> None:
    lines = canonical_form(case.document, CONFORMANCE).lines
    assert list(lines) == case.values("addBaseDocCanon.json")


def test_canonical_document_with_hmac_labels(case: Case) -> None:
    quads = to_dataset(expand(case.document, CONFORMANCE))
    found = label_replacement_canonicalize(quads, create_hmac_id_label_map_function(case.hmac_key))
    assert list(found.lines) == case.values("addBaseDocHMACCanon.json")


def test_mandatory_and_other_statements(case: Case) -> None:
    expected = case.read("addBaseTransform")
    assert expected["mandatoryPointers"] == case.mandatory
    factory = create_hmac_id_label_map_function(case.hmac_key)
    grouped = canonicalize_and_group(case.document, factory, {"mandatory": case.mandatory}, CONFORMANCE)
    assert grouped.groups["mandatory"].matching == entries(expected["mandatory"])
    assert grouped.groups["mandatory"].non_matching == entries(expected["nonMandatory"])
    assert str(expected["hmacKeyString"]).lower() == case.hmac_key.hex()


def test_what_the_pointers_name(case: Case) -> None:
    pointed = case.values("addPointerValues.json")
    assert isinstance(pointed, list)
    for one in map(an_object, pointed):
        assert value_at(case.document, json_pointer_to_paths(str(one["pointer"]))) == one["value"]


def test_proof_configuration(case: Case) -> None:
    config = case.read("addProofConfig")
    canonical = canonical_proof_config(case.document, config, CONFORMANCE, "sha256")
    assert canonical.text == case.values("addProofConfigCanon.txt")


def test_hashes(case: Case) -> None:
    expected = case.read("addHashData")
    mandatory = entries(case.read("addBaseTransform")["mandatory"])
    assert hash_mandatory_nquads(mandatory.values()).hex() == expected["mandatoryHash"]
    proof_hash = case.suite.proof_hash(case.document, case.read("addProofConfig"))
    assert proof_hash.hex() == expected["proofHash"]


def test_signatures(case: Case) -> None:
    expected, hashes = case.read("addRawBaseSignatureInfo"), case.read("addHashData")
    one_time = case.suite.proof_key()
    assert multikey.encode(one_time.public_key) == expected["publicKey"]
    others = entries(case.read("addBaseTransform")["nonMandatory"])
    assert [one_time.sign(line.encode()).hex() for line in others.values()] == expected["signatures"]
    signed = serialize_sign_data(
        bytes.fromhex(str(hashes["proofHash"])),
        one_time.public_key,
        bytes.fromhex(str(hashes["mandatoryHash"])),
    )
    assert case.signer.sign(signed).hex() == expected["baseSignature"]


def test_base_proof_to_the_byte(case: Case) -> None:
    config = case.read("addProofConfig")
    options = ProofOptions(created=str(config["created"]), mandatory=case.mandatory)
    assert add_proof(case.document, case.suite, options, case.signer) == case.read("addSignedSDBase")


# Derived proof


def test_recovered_base_data(case: Case) -> None:
    expected = case.read("derivedRecoveredBaseData")
    value = str(an_object(case.read("addSignedSDBase")["proof"])["proofValue"])
    base = parse_base_proof_value(value)
    assert base.base_signature.hex() == expected["baseSignature"]
    assert multikey.encode(base.public_key) == expected["proofPublicKey"]
    assert base.hmac_key.hex() == expected["hmacKey"]
    assert [signature.hex() for signature in base.signatures] == expected["signatures"]
    assert list(base.mandatory_pointers) == expected["mandatoryPointers"]
    assert serialize_base_proof_value(base) == value


def test_groups(case: Case) -> None:
    expected, indexes = case.read("derivedAllGroupData"), case.read("derivedGroupIndexes")
    grouped = canonicalize_and_group(
        case.document,
        create_hmac_id_label_map_function(case.hmac_key),
        {
            "mandatory": case.mandatory,
            "selective": case.selective,
            "combined": case.mandatory + case.selective,
        },
        CONFORMANCE,
    )
    assert list(grouped.lines) == expected["nquads"]
    for name, group in grouped.groups.items():
        wanted = an_object(an_object(expected["groups"])[name])
        assert group.matching == entries(wanted["matching"])
        assert group.non_matching == entries(wanted["nonMatching"])
        assert len(group.quads) == len(texts(wanted["deskolemizedNQuads"]))
        assert list(group.matching) == indexes[f"{name}Indexes"]
    assert list(grouped.groups["mandatory"].non_matching) == indexes["nonMandatoryIndexes"]


def test_disclosure(case: Case) -> None:
    base = parse_base_proof_value(str(an_object(case.read("addSignedSDBase")["proof"])["proofValue"]))
    found = create_disclosure_data(case.document, base, case.selective, CONFORMANCE)
    expected = case.read("derivedDisclosureData")
    assert found.proof.base_signature.hex() == expected["baseSignature"]
    assert multikey.encode(found.proof.public_key) == expected["publicKey"]
    assert list(found.proof.mandatory_indexes) == expected["mandatoryIndexes"]
    assert (
        list(found.proof.mandatory_indexes) == case.read("derivedAdjMandatoryIndexes")["adjMandatoryIndexes"]
    )
    signatures = [signature.hex() for signature in found.proof.signatures]
    assert signatures == expected["signatures"]
    assert signatures == case.read("derivedAdjSignatures")["filteredSignatures"]
    pairs = an_object(expected["labelMap"])["value"]
    assert sorted([key, value] for key, value in found.proof.label_map.items()) == pairs
    assert found.reveal_document == case.read("derivedUnsignedReveal")


def test_which_signatures_are_kept(case: Case) -> None:
    """The vectors count among the signatures; those kept are those of the selected statements."""
    base = parse_base_proof_value(str(an_object(case.read("addSignedSDBase")["proof"])["proofValue"]))
    places = case.read("derivedAdjSignatures")["adjSignatureIndexes"]
    assert isinstance(places, list)
    kept = [base.signatures[place].hex() for place in places if isinstance(place, int)]
    assert kept == case.read("derivedDisclosureData")["signatures"]


def test_reveal_document(case: Case) -> None:
    selected = select_json_ld(case.mandatory + case.selective, case.document)
    assert selected == case.read("derivedUnsignedReveal")


def test_derived_proof_to_the_byte(case: Case, official: dict[str, Cryptosuite]) -> None:
    base = case.read("addSignedSDBase")
    assert derive(base, official, case.selective) == case.read("derivedRevealDocument")


# Verification


def test_parsed_derived_proof(case: Case) -> None:
    expected = case.read("verifyDerivedProofValue")
    value = str(an_object(case.read("derivedRevealDocument")["proof"])["proofValue"])
    derived = parse_derived_proof_value(value)
    assert derived.base_signature.hex() == expected["baseSignature"]
    assert multikey.encode(derived.public_key) == expected["publicKey"]
    assert [signature.hex() for signature in derived.signatures] == expected["signatures"]
    assert [[key, label] for key, label in derived.label_map.items()] == expected["labelMap"]
    assert list(derived.mandatory_indexes) == expected["mandatoryIndexes"]
    assert serialize_derived_proof_value(derived) == value


def test_statements_that_a_verifier_sees(case: Case) -> None:
    document = case.read("derivedUnsignedReveal")
    derived = parse_derived_proof_value(
        str(an_object(case.read("derivedRevealDocument")["proof"])["proofValue"])
    )
    quads = to_dataset(expand(document, CONFORMANCE))
    otherwise = ProofVerificationError("ecdsa_sd.label_map")
    found = label_replacement_canonicalize(quads, create_label_map_function(derived.label_map, otherwise))
    assert list(found.lines) == case.values("verifyNQuads.json")


def test_verify_data(case: Case) -> None:
    expected = case.read("verifyCreateVerifyData")
    proof = an_object(case.read("derivedRevealDocument")["proof"])
    document = case.read("derivedUnsignedReveal")
    data = create_verify_data(document, parse_derived_proof_value(str(proof["proofValue"])), CONFORMANCE)
    assert list(data.non_mandatory) == expected["nonMandatory"]
    assert data.mandatory_hash.hex() == expected["mandatoryHash"]
    assert case.suite.proof_hash(document, proof).hex() == expected["proofHash"]


def test_verifies(case: Case, official: dict[str, Cryptosuite], keys: Resolver, expect: Expectation) -> None:
    verified = verify(case.read("derivedRevealDocument"), official, keys, expect)
    assert verified.document == case.read("derivedUnsignedReveal")
    assert verified.proofs[0].key.verification_method == case.signer.verification_method


def test_another_hmac_key_gives_another_proof(case: Case) -> None:
    """Shows that the byte-for-byte tests above do depend on the keys that they set."""
    other = replace(case.suite, random=lambda size: bytes(size))
    options = ProofOptions(created="2023-08-15T23:36:38Z", mandatory=case.mandatory)
    assert add_proof(case.document, other, options, case.signer) != case.read("addSignedSDBase")
