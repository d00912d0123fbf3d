"""Speak with an issuer's servers: forms and JSON out, JSON in, proofs of our key along, refusals read."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from boundary import forms, strict_json, urls
from boundary.fetch import Answer, Client
from boundary.strict_json import Json
from exchange.oauth import bearer, dpop
from exchange.oauth.bearer import Presented
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import ParsingError, Problem, ProtocolError, RetrievalError

JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_WORD: Final = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True)
class Web:
    """How this wallet reaches others. ``client_id`` is its name to authorization servers, ``keys`` finds
    whoever signs metadata; with ``signed`` metadata are asked for signed."""

    client: Client
    keys: Resolver
    now: Callable[[], datetime]
    client_id: str = "passeport"
    signed: bool = False
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False)


@dataclass
class Talk:
    """One conversation. With ``key`` each request proves it (RFC 9449), with the nonce that the server gave
    last; a server that wants a newer one is asked again, once (§8, §9)."""

    web: Web
    key: LocalSigner | None = None
    _nonces: dict[str, str] = field(default_factory=dict, repr=False)

    def form(self, url: str, fields: Mapping[str, str]) -> Json:
        """Return what answers a form; raise ProtocolError with the server's word for a refusal."""
        return read(self.send(url, forms.write(fields).encode(), _FORM))

    def send(self, url: str, body: bytes, kind: str, token: Presented | None = None) -> Answer:
        """Return the answer to a POST, whichever it is."""
        answer = self._sent(url, body, kind, token)
        if self.key is not None and _wants_nonce(answer):
            answer = self._sent(url, body, kind, token)
        return answer

    def _sent(self, url: str, body: bytes, kind: str, token: Presented | None) -> Answer:
        headers = {"Content-Type": kind, "Accept": f"{JSON}, application/jwt"}
        if token is not None:
            headers["Authorization"] = bearer.write(token)
        if self.key is not None and (token is None or token.scheme == "DPoP"):
            headers["DPoP"] = self._proof(self.key, url, token)
        answer = self.web.client.send("POST", url, body=body, headers=headers)
        if nonce := answer.headers.get("dpop-nonce"):
            self._nonces[urls.origin(url)] = nonce
        return answer

    def _proof(self, key: LocalSigner, url: str, token: Presented | None) -> str:
        return dpop.make(
            key,
            key.public_key,
            "POST",
            url,
            self.web.now(),
            nonce=self._nonces.get(urls.origin(url)),
            access_token=None if token is None else token.token,
            random=self.web.random,
        )


def read(answer: Answer) -> Json:
    """Return the object in a good answer; raise ProtocolError or RetrievalError for any other."""
    if not 200 <= answer.status < 300:
        raise refusal(answer)
    try:
        return strict_json.read_object(answer.body)
    except ParsingError:
        raise RetrievalError("receive.no_answer", answer=answer.status) from None


def refusal(answer: Answer) -> Problem:
    """Return what a refusal says: the error object of OAuth, or nothing that we understand."""
    try:
        said = strict_json.read_object(answer.body).get("error")
    except Problem:
        said = None
    if answer.status < 500 and isinstance(said, str) and _WORD.fullmatch(said):
        return ProtocolError("receive.refused", error=said, answer=502, word=said)
    return RetrievalError("receive.no_answer", answer=answer.status)


def _wants_nonce(answer: Answer) -> bool:
    """RFC 9449 §8: in the body (400); §9: in a header (401)."""
    if answer.status not in (400, 401) or "dpop-nonce" not in answer.headers:
        return False
    told = answer.headers.get("www-authenticate", "") + answer.body[:2_000].decode("utf-8", "replace")
    return "use_dpop_nonce" in told
