"""Keep what came, or refuse it: verified first, shown to the person, and only then in the vault.

Whose credential it is, is for the person to see: an offer that somebody else opened for themselves and
passed on brings somebody else's name (CI-018).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from boundary import strict_json
from boundary.shape import texts
from credentials.facts import Facts
from credentials.forms import MediaType
from exchange.openid4vci.messages import Event, Notification
from keys.public import PublicKey
from problems import InputError, Problem
from wallet import hold
from wallet.contents import Held
from wallet.hold import Verify
from wallet.opened import open_held
from wallet.receive.errand import Arrived, Errand, forget, remember
from wallet.receive.offered import FORMATS
from wallet.receive.talk import JSON, Talk, Web
from wallet.vault import Vault

_UNREACHABLE: Final = "wallet.issuer_unreachable"


@dataclass(frozen=True)
class Arrival:
    """A credential that verified, is of the type that was offered, and is bound to a key that we proved.

    ``facts`` are for the person: whose it is, what it says, who signed it.
    """

    configuration: str
    media_type: MediaType
    body: bytes
    facts: Facts


def arrived(errand: Errand, vault: Vault, verify: Verify, web: Web) -> list[Arrival]:
    """Return what came, each credential once it was found to be what it should be.

    Raises what ``verify`` raises; InputError ``receive.other_type``, ``receive.other_key``; what reading
    raises. The issuer is then told, and nothing of it is kept; but what cannot be verified now may be later.
    """
    try:
        return _checked(errand, vault, verify, web)
    except Problem as problem:
        if not problem.transient and problem.code != _UNREACHABLE:
            _end(errand, vault, web, "credential_failure")
        raise


def keep(errand: Errand, vault: Vault, verify: Verify, web: Web) -> list[Held]:
    """Put what came into the vault, tell the issuer, and return it; what is still on its way stays so.

    Raises what :func:`arrived` and :func:`wallet.hold.take` raise.
    """
    held = [hold.take(one.body, vault, web.now(), verify) for one in arrived(errand, vault, verify, web)]
    _notify(errand, "credential_accepted", web)
    _forget_keys(errand, vault, {hold.facts_of(one).holder_key for one in held})
    if errand.waiting:
        remember(replace(errand, arrived=()), vault, web.now())
    else:
        forget(errand, vault, web.now())
    return held


def refuse(errand: Errand, vault: Vault, web: Web) -> None:
    """Keep nothing of an errand, its keys neither, and tell the issuer so (§11)."""
    _end(errand, vault, web, "credential_deleted")


def _checked(errand: Errand, vault: Vault, verify: Verify, web: Web) -> list[Arrival]:
    ours = {key.did: key.public for key in vault.holder_keys()}
    unused = {one.keys: {did: ours[did] for did in one.keys if did in ours} for one in errand.arrived}
    found = []
    for one in errand.arrived:
        taken = hold.look(one.body)
        if taken.media_type != FORMATS[errand.configuration(one.configuration).format]:
            raise InputError("receive.other_type")
        _require_type(errand, one, Held(taken.media_type, taken.body, web.now()))
        verify(taken.body, taken.media_type)
        _require_key(one, taken.facts, unused[one.keys])
        found.append(Arrival(one.configuration, taken.media_type, taken.body, taken.facts))
    return found


def _require_type(errand: Errand, one: Arrived, held: Held) -> None:
    configuration, document = errand.configuration(one.configuration), open_held(held).document
    if configuration.vct is not None:
        right = document.get("vct") == configuration.vct
    else:
        right = set(configuration.types) <= set(texts(document.get("type"), "type"))
    if not right:
        raise InputError("receive.other_type")


def _require_key(one: Arrived, facts: Facts, unused: dict[str, PublicKey]) -> None:
    """Each copy is bound to one of the keys that were proved for it, and no two to the same."""
    if not one.keys:
        return
    did = next((did for did, key in unused.items() if key == facts.holder_key), None)
    if did is None:
        raise InputError("receive.other_key")
    del unused[did]


def _end(errand: Errand, vault: Vault, web: Web, event: Event) -> None:
    _notify(errand, event, web)
    _forget_keys(errand, vault, ())
    forget(errand, vault, web.now())


def _forget_keys(errand: Errand, vault: Vault, used: Collection[PublicKey | None]) -> None:
    """Erase the keys to which nothing was bound after all."""
    shown = {did for one in errand.arrived for did in one.keys}
    for key in vault.holder_keys():
        if key.did in shown and key.public not in used:
            vault.forget_key(key.did)


def _notify(errand: Errand, event: Event, web: Web) -> None:
    """§11: once for each response; an issuer that does not listen changes nothing."""
    endpoint, access = errand.offered.issuer.notification_endpoint, errand.access
    names = dict.fromkeys(one.notification for one in errand.arrived if one.notification)
    if endpoint is None or access is None:
        return
    talk = Talk(web, errand.signer)
    for name in names:
        body = strict_json.encode(Notification(name, event).document())
        try:
            talk.send(endpoint, body, JSON, access.token)
        except Problem:
            return
