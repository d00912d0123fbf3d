"""A DCQL query, read strictly (OpenID4VP 1.0 §6.1 to §6.3).

What is malformed is refused as ``invalid_request``; members that the specification does not know are
ignored, as it demands.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from boundary import limits
from boundary.strict_json import Json, JsonValue
from exchange.dcql.paths import Path, read_path
from problems import ProtocolError

Scalar: TypeAlias = str | int | bool
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
T = TypeVar("T")


@dataclass(frozen=True)
class ClaimQuery:
    """``values`` empty: any value will do."""

    path: Path
    id: str | None = None
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class TrustedAuthority:
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class CredentialQuery:
    """``claims`` empty: nothing that can be hidden is asked for. ``claim_sets`` empty: all of ``claims``."""

    id: str
    format: str
    meta: Mapping[str, JsonValue] = field(default_factory=dict)
    claims: tuple[ClaimQuery, ...] = ()
    claim_sets: tuple[tuple[str, ...], ...] = ()
    multiple: bool = False
    holder_binding: bool = True
    authorities: tuple[TrustedAuthority, ...] = ()

    def ways(self) -> Sequence[Sequence[ClaimQuery]]:
        """Return the sets of claims of which one is to be shown, the preferred first (§6.4.1)."""
        if not self.claim_sets:
            return [self.claims]
        by_id = {claim.id: claim for claim in self.claims}
        return [[by_id[name] for name in names] for names in self.claim_sets]


@dataclass(frozen=True)
class CredentialSet:
    """Each option is a set of credential query ids; one of them, the preferred first, is to be answered."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True


@dataclass(frozen=True)
class Query:
    credentials: tuple[CredentialQuery, ...]
    sets: tuple[CredentialSet, ...] = ()

    def by_id(self, name: str) -> CredentialQuery | None:
        return next((one for one in self.credentials if one.id == name), None)

    def to_json(self) -> Json:
        """Return the query as it is sent."""
        written: Json = {"credentials": [_written(one) for one in self.credentials]}
        if self.sets:
            written["credential_sets"] = [
                {"options": [list(option) for option in one.options], "required": one.required}
                for one in self.sets
            ]
        return written


def read(value: JsonValue) -> Query:
    """Return the query that ``value`` spells.

    Raises ProtocolError ``invalid_request``: ``dcql.shape`` with the place, ``dcql.id``, ``dcql.path``,
    ``dcql.unknown_id``, ``dcql.too_large``.
    """
    top = _object(value, "dcql_query")
    credentials = _every(top.get("credentials"), "credentials", limits.DCQL_CREDENTIALS, _credential)
    names = {one.id for one in credentials}
    if len(names) != len(credentials):
        raise ProtocolError("dcql.id", error="invalid_request")
    sets: tuple[CredentialSet, ...] = ()
    if "credential_sets" in top:
        sets = _every(top["credential_sets"], "credential_sets", limits.DCQL_SETS, _set)
    if any(not names.issuperset(option) for one in sets for option in one.options):
        raise ProtocolError("dcql.unknown_id", error="invalid_request")
    return Query(credentials, sets)


def _credential(value: JsonValue) -> CredentialQuery:
    one = _object(value, "credentials")
    claims: tuple[ClaimQuery, ...] = ()
    if "claims" in one:
        claims = _every(one["claims"], "claims", limits.DCQL_CLAIMS, _claim)
    authorities: tuple[TrustedAuthority, ...] = ()
    if "trusted_authorities" in one:
        given = one["trusted_authorities"]
        authorities = _every(given, "trusted_authorities", limits.DCQL_CLAIMS, _authority)
    return CredentialQuery(
        _id(one.get("id")),
        _text(one.get("format"), "format"),
        _object(one.get("meta"), "meta"),
        claims,
        _claim_sets(one, claims),
        _flag(one, "multiple", default=False),
        _flag(one, "require_cryptographic_holder_binding", default=True),
        authorities,
    )


