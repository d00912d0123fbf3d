"""Signs claims, some of them behind digests (RFC 9901 §4; SD-JWT VC)."""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from boundary import base64url
from boundary.strict_json import Json, JsonValue
from keys.signer import Signer
from problems import ProofGenerationError
from proofs import jws
from proofs.sd_jwt.claims import check_claims, issuer_key_name
from proofs.sd_jwt.disclosure import (
    DEFAULT_HASH,
    DIGESTS,
    HASH_NAME,
    PLACEHOLDER,
    RESERVED,
    Disclosure,
    Path,
    digest,
    disclose,
)
from proofs.sd_jwt.process import process
from proofs.sd_jwt.serialization import SdJwt, parse

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
    concealer = _Concealer(frozenset(selective), decoys, pad_to, random)
    concealed = concealer.members(payload, ()) | {HASH_NAME: DEFAULT_HASH}
    if concealer.found != concealer.selective:
        raise ProofGenerationError("sdjwt.path_unknown")
    token = jws.sign({**(header or {}), "typ": typ, "kid": signer.verification_method}, concealed, signer)
    text = SdJwt(token, tuple(disclosure.encoded for disclosure in concealer.disclosures)).text
    _require_acceptable(text, typ)
    return text


def _require_acceptable(text: str, typ: str) -> None:
    """What no verifier would accept is never issued."""
    sd_jwt = parse(text)
    signed = jws.parse(sd_jwt.issuer_jwt)
    payload = jws.claims(signed)
    issuer_key_name(jws.key_id(signed), payload)
    check_claims(process(payload, sd_jwt.disclosures, typ).payload, typ)


@dataclass
class _Concealer:
    selective: frozenset[Path]
    decoys: int
    pad_to: int
    random: Callable[[int], bytes]
    found: set[Path] = field(default_factory=set)
    disclosures: list[Disclosure] = field(default_factory=list)

    def members(self, members: Json, at: Path) -> Json:
        if not RESERVED.isdisjoint(members):
            raise ProofGenerationError("sdjwt.reserved_name")
        shown: Json = {}
        digests: list[str] = []
        for name, value in members.items():
            path = (*at, name)
            concealed = self._value(value, path)
            if path in self.selective:
                digests.append(self._hide(path, name, concealed))
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
                concealed = {PLACEHOLDER: self._hide(path, None, concealed)}
                hidden += 1
            shown.append(concealed)
        if hidden:
            shown += [{PLACEHOLDER: decoy} for decoy in self._decoys(hidden)]
        return shown

    def _value(self, value: JsonValue, at: Path) -> JsonValue:
        if isinstance(value, dict):
            return self.members(value, at)
        if isinstance(value, list):
            return self._elements(value, at)
        return value

    def _hide(self, path: Path, name: str | None, value: JsonValue) -> str:
        disclosure = disclose(self._random_text(_SALT_BYTES), name, value)
        self.found.add(path)
        self.disclosures.append(disclosure)
        return digest(disclosure.encoded)

    def _decoys(self, digests: int) -> list[str]:
        count = max(self.decoys, self.pad_to - digests)
        return [digest(self._random_text(_DECOY_BYTES)) for _ in range(count)]

    def _random_text(self, size: int) -> str:
        return base64url.encode(self.random(size))
