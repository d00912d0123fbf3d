"""Signs claims, some of them behind digests (RFC 9901 §4; SD-JWT VC)."""

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from boundary import base64url, limits, strict_json
from boundary.strict_json import Json, JsonValue
from keys.jwk import ALG
from keys.signer import Signer
from problems import LimitError, ParsingError, ProofGenerationError
from proofs import jws
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
    concealer = _Concealer(frozenset(selective), decoys, pad_to, random)
    concealed = concealer.members(payload, ()) | {HASH_NAME: DEFAULT_HASH}
    concealer.require_sound()
    token = jws.sign(signed_header, concealed, signer)
    return written(SdJwt(token, tuple(concealer.disclosures)))


def _require_acceptable(header: Json, payload: Json, selective: Collection[Path], signer: Signer) -> None:
    """What no verifier would accept is never issued: all that they ask of what was not yet concealed."""
    try:
        strict_json.refuse_unreadable(payload)
    except ParsingError:
        raise ProofGenerationError("jose.unreadable") from None
    jws.refuse_unsupported({**header, "alg": ALG[signer.algorithm]})
    issuer_key_name(jws.named_key(header), payload)
    typ = str(header["typ"])
    check_claims(payload, typ)
    for path in selective:
        refuse_hiding(path, never_disclosed(typ))


@dataclass
class _Concealer:
    selective: frozenset[Path]
    decoys: int
    pad_to: int
    random: Callable[[int], bytes]
    disclosures: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    _salts: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._salts = _texts(self.random, _SALT_BYTES, len(self.selective))

    def members(self, members: Json, at: Path) -> Json:
        if not RESERVED.isdisjoint(members):
            raise ProofGenerationError("sdjwt.reserved_name")
        shown: Json = {}
        digests: list[str] = []
        for name, value in members.items():
            path = (*at, name)
            concealed = value if isinstance(value, str) else self._value(value, path)
            if path in self.selective:
                digests.append(self._hide([next(self._salts), name, concealed]))
            else:
                shown[name] = concealed
        if digests or not at:
            digests += self._decoys(len(digests))
        if digests:
            shown[DIGESTS] = list[JsonValue](sorted(digests))  # §4.2.4.1: the order must tell nothing
        return shown

    def _elements(self, elements: list[JsonValue], at: Path) -> list[JsonValue]:
        shown: list[JsonValue] = []
        hidden = 0
        for index, element in enumerate(elements):
            path = (*at, index)
            concealed = self._value(element, path)
            if path in self.selective:
                concealed = {PLACEHOLDER: self._hide([next(self._salts), concealed])}
                hidden += 1
            shown.append(concealed)
        if hidden:
            shown += [{PLACEHOLDER: decoy} for decoy in self._decoys(hidden)]
        return shown

    def _value(self, value: JsonValue, at: Path) -> JsonValue:
        if value and isinstance(value, dict | list) and len(at) == limits.SD_JWT_DEPTH:
            raise LimitError("sdjwt.too_complex")
        if isinstance(value, dict):
            return self.members(value, at)
        if isinstance(value, list):
            return self._elements(value, at)
        return value

    def _hide(self, content: list[JsonValue]) -> str:
        encoded = encode(content)
        self.disclosures.append(encoded)
        self.digests.append(digest(encoded))
        return self.digests[-1]

    def _decoys(self, digests: int) -> list[str]:
        made = list(map(digest, _texts(self.random, _DECOY_BYTES, max(self.decoys, self.pad_to - digests))))
        self.digests += made
        return made

    def require_sound(self) -> None:
        """Raise ProofGenerationError unless every path was met and no digest comes twice."""
        if len(self.disclosures) != len(self.selective):
            raise ProofGenerationError("sdjwt.path_unknown")
        if len(set(self.digests)) != len(self.digests):  # randomness that repeats itself
            raise ProofGenerationError("sdjwt.duplicate_digest")


def _texts(random: Callable[[int], bytes], size: int, count: int) -> Iterator[str]:
    """Yield ``count`` texts that hold ``size`` random bytes each, all drawn at once."""
    drawn = random(size * count) if count > 0 else b""
    return (base64url.encode(drawn[at : at + size]) for at in range(0, len(drawn), size))
