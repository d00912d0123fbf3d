"""OAuth messages read as they were written; answers of others, and to others, are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import forms
from exchange.oauth import authorization, bearer, details, metadata, pkce, token
from exchange.oauth.authorization import AuthorizationRequest
from exchange.oauth.bearer import Presented
from exchange.oauth.details import Detail
from exchange.oauth.token import (
    AuthorizationCode,
    PreAuthorizedCode,
    RefreshToken,
    TokenRequest,
    TokenResponse,
)
from exchange.oauth.well_known import inserted
from problems import Problem, ProtocolError

texts = st.text(min_size=1, max_size=40)
wanted = st.none() | st.lists(st.builds(Detail, texts), min_size=1, max_size=3).map(tuple)
grants = (
    st.builds(PreAuthorizedCode, texts, st.none() | texts)
    | st.builds(AuthorizationCode, texts, texts, st.none() | texts)
    | st.builds(RefreshToken, texts)
)


@given(st.builds(TokenRequest, grants, st.none() | texts, wanted))
def test_token_requests(request):
    assert token.read_request(request.form()) == request


@given(
    st.builds(
        TokenResponse,
        texts,
        st.integers(1, 9_999),
        st.booleans(),
        st.none() | texts,
        st.lists(st.builds(Detail, texts, st.lists(texts, min_size=1).map(tuple)), max_size=2).map(tuple),
    )
)
def test_token_responses(response):
    assert token.read_response(response.document()) == response


@given(texts, st.none() | texts, wanted, st.none() | texts)
def test_authorization_requests(name, state, details, issuer_state):
    request = AuthorizationRequest(
        name, "https://w.example/b", pkce.challenge("v" * 43), state, ("a", "b"), details, issuer_state
    )
    assert authorization.read_request(request.form()) == request


@given(st.dictionaries(texts, st.text(max_size=40), max_size=6))
def test_fields(fields):
    assert forms.read(forms.write(fields)) == fields or not fields


@pytest.mark.parametrize("query", ["a=1&a=2", "a=%ff", "a", "&".join(f"a{n}=1" for n in range(101)), "=&="])
def test_fields_that_are_none(query):
    with pytest.raises(Problem):
        forms.read(query)


def test_a_challenge_is_that_of_its_verifier_alone():
    """The pair of RFC 7636 Appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    pkce.check(verifier, pkce.challenge(verifier))
    for other in (None, "", "short", pkce.new_verifier(), verifier + "A", verifier[:-1] + "é", "x" * 129):
        with pytest.raises(ProtocolError):
            pkce.check(other, pkce.challenge(verifier))


class TestAnswers:
    back, issuer = "https://w.example/back?x=1", "https://a.example"

    def query(self, **fields):
        return authorization.answer_url(self.back, self.issuer, "s", fields).partition("?")[2]

    def test_the_code_comes_back(self):
        assert authorization.read_answer(self.query(code="c"), self.issuer, "s") == "c"

    @pytest.mark.parametrize(
        ("issuer", "state"),
        [("https://b.example", "s"), ("https://a.example", "t"), ("https://a.example", None)],
    )
    def test_of_another_server_or_to_another_request(self, issuer, state):
        """CI-026: the issuer's name is there, and checked (RFC 9207 §2.4)."""
        with pytest.raises(ProtocolError):
            authorization.read_answer(self.query(code="c"), issuer, state)

    @pytest.mark.parametrize(
        "query", ["code=c&state=s", "code=c&state=s&iss=", "iss=https://a.example&state=s", "", "x"]
    )
    def test_without_what_it_must_have(self, query):
        with pytest.raises(Problem):
            authorization.read_answer(query, self.issuer, "s")

    def test_a_refusal_keeps_its_word(self):
        with pytest.raises(ProtocolError) as caught:
            authorization.read_answer(self.query(error="access_denied"), self.issuer, "s")
        assert caught.value.error == "access_denied"


@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
def test_tokens_in_headers(scheme):
    presented = Presented(scheme, "abc-._~+/123==")
    assert bearer.read(bearer.write(presented)) == presented
    assert bearer.read(bearer.write(presented).replace(scheme, scheme.upper())) == presented


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer a b", "Bearer é", "Basic a", "Bearer a,b"]
)
def test_headers_without_a_token(header):
    with pytest.raises(ProtocolError) as caught:
        bearer.read(header)
    assert (caught.value.error, caught.value.answer) == ("invalid_token", 401)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[7]", '[{"type":"x"}]', '[{"type":"openid_credential"}]', "[" * 99]
)
def test_details_that_are_none(text):
    with pytest.raises(ProtocolError) as caught:
        details.read(text)
    assert caught.value.error == details.ERROR


def test_metadata_stand_where_the_name_is_inserted():
    """RFC 8414 §3.1, OpenID4VCI §12.2.2."""
    assert inserted("https://a.example/tenant/x", "n") == "https://a.example/.well-known/n/tenant/x"
    assert inserted("https://a.example", "n") == "https://a.example/.well-known/n"
    assert inserted("https://a.example:8443/", "n") == "https://a.example:8443/.well-known/n"


def test_metadata_of_another_server_are_not_used():
    document = metadata.AuthorizationServer("https://a.example", "https://a.example/t").document()
    assert metadata.read(document, "https://a.example").token_endpoint == "https://a.example/t"
    for other in ("https://a.example/", "https://b.example"):
        with pytest.raises(Problem, match="metadata_mismatch"):
            metadata.read(document, other)
