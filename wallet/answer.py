"""Answer a verifier over OpenID4VP: fetch and judge the request, propose, and send what was agreed to.

    fetch -> consent (shown to the person before anything leaves) -> agree or decline -> send

Nothing is sent about a request that does not hold, and whoever has nothing to show answers like whoever
does not want to: with ``access_denied``.
"""

import base64
import contextlib
import datetime as dt
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, get_args

from boundary import forms, limits, strict_json
from boundary.fetch import Client
from boundary.strict_json import Json
from exchange import dcql
from exchange.openid4vp import client_id, link, response, transaction
from exchange.openid4vp.client_id import Asker, Prefix, Trust
from exchange.openid4vp.link import Link
from exchange.openid4vp.request import FORMATS, TYP, AuthorizationRequest
from exchange.openid4vp.response import VpToken
from exchange.openid4vp.transaction import Transaction
from exchange.presentation import JsonLdPart, TokenPart
from problems import InputError, ParsingError, Problem, ProtocolError, RetrievalError
from proofs import SUITES, data_integrity, sd_jwt
from proofs.sd_jwt import KeyBinding
from wallet.consent import Asked, Consent, Proposal, consent
from wallet.opened import open_held
from wallet.present import ALL, Binding, Choice, KeyHolder, TokenForm, present

__all__ = ["Asked", "Consent", "Proposal", "agree", "consent", "decline", "fetch", "send"]

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_METADATA: Final[Json] = {
    "vp_formats_supported": FORMATS,
    "client_id_prefixes_supported": list(get_args(Prefix)),
    "request_object_signing_alg_values_supported": ["ES256", "ES384", "EdDSA"],
}
"""What a verifier that asks may know of this wallet (§10): the same of all its holders."""


def fetch(url: str, client: Client, trust: Trust, random: Callable[[int], bytes] = os.urandom) -> Asked:
    """Return the request that a link or a QR code leads to.

    Raises ProtocolError for one that does not hold, and for one that does but asks to approve what cannot
    be shown: that its verifier is told. RetrievalError when it cannot be had, LimitError and
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
    return Asked(request, asker, _transactions(request, asker, client))


def _transactions(request: AuthorizationRequest, asker: Asker, client: Client) -> tuple[Transaction, ...]:
    """§8.4: a transaction that cannot be shown, or that nothing can sign, is not approved."""
    try:
        found = tuple(transaction.read(one, request.query) for one in request.transaction_data)
        for one in found:
            _ = one.statement
            if not any(_signs(request, name) for name in one.queries):
                raise ProtocolError("vp.transaction_data", error=transaction.ERROR)
    except ProtocolError as problem:
        with contextlib.suppress(Problem):
            _post(Asked(request, asker), response.refusal(problem, request), client)
        raise
    return found


def _signs(request: AuthorizationRequest, name: str) -> bool:
    query = request.query.by_id(name)
    return query is not None and query.format == "dc+sd-jwt" and query.holder_binding


def _request_object(found: Link, client: Client, random: Callable[[int], bytes]) -> tuple[str, str | None]:
    """Ask for the request object (§5.10); by POST the wallet sends a nonce that must come back."""
    address, headers = found.request_uri or "", {"Accept": f"application/{TYP}"}
    nonce = None
    if found.method == "post":
        nonce = base64.urlsafe_b64encode(random(16)).decode().rstrip("=")
        body = forms.write({"wallet_nonce": nonce, "wallet_metadata": strict_json.write(_METADATA)}).encode()
        answer = client.send("POST", address, body=body, headers=headers | _FORM, limit=limits.JWS_BYTES)
    else:
        answer = client.send("GET", address, headers=headers, limit=limits.JWS_BYTES)
    if answer.status != 200:
        raise RetrievalError("vp.no_object", answer=answer.status)
    return answer.body.decode("ascii", "replace").strip(), nonce


def agree(
    given: Consent,
    chosen: Collection[Proposal],
    keys: KeyHolder,
    now: dt.datetime,
    random: Callable[[int], bytes] = os.urandom,
) -> VpToken:
    """Return the signed presentations of what the person chose, each for this request alone.

    Raises InputError ``answer.not_enough`` when the choice does not answer the request or cannot sign what
    is to be approved, ``answer.two`` for two credentials where one is asked for.
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
    hashes = _approved(given.asked, by_query)
    binding = Binding(request.client_id, request.nonce, now)
    return {
        name: [
            _shown(request, proposal, keys, binding, hashes.get(name, []), random) for proposal in proposals
        ]
        for name, proposals in by_query.items()
    }


