"""The link or QR code that opens a wallet (OpenID4VP 1.0 §5.7): a request by reference, or in itself."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary import forms, limits, strict_json
from boundary.strict_json import Json
from exchange.openid4vp.request import AuthorizationRequest
from problems import LimitError, ParsingError, Problem, ProtocolError

WALLETS: Final = ("openid4vp", "haip-vp", "eudi-openid4vp")
Method: TypeAlias = Literal["get", "post"]
_JSON: Final = ("dcql_query", "client_metadata", "transaction_data")


@dataclass(frozen=True)
class Link:
    """Either ``request_uri`` says where the request is, or ``request`` holds it, or ``parameters`` are it."""

    client_id: str
    request_uri: str | None = None
    method: Method = "get"
    request: str | None = None
    parameters: Json | None = None


def by_reference(wallet: str, client_id: str, request_uri: str, method: Method = "get") -> str:
    """Return the link. ``wallet`` is ``openid4vp://`` or the https address of a wallet on the web."""
    said = {"client_id": client_id, "request_uri": request_uri}
    if method == "post":
        said["request_uri_method"] = "post"
    return forms.with_fields(wallet, said)


def plain(wallet: str, request: AuthorizationRequest) -> str:
    """Return the link that holds an unsigned request, for a ``redirect_uri:`` client."""
    said = {
        name: value if isinstance(value, str) else strict_json.write(value)
        for name, value in request.parameters().items()
    }
    return forms.with_fields(wallet, said)


def read(url: str) -> Link:
    """Return what a link says; raise ProtocolError ``invalid_request``, LimitError for one too long."""
    if len(url) > limits.QR_PAYLOAD_CHARS:
        raise LimitError("vp.link_too_long", limit=limits.QR_PAYLOAD_CHARS)
    try:
        said = forms.read(url.partition("#")[0].partition("?")[2], limit=limits.QR_PAYLOAD_CHARS)
    except ParsingError:
        raise ProtocolError("vp.link", error="invalid_request") from None
    if not said.get("client_id") or {"request", "request_uri"} <= said.keys():
        raise ProtocolError("vp.link", error="invalid_request")
    if "request_uri" in said:
        return Link(said["client_id"], request_uri=said["request_uri"], method=_method(said))
    if "request" in said:
        return Link(said["client_id"], request=said["request"])
    return Link(said["client_id"], parameters=_parameters(said))


def _method(said: dict[str, str]) -> Method:
    method = said.get("request_uri_method", "get")
    if method not in ("get", "post"):
        raise ProtocolError("vp.request_uri_method", error="invalid_request_uri_method")
    return "post" if method == "post" else "get"


def _parameters(said: dict[str, str]) -> Json:
    try:
        return {name: strict_json.read(value) if name in _JSON else value for name, value in said.items()}
    except Problem:
        raise ProtocolError("vp.link", error="invalid_request") from None
