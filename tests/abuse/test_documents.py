"""JSON-LD documents that must be refused, given to ``passeport verify``; the honest one right after.

Each starts from one credential that verifies, signed by a school whose keys are published.
"""

import copy
import datetime as dt
import json

import pytest
from attacks import documents

from boundary import strict_json
from contexts import CONFORMANCE
from keys import multikey
from keys.local import LocalSigner
from proofs import SUITES, data_integrity, suites
from proofs.suite import ProofOptions, SelectiveCryptosuite


def unsigned(issuer):
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:0e4e1c1a-0000-4000-8000-00000000c0de",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "name": "Natation",
        "description": "Cent mètres.",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
    }


@pytest.fixture(scope="module")
def signer():
    return LocalSigner.generate("Ed25519")


def signed(document, signer, suite="eddsa-rdfc-2022", known=SUITES, **options):
    return data_integrity.add_proof(document, known[suite], ProofOptions(**options), signer)


@pytest.fixture(scope="module")
def honest(signer):
    """A credential that verifies. Its issuer is known by a key only, so that nobody has to publish one."""
    document = unsigned(signer.verification_method.partition("#")[0])
    return signed(document, signer, created="2026-01-01T00:00:00Z")


@pytest.fixture
def give(house, honest, refused):
    """Give an attack to the verifier, expect a code, and see the honest document accepted right after."""

    def run(document, *codes, **how):
        text = document if isinstance(document, str) else json.dumps(document)
        answer = house.verify(text, **how)
        refused(answer, *codes)
        assert house.verify(json.dumps(honest)).status == 0
        return answer

    return run


@pytest.mark.parametrize("name", sorted(SUITES))
def test_a_credential_of_each_suite(house, refused, name):
    """CT-003: signed, verified, and refused when a letter of it is changed."""
    for kind in list(SUITES[name].algorithms):
        signer = LocalSigner.generate(kind)
        made = signed(
            unsigned(signer.verification_method.partition("#")[0]), signer, name, mandatory=["/issuer"]
        )
        if isinstance(SUITES[name], SelectiveCryptosuite):
            made = data_integrity.derive(made, SUITES, ["/name", "/type", "/credentialSubject"])
        text = strict_json.write(made)
        assert house.verify(text).status == 0
        refused(house.verify(text.replace("Natation", "Natatiom")), "signature.invalid", "proof.document")
        assert house.verify(text).status == 0


MUTATIONS = [
    ("DI-002", documents.ld_add_undefined, "rdf.undefined_term"),
    ("DI-004", documents.ld_add_undefined_proof, "proof.member_unknown"),
    ("DI-005", documents.ld_keyword_like, "rdf.undefined_term"),
    ("DI-010", documents.ld_append_redefining_context, "context.inline"),
    ("DI-012", documents.ld_context_null, "context.null"),
    ("DI-013", documents.ld_context_remote, "context.unknown"),
]


@pytest.mark.parametrize(
    ("mutate", "code"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS]
)
def test_what_was_added_after_signing(give, honest, mutate, code):
    """Never "verified" with the addition in what is shown."""
    answer = give(mutate(copy.deepcopy(honest)), code)
    assert "gold" not in answer.out


def test_a_proof_bent_in_each_way(give, honest):
    """DI-023: none, empty, another purpose, suite or key, cut, expired, one bad of two."""
    for _, document in documents.di_proof_variants(honest):
        give(document)
    swapped = {**honest, "proof": {**honest["proof"], "cryptosuite": "ecdsa-rdfc-2019"}}
    give(swapped, "proof.key_type")


def test_a_suite_that_does_not_ship(give, honest):
    """SL-012: what we cannot check is never taken on trust."""
    give({**honest, "proof": {**honest["proof"], "cryptosuite": "sqisign1-rdfc-2024"}}, "proof.cryptosuite")


def test_languages_that_are_statements(give, honest, signer):
    """DI-006: a language tag that would write a quad of its own, added or signed."""
    for _, document in documents.ld_lang_injection()[1:]:
        tag = next(text for text in _texts(document) if "\n" in text)
        name = {"@value": "Natation", "@language": tag}
        give({**honest, "name": name})
        with pytest.raises(Exception, match="rdf"):
            signed({**unsigned("urn:x:1"), "name": name}, signer)


def _texts(value):
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member)
    elif isinstance(value, str):
        yield value


def test_identifiers_that_are_statements(give, honest):
    """DI-007: a space, a bracket, a line end in an identifier."""
    for label, document in documents.ld_iri_injection():
        name = document["@id"] if label != "obj" else document["knows"]
        give({**honest, "id": name})
        give({**honest, "credentialSubject": {"id": name}})


def test_relative_identifiers(give, honest):
    """DI-009: there is no base that would make them absolute."""
    for _, change in documents.ld_relative_iris():
        answer = give({**honest, **change})
        assert "example.org/base" not in answer.out


def test_poison(give, honest, signer):
    """DI-017, DI-019: n nodes alike, each related to all others, as a credential.

    The product lets no document define its own terms; where the official vectors may, the budget ends it.
    """
    proof = {**honest["proof"], "verificationMethod": signer.verification_method}
    for size in (8, 10):
        poison = {**documents.ld_clique_vc(size), "proof": proof}
        give(poison, "context.inline")
        give(poison, "rdf.work_budget", proof_only=True)


