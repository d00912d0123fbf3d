"""OpenID4VCI over HTTP: where wallets find the issuer, get a token, and fetch credentials.

The shapes are those of the specifications, so are the refusals. The addresses that proofs are made for come
from the settings, never from what a request says of itself.
"""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends, Request, Response

from boundary import strict_json
from boundary.serving import refusals
from boundary.serving.access import Bound, Public, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import FormBody, media_type
from boundary.strict_json import Json
from exchange.oauth import attestation, token
from exchange.oauth.refusal import refused_as
from exchange.openid4vci import encryption, messages, metadata
from exchange.openid4vci.messages import ResponseEncryption
from issuer import admission, delivery, offer, tokens
from issuer.admission import Caller
from issuer.counter import Counter
from problems import GoneError, NotFoundError, ProtocolError
from storage.grants import Grant

Counters: TypeAlias = Callable[[str], Counter]
"""From the name of an organisation to its counter; raises NotFoundError."""
Clock: TypeAlias = Callable[[], dt.datetime]

_METADATA: Final = Public("what wallets must know before they ask for anything")
_OFFER: Final = Bound("the unguessable name of the offer")
_CODE: Final = Bound("a code that is good for one token")
_NONCE: Final = Public("a nonce says nothing and opens nothing (OpenID4VCI §7.1)")
_TOKEN: Final = Bound("an access token, and a proof of its key if it is bound to one")


async def _body(request: Request) -> bytes:
    return await request.body()


RawBody: TypeAlias = Annotated[bytes, Depends(_body)]


def router(counters: Counters, now: Clock) -> APIRouter:
    routes = APIRouter(tags=["openid4vci"], dependencies=[Depends(refusals.speaks_oauth)])
    _publish(routes, counters, now)
    _serve(routes, counters, now)
    return routes


def _publish(routes: APIRouter, counters: Counters, now: Clock) -> None:
    @routes.get(
        f"/.well-known/{metadata.WELL_KNOWN}/issuers/{{organisation}}", dependencies=[allow(_METADATA)]
    )
    def issuer_metadata(organisation: str, request: Request) -> Response:
        """Credential issuer metadata, signed for whoever accepts `application/jwt` first (§12.2)."""
        counter = counters(organisation)
        document = counter.metadata().document()
        if not _wants_signed(request):
            return json_answer(document, headers=_VARIES)
        return Response(counter.signed(document, now()), 200, _VARIES, metadata.SIGNED)

    @routes.get(
        "/.well-known/oauth-authorization-server/issuers/{organisation}", dependencies=[allow(_METADATA)]
    )
    def server_metadata(organisation: str) -> Response:
        """Authorization server metadata (RFC 8414)."""
        return json_answer(counters(organisation).server().document(), headers=_CACHED)

    @routes.get("/issuers/{organisation}/offers/{reference}", dependencies=[allow(_OFFER)])
    def credential_offer(organisation: str, reference: str) -> Response:
        """A credential offer by reference (§4.1.3)."""
        counter, moment = counters(organisation), now()
        found = offer.opened(counter.offers, organisation, reference, "ticket", moment)
        if found is None:
            raise NotFoundError("offer.unknown")
        if found.state != "offered":
            raise GoneError("offer.not_open", state=found.state)
        document = offer.document(found, offer.ticket_of(reference), counter.url).document()
        return json_answer(document, headers=NO_STORE)


