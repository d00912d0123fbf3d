"""Is it the person of the row? Birth name, first name and birth date, as people write them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from boundary.strict_json import Json

Field: TypeAlias = Literal["birth_name", "given_name", "birthdate"]


@dataclass(frozen=True)
class Identity:
    """``birthdate`` is a date of ISO 8601, as browsers send it."""

    birth_name: str
    given_name: str
    birthdate: str


def is_complete(claims: Json) -> bool:
    """Whether a row says enough of a person to know them by."""
    return all(isinstance(value, str) and value for value in (_birth_name(claims), claims.get("birthdate")))


def mismatches(claims: Json, given: Identity) -> Iterator[Field]:
    """Yield the fields in which ``given`` is not the person of the row.

    Case, accents, hyphens and apostrophes do not count; of several given names the first is enough.
    """
    if not _plain(given.birth_name) or _plain(given.birth_name) != _plain(str(_birth_name(claims))):
        yield "birth_name"
    if not _is_given_name(_plain(given.given_name), str(claims.get("given_name"))):
        yield "given_name"
    if given.birthdate != claims.get("birthdate"):
        yield "birthdate"


def _birth_name(claims: Json) -> object:
    return claims.get("birth_family_name") or claims.get("family_name")


def _is_given_name(given: str, names: str) -> bool:
    """A certifier's file has all given names in one text: what separates them also stands inside some."""
    known = _plain(names).split(" ")
    return given in {" ".join(known[:count]) for count in range(1, len(known) + 1)}


def _plain(text: str) -> str:
    """Letters and digits in small, without accents, in words."""
    bare = unicodedata.normalize("NFKD", text[:200].casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", letters))
