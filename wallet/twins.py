"""Twins in the wallet: each kept with the credential that it is of, and shown without network.

All or nothing: whoever reads a twin reads all of it. On a screen the holder's key signs it again at every
showing; on paper it is a bearer's, and so must be carried like one.
"""

import datetime as dt
from collections.abc import Callable

from credentials import twin
from credentials.twin import Twin, TwinKind
from exchange import offline, presentation
from exchange.said import said
from keys.dids import key as did_key
from problems import InputError, NotFoundError
from wallet.contents import Held
from wallet.present import KeyHolder
from wallet.vault import Vault

Verify = Callable[[Twin], None]
"""Verifies who signed a twin that is about to be kept; raises a Problem. Wired by the application."""


def take_twin(body: bytes, vault: Vault, verify: Verify) -> Held:
    """Keep a twin with its credential, which the vault must have; return that.

    Raises NotFoundError ``wallet.twin_stray`` for a twin of anything else, what ``verify`` raises, and what
    :func:`credentials.twin.parse` raises. A second twin of one kind takes the place of the first.
    """
    taken = twin.parse(body)
    held = _held(taken, vault)
    verify(taken)
    others = [one for one in held.twins if twin.parse(one).kind != taken.kind]
    return vault.keep_twins(held, [*others, body])


def paper(held: Held) -> bytes:
    """Return what is to be printed; raise NotFoundError ``wallet.no_twin``."""
    return offline.paper(_twin_of(held, "paper"))


def screen(held: Held, keys: KeyHolder, now: dt.datetime) -> bytes:
    """Return what a screen shows at ``now``, for a minute; raise NotFoundError ``wallet.no_twin``."""
    body = _twin_of(held, "screen")
    key = twin.parse(body).holder_key
    if key is None:
        raise InputError("twin.other_kind")
    return offline.screen(body, keys.signer_for(did_key.did(key)), now)


def _twin_of(held: Held, kind: TwinKind) -> bytes:
    for body in held.twins:
        if twin.parse(body).kind == kind:
            return body
    raise NotFoundError("wallet.no_twin")


def _held(taken: Twin, vault: Vault) -> Held:
    """Return the credential that the twin is of: by digest, by issuer and, on a screen, by key."""
    for held in vault.credentials():
        [part] = presentation.read(held.body)
        full = said(part)
        same = full.facts.issuer_id == taken.issuer and taken.holder_key in (None, full.facts.holder_key)
        if same and twin.binds(taken, full.digests):
            return held
    raise NotFoundError("wallet.twin_stray")
