"""What is to be approved is said in full, named by its hash, and of a type that can be shown."""

import hashlib

import pytest

from boundary import base64url, strict_json
from exchange import dcql
from exchange.openid4vp import transaction
from problems import ProtocolError

QUERY = dcql.read(
    {"credentials": [{"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:v"]}} for name in "qr"]}
)


def encoded(**members):
    content = {"type": transaction.STATEMENT, "credential_ids": ["q"], "statement": "Oui", **members}
    kept = {name: value for name, value in content.items() if value is not None}
    return base64url.encode(strict_json.encode(kept))


def test_a_statement_is_read_as_it_was_made():
    read = transaction.read(transaction.make("Je postule.", "q", "r"), QUERY)
    assert (read.statement, read.queries) == ("Je postule.", ("q", "r"))


def test_the_hash_is_of_what_was_sent():
    """App. B.3.3.1: of the base64url text, not of what it says."""
    one = encoded()
    digest = base64url.encode(hashlib.sha256(one.encode()).digest())
    assert transaction.read(one, QUERY).digest == digest


@pytest.mark.parametrize(
    "sent",
    [
        "", "not base64url!", base64url.encode(b"[]"), encoded(type=None), encoded(credential_ids=None),
        encoded(credential_ids=[]), encoded(credential_ids=["unknown"]), encoded(credential_ids="q"),
        encoded(transaction_data_hashes_alg=["sha-1"]),
    ],
    ids=[
        "nothing", "no base64url", "no object", "no type", "no credential", "an empty list",
        "an unknown credential", "no list", "another hash",
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused(sent):
    with pytest.raises(ProtocolError) as refusal:
        transaction.read(sent, QUERY)
    assert refusal.value.error == "invalid_transaction_data"


@pytest.mark.parametrize(
    "members", [{"type": "urn:payment"}, {"statement": None}, {"statement": "x" * 1_001}, {"statement": 1}]
)
def test_what_cannot_be_shown_is_never_approved(members):
    read = transaction.read(encoded(**members), QUERY)
    with pytest.raises(ProtocolError):
        _ = read.statement
