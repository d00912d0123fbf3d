"""A signed text with its base64url opened, and back.

A JWT becomes its JSON between two marks; a salt, digest, signature or coordinate becomes a mark, its
bytes standing in a stream of their own. What the reader can work out is left out: the digest of a
disclosure that is there, the hash inside a key binding, the second coordinate of a point.

The rules never guess: whatever they do not know stays as it is, and every text comes back character
for character. Marks are control characters, which JSON forbids; any in the text are escaped.
"""

import hashlib
import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from boundary import base64url
from keys import multikey
from keys.public import PublicKey
from problems import MalformedValueError, ParsingError

_CARRIED: Final = {16: "\x01", 32: "\x02", 64: "\x03"}  # the next so many bytes of the stream
_SIZES: Final = {mark: size for size, mark in _CARRIED.items()}
_AGAIN: Final = "\x04"  # a value known before; the next byte of the stream says which
_MULTIHASH: Final = "\x05"  # before a digest: u, 0x12 0x20 and the digest (Multihash, Multibase)
_JWK: Final = {2: "\x06", 3: "\x07"}  # before x: both coordinates of the point that SEC 1 prefixes so
_MULTIKEY: Final = {2: "\x0e", 3: "\x0f"}  # before x: the Multikey of that point
_PREFIX: Final = {mark: prefix for marks in (_JWK, _MULTIKEY) for prefix, mark in marks.items()}
_OPEN, _CLOSE = "\x10", "\x11"  # around JSON that stood in base64url
_ESCAPE: Final = "\x1b"
_PIECE: Final = "\x1f"
_KNOWN: Final = 256
_NESTING: Final = 3

_FINDS: Final = re.compile(
    r'"x":"(?P<x>[\w-]{43})","y":"(?P<y>[\w-]{43})"'
    r"|(?P<multikey>zDn\w{46})(?![\w-])"
    r"|u(?P<multihash>Ei[\w-]{44})(?![\w-])"
    r"|(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f])"
    r"|(?P<run>[\w-]{22,})",
    re.ASCII,
)
_MARKS: Final = re.compile(
    r"(?P<plain>[^\x00-\x08\x0b\x0c\x0e-\x1f]+)"
    r"|(?P<form>[\x05-\x07\x0e\x0f]?)(?P<value>[\x01-\x04])"
    r"|(?P<open>\x10)"
    r"|(?P<close>\x11)"
    r"|\x1b(?P<control>[@-_])"
)