def test_poison_in_the_words_of_our_own_contexts(give, honest):
    """DI-019, without a context of its own."""
    size = 10
    context = [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://w3id.org/passeport/v1",
    ]
    skills = [
        {
            "id": f"_:n{one}",
            "type": "Skill",
            "name": "x",
            "concept": [f"_:n{other}" for other in range(size) if other != one],
        }
        for one in range(size)
    ]
    subject = {"id": "urn:x:1", "type": ["AchievementSubject", "Holder"], "skill": skills}
    give({**honest, "@context": context, "credentialSubject": subject}, "rdf.work_budget")


def test_two_hundred_thousand_nodes(give):
    """DI-021"""
    give(strict_json.write(documents.ld_wide_graph()), "cli.file_too_large", "json.too_large")
    give({**documents.ld_wide_graph(11_000), "proof": {"type": "DataIntegrityProof"}})


def test_five_thousand_levels(give):
    """DI-022"""
    give(documents.ld_deep_nest(), "json.too_deep")


def test_an_issuer_whose_document_gives_the_key_for_something_else(own_house, refused):
    """DI-024, DI-025, DI-026: listed for authentication only; another party's key; controlled by another."""
    signer = LocalSigner.generate("Ed25519", "did:web:autre.example#key-1")
    text = json.dumps(signed(unsigned("did:web:autre.example"), signer))
    path = own_house.home / "web" / "autre.example" / ".well-known" / "did.json"
    path.parent.mkdir(parents=True)

    def published(purpose, controller="did:web:autre.example"):
        method = {
            "id": signer.verification_method,
            "type": "Multikey",
            "controller": controller,
            "publicKeyMultibase": multikey.encode(signer.public_key),
        }
        document = {"id": "did:web:autre.example", "verificationMethod": [method], purpose: [method["id"]]}
        path.write_text(json.dumps(document))
        return own_house.verify(text)

    refused(published("authentication"), "did.purpose")
    refused(published("assertionMethod", "did:web:ecole.example"), "did.controller")
    assert published("assertionMethod").status == 0
    other = json.dumps(signed(unsigned("did:web:ecole.example"), signer))
    refused(own_house.verify(other), "issuer_key.other_party")
    assert published("assertionMethod").status == 0


@pytest.fixture
def presented(honest, signer):
    """Return a presentation of these credentials, made for somebody, signed by their issuer's own key."""

    def present(*credentials, challenge="n-1", domain="https://a.example"):
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": list(credentials),
        }
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps(
            signed(
                document, signer, purpose="authentication", created=now, challenge=challenge, domain=domain
            )
        )

    return present


def test_a_presentation_replayed(house, refused, presented, signer):
    """DI-027: with another challenge, to another domain, to somebody who asked nothing."""
    mine = unsigned(signer.verification_method.partition("#")[0])
    mine["credentialSubject"]["id"] = mine["issuer"]
    path = house.file(presented(signed(mine, signer)))

    def asked(audience, nonce):
        return house.run("verify", path, "--audience", audience, "--nonce", nonce, "--json")

    assert asked("https://a.example", "n-1").status == 0
    refused(asked("https://a.example", "n-2"), "proof.challenge")
    refused(asked("https://b.example", "n-1"), "proof.domain")
    refused(house.run("verify", path, "--json"), "holder.for_another")
    assert asked("https://a.example", "n-1").status == 0


def test_an_unsigned_credential_beside_a_signed_one(house, refused, honest, presented):
    """DI-029: the whole is refused, and the unsigned one named by its place."""
    bare = {name: value for name, value in honest.items() if name != "proof"}
    path = house.file(presented(honest, {**bare, "name": "Médecine"}))
    answer = house.run("verify", path, "--audience", "https://a.example", "--nonce", "n-1", "--json")
    refused(answer, "proof.missing")
    assert answer.json["credentials"][1]["shown"] is None
    assert "Médecine" not in answer.out


def test_only_what_was_signed_is_shown(house, honest):
    """DI-030: the report comes from the document that verified, in whatever order it was written."""
    turned = dict(reversed(list(honest.items())))
    spaced = json.dumps(turned, indent=7).replace('"name"', '  "name"')
    one, other = (house.verify(text).json["credentials"] for text in (json.dumps(honest), spaced))
    assert one == other
    assert one[0]["shown"]["title"] == "Natation"


def test_undefined_terms_are_not_signed(own_house):
    """DI-001: refused by ``issue``, the term named."""
    document = unsigned("did:web:ecole.example")
    document["credentialSubject"]["memberLevel"] = "gold"
    path = own_house.file(json.dumps(document), "credential.json")
    out = own_house.home / "out"
    answer = own_house.run("issue", path, "--issuer", "ecole", "--out", out, "--json")
    assert answer.status == 2
    assert "memberLevel" in answer.out
    assert not list(out.glob("*.sd-jwt"))


def test_conformance_contexts_stay_out_of_the_product(house, refused, signer):
    """The profile of the official vectors lets a document define its terms; the product does not."""
    document = unsigned(signer.verification_method.partition("#")[0])
    document["@context"].append({"level": "https://ex.org/level"})
    document["level"] = "gold"
    text = json.dumps(signed(document, signer, known=suites(CONFORMANCE)))
    assert house.verify(text, proof_only=True).status == 0
    refused(house.verify(text), "context.inline")
