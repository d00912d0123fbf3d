"""A request that waits for its holder's word, written in the vault: what is answered is what was shown."""

import datetime as dt

from boundary import strict_json
from boundary.shape import a_text, an_object
from boundary.strict_json import Json
from exchange.openid4vp import client_id, request, transaction
from exchange.openid4vp.client_id import Asker
from problems import NotFoundError
from wallet.consent import Asked
from wallet.contents import Note
from wallet.vault import Vault

LIFETIME = dt.timedelta(minutes=15)


def remember(asked: Asked, vault: Vault, now: dt.datetime) -> str:
    """Keep a request, forget those that nobody answered, and return its name."""
    for old in vault.notes("asked"):
        if old.added + LIFETIME < now:
            vault.strike_out(old)
    asker = asked.asker
    body: Json = {
        "parameters": asked.request.parameters(),
        "proved": asker.proved,
        "organisation": asker.organisation,
        "name": asker.name,
    }
    note = Note("asked", vault.random(16).hex(), strict_json.encode(body), now)
    vault.write_down(note)
    return note.id


def recall(name: str, vault: Vault, now: dt.datetime) -> Asked:
    """Return a request; raise NotFoundError ``answer.no_request``."""
    said = strict_json.read_object(_note(name, vault, now).body)
    asked = request.read(an_object(said.get("parameters"), "parameters"))
    prefix, _ = client_id.split(asked.client_id)
    organisation = said.get("organisation")
    asker = Asker(
        asked.client_id,
        prefix,
        a_text(said.get("name"), "name"),
        said.get("proved") is True,
        organisation if isinstance(organisation, str) else None,
    )
    return Asked(asked, asker, tuple(transaction.read(one, asked.query) for one in asked.transaction_data))


def forget(name: str, vault: Vault, now: dt.datetime) -> None:
    vault.strike_out(_note(name, vault, now))


def _note(name: str, vault: Vault, now: dt.datetime) -> Note:
    for note in vault.notes("asked"):
        if note.id == name and note.added + LIFETIME >= now:
            return note
    raise NotFoundError("answer.no_request")
