"""Speak with an issuer's servers: forms and JSON out, JSON in, proofs of our key along, refusals read."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from boundary import forms, strict_json, urls
from boundary.fetch import Answer, Client
from boundary.shape import a_text
from boundary.strict_json import Json
from exchange.oauth import attestation, bearer, dpop
from exchange.oauth.bearer import Presented
from exchange.oauth.metadata import AuthorizationServer
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import ParsingError, Problem, ProtocolError, RetrievalError
from wallet.provider import Provider

JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_WORD: Final = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True)
class Web:
    """How this wallet reaches others. ``client_id`` is its name to authorization servers, ``keys`` finds
    whoever signs metadata; with ``signed`` metadata are asked for signed. ``provider`` vouches for it, if
    anybody does."""

    client: Client
    keys: Resolver
    now: Callable[[], datetime]
    client_id: str = "passeport"
    signed: bool = False
    provider: Provider | None = None
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False)


@dataclass(frozen=True)
class Instance:
    """This wallet before one authorization server: whoever has ``signer`` is it, says its provider."""

    provider: Provider
    signer: LocalSigner
    server: AuthorizationServer


@dataclass
class Talk:
    """One conversation. With ``key`` each request proves it (RFC 9449), with the nonce that the server gave
    last; a server that wants a newer one is asked again, once (§8, §9). With ``instance`` each form comes
    with the provider's word, and with the instance's own, made for the challenge that the server gave last.
    """

    web: Web
    key: LocalSigner | None = None
    instance: Instance | None = None
    _nonces: dict[str, str] = field(default_factory=dict, repr=False)
    _challenge: str | None = field(default=None, repr=False)

    def form(self, url: str, fields: Mapping[str, str]) -> Json:
        """Return what answers a form to an authorization server; raise ProtocolError with its word for a
        refusal."""
        body = forms.write(fields).encode()
        return read(self._asked(lambda: self._sent(url, body, _FORM, None, self._introduction())))

    def send(self, url: str, body: bytes, kind: str, token: Presented | None = None) -> Answer:
        """Return the answer to a POST, whichever it is."""
        return self._asked(lambda: self._sent(url, body, kind, token, {}))

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        """Ask, and again with what the server gave meanwhile, once for each thing that it may want."""
        answer, given = ask(), set[str]()
        while (wanted := self._wanted(answer)) and wanted not in given:
            given.add(wanted)
            answer = ask()
        return answer

    def _wanted(self, answer: Answer) -> str | None:
        if self.key is not None and _wants(answer, "dpop-nonce", "use_dpop_nonce"):
            return "nonce"
        if self.instance is not None and _wants(
            answer, attestation.CHALLENGE_HEADER.lower(), attestation.CHALLENGE_WANTED
        ):
            return "challenge"
        return None

    def _introduction(self) -> dict[str, str]:
        """Return the two headers of client attestation, made anew for each request."""
        who = self.instance
        if who is None:
            return {}
        now, name = self.web.now(), self.web.client_id
        if self._challenge is None and who.server.challenge_endpoint is not None:
            self._challenge = self._fetched_challenge(who.server.challenge_endpoint)
        pop = attestation.prove(
            who.signer, who.server.issuer, name, now, self.web.random, challenge=self._challenge
        )
        word = who.provider.vouch(who.signer.public_key, name, now)
        return {attestation.HEADER: word, attestation.POP_HEADER: pop}

    def _fetched_challenge(self, endpoint: str) -> str:
        answer = self.web.client.send("POST", endpoint, headers={"Accept": JSON})
        return a_text(read(answer).get("attestation_challenge"), "attestation_challenge")

    def _sent(
        self, url: str, body: bytes, kind: str, token: Presented | None, more: Mapping[str, str]
    ) -> Answer:
        headers = {"Content-Type": kind, "Accept": f"{JSON}, application/jwt", **more}
        if token is not None:
            headers["Authorization"] = bearer.write(token)
        if self.key is not None and (token is None or token.scheme == "DPoP"):
            headers["DPoP"] = self._proof(self.key, url, token)
        answer = self.web.client.send("POST", url, body=body, headers=headers)
        if nonce := answer.headers.get("dpop-nonce"):
            self._nonces[urls.origin(url)] = nonce
        self._challenge = answer.headers.get(attestation.CHALLENGE_HEADER.lower(), self._challenge)
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


def _wants(answer: Answer, header: str, word: str) -> bool:
    """RFC 9449 §8, and challenges alike: in the body (400, 401); RFC 9449 §9: in a header (401)."""
    if answer.status not in (400, 401) or header not in answer.headers:
        return False
    told = answer.headers.get("www-authenticate", "") + answer.body[:2_000].decode("utf-8", "replace")
    return word in told
