"""An errand: all that the wallet knows while credentials are on their way, as JSON that the vault seals.

It holds secrets (codes, tokens, a key), so it is nowhere else than in memory and in the vault.
"""

import base64
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from boundary import strict_json
from boundary.shape import a_list, a_text, an_integer, an_object, texts
from boundary.strict_json import Json
from exchange.oauth import metadata as servers
from exchange.oauth.bearer import Presented
from exchange.oauth.token import TokenResponse
from exchange.openid4vci import metadata as issuers
from exchange.openid4vci import offer as offers
from exchange.openid4vci.metadata import Configuration
from keys.local import LocalSigner, secret_of
from problems import InputError, NotFoundError
from wallet.contents import Note
from wallet.receive.offered import FORMATS, Offered
from wallet.vault import Vault

_SIGNING: Final = "ES256"


@dataclass(frozen=True)
class SignIn:
    """What an authorization request was made of; whoever comes back must know ``state``."""

    state: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True)
class Access:
    """The right to ask for credentials. ``identifiers`` are, by configuration, what to ask for by name;
    ``named`` whether the token endpoint knows who we are."""

    token: Presented
    refresh: str | None
    identifiers: dict[str, tuple[str, ...]]
    named: bool


@dataclass(frozen=True)
class Waiting:
    """A deferred credential: ask again after ``interval`` seconds. ``keys`` are the DIDs proved for it."""

    transaction: str
    interval: int
    configuration: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Arrived:
    """A credential as it came. Nothing in it has been verified."""

    configuration: str
    body: bytes
    keys: tuple[str, ...]
    notification: str | None


@dataclass(frozen=True)
class Errand:
    """``wanted`` are (configuration, identifier or None) still to be asked for; ``key`` the secret to which
    tokens are bound, None where the server binds none; ``instance`` that for which the wallet's provider
    vouches before this server alone: the same, or one of its own."""

    id: str
    offered: Offered
    configurations: tuple[str, ...]
    copies: int = 1
    key: bytes | None = field(default=None, repr=False)
    signing_in: SignIn | None = field(default=None, repr=False)
    access: Access | None = field(default=None, repr=False)
    asked: bool = False
    waiting: tuple[Waiting, ...] = field(default=(), repr=False)
    arrived: tuple[Arrived, ...] = field(default=(), repr=False)
    instance: bytes | None = field(default=None, repr=False)

    @property
    def signer(self) -> LocalSigner | None:
        return None if self.key is None else LocalSigner.from_secret("P-256", self.key)

    @property
    def named(self) -> bool:
        """Whether the wallet says its name to the token endpoint even where it need not."""
        return self.instance is not None

    def configuration(self, name: str) -> Configuration:
        return self.offered.issuer.configurations[name]


def start(
    offered: Offered,
    configurations: Collection[str] | None = None,
    copies: int = 1,
    random: Callable[[int], bytes] = os.urandom,
) -> Errand:
    """Return the errand of a person who accepts what is offered, or those ``configurations`` of it.

    ``copies`` are as many as the issuer gives at a time, at most. Raises InputError when this wallet can
    hold nothing of it, or for a configuration that is not offered.
    """
    possible = [name for name, one in offered.issuer.configurations.items() if one.format in FORMATS]
    wanted = possible if configurations is None else list(dict.fromkeys(configurations))
    if not wanted or not set(wanted) <= set(possible):
        raise InputError("receive.nothing_possible", known=", ".join(possible)[:200])
    bound = _SIGNING in offered.server.dpop_algorithms
    return Errand(
        random(16).hex(),
        offered,
        tuple(wanted),
        max(1, min(copies, offered.issuer.batch_size)),
        secret_of(LocalSigner.generate("P-256", random=random)) if bound else None,
    )


def again(errand: Errand, configurations: Collection[str] | None, copies: int) -> Errand:
    """Return the errand of a person who accepts, after all, only some of it, or several copies."""
    if configurations is None and copies == 1:
        return errand
    return replace(start(errand.offered, configurations, copies), id=errand.id)


def accessed(errand: Errand, given: TokenResponse, *, named: bool) -> Errand:
    """Return the errand with what a token endpoint gave; a key that it did not bind to is dropped."""
    token = Presented("DPoP" if given.bound else "Bearer", given.access_token)
    identifiers = {one.configuration: one.identifiers for one in given.granted if one.identifiers}
    before = errand.access
    if before is not None:
        identifiers = identifiers or before.identifiers
    refresh = given.refresh_token or (before.refresh if before else None)
    access = Access(token, refresh, identifiers, named)
    return replace(errand, access=access, signing_in=None, key=errand.key if given.bound else None)


