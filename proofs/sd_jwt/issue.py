"""Signs claims, some of them behind digests (RFC 9901 §4; SD-JWT VC)."""

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from boundary import base64url, limits
from boundary.shape import a_text
from boundary.strict_json import Json, JsonValue
from keys.jwk import ALG
from keys.signer import Signer
from keys.x509 import read_x5c
from problems import LimitError, ProofGenerationError
from proofs import jws
from proofs.certified import named_issuer
from proofs.sd_jwt.claims import check_claims, issuer_key_name
from proofs.sd_jwt.disclosure import (
    DEFAULT_HASH,
    DIGESTS,
    HASH_NAME,
    PLACEHOLDER,
    RESERVED,
    Path,
    digest,
    encode,
    never_disclosed,
    refuse_hiding,
)
from proofs.sd_jwt.serialization import SdJwt, written

_SALT_BYTES: Final = 16  # §9.3: at least 128 bits
_DECOY_BYTES: Final = 32


def issue(
    payload: Json,
    selective: Collection[Path],
    signer: Signer,
    *,
    header: Json | None = None,
    decoys: int = 0,
    pad_to: int = 0,
    random: Callable[[int], bytes] = os.urandom,
    typ: str = "dc+sd-jwt",
) -> str:
    """Return the compact SD-JWT of ``payload``, signed by ``signer``, ``kid`` being its name.

    Every path in ``selective`` becomes a disclosure; one inside another becomes a recursive one. Where
    something is hidden, and at the top, ``decoys`` digests of nothing are added, and more of them up
    to ``pad_to`` digests in all: then their number does not tell which optional claims there are.

    Raises ProofGenerationError for a path that leads nowhere, a reserved name, a claim that must not be
    hidden, a ``vct`` or issuer that does not fit; otherwise what verification would raise.
    """
    signed_header: Json = {**(header or {}), "typ": typ, "kid": signer.verification_method}
    _require_acceptable(signed_header, payload, selective, signer)
    paths = frozenset(selective)
    concealer = _Concealer(decoys, pad_to, random, _texts(random, _SALT_BYTES, len(paths)))
    concealed = concealer.members(payload, _tree(paths), 0) | {HASH_NAME: DEFAULT_HASH}
    _require_sound(concealer, paths)
    token = jws.sign(signed_header, concealed, signer)
    return written(SdJwt(token, tuple(concealer.disclosures)))


def _require_acceptable(header: Json, payload: Json, selective: Collection[Path], signer: Signer) -> None:
    """What no verifier would accept is never issued: all that they ask of what was not yet concealed."""
    jws.refuse_unsupported({**header, "alg": ALG[signer.algorithm]})
    issuer_key_name(jws.kid_of(header), payload)
    if "x5c" in header:
        named_issuer(read_x5c(header["x5c"]), a_text(payload["iss"], "iss") if "iss" in payload else None)
    typ = str(header["typ"])
    check_claims(payload, typ)
    for path in selective:
        refuse_hiding(path, never_disclosed(typ))


def _require_sound(made: "_Concealer", paths: Collection[Path]) -> None:
    """Raise ProofGenerationError unless every path was met and no digest comes twice."""
    if len(made.disclosures) != len(paths):
        raise ProofGenerationError("sdjwt.path_unknown")
    if len(set(made.digests)) != len(made.digests):  # randomness that repeats itself
        raise ProofGenerationError("sdjwt.duplicate_digest")


@dataclass
class _Branch:
    """What the selective paths say of one place: whether it is hidden, and what of that within it."""

    hidden: bool = False
    within: "dict[str | int, _Branch]" = field(default_factory=dict)


_OPEN: Final = _Branch()


@lru_cache(maxsize=256)
def _tree(selective: frozenset[Path]) -> _Branch:
    """The rows of one template have few shapes, so that their trees are remembered."""
    root = _Branch()
    for path in selective:
        place = root
        for step in path:
            place = place.within.setdefault(step, _Branch())
        place.hidden = True
    return root


@dataclass
class _Concealer:
    decoys: int
    pad_to: int
    random: Callable[[int], bytes]
    salts: Iterator[str]
    disclosures: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    def members(self, members: Json, branch: _Branch, depth: int) -> Json:
        _refuse_unfit(members, depth)
        shown: Json = {}
        digests: list[str] = []
        for name, value in members.items():
            here = branch.within.get(name, _OPEN)
            concealed = value if isinstance(value, str) else self._value(value, here, depth + 1)
            if here.hidden:
                digests.append(self._hide([next(self.salts), name, concealed]))
            else:
                shown[name] = concealed
        if digests or not depth:
            digests += self._decoys(len(digests))
        if digests:
            shown[DIGESTS] = list[JsonValue](sorted(digests))  # §4.2.4.1: the order must tell nothing
        return shown

    def _elements(self, elements: list[JsonValue], branch: _Branch, depth: int) -> list[JsonValue]:
        _refuse_unfit(elements, depth)
        shown: list[JsonValue] = []
        hidden = 0
        for index, element in enumerate(elements):
            here = branch.within.get(index, _OPEN)
            concealed = self._value(element, here, depth + 1)
            if here.hidden:
                concealed = {PLACEHOLDER: self._hide([next(self.salts), concealed])}
                hidden += 1
            shown.append(concealed)
        if hidden:
            shown += [{PLACEHOLDER: decoy} for decoy in self._decoys(hidden)]
        return shown

    def _value(self, value: JsonValue, branch: _Branch, depth: int) -> JsonValue:
        if isinstance(value, dict):
            return self.members(value, branch, depth)
        if isinstance(value, list):
            return self._elements(value, branch, depth)
        return value

    def _hide(self, content: list[JsonValue]) -> str:
        encoded = encode(content)
        self.disclosures.append(encoded)
        self.digests.append(digest(encoded))
        return self.digests[-1]

    def _decoys(self, digests: int) -> list[str]:
        count = max(self.decoys, self.pad_to - digests)
        made = [digest(text) for text in _texts(self.random, _DECOY_BYTES, count)]
        self.digests += made
        return made


def _refuse_unfit(value: Json | list[JsonValue], depth: int) -> None:
    """Refuse what would be taken for a digest, and what no verifier follows so deep."""
    if not RESERVED.isdisjoint(value if isinstance(value, dict) else ()):
        raise ProofGenerationError("sdjwt.reserved_name")
    if depth >= limits.SD_JWT_DEPTH and value:
        raise LimitError("sdjwt.too_complex")


def _texts(random: Callable[[int], bytes], size: int, count: int) -> Iterator[str]:
    """Yield ``count`` texts that hold ``size`` random bytes each, all drawn at once."""
    drawn = random(size * count) if count > 0 else b""
    return (base64url.encode(drawn[at : at + size]) for at in range(0, len(drawn), size))
