"""Share by a link: derive, encrypt, put where the link leads, remember how to cut it.

    choose -> present, for this one link -> encrypt with the key of the link -> put -> remember

Whoever keeps the share never has its key. The key and the owner's token stay in the vault; when the service
does not answer, nobody has the link, and what it may have kept can be read by nobody.
"""

import datetime as dt
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from boundary import base64url, limits, strict_json, urls
from boundary.fetch import Answer, Client, Method
from boundary.shape import a_list, a_text, an_integer
from boundary.strict_json import Json
from exchange import presentation
from exchange.share_link import ShareLink
from problems import InputError, NotFoundError, ParsingError, Problem, RetrievalError
from wallet import history
from wallet.contents import Note
from wallet.opened import open_held
from wallet.present import Choice, bearer, present
from wallet.vault import Vault

Clients: TypeAlias = Callable[[str], Client]
"""From the origin of a service to who asks it."""

_OVER: Final = (404, 410)


@dataclass(frozen=True)
class Shared:
    """A link that was made, what it shows, and the token that cuts it."""

    link: ShareLink
    owner: str
    titles: tuple[str, ...]
    made: dt.datetime
    expires: dt.datetime
    max_views: int | None

    @property
    def id(self) -> str:
        """Return what its holder calls it: in hexadecimal, to be typed."""
        return base64url.decode(self.link.name).hex()


def share(
    choices: Sequence[Choice],
    vault: Vault,
    origin: str,
    clients: Clients,
    now: dt.datetime,
    *,
    lifetime: dt.timedelta,
    max_views: int | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> Shared:
    """Put what is chosen behind a new link at ``origin`` and return it.

    Raises InputError ``link.origin``; what :func:`wallet.present.present` raises; RetrievalError when the
    service does not answer, ``link.not_made`` when it refuses; then there is no link.
    """
    link = ShareLink.new(_origin(origin), random)
    until = now + lifetime
    parts = present(choices, vault, bearer(now, lifetime, link.audience), random)
    asked: Json = {
        "host": link.origin.partition("://")[2],
        "id": link.name,
        "ciphertext": link.seal(presentation.write_parts(parts)),
        "expires": until.isoformat(),
        "max_views": max_views,
    }
    answer = _ask(clients(link.origin), "POST", f"{link.origin}/links", asked)
    if answer.status != 201:
        raise RetrievalError("link.not_made", host=_host(link), answer=answer.status)
    titles = tuple(open_held(choice.held).facts.title for choice in choices)
    made = Shared(link, _owner(answer), titles, now, until, max_views)
    vault.write_down(Note("link", link.name, strict_json.write(_to_json(made)).encode(), now))
    history.note(map(history.of_choice, choices), vault, link.audience, "linked", now)
    return made


def links(vault: Vault) -> list[Shared]:
    """Return the links that were made and not cut, oldest first."""
    return [_from_json(note) for note in vault.notes("link")]


def unlink(vault: Vault, beginning: str, clients: Clients) -> Shared:
    """Cut the one link whose id begins so, and forget it.

    Raises NotFoundError ``link.unlisted``; RetrievalError while the service does not confirm it: the link
    then stays on the list.
    """
    meant = [one for one in links(vault) if beginning and one.id.startswith(beginning)]
    if len(meant) != 1:
        raise NotFoundError("link.unlisted")
    [found] = meant
    answer = _ask(
        clients(found.link.origin),
        "DELETE",
        f"{found.link.origin}/links/{found.link.name}",
        None,
        found.owner,
    )
    if answer.status not in (204, *_OVER):
        raise RetrievalError("link.not_cut", host=_host(found.link), answer=answer.status)
    vault.strike_out(Note("link", found.link.name, b"", found.made))
    return found


def _origin(url: str) -> str:
    """The scheme and host that a person typed."""
    try:
        address = urls.parse(url.rstrip("/") + "/", plain=True)
    except Problem:
        raise InputError("link.origin") from None
    if address.target != "/":
        raise InputError("link.origin")
    return str(address).rstrip("/")


def _host(link: ShareLink) -> str:
    return link.origin.partition("://")[2]


def _ask(client: Client, method: Method, url: str, body: Json | None, owner: str = "") -> Answer:
    headers = {"Authorization": f"Bearer {owner}"} if owner else {"Content-Type": "application/json"}
    content = strict_json.write(body).encode() if body is not None else b""
    return client.send(method, url, body=content, headers=headers, limit=limits.JSON_BYTES)


def _owner(answer: Answer) -> str:
    return a_text(strict_json.read_object(answer.body.decode("utf-8", "replace")).get("owner"), "owner")


def _to_json(shared: Shared) -> Json:
    return {
        "origin": shared.link.origin,
        "name": shared.link.name,
        "key": base64url.encode(shared.link.key),
        "owner": shared.owner,
        "titles": [*shared.titles],
        "expires": shared.expires.isoformat(),
        "max_views": shared.max_views,
    }


def _from_json(note: Note) -> Shared:
    try:
        said = strict_json.read_object(note.body.decode())
        views = said.get("max_views")
        return Shared(
            ShareLink(
                a_text(said.get("origin"), "origin"),
                a_text(said.get("name"), "name"),
                base64url.decode(a_text(said.get("key"), "key")),
            ),
            a_text(said.get("owner"), "owner"),
            tuple(a_text(title, "titles") for title in a_list(said.get("titles"), "titles")),
            note.added,
            dt.datetime.fromisoformat(a_text(said.get("expires"), "expires")),
            None if views is None else an_integer(views, "max_views"),
        )
    except (Problem, ValueError) as error:
        raise ParsingError("wallet.damaged") from error
