"""Get access: a token for a pre-authorized code or for a person who signs in (§5, §6, RFC 9700)."""

from dataclasses import replace

from boundary import base64url, forms
from exchange.oauth import authorization, pkce
from exchange.oauth import token as tokens
from exchange.oauth.authorization import AuthorizationRequest
from exchange.oauth.details import Detail
from exchange.oauth.token import AuthorizationCode, GrantForm, PreAuthorizedCode, RefreshToken, TokenRequest
from keys.jwk import thumbprint
from keys.local import LocalSigner, secret_of
from problems import InputError, ProtocolError
from wallet.receive.errand import Errand, SignIn, accessed
from wallet.receive.talk import Instance, Talk, Web


def redeem(errand: Errand, tx_code: str | None, web: Web) -> Errand:
    """Return the errand with a token for its pre-authorized code.

    Raises InputError ``receive.tx_code_wanted`` before anything is sent, ProtocolError for a refusal.
    """
    grant = errand.offered.offer.pre_authorized
    if grant is None:
        raise InputError("receive.sign_in_wanted")
    if grant.tx_code is not None and not tx_code:
        raise InputError("receive.tx_code_wanted")
    code = PreAuthorizedCode(grant.code, tx_code if grant.tx_code is not None else None)
    errand = _introduced(errand, web)
    return _tokens(errand, code, web, named=errand.named or not errand.offered.server.anonymous)


def sign_in(errand: Errand, redirect_uri: str, web: Web) -> tuple[Errand, str]:
    """Return the errand and the address to open in the person's browser.

    The request is pushed where the server takes that (RFC 9126). Raises ProtocolError
    ``receive.no_sign_in`` when it takes no authorization requests at all.
    """
    server = errand.offered.server
    if server.authorization_endpoint is None:
        raise ProtocolError("receive.no_sign_in", error="unsupported_response_type")
    began = SignIn(base64url.encode(web.random(16)), pkce.new_verifier(web.random), redirect_uri)
    request = _request(errand, began, web)
    errand = replace(_introduced(errand, web), signing_in=began)
    if server.pushed_endpoint is None:
        return errand, forms.with_fields(server.authorization_endpoint, request.form())
    pushed = authorization.read_pushed(_talk(errand, web).form(server.pushed_endpoint, request.form()))
    return errand, authorization.authorize_url(server.authorization_endpoint, web.client_id, pushed)


def signed_in(errand: Errand, query: str, web: Web) -> Errand:
    """Return the errand with a token for what the browser brought back.

    Raises ProtocolError for an answer of another server or to another request (RFC 9207), and for a refusal.
    """
    began = errand.signing_in
    if began is None:
        raise InputError("receive.not_signing_in")
    code = authorization.read_answer(query, errand.offered.server.issuer, began.state)
    return _tokens(errand, AuthorizationCode(code, began.redirect_uri, began.verifier), web, named=True)


def renew(errand: Errand, web: Web) -> Errand:
    """Return the errand with a new token; raise ProtocolError when it cannot be had."""
    access = errand.access
    if access is None or access.refresh is None:
        raise ProtocolError("receive.too_late", error="invalid_token", answer=502)
    return _tokens(errand, RefreshToken(access.refresh), web, named=access.named)


def _request(errand: Errand, began: SignIn, web: Web) -> AuthorizationRequest:
    """§5.1: by scope where every configuration has one that the server knows, by details otherwise."""
    scopes = [errand.configuration(name).scope for name in errand.configurations]
    known = errand.offered.server.scopes
    by_scope = [scope for scope in scopes if scope and (not known or scope in known)]
    scoped, signer = len(by_scope) == len(scopes), errand.signer
    return AuthorizationRequest(
        web.client_id,
        began.redirect_uri,
        pkce.challenge(began.verifier),
        began.state,
        tuple(by_scope) if scoped else (),
        None if scoped else tuple(Detail(name) for name in errand.configurations),
        errand.offered.offer.issuer_state,
        None if signer is None else thumbprint(signer.public_key),
    )


def _introduced(errand: Errand, web: Web) -> Errand:
    """Return the errand with a key for which our provider vouches, where the server takes its word.

    It is that of the tokens, if they are bound to one, and another one before each server: attestations
    that came from the same wallet do not tell so. Raises InputError ``receive.not_attested``.
    """
    server = errand.offered.server
    if server.attests and web.provider is not None:
        secret = errand.key or secret_of(LocalSigner.generate("P-256", random=web.random))
        return replace(errand, instance=errand.instance or secret)
    if server.attests and "none" not in server.authentication:
        raise InputError("receive.not_attested")
    return errand


def _talk(errand: Errand, web: Web) -> Talk:
    if errand.instance is None or web.provider is None:
        return Talk(web, errand.signer)
    signer = LocalSigner.from_secret("P-256", errand.instance)
    return Talk(web, errand.signer, Instance(web.provider, signer, errand.offered.server))


def _tokens(errand: Errand, grant: GrantForm, web: Web, *, named: bool) -> Errand:
    request = TokenRequest(grant, web.client_id if named else None)
    answer = _talk(errand, web).form(errand.offered.server.token_endpoint, request.form())
    return accessed(errand, tokens.read_response(answer), named=named)
