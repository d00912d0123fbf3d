"""Selective disclosure as a whole: what holders may do, and what nobody may."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url, strict_json
from boundary.strict_json import Json, JsonValue
from contexts import PRODUCT
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import Problem, ProofGenerationError, ProofTransformationError, ProofVerificationError
from proofs import SUITES
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.ecdsa_sd_2023 import EcdsaSd2023
from proofs.ecdsa_sd_2023.proof_value import (
    DerivedProof,
    parse_base_proof_value,
    serialize_base_proof_value,
)
from proofs.ecdsa_sd_2023.verify_data import create_verify_data
from proofs.rdf import canonical_form
from proofs.suite import Cryptosuite, ProofOptions

Suites = dict[str, Cryptosuite]
Signers = dict[str, LocalSigner]
Parsed = Callable[[Json], DerivedProof]
Rewritten = Callable[[Json, Callable[[DerivedProof], DerivedProof]], Json]


def an_object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def _without_proof(secured: Json) -> Json:
    return {name: value for name, value in secured.items() if name != "proof"}


def _refusal(secured: Json, accepted: Suites, keys: Resolver, expect: Expectation) -> Problem:
    with pytest.raises(Problem) as caught:
        verify(secured, accepted, keys, expect)
    assert caught.value.says("fr").what
    return caught.value


# Choosing


def test_shown_is_what_was_chosen_and_what_is_mandatory(
    shown: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    subject = an_object(credential["credentialSubject"])
    skills = subject["skill"]
    assert isinstance(skills, list)
    assert verify(shown, accepted, keys, expect).document == {
        **{name: credential[name] for name in ("@context", "id", "type", "name", "issuer", "validFrom")},
        "credentialSubject": {
            "id": subject["id"],
            "type": subject["type"],
            "experience": {"type": "Experience", "experienceKind": "EMPLOYMENT"},
            "givenName": "Camille Fictive",
            "skill": [skills[1]],
        },
    }


def test_choosing_nothing_shows_what_is_mandatory(
    base: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    document = verify(derive(base, accepted, []), accepted, keys, expect).document
    assert set(document) == {"@context", "id", "type", "name", "issuer", "validFrom", "credentialSubject"}
    assert "givenName" not in an_object(document["credentialSubject"])


def test_choosing_everything_shows_the_whole_document(
    base: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    shown = derive(base, accepted, [f"/{name}" for name in credential if name != "@context"])
    assert verify(shown, accepted, keys, expect).document == credential


def test_without_mandatory_pointers_the_holder_chooses_freely(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    """No mandatory pointer is the default of the specification: then even the issuer may be hidden."""
    free = add_proof(credential, accepted["ecdsa-sd-2023"], ProofOptions(), signers["P-256"])
    document = verify(
        derive(free, accepted, ["/credentialSubject/givenName"]), accepted, keys, expect
    ).document
    assert "issuer" not in document
    with pytest.raises(ProofGenerationError) as caught:
        derive(free, accepted, [])
    assert caught.value.code == "selective.nothing_selected"


@pytest.mark.parametrize(
    ("pointer", "code"),
    [
        ("", "pointer.syntax"),
        ("credentialSubject", "pointer.syntax"),
        ("/credentialSubject/99", "pointer.nothing_there"),
        ("/credentialSubject/skill/99", "pointer.nothing_there"),
        ("/credentialSubject/skill/-1", "pointer.nothing_there"),
        ("/credentialSubject/skill/-", "pointer.nothing_there"),
        ("/credentialSubject/noSuchTerm", "pointer.nothing_there"),
        ("/credentialSubject/givenName/0", "pointer.nothing_there"),
        ("/proof", "pointer.nothing_there"),
    ],
)
def test_a_pointer_to_nothing_is_an_error_for_holder_and_issuer(
    pointer: str, code: str, base: Json, accepted: Suites, credential: Json, signers: Signers
) -> None:
    """SL-010"""
    with pytest.raises(ProofGenerationError) as caught:
        derive(base, accepted, [pointer])
    assert caught.value.code == code
    options = ProofOptions(mandatory=["/name", pointer])
    with pytest.raises(ProofGenerationError) as caught:
        add_proof(credential, accepted["ecdsa-sd-2023"], options, signers["P-256"])
    assert caught.value.code == code


def test_no_derivation_hides_what_is_mandatory(base: Json, mandatory: list[str], accepted: Suites) -> None:
    shown = derive(base, accepted, ["/credentialSubject/dateOfBirth"])
    assert {"name", "issuer", "validFrom"} <= set(shown)
    assert an_object(an_object(shown["credentialSubject"])["experience"])["experienceKind"] == "EMPLOYMENT"
    assert len(mandatory) == 4


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-384"])
def test_refuses_to_sign_with_a_key_of_another_type(
    algorithm: str, credential: Json, accepted: Suites, signers: Signers
) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        add_proof(credential, accepted["ecdsa-sd-2023"], ProofOptions(), signers[algorithm])
    assert caught.value.code == "proof.signer_key_type"


# Attacks on what is shown


def test_a_base_proof_is_not_for_verifiers(
    base: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """SL-005"""
    assert _refusal(base, accepted, keys, expect).code == "ecdsa_sd.base_proof_shown"


def test_what_is_shown_cannot_be_derived_again(shown: Json, accepted: Suites) -> None:
    with pytest.raises(ProofVerificationError) as caught:
        derive(shown, accepted, ["/name"])
    assert caught.value.code == "ecdsa_sd.derived_already"


EDITS: dict[str, Callable[[Json], None]] = {
    "selected value": lambda d: an_object(d["credentialSubject"]).update(givenName="Dominique"),
    "mandatory value": lambda d: d.update(validFrom="2026-09-16T00:00:00Z"),
    "issuer": lambda d: d.update(issuer="did:web:autre.example"),
    "id": lambda d: d.update(id="urn:uuid:0e4e1c1a-0000-4000-8000-00000000beef"),
    "a type": lambda d: d.update(type=["VerifiableCredential", "OpenBadgeCredential"]),
    "subject": lambda d: an_object(d["credentialSubject"]).update(id="urn:uuid:thief"),
    "mandatory statement removed": lambda d: d.pop("name"),
    "selected statement removed": lambda d: an_object(d["credentialSubject"]).pop("givenName"),
    "hidden member added": lambda d: an_object(d["credentialSubject"]).update(familyName="AUTRE"),
    "second value added": lambda d: an_object(d["credentialSubject"]).update(
        givenName=["Camille Fictive", "X"]
    ),
    "skill added": lambda d: an_object(d["credentialSubject"])["skill"].append(  # type: ignore[union-attr]
        {"type": "Skill", "name": "Piloter"}
    ),
    "node turned inside out": lambda d: an_object(d["credentialSubject"]).update(
        experience=an_object(d["credentialSubject"]).pop("skill")
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_shown_and_then_edited(
    edit: Callable[[Json], None], shown: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """SL-001 and its like"""
    edited = copy.deepcopy(shown)
    edit(edited)
    problem = _refusal(edited, accepted, keys, expect)
    assert isinstance(problem, ProofVerificationError | ProofTransformationError)
    verify(shown, accepted, keys, expect)


REWRITES: dict[str, tuple[Callable[[DerivedProof], DerivedProof], str]] = {
    "signatures turned": (lambda p: replace(p, signatures=p.signatures[::-1]), "signature.invalid"),
    "one signature twice": (
        lambda p: replace(p, signatures=[p.signatures[0], *p.signatures[:-1]]),
        "signature.invalid",
    ),
    "a signature removed": (lambda p: replace(p, signatures=p.signatures[1:]), "ecdsa_sd.signature_count"),
    "a signature added": (
        lambda p: replace(p, signatures=[*p.signatures, p.signatures[0]]),
        "ecdsa_sd.signature_count",
    ),
    "no signatures": (lambda p: replace(p, signatures=[]), "ecdsa_sd.signature_count"),
    "no index mandatory": (lambda p: replace(p, mandatory_indexes=[]), "ecdsa_sd.signature_count"),
    "one index less": (
        lambda p: replace(
            p, mandatory_indexes=p.mandatory_indexes[1:], signatures=[p.signatures[0], *p.signatures]
        ),
        "signature.invalid",
    ),
    "one index more": (
        lambda p: replace(
            p, mandatory_indexes=list(range(len(p.mandatory_indexes) + 1)), signatures=p.signatures[1:]
        ),
        "signature.invalid",
    ),
    "everything mandatory": (
        lambda p: replace(
            p, mandatory_indexes=list(range(len(p.mandatory_indexes) + len(p.signatures))), signatures=[]
        ),
        "signature.invalid",
    ),
    "an index beyond the last": (
        lambda p: replace(p, mandatory_indexes=[*p.mandatory_indexes[:-1], 10_000]),
        "ecdsa_sd.mandatory_indexes",
    ),
    "an index beyond all": (
        lambda p: replace(p, mandatory_indexes=[*p.mandatory_indexes, 2**63]),
        "ecdsa_sd.mandatory_indexes",
    ),
    "labels swapped": (
        lambda p: replace(
            p,
            label_map=dict(
                zip(p.label_map, [*list(p.label_map.values())[1:], p.label_map["c14n0"]], strict=True)
            ),
        ),
        "signature.invalid",
    ),
    "a label removed": (
        lambda p: replace(p, label_map=dict(list(p.label_map.items())[:-1])),
        "ecdsa_sd.label_map",
    ),
    "a label added": (
        lambda p: replace(
            p, label_map={**p.label_map, f"c14n{len(p.label_map)}": "u" + base64url.encode(bytes(32))}
        ),
        "ecdsa_sd.label_map",
    ),
    "two nodes merged": (
        lambda p: replace(p, label_map={**p.label_map, "c14n1": p.label_map["c14n0"]}),
        "ecdsa_sd.label_map",
    ),
    "one-time key of the thief": (
        lambda p: replace(p, public_key=LocalSigner.generate("P-256").public_key),
        "signature.invalid",
    ),
    "base signature of zeros": (lambda p: replace(p, base_signature=bytes(64)), "signature.invalid"),
    "all signatures of zeros": (
        lambda p: replace(p, signatures=[bytes(64) for _ in p.signatures]),
        "signature.invalid",
    ),
}


@pytest.mark.parametrize(("change", "code"), REWRITES.values(), ids=REWRITES)
def test_a_rewritten_proof(
    change: Callable[[DerivedProof], DerivedProof],
    code: str,
    shown: Json,
    rewritten: Rewritten,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """SL-001, SL-007"""
    problem = _refusal(rewritten(shown, change), accepted, keys, expect)
    assert (type(problem), problem.code) == (ProofVerificationError, code)


def test_a_hidden_mandatory_statement_cannot_be_left_out_with_its_index(
    base: Json, parsed: Parsed, rewritten: Rewritten, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """SL-001: the counts are made to agree, so that only the hash of the mandatory statements can tell."""
    shown = derive(base, accepted, ["/credentialSubject/givenName"])
    document = _without_proof(shown)
    lines = _signed_lines(document, parsed(shown))
    place = next(n for n, line in enumerate(lines) if "validFrom" in line)
    indexes = [n - (n > place) for n in parsed(shown).mandatory_indexes if n != place]
    cut = rewritten(shown, lambda proof: replace(proof, mandatory_indexes=indexes))
    del cut["validFrom"]
    assert _refusal(cut, accepted, keys, expect).code == "signature.invalid"


def test_a_statement_of_another_credential_does_not_mix_in(
    credential: Json,
    mandatory: list[str],
    shown: Json,
    parsed: Parsed,
    rewritten: Rewritten,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """SL-004: same issuer, same subject, another grade: each credential has a one-time key of its own."""
    other = copy.deepcopy(credential)
    an_object(other["credentialSubject"])["givenName"] = "Dominique"
    options = ProofOptions(created="2026-09-15T00:00:00Z", mandatory=mandatory)
    other_base = add_proof(other, accepted["ecdsa-sd-2023"], options, signers["P-256"])
    other_shown = derive(other_base, accepted, ["/credentialSubject/givenName", "/credentialSubject/skill/1"])
    foreign = dict(zip(_selected_lines(other_shown, parsed), parsed(other_shown).signatures, strict=True))
    own = dict(zip(_selected_lines(shown, parsed), parsed(shown).signatures, strict=True))
    taken = next(signature for line, signature in foreign.items() if '"Dominique"' in line)

    def mix(proof: DerivedProof) -> DerivedProof:
        mixed = [taken if '"Camille Fictive"' in line else signature for line, signature in own.items()]
        return replace(proof, signatures=mixed)

    mixed = rewritten(copy.deepcopy(shown), mix)
    an_object(mixed["credentialSubject"])["givenName"] = "Dominique"
    assert _refusal(mixed, accepted, keys, expect).code == "signature.invalid"


def test_a_proof_of_another_derivation_does_not_fit(
    base: Json, shown: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    other = derive(base, accepted, ["/credentialSubject/dateOfBirth"])
    crossed = {**shown, "proof": other["proof"]}
    assert isinstance(_refusal(crossed, accepted, keys, expect), ProofVerificationError)


def _signed_lines(document: Json, proof: DerivedProof) -> list[str]:
    """Return the statements with the labels that were signed, mandatory ones included."""
    whole = replace(proof, mandatory_indexes=[])
    count = len(canonical_form(document, PRODUCT).lines)
    data = create_verify_data(document, replace(whole, signatures=[bytes(64)] * count), PRODUCT)
    return list(data.non_mandatory)


def _selected_lines(secured: Json, parsed: Parsed) -> list[str]:
    return list(create_verify_data(_without_proof(secured), parsed(secured), PRODUCT).non_mandatory)


# What this suite does not protect: two facts that others must know


def test_half_of_an_item_verifies(base: Json, accepted: Suites, keys: Resolver, expect: Expectation) -> None:
    """Statements are signed, not items: a start without its end passes here, and the type's schema,
    applied to what was shown, is what refuses it."""
    half = derive(
        base, accepted, ["/credentialSubject/experience/startDate", "/credentialSubject/skill/0/level"]
    )
    subject = an_object(verify(half, accepted, keys, expect).document["credentialSubject"])
    assert "endDate" not in an_object(subject["experience"])
    assert subject["skill"] == [{"type": "Skill", "level": "3"}]


def test_the_base_signature_is_no_commitment_to_selective_statements(
    credential: Json,
    mandatory: list[str],
    signers: Signers,
    parsed: Parsed,
    rewritten: Rewritten,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    """Whoever issued the credential and kept its one-time key swaps a name under the same base signature,
    and the result verifies: so a digest of the base signature binds nothing that the holder may hide."""
    kept = LocalSigner.generate("P-256")
    suite = EcdsaSd2023(proof_key=lambda: kept)
    base = add_proof(credential, suite, ProofOptions(mandatory=mandatory), signers["P-256"])
    honest = derive(base, accepted, ["/credentialSubject/givenName"])

    forged = copy.deepcopy(honest)
    an_object(forged["credentialSubject"])["givenName"] = "Quelqu’un d’autre"
    before, after = _without_proof(honest), _without_proof(forged)
    signed = parsed(honest).label_map
    names = canonical_form(before, PRODUCT).labels
    labels = {new: signed[names[node]] for node, new in canonical_form(after, PRODUCT).labels.items()}

    def sign_again(proof: DerivedProof) -> DerivedProof:
        relabelled = replace(proof, label_map=labels)
        lines = create_verify_data(after, relabelled, PRODUCT).non_mandatory
        return replace(relabelled, signatures=[kept.sign(line.encode()) for line in lines])

    forged = rewritten(forged, sign_again)
    assert parsed(forged).base_signature == parsed(honest).base_signature
    shown = an_object(verify(forged, accepted, keys, expect).document["credentialSubject"])
    assert shown["givenName"] == "Quelqu’un d’autre"


# What is hidden stays hidden


def test_hidden_text_is_absent_byte_for_byte(base: Json, accepted: Suites) -> None:
    shown = derive(base, accepted, ["/credentialSubject/skill/2"])
    payload = _payload(shown)
    assert b"Animer" in payload
    for hidden in ("Camille", "EXEMPLE", "2000-02-29", "Développer", "Concevoir", "2026-04-13"):
        assert hidden.encode() not in payload


def test_the_hmac_key_and_unused_signatures_stay_with_the_holder(base: Json, shown: Json) -> None:
    kept = parse_base_proof_value(str(an_object(base["proof"])["proofValue"]))
    payload = _payload(shown)
    assert kept.hmac_key not in payload
    assert sum(signature in payload for signature in kept.signatures) < len(kept.signatures)
    assert kept.base_signature in payload


def test_what_is_hidden_leaves_no_trace_in_what_is_shown(
    credential: Json, mandatory: list[str], accepted: Suites, signers: Signers, parsed: Parsed
) -> None:
    """SL-008: two credentials that differ in one hidden value show the same, but for random labels."""
    shown = []
    for birth in ("2000-02-29", "1999-01-01"):
        document = copy.deepcopy(credential)
        an_object(document["credentialSubject"])["dateOfBirth"] = birth
        options = ProofOptions(mandatory=mandatory)
        base = add_proof(document, accepted["ecdsa-sd-2023"], options, signers["P-256"])
        shown.append(derive(base, accepted, ["/credentialSubject/skill"]))
    first, second = shown
    assert _without_proof(first) == _without_proof(second)
    proofs = parsed(first), parsed(second)
    assert len({len(proof.signatures) for proof in proofs}) == 1
    assert len({len(proof.mandatory_indexes) for proof in proofs}) == 1
    assert not set(proofs[0].label_map.values()) & set(proofs[1].label_map.values())


def test_each_credential_has_keys_of_its_own(credential: Json, accepted: Suites, signers: Signers) -> None:
    """SL-009"""
    values = [
        str(
            an_object(
                add_proof(credential, accepted["ecdsa-sd-2023"], ProofOptions(), signers["P-256"])["proof"]
            )["proofValue"]
        )
        for _ in range(25)
    ]
    proofs = [parse_base_proof_value(value) for value in values]
    assert len({proof.hmac_key for proof in proofs}) == 25
    assert len({proof.public_key for proof in proofs}) == 25


# A base proof that does not belong to its document


def test_a_base_proof_whose_signatures_do_not_count_up_is_refused(base: Json, accepted: Suites) -> None:
    proof = an_object(base["proof"])
    parts = parse_base_proof_value(str(proof["proofValue"]))
    short = serialize_base_proof_value(replace(parts, signatures=parts.signatures[1:]))
    with pytest.raises(ProofTransformationError) as caught:
        derive({**base, "proof": {**proof, "proofValue": short}}, accepted, ["/credentialSubject/givenName"])
    assert caught.value.code == "ecdsa_sd.signature_count"


def test_a_document_that_shows_otherwise_than_it_is_signed_is_refused(
    credential: Json, accepted: Suites, signers: Signers
) -> None:
    """A term spelt in full is another pointer after compaction: better told to the holder than found out
    by a verifier."""
    subject = an_object(credential["credentialSubject"])
    subject["https://schema.org/familyName"] = subject.pop("familyName")
    base = add_proof(credential, accepted["ecdsa-sd-2023"], ProofOptions(), signers["P-256"])
    with pytest.raises(ProofGenerationError) as caught:
        derive(base, accepted, ["/credentialSubject/https:~1~1schema.org~1familyName"])
    assert caught.value.code == "pointer.nothing_there"


def test_a_document_whose_arrays_compaction_reorders_is_refused(
    credential: Json, accepted: Suites, signers: Signers
) -> None:
    """The same pointer names one skill in the document and another in its compact form."""
    subject = an_object(credential["credentialSubject"])
    skills = subject["skill"]
    assert isinstance(skills, list)
    full = "https://w3id.org/passeport/vocab#skill"
    turned = {full: skills[:1], **subject, "skill": skills[1:]}
    base = add_proof(
        {**credential, "credentialSubject": turned},
        accepted["ecdsa-sd-2023"],
        ProofOptions(),
        signers["P-256"],
    )
    with pytest.raises(ProofTransformationError) as caught:
        derive(base, accepted, ["/credentialSubject/skill/0"])
    assert caught.value.code == "selective.document_not_compact"


# Any choice


def _payload(secured: Json) -> bytes:
    """Return all bytes that go out: the JSON, and what its proof value holds."""
    value = str(an_object(secured["proof"])["proofValue"])
    return strict_json.write(secured).encode() + base64url.decode(value[1:])


CHOICES = [
    "/credentialSubject/givenName",
    "/credentialSubject/familyName",
    "/credentialSubject/dateOfBirth",
    "/credentialSubject/experience",
    "/credentialSubject/experience/startDate",
    "/credentialSubject/skill",
    "/credentialSubject/skill/0",
    "/credentialSubject/skill/1/name",
    "/credentialSubject/skill/2",
    "/credentialSubject/type",
    "/credentialSubject",
    "/type",
    "/issuer/name",
]


@pytest.fixture(scope="module")
def kept(sample: Json, signers: Signers) -> Json:
    """One base proof for all examples."""
    options = ProofOptions(mandatory=["/name", "/issuer", "/validFrom"])
    return add_proof(sample, SUITES["ecdsa-sd-2023"], options, signers["P-256"])


@settings(max_examples=40, deadline=None)
@given(reveal=st.lists(st.sampled_from(CHOICES), max_size=6))
def test_any_choice_derives_and_verifies(
    kept: Json, keys: Resolver, expect: Expectation, reveal: list[str]
) -> None:
    shown = derive(kept, SUITES, reveal)
    document = verify(shown, SUITES, keys, expect).document
    whole = canonical_form(_without_proof(kept), PRODUCT)
    shown_lines = canonical_form(document, PRODUCT).lines
    assert _unlabelled(shown_lines) <= _unlabelled(whole.lines)
    text = strict_json.write(document)
    for pointer, word in {
        "/credentialSubject/givenName": "Camille Fictive",
        "/credentialSubject/familyName": "EXEMPLE-DÉMONSTRATION",
        "/credentialSubject/dateOfBirth": "2000-02-29",
    }.items():
        asked = pointer in reveal or "/credentialSubject" in reveal
        assert (word in text) is asked
        assert (word.encode() in _payload(shown)) is asked


def _unlabelled(lines: tuple[str, ...]) -> set[str]:
    return {" ".join(part for part in line.split(" ") if not part.startswith("_:")) for line in lines}
