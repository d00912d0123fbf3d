"""What the VC-API asks of an issuer: one instance for each way of securing and kind of key."""

import base64
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json, read_object
from credentials import envelopes
from credentials.envelopes import Envelope
from credentials.forms import FORMS, Form
from exchange.vc_api import IssueRequest, StatusRequest
from issuer.desk import Desk
from issuer.issue import issue
from issuer.ready import Ready
from keys.signer import Algorithm
from problems import MalformedValueError, NotFoundError
from storage.issuance import Ledger, StatusValue

_SHORT: Final[Mapping[Algorithm, str]] = {
    "P-256": "p256",
    "P-384": "p384",
    "Ed25519": "ed25519",
    "ML-DSA-44": "mldsa44",
    "Bls12381G2": "bls12381g2",
}


@dataclass(frozen=True)
class Instance:
    """``name`` stands in the path: the form, and the kind of key where the form takes several."""

    name: str
    form: Form
    algorithm: Algorithm


def _instances() -> Iterator[Instance]:
    for form in FORMS.values():
        if form.status != "bitstring":
            continue  # what is no VCDM document is not issued through this door
        plain = form.name.replace("+", "-")
        for algorithm in _SHORT:
            if algorithm in form.algorithms:
                several = len(form.algorithms) > 1
                yield Instance(f"{plain}-{_SHORT[algorithm]}" if several else plain, form, algorithm)


INSTANCES: Final[Mapping[str, Instance]] = {instance.name: instance for instance in _instances()}


def instance(name: str) -> Instance:
    """Raises NotFoundError."""
    if name not in INSTANCES:
        raise NotFoundError("vc_api.no_instance", known=", ".join(INSTANCES))
    return INSTANCES[name]


def issue_one(chosen: Instance, asked: IssueRequest, desk: Desk, ledger: Ledger, now: dt.datetime) -> Json:
    """Issue what was built elsewhere, with a place in the status list; asked again it is the same.

    Raises what :func:`issuer.issue.issue` raises; MalformedValueError for an id that is no text.
    """
    identifier = asked.credential.get("id", uuid.uuid4().urn)
    if not isinstance(identifier, str):
        raise MalformedValueError("model.url_expected", at="id")
    # Under a name of the caller's, a document without id gets the ledger's: the same when asked again.
    document = asked.credential if asked.name else {"id": identifier, **asked.credential}
    order = Ready(asked.name or identifier, document, (chosen.form.name,), mandatory=asked.mandatory)
    (issued,) = issue([order], desk, ledger, now)
    return as_json(chosen.form, issued.body)


def as_json(form: Form, body: bytes) -> Json:
    """Return a secured credential as an object: itself, or the envelope that holds it (VCDM 2.0 §4.13.1)."""
    if form.media_type == "application/vc":
        return read_object(body)
    in_base64 = form.media_type == "application/vc+cose"
    data = base64.b64encode(body).decode() if in_base64 else body.decode("ascii")
    return envelopes.wrap(Envelope(form.name, data))


def set_status(ledger: Ledger, asked: StatusRequest, now: dt.datetime) -> None:
    """Set the status of a credential, by its name here or by its own id: of every form of one award.

    Raises NotFoundError for what was not issued here, ConflictError when a revocation would be undone.
    """
    reference = asked.name
    if ledger.status(reference) is None:
        reference = ledger.reference_of(asked.name) or reference
    value: StatusValue = "valid"
    if asked.value:
        value = "revoked" if asked.purpose == "revocation" else "suspended"
    elif ledger.status(reference) == "suspended" and asked.purpose == "revocation":
        return  # it is not revoked, and suspended it stays
    ledger.set_status(reference, value, "vc-api", now)
