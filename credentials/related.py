"""``relatedResource``: the digests that a credential states of documents it relies on (VCDM 2.0 §5.3)."""

import hashlib
from collections.abc import Iterable
from typing import Final

from boundary import base58btc, base64url
from boundary.shape import an_object, many, texts
from boundary.strict_json import Json
from contexts import PRODUCT, Pin
from credentials.integrity import digest_of
from credentials.members import require_url
from problems import MalformedValueError, ParsingError

_MULTIHASH: Final = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}


def check_related_resources(document: Json) -> None:
    """Check that each resource is named once, with a digest; and the digest of those that we hold.

    We hold the pinned contexts; nothing is fetched. Raises MalformedValueError.
    """
    if "relatedResource" not in document:
        return
    named: set[str] = set()
    for value in many(document["relatedResource"]):
        resource = an_object(value, "relatedResource")
        url = require_url(resource.get("id"), "relatedResource.id")
        if url in named:
            raise MalformedValueError("model.related_twice")
        named.add(url)
        _check_digests(resource, url)


def _check_digests(resource: Json, url: str) -> None:
    integrity = texts(resource.get("digestSRI"), "relatedResource.digestSRI")
    multibase = texts(resource.get("digestMultibase"), "relatedResource.digestMultibase")
    if not integrity and not multibase:
        raise MalformedValueError("model.related_without_digest")
    stated = [digest_of(text) for text in integrity] + [_of_multibase(text) for text in multibase]
    if url in PRODUCT.pins and not _agree(PRODUCT.pins[url], stated):
        raise MalformedValueError("model.related_digest")


def _agree(pin: Pin, stated: Iterable[tuple[str, bytes]]) -> bool:
    """Each digest is that of our bytes, or of those that the publisher serves of the same context."""
    content = pin.file.read_bytes()
    elsewhere = [digest_of(text) for text in pin.elsewhere]
    return all(
        hashlib.new(name, content).digest() == digest or (name, digest) in elsewhere
        for name, digest in stated
    )


def _of_multibase(text: str) -> tuple[str, bytes]:
    """A multihash; or, as published test material has it, SHA-256 without saying so."""
    try:
        data = base64url.decode(text[1:]) if text.startswith("u") else base58btc.decode(text)
    except ParsingError:
        raise MalformedValueError("model.related_digest_form") from None
    if len(data) == hashlib.sha256().digest_size:
        return "sha256", data
    if data[:2] not in _MULTIHASH:
        raise MalformedValueError("model.related_digest_form")
    return _MULTIHASH[data[:2]], data[2:]
