"""The answer (OpenID4VP 1.0 §8): what a wallet posts to ``response_uri``, and how it is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from boundary import limits, strict_json
from boundary.shape import a_text
from boundary.strict_json import Json, JsonValue
from exchange.openid4vp.request import AuthorizationRequest, Mode
from keys import jwe
from keys.jwe import DecryptionKey
from problems import Problem, ProtocolError

VpToken: TypeAlias = Mapping[str, Sequence[str | Json]]
"""For each credential query by its id, the presentations that answer it."""
_ERROR: Final = re.compile(r"[ !#-\[\]-~]{1,100}")


@dataclass(frozen=True)
class Answered:
    """A wallet's answer. Nothing in it has been verified."""

    vp_token: VpToken
    state: str | None


@dataclass(frozen=True)
class Declined:
    """A wallet, or the person, says no; ``error`` is OAuth's word for why."""

    error: str
    state: str | None


def form(vp_token: VpToken, request: AuthorizationRequest) -> dict[str, str]:
    """Return the form fields to post, encrypted if the request asks for it."""
    answer: Json = {"vp_token": {name: list(shown) for name, shown in vp_token.items()}}
    return _fields(answer, request)


def refusal(problem: ProtocolError, request: AuthorizationRequest) -> dict[str, str]:
    """Return the form fields that decline. ``access_denied`` says no more: why is the person's business."""
    answer: Json = {"error": problem.error}
    if problem.error != "access_denied":
        answer["error_description"] = problem.code
    return _fields(answer, request)


def _fields(answer: Json, request: AuthorizationRequest) -> dict[str, str]:
    if request.state is not None:
        answer["state"] = request.state
    if request.encryption is None:
        return {
            name: value if isinstance(value, str) else strict_json.write(value)
            for name, value in answer.items()
        }
    sealed = jwe.encrypt(
        strict_json.write(answer).encode(),
        request.encryption.key,
        request.encryption.ciphers[0],
        apv=request.nonce.encode(),
    )
    return {"response": sealed}


def read(fields: Mapping[str, str], mode: Mode, keys: Mapping[str, DecryptionKey]) -> Answered | Declined:
    """Return what a wallet posted. ``keys`` are those of this one request.

    Raises ProtocolError ``invalid_request``: ``vp.not_encrypted``, ``vp.decrypt_failed``, ``vp.answer``.
    """
    content = _opened(fields, keys) if mode == "direct_post.jwt" else _plain(fields)
    state = content.get("state")
    if state is not None and not isinstance(state, str):
        raise ProtocolError("vp.answer", error="invalid_request")
    if "error" in content:
        return Declined(_word(content["error"]), state)
    return Answered(_vp_token(content.get("vp_token")), state)


def _plain(fields: Mapping[str, str]) -> Json:
    if "response" in fields:
        raise ProtocolError("vp.answer", error="invalid_request")
    content: Json = dict(fields)
    if "vp_token" in fields:
        content["vp_token"] = _json(fields["vp_token"])
    return content


def _opened(fields: Mapping[str, str], keys: Mapping[str, DecryptionKey]) -> Json:
    """An error may come unencrypted: a wallet may have no key to use (§8.3.1). An answer may not."""
    if "response" not in fields:
        if "error" in fields and "vp_token" not in fields:
            return dict(fields)
        raise ProtocolError("vp.not_encrypted", error="invalid_request")
    try:
        content = jwe.decrypt(fields["response"], keys)
    except Problem:
        raise ProtocolError("vp.decrypt_failed", error="invalid_request") from None
    opened = _json(content.decode("utf-8", "replace"))
    if not isinstance(opened, dict):
        raise ProtocolError("vp.answer", error="invalid_request")
    return opened


def _json(text: str) -> JsonValue:
    try:
        return strict_json.read(text, limit=limits.VP_TOKEN_BYTES)
    except Problem:
        raise ProtocolError("vp.answer", error="invalid_request") from None


def _vp_token(value: JsonValue) -> VpToken:
    """§8.1: an object of lists that are not empty; each presentation is a text or an object."""
    if not isinstance(value, dict) or not value:
        raise ProtocolError("vp.answer", error="invalid_request")
    return {name: _presentations(shown) for name, shown in value.items()}


def _presentations(value: JsonValue) -> list[str | Json]:
    if not isinstance(value, list) or not 0 < len(value) <= limits.CREDENTIALS_PER_PRESENTATION:
        raise ProtocolError("vp.answer", error="invalid_request")
    shown = [one for one in value if isinstance(one, str | dict)]
    if len(shown) != len(value):
        raise ProtocolError("vp.answer", error="invalid_request")
    return shown


def _word(value: JsonValue) -> str:
    """The characters of RFC 6749 §5.2, and not many of them."""
    text = a_text(value, "error") if isinstance(value, str) else ""
    return text if _ERROR.fullmatch(text) else "invalid_request"
