"""Present: choose items of several credentials, derive what shows only those, bind it to the question.

Each credential is bound to a key of its own, so each is presented with its own key: an SD-JWT with a
Key Binding JWT, JSON-LD credentials together in one presentation with one proof per key.
"""

import datetime as dt
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from boundary import base64url
from boundary.strict_json import Json
from credentials.items import Item
from exchange.presentation import BEARER, JsonLdPart, Part, SdJwtPart
from keys.signer import Algorithm, Signer
from problems import InputError, NotFoundError
from proofs import SUITES, data_integrity, sd_jwt
from proofs.sd_jwt import KeyBinding
from proofs.suite import ProofOptions
from wallet.contents import Held
from wallet.opened import Opened, open_held

ALL: Final = "*"
_NONCE_BYTES: Final = 16
_SUITE: Final[dict[Algorithm, str]] = {
    "Ed25519": "eddsa-rdfc-2022",
    "P-256": "ecdsa-rdfc-2019",
    "P-384": "ecdsa-rdfc-2019",
}


class KeyHolder(Protocol):
    def signer_for(self, did: str) -> Signer: ...


@dataclass(frozen=True)
class Choice:
    """One credential and the ids of the items to show of it (``block.0``, ``birthdate``; ``*`` for all)."""

    held: Held
    items: Collection[str] = ()


@dataclass(frozen=True)
class Binding:
    """For whom a presentation is, in answer to what, and until when. ``nonce`` None: to any bearer."""

    audience: str
    nonce: str | None
    now: dt.datetime
    expires: dt.datetime | None = None


def bearer(now: dt.datetime, lifetime: dt.timedelta) -> Binding:
    """Return the binding of a presentation that whoever holds it may use until it expires."""
    return Binding(BEARER, None, now, now + lifetime)


def present(
    choices: Sequence[Choice],
    keys: KeyHolder,
    binding: Binding,
    random: Callable[[int], bytes] = os.urandom,
) -> list[Part]:
    """Return what to hand over: the items chosen, and nothing else.

    Raises NotFoundError for an item that a credential does not have, InputError for a credential of
    which no part can be hidden while a part was asked for.
    """
    opened = [(choice, open_held(choice.held)) for choice in choices]
    documents = [(c, o) for c, o in opened if c.held.media_type == "application/vc"]
    parts: list[Part] = [
        SdJwtPart(_sd_jwt(choice, credential, keys, binding, random))
        for choice, credential in opened
        if choice.held.media_type != "application/vc"
    ]
    if documents:
        shown = [_derived(choice, credential) for choice, credential in documents]
        holders = [credential.facts.holder_id for _, credential in documents if credential.facts.bound]
        parts.append(JsonLdPart("presentation", _presentation(shown, holders, keys, binding)))
    return parts


def _sd_jwt(
    choice: Choice, opened: Opened, keys: KeyHolder, binding: Binding, random: Callable[[int], bytes]
) -> str:
    text, holder = choice.held.body.decode(), opened.facts.holder_id
    items = _chosen(choice, opened)
    paths = opened.paths if items is None else {path for item in items for path in item.paths}
    if not opened.facts.bound or holder is None:
        return sd_jwt.present(text, paths)
    nonce = binding.nonce or base64url.encode(random(_NONCE_BYTES))
    bound = KeyBinding(keys.signer_for(holder), binding.audience, nonce, binding.now, binding.expires)
    return sd_jwt.present(text, paths, bound)


def _derived(choice: Choice, opened: Opened) -> Json:
    items = _chosen(choice, opened)
    if opened.whole:
        if items is not None:
            raise InputError("present.shows_everything")
        return opened.document
    pointers = opened.pointers if items is None else [p for item in items for p in item.pointers]
    return data_integrity.derive(opened.document, SUITES, list(dict.fromkeys(pointers)))


def _chosen(choice: Choice, opened: Opened) -> list[Item] | None:
    """Return the items chosen; None for all that there is, items or not."""
    if ALL in choice.items:
        return None
    known = {item.id: item for item in opened.items}
    missing = [name for name in choice.items if name not in known]
    if missing:
        raise NotFoundError("present.item_unknown", item=missing[0][:60], known=", ".join(known))
    return [known[name] for name in choice.items]


def _presentation(
    credentials: list[Json], holders: Sequence[str | None], keys: KeyHolder, binding: Binding
) -> Json:
    """Return a presentation with one proof per holder key: all must verify (proof sets)."""
    document: Json = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": list(credentials),
    }
    signers = [keys.signer_for(holder) for holder in dict.fromkeys(holders) if holder]
    if not signers:
        raise InputError("present.nobody_to_sign")
    options = ProofOptions(
        purpose="authentication",
        created=_stamp(binding.now),
        expires=_stamp(binding.expires) if binding.expires else None,
        challenge=binding.nonce,
        domain=binding.audience,
    )
    for signer in signers:
        document = data_integrity.add_proof(document, SUITES[_SUITE[signer.algorithm]], options, signer)
    return document


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
