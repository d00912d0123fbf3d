"""What a holder can choose to show of one credential, in both forms.

A template's item rules are patterns; an :class:`Item` is one of them found in a document. The same row of
claims gives the same items, with the same ids and in the same order, in both forms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from boundary.strict_json import Json
from credentials.pointers import Place, expand_path, expand_pointer, pointer_to, value_at
from credentials.templates import ItemRule, SdPath, Template
from problems.sentences import Lang

_Places: TypeAlias = Callable[[ItemRule, Json], list[tuple[str, tuple[Place, ...]]]]


@dataclass(frozen=True)
class Item:
    """One thing that can be shown on its own.

    ``id`` is the rule's (``birthdate``), or the rule's with a position (``block.0``) when each element of
    a list is an item. Showing it means revealing every pointer (JSON-LD) or every path (SD-JWT): one of
    the two is empty, as the item was found in one form.
    """

    id: str
    template_item: str
    label: Mapping[Lang, str]
    pointers: tuple[str, ...]
    paths: tuple[SdPath, ...]


def items_ld(template: Template, document: Json) -> list[Item]:
    """Return the items that a JSON-LD credential holds, in the template's order."""
    return [
        Item(item_id, rule.id, rule.label, tuple(map(pointer_to, places)), ())
        for rule in template.items
        for item_id, places in places_ld(rule, document)
    ]


def items_sd(template: Template, payload: Json) -> list[Item]:
    """Return the items that a processed SD-JWT payload holds, in the template's order."""
    return _by_path(template, payload, places_sd)


def items_token(template: Template, document: Json) -> list[Item]:
    """Return the items of a JSON-LD credential that is the payload of an SD-JWT, in the template's order."""
    return _by_path(template, document, places_ld)


def _by_path(template: Template, document: Json, places_of: _Places) -> list[Item]:
    return [
        Item(item_id, rule.id, rule.label, (), places)
        for rule in template.items
        for item_id, places in places_of(rule, document)
    ]


def mandatory_pointers(template: Template, document: Json) -> list[str]:
    """Return the pointers of what the JSON-LD form always shows, as they are in ``document``."""
    places = [place for pattern in template.mandatory for place in expand_pointer(document, pattern)]
    return [pointer_to(place) for place in places]


def selective_paths(template: Template, payload: Json) -> list[SdPath]:
    """Return every path of ``payload`` that becomes a disclosure, parents before children.

    Lists are recursive: the list is a disclosure and so is each element, so that a presentation without
    blocs does not even tell how many there are.
    """
    paths = [
        place for rule in template.items for pattern in rule.paths for place in expand_path(payload, pattern)
    ]
    return list(dict.fromkeys(paths))


def selective_places(template: Template, document: Json) -> list[Place]:
    """Return every place of a JSON-LD document that becomes a disclosure in an SD-JWT, parents first.

    A list of nothing but items is hidden as well as each of them; where something else stands in it, it
    stays, as does all that is always shown.
    """
    found = [place for rule in template.items for _, places in places_ld(rule, document) for place in places]
    around = [place[:-1] for place in found if isinstance(place[-1], int)]
    hidden = [place for place in around if _holds_only(found, place, document)]
    return list(dict.fromkeys([*hidden, *found]))


def _holds_only(found: list[Place], place: Place, document: Json) -> bool:
    elements = value_at(document, place)
    return isinstance(elements, list) and all((*place, index) in found for index in range(len(elements)))


def places_ld(rule: ItemRule, document: Json) -> list[tuple[str, tuple[Place, ...]]]:
    """Return the items that one rule finds in a JSON-LD credential: id, and where they stand."""
    found = [place for pattern in rule.pointers for place in expand_pointer(document, pattern)]
    if rule.each:
        return [(f"{rule.id}.{position}", (place,)) for position, place in enumerate(found)]
    return [(rule.id, tuple(found))] if found else []


def places_sd(rule: ItemRule, payload: Json) -> list[tuple[str, tuple[Place, ...]]]:
    """Return the items that one rule finds in an SD-JWT payload: id, and its disclosures."""
    if not rule.each:
        found = tuple(place for pattern in rule.paths for place in expand_path(payload, pattern))
        return [(rule.id, found)] if found else []
    *around, last = rule.paths
    parents = tuple(place for pattern in around for place in expand_path(payload, pattern))
    elements = expand_path(payload, last)
    return [(f"{rule.id}.{position}", (*parents, place)) for position, place in enumerate(elements)]
