"""What people say of themselves is never green, whatever they call themselves and whatever they leave out."""

import pytest

from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner

LD, SD = "application/vc", "application/dc+sd-jwt"
JWT, LD_SD = "application/vc+jwt", "application/vc+sd-jwt"
COSE = "application/vc+cose"


def test_what_a_person_declares_is_never_green(scene, person, form):
    line = scene.town.one(person.bearer(person.declare(person.new_key())[form]))
    assert scene.town.said(line)["issuer"] == ("not_applicable", "issuer.holder")
    assert (line.verdict, line.verified) == ("declared", True)


@pytest.fixture
def liar(scene, person):
    """A holder who signs a diploma for themself, under a grand name, without saying that it is their word."""
    holder = person.new_key()
    key = person.signer_for(holder)
    ld = dict(scene.town.one(scene.person.bearer(scene.award[LD])).opened.document)
    sd = dict(scene.town.one(scene.person.bearer(scene.award[SD])).opened.document)
    for document in (ld, sd):
        document.pop("credentialStatus", None)
        document.pop("status", None)
    ld["credentialSubject"] = {**ld["credentialSubject"], "id": holder}
    sd["cnf"] = {"jwk": to_jwk(key.public_key)}

    def lie(issuer, *, says_iss=True):
        named = {**ld, "issuer": {**ld["issuer"], "id": issuer, "name": "Université de Partout"}}
        signer = LocalSigner(key.algorithm, f"{issuer}#{issuer.rpartition(':')[2]}", key._key)
        if issuer.startswith("did:jwk:"):
            signer = LocalSigner(key.algorithm, f"{issuer}#0", key._key)
        payload = {**sd, "iss": issuer, "issuing_authority": "Université de Partout"}
        if not says_iss:
            del payload["iss"]
        tokens = {form: scene.town.signed(named, signer, form) for form in (JWT, LD_SD, COSE)}
        return {LD: scene.town.signed(named, signer), SD: scene.town.signed(payload, signer), **tokens}

    lie.key = key
    return lie


@pytest.mark.parametrize("name", [did_key.did, did_jwk.did], ids=["did:key", "did:jwk"])
def test_issuer_and_holder_are_one_under_whatever_name(scene, liar, form, name):
    """The keys are compared: their owner's lie about themself is their own word."""
    line = scene.town.one(liar(name(liar.key.public_key))[form])
    assert scene.town.said(line)["issuer"] == ("not_applicable", "issuer.holder")
    assert line.facts.self_declared
    assert line.facts.issuer_name is None
    assert line.verdict in ("declared", "not_valid")
    assert "Université" not in scene.town.everything_said(
        scene.town.verify(liar(name(liar.key.public_key))[form])
    )


@pytest.mark.parametrize("name", [did_key.did, did_jwk.did], ids=["did:key", "did:jwk"])
def test_who_leaves_the_issuer_out_is_judged_by_the_key(scene, liar, name):
    """SD-JWT VC §3.5: without ``iss`` the key names the issuer, who may be the holder."""
    line = scene.town.one(liar(name(liar.key.public_key), says_iss=False)[SD])
    assert line.facts.self_declared
    assert line.facts.issuer_name is None
    assert line.verdict in ("declared", "not_valid")


def test_a_foreign_type_declared_in_silence(town, person):
    """No schema of ours says that ``iss`` must be there; nor that it may not be the holder."""
    holder = person.new_key()
    key = person.signer_for(holder)
    payload = {
        "vct": "https://ailleurs.example/diplome",
        "issuing_authority": "Université de Partout",
        "cnf": {"jwk": to_jwk(key.public_key)},
    }
    for claims in (payload, {**payload, "iss": holder}):
        line = town.one(town.signed(claims, key))
        assert (line.verdict, line.facts.issuer_name) == ("declared", None)