class _Known:
    """What both sides have seen, in the same order, so that it need not be carried again."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    def learn(self, value: bytes) -> None:
        if len(self.values) < _KNOWN:
            self.values.append(value)

    def learn_digest(self, text: str) -> None:
        self.learn(hashlib.sha256(text.encode("utf-8")).digest())


class Writer(_Known):
    """Opens texts; ``random`` collects the bytes that stand apart."""

    def __init__(self) -> None:
        super().__init__()
        self.random = bytearray()

    def presentation(self, text: str) -> str:
        """Return the pieces of an SD-JWT in such an order that digests follow what they are digests of.

        That is: disclosures, which issuers make from the inside out; the issuer's JWT; the key binding,
        whose ``sd_hash`` is over all that precedes it (RFC 9901 §4.3.1). Any other text is one piece.
        """
        first, *others = text.split("~")
        packed = [self._digested(piece) for piece in others[:-1]]
        packed.append(self._digested(first))
        if others:
            self.learn_digest(text.rpartition("~")[0] + "~")
            packed.append(self._opened(others[-1]))
        return _PIECE.join(packed)

    def _digested(self, piece: str) -> str:
        packed = self._opened(piece)
        self.learn_digest(piece)
        return packed

    def _opened(self, text: str, depth: int = 0) -> str:
        return _FINDS.sub(lambda found: self._found(found, depth), text)

    def _found(self, found: re.Match[str], depth: int) -> str:
        match found.lastgroup:
            case "y":
                return self._point(found["x"], found["y"], depth)
            case "multikey":
                return self._multikey(found["multikey"])
            case "multihash":
                return self._multihash(found["multihash"])
            case "control":
                return _ESCAPE + chr(ord(found["control"]) + 0x40)
        return self._run(found["run"], depth)

    def _run(self, run: str, depth: int) -> str:
        data = _canonical(run)
        if data is None:
            return run
        text = _json(data) if depth < _NESTING else None
        if text is not None:
            return _OPEN + self._opened(text, depth + 1) + _CLOSE
        return self._value(data) if len(data) in _CARRIED else run

    def _value(self, value: bytes) -> str:
        if value in self.values:
            self.random.append(self.values.index(value))
            return _AGAIN
        self.learn(value)
        self.random += value
        return _CARRIED[len(value)]

    def _point(self, x: str, y: str, depth: int) -> str:
        coordinates = _canonical(x), _canonical(y)
        for prefix, mark in _JWK.items():
            if coordinates[0] and _y(prefix, coordinates[0]) == coordinates[1]:
                return f'"x":"{mark}{self._value(coordinates[0])}"'
        return f'"x":"{self._run(x, depth)}","y":"{self._run(y, depth)}"'

    def _multikey(self, text: str) -> str:
        try:
            key = multikey.decode(text)
        except MalformedValueError:
            return text
        return _MULTIKEY[key.raw[0]] + self._value(key.raw[1:])

    def _multihash(self, text: str) -> str:
        data = _canonical(text)
        if data is None or not data.startswith(b"\x12\x20"):
            return "u" + text
        return _MULTIHASH + self._value(data[2:])


class Reader(_Known):
    """Closes again what Writer opened. Raises ParsingError or MalformedValueError for anything else."""

    def __init__(self, random: bytes) -> None:
        super().__init__()
        self._random = random

    def presentation(self, packed: str) -> str:
        pieces = packed.split(_PIECE)
        last = [pieces.pop()] if len(pieces) > 1 else []
        *disclosures, first = [self._digested(piece) for piece in pieces]
        restored = [first, *disclosures]
        if last:
            self.learn_digest("~".join([*restored, ""]))
            restored.append(self._closed(last[0]))
        return "~".join(restored)

    def require_finished(self) -> None:
        if self._random:
            raise ParsingError("qr.damaged")

    def _digested(self, packed: str) -> str:
        piece = self._closed(packed)
        self.learn_digest(piece)
        return piece

    def _closed(self, packed: str) -> str:
        levels: list[list[str]] = [[]]
        end = 0
        for mark in _MARKS.finditer(packed):
            if mark.start() != end:
                raise ParsingError("qr.damaged")
            end = mark.end()
            self._read(mark, levels)
        if end != len(packed) or len(levels) != 1:
            raise ParsingError("qr.damaged")
        return "".join(levels[0])

    def _read(self, mark: re.Match[str], levels: list[list[str]]) -> None:
        match mark.lastgroup:
            case "open" if len(levels) <= _NESTING:
                levels.append([])
            case "close" if len(levels) > 1:
                text = "".join(levels.pop())
                levels[-1].append(base64url.encode(text.encode("utf-8")))
            case "plain":
                levels[-1].append(mark["plain"])
            case "control":
                levels[-1].append(chr(ord(mark["control"]) - 0x40))
            case "value":
                levels[-1].append(_spelled(mark["form"], self._value(mark["value"])))
            case _:
                raise ParsingError("qr.damaged")

    def _value(self, mark: str) -> bytes:
        if mark == _AGAIN:
            number = self._take(1)[0]
            if number >= len(self.values):
                raise ParsingError("qr.damaged")
            return self.values[number]
        value = self._take(_SIZES[mark])
        self.learn(value)
        return value

    def _take(self, size: int) -> bytes:
        if len(self._random) < size:
            raise ParsingError("qr.damaged")
        taken, self._random = self._random[:size], self._random[size:]
        return taken


def _spelled(form: str, value: bytes) -> str:
    text = base64url.encode(value)
    if form == _MULTIHASH:
        return "u" + base64url.encode(b"\x12\x20" + value)
    if form in _JWK.values():
        y = _y(_PREFIX[form], value)
        if y is None:
            raise ParsingError("qr.damaged")
        return f'{text}","y":"{base64url.encode(y)}'
    if form in _MULTIKEY.values():
        return multikey.encode(PublicKey("P-256", bytes([_PREFIX[form]]) + value))
    return text


def _canonical(run: str) -> bytes | None:
    try:
        return base64url.decode(run)
    except ParsingError:
        return None


def _json(data: bytes) -> str | None:
    """Return what looks like the JSON of a JWT or a disclosure."""
    try:
        return data.decode("utf-8") if data.startswith((b"{", b"[")) else None
    except UnicodeDecodeError:
        return None


def _y(prefix: int, x: bytes) -> bytes | None:
    """Return the second coordinate of a P-256 point, or None when there is no such point."""
    try:
        point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes([prefix]) + x)
    except ValueError:
        return None
    return point.public_numbers().y.to_bytes(32)
