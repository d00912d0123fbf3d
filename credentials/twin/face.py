"""The face of a twin: the few claims that fit, under small integer keys (version 1)."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary import cbor
from boundary.cbor import Cbor, Key
from credentials.characters import printable
from credentials.facts import Facts
from problems import InputError, MalformedValueError

TYPES: Final[Mapping[str, int]] = {
    "diploma": 1,
    "certification": 2,
    "block": 3,
    "rs-certification": 4,
    "skill": 5,
    "training": 6,
    "prevention-training": 7,
    "prevention-success": 8,
}
_MENTIONS: Final[Mapping[str, int]] = {
    "SANS_MENTION": 1,
    "MENTION_ASSEZ_BIEN": 2,
    "MENTION_BIEN": 3,
    "MENTION_TRES_BIEN": 4,
    "MENTION_TRES_BIEN_AVEC_FELICITATIONS_DU_JURY": 5,
}
_TYPE, _CODE, _TITLE, _AWARDED, _FAMILY, _GIVEN, _BIRTH, _OUTCOME, _BLOCKS, _LEVEL, _MENTION = range(1, 12)
STATUS, DIGEST = 12, 15
_KEYS: Final = frozenset({*range(1, 13), DIGEST})
_REGISTERS: Final[Mapping[str, int]] = {"RNCP": 1, "RS": 2}
_REGISTER_NAMES: Final = {number: name for name, number in _REGISTERS.items()}
_TYPE_NAMES: Final = {number: name for name, number in TYPES.items()}
_MENTION_NAMES: Final = {number: name for name, number in _MENTIONS.items()}
_CODE_FORM: Final = re.compile(r"(RNCP|RS)([1-9][0-9]{0,9})(?:BC([0-9]{2,3}))?")
_BLOCK: Final = re.compile(r"BC([0-9]{2,3})")
_LEVELS: Final = range(1, 9)
_TITLE_BYTES, _NAME_BYTES, _OUTCOME_BYTES = 120, 60, 40
_EPOCH: Final = dt.date(1970, 1, 1)
_DAYS: Final = range(-36_500, 73_000)  # from 1870 to 2169


@dataclass(frozen=True)
class Face:
    """``code`` as the register writes it (``RNCP37674BC01``); ``blocks`` are the numbers of blocs held."""

    kind: str
    awarded: dt.date
    family_name: str
    given_name: str
    code: str | None = None
    title: str | None = None
    birthdate: dt.date | None = None
    outcome: str | None = None
    blocks: tuple[int, ...] = ()
    level: int | None = None
    mention: str | None = None


def face_of(facts: Facts, *, birthdate: bool) -> Face:
    """Return the face of a credential with all it holds; raise InputError when it has none to show."""
    values = {item.id: item.value for item in facts.shown}
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    family, given = texts.get("family_name"), texts.get("given_name")
    if facts.kind is None or facts.kind not in TYPES or facts.awarded_on is None or not family or not given:
        raise InputError("twin.no_face")
    born = texts.get("birthdate") if birthdate else None
    if birthdate and born is None:  # on paper, a name alone is anybody's of that name
        raise InputError("twin.no_birthdate")
    code = texts.get("certification.code")
    blocks = [_block_number(value) for name, value in values.items() if name.startswith("block.")]
    return Face(
        facts.kind,
        facts.awarded_on,
        _fitting(family, _NAME_BYTES),
        _fitting(given, _NAME_BYTES),
        code if code and _CODE_FORM.fullmatch(code) else None,
        facts.title if len(facts.title.encode()) <= _TITLE_BYTES else None,
        dt.date.fromisoformat(born) if born else None,
        texts.get("cefr.overall") or texts.get("training.outcome"),
        tuple(number for number in blocks if number),
        _level(values.get("certification.alignments") or values.get("achievement.alignments")),
        texts.get("mention"),
    )


def write(face: Face) -> dict[Key, Cbor]:
    """Return the map, without status and digest."""
    members: dict[int, Cbor] = {
        _TYPE: TYPES[face.kind],
        _CODE: _code(face.code),
        _TITLE: face.title,
        _AWARDED: _days(face.awarded),
        _FAMILY: face.family_name,
        _GIVEN: face.given_name,
        _BIRTH: _days(face.birthdate) if face.birthdate else None,
        _OUTCOME: face.outcome,
        _BLOCKS: [*face.blocks] or None,
        _LEVEL: face.level,
        _MENTION: _MENTIONS.get(face.mention or ""),
    }
    return {key: value for key, value in members.items() if value is not None}


def read(members: Mapping[Key, Cbor]) -> Face:
    """Return the face; raise MalformedValueError for anything but what the grammar lets in."""
    cbor.only(members, _KEYS, "face")
    number = cbor.an_integer(members.get(_TYPE), "type")
    if number not in _TYPE_NAMES:
        raise MalformedValueError("twin.type_unknown")
    return Face(
        _TYPE_NAMES[number],
        _date(members.get(_AWARDED), "awarded"),
        _text(members.get(_FAMILY), _NAME_BYTES, "family name"),
        _text(members.get(_GIVEN), _NAME_BYTES, "given names"),
        _read_code(members[_CODE]) if _CODE in members else None,
        _text(members[_TITLE], _TITLE_BYTES, "title") if _TITLE in members else None,
        _date(members[_BIRTH], "birth date") if _BIRTH in members else None,
        _text(members[_OUTCOME], _OUTCOME_BYTES, "outcome") if _OUTCOME in members else None,
        _read_blocks(members[_BLOCKS]) if _BLOCKS in members else (),
        _one_of(members[_LEVEL], _LEVELS, "level") if _LEVEL in members else None,
        _MENTION_NAMES[_one_of(members[_MENTION], _MENTION_NAMES, "mention")]
        if _MENTION in members
        else None,
    )


def _fitting(name: str, size: int) -> str:
    """Return a name that is too long with as many whole words as fit, and a mark that it goes on."""
    name = printable(name)
    if len(name.encode()) <= size:
        return name
    room = size - len("…".encode())
    cut = name.encode()[:room].decode("utf-8", "ignore")
    return (cut.rpartition(" ")[0] or cut) + "…"


def _level(alignments: Cbor | object) -> int | None:
    for alignment in alignments if isinstance(alignments, list) else []:
        if isinstance(alignment, dict) and alignment.get("framework") == "EQF":
            code = alignment.get("code")
            if isinstance(code, str) and code in map(str, _LEVELS):
                return int(code)
    return None


def _block_number(value: Cbor | object) -> int:
    code = value.get("code") if isinstance(value, dict) else None
    found = _BLOCK.search(code) if isinstance(code, str) else None
    return int(found[1]) if found else 0


def _code(code: str | None) -> Cbor:
    found = _CODE_FORM.fullmatch(code or "")
    if found is None:
        return None
    return [_REGISTERS[found[1]], *(int(digits) for digits in found.groups()[1:] if digits)]


def _read_code(value: Cbor) -> str:
    numbers = [cbor.an_integer(one, "code", least=1) for one in cbor.an_array(value, "code")]
    if len(numbers) not in (2, 3) or numbers[0] not in _REGISTER_NAMES or max(numbers) >= 10**10:
        raise MalformedValueError("cbor.shape", at="code")
    return _REGISTER_NAMES[numbers[0]] + str(numbers[1]) + "".join(f"BC{bloc:02}" for bloc in numbers[2:])


def _read_blocks(value: Cbor) -> tuple[int, ...]:
    blocks = cbor.an_array(value, "blocks")
    if not 0 < len(blocks) <= 99:
        raise MalformedValueError("cbor.shape", at="blocks")
    return tuple(_one_of(one, range(1, 1_000), "blocks") for one in blocks)


def _text(value: Cbor, size: int, at: str) -> str:
    text = cbor.a_text(value, at)
    if not 0 < len(text.encode()) <= size or printable(text) != text:
        raise MalformedValueError("cbor.shape", at=at)
    return text


def _one_of(value: Cbor, allowed: Mapping[int, str] | range, at: str) -> int:
    number = cbor.an_integer(value, at)
    if number not in allowed:
        raise MalformedValueError("cbor.shape", at=at)
    return number


def _days(day: dt.date) -> int:
    return (day - _EPOCH).days


def _date(value: Cbor, at: str) -> dt.date:
    return _EPOCH + dt.timedelta(days=_one_of(value, _DAYS, at))
