"""Answer a verifier over OpenID4VP: fetch and judge the request, propose, and send what was agreed to.

    fetch -> consent (shown to the person before anything leaves) -> agree or decline -> send

Nothing is sent about a request that does not hold, and whoever has nothing to show answers like whoever
does not want to: with ``access_denied``.
"""

import base64
import datetime as dt
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from boundary import limits, strict_json, urls
from boundary.fetch import Client
from boundary.strict_json import Json
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.pointers import pointer_to
from exchange import dcql
from exchange.dcql import Candidate, CredentialQuery, Match
from exchange.dcql.paths import Place
from exchange.openid4vp import candidates, client_id, link, response
from exchange.openid4vp.client_id import Asker, Trust
from exchange.openid4vp.link import Link
from exchange.openid4vp.request import TYP, AuthorizationRequest
from exchange.openid4vp.response import VpToken
from exchange.presentation import JsonLdPart
from problems import InputError, ParsingError, Problem, ProtocolError, RetrievalError
from proofs import SUITES, data_integrity, sd_jwt
from proofs.sd_jwt import KeyBinding
from wallet.contents import Held
from wallet.opened import Opened, open_held
from wallet.present import Binding, Choice, KeyHolder, present

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Asked:
    """A request that holds, and who made it as far as that is known."""

    request: AuthorizationRequest
    asker: Asker


@dataclass(frozen=True)
class Proposal:
    """One credential that answers one query; ``facts`` are exactly what would be shown of it.

    ``reveal`` are the ids of items (JSON-LD) or the paths of disclosures (SD-JWT) to show.
    """

    query: str
    held: Held
    facts: Facts
    items: tuple[str, ...] = ()
    paths: tuple[sd_jwt.Path, ...] = ()


@dataclass(frozen=True)
class Consent:
    """What a person sees and decides before anything leaves: who asks, and for each query the credentials
    that answer it. ``possible`` is false when nothing that the vault holds is an answer."""

    asked: Asked
    proposals: Mapping[str, Sequence[Proposal]]

    @property
    def possible(self) -> bool:
        return dcql.satisfied(
            self.asked.request.query, [name for name, found in self.proposals.items() if found]
        )

    def required(self, query: str) -> bool:
        """Say whether an answer to this query cannot be left out, whatever else is answered."""
        others = [name for name, found in self.proposals.items() if found and name != query]
        return not dcql.satisfied(self.asked.request.query, others)


def fetch(url: str, client: Client, trust: Trust, random: Callable[[int], bytes] = os.urandom) -> Asked:
    """Return the request that a link or a QR code leads to.

    Raises ProtocolError for one that does not hold, RetrievalError when it cannot be had, LimitError and
    MalformedValueError for addresses and sizes that are not taken.
    """
    found = link.read(url)
    if found.parameters is not None:
        request, asker = client_id.open_plain(found.parameters)
    elif found.request is not None:
        request, asker = client_id.open_signed(found.request, found.client_id, trust)
    else:
        token, nonce = _request_object(found, client, random)
        request, asker = client_id.open_signed(token, found.client_id, trust, nonce)
    if request.transaction_data:  # §8.4: a transaction that cannot be shown is not approved
        raise ProtocolError("vp.transaction_data", error="invalid_transaction_data")
    return Asked(request, asker)


def _request_object(found: Link, client: Client, random: Callable[[int], bytes]) -> tuple[str, str | None]:
    """Ask for the request object (§5.10); by POST the wallet sends a nonce that must come back."""
    address, headers = found.request_uri or "", {"Accept": f"application/{TYP}"}
    nonce = None
    if found.method == "post":
        nonce = base64.urlsafe_b64encode(random(16)).decode().rstrip("=")
        body = urls.form({"wallet_nonce": nonce})
        answer = client.send("POST", address, body=body, headers=headers | _FORM, limit=limits.JWS_BYTES)
    else:
        answer = client.send("GET", address, headers=headers, limit=limits.JWS_BYTES)
    if answer.status != 200:
        raise RetrievalError("vp.no_object", answer=answer.status)
    return answer.body.decode("ascii", "replace").strip(), nonce


def consent(asked: Asked, held: Sequence[Held]) -> Consent:
    """Return what the vault can answer with; nothing is signed and nothing leaves."""
    opened = {one.id: (one, open_held(one)) for one in held if one.endorses is None}
    known = [candidate for one, credential in opened.values() for candidate in _candidates(one, credential)]
    found = dcql.options(asked.request.query, known)
    proposals = {
        query.id: [_proposal(query, match, *opened[match.candidate.id]) for match in found[query.id]]
        for query in asked.request.query.credentials
    }
    return Consent(asked, proposals)


