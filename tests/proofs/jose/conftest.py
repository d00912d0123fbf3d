"""An issuer, a holder, and tokens of theirs, honest or made by whoever wants to."""

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from boundary.strict_json import Json
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import jose, jws
from proofs.sd_jwt import HolderExpectation

V2 = "https://www.w3.org/ns/credentials/v2"


@dataclass(frozen=True)
class Parties:
    """Both are their own did:key; ``credential`` says something of the holder."""

    issuer: LocalSigner
    holder: LocalSigner
    credential: Json
    now: dt.datetime = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
    audience: str = "https://recruteur.example"
    nonce: str = "n-0S6_WzA2Mj"

    @property
    def expected(self) -> HolderExpectation:
        return HolderExpectation(self.audience, self.nonce, dt.timedelta(minutes=5))

    @property
    def cnf(self) -> Json:
        return {"cnf": {"jwk": to_jwk(self.holder.public_key)}}

    @staticmethod
    def did(signer: LocalSigner) -> str:
        return signer.verification_method.partition("#")[0]

    @property
    def presentation(self) -> Json:
        document: Json = {"@context": [V2], "type": ["VerifiablePresentation"], "verifiableCredential": []}
        return {**document, "holder": self.did(self.holder)}

    def claims(self, **more: Any) -> Json:
        """What a presentation says of itself, and ``more``; None takes a claim away."""
        stated = {"iat": self.at(0), "aud": self.audience, "nonce": self.nonce, **more}
        return {name: value for name, value in stated.items() if value is not None}

    def at(self, seconds: int) -> int:
        return int(self.now.timestamp()) + seconds

    def verify(self, form: jose.Form, text: str, **asked: Any) -> jose.Verified:
        return jose.verify(form, text, resolver(), **{"now": self.now, "audience": None, **asked})

    def verify_presentation(self, form: jose.Form, text: str, **asked: Any) -> jose.VerifiedPresentation:
        wanted = {"now": self.now, "holder": self.expected, **asked}
        return jose.verify_presentation(form, text, resolver(), **wanted)


@pytest.fixture
def parties(sample: Json) -> Parties:
    issuer, holder = (LocalSigner.generate("P-256") for _ in range(2))
    credential = copy.deepcopy(sample)
    credential["issuer"] = {"id": Parties.did(issuer), "type": ["Profile"], "name": "Menuiserie Imaginaire"}
    credential["credentialSubject"]["id"] = Parties.did(holder)  # type: ignore[index,call-overload]
    return Parties(issuer, holder, credential)


@pytest.fixture
def mint() -> Callable[..., str]:
    """Sign any payload as a token of any kind: what it says is the test's business."""

    def minted(form: str, payload: Json, signer: LocalSigner, **header: Any) -> str:
        stated = {"typ": form, "cty": form[:2], "kid": signer.verification_method, **header}
        token = jws.sign(
            {name: value for name, value in stated.items() if value is not None}, payload, signer
        )
        return f"{token}~" if form.endswith("+sd-jwt") else token

    return minted
