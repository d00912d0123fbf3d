"""Proof chains: what each link signs, and every way to cut, bend or close a chain."""

import copy
import graphlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import limits
from boundary.strict_json import Json, JsonValue
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import Problem, ProofGenerationError, ProofVerificationError
from proofs import chain
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.suite import Cryptosuite, ProofOptions

Suites = dict[str, Cryptosuite]
Signers = dict[str, LocalSigner]
Vector = Callable[[str], JsonValue]
Load = Callable[[JsonValue], LocalSigner]

FOLDER = "vc-di-eddsa/proof-set-chain"
FIRST, SECOND, THIRD = (f"urn:uuid:0e4e1c1a-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
RDFC = {"Ed25519": "eddsa-rdfc-2022", "P-256": "ecdsa-rdfc-2019", "P-384": "ecdsa-rdfc-2019"}
JCS = {"Ed25519": "eddsa-jcs-2022", "P-256": "ecdsa-jcs-2019", "P-384": "ecdsa-jcs-2019"}
MIXED = {"Ed25519": "eddsa-jcs-2022", "P-256": "ecdsa-rdfc-2019", "P-384": "ecdsa-jcs-2019"}
MIXED_TOO = {"Ed25519": "eddsa-rdfc-2022", "P-256": "ecdsa-jcs-2019", "P-384": "ecdsa-rdfc-2019"}
KINDS = {"rdfc": RDFC, "jcs": JCS, "mixed": MIXED, "mixed too": MIXED_TOO}


def _object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def _proofs(secured: Json) -> list[Json]:
    proofs = secured["proof"]
    assert isinstance(proofs, list)
    return [_object(proof) for proof in proofs]


def _with(secured: Json, proofs: Sequence[Json]) -> Json:
    return {**secured, "proof": [*proofs]}


def _refusal(secured: Json, accepted: Suites, keys: Resolver, expect: Expectation) -> Problem:
    with pytest.raises(Problem) as caught:
        verify(secured, accepted, keys, expect)
    assert caught.value.says("fr").what
    assert caught.value.says("en").what
    return caught.value


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def kind(request: pytest.FixtureRequest) -> dict[str, str]:
    suites: dict[str, str] = request.param
    return suites


@pytest.fixture
def chained(kind: dict[str, str], credential: Json, accepted: Suites, signers: Signers) -> Json:
    """Three signers, each of whom signs what the one before had signed."""
    document = credential
    before: tuple[str, ...] = ()
    for algorithm, name in zip(("Ed25519", "P-256", "P-384"), (FIRST, SECOND, THIRD), strict=True):
        options = ProofOptions(created="2026-09-15T00:00:00Z", id=name, previous=before)
        document = add_proof(document, accepted[kind[algorithm]], options, signers[algorithm])
        before = (name,)
    return document


# Official vectors


@pytest.mark.parametrize(
    ("name", "links"),
    [("signedProofSet2", 2), ("proofChainTempDoc1", 2), ("signedProofChain1", 3), ("signedProofChain2", 4)],
)
def test_official_chains_verify(
    name: str, links: int, vector: Vector, official: Suites, keys: Resolver, expect: Expectation
) -> None:
    verified = verify(_object(vector(f"{FOLDER}/{name}.json")), official, keys, expect)
    assert len(verified.proofs) == links
    assert verified.document == vector(f"{FOLDER}/unsigned.json")


def test_official_chain_is_reproduced_step_by_step(
    vector: Vector, official: Suites, official_signer: Load
) -> None:
    """Each configuration, added in turn by its own key, gives the official document, value for value."""
    pairs = _object(vector(f"{FOLDER}/multiKeyPairs.json"))
    document = _object(vector(f"{FOLDER}/unsigned.json"))
    steps = [("proofSetConfig1", "signedProofSet1"), ("proofSetConfig2", "signedProofSet2")]
    steps += [("proofChainConfig1", "signedProofChain1"), ("proofChainConfig2", "signedProofChain2")]
    for number, (config_name, result) in enumerate(steps, start=1):
        config = _object(vector(f"{FOLDER}/{config_name}.json"))
        name = config.get("id")
        options = ProofOptions(
            created=str(config["created"]),
            id=str(name) if name else None,
            previous=chain.previous(config),
        )
        signer = official_signer(pairs[f"keyPair{number}"])
        document = add_proof(document, official["eddsa-rdfc-2022"], options, signer)
        assert document == vector(f"{FOLDER}/{result}.json")
    signed = [_object(vector(f"{FOLDER}/proofChainConfigSigned{number}.json")) for number in (1, 2)]
    assert _proofs(document)[2:] == signed


def test_what_the_official_links_sign(vector: Vector) -> None:
    """The documents that the vectors give as input hold just the proofs that are named."""
    document = _object(vector(f"{FOLDER}/unsigned.json"))
    proofs = _proofs(_object(vector(f"{FOLDER}/signedProofChain2.json")))
    for number in (1, 2):
        config = _object(vector(f"{FOLDER}/proofChainConfig{number}.json"))
        found = chain.named(proofs, chain.previous(config), ProofVerificationError("proof.previous_missing"))
        signed = chain.with_previous(document, found)
        assert signed == vector(f"{FOLDER}/proofChainTempDoc{number}.json")


@pytest.mark.parametrize("which", range(3))
def test_an_official_chain_without_a_proof_that_another_names(
    which: int, vector: Vector, official: Suites, keys: Resolver, expect: Expectation
) -> None:
    secured = _object(vector(f"{FOLDER}/signedProofChain2.json"))
    proofs = _proofs(secured)
    cut = _with(secured, proofs[:which] + proofs[which + 1 :])
    assert _refusal(cut, official, keys, expect).code == "proof.previous_missing"


def test_the_official_input_of_a_link_is_no_whole_chain(
    vector: Vector, official: Suites, keys: Resolver, expect: Expectation
) -> None:
    secured = _object(vector(f"{FOLDER}/proofChainTempDoc2.json"))
    assert _refusal(secured, official, keys, expect).code == "proof.previous_missing"


# Honest chains


def test_a_chain_says_who_signed_after_whom(
    chained: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation, signers: Signers
) -> None:
    verified = verify(chained, accepted, keys, expect)
    assert verified.document == credential
    assert [(proof.id, proof.previous) for proof in verified.proofs] == [
        (FIRST, ()),
        (SECOND, (FIRST,)),
        (THIRD, (SECOND,)),
    ]
    expected = [signers[name].verification_method for name in ("Ed25519", "P-256", "P-384")]
    assert [proof.key.verification_method for proof in verified.proofs] == expected


def test_the_order_of_the_list_says_nothing_where_each_link_names_one(
    chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    verify(_with(chained, _proofs(chained)[::-1]), accepted, keys, expect)


@pytest.fixture
def confirmed(kind: dict[str, str], credential: Json, accepted: Suites, signers: Signers) -> Json:
    """Two independent signers, and a third who signed both."""
    document = credential
    for algorithm, name, before in (
        ("Ed25519", FIRST, ()),
        ("P-256", SECOND, ()),
        ("P-384", None, (SECOND, FIRST)),
    ):
        options = ProofOptions(id=name, previous=before)
        document = add_proof(document, accepted[kind[algorithm]], options, signers[algorithm])
    return document


def test_a_link_may_name_several(
    confirmed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """They are named in the order in which they stand, whatever the order that was asked for."""
    assert _proofs(confirmed)[2]["previousProof"] == [FIRST, SECOND]
    assert verify(confirmed, accepted, keys, expect).proofs[2].previous == (FIRST, SECOND)


def test_json_signs_the_order_of_several_and_rdf_does_not(
    confirmed: Json, kind: dict[str, str], accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    first, second, third = _proofs(confirmed)
    turned = _with(confirmed, [third, second, first])
    if "jcs" in kind["P-384"]:
        assert _refusal(turned, accepted, keys, expect).code == "signature.invalid"
    else:
        verify(turned, accepted, keys, expect)


def test_a_full_chain_where_each_names_all_before(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    document, names = credential, [f"{FIRST}{number}" for number in range(limits.PROOFS)]
    for number, name in enumerate(names):
        options = ProofOptions(id=name, previous=names[:number])
        document = add_proof(document, accepted["eddsa-rdfc-2022"], options, signers["Ed25519"])
    verified = verify(document, accepted, keys, expect)
    assert verified.proofs[-1].previous == tuple(names[:-1])


# Chains cut, bent and closed


@pytest.mark.parametrize("which", [0, 1])
def test_no_link_that_another_names_can_be_taken_out(
    which: int, chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    cut = _with(chained, proofs[:which] + proofs[which + 1 :])
    assert _refusal(cut, accepted, keys, expect).code == "proof.previous_missing"


def test_a_link_alone_is_no_proof(
    chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    alone: Json = {**chained, "proof": _proofs(chained)[1]}
    assert _refusal(alone, accepted, keys, expect).code == "proof.previous_missing"


def test_the_end_of_a_chain_can_be_taken_off_and_is_missing_from_the_answer(
    chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """No signature tells of what came after it: whoever needs the last signer looks for their key."""
    verified = verify(_with(chained, _proofs(chained)[:2]), accepted, keys, expect)
    assert [proof.id for proof in verified.proofs] == [FIRST, SECOND]


def test_a_stranger_may_add_a_link_and_is_named_in_the_answer(
    chained: Json, accepted: Suites, keys: Resolver, expect: Expectation, signers: Signers
) -> None:
    stranger = LocalSigner.generate("Ed25519")
    longer = add_proof(chained, accepted["eddsa-rdfc-2022"], ProofOptions(previous=[THIRD]), stranger)
    verified = verify(longer, accepted, keys, expect)
    named = [proof.key.verification_method for proof in verified.proofs]
    assert named[:3] == [signers[name].verification_method for name in ("Ed25519", "P-256", "P-384")]
    assert named[3:] == [stranger.verification_method]


def test_a_stranger_cannot_take_the_place_of_a_link(
    chained: Json,
    credential: Json,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
    kind: dict[str, str],
) -> None:
    """Sound in itself and of the same name, but not the proof that the next one signed."""
    stranger = LocalSigner.generate("Ed25519")
    theirs = add_proof(credential, accepted[kind["Ed25519"]], ProofOptions(id=FIRST), stranger)
    verify(theirs, accepted, keys, expect)
    swapped = _with(chained, [_object(theirs["proof"]), *_proofs(chained)[1:]])
    assert _refusal(swapped, accepted, keys, expect).code == "signature.invalid"


def test_a_link_does_not_sign_another_proof_of_the_same_signer(
    chained: Json,
    credential: Json,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
    signers: Signers,
    kind: dict[str, str],
) -> None:
    """An older or newer proof by the same key is another one."""
    options = ProofOptions(created="2026-09-16T00:00:00Z", id=FIRST)
    again = add_proof(credential, accepted[kind["Ed25519"]], options, signers["Ed25519"])
    swapped = _with(chained, [_object(again["proof"]), *_proofs(chained)[1:]])
    assert _refusal(swapped, accepted, keys, expect).code == "signature.invalid"


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("change", [{"created": "2026-09-14T00:00:00Z"}, {"expires": "2099-01-01T00:00:00Z"}])
def test_no_link_can_be_changed(
    which: int, change: Json, chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    proofs[which] = {**proofs[which], **change}
    assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "signature.invalid"


def test_the_document_of_a_chain_cannot_be_changed(
    chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    assert _refusal({**chained, "name": "Autre"}, accepted, keys, expect).code == "signature.invalid"


def test_a_link_does_not_become_independent(
    chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    del proofs[1]["previousProof"]
    for kept in (proofs, proofs[1:]):
        assert _refusal(_with(chained, kept), accepted, keys, expect).code == "signature.invalid"


def test_an_independent_proof_does_not_become_a_link(
    confirmed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(confirmed)
    proofs[1]["previousProof"] = FIRST
    assert _refusal(_with(confirmed, proofs), accepted, keys, expect).code == "signature.invalid"


@pytest.mark.parametrize("other", [FIRST, [FIRST], [FIRST, SECOND], [SECOND, FIRST]])
def test_a_link_that_names_other_proofs_than_it_signed(
    other: JsonValue, chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    proofs[2] = {**proofs[2], "previousProof": other}
    assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "signature.invalid"


def test_a_link_that_names_fewer_proofs_than_it_signed(
    confirmed: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(confirmed)
    proofs[2]["previousProof"] = FIRST
    for kept in (proofs, [proofs[0], proofs[2]]):
        assert _refusal(_with(confirmed, kept), accepted, keys, expect).code == "signature.invalid"


@pytest.mark.parametrize(
    "names", [None, [], "", 1, {}, [1], [""], [None], [[FIRST]], [FIRST, FIRST], [FIRST, 1]]
)
def test_what_names_no_proof_clearly_is_refused(
    names: JsonValue, chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    proofs[1] = {**proofs[1], "previousProof": names}
    assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "proof.previous_malformed"


@pytest.mark.parametrize("names", ["urn:uuid:nowhere", [FIRST, "urn:uuid:nowhere"], FIRST.upper()])
def test_what_names_a_proof_that_is_not_there_is_refused(
    names: JsonValue, chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    proofs[1] = {**proofs[1], "previousProof": names}
    assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "proof.previous_missing"


CYCLES: dict[str, list[tuple[int, JsonValue]]] = {
    "itself": [(0, FIRST)],
    "itself and another": [(1, [FIRST, SECOND])],
    "two": [(0, SECOND)],
    "three": [(0, THIRD)],
    "beside an honest one": [(1, THIRD)],
}


@pytest.mark.parametrize("changes", CYCLES.values(), ids=CYCLES)
def test_signatures_in_a_circle_are_refused(
    changes: list[tuple[int, JsonValue]],
    chained: Json,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    proofs = _proofs(chained)
    for which, names in changes:
        proofs[which] = {**proofs[which], "previousProof": names}
    assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "proof.chain_cycle"


def test_two_proofs_of_one_name_are_refused(
    chained: Json, credential: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """Else two readers could each take another one for the proof that was meant."""
    stranger = LocalSigner.generate("Ed25519")
    theirs = add_proof(credential, accepted["eddsa-rdfc-2022"], ProofOptions(id=FIRST), stranger)
    for proofs in (
        [*_proofs(chained), _object(theirs["proof"])],
        [_object(theirs["proof"]), *_proofs(chained)],
        [*_proofs(chained), _proofs(chained)[0]],
        [_proofs(chained)[0], _object(theirs["proof"])],
    ):
        assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "proof.id_twice"


@pytest.mark.parametrize("name", [None, "", 1, [], [FIRST], {"id": FIRST}])
def test_a_name_that_is_none_is_refused(
    name: JsonValue, chained: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    proofs = _proofs(chained)
    proofs[2] = {**proofs[2], "id": name}
    assert _refusal(_with(chained, proofs), accepted, keys, expect).code == "proof.id_malformed"


# Signing


@pytest.mark.parametrize("previous", [["urn:uuid:nowhere"], [FIRST, "urn:uuid:nowhere"]])
def test_nothing_is_signed_after_a_proof_that_is_not_there(
    previous: list[str], chained: Json, accepted: Suites, signers: Signers
) -> None:
    for document in (chained, {**chained, "proof": _proofs(chained)[0]}):
        with pytest.raises(ProofGenerationError) as caught:
            add_proof(
                document, accepted["eddsa-jcs-2022"], ProofOptions(previous=previous), signers["Ed25519"]
            )
        assert caught.value.code == "proof.previous_missing"


def test_no_second_proof_is_made_under_a_name_that_is_taken(
    chained: Json, accepted: Suites, signers: Signers
) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        add_proof(chained, accepted["eddsa-jcs-2022"], ProofOptions(id=SECOND), signers["Ed25519"])
    assert caught.value.code == "proof.id_twice"


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_name_is_a_url(suite: str, credential: Json, accepted: Suites, signers: Signers) -> None:
    """VC Data Integrity 1.0 §2.1; a relative one would mean another thing in another place."""
    with pytest.raises(Problem) as caught:
        add_proof(credential, accepted[suite], ProofOptions(id="first"), signers["Ed25519"])
    assert caught.value.code.startswith("rdf.")


def test_securing_leaves_the_chain_given_alone(chained: Json, accepted: Suites, signers: Signers) -> None:
    before = copy.deepcopy(chained)
    add_proof(chained, accepted["eddsa-jcs-2022"], ProofOptions(previous=[THIRD]), signers["Ed25519"])
    assert chained == before


# Selective disclosure


def test_a_proof_whose_items_can_be_chosen_builds_on_no_other(
    chained: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    """What it would build on covers the whole document, which is not shown any more."""
    suite, signer = accepted["ecdsa-sd-2023"], signers["P-256"]
    with pytest.raises(ProofGenerationError) as caught:
        add_proof(chained, suite, ProofOptions(previous=[FIRST]), signer)
    assert caught.value.code == "proof.chain_selective"
    beside = add_proof(chained, suite, ProofOptions(), signer)
    assert len(verify(derive(beside, accepted, ["/name"]), accepted, keys, expect).proofs) == 1
    proofs = _proofs(beside)
    proofs[3] = {**proofs[3], "previousProof": FIRST}
    assert _refusal(_with(beside, proofs), accepted, keys, expect).code == "proof.chain_selective"
    with pytest.raises(ProofGenerationError) as caught:
        derive(_with(beside, proofs), accepted, ["/name"])
    assert caught.value.code == "proof.chain_selective"


# Presentations


def test_each_link_answers_who_asked(
    credential: Json, accepted: Suites, signers: Signers, keys: Resolver, expect: Expectation
) -> None:
    asked = replace(expect, purpose="authentication", challenge="n-0S6", domain="verifier.example")
    first = ProofOptions("authentication", challenge="n-0S6", domain="verifier.example", id=FIRST)
    signed = add_proof(credential, accepted["eddsa-jcs-2022"], first, signers["Ed25519"])
    second = replace(first, id=None, previous=[FIRST])
    verify(add_proof(signed, accepted["ecdsa-rdfc-2019"], second, signers["P-256"]), accepted, keys, asked)
    other = add_proof(
        signed, accepted["ecdsa-rdfc-2019"], replace(second, challenge="other"), signers["P-256"]
    )
    assert _refusal(other, accepted, keys, asked).code == "proof.challenge"


# Any graph

_NAMES = [f"urn:uuid:{number}" for number in range(5)]


@given(st.lists(st.sets(st.sampled_from(_NAMES)), min_size=1, max_size=5))
def test_only_what_can_be_made_in_some_order_is_let_through(links: list[set[str]]) -> None:
    """Against the standard library's topological sort, over any graph of five."""
    proofs: list[Json] = []
    for name, previous in zip(_NAMES, links, strict=False):
        proofs.append({"id": name})
        if previous:
            proofs[-1]["previousProof"] = [*sorted(previous)]
    graph = dict(zip(_NAMES, links, strict=False))
    expected = None
    if not set().union(*links) <= set(graph):
        expected = "proof.previous_missing"
    else:
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError:
            expected = "proof.chain_cycle"
    try:
        chain.require_order(proofs)
        found = None
    except ProofVerificationError as problem:
        found = problem.code
    assert found == expected
