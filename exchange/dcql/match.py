"""Which credentials answer a query, and with which claims (OpenID4VP 1.0 §6.4, and App. B for ``meta``).

A wallet matches what it holds and shows only the places that a match names. A verifier matches again
what it received: whatever a wallet sends, the query decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from boundary.strict_json import Json, JsonValue
from exchange.dcql.paths import Place, select
from exchange.dcql.query import ClaimQuery, CredentialQuery, CredentialSet, Query, Scalar


@dataclass(frozen=True)
class Candidate:
    """A credential as a query sees it.

    ``claims`` is the processed payload of an SD-JWT, the credential itself in the other formats. ``types``
    are the expanded type IRIs of a W3C credential, ``vct`` the type of an SD-JWT VC. ``authority_keys`` are
    the base64url key identifiers of the certificates it came with. ``bound``: a holder's key is named.
    """

    id: str
    format: str
    claims: Json
    vct: str | None = None
    types: frozenset[str] = frozenset()
    authority_keys: frozenset[str] = frozenset()
    bound: bool = True


@dataclass(frozen=True)
class Match:
    """``places`` is what is asked of the candidate, wherever it stands; empty: nothing that can be hidden."""

    candidate: Candidate
    places: tuple[Place, ...] = ()


Options: TypeAlias = Mapping[str, Sequence[Match]]
"""For each credential query by its id, everything that answers it."""


def options(query: Query, held: Sequence[Candidate]) -> Options:
    """Return all that a holder may choose from for each credential query."""
    return {one.id: matches(one, held) for one in query.credentials}


def matches(one: CredentialQuery, held: Sequence[Candidate]) -> list[Match]:
    """Return the candidates that answer one credential query, each with the first set of claims it has."""
    fitting = [candidate for candidate in held if _fits(one, candidate)]
    found = [(candidate, _places(one, candidate.claims)) for candidate in fitting]
    return [Match(candidate, places) for candidate, places in found if places is not None]


def satisfied(query: Query, answered: Collection[str]) -> bool:
    """Say whether answers to these credential queries are an answer to the whole (§6.4.2).

    Without credential sets all are wanted; with them, one option of each required set.
    """
    if not query.sets:
        return all(one.id in answered for one in query.credentials)
    return all(preferred(one, answered) is not None for one in query.sets if one.required)


def preferred(one: CredentialSet, answered: Collection[str]) -> tuple[str, ...] | None:
    """Return the first option of the set that these answers fulfil."""
    return next((option for option in one.options if all(name in answered for name in option)), None)


def _fits(one: CredentialQuery, candidate: Candidate) -> bool:
    return (
        candidate.format == one.format
        and (candidate.bound or not one.holder_binding)
        and _is_of_type(one.meta, candidate)
        and _is_trusted(one, candidate)
    )


def _is_of_type(meta: Mapping[str, JsonValue], candidate: Candidate) -> bool:
    """``vct_values`` (App. B.3.5) names one type of several, ``type_values`` (App. B.1.1) sets of types."""
    wanted_vct, wanted_types = meta.get("vct_values"), meta.get("type_values")
    if wanted_vct is not None and not (isinstance(wanted_vct, list) and candidate.vct in wanted_vct):
        return False
    if wanted_types is None:
        return True
    return isinstance(wanted_types, list) and any(
        isinstance(wanted, list) and candidate.types.issuperset(str(name) for name in wanted)
        for wanted in wanted_types
    )


def _is_trusted(one: CredentialQuery, candidate: Candidate) -> bool:
    """One entry that holds is enough (§6.1.1); of the kinds of authority only ``aki`` is known here."""
    known = [authority for authority in one.authorities if authority.type == "aki"]
    return not one.authorities or any(candidate.authority_keys.intersection(one.values) for one in known)


def _places(one: CredentialQuery, claims: Json) -> tuple[Place, ...] | None:
    """Return the places of the first set of claims that is there as a whole, None when there is none."""
    for way in one.ways():
        found = [_answer(claim, claims) for claim in way]
        if all(found):
            return tuple(dict.fromkeys(place for places in found for place in places))
    return None


def _answer(claim: ClaimQuery, claims: Json) -> list[Place]:
    """Return where the claim stands with a value that is wanted (§6.4.1); nowhere is an empty list."""
    found = select(claims, claim.path)
    return [
        place
        for place, value in found
        if not claim.values or any(_same(value, want) for want in claim.values)
    ]


def _same(value: JsonValue, wanted: Scalar) -> bool:
    """True is not 1: the type must match, too (§6.4.1)."""
    return type(value) is type(wanted) and value == wanted
