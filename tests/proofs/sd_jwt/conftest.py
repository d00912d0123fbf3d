"""Parties of the SD-JWT tests, and the generators of abusive input."""

import datetime as dt
import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from keys.dids.resolve import resolver
from keys.jwk import from_jwk, to_jwk
from keys.local import LocalSigner
from keys.public import PublicKey
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import ProofVerificationError
from proofs.sd_jwt import HolderExpectation, KeyBinding

sys.path.append(str(Path(__file__).parents[2] / "abuse"))  # tests are no package


@dataclass(frozen=True)
class Pinned:
    """A resolver that knows the keys it was given, all for assertions, and nothing else."""

    keys: Mapping[str, PublicKey]

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        if purpose != "assertionMethod" or verification_method not in self.keys:
            raise ProofVerificationError("jose.untrusted_key")
        controller = verification_method.partition("#")[0]
        return VerificationKey(self.keys[verification_method], verification_method, controller)


@dataclass(frozen=True)
class Parties:
    """An issuer and a holder, and what an honest verifier who meets them asks for."""

    issuer: LocalSigner
    holder: LocalSigner
    now: dt.datetime
    audience: str = "https://recruiter.example"
    nonce: str = "n-0S6_WzA2Mj"

    @property
    def iss(self) -> str:
        return self.issuer.verification_method.partition("#")[0]

    @property
    def keys(self) -> Resolver:
        return resolver()

    def claims(self, **more: Any) -> dict[str, Any]:
        """The open claims of a credential, and ``more``; None takes one away."""
        claims = {
            "iss": self.iss,
            "vct": "https://issuer.example/skill",
            "cnf": {"jwk": to_jwk(self.holder.public_key)},
        } | more
        return {name: value for name, value in claims.items() if value is not None}

    def binding(self, **changed: Any) -> KeyBinding:
        return KeyBinding(
            **{
                "signer": self.holder,
                "audience": self.audience,
                "nonce": self.nonce,
                "issued_at": self.now,
            }
            | changed
        )

    def expectation(self, **changed: Any) -> HolderExpectation:
        return HolderExpectation(
            **{
                "audience": self.audience,
                "nonce": self.nonce,
                "max_age": dt.timedelta(minutes=5),
            }
            | changed
        )


@pytest.fixture(scope="session")
def new_parties() -> Callable[..., Parties]:
    def new(issuer: Any = "P-256", holder: Any = "P-256") -> Parties:
        now = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
        return Parties(LocalSigner.generate(issuer), LocalSigner.generate(holder), now)

    return new


@pytest.fixture(scope="session")
def parties(new_parties: Callable[..., Parties]) -> Parties:
    return new_parties()


@pytest.fixture(scope="session")
def pinned() -> Callable[[Mapping[str, dict[str, Any]]], Resolver]:
    """Return a resolver of JWKs by verification method."""
    return lambda jwks: Pinned({name: from_jwk(jwk) for name, jwk in jwks.items()})


@pytest.fixture(scope="session")
def abuse() -> ModuleType:
    """The tokens of the abuse catalogue (``tests/abuse``)."""
    return importlib.import_module("attacks.tokens")
