"""``passeport verify`` a link to a share: opened as its page does, but read and judged here.

Opening counts as a view, for which the person who shared it may have set a number, and asks a service that
whoever made the link chose. So it is done with ``--online`` only, for one link at a time, through the guarded
client; without, nothing is asked of anybody.
"""

from dataclasses import dataclass, replace

from boundary import strict_json
from boundary.fetch import Answer, Client
from boundary.shape import a_text
from exchange import share_link
from exchange.qr import QrPayload
from exchange.share_link import ShareLink
from passeport import online
from passeport.cli.inspection import Inspection
from problems import GoneError, InputError, NotFoundError, ParsingError, Problem, RetrievalError
from verifier.extract import Document, Extracted

_ENDED = ("link.expired", "link.revoked", "link.exhausted")
_HERE = ("http://127.0.0.1:", "http://localhost:")


def is_link(source: str) -> bool:
    """Whether what was given is an address, and no file."""
    return source.lower().startswith(("https://", "http://"))


@dataclass(frozen=True)
class Opening:
    """How links are opened: with ``online`` at all, with ``loopback`` on this machine too."""

    loopback: bool
    online: bool

    def readable(self, data: bytes) -> bytes:
        """A link is written with https wherever it is read; in development it may be of this machine."""
        text = data.strip()
        if self.loopback and text.startswith(tuple(one.encode() for one in _HERE)):
            return b"https" + text.removeprefix(b"http")
        return data

    def opened(self, found: Extracted, work: Inspection) -> tuple[Extracted, Inspection]:
        """Return what is behind the link, to be judged as made for that link alone; anything else as it is.

        Raises InputError ``link.not_opened`` without ``online``, GoneError and NotFoundError for a link that
        is over, RetrievalError; what :mod:`exchange.share_link` raises for a damaged one.
        """
        if len(found.documents) != 1:
            return found, work
        [document] = found.documents
        code = document.content
        if not isinstance(code, QrPayload) or code.kind != "L":
            return found, work
        link = self._at(share_link.opened(code))
        if not self.online:
            raise InputError("link.not_opened", site=code.host)
        if work.policy.question:
            raise InputError("link.no_answer")
        text = _taken(link, online.client(loopback=self.loopback))
        policy = replace(work.policy, bearer_audience=link.audience)
        documents = (Document(text, document.page),)
        return replace(found, documents=documents), replace(work, policy=policy)

    def _at(self, link: ShareLink) -> ShareLink:
        here = f"http://{link.origin.removeprefix('https://')}"
        return replace(link, origin=here) if self.loopback and here.startswith(_HERE) else link


def _taken(link: ShareLink, client: Client) -> bytes:
    headers = {"Content-Type": "application/json"}
    answer = client.send("POST", f"{link.origin}/links/{link.name}/view", body=b"{}", headers=headers)
    if answer.status != 200:
        raise _over(answer, link)
    try:
        ciphertext = a_text(strict_json.read_object(answer.body).get("ciphertext"), "ciphertext")
    except Problem:
        raise RetrievalError("link.no_share", host=_host(link), answer=answer.status) from None
    try:
        return link.unseal(ciphertext)
    except Problem:
        raise ParsingError("link.damaged") from None


def _over(answer: Answer, link: ShareLink) -> Problem:
    """Say what the service says of a link that is over, in our words."""
    try:
        code = strict_json.read_object(answer.body).get("code")
    except Problem:
        code = None
    if answer.status == 410:
        return GoneError(next((one for one in _ENDED if one == code), "link.expired"))
    if answer.status == 404:
        return NotFoundError("link.unknown")
    return RetrievalError("link.no_share", host=_host(link), answer=answer.status)


def _host(link: ShareLink) -> str:
    return link.origin.partition("://")[2]