def remember(errand: Errand, vault: Vault, now: datetime) -> None:
    """Keep the errand in the vault, in the place of what was known of it."""
    vault.write_down(Note("errand", errand.id, strict_json.encode(to_json(errand)), now))


def forget(errand: Errand, vault: Vault, now: datetime) -> None:
    vault.strike_out(Note("errand", errand.id, b"", now))


def errands(vault: Vault) -> list[Errand]:
    """Return what is on its way, the oldest first."""
    return [from_json(strict_json.read_object(note.body)) for note in vault.notes("errand")]


def named(vault: Vault, name: str) -> Errand:
    """Return one errand; raise NotFoundError ``receive.no_errand``."""
    found = [one for one in errands(vault) if one.id == name]
    if not found:
        raise NotFoundError("receive.no_errand")
    return found[0]


def to_json(errand: Errand) -> Json:
    offered, signing_in, access = errand.offered, errand.signing_in, errand.access
    return {
        "id": errand.id,
        "offer": offered.offer.document(),
        "issuer": offered.issuer.document(),
        "server": offered.server.document(),
        "signedBy": offered.signed_by,
        "configurations": [*errand.configurations],
        "copies": errand.copies,
        "key": None if errand.key is None else _text(errand.key),
        "signIn": None if signing_in is None else dict(vars(signing_in)),
        "access": None if access is None else _access_json(access),
        "asked": errand.asked,
        "waiting": [{**vars(one), "keys": [*one.keys]} for one in errand.waiting],
        "arrived": [{**vars(one), "body": _text(one.body), "keys": [*one.keys]} for one in errand.arrived],
        "instance": None if errand.instance is None else _text(errand.instance),
    }


def from_json(said: Json) -> Errand:
    """Return what :func:`to_json` wrote; raise MalformedValueError for anything else."""
    offer = offers.read(an_object(said.get("offer"), "offer"))
    server = an_object(said.get("server"), "server")
    offered = Offered(
        offer,
        issuers.read(an_object(said.get("issuer"), "issuer"), offer.issuer),
        servers.read(server, a_text(server.get("issuer"), "issuer")),
        _optional(said, "signedBy"),
    )
    key, signing_in, access = _secret(said, "key"), said.get("signIn"), said.get("access")
    return Errand(
        a_text(said.get("id"), "id"),
        offered,
        tuple(texts(said.get("configurations"), "configurations")),
        an_integer(said.get("copies"), "copies"),
        key,
        None if signing_in is None else _sign_in(an_object(signing_in, "signIn")),
        None if access is None else _access(an_object(access, "access")),
        said.get("asked") is True,
        tuple(_waiting(one) for one in _objects(said, "waiting")),
        tuple(_arrived(one) for one in _objects(said, "arrived")),
        _secret(said, "instance"),
    )


def _access_json(access: Access) -> Json:
    return {
        "scheme": access.token.scheme,
        "token": access.token.token,
        "refresh": access.refresh,
        "identifiers": {name: [*given] for name, given in access.identifiers.items()},
        "named": access.named,
    }


def _access(said: Json) -> Access:
    token = Presented(
        "DPoP" if said.get("scheme") == "DPoP" else "Bearer", a_text(said.get("token"), "token")
    )
    identifiers = an_object(said.get("identifiers"), "identifiers")
    return Access(
        token,
        _optional(said, "refresh"),
        {name: tuple(texts(given, name)) for name, given in identifiers.items()},
        said.get("named") is True,
    )


def _sign_in(said: Json) -> SignIn:
    return SignIn(*(a_text(said.get(name), name) for name in ("state", "verifier", "redirect_uri")))


def _waiting(said: Json) -> Waiting:
    return Waiting(
        a_text(said.get("transaction"), "transaction"),
        an_integer(said.get("interval"), "interval"),
        a_text(said.get("configuration"), "configuration"),
        tuple(texts(said.get("keys"), "keys")),
    )


def _arrived(said: Json) -> Arrived:
    return Arrived(
        a_text(said.get("configuration"), "configuration"),
        _bytes(a_text(said.get("body"), "body")),
        tuple(texts(said.get("keys"), "keys")),
        _optional(said, "notification"),
    )


def _objects(said: Json, name: str) -> Sequence[Json]:
    return [an_object(one, name) for one in a_list(said.get(name), name)]


def _secret(said: Json, name: str) -> bytes | None:
    return None if said.get(name) is None else _bytes(a_text(said[name], name))


def _optional(said: Json, name: str) -> str | None:
    return None if said.get(name) is None else a_text(said[name], name)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
