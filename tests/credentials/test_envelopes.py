"""Envelopes: what a secured document stands in when it stands in JSON; nothing else may stand there."""

import pytest

from credentials import model
from credentials.envelopes import TYPES, Envelope, is_enveloped, unwrap, wrap
from problems import MalformedValueError

V2 = "https://www.w3.org/ns/credentials/v2"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"
HONEST = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{TOKEN}"}


@pytest.mark.parametrize(
    ("form", "data", "kind"),
    [
        ("vc+jwt", TOKEN, "credential"),
        ("vc+sd-jwt", f"{TOKEN}~ZGlzY2xvc3VyZQ~", "credential"),
        ("dc+sd-jwt", f"{TOKEN}~", "credential"),
        ("vc+cose", "0oRDoQEmoEA=", "credential"),
        ("vp+jwt", TOKEN, "presentation"),
        ("vp+sd-jwt", f"{TOKEN}~", "presentation"),
        ("vp+cose", "0oRDoQEmoEA=", "presentation"),
    ],
)
def test_what_is_wrapped_is_found(form, data, kind):
    envelope = Envelope(form, data)
    node = wrap(envelope)
    assert is_enveloped(node, kind)
    assert unwrap(node, kind) == envelope
    assert (";base64," in node["id"]) == form.endswith("cose")


@pytest.mark.parametrize("context", [V2, [V2], [V2, "https://w3id.org/passeport/v1"]])
@pytest.mark.parametrize("type_", [TYPES["credential"], [TYPES["credential"]]])
def test_one_or_a_list_of_one(context, type_):
    """The examples of the recommendation have both."""
    assert unwrap({**HONEST, "@context": context, "type": type_}, "credential").data == TOKEN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"@context": ...}, "model.first_context"),
        ({"@context": []}, "model.first_context"),
        ({"@context": None}, "model.first_context"),
        ({"@context": "https://www.w3.org/2018/credentials/v1"}, "model.first_context"),
        ({"@context": {"@vocab": "https://x.example/"}}, "model.first_context"),
        ({"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]}, "envelope.type"),
        ({"type": ["EnvelopedVerifiableCredential", "EnvelopedVerifiableCredential"]}, "envelope.type"),
        ({"type": "EnvelopedVerifiablePresentation"}, "envelope.type"),
        ({"type": ...}, "envelope.type"),
        ({"type": 7}, "envelope.type"),
        ({"issuer": "did:web:certificateur.example"}, "envelope.member"),
        ({"credentialSubject": {"givenName": "Camille"}}, "envelope.member"),
        ({"proof": {"type": "DataIntegrityProof"}}, "envelope.member"),
        ({"id": ...}, "shape.text_expected"),
        ({"id": 7}, "shape.text_expected"),
        ({"id": [f"data:application/vc+jwt,{TOKEN}"]}, "shape.text_expected"),
        ({"id": f"https://x.example/{TOKEN}"}, "model.no_envelope"),
        ({"id": TOKEN}, "model.no_envelope"),
        ({"id": "data:application/vc+jwt"}, "model.no_envelope"),
        ({"id": "data:application/vc+jwt,"}, "model.no_envelope"),
        ({"id": f"data:,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:text/plain,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/jose,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/vp+jwt,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/vc+ld+json+jwt,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"DATA:application/vc+jwt,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/VC+JWT,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/vc+jwt;charset=utf-8,{TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/vc+jwt;base64,{TOKEN}"}, "model.no_envelope"),
        ({"id": "data:application/vc+cose,0oRD"}, "model.no_envelope"),
        ({"id": f"data:application/vc+jwt,{TOKEN}%7E"}, "model.no_envelope"),
        ({"id": f"data:application/vc+jwt, {TOKEN}"}, "model.no_envelope"),
        ({"id": f"data:application/vc+jwt,{TOKEN}\n"}, "model.no_envelope"),
        ({"id": f"data:application/vc+jwt,{TOKEN}#x"}, "model.no_envelope"),
    ],
    ids=str,
)
def test_a_bad_envelope(changes, code):
    node = {name: value for name, value in {**HONEST, **changes}.items() if value is not ...}
    with pytest.raises(MalformedValueError) as refusal:
        unwrap(node, "credential")
    assert refusal.value.code == code


def test_a_presentation_with_a_bad_envelope_is_none():
    presentation = {"@context": [V2], "type": ["VerifiablePresentation"]}
    model.check_presentation({**presentation, "verifiableCredential": [HONEST]})
    for bad in ({**HONEST, "issuer": "x:y"}, {**HONEST, "id": "x:y"}, {"type": HONEST["type"]}):
        with pytest.raises(MalformedValueError):
            model.check_presentation({**presentation, "verifiableCredential": [HONEST, bad]})
