"""What a credential proves, read as its verifiers read it: for an issuer who looks at its own work."""

import datetime as dt
from typing import get_args

from boundary.strict_json import Json, read_object
from credentials.forms import Form
from credentials.pointers import pointer_to
from keys.resolver import Resolver
from proofs import GENERIC, data_integrity, jose, sd_jwt
from proofs.cose import envelope as cose
from proofs.data_integrity import Expectation
from proofs.suite import SelectiveCryptosuite


def proved(form: Form, body: bytes, keys: Resolver, now: dt.datetime) -> Json:
    """Return the document that the credential in ``body`` proves, all that can be shown of it shown.

    Its signature and its proofs are verified, with nothing that was kept from making it; dates, status
    and schema are not. Raises what the verification of its form raises.
    """
    if form.media_type == "application/vc":
        return _of_data_integrity(form.name, read_object(body), keys, now)
    if form.media_type == "application/vc+cose":
        return cose.verify("vc+cose", body, keys, audience=None).document
    text = body.decode("utf-8")
    if form.name in get_args(jose.Form):
        return jose.verify(jose_form(form.name), text, keys, now=now, audience=None).document
    return sd_jwt.receive(text, keys, now=now).payload


def jose_form(name: str) -> jose.Form:
    return next(form for form in get_args(jose.Form) if form == name)


def _of_data_integrity(suite: str, secured: Json, keys: Resolver, now: dt.datetime) -> Json:
    """A base proof is for the holder's eyes only: what can be verified is all that it can be derived to."""
    if isinstance(GENERIC[suite], SelectiveCryptosuite):
        everything = [pointer_to((name,)) for name in secured if name != "proof"]
        secured = data_integrity.derive(secured, GENERIC, everything)
    return data_integrity.verify(secured, GENERIC, keys, Expectation("assertionMethod", now)).document
