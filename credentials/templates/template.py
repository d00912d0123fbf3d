"""A template as loaded from its TOML file, and the way to find one."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from boundary import strict_json
from boundary.strict_json import Json
from credentials.templates.claims import ClaimRules, claim_sets, parse_rules
from credentials.templates.notation import include
from problems import MalformedValueError, NotFoundError
from problems.sentences import LANGS, Lang, french_spacing

Step: TypeAlias = str | int
SdPath: TypeAlias = tuple[Step, ...]
"""Where a claim stands in an SD-JWT payload: member names and positions."""


@dataclass(frozen=True)
class ItemRule:
    """One thing that the holder may choose to show: its place in both forms.

    ``pointers`` and ``paths`` are patterns (``*`` is every element). With ``each``, every element is an
    item of its own.
    """

    id: str
    label: Mapping[Lang, str]
    pointers: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    each: bool = False


@dataclass(frozen=True)
class OpenRule:
    """One thing that is always shown; ``pointer`` when the JSON-LD form has the same content."""

    id: str
    label: Mapping[Lang, str]
    path: tuple[str, ...]
    mandatory: bool = False
    pointer: str | None = None


@dataclass(frozen=True, eq=False)
class Template:
    """A credential type: immutable once a credential was made from it; a change is a new version."""

    id: str
    version: int
    types: tuple[str, ...]
    label: Mapping[Lang, str]
    securing: tuple[str, ...]
    mandatory: tuple[str, ...]
    items: tuple[ItemRule, ...]
    open: tuple[OpenRule, ...]
    claims: ClaimRules
    title_pointer: str | None = None
    title_path: tuple[str, ...] = ()
    ld: Json = field(repr=False, default_factory=dict)
    sd: Json = field(repr=False, default_factory=dict)

    @property
    def vct(self) -> str:
        return f"https://w3id.org/passeport/vct/{self.id}/{self.version}"

    @property
    def selective_ld(self) -> bool:
        """Whether the JSON-LD form lets the holder choose; otherwise it is shown as a whole."""
        return "ecdsa-sd-2023" in self.securing

    @property
    def declared(self) -> bool:
        """Whether the holder says it, and nobody else."""
        return any(rule.path == ("self_declared",) for rule in self.open)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all templates, in alphabetical order."""
    found = (file.name for file in files(__package__).iterdir())
    return tuple(sorted(name[:-5] for name in found if name.endswith(".toml") and not name.startswith("_")))


@cache
def load(name: str) -> Template:
    """Return the template of that name. Raises NotFoundError."""
    if name not in names():
        raise NotFoundError("template.unknown", name=name[:80])
    return _parse(_read(name))


def for_types(types: Iterable[str]) -> Template | None:
    """Return the template that a JSON-LD credential's types name; None for foreign credentials.

    Raises MalformedValueError when they name two.
    """
    given = set(types)
    found = [load(name) for name in names() if load(name).types[-1] in given]
    if len(found) > 1:
        raise MalformedValueError("template.two_types")
    return found[0] if found else None


def for_vct(vct: str) -> Template | None:
    """Return the template that an SD-JWT VC's ``vct`` names; None for foreign credentials."""
    return next((load(name) for name in names() if load(name).vct == vct), None)


def _read(name: str) -> dict[str, Any]:
    """Read one of our own TOML files."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def _parse(source: dict[str, Any]) -> Template:
    sets = [_read("_items")[name] for name in source["item_sets"]] + [source]
    claims = {claim: rule for name in source["claim_sets"] for claim, rule in claim_sets()[name].items()}
    return Template(
        id=source["id"],
        version=source["version"],
        types=tuple(source["types"]),
        label=_label(source["label"]),
        securing=tuple(source["securing"]),
        mandatory=tuple(source["mandatory"]),
        items=tuple(_item(entry) for group in sets for entry in group.get("items", [])),
        open=tuple(_open(entry) for group in sets for entry in group.get("open", [])),
        claims={**claims, **parse_rules(source.get("claims", {}))},
        title_pointer=source.get("title", {}).get("ld"),
        title_path=tuple(source.get("title", {}).get("sd", [])),
        ld=_body(source, "ld"),
        sd=_body(source, "sd_jwt"),
    )


def _item(entry: dict[str, Any]) -> ItemRule:
    paths = tuple(tuple(path) for path in entry["sd"])
    return ItemRule(entry["id"], _label(entry), tuple(entry["ld"]), paths, entry.get("each", False))


def _open(entry: dict[str, Any]) -> OpenRule:
    path = tuple(entry["path"])
    return OpenRule(".".join(path), _label(entry), path, entry.get("mandatory", False), entry.get("ld"))


def _label(entry: dict[str, str]) -> Mapping[Lang, str]:
    return {lang: french_spacing(entry[lang]) if lang == "fr" else entry[lang] for lang in LANGS}


def _body(source: dict[str, Any], form: str) -> Json:
    return include(strict_json.read_object(source[form]), _fragments(form))


@cache
def _fragments(form: str) -> Mapping[str, Json]:
    return {
        name: strict_json.read_object(fragment[form])
        for name, fragment in _read("_fragments").items()
        if form in fragment
    }
