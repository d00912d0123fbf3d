"""Documents made to be refused: JSON-LD and Data Integrity.

Named as the catalogue (``cases.yaml``) names them. Those that take ``vc`` take a validly signed
credential and return the attack.
"""

import copy


def ld_add_undefined(vc):
    return {**vc, "credentialSubject": {**vc["credentialSubject"], "memberLevel": "gold"}}


def ld_add_undefined_proof(vc):
    return {**vc, "proof": {**vc["proof"], "newProp": "x"}}


def ld_keyword_like(vc):
    return {**vc, "credentialSubject": {**vc["credentialSubject"], "@ignoreMe": "gold"}}


def ld_append_redefining_context(vc, one="name", other="description"):
    swapped = {one: f"https://schema.org/{other}", other: f"https://schema.org/{one}"}
    return {**vc, "@context": [*vc["@context"], swapped]}


def ld_context_null(vc):
    return {**vc, "credentialSubject": {**vc["credentialSubject"], "@context": None}}


def ld_context_remote(vc, url="http://127.0.0.1:9/ctx.jsonld"):
    return {**vc, "@context": [*vc["@context"], url]}


def ld_lang_injection(aaa="https://ex.org/aaa", role="https://ex.org/role"):
    """One honest document, and three that a careless canonicalizer writes alike."""
    context = {"aaa": aaa, "role": role}
    tag = f'en .\n<urn:x> <{role}> "admin"'
    by_language = {**context, "aaa": {"@id": aaa, "@container": "@language"}}
    return [
        (
            "honest_with_role",
            {
                "@context": context,
                "@id": "urn:x",
                "aaa": {"@value": "A", "@language": "en"},
                "role": "admin",
            },
        ),
        (
            "inject_@language",
            {"@context": context, "@id": "urn:x", "aaa": {"@value": "A", "@language": tag}},
        ),
        ("inject_ctx_@language", {"@context": {**context, "@language": tag}, "@id": "urn:x", "aaa": "A"}),
        ("inject_langmap", {"@context": by_language, "@id": "urn:x", "aaa": {tag: "A"}}),
    ]


def ld_iri_injection():
    context = {"knows": {"@id": "https://ex.org/knows", "@type": "@id"}, "name": "https://schema.org/name"}
    claim = '<https://ex.org/role> "admin" .\n'
    cases = (
        ("id", f"urn:x> {claim}<urn:x", "urn:y"),
        ("obj", "urn:x", f"urn:y> .\n<urn:x> {claim}<urn:z> <https://ex.org/q> <urn:w"),
        ("bnode", f"_:b0 {claim}_:b0", "urn:y"),
    )
    return [
        (label, {"@context": context, "@id": name, "name": "A", "knows": known})
        for label, name, known in cases
    ]


def ld_relative_iris():
    return [
        ("type", {"type": ["VerifiableCredential", "UndefinedType"]}),
        ("id", {"id": "relative/id"}),
        ("issuer", {"issuer": "not-a-url"}),
    ]


def ld_numbers():
    numbers = (1.1, 10**21 + 1, 2**53 + 1, -0.0)
    return [(repr(number), number) for number in numbers]


def ld_clique_vc(n=8):
    """A poison in the shape of a credential: n blank nodes, each related to all others."""
    context = ["https://www.w3.org/ns/credentials/v2", {"p": {"@id": "https://ex.org/p", "@type": "@id"}}]
    return {
        "@context": context,
        "type": ["VerifiableCredential"],
        "issuer": "did:key:z6Mk",
        "credentialSubject": [
            {"id": f"_:n{i}", "p": [f"_:n{j}" for j in range(n) if j != i]} for i in range(n)
        ],
    }


def ld_deep_nest(n=5000):
    return '{"knows":' * n + '"x"' + "}" * n


def ld_wide_graph(n=200_000):
    return {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": ["VerifiableCredential"],
        "credentialSubject": [{"name": str(number)} for number in range(n)],
    }


STRANGER = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def di_proof_variants(vc):
    proof = vc["proof"]
    value = proof["proofValue"]
    bent = {
        "no_proof": None,
        "empty_list": [],
        "purpose_auth": {**proof, "proofPurpose": "authentication"},
        "purpose_missing": {name: member for name, member in proof.items() if name != "proofPurpose"},
        "suite_unknown": {**proof, "cryptosuite": "rot13-2026"},
        "suite_swap": {**proof, "cryptosuite": "eddsa-jcs-2022"},
        "type_wrong": {**proof, "type": "Ed25519Signature2020"},
        "vm_other_did": {
            **proof,
            "verificationMethod": f"{STRANGER}#{STRANGER.removeprefix('did:key:')}",
        },
        "pv_multibase_m": {**proof, "proofValue": "m" + value[1:]},
        "pv_truncated": {**proof, "proofValue": value[:-4]},
        "pv_empty": {**proof, "proofValue": ""},
        "created_future": {**proof, "created": "2999-01-01T00:00:00Z"},
        "expires_past": {**proof, "expires": "2000-01-01T00:00:00Z"},
        "created_no_tz": {**proof, "created": "2025-01-01T00:00:00"},
        "set_good_plus_bad": [proof, {**proof, "proofValue": "z" + "1" * 86}],
    }
    whole = {name: member for name, member in copy.deepcopy(vc).items() if name != "proof"}
    return [(label, whole if made is None else {**whole, "proof": made}) for label, made in bent.items()]
