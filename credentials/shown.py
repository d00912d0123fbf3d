"""What a credential shows, item by item, alike whichever way it was secured."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json, JsonValue
from credentials.characters import printable
from credentials.items import places_ld, places_sd
from credentials.normal import normal_ld, normal_member
from credentials.pointers import Place, expand_path, expand_pointer, value_at
from credentials.templates import ItemRule, OpenRule, Template
from credentials.wording import in_words
from problems.sentences import LANGS, Lang

FOREIGN_ITEMS: Final = 200


@dataclass(frozen=True)
class ShownItem:
    """One thing that a credential shows.

    ``lines`` are plain text for people. ``value`` is the same content in its normal form (the words of
    the SD-JWT VC form). ``always`` when the holder could not have hidden it.
    """

    id: str
    label: Mapping[Lang, str]
    lines: Mapping[Lang, tuple[str, ...]]
    value: JsonValue
    always: bool


def shown_ld(template: Template, document: Json) -> tuple[ShownItem, ...]:
    """Return what a JSON-LD credential of ours shows: what is always shown, then the holder's items."""
    return (*_open_ld(template, document), *_items_ld(template, document))


def shown_sd(template: Template, payload: Json) -> tuple[ShownItem, ...]:
    """Return what an SD-JWT VC of ours shows, in the same order."""
    return (*_open_sd(template, payload), *_items_sd(template, payload))


def shown_foreign(claims: Json) -> tuple[ShownItem, ...]:
    """Return the leaves of a credential that no template of ours describes, under their own names."""
    leaves = [leaf for _, leaf in zip(range(FOREIGN_ITEMS), _leaves(claims, ()), strict=False)]
    return tuple(_foreign(place, value) for place, value in leaves)


def _open_ld(template: Template, document: Json) -> Iterator[ShownItem]:
    for rule in template.open:
        places = expand_pointer(document, rule.pointer) if rule.pointer else []
        for place in places[:1]:
            yield _always(rule, normal_ld(value_at(document, place)))


def _open_sd(template: Template, payload: Json) -> Iterator[ShownItem]:
    for rule in template.open:
        places = expand_path(payload, rule.path) if rule.pointer else []
        for place in places[:1]:
            yield _always(rule, value_at(payload, place))


def _items_ld(template: Template, document: Json) -> Iterator[ShownItem]:
    for rule in template.items:
        for item_id, places in places_ld(rule, document):
            yield _chosen(rule, item_id, _value_ld(rule, document, places))


def _items_sd(template: Template, payload: Json) -> Iterator[ShownItem]:
    for rule in template.items:
        for item_id, places in places_sd(rule, payload):
            yield _chosen(rule, item_id, _value_sd(rule, payload, places))


def _value_ld(rule: ItemRule, document: Json, places: Iterable[Place]) -> JsonValue:
    """Several pointers that are not elements of one list are the members of one thing."""
    values = [(str(place[-1]), normal_ld(value_at(document, place))) for place in places]
    if len(rule.pointers) > 1:
        return {normal_member(name): value for name, value in values}
    value = values[0][1]
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _value_sd(rule: ItemRule, payload: Json, places: tuple[Place, ...]) -> JsonValue:
    if rule.each or len(rule.paths) == 1:
        return value_at(payload, places[-1])
    return {str(place[-1]): value_at(payload, place) for place in places}


def _always(rule: OpenRule, value: JsonValue) -> ShownItem:
    return ShownItem(rule.id, rule.label, in_words(value, rule.path[-1]), value, always=True)


def _chosen(rule: ItemRule, item_id: str, value: JsonValue) -> ShownItem:
    return ShownItem(item_id, rule.label, in_words(value, rule.id), value, always=False)


def _foreign(place: Place, value: JsonValue) -> ShownItem:
    name = printable(".".join(map(str, place)))[:200]
    return ShownItem(name, dict.fromkeys(LANGS, name), in_words(value, ""), value, always=False)


def _leaves(value: JsonValue, place: Place) -> Iterator[tuple[Place, JsonValue]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, (*place, name))
    elif isinstance(value, list):
        for position, element in enumerate(value):
            yield from _leaves(element, (*place, position))
    else:
        yield place, value
