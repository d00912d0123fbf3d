"""Present: choose items of several credentials, derive what shows only those, bind it to the question.

Each credential is bound to a key of its own, so each is presented with its own key: an SD-JWT with a
Key Binding JWT, JSON-LD credentials together in one presentation with one proof per key. A presentation
that is a token has one signature only: there is one for each key.
"""

import base64
import datetime as dt
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias, get_args

from boundary import base64url
from boundary.strict_json import Json, JsonValue
from credentials.envelopes import V2, Envelope, wrap
from credentials.forms import MediaType
from credentials.items import Item
from exchange.presentation import BEARER, CosePart, JsonLdPart, Part, SdJwtPart, TokenPart
from keys.signer import Algorithm, Signer
from problems import InputError, NotFoundError
from proofs import SUITES, data_integrity, jose, sd_jwt
from proofs.cose import envelope as cose
from proofs.sd_jwt import KeyBinding
from proofs.suite import ProofOptions
from wallet.contents import Held
from wallet.opened import Opened, open_held

TokenForm: TypeAlias = Literal["vp+jwt", "vp+sd-jwt", "vp+cose"]
TOKEN_FORMS: Final[tuple[TokenForm, ...]] = get_args(TokenForm)
ALL: Final = "*"
_WAYS: Final[tuple[MediaType, ...]] = get_args(MediaType)
_NONCE_BYTES: Final = 16
_SUITE: Final[dict[Algorithm, str]] = {
    "Ed25519": "eddsa-rdfc-2022",
    "P-256": "ecdsa-rdfc-2019",
    "P-384": "ecdsa-rdfc-2019",
}


class KeyHolder(Protocol):
    def signer_for(self, did: str) -> Signer: ...


@dataclass(frozen=True)
class Choice:
    """One credential and the ids of the items to show of it (``block.0``, ``birthdate``; ``*`` for all)."""

    held: Held
    items: Collection[str] = ()


@dataclass(frozen=True)
class Binding:
    """For whom a presentation is, in answer to what, and until when. ``nonce`` None: to any bearer."""

    audience: str
    nonce: str | None
    now: dt.datetime
    expires: dt.datetime | None = None


def bearer(now: dt.datetime, lifetime: dt.timedelta, audience: str = BEARER) -> Binding:
    """Return the binding of a presentation that whoever holds it may use until it expires.

    ``audience`` is the one link in which it may be found (:mod:`exchange.share_link`), if there is one.
    """
    return Binding(audience, None, now, now + lifetime)


def present(
    choices: Sequence[Choice],
    keys: KeyHolder,
    binding: Binding,
    random: Callable[[int], bytes] = os.urandom,
    form: TokenForm | None = None,
) -> list[Part]:
    """Return what to hand over: the items chosen, and nothing else.

    With ``form`` all goes into presentations of that form, one per key of the holder; without, each
    credential goes the way of its own form.

    Raises NotFoundError for an item that a credential does not have, InputError for a credential of
    which no part can be hidden while a part was asked for, or when nobody can sign.
    """
    opened = [(choice, open_held(choice.held)) for choice in choices]
    signing = _Signing(keys, binding, random)
    if form is not None:
        return signing.tokens(form, opened)
    ways = {
        media_type: [pair for pair in opened if pair[0].held.media_type == media_type] for media_type in _WAYS
    }
    parts: list[Part] = [SdJwtPart(signing.sd_jwt(*pair)) for pair in ways["application/dc+sd-jwt"]]
    parts += [TokenPart("vc+sd-jwt", signing.sd_jwt(*pair)) for pair in ways["application/vc+sd-jwt"]]
    if ways["application/vc+jwt"]:
        parts += signing.tokens("vp+jwt", ways["application/vc+jwt"])
    if ways["application/vc+cose"]:
        parts += signing.tokens("vp+cose", ways["application/vc+cose"])
    if ways["application/vc"]:
        parts.append(signing.documents(ways["application/vc"]))
    return parts