def _candidates(one: Held, credential: Opened) -> Iterator[Candidate]:
    bound = credential.facts.bound
    if one.media_type == "application/dc+sd-jwt":
        yield candidates.of_sd_jwt(one.id, credential.document, bound=bound)
    elif one.media_type == "application/vc":
        document = {name: value for name, value in credential.document.items() if name != "proof"}
        yield candidates.of_credential(one.id, document, bound=bound)


def _proposal(query: CredentialQuery, match: Match, one: Held, credential: Opened) -> Proposal:
    if one.media_type == "application/dc+sd-jwt":
        paths = tuple(path for path in credential.paths if _any_meets(match.places, path))
        shown = sd_jwt.parse(sd_jwt.present(one.body.decode(), paths))
        return Proposal(query.id, one, facts_sd(sd_jwt.unverified(shown).payload), paths=paths)
    if credential.whole:
        return Proposal(query.id, one, credential.facts, items=("*",))
    items = [
        item
        for item in credential.items
        if any(_any_meets_pointer(match.places, pointer) for pointer in item.pointers)
    ]
    pointers = list(dict.fromkeys(pointer for item in items for pointer in item.pointers))
    derived = data_integrity.derive(credential.document, SUITES, pointers)
    return Proposal(query.id, one, facts_ld(derived), items=tuple(item.id for item in items))


def _any_meets(places: Collection[Place], path: sd_jwt.Path) -> bool:
    """Whether a disclosure holds something that is asked for, or is part of it."""
    return any(path[: len(place)] == place or place[: len(path)] == path for place in places)


def _any_meets_pointer(places: Collection[Place], pointer: str) -> bool:
    asked = [pointer_to(place) for place in places]
    return any(f"{pointer}/".startswith(f"{one}/") or f"{one}/".startswith(f"{pointer}/") for one in asked)


def agree(
    given: Consent,
    chosen: Collection[Proposal],
    keys: KeyHolder,
    now: dt.datetime,
    random: Callable[[int], bytes] = os.urandom,
) -> VpToken:
    """Return the signed presentations of what the person chose, each for this request alone.

    Raises InputError ``answer.not_enough`` when the choice does not answer the request, ``answer.two`` for
    two credentials where one is asked for.
    """
    request = given.asked.request
    by_query: dict[str, list[Proposal]] = {}
    for proposal in chosen:
        by_query.setdefault(proposal.query, []).append(proposal)
    if not dcql.satisfied(request.query, by_query):
        raise InputError("answer.not_enough")
    for name, proposals in by_query.items():
        query = request.query.by_id(name)
        if query is None or (len(proposals) > 1 and not query.multiple):
            raise InputError("answer.two")
    binding = Binding(request.client_id, request.nonce, now)
    return {
        name: [_signed(proposal, keys, binding, random) for proposal in proposals]
        for name, proposals in by_query.items()
    }


def _signed(
    proposal: Proposal, keys: KeyHolder, binding: Binding, random: Callable[[int], bytes]
) -> str | Json:
    held, holder = proposal.held, proposal.facts.holder_id
    if held.media_type == "application/dc+sd-jwt":
        bound = None
        if proposal.facts.bound and holder is not None:
            signer = keys.signer_for(holder)
            bound = KeyBinding(signer, binding.audience, binding.nonce or "", binding.now)
        return sd_jwt.present(held.body.decode(), proposal.paths, bound)
    [part] = present([Choice(held, proposal.items)], keys, binding, random)
    return part.document if isinstance(part, JsonLdPart) else part.text


def send(asked: Asked, vp_token: VpToken, client: Client) -> str | None:
    """Post the answer; return where the verifier leads the person on, if it says so (§8.2).

    Raises RetrievalError ``vp.not_taken`` when the verifier does not take it.
    """
    return _post(asked, response.form(vp_token, asked.request), client)


def decline(asked: Asked, client: Client) -> str | None:
    """Tell the verifier that there will be no answer, and not why."""
    said = ProtocolError("answer.declined", error="access_denied")
    return _post(asked, response.refusal(said, asked.request), client)


def _post(asked: Asked, fields: Mapping[str, str], client: Client) -> str | None:
    answer = client.send("POST", asked.request.response_uri, body=urls.form(fields), headers=_FORM)
    if answer.status != 200:
        raise RetrievalError("vp.not_taken", answer=answer.status)
    try:
        said = strict_json.read_object(answer.body) if answer.body.strip() else {}
    except (ParsingError, Problem):
        return None
    where = said.get("redirect_uri")
    return where if isinstance(where, str) and where.startswith(("https://", "http://")) else None
