"""What a person approves beside showing credentials (OpenID4VP 1.0 §8.4, App. B.3.3.1): said in full by the
verifier, signed as a hash by the holder's key."""

import hashlib
from dataclasses import dataclass
from typing import Final

from boundary import base64url, strict_json
from boundary.shape import a_list, a_text
from boundary.strict_json import Json
from exchange.dcql import Query
from problems import Problem, ProtocolError

STATEMENT: Final = "https://w3id.org/passeport/transaction/statement/1"
"""Our type of transaction: ``statement`` is a text that the person approves to the letter."""
ALGORITHM: Final = "sha-256"
ERROR: Final = "invalid_transaction_data"
_STATEMENT_CHARS: Final = 1_000


@dataclass(frozen=True)
class Transaction:
    """``encoded`` is what was sent and what is hashed; ``queries`` the ids of the credentials of which one
    is to sign it."""

    encoded: str
    type: str
    queries: tuple[str, ...]
    content: Json

    @property
    def digest(self) -> str:
        return base64url.encode(hashlib.sha256(self.encoded.encode()).digest())

    @property
    def statement(self) -> str:
        """Return the text to show; raise ProtocolError for a type that cannot be shown (§8.4)."""
        text = self.content.get("statement")
        if self.type != STATEMENT or not isinstance(text, str) or not 0 < len(text) <= _STATEMENT_CHARS:
            raise ProtocolError("vp.transaction_data", error=ERROR)
        return text


def make(statement: str, *queries: str) -> str:
    """Return the parameter that asks a person to approve ``statement``, signed by one of ``queries``."""
    content: Json = {"type": STATEMENT, "credential_ids": [*queries], "statement": statement}
    return base64url.encode(strict_json.encode(content))


def read(encoded: str, query: Query) -> Transaction:
    """Return what one element of ``transaction_data`` says; raise ProtocolError (§5.1)."""
    try:
        content = strict_json.read_object(base64url.decode(encoded))
        queries = tuple(
            a_text(one, "credential_ids") for one in a_list(content.get("credential_ids"), "credential_ids")
        )
        kind = a_text(content.get("type"), "type")
        hashes = a_list(
            content.get("transaction_data_hashes_alg", [ALGORITHM]), "transaction_data_hashes_alg"
        )
    except Problem:
        raise ProtocolError("vp.transaction_data", error=ERROR) from None
    known = queries and all(query.by_id(name) is not None for name in queries)
    if not known or ALGORITHM not in hashes:
        raise ProtocolError("vp.transaction_data", error=ERROR)
    return Transaction(encoded, kind, queries, content)
