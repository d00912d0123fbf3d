"""The forms in which a credential is secured. This table is the whole list.

A template names its forms in ``securing``; each form gets a status index and an id of its own, so that
the two forms of one award cannot be linked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from boundary.strict_json import Json, write
from credentials import items, model, schemas, templates
from credentials.templates import Template
from keys.signer import Signer
from proofs import SUITES, data_integrity, sd_jwt
from proofs.suite import ProofOptions
from storage.issuance import StatusKind


@dataclass(frozen=True)
class Form:
    """``build`` renders and checks the document of a complete row; ``secure`` signs it at ``issued_at``,
    an XSD dateTimeStamp."""

    name: str
    media_type: str
    extension: str
    status: StatusKind
    build: Callable[[Template, Json], Json]
    secure: Callable[[Template, Json, Signer, str], bytes]


def _build_ld(template: Template, row: Json) -> Json:
    document = templates.render_ld(template, row)
    model.check_credential(document, at_issue=True)
    schemas.check_shown(document)
    return document


def _secure_ld(suite: str, template: Template, document: Json, signer: Signer, issued_at: str) -> bytes:
    options = ProofOptions(created=issued_at, mandatory=items.mandatory_pointers(template, document))
    return write(data_integrity.add_proof(document, SUITES[suite], options, signer)).encode()


def _build_sd(template: Template, row: Json) -> Json:
    payload = templates.render_sd(template, row)
    model.check_sd_payload(payload)
    schemas.check_shown(payload)
    return payload


def _secure_sd(template: Template, payload: Json, signer: Signer, _issued_at: str) -> bytes:
    return sd_jwt.issue(payload, items.selective_paths(template, payload), signer).encode()


def _data_integrity(suite: str) -> Form:
    return Form(suite, "application/vc", "json", "bitstring", _build_ld, partial(_secure_ld, suite))


FORMS: Final[Mapping[str, Form]] = {
    "ecdsa-sd-2023": _data_integrity("ecdsa-sd-2023"),
    "ecdsa-rdfc-2019": _data_integrity("ecdsa-rdfc-2019"),
    "eddsa-rdfc-2022": _data_integrity("eddsa-rdfc-2022"),
    "dc+sd-jwt": Form("dc+sd-jwt", "application/dc+sd-jwt", "sd-jwt", "token", _build_sd, _secure_sd),
}