def _approved(asked: Asked, chosen: Mapping[str, Sequence[Proposal]]) -> dict[str, list[str]]:
    """Return for each query what its credentials sign: each transaction with one that it names."""
    hashes: dict[str, list[str]] = {}
    for one in asked.transactions:
        able = [
            name
            for name in one.queries
            if _signs(asked.request, name) and all(found.facts.bound for found in chosen.get(name, ()))
        ]
        name = next((name for name in able if chosen.get(name)), None)
        if name is None:
            raise InputError("answer.not_enough")
        hashes.setdefault(name, []).append(one.digest)
    return hashes


def _shown(
    request: AuthorizationRequest,
    proposal: Proposal,
    keys: KeyHolder,
    binding: Binding,
    hashes: Sequence[str],
    random: Callable[[int], bytes],
) -> str | Json:
    query = request.query.by_id(proposal.query)
    bound = proposal.facts.bound and (query is None or query.holder_binding)
    if proposal.held.media_type == "application/dc+sd-jwt":
        signing = _key_binding(proposal, keys, binding, hashes) if bound else None
        return sd_jwt.present(proposal.held.body.decode(), proposal.paths, signing)
    if not bound:  # §6.1: the credential by itself
        return _alone(proposal)
    form: TokenForm | None = None if proposal.held.media_type == "application/vc" else "vp+jwt"
    match present([Choice(proposal.held, proposal.items)], keys, binding, random, form):
        case [JsonLdPart() as part]:
            return part.document
        case [TokenPart() as token]:
            return token.text
    raise InputError("answer.not_enough")


def _key_binding(
    proposal: Proposal, keys: KeyHolder, binding: Binding, hashes: Sequence[str]
) -> KeyBinding | None:
    """App. B.3.3.1: what is approved is signed along, as hashes."""
    holder = proposal.facts.holder_id
    if holder is None:
        return None
    more: Json = {}
    if hashes:
        more = {
            "transaction_data_hashes": [*hashes],
            "transaction_data_hashes_alg": transaction.ALGORITHM,
        }
    signer = keys.signer_for(holder)
    return KeyBinding(signer, binding.audience, binding.nonce or "", binding.now, more=more)


def _alone(proposal: Proposal) -> str | Json:
    held, opened = proposal.held, open_held(proposal.held)
    wanted = [item for item in opened.items if item.id in proposal.items]
    if held.media_type == "application/vc+sd-jwt":
        paths = opened.paths if ALL in proposal.items else {path for item in wanted for path in item.paths}
        return sd_jwt.present(held.body.decode(), paths)
    if held.media_type == "application/vc+jwt":
        return held.body.decode()
    if opened.whole:
        return opened.document
    pointers = list(dict.fromkeys(pointer for item in wanted for pointer in item.pointers))
    return data_integrity.derive(opened.document, SUITES, pointers)


def send(asked: Asked, vp_token: VpToken, client: Client) -> str | None:
    """Post the answer; return where the verifier leads the person on, if it says so (§8.2): for the
    person's browser to open, never for this client to follow.

    Raises RetrievalError ``vp.not_taken`` when the verifier does not take it.
    """
    return _post(asked, response.form(vp_token, asked.request), client)


def decline(asked: Asked, client: Client) -> str | None:
    """Tell the verifier that there will be no answer, and not why."""
    said = ProtocolError("answer.declined", error="access_denied")
    return _post(asked, response.refusal(said, asked.request), client)


def _post(asked: Asked, fields: Mapping[str, str], client: Client) -> str | None:
    answer = client.send("POST", asked.request.response_uri, body=forms.write(fields).encode(), headers=_FORM)
    if answer.status != 200:
        raise RetrievalError("vp.not_taken", answer=answer.status)
    try:
        said = strict_json.read_object(answer.body) if answer.body.strip() else {}
    except (ParsingError, Problem):
        return None
    where = said.get("redirect_uri")
    return where if isinstance(where, str) and where.startswith(("https://", "http://")) else None
