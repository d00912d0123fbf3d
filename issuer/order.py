"""What the desk is asked for, and the row of claims that comes of it."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from boundary.strict_json import Json
from credentials.forms import ON_REQUEST, Form
from credentials.holders import key_of
from credentials.templates import Template, load
from issuer.desk import Desk
from keys.jwk import has_jwk, to_jwk
from keys.signer import Algorithm
from problems import InputError
from proofs.jcs import canonical_json
from proofs.suite import Pointer
from storage.issuance import Intent


class Order(Protocol):
    """What is to be made into credentials. ``reference`` is the issuer's own name for it, ``template`` the
    id of its type, ``copy`` the name of one of several copies, for the ledger."""

    @property
    def reference(self) -> str: ...

    @property
    def template(self) -> str: ...

    @property
    def copy(self) -> str: ...

    @property
    def type(self) -> Template | None:
        """The template that says what can be hidden; None for a type that is not ours."""
        ...

    @property
    def mandatory(self) -> Sequence[Pointer] | None:
        """What every derivation shows, if the order says so itself; None leaves it to its type."""
        ...

    def forms(self, algorithm: Algorithm) -> Sequence[str]:
        """Return the forms to secure with a key of ``algorithm``; raise InputError for one it cannot have."""
        ...

    def render(self, form: Form, desk: Desk, intent: Intent) -> Json:
        """Return the document to check and to secure, complete."""
        ...

    def digest(self) -> bytes:
        """Return what makes two orders the same."""
        ...


@dataclass(frozen=True)
class Award:
    """One award, as a row of claims for a template.

    ``holder`` is the holder's key as a did:key or did:jwk; without one the credential is bound to nobody and
    a verifier asks for an identity document. ``asked`` are the forms to secure, all of the template's if
    None. ``copy`` is given when there may be several, each for a key of its own: they are one award, and
    revoked together.
    """

    reference: str
    template: str
    claims: Json
    holder: str | None = None
    asked: Sequence[str] | None = None
    copy: str = ""

    @property
    def type(self) -> Template:
        return load(self.template)

    @property
    def mandatory(self) -> None:
        return None

    def forms(self, algorithm: Algorithm) -> Sequence[str]:  # noqa: ARG002  (a template's forms are its own)
        usual = self.type.securing
        return chosen(self.asked, usual, (*usual, *ON_REQUEST))

    def render(self, form: Form, desk: Desk, intent: Intent) -> Json:
        return form.render(self.type, complete(self, desk, intent))

    def digest(self) -> bytes:
        """The holder's key belongs to the content unless it is only that of one copy."""
        bound: Json = {} if self.copy else {"holder": self.holder}
        return digest({"claims": self.claims, "template": self.template, **bound})


def chosen(asked: Sequence[str] | None, usual: Sequence[str], possible: Sequence[str]) -> Sequence[str]:
    """Return the forms asked for, each once, or the usual ones; raise InputError ``issue.form``."""
    for name in asked or ():
        if name not in possible:
            raise InputError("issue.form", form=name[:40], known=", ".join(possible))
    return usual if asked is None else tuple(dict.fromkeys(asked))


def digest(content: Json) -> bytes:
    """Return the SHA-256 of the canonical form (RFC 8785)."""
    return hashlib.sha256(canonical_json(content)).digest()


def complete(order: Award, desk: Desk, intent: Intent) -> Json:
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
        "status": status_of(desk, intent),
    }


def day_of(moment: dt.datetime) -> dt.datetime:
    """Return the start of the day in UTC: finer times would link copies made together."""
    return moment.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _holder(order: Award, intent: Intent) -> Json:
    if order.holder is None:  # bound to nobody: a name used once
        return {"did": _used_once(intent.credential_id)}
    key = key_of(order.holder)
    if key is None or not has_jwk(key.algorithm):
        raise InputError("issue.holder_key", reference=order.reference)
    return {"did": order.holder, "jwk": to_jwk(key)}


@lru_cache(maxsize=16)
def _used_once(credential_id: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, credential_id).urn


def status_of(desk: Desk, intent: Intent) -> Json:
    """Return the ``status`` claim: where the issuer will say what has become of the credential."""
    number, index = intent.status_list, intent.status_index
    if intent.draft.kind == "token":
        return {"tsl_uri": desk.list_url("token", number), "tsl_index": index}
    return {
        "entries": [
            {"list": desk.list_url("bitstring", number, purpose), "index": str(index), "purpose": purpose}
            for purpose in ("revocation", "suspension")
        ]
    }


@lru_cache(maxsize=64)  # days of issue, which are few
def stamp(moment: dt.datetime) -> str:
    """Return an XSD dateTimeStamp in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
