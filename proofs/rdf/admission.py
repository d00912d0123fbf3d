"""Which contexts a document may name or carry, checked before any of them is processed."""

import re
from typing import Final

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from problems import DataLossError, LimitError, ProofTransformationError, WorkBudgetError
from proofs.rdf.literals import language, shown


def admit(context: JsonValue, contexts: Contexts) -> None:
    """Refuse a value of ``@context`` that names an unknown context or may not be carried.

    Raises ProofTransformationError; DataLossError for null, which erases definitions;
    MalformedValueError for a default language that is none; LimitError for too many terms.
    """
    entries = context if isinstance(context, list) else [context]
    if len(entries) > limits.CONTEXTS:
        raise WorkBudgetError("rdf.work_budget", limit="contexts")
    for entry in entries:
        if entry is None:
            raise DataLossError("context.null")
        if isinstance(entry, str):
            if entry not in contexts:
                raise ProofTransformationError("context.unknown", url=shown(entry))
        elif not isinstance(entry, dict):
            raise ProofTransformationError("context.malformed")
        elif not contexts.inline:
            raise ProofTransformationError("context.inline")
        else:
            _admit_inline(_unwrapped(entry), contexts)


_ENTRIES: Final = frozenset({"@version", "@vocab", "@language", "@protected"})
"""Not @base, as the base is null; not @import, for which PyLD alters what it imports; not @direction,
which it forgets at the next context."""

_ALIASES: Final = frozenset({"@id", "@type", "@value", "@language", "@direction", "@graph", "@list", "@set"})
_KEYWORD_LIKE: Final = re.compile("@[A-Za-z]+")


def _unwrapped(entry: Json) -> Json:
    """A whole context document may stand in the place of its context, as the official vectors have it; what
    else such a document holds would be passed over."""
    inner = entry.get("@context")
    return inner if isinstance(inner, dict) and len(entry) == 1 else entry


def _admit_inline(context: Json, contexts: Contexts) -> None:
    # Terms may be defined by one another, and PyLD follows them by recursion.
    if len(context) > limits.INLINE_TERMS:
        raise LimitError("rdf.too_large", limit=limits.INLINE_TERMS)
    for term, definition in context.items():
        if _KEYWORD_LIKE.fullmatch(term) and term not in _ENTRIES:
            raise ProofTransformationError("context.keyword", term=shown(term))
        if term == "@language":
            _admit_language(definition)
        elif isinstance(definition, dict):
            _admit_definition(definition, contexts)
        elif isinstance(definition, str):
            _admit_meaning(definition)


def _admit_definition(definition: Json, contexts: Contexts) -> None:
    for key, value in definition.items():
        if key == "@context":
            admit(value, contexts)
        elif key == "@language":
            _admit_language(value)
        elif key in ("@id", "@reverse") and isinstance(value, str):
            _admit_meaning(value)


def _admit_language(tag: JsonValue) -> None:
    if tag is not None:
        language(tag)


def _admit_meaning(meaning: str) -> None:
    if _KEYWORD_LIKE.fullmatch(meaning) and meaning not in _ALIASES:
        raise ProofTransformationError("context.keyword", term=shown(meaning))
