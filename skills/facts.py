"""The small register of facts shipped with the program, in our own format (TOML)."""

import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import NotRequired, TypedDict, cast

from skills.certification import Alignment, Block, Certification, Certifier, Framework

Pairs = list[tuple[str, str]]


class _BlockEntry(TypedDict):
    code: str
    name: str
    skills: NotRequired[list[str]]


class _Entry(TypedDict):
    code: str
    name: str
    description: str
    names: NotRequired[dict[str, str]]
    level: NotRequired[str]
    active: NotRequired[bool]
    diploma: NotRequired[bool]
    starts: NotRequired[date]
    ends: NotRequired[date]
    last_award: NotRequired[date]
    language: NotRequired[str]
    cefr: NotRequired[str]
    nsf: Pairs
    rome: NotRequired[Pairs]
    formacode: NotRequired[Pairs]
    certifiers: Pairs
    blocks: NotRequired[list[_BlockEntry]]


def certifications() -> Iterator[Certification]:
    """Yield what ``skills/data/register.toml`` lists; its header names the source."""
    text = files("skills").joinpath("data", "register.toml").read_text("utf-8")
    for entry in tomllib.loads(text)["certification"]:
        yield _certification(cast(_Entry, entry))


def _certification(entry: _Entry) -> Certification:
    return Certification(
        code=entry["code"],
        register="RNCP" if entry["code"].startswith("RNCP") else "RS",
        name=entry["name"],
        description=entry["description"],
        level=entry.get("level"),
        active=entry.get("active", True),
        diploma=entry.get("diploma", False),
        blocks=tuple(_block(block) for block in entry.get("blocks", [])),
        alignments=tuple(_alignments(entry)),
        certifiers=tuple(Certifier(siret or None, name) for siret, name in entry["certifiers"]),
        starts=entry.get("starts"),
        ends=entry.get("ends"),
        last_award=entry.get("last_award"),
        language=entry.get("language"),
        cefr=entry.get("cefr"),
        names=entry.get("names", {}),
    )


def _block(entry: _BlockEntry) -> Block:
    return Block(entry["code"], entry["name"], skills=tuple(entry.get("skills", ())))


def _alignments(entry: _Entry) -> Iterator[Alignment]:
    if level := entry.get("level"):
        yield Alignment("EQF", level, f"Niveau {level}")
    listed: list[tuple[Framework, Pairs]] = [
        ("NSF", entry["nsf"]),
        ("ROME 4.0", entry.get("rome", [])),
        ("Formacode", entry.get("formacode", [])),
    ]
    for framework, pairs in listed:
        yield from (Alignment(framework, code, name) for code, name in pairs)