@dataclass(frozen=True)
class _Signing:
    """Shows credentials, each time with the key that it is bound to."""

    keys: KeyHolder
    binding: Binding
    random: Callable[[int], bytes]

    def sd_jwt(self, choice: Choice, opened: Opened) -> str:
        """Return an SD-JWT with a Key Binding JWT, unless it is bound to nobody."""
        holder, binding = opened.facts.holder_id, self.binding
        if not opened.facts.bound or holder is None:
            return _unbound(choice, opened)
        signer = self.keys.signer_for(holder)
        bound = KeyBinding(signer, binding.audience, self._nonce(), binding.now, binding.expires)
        return sd_jwt.present(choice.held.body.decode(), _paths(choice, opened), bound)

    def documents(self, opened: Sequence[tuple[Choice, Opened]]) -> Part:
        """Return a JSON-LD presentation with one proof per key."""
        shown = [_derived(choice, credential) for choice, credential in opened]
        return JsonLdPart("presentation", _presentation(shown, _holders(opened), self.keys, self.binding))

    def tokens(self, form: TokenForm, opened: Sequence[tuple[Choice, Opened]]) -> list[Part]:
        """Return a token per key; what is bound to nobody goes into the first."""
        holders = _holders(opened)
        grouped: dict[str, list[Json]] = {holder: [] for holder in holders}
        for choice, credential in opened:
            holder = credential.facts.holder_id if credential.facts.bound else None
            grouped[holder or holders[0]].append(_enveloped(choice, credential))
        return [self._token(form, holder, shown) for holder, shown in grouped.items()]

    def _token(self, form: TokenForm, holder: str, shown: Sequence[JsonValue]) -> Part:
        """VC-JOSE-COSE §3.1.2, §3.3.2; audience and nonce as OpenID4VP 1.0 Annex B.1.3.1 has them."""
        document = _unsigned(shown) | {"holder": holder}
        claims: Json = {
            "iat": int(self.binding.now.timestamp()),
            "aud": self.binding.audience,
            "nonce": self._nonce(),
        }
        if self.binding.expires is not None:
            claims["exp"] = int(self.binding.expires.timestamp())
        signer = self.keys.signer_for(holder)
        if form == "vp+cose":
            return CosePart(form, cose.secure(form, document, claims, signer))
        return TokenPart(form, jose.secure(form, document, claims, signer, random=self.random))

    def _nonce(self) -> str:
        return self.binding.nonce or base64url.encode(self.random(_NONCE_BYTES))


def _holders(opened: Sequence[tuple[Choice, Opened]]) -> list[str]:
    """Return whose keys have to sign, each once; raise InputError when there is nobody."""
    bound = [credential.facts.holder_id for _, credential in opened if credential.facts.bound]
    holders = list(dict.fromkeys(holder for holder in bound if holder))
    if not holders:
        raise InputError("present.nobody_to_sign")
    return holders


def _enveloped(choice: Choice, opened: Opened) -> Json:
    """Return the credential as it stands in a presentation: itself, or a token in an envelope."""
    form = choice.held.media_type.removeprefix("application/")
    if form == "vc":
        return _derived(choice, opened)
    if not opened.whole:
        return wrap(Envelope(form, _unbound(choice, opened)))
    _require_all(choice, opened)
    body = choice.held.body
    return wrap(Envelope(form, base64.b64encode(body).decode() if form == "vc+cose" else body.decode()))


def _unbound(choice: Choice, opened: Opened) -> str:
    return sd_jwt.present(choice.held.body.decode(), _paths(choice, opened))


def _paths(choice: Choice, opened: Opened) -> Collection[sd_jwt.Path]:
    items = _chosen(choice, opened)
    return opened.paths if items is None else {path for item in items for path in item.paths}


def _derived(choice: Choice, opened: Opened) -> Json:
    if opened.whole:
        _require_all(choice, opened)
        return opened.document
    items = _chosen(choice, opened)
    pointers = opened.pointers if items is None else [p for item in items for p in item.pointers]
    return data_integrity.derive(opened.document, SUITES, list(dict.fromkeys(pointers)))


def _require_all(choice: Choice, opened: Opened) -> None:
    if _chosen(choice, opened) is not None:
        raise InputError("present.shows_everything")


def _chosen(choice: Choice, opened: Opened) -> list[Item] | None:
    """Return the items chosen; None for all that there is, items or not."""
    if ALL in choice.items:
        return None
    known = {item.id: item for item in opened.items}
    missing = [name for name in choice.items if name not in known]
    if missing:
        raise NotFoundError("present.item_unknown", item=missing[0][:60], known=", ".join(known))
    return [known[name] for name in choice.items]


def _presentation(
    credentials: Sequence[JsonValue], holders: Sequence[str], keys: KeyHolder, binding: Binding
) -> Json:
    """Return a presentation with one proof per holder key: all must verify (proof sets)."""
    document = _unsigned(credentials)
    options = ProofOptions(
        purpose="authentication",
        created=_stamp(binding.now),
        expires=_stamp(binding.expires) if binding.expires else None,
        challenge=binding.nonce,
        domain=binding.audience,
    )
    for signer in map(keys.signer_for, holders):
        document = data_integrity.add_proof(document, SUITES[_SUITE[signer.algorithm]], options, signer)
    return document


def _unsigned(credentials: Sequence[JsonValue]) -> Json:
    return {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": list(credentials),
    }


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