def _serve(routes: APIRouter, counters: Counters, now: Clock) -> None:
    @routes.post("/issuers/{organisation}/token", dependencies=[allow(_CODE)])
    def token_endpoint(organisation: str, form: FormBody, request: Request) -> Response:
        """Codes and refresh tokens for access tokens (RFC 6749 §3.2)."""
        counter = counters(organisation)
        caller = caller_of(request, counter, "token")
        answer = tokens.redeem(counter, token.read_request(form), caller, now())
        return json_answer(answer.document(), headers=NO_STORE)

    @routes.post("/issuers/{organisation}/nonce", dependencies=[allow(_NONCE)])
    def nonce_endpoint(organisation: str) -> Response:
        """A nonce for key proofs (§7)."""
        made = delivery.nonce(counters(organisation), now())
        return json_answer(messages.nonce_document(made), headers=NO_STORE)

    @routes.post("/issuers/{organisation}/credential", dependencies=[allow(_TOKEN)])
    def credential_endpoint(organisation: str, body: RawBody, request: Request) -> Response:
        """Credentials, each bound to a key that is shown here (§8)."""
        counter = counters(organisation)
        grant = _admitted(request, counter, "credential", now())
        asked = messages.read_request(_object(request, counter, body))
        _require_encrypted(request, asked.encryption)
        return _outcome(delivery.deliver(counter, grant, asked, now()), asked.encryption)

    @routes.post("/issuers/{organisation}/deferred", dependencies=[allow(_TOKEN)])
    def deferred_endpoint(organisation: str, body: RawBody, request: Request) -> Response:
        """Credentials that could not be had at once (§9)."""
        counter = counters(organisation)
        grant = _admitted(request, counter, "deferred", now())
        asked = messages.read_deferred(_object(request, counter, body))
        _require_encrypted(request, asked.encryption)
        return _outcome(delivery.deliver_later(counter, grant, asked, now()), asked.encryption)

    @routes.post("/issuers/{organisation}/notification", dependencies=[allow(_TOKEN)])
    def notification_endpoint(organisation: str, body: RawBody, request: Request) -> Response:
        """What a wallet did with its credentials (§11)."""
        counter = counters(organisation)
        grant = _admitted(request, counter, "notification", now())
        told = messages.read_notification(_plain_object(request, body, "invalid_notification_request"))
        delivery.note(counter, grant, told, now())
        return Response(status_code=204, headers=dict(NO_STORE))


_CACHED: Final = {"Cache-Control": "max-age=300"}
_VARIES: Final = {**_CACHED, "Vary": "Accept"}


def _wants_signed(request: Request) -> bool:
    """Whether signed metadata are asked for by name, and not less than plain ones."""
    wanted = {"application/jwt": 0.0, "application/json": 0.0}
    for part in request.headers.get("accept", "")[:500].split(","):
        kind, _, parameters = part.partition(";")
        name = kind.strip().lower()
        if name in wanted:
            wanted[name] = _quality(parameters)
    return wanted["application/jwt"] > 0 and wanted["application/jwt"] >= wanted["application/json"]


def _quality(parameters: str) -> float:
    """RFC 9110 §12.4.2."""
    try:
        return float(parameters.replace(" ", "").removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def caller_of(request: Request, counter: Counter, endpoint: str) -> Caller:
    """RFC 9449 §4.1: one header, or the request is refused."""
    proofs = request.headers.getlist("dpop")
    if len(proofs) > 1:
        raise ProtocolError("dpop.twice", error="invalid_dpop_proof")
    words = (request.headers.get(name) for name in (attestation.HEADER, attestation.POP_HEADER))
    return Caller(request.method, counter.at(endpoint), proofs[0] if proofs else None, *words)


def _admitted(request: Request, counter: Counter, endpoint: str, now: dt.datetime) -> Grant:
    return admission.admit(
        counter, request.headers.get("authorization"), caller_of(request, counter, endpoint), now
    )


def _object(request: Request, counter: Counter, body: bytes) -> Json:
    """Return what was asked, decrypted if it was encrypted (§8.2, §10)."""
    if not _is_encrypted(request):
        return _plain_object(request, body, messages.ERROR)
    with refused_as(encryption.ERROR):
        token = body.decode("ascii", "replace")
        return encryption.decrypt_request(token, counter.desks.reading_keys())


def _plain_object(request: Request, body: bytes, error: str) -> Json:
    with refused_as(error):
        if media_type(request) != "application/json":
            raise ProtocolError("http.media_type", error=error, expected="application/json")
        return strict_json.read_object(body)


def _is_encrypted(request: Request) -> bool:
    return media_type(request) == metadata.SIGNED  # one media type for all tokens (§10)


def _require_encrypted(request: Request, wanted: ResponseEncryption | None) -> None:
    """A key for the answer that anybody on the way could have changed is none (§8.2)."""
    if wanted is not None and not _is_encrypted(request):
        raise ProtocolError("vci.encryption_plain", error=encryption.ERROR)


def _outcome(outcome: delivery.Outcome, wanted: ResponseEncryption | None) -> Response:
    status = 202 if isinstance(outcome, messages.Deferred) else 200
    if wanted is None:
        return json_answer(outcome.document(), status, NO_STORE)
    token = encryption.encrypt_response(outcome.document(), wanted)
    return Response(token, status, dict(NO_STORE), metadata.SIGNED)
