"""Resolvers by DID method; the caller chooses which methods it knows."""

from collections.abc import Mapping
from dataclasses import dataclass

from boundary.sources import Source
from keys.dids.jwk import DidJwk
from keys.dids.key import DidKey
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import MalformedValueError


@dataclass(frozen=True)
class Methods:
    """One resolver per beginning of a verification method: ``did:key:``, ``https://``…"""

    by_prefix: Mapping[str, Resolver]

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        for prefix, method in self.by_prefix.items():
            if verification_method.startswith(prefix):
                return method.resolve(verification_method, purpose)
        raise MalformedValueError("did.method_not_supported")


def resolver(web: Source | None = None) -> Methods:
    """Return a resolver of did:key and did:jwk and, when there is a source, did:web and https issuers."""
    return Methods({"did:key:": DidKey(), "did:jwk:": DidJwk()})
