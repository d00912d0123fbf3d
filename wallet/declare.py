"""Declare: the holder's own word on a skill, signed with a key of theirs and never more than that."""

import datetime as dt
import os
import uuid
from collections.abc import Callable
from typing import Final

from boundary.strict_json import Json
from credentials.forms import FORMS
from credentials.levels import WORKPLACE, require_level
from credentials.templates import load
from keys.jwk import to_jwk
from keys.local import LocalSigner, secret_of
from keys.signer import Algorithm
from wallet.contents import Held, StoredKey
from wallet.vault import Vault

_ALGORITHM: Final[Algorithm] = "P-256"


def declare_skill(
    vault: Vault,
    skill: Json,
    person: Json,
    now: dt.datetime,
    random: Callable[[int], bytes] = os.urandom,
) -> list[Held]:
    """Keep a declared skill, in each form of its template, with a key of its own: all of it or nothing.

    ``skill`` has ``name`` and, if known, framework, code, concept and level (1 to 4); ``person`` the names
    that the holder wants to be able to show. Raises MalformedValueError naming what is wrong, InputError
    for a level that does not exist.
    """
    level = skill.get("level")
    if isinstance(level, str):
        require_level(level, WORKPLACE)
        skill = {**skill, "level_scale": WORKPLACE}
    secret = secret_of(LocalSigner.generate(_ALGORITHM, random=random))
    key = StoredKey(_ALGORITHM, secret, None, now)
    held = _declared({**person, "skills": [{"ref": "s1", **skill}]}, key, now)
    vault.add_all([key, *held])
    return held


def _declared(claims: Json, key: StoredKey, now: dt.datetime) -> list[Held]:
    template, holder = load("declared-skill"), key.public
    day = now.astimezone(dt.UTC).strftime("%Y-%m-%dT00:00:00Z")
    row: Json = {
        **claims,
        "name": "Compétence déclarée",
        "credential_id": uuid.uuid4().urn,
        "issuer": {"did": holder.did, "name": "Déclaration du titulaire"},
        "holder": {"did": holder.did, "jwk": to_jwk(holder.public)},
        "issued_at": day,
        "valid_from": day,
    }
    forms = [FORMS[name] for name in template.securing]
    return [
        Held(form.media_type, form.secure(template, form.build(template, row), key.signer, day), now)
        for form in forms
    ]
