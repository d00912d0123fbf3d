"""An offer reads as it was written, by value and by reference, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.openid4vci import offer
from exchange.openid4vci.offer import CredentialOffer, PreAuthorized, TxCode
from problems import Problem

texts = st.text(min_size=1, max_size=60)
tx_codes = st.builds(TxCode, st.none() | st.integers(1, 10), st.booleans(), st.none() | texts)
offers = st.builds(
    CredentialOffer,
    texts,
    st.lists(texts, min_size=1, max_size=5, unique=True).map(tuple),
    st.none() | st.builds(PreAuthorized, texts, st.none() | tx_codes),
).flatmap(
    lambda made: st.builds(
        lambda state: CredentialOffer(
            made.issuer, made.configurations, made.pre_authorized, state is not False, state or None
        ),
        st.just(False) | st.none() | texts,
    )
)


@given(offers)
def test_what_was_written_is_read(made):
    assert offer.read(made.document()) == made
    assert offer.read_link(offer.by_value(made)) == made
    assert offer.read_link(offer.by_value(made, "https://wallet.example/offer?lang=fr")) == made


@given(st.text(max_size=300))
def test_any_text_is_an_offer_or_refused(text):
    with pytest.raises(Problem):
        offer.read_link(text)


def test_an_empty_tx_code_asks_for_one():
    read = offer.read(
        {
            "credential_issuer": "https://a.example",
            "credential_configuration_ids": ["x"],
            "grants": {
                "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                    "pre-authorized_code": "c",
                    "tx_code": {},
                },
                "authorization_code": {},
                "of:another:kind": {},
            },
            "unknown": 1,
        }
    )
    assert read.pre_authorized == PreAuthorized("c", TxCode())
    assert (read.by_sign_in, read.issuer_state) == (True, None)


@pytest.mark.parametrize(
    "link",
    [
        "openid-credential-offer://?credential_offer=%7B%7D&credential_offer_uri=https://a.example",
        "openid-credential-offer://?credential_offer_uri=http://a.example/x",
        "openid-credential-offer://?credential_offer_uri=https://10.0.0.1/x",
        "openid-credential-offer://?credential_offer_uri=https://a.example/x&credential_offer_uri=https://b.example",
        "openid-credential-offer://?credential_offer_uri=file:///etc/passwd",
        "openid-credential-offer://?credential_offer=[]",
        "openid-credential-offer://?credential_offer={",
        "openid-credential-offer://?x=y",
        "openid-credential-offer://",
        "http://wallet.example/?credential_offer=%7B%7D",
        "javascript:alert(1)?credential_offer=%7B%7D",
        "https://wallet.example/?" + "a=" + "x" * (2 << 20),
    ],
)
def test_a_link_that_is_none(link):
    """CI-016: an address that is not https, two at once, too long."""
    with pytest.raises(Problem):
        offer.read_link(link)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"credential_issuer": "https://a.example"},
        {"credential_issuer": "https://a.example", "credential_configuration_ids": []},
        {"credential_issuer": "https://a.example", "credential_configuration_ids": ["x", "x"]},
        {"credential_issuer": "https://a.example", "credential_configuration_ids": "x"},
        {"credential_issuer": 7, "credential_configuration_ids": ["x"]},
        {"credential_issuer": "https://a.example", "credential_configuration_ids": ["x"], "grants": []},
        {
            "credential_issuer": "https://a.example",
            "credential_configuration_ids": ["x"],
            "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code": {}},
        },
        {
            "credential_issuer": "https://a.example",
            "credential_configuration_ids": ["x"],
            "grants": {
                "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                    "pre-authorized_code": "c",
                    "tx_code": {"description": "x" * 301},
                }
            },
        },
    ],
)
def test_an_offer_that_is_none(document):
    with pytest.raises(Problem):
        offer.read(document)
