"""An issuer for other people's test-suites: it signs whatever the data model allows, and is nobody.

Each instance is a did:key of its own, made from one secret, so that every worker process is the same. Its
contexts are those of the official vectors, which no honest credential needs. Never part of a real service.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from boundary.shape import many
from boundary.strict_json import Json, encode, write
from contexts import CONFORMANCE
from credentials import model
from credentials.forms import Form
from credentials.proved import jose_form
from exchange.vc_api import IssueRequest
from issuer.desk import Desk
from issuer.order import day_of, stamp
from issuer.ready import status_entries
from issuer.vc_api import INSTANCES, Instance, as_json
from keys.local import LocalSigner
from keys.multikey import SECRET_BYTES
from keys.signer import Algorithm
from problems import InputError, MalformedValueError
from proofs import data_integrity, jose, suites
from proofs.cose import envelope as cose
from proofs.suite import Cryptosuite, ProofOptions
from storage.issuance import Completed, Draft, Intent, Ledger

NAME: Final = "conformance"
WITH_STATUS: Final = "conformance-status"
_MANDATORY: Final = ("/issuer",)
_SUITES: Final[Mapping[str, Cryptosuite]] = suites(CONFORMANCE)


@dataclass(frozen=True)
class Conformance:
    """``secret`` is 32 bytes; ``base`` the address of the service, without final slash."""

    secret: bytes
    base: str

    def signer(self, algorithm: Algorithm) -> LocalSigner:
        for counter in range(256):
            info = f"passeport conformance {algorithm} {counter}".encode()
            drawn = HKDFExpand(SHA256(), SECRET_BYTES[algorithm], info).derive(self.secret)
            try:
                return LocalSigner.from_secret(algorithm, drawn)
            except MalformedValueError:  # zero or beyond the curve's order
                continue
        raise ValueError("no scalar in 256 draws")

    def did(self, algorithm: Algorithm) -> str:
        return self.signer(algorithm).verification_method.partition("#")[0]

    def desk(self, algorithm: Algorithm) -> Desk:
        """Return the desk at which an instance with status issues; its lists are its own."""
        status = f"{self.base}/issuers/{WITH_STATUS}/{algorithm.lower()}/status"
        return Desk(self.did(algorithm), "Conformance", self.signer(algorithm), status)

    def algorithms(self) -> Iterator[Algorithm]:
        """Yield the kinds of keys that can sign status lists."""
        return (algorithm for algorithm in SECRET_BYTES if algorithm != "Bls12381G2")

    def issue(self, chosen: Instance, asked: IssueRequest, now: dt.datetime) -> Json:
        """Secure what is asked as it is, with whatever issuer it names."""
        _check(asked.credential)
        return as_json(chosen.form, self._secured(chosen, asked.credential, asked, now))

    def issue_with_status(
        self, chosen: Instance, asked: IssueRequest, ledger: Ledger, now: dt.datetime
    ) -> Json:
        """The same, once it has a place in a list of this instance's issuer."""
        if chosen.algorithm == "Bls12381G2":
            raise InputError("issue.no_list_key", algorithm=chosen.algorithm)
        if "credentialStatus" in asked.credential or "proof" in asked.credential:
            raise InputError("ready.already_secured")
        _check(asked.credential)
        intent = _recorded(chosen.form, asked, ledger, now)
        document: Json = {
            "id": intent.draft.reference,
            **asked.credential,
            "issuer": self.did(chosen.algorithm),
            "credentialStatus": status_entries(self.desk(chosen.algorithm), intent),
        }
        body = intent.body or self._secured(chosen, document, asked, now)
        (kept,) = ledger.complete([Completed(intent.credential_id, body)]) if not intent.body else (body,)
        return as_json(chosen.form, kept)

    def _secured(self, chosen: Instance, document: Json, asked: IssueRequest, now: dt.datetime) -> bytes:
        signer, form = self.signer(chosen.algorithm), chosen.form
        if form.name in _SUITES:
            options = ProofOptions(
                created=stamp(now.astimezone(dt.UTC)),
                mandatory=_MANDATORY if asked.mandatory is None else asked.mandatory,
            )
            secured = data_integrity.add_proof(document, _SUITES[form.name], options, signer)
            return write(secured).encode()
        claims: Json = {"iat": int(now.timestamp())}
        if form.name == "vc+cose":
            return cose.secure("vc+cose", document, claims, signer, contexts=CONFORMANCE)
        return jose.secure(jose_form(form.name), document, claims, signer, contexts=CONFORMANCE).encode()


def _check(document: Json) -> None:
    """A credential of VCDM 1.1 is signed too, as verifiers of both are tested."""
    older = many(document.get("@context"))[:1] == [model.V1]
    bare = {name: value for name, value in document.items() if name != "proof"}
    model.check_credential(bare, at_issue=not older, type_urls=True)


def _recorded(form: Form, asked: IssueRequest, ledger: Ledger, now: dt.datetime) -> Intent:
    given = asked.credential.get("id")
    reference = asked.name or (given if isinstance(given, str) else uuid.uuid4().urn)
    content = hashlib.sha256(encode(asked.credential)).digest()
    draft = Draft(reference, form.name, "bitstring", "ready", content)
    (intent,) = ledger.record([draft], day_of(now))
    return intent


def catalogue(made: Conformance) -> Json:
    """Return the instances as the configuration of a test-suite names them."""
    issuers: list[Json] = [
        {
            "id": made.did(instance.algorithm),
            "endpoint": f"{made.base}/issuers/{NAME}/{name}/credentials/issue",
            "tags": [instance.form.name],
            "keyType": instance.algorithm,
        }
        for name, instance in INSTANCES.items()
    ]
    verifier = f"{made.base}/verifiers/proof-only"
    return {
        "issuers": [*issuers],
        "verifiers": [{"id": verifier, "endpoint": f"{verifier}/credentials/verify"}],
        "vpVerifiers": [{"id": verifier, "endpoint": f"{verifier}/presentations/verify"}],
        "vcHolders": [{"id": verifier, "endpoint": f"{verifier}/credentials/derive"}],
        "didResolvers": [{"id": made.base, "endpoint": f"{made.base}/1.0/identifiers"}],
    }
