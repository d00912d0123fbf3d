"""The forms in which a credential is secured. This table is the whole list.

A template names its forms in ``securing``; each form gets a status index and an id of its own, so that
the two forms of one award cannot be linked.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal, TypeAlias

from boundary import date_time_stamp
from boundary.shape import many
from boundary.strict_json import Json, JsonValue, read_object, write
from credentials import items, model, schemas, templates
from credentials.facts import facts_ld
from credentials.pointers import Place, pointer_to
from credentials.published import VCT_INTEGRITY, integrity
from credentials.templates import Template
from keys.certified import CertifiedSigner
from keys.jwk import to_jwk
from keys.signer import Algorithm, Signer
from problems import InputError
from proofs import SUITES, data_integrity, jose, jws, sd_jwt
from proofs.cose import envelope as cose
from proofs.cose import sign1
from proofs.suite import Pointer, ProofOptions, SelectiveCryptosuite
from storage.issuance import StatusKind

WHOLE: Final[Mapping[Algorithm, str]] = {
    "P-256": "ecdsa-rdfc-2019",
    "P-384": "ecdsa-rdfc-2019",
    "Ed25519": "eddsa-rdfc-2022",
    "ML-DSA-44": "mldsa44-rdfc-2024",
}
"""The suite with which each kind of key signs a document that is shown whole."""

MediaType: TypeAlias = Literal[
    "application/vc", "application/dc+sd-jwt", "application/vc+jwt", "application/vc+sd-jwt",
    "application/vc+cose",
]  # fmt: skip


@dataclass(frozen=True)
class Form:
    """``render`` makes the document of a complete row, ``check`` holds it against the model and its schema,
    ``secure`` signs it at ``issued_at``, an XSD dateTimeStamp, with a key of one of ``algorithms``.

    ``accompany`` adds the signature of a second key to what the first one signed; None where one signature
    is all that the form has room for.
    """

    name: str
    media_type: MediaType
    extension: str
    status: StatusKind
    algorithms: Collection[Algorithm]
    render: Callable[[Template, Json], Json]
    check: Callable[[Json], None]
    secure: Callable[[Template | None, Json, Signer, str], bytes]
    accompany: Callable[[bytes, Signer, str], bytes] | None = None

    def build(self, template: Template, row: Json) -> Json:
        """Return the document, checked. Raises MalformedValueError, RangeError."""
        document = self.render(template, row)
        self.check(document)
        return document


def _check_ld(document: Json) -> None:
    model.check_credential(document, at_issue=True)
    schemas.check_shown(document)


def disclosing(form: Form, mandatory: Sequence[Pointer]) -> Form:
    """Return ``form`` with ``mandatory`` as what every derivation shows.

    Raises InputError where everything is always shown.
    """
    if not isinstance(SUITES.get(form.name), SelectiveCryptosuite):
        raise InputError("vc_api.shows_everything", form=form.name)

    def secure(_template: Template | None, document: Json, signer: Signer, issued_at: str) -> bytes:
        options = ProofOptions(created=issued_at, mandatory=mandatory)
        return write(data_integrity.add_proof(document, SUITES[form.name], options, signer)).encode()

    return replace(form, secure=secure)


def _secure_ld(
    suite: str, template: Template | None, document: Json, signer: Signer, issued_at: str
) -> bytes:
    mandatory = items.mandatory_pointers(template, document) if template else _all_but_subject(document)
    options = ProofOptions(created=issued_at, mandatory=mandatory)
    return write(data_integrity.add_proof(document, SUITES[suite], options, signer)).encode()


def _accompany_ld(body: bytes, companion: Signer, issued_at: str) -> bytes:
    """A proof set (VC Data Integrity §2.1.1): each of the two signs the same document."""
    suite, options = SUITES[WHOLE[companion.algorithm]], ProofOptions(created=issued_at)
    return write(data_integrity.add_proof(read_object(body), suite, options, companion)).encode()


def _all_but_subject(document: Json) -> list[str]:
    """Return what must be shown of a type that is not ours: all but the subject, and whom it is about.

    ``@context``, ``id`` and ``type`` are kept by the suite itself.
    """
    kept = ("@context", "id", "type", "credentialSubject")
    places: list[Place] = [(name,) for name in document if name not in kept]
    subject = document.get("credentialSubject")
    if isinstance(subject, list):
        places += [("credentialSubject", n, "id") for n, one in enumerate(subject) if _has_id(one)]
    elif _has_id(subject):
        places.append(("credentialSubject", "id"))
    return [pointer_to(place) for place in places]


def _has_id(node: JsonValue) -> bool:
    return isinstance(node, dict) and "id" in node


def _render_sd(template: Template, row: Json) -> Json:
    """With the digest of what the type means (SD-JWT VC §7): wallets show a credential by its metadata."""
    return {**templates.render_sd(template, row), VCT_INTEGRITY: integrity(template)}


def _check_sd(payload: Json) -> None:
    model.check_sd_payload(payload)
    schemas.check_shown(payload)


def _secure_sd(template: Template | None, payload: Json, signer: Signer, _issued_at: str) -> bytes:
    selective = items.selective_paths(template, payload) if template else []
    header: Json = {"x5c": signer.chain.x5c} if isinstance(signer, CertifiedSigner) else {}
    return sd_jwt.issue(payload, selective, signer, header=header).encode()


def _secure_token(
    form: jose.Form, template: Template | None, document: Json, signer: Signer, issued_at: str
) -> bytes:
    selective = _selective(template, document) if form == "vc+sd-jwt" else []
    return jose.secure(form, document, _claims(document, issued_at), signer, selective=selective).encode()


def _secure_cose(_template: Template | None, document: Json, signer: Signer, issued_at: str) -> bytes:
    return cose.secure("vc+cose", document, _claims(document, issued_at), signer)


def _claims(document: Json, issued_at: str) -> Json:
    """An envelope says when it was signed and, by ``cnf``, whose the key is (VC-JOSE-COSE §4.1.3)."""
    claims: Json = {"iat": int(date_time_stamp.read(issued_at, "iat").timestamp())}
    holder = facts_ld(document).holder_key
    if holder is not None:
        claims["cnf"] = {"jwk": to_jwk(holder)}
    return claims


def _selective(template: Template | None, document: Json) -> list[Place]:
    """Return what the holder may hide; of a type that is not ours what each subject has, but its name."""
    if template:
        return items.selective_places(template, document)
    subject = document.get("credentialSubject")
    at: list[Place] = [()] if isinstance(subject, dict) else [(n,) for n, _ in enumerate(many(subject))]
    return [
        ("credentialSubject", *place, name)
        for place, node in zip(at, many(subject), strict=True)
        if isinstance(node, dict)
        for name in node
        if name not in ("id", "type", "@context")
    ]


def _token(form: jose.Form, media_type: MediaType) -> Form:
    return Form(
        name=form,
        media_type=media_type,
        extension=form,
        status="bitstring",
        algorithms=frozenset(jws.ALGORITHMS.values()),
        render=templates.render_ld,
        check=_check_ld,
        secure=partial(_secure_token, form),
    )


def _data_integrity(suite: str) -> Form:
    return Form(
        name=suite,
        media_type="application/vc",
        extension="json" if suite == "ecdsa-sd-2023" else f"{suite}.json",  # two suites, two files
        status="bitstring",
        algorithms=SUITES[suite].algorithms,
        render=templates.render_ld,
        check=_check_ld,
        secure=partial(_secure_ld, suite),
        accompany=None if isinstance(SUITES[suite], SelectiveCryptosuite) else _accompany_ld,
    )


FORMS: Final[Mapping[str, Form]] = {
    **{suite: _data_integrity(suite) for suite in SUITES},
    "dc+sd-jwt": Form(
        name="dc+sd-jwt",
        media_type="application/dc+sd-jwt",
        extension="sd-jwt",
        status="token",
        algorithms=frozenset(jws.ALGORITHMS.values()),
        render=_render_sd,
        check=_check_sd,
        secure=_secure_sd,
    ),
    "vc+jwt": _token("vc+jwt", "application/vc+jwt"),
    "vc+sd-jwt": _token("vc+sd-jwt", "application/vc+sd-jwt"),
    "vc+cose": Form(
        name="vc+cose",
        media_type="application/vc+cose",
        extension="vc.cose",
        status="bitstring",
        algorithms=frozenset(sign1.ALGORITHMS.values()),
        render=templates.render_ld,
        check=_check_ld,
        secure=_secure_cose,
    ),
}

ON_REQUEST: Final = ("vc+jwt", "vc+sd-jwt", "vc+cose", *SUITES)
"""Forms that every type can have though no template names them: the same document, otherwise secured."""
