"""Two implementations of VC Data Integrity behind one face: ours and digitalbazaar's."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from strangers import Refused, Strangers

from keys.dids.resolve import resolver
from keys.local import LocalSigner
from problems import Problem
from proofs import SUITES, data_integrity
from proofs.data_integrity import Expectation
from proofs.suite import Cryptosuite, ProofOptions

Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How to sign: the suite, the verification method, and for selective suites what is always shown."""

    suite: str
    key: str
    mandatory: Sequence[str] = ()

    @property
    def did(self) -> str:
        return self.key.partition("#")[0]


@dataclass(frozen=True)
class Request:
    """What a verifier asks of a presentation, and when."""

    challenge: str
    domain: str
    now: dt.datetime


class DataIntegrityParty(Protocol):
    refuses: type[Exception]

    def new_key(self, algorithm: str) -> str: ...

    def issue(self, credential: Json, way: Way, now: dt.datetime) -> Json: ...

    def derive(self, secured: Json, reveal: Sequence[str]) -> Json: ...

    def verify(self, secured: Json, now: dt.datetime) -> None: ...

    def present(self, credentials: list[Json], way: Way, request: Request) -> Json: ...

    def verify_presentation(self, presentation: Json, request: Request) -> None: ...


@dataclass
class OurDataIntegrity:
    refuses = Problem
    suites: Mapping[str, Cryptosuite] = field(default_factory=lambda: SUITES)
    _signers: dict[str, LocalSigner] = field(default_factory=dict)

    def new_key(self, algorithm: Any) -> str:
        signer = LocalSigner.generate(algorithm)
        self._signers[signer.verification_method] = signer
        return signer.verification_method

    def issue(self, credential: Json, way: Way, now: dt.datetime) -> Json:
        options = ProofOptions(created=_text(now), mandatory=way.mandatory)
        return data_integrity.add_proof(credential, self.suites[way.suite], options, self._signers[way.key])

    def derive(self, secured: Json, reveal: Sequence[str]) -> Json:
        return data_integrity.derive(secured, self.suites, reveal)

    def verify(self, secured: Json, now: dt.datetime) -> None:
        self._check(secured, Expectation("assertionMethod", now), named_by="issuer")

    def present(self, credentials: list[Json], way: Way, request: Request) -> Json:
        presentation: Json = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": credentials,
            "holder": way.did,
        }
        options = ProofOptions(
            purpose="authentication",
            created=_text(request.now),
            challenge=request.challenge,
            domain=request.domain,
        )
        return data_integrity.add_proof(presentation, self.suites[way.suite], options, self._signers[way.key])

    def verify_presentation(self, presentation: Json, request: Request) -> None:
        expected = Expectation("authentication", request.now, request.challenge, request.domain)
        self._check(presentation, expected, named_by="holder")
        for credential in presentation["verifiableCredential"]:
            self.verify(credential, request.now)

    def _check(self, secured: Json, expected: Expectation, *, named_by: str) -> None:
        verified = data_integrity.verify(secured, self.suites, resolver(), expected)
        party: Any = verified.document[named_by]
        did = party["id"] if isinstance(party, dict) else party
        assert [proof.key.controller for proof in verified.proofs] == [did]


@dataclass
class TheirDataIntegrity:
    strangers: Strangers
    refuses = Refused

    def new_key(self, algorithm: str) -> str:
        return str(self.strangers.ask("generateKey", algorithm=algorithm)["verificationMethod"])

    def issue(self, credential: Json, way: Way, now: dt.datetime) -> Json:
        return self._ask("issueDataIntegrity", document=credential, created=_text(now), **vars(way))

    def derive(self, secured: Json, reveal: Sequence[str]) -> Json:
        return self._ask("deriveDataIntegrity", secured=secured, reveal=reveal)

    def verify(self, secured: Json, now: dt.datetime) -> None:
        self._ask("verifyDataIntegrity", secured=secured, now=_text(now))

    def present(self, credentials: list[Json], way: Way, request: Request) -> Json:
        return self._ask(
            "presentDataIntegrity",
            credentials=credentials,
            holder=way.did,
            created=_text(request.now),
            challenge=request.challenge,
            domain=request.domain,
            **vars(way),
        )

    def verify_presentation(self, presentation: Json, request: Request) -> None:
        self._ask(
            "verifyPresentationDataIntegrity",
            presentation=presentation,
            challenge=request.challenge,
            domain=request.domain,
            now=_text(request.now),
        )

    def _ask(self, operation: str, **arguments: Any) -> Any:
        return self.strangers.ask(operation, **arguments)


def _text(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
