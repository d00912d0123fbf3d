"""Messages read as they were written; what cannot be read is refused in the specification's words."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.openid4vci import messages, metadata
from exchange.openid4vci.messages import (
    CredentialRequest,
    CredentialResponse,
    Deferred,
    DeferredRequest,
    Notification,
)
from keys.jwe import DecryptionKey
from problems import Problem, ProtocolError

texts = st.text(min_size=1, max_size=40)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
NAMES = st.sampled_from(
    ["credential_configuration_id", "credential_identifier", "proofs", "credential_response_encryption"]
)


@given(texts, st.lists(texts, min_size=1, max_size=4).map(tuple))
def test_requests(name, proofs):
    for request in (
        CredentialRequest(name, proofs=proofs),
        CredentialRequest(identifier=name, proofs=proofs),
    ):
        assert messages.read_request(request.document()) == request


def test_requests_for_an_encrypted_answer():
    wanted = messages.ResponseEncryption(DecryptionKey.generate().public, "A256GCM")
    request = CredentialRequest("x", proofs=("p",), encryption=wanted)
    assert messages.read_request(request.document()) == request
    later = DeferredRequest("t", wanted)
    assert messages.read_deferred(later.document()) == later


@given(st.lists(texts | st.dictionaries(texts, texts, max_size=2), min_size=1, max_size=3).map(tuple), texts)
def test_responses(credentials, name):
    for response in (
        CredentialResponse(credentials, name),
        CredentialResponse(credentials),
        Deferred(name, 5),
    ):
        assert messages.read_response(response.document()) == response


def test_notifications_and_nonces():
    told = Notification("n", "credential_failure", "Out of storage.")
    assert messages.read_notification(told.document()) == told
    assert messages.read_nonce(messages.nonce_document("n")) == "n"


@given(st.dictionaries(NAMES, json, max_size=4))
def test_any_object_is_a_request_or_refused_in_their_words(document):
    assert _refusal(document) in (
        "", "invalid_credential_request", "invalid_proof", "invalid_encryption_parameters",
    )  # fmt: skip


def _refusal(document):
    try:
        messages.read_request(document)
    except ProtocolError as refusal:
        return refusal.error
    return ""


@given(st.dictionaries(st.sampled_from(["credentials", "transaction_id", "interval"]), json, max_size=3))
def test_any_answer_is_read_or_refused(document):
    with suppress(Problem):
        messages.read_response(document)


@pytest.mark.parametrize("description", ['a "quotation"', "back\\slash", "é", "x" * 1_001, "line\nbreak"])
def test_a_description_with_what_it_must_not_have(description):
    with pytest.raises(ProtocolError):
        messages.read_notification(
            {"notification_id": "n", "event": "credential_failure", "event_description": description}
        )


def test_metadata_of_another_issuer_are_not_used():
    document = metadata.IssuerMetadata("https://a.example", "https://a.example/c", {}).document()
    assert metadata.read(document, "https://a.example").credential_endpoint == "https://a.example/c"
    for other in ("https://a.example/", "https://A.example", "https://b.example"):
        with pytest.raises(Problem, match="metadata_mismatch"):
            metadata.read(document, other)


@given(json)
def test_any_document_is_metadata_or_refused(value):
    document = {"credential_issuer": "https://a.example", "credential_configurations_supported": value}
    with suppress(Problem):
        metadata.read({**document, "credential_endpoint": "https://a.example/c"}, "https://a.example")
