"""Issuers named by an https address at which their keys stand (Controlled Identifiers 1.0 §3)."""

from dataclasses import dataclass

from boundary import strict_json
from boundary.sources import Source
from keys.dids import document
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import RetrievalError


@dataclass(frozen=True)
class Controlled:
    """Resolves ``https://issuer.example/1#key``: by ``first``, and where that has nothing, by the document
    at the address before ``#``, as issuers of badges publish it."""

    first: Resolver
    source: Source

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        try:
            return self.first.resolve(verification_method, purpose)
        except RetrievalError as nothing:
            identifier = verification_method.partition("#")[0]
            try:
                found = strict_json.read_object(self.source.get(identifier))
            except RetrievalError:
                raise nothing from None
        return document.find(found, identifier, verification_method, purpose)
