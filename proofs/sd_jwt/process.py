"""From signed digests and disclosures to the processed payload (RFC 9901 §7.1, steps 3 to 5).

Who holds and who verifies walk the same way, so that both see the same claims at the same paths.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from boundary import limits
from boundary.strict_json import Json, JsonValue
from problems import LimitError, MalformedValueError, ProofVerificationError
from proofs.sd_jwt.disclosure import (
    DEFAULT_HASH,
    DIGESTS,
    HASH_NAME,
    HASHES,
    PLACEHOLDER,
    Disclosure,
    Path,
    decode,
    digest,
    never_disclosed,
    refuse_hiding,
)


class Placed(NamedTuple):
    """A disclosure, the path where its claim came to stand, and the disclosures that hold its digest."""

    disclosure: Disclosure
    path: Path
    parents: tuple[Disclosure, ...]


@dataclass(frozen=True)
class Processed:
    """``payload`` has no ``_sd``, ``...`` or ``_sd_alg`` left; parents come before children."""

    payload: Json
    placed: tuple[Placed, ...]


def process(payload: Json, encoded: Iterable[str], typ: str = "dc+sd-jwt") -> Processed:
    """Put each disclosure where its digest stands and drop the digests that have none.

    Raises ParsingError, MalformedValueError, LimitError and ProofVerificationError for everything that
    RFC 9901 §7.1 rejects, and for claims that a token of this ``typ`` must not hide.
    """
    disclosures = _by_digest(encoded, hash_name(payload))
    walk = _Walk(disclosures, never_disclosed(typ))
    processed = walk.members(payload, (), ())
    if len(walk.placed) != len(disclosures):
        raise ProofVerificationError("sdjwt.unreferenced_disclosure")
    return Processed(processed, tuple(walk.placed))


def hash_name(payload: Json) -> str:
    """Return the hash algorithm of the digests (§4.1.1); raise ProofVerificationError for a weak one."""
    name = payload.get(HASH_NAME, DEFAULT_HASH)
    if not isinstance(name, str) or name not in HASHES:
        raise ProofVerificationError("sdjwt.hash_not_allowed", allowed=", ".join(HASHES))
    return name


def _by_digest(encoded: Iterable[str], algorithm: str) -> Mapping[str, Disclosure]:
    disclosures: dict[str, Disclosure] = {}
    for text in encoded:
        disclosure = decode(text)
        if disclosures.setdefault(digest(text, algorithm), disclosure) is not disclosure:
            raise ProofVerificationError("sdjwt.duplicate_disclosure")
    return disclosures


_NOT_SHOWN: Final = frozenset({DIGESTS, HASH_NAME})


@dataclass
class _Walk:
    disclosures: Mapping[str, Disclosure]
    never: frozenset[str]
    placed: list[Placed] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def members(self, members: Json, at: Path, parents: tuple[Disclosure, ...]) -> Json:
        if PLACEHOLDER in members or (at and HASH_NAME in members):
            raise ProofVerificationError("sdjwt.reserved_name")
        _refuse_deep(members, at)
        shown: Json = {
            name: value if isinstance(value, str) else self._value(value, (*at, name), parents)
            for name, value in members.items()
            if name not in _NOT_SHOWN
        }
        for digest_ in _digests(members):
            disclosure = self._find(digest_, at)
            if disclosure is None:
                continue
            if disclosure.name is None:
                raise ProofVerificationError("sdjwt.disclosure_misplaced")
            if disclosure.name in shown:
                raise ProofVerificationError("sdjwt.claim_collision")
            shown[disclosure.name] = self._place(disclosure, (*at, disclosure.name), parents)
        return shown

    def _elements(
        self, elements: list[JsonValue], at: Path, parents: tuple[Disclosure, ...]
    ) -> list[JsonValue]:
        _refuse_deep(elements, at)
        shown: list[JsonValue] = []
        for element in elements:
            path = (*at, len(shown))
            if not (isinstance(element, dict) and PLACEHOLDER in element):
                shown.append(self._value(element, path, parents))
                continue
            disclosure = self._find(_only_digest(element), at)
            if disclosure is None:
                continue
            if disclosure.name is not None:
                raise ProofVerificationError("sdjwt.disclosure_misplaced")
            shown.append(self._place(disclosure, path, parents))
        return shown

    def _value(self, value: JsonValue, at: Path, parents: tuple[Disclosure, ...]) -> JsonValue:
        if isinstance(value, dict):
            return self.members(value, at, parents)
        if isinstance(value, list):
            return self._elements(value, at, parents)
        return value

    def _find(self, digest_: str, at: Path) -> Disclosure | None:
        refuse_hiding(at, self.never)
        if digest_ in self._seen:
            raise ProofVerificationError("sdjwt.duplicate_digest")
        self._seen.add(digest_)
        return self.disclosures.get(digest_)

    def _place(self, disclosure: Disclosure, at: Path, parents: tuple[Disclosure, ...]) -> JsonValue:
        refuse_hiding(at, self.never)
        self.placed.append(Placed(disclosure, at, parents))
        return self._value(disclosure.value, at, (*parents, disclosure))


def _refuse_deep(value: Json | list[JsonValue], at: Path) -> None:
    if len(at) >= limits.SD_JWT_DEPTH and value:
        raise LimitError("sdjwt.too_complex")


def _digests(members: Json) -> list[str]:
    digests = members.get(DIGESTS, [])
    if not isinstance(digests, list):
        raise MalformedValueError("sdjwt.digest_malformed")
    return [_digest(item) for item in digests]


def _only_digest(placeholder: Json) -> str:
    """An element that is a digest has no other member (§4.2.4.2)."""
    if len(placeholder) != 1:
        raise MalformedValueError("sdjwt.digest_malformed")
    return _digest(placeholder[PLACEHOLDER])


def _digest(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise MalformedValueError("sdjwt.digest_malformed")
    return value
