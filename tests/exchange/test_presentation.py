"""What is handed over is recognized by its content, and by nothing that somebody says of it."""

import json

import pytest

from boundary import base64url, limits
from credentials.envelopes import Envelope, wrap
from exchange.presentation import JsonLdPart, SdJwtPart, TokenPart, contained, count, join, read, write_parts
from problems import LimitError, MalformedValueError, ParsingError, Problem

V2 = "https://www.w3.org/ns/credentials/v2"


def token(typ, payload=None, end=""):
    parts = [{"alg": "ES256", "typ": typ}, payload or {}]
    return ".".join(base64url.encode(json.dumps(part).encode()) for part in parts) + ".c2ln" + end


@pytest.mark.parametrize(
    ("text", "kind", "form"),
    [
        (token("vc+jwt"), "credential", "vc+jwt"),
        (token("vp+jwt"), "presentation", "vp+jwt"),
        (token("vc+sd-jwt", end="~"), "credential", "vc+sd-jwt"),
        (token("vp+sd-jwt", end="~"), "presentation", "vp+sd-jwt"),
    ],
)
def test_tokens_alone_in_envelopes_and_in_answers(text, kind, form):
    expected = TokenPart(form, text)
    assert expected.kind == kind
    assert read(text.encode()) == read(f"\n {text}\n".encode()) == [expected]
    assert read(json.dumps(wrap(Envelope(form, text))).encode()) == [expected]
    answer = {"vp_token": {"a": [text, wrap(Envelope(form, text))], "b": [text]}}
    assert read(json.dumps(answer).encode()) == [expected] * 3


@pytest.mark.parametrize(
    "text",
    [
        token("dc+sd-jwt", end="~"),
        token("vc+jwt", end="~"),
        token("vc+sd-jwt"),
        token("kb+jwt"),
        "a.b.c",
        "a.b.c~",
    ],
)
def test_what_is_no_vcdm_token_is_left_to_who_refuses_it(text):
    assert read(text.encode()) == [SdJwtPart(text)]


def test_what_is_written_is_read():
    parts = [TokenPart("vc+jwt", token("vc+jwt")), SdJwtPart(token("dc+sd-jwt", end="~"))]
    document = JsonLdPart("presentation", {"type": ["VerifiablePresentation"]})
    assert read(write_parts([*parts, document]).encode()) == [*parts, document]
    assert write_parts(parts[:1]) == parts[0].text
    assert read(join([part.text for part in parts]).encode()) == parts


def test_the_credentials_of_a_presentation():
    held = [
        {"type": ["VerifiableCredential"]},
        wrap(Envelope("vc+jwt", token("vc+jwt"))),
        wrap(Envelope("vc+sd-jwt", token("vc+sd-jwt", end="~"))),
        wrap(Envelope("dc+sd-jwt", token("dc+sd-jwt", end="~"))),
    ]
    assert contained({"verifiableCredential": held}) == [
        JsonLdPart("credential", held[0]),
        TokenPart("vc+jwt", token("vc+jwt")),
        TokenPart("vc+sd-jwt", token("vc+sd-jwt", end="~")),
        SdJwtPart(token("dc+sd-jwt", end="~")),
    ]
    assert contained({"verifiableCredential": held[1]}) == contained({"verifiableCredential": held})[1:2]
    assert contained({}) == []
    for bad in ("x", 7, None, [], True):
        with pytest.raises(MalformedValueError):
            contained({"verifiableCredential": [bad]})


def test_how_many_there_are_is_known_before_anything_is_verified():
    many = [{}, {}, {}]
    assert count(JsonLdPart("presentation", {"verifiableCredential": many})) == 3
    assert count(TokenPart("vp+jwt", token("vp+jwt", {"verifiableCredential": many}))) == 3
    assert count(TokenPart("vp+sd-jwt", token("vp+sd-jwt", {"verifiableCredential": many}, "~"))) == 3
    assert count(TokenPart("vp+jwt", token("vp+jwt"))) == 0
    assert count(TokenPart("vp+jwt", "broken")) == 1
    assert count(TokenPart("vc+jwt", token("vc+jwt", {"verifiableCredential": many}))) == 1


@pytest.mark.parametrize(
    "node",
    [
        {"type": "EnvelopedVerifiableCredential"},
        {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vp+jwt,a.b.c"},
        {"@context": V2, "type": "EnvelopedVerifiablePresentation", "id": "data:application/vc+jwt,a.b.c"},
        {"@context": V2, "type": ["EnvelopedVerifiableCredential", "VerifiableCredential"], "proof": {}},
    ],
)
def test_a_bad_envelope(node):
    for document in (node, {"vp_token": {"a": [node]}}):
        with pytest.raises(Problem):
            read(json.dumps(document).encode())


def test_sizes_are_limited_inside_envelopes_too():
    text = token("vc+jwt") + "A" * limits.SD_JWT_BYTES
    with pytest.raises(LimitError, match=r"json\.too_large"):
        read(text.encode())
    with pytest.raises(LimitError, match=r"json\.too_large"):
        read(json.dumps(wrap(Envelope("vc+jwt", text))).encode())


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "a.b.c.d.e", "bonjour"])
def test_what_is_nothing(text):
    with pytest.raises(ParsingError):
        read(text.encode())
