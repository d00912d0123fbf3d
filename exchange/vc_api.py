"""The messages of the W3C VC-API: what is asked of an issuer, a holder's service or a verifier.

An option that we do not know changes nothing; a member of the wrong kind is refused, never guessed at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary import limits
from boundary.shape import a_list, a_text, an_object, many
from boundary.strict_json import Json, JsonValue
from credentials.envelopes import TYPES, Kind
from problems import LimitError, MalformedValueError, ParsingError, Problem

Purpose: TypeAlias = Literal["revocation", "suspension"]
STATUS_ENTRY: Final = "BitstringStatusListEntry"
_MEMBERS: Final = {"credential": "verifiableCredential", "presentation": "verifiablePresentation"}
_PLAIN: Final = {"credential": "VerifiableCredential", "presentation": "VerifiablePresentation"}
_OTHER_CONTAINERS: Final = ("vp_token", "payload", "signatures")


@dataclass(frozen=True)
class IssueRequest:
    """``mandatory`` are JSON pointers to what every derived credential shows; None leaves the choice.

    ``name`` is by what the caller will speak of the credential, if not by its own ``id``.
    """

    credential: Json
    mandatory: tuple[str, ...] | None = None
    name: str | None = None


@dataclass(frozen=True)
class VerifyRequest:
    """``checks`` are the only ones wanted; None wants all. The others are what the proof must say."""

    kind: Kind
    document: Json
    checks: frozenset[str] | None = None
    challenge: str | None = None
    domain: str | None = None
    purpose: str | None = None

    @property
    def proof_only(self) -> bool:
        return self.checks == frozenset({"proof"})


@dataclass(frozen=True)
class DeriveRequest:
    """``reveal`` are JSON pointers to what is shown beside what always is."""

    credential: Json
    reveal: tuple[str, ...]


@dataclass(frozen=True)
class StatusRequest:
    name: str
    purpose: Purpose
    value: bool


def read_issue(body: Json) -> IssueRequest:
    """Raises MalformedValueError for a member of the wrong kind; so do the others."""
    options = _options(body)
    return IssueRequest(
        an_object(body.get("credential"), "credential"),
        _pointers(options, "mandatoryPointers"),
        _text(options, "credentialId"),
    )


def read_verify(body: Json, kind: Kind) -> VerifyRequest:
    """Raises ParsingError also for a document that is no credential or no presentation."""
    options = _options(body)
    member = _MEMBERS[kind]
    document = an_object(body.get(member), member)
    _require_kind(document, kind)
    checks = None
    if "checks" in options:
        checks = frozenset(_texts(options, "checks"))
    return VerifyRequest(
        kind,
        document,
        checks,
        _text(options, "challenge"),
        _text(options, "domain"),
        _text(options, "expectedProofPurpose"),
    )


def read_derive(body: Json) -> DeriveRequest:
    credential = an_object(body.get("verifiableCredential"), "verifiableCredential")
    return DeriveRequest(credential, _pointers(_options(body), "selectivePointers") or ())


def read_status(body: Json) -> StatusRequest:
    """What is not said to be false is true: a status is asked for in order to set it."""
    wanted = an_object(body.get("credentialStatus"), "credentialStatus")
    if wanted.get("type", STATUS_ENTRY) != STATUS_ENTRY:
        raise MalformedValueError("vc_api.status_type", expected=STATUS_ENTRY)
    value = body.get("status", True)
    if not isinstance(value, bool):
        raise MalformedValueError("vc_api.status_value")
    return StatusRequest(a_text(body.get("credentialId"), "credentialId"), _purpose(wanted), value)


def secured(credential: Json) -> Json:
    """Return the answer of an issuer, and of who derives."""
    return {"verifiableCredential": credential}


def refusal(problems: Sequence[Json], report: Json) -> Json:
    """Return the answer of a verifier that does not verify: problem details (RFC 9457), the first decides."""
    first = problems[0] if problems else {}
    return {**report, **first, "status": 400, "verified": False, "problemDetails": list(problems)}


def details(problem: Problem) -> Json:
    return {name: value for name, value in problem.details().items() if name != "status"}


def _require_kind(document: Json, kind: Kind) -> None:
    """Say what it is by its type alone: an object that also means something else is refused."""
    types = many(document.get("type"))
    if not {_PLAIN[kind], TYPES[kind]}.intersection(map(str, types)):
        raise ParsingError("model.not_a", type=_PLAIN[kind])
    if any(name in document for name in _OTHER_CONTAINERS):
        raise ParsingError("model.not_a", type=_PLAIN[kind])


def _options(body: Json) -> Json:
    return an_object(body.get("options", {}), "options")


def _text(options: Json, name: str) -> str | None:
    if name not in options:
        return None
    text = a_text(options[name], f"options.{name}")
    if not text or len(text) > limits.URL_CHARS:
        raise MalformedValueError("shape.text_expected", at=f"options.{name}")
    return text


def _texts(options: Json, name: str) -> list[str]:
    values: list[JsonValue] = a_list(options[name], f"options.{name}")
    return [a_text(value, f"options.{name}") for value in values]


def _pointers(options: Json, name: str) -> tuple[str, ...] | None:
    if name not in options:
        return None
    pointers = tuple(_texts(options, name))
    if len(pointers) > limits.POINTERS:
        raise LimitError("pointer.too_many", limit=limits.POINTERS)
    return pointers


def _purpose(wanted: Json) -> Purpose:
    match wanted.get("statusPurpose", "revocation"):
        case "revocation":
            return "revocation"
        case "suspension":
            return "suspension"
        case _:
            raise MalformedValueError("vc_api.status_purpose")
