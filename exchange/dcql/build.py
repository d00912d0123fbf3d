"""A query from plain fields: which types, which items of each, whether they are required.

Each type is asked for in both of its forms, as alternatives: the holder answers with the one they have.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from boundary.strict_json import Json
from credentials import templates
from credentials.templates import ItemRule, Template
from exchange.dcql.paths import Path
from exchange.dcql.query import ClaimQuery, CredentialQuery, CredentialSet, Query
from exchange.openid4vp.candidates import JSON_LD, SD_JWT, expanded_types
from problems import InputError

_CONDITION: Final = re.compile(r"\*\[(\w+)=([^\]]+)\]")


@dataclass(frozen=True)
class Wanted:
    """``type`` is the id of a template (``diploma``), ``items`` are ids of its items (``mention``)."""

    type: str
    items: tuple[str, ...] = ()
    required: bool = True


def query_for(wanted: Sequence[Wanted]) -> Query:
    """Return the query for these fields.

    Raises NotFoundError for a type that is none, InputError ``dcql.item`` for an item that it does not have.
    """
    asked = [(f"c{number}", one, templates.load(one.type)) for number, one in enumerate(wanted)]
    credentials = [form for name, one, template in asked for form in _forms(name, one, template)]
    sets = [CredentialSet(((f"{name}-sd",), (f"{name}-ld",)), one.required) for name, one, _ in asked]
    return Query(tuple(credentials), tuple(sets))


def _forms(name: str, one: Wanted, template: Template) -> tuple[CredentialQuery, CredentialQuery]:
    rules = [_rule(item, template) for item in one.items]
    sd = tuple(ClaimQuery(_sd_path(rule)) for rule in rules)
    ld = tuple(_ld_claim(rule) for rule in rules)
    return (
        CredentialQuery(f"{name}-sd", SD_JWT, {"vct_values": [template.vct]}, sd),
        CredentialQuery(f"{name}-ld", JSON_LD, {"type_values": [[_type_iri(template.id)]]}, ld),
    )


def _rule(item: str, template: Template) -> ItemRule:
    known = {rule.id: rule for rule in template.items}
    if item not in known:
        raise InputError("dcql.item", item=item[:60], known=", ".join(known))
    return known[item]


def _sd_path(rule: ItemRule) -> Path:
    """Of a list each element is meant; of an item in several places the first is always there."""
    path = rule.paths[-1 if rule.each else 0]
    return tuple(None if step == "*" else step for step in path)


def _ld_claim(rule: ItemRule) -> ClaimQuery:
    """An element that is found by its content is asked for by that content."""
    steps: list[str | int | None] = []
    for step in rule.pointers[0].split("/")[1:]:
        if found := _CONDITION.fullmatch(step):
            return ClaimQuery((*steps, None, found[1]), values=(found[2],))
        steps.append(None if step.startswith("*") else step)
    return ClaimQuery(tuple(steps))


@lru_cache(maxsize=64)
def _type_iri(template: str) -> str:
    """Return what the template's own type, its last, means."""
    found = templates.load(template)
    typed: Json = {"@context": found.ld["@context"], "type": [found.types[-1]]}
    [iri] = expanded_types(typed)
    return iri
