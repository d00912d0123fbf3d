"""What a vault holds, and the bytes of it that are sealed: deterministic CBOR, one map per thing."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import cbor2

from credentials.forms import MediaType
from keys.dids import key as did_key
from keys.local import LocalSigner
from keys.public import PublicKey
from keys.signer import Algorithm
from problems import ParsingError, Problem


@dataclass(frozen=True)
class Held:
    """A credential, byte for byte as its issuer delivered it.

    ``id`` comes from the bytes alone, so that the same credential has one name everywhere. ``endorses`` is
    the id of the credential in the same vault that this one confirms. ``twins`` are the short forms that
    its issuer signed beside it.
    """

    media_type: MediaType
    body: bytes
    added: dt.datetime
    endorses: str | None = None
    twins: tuple[bytes, ...] = ()

    @property
    def id(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True)
class HolderKey:
    """A key of the holder, for one copy of one credential. ``reference`` is the holder's note on it."""

    did: str
    public: PublicKey
    reference: str | None
    added: dt.datetime

    @property
    def algorithm(self) -> Algorithm:
        return self.public.algorithm


@dataclass(frozen=True)
class StoredKey:
    """A holder key with its secret; it never leaves the vault but sealed."""

    algorithm: Algorithm
    secret: bytes
    reference: str | None
    added: dt.datetime

    @property
    def signer(self) -> LocalSigner:
        return LocalSigner.from_secret(self.algorithm, self.secret)

    @property
    def public(self) -> HolderKey:
        public = self.signer.public_key
        return HolderKey(did_key.did(public), public, self.reference, self.added)


NoteKind: TypeAlias = Literal["presented", "errand", "asked", "link"]


@dataclass(frozen=True)
class Note:
    """What the wallet remembers beside credentials and keys: what was presented (:mod:`wallet.history`),
    what is on its way (:mod:`wallet.receive`), where shares are (:mod:`wallet.share`). ``body`` is JSON,
    whose shape is theirs."""

    kind: NoteKind
    id: str
    body: bytes
    added: dt.datetime


Content: TypeAlias = Held | StoredKey | Note
Plain: TypeAlias = Mapping[str, str | bytes | list[bytes] | None]


def name(content: Content) -> str:
    """Return what distinguishes a content from every other of its vault."""
    if isinstance(content, Note):
        return f"{content.kind} {content.id}"
    return f"credential {content.id}" if isinstance(content, Held) else f"key {content.public.did}"


def to_plain(content: Content) -> Plain:
    """Return the map that is sealed."""
    if isinstance(content, Held):
        plain: dict[str, str | bytes | list[bytes] | None] = {
            "kind": "credential",
            "type": content.media_type,
            "body": content.body,
            "added": _written(content.added),
            "endorses": content.endorses,
        }
        return plain | ({"twins": [*content.twins]} if content.twins else {})
    if isinstance(content, Note):
        return {
            "kind": content.kind,
            "id": content.id,
            "body": content.body,
            "added": _written(content.added),
        }
    return {
        "kind": "key",
        "algorithm": content.algorithm,
        "secret": content.secret,
        "added": _written(content.added),
        "reference": content.reference,
    }


def from_plain(plain: object) -> Content:
    """Return what the map says; raise ParsingError ``wallet.damaged`` for any other."""
    try:
        match plain:
            case {
                "kind": "credential",
                "type": str(media_type),
                "body": bytes(body),
                "added": str(added),
                "endorses": None | str() as endorses,
                **others,
            } if not others.keys() - {"twins"}:
                twins = _twins(others.get("twins", []))
                return Held(_media_type(media_type), body, _moment(added), endorses, twins)
            case {
                "kind": "key",
                "algorithm": "P-256" | "Ed25519" | "P-384" as algorithm,
                "secret": bytes(secret),
                "added": str(added),
                "reference": None | str() as reference,
                **others,
            } if not others:
                return _sound(StoredKey(algorithm, secret, reference, _moment(added)))
            case {
                "kind": "presented" | "errand" | "asked" | "link" as kind,
                "id": str(identity),
                "body": bytes(body),
                "added": str(added),
                **others,
            } if not others:
                return Note(kind, identity, body, _moment(added))
    except (Problem, ValueError) as error:
        raise ParsingError("wallet.damaged") from error
    raise ParsingError("wallet.damaged")


def dump(contents: list[Content]) -> bytes:
    """Return the bytes of several contents, in their order."""
    return cbor2.dumps([to_plain(content) for content in contents], canonical=True)


def load(data: bytes) -> list[Content]:
    """Return the contents that :func:`dump` wrote; raise ParsingError ``wallet.damaged``."""
    try:
        plains = cbor2.loads(data)
        canonical = cbor2.dumps(plains, canonical=True) == data
    except Exception as error:  # a tag may raise anything
        raise ParsingError("wallet.damaged") from error
    if not (canonical and isinstance(plains, list)):
        raise ParsingError("wallet.damaged")
    return [from_plain(plain) for plain in plains]


def _media_type(text: str) -> MediaType:
    for known in get_args(MediaType):
        if text == known:
            found: MediaType = known
            return found
    raise ValueError("a credential of an unknown form")


def _twins(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or not all(isinstance(one, bytes) for one in value):
        raise ValueError("twins that are no bytes")
    return tuple(value)


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment


def _sound(key: StoredKey) -> StoredKey:
    """Raise a Problem unless the secret is one of its algorithm."""
    _ = key.signer
    return key