def _claim_sets(one: Json, claims: Sequence[ClaimQuery]) -> tuple[tuple[str, ...], ...]:
    """With claim sets every claim has an id of its own, and every set names only those (§6.3)."""
    named = [claim.id for claim in claims if claim.id is not None]
    if len(set(named)) != len(named):
        raise ProtocolError("dcql.id", error="invalid_request")
    if "claim_sets" not in one:
        return ()
    if not claims or len(named) != len(claims):
        raise ProtocolError("dcql.shape", error="invalid_request", at="claim_sets")
    sets = _every(one["claim_sets"], "claim_sets", limits.DCQL_SETS, _names)
    if any(not set(named).issuperset(names) for names in sets):
        raise ProtocolError("dcql.unknown_id", error="invalid_request")
    return sets


def _claim(value: JsonValue) -> ClaimQuery:
    one = _object(value, "claims")
    values: tuple[Scalar, ...] = ()
    if "values" in one:
        values = _every(one["values"], "values", limits.DCQL_CLAIMS, _scalar)
    return ClaimQuery(read_path(one.get("path")), _id(one["id"]) if "id" in one else None, values)


def _set(value: JsonValue) -> CredentialSet:
    one = _object(value, "credential_sets")
    options = _every(one.get("options"), "options", limits.DCQL_SETS, _names)
    return CredentialSet(options, _flag(one, "required", default=True))


def _authority(value: JsonValue) -> TrustedAuthority:
    one = _object(value, "trusted_authorities")
    return TrustedAuthority(
        _text(one.get("type"), "type"),
        _every(one.get("values"), "values", limits.DCQL_CLAIMS, lambda text: _text(text, "values")),
    )


def _names(value: JsonValue) -> tuple[str, ...]:
    return _every(value, "options", limits.DCQL_CREDENTIALS, _id)


def _every(value: JsonValue, at: str, most: int, read_one: Callable[[JsonValue], T]) -> tuple[T, ...]:
    """Return a list that is not empty, each element read."""
    if not isinstance(value, list) or not value:
        raise ProtocolError("dcql.shape", error="invalid_request", at=at)
    if len(value) > most:
        raise ProtocolError("dcql.too_large", error="invalid_request", at=at, limit=most)
    return tuple(map(read_one, value))


def _object(value: JsonValue, at: str) -> Json:
    if not isinstance(value, dict):
        raise ProtocolError("dcql.shape", error="invalid_request", at=at)
    return value


def _text(value: JsonValue, at: str) -> str:
    if not isinstance(value, str) or not value:
        raise ProtocolError("dcql.shape", error="invalid_request", at=at)
    return value


def _id(value: JsonValue) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ProtocolError("dcql.id", error="invalid_request")
    return value


def _flag(one: Json, name: str, *, default: bool) -> bool:
    value = one.get(name, default)
    if not isinstance(value, bool):
        raise ProtocolError("dcql.shape", error="invalid_request", at=name)
    return value


def _scalar(value: JsonValue) -> Scalar:
    if not isinstance(value, str | int | bool):
        raise ProtocolError("dcql.shape", error="invalid_request", at="values")
    return value


def _written(one: CredentialQuery) -> Json:
    written: Json = {"id": one.id, "format": one.format, "meta": dict(one.meta)}
    if one.claims:
        written["claims"] = [_written_claim(claim) for claim in one.claims]
    if one.claim_sets:
        written["claim_sets"] = [list(names) for names in one.claim_sets]
    if one.multiple:
        written["multiple"] = True
    if not one.holder_binding:
        written["require_cryptographic_holder_binding"] = False
    if one.authorities:
        written["trusted_authorities"] = [
            {"type": authority.type, "values": list(authority.values)} for authority in one.authorities
        ]
    return written


def _written_claim(claim: ClaimQuery) -> Json:
    written: Json = {"path": list(claim.path)}
    if claim.id is not None:
        written["id"] = claim.id
    if claim.values:
        written["values"] = list(claim.values)
    return written
