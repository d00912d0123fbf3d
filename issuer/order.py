"""What the desk is asked for, and the row of claims that comes of it."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

import rfc8785

from boundary.strict_json import Json
from issuer.desk import Desk
from keys.dids import key as did_key
from keys.jwk import to_jwk
from problems import InputError, MalformedValueError
from storage.issuance import Intent


@dataclass(frozen=True)
class Order:
    """One award to be made into credentials. ``reference`` is the issuer's own name for it.

    ``holder`` is the holder's key as a did:key; without one the credential is bound to nobody and a
    verifier asks for an identity document. ``forms`` are those to secure, all of the template's if None.
    """

    reference: str
    template: str
    claims: Json
    holder: str | None = None
    forms: tuple[str, ...] | None = None

    def digest(self) -> bytes:
        """Return what makes two orders the same: SHA-256 of claims, template and holder's key."""
        content = {"claims": self.claims, "holder": self.holder, "template": self.template}
        return hashlib.sha256(rfc8785.dumps(content)).digest()


def complete(order: Order, desk: Desk, intent: Intent) -> Json:
    """Return the whole row: the certifier's claims, and everything that is not theirs to say."""
    issued_at = stamp(intent.issued_at)
    awarded = order.claims.get("awarded")
    return {
        **order.claims,
        "credential_id": intent.credential_id,
        "issuer": desk.party(),
        "holder": _holder(order, intent),
        "issued_at": issued_at,
        "valid_from": max(issued_at, f"{awarded}T00:00:00Z") if awarded else issued_at,
        "status": _status(desk, intent),
    }


def day_of(moment: dt.datetime) -> dt.datetime:
    """Return the start of the day in UTC: finer times would link copies made together."""
    return moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _holder(order: Order, intent: Intent) -> Json:
    if order.holder is None:  # bound to nobody: a name used once
        return {"did": uuid.uuid5(uuid.NAMESPACE_URL, intent.credential_id).urn}
    try:
        return {"did": order.holder, "jwk": to_jwk(did_key.public_key_of(order.holder))}
    except MalformedValueError:
        raise InputError("issue.holder_key", reference=order.reference) from None


def _status(desk: Desk, intent: Intent) -> Json:
    number, index = intent.status_list, intent.status_index
    if intent.draft.kind == "token":
        return {"tsl_uri": desk.list_url("token", number), "tsl_index": index}
    return {
        "entries": [
            {"list": desk.list_url("bitstring", number, purpose), "index": str(index), "purpose": purpose}
            for purpose in ("revocation", "suspension")
        ]
    }


def stamp(moment: dt.datetime) -> str:
    """Return an XSD dateTimeStamp in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
