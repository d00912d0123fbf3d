"""Declare: the holder's own word on a skill, signed with a key of theirs and never more than that."""

import datetime as dt
import uuid

from boundary.strict_json import Json
from credentials.forms import FORMS, Form
from credentials.templates import load
from keys.jwk import to_jwk
from keys.signer import Signer
from wallet.contents import HolderKey


def declare_skill(
    skill: Json, person: Json, key: HolderKey, signer: Signer, now: dt.datetime
) -> list[tuple[Form, bytes]]:
    """Return the declared skill in each form of its template.

    ``skill`` has ``name`` and, if known, framework, code, concept, level, level_scale; ``person`` the
    names that the holder wants to be able to show.
    """
    template = load("declared-skill")
    day = now.astimezone(dt.UTC).strftime("%Y-%m-%dT00:00:00Z")
    row: Json = {
        **person,
        "name": "Compétence déclarée",
        "skills": [{"ref": "s1", **skill}],
        "credential_id": uuid.uuid4().urn,
        "issuer": {"did": key.did, "name": "Déclaration du titulaire"},
        "holder": {"did": key.did, "jwk": to_jwk(key.public)},
        "issued_at": day,
        "valid_from": day,
    }
    forms = [FORMS[name] for name in template.securing]
    return [(form, form.secure(template, form.build(template, row), signer, day)) for form in forms]
