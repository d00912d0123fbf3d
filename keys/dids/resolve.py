"""Resolvers by DID method; the caller chooses which methods it knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary.sources import Source
from keys.controlled import Controlled
from keys.dids.jwk import DidJwk
from keys.dids.key import DidKey
from keys.dids.web import DidWeb
from keys.issuer_metadata import HttpsIssuer
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import MalformedValueError, Problem

_RESOLUTION_ERRORS: Final[Mapping[str, str]] = {
    "did.invalid": "invalidDid",
    "key.multibase": "invalidDid",
    "did.url_invalid": "invalidDidUrl",
    "did.method_not_supported": "methodNotSupported",
    "key.length": "invalidPublicKeyLength",
    "key.not_on_curve": "invalidPublicKey",
    "key.type_unsupported": "unsupportedPublicKeyType",
    "key.no_jwk": "unsupportedPublicKeyType",
    "key.not_for_signing": "invalidPublicKeyType",
    "key.format_not_wanted": "invalidPublicKeyType",
    "did.url_not_found": "notFound",
}


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
    methods: dict[str, Resolver] = {"did:key:": DidKey(), "did:jwk:": DidJwk()}
    if web is not None:
        methods |= {"did:web:": DidWeb(web), "https://": Controlled(HttpsIssuer(web), web)}
    return Methods(methods)


def resolution_error(problem: Problem) -> str:
    """Return the name that DID Resolution and the did:key tests give to ``problem``."""
    default = "notFound" if problem.transient else "invalidDidDocument"
    return _RESOLUTION_ERRORS.get(problem.code, default)
