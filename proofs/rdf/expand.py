"""JSON-LD expansion and compaction by PyLD, with a safe mode around it.

JSON-LD silently drops what no context defines; a signature over the rest would not cover what people
read (VC Data Integrity 1.0 §2.4.3 Securing Data Losslessly). Here every such place raises. What is left,
whether ids, types and languages can be written as RDF, is judged by :mod:`proofs.rdf.dataset`.
"""

import copy
from typing import Any, NoReturn

from pyld import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from boundary import limits
from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from problems import DataLossError, LimitError, Problem, ProofTransformationError
from proofs.rdf.literals import language, shown


def expand(document: Json, contexts: Contexts) -> list[JsonValue]:
    """Return the expanded form of ``document`` (JSON-LD API 1.1 §5.1), base IRI null.

    Raises DataLossError where expansion drops something, MalformedValueError for a language tag that
    is none, ProofTransformationError for whatever else JSON-LD or the pinned contexts refuse,
    LimitError for a document too deep or too large.
    """
    _refuse_size(document)
    try:
        expanded: list[JsonValue] = _Safe(contexts).expand(document, _options(contexts))
    except Exception as error:
        _explain(error)
    return expanded


def compact(expanded: list[JsonValue], context: JsonValue, contexts: Contexts) -> Json:
    """Return the compact form of ``expanded`` under the value of ``@context`` (§5.2).

    Raises ProofTransformationError.
    """
    options = {**_options(contexts), "skipExpansion": True}
    try:
        compacted: Json = JsonLdProcessor().compact(copy.deepcopy(expanded), copy.deepcopy(context), options)
    except Exception as error:
        _explain(error)
    return compacted


def _options(contexts: Contexts) -> dict[str, Any]:
    # No cache shared between documents: PyLD caches a processed context without its protection.
    loader = contexts.document_loader
    return {"base": None, "documentLoader": loader, "contextResolver": ContextResolver({}, loader)}


def _explain(error: Exception) -> NoReturn:
    """Raise what went wrong in PyLD as a Problem: its own errors wrap ours, and bad input can trip it."""
    cause: BaseException | None = error
    code = None
    while cause is not None:
        if isinstance(cause, Problem):
            raise cause from None
        code = getattr(cause, "code", None) or code
        cause = cause.__cause__
    if not isinstance(error, JsonLdError):
        raise ProofTransformationError("rdf.expansion") from error
    if code == "protected term redefinition":
        raise ProofTransformationError("context.protected_term") from None
    raise ProofTransformationError("rdf.json_ld", kind=str(code)) from None


def _refuse_size(document: Json) -> None:
    """Bound depth, so that nothing below runs out of stack, and size, before any work."""
    level: list[JsonValue] = [document]
    count = 0
    for _ in range(limits.JSON_DEPTH):
        count += len(level)
        if count > limits.JSON_LD_VALUES:
            raise LimitError("rdf.too_large", limit=limits.JSON_LD_VALUES)
        level = [
            item
            for value in level
            if isinstance(value, dict | list)
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise LimitError("rdf.too_deep", limit=limits.JSON_DEPTH)


class _Safe(JsonLdProcessor):  # type: ignore[misc]
    """The expansion of PyLD, with a check at each of its steps that can drop something."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(on_property_dropped=_refuse_dropped)
        self._contexts = contexts

    def _expand(
        self, active_ctx: Any, active_property: str | None, element: JsonValue, *rest: Any, **named: Any
    ) -> Any:
        """Each value passes here, on its way down, but for the contents of JSON literals."""
        if element is None:
            raise DataLossError("rdf.null_value", term=shown(active_property))
        result = super()._expand(active_ctx, active_property, element, *rest, **named)
        if result is None:
            raise DataLossError("rdf.free_floating", term=shown(active_property))
        if isinstance(element, dict) and isinstance(result, list) and len(element) > 1:
            raise DataLossError("rdf.keyword", term="@set")
        return result

    def _prepare_nested_context(self, active_ctx: Any, element: Json, options: Any) -> Any:
        """Each node and value object passes here before its members are expanded."""
        if "@context" in element:
            for context in many(element["@context"]) if element["@context"] is not None else [None]:
                _admit(context, self._contexts)
        found = super()._prepare_nested_context(active_ctx, element, options)
        for name, value in element.items():
            if name != "@context":
                self._check_member(found[0], name, value)
        return found

    def _check_member(self, active_ctx: Any, name: str, value: JsonValue) -> None:
        meaning = self._expand_iri(active_ctx, name, vocab=True)
        if meaning is None or (meaning.startswith("@") and meaning not in _KEYWORDS):
            raise DataLossError("rdf.undefined_term", term=shown(name))
        if value is None:
            raise DataLossError("rdf.null_value", term=shown(name))
        if meaning == "@language":
            language(value)
        if meaning == "@reverse" and not value:
            raise DataLossError("rdf.empty_array", term=shown(name))

    def _expand_language_map(self, active_ctx: Any, language_map: Json, direction: Any) -> Any:
        for tag, texts in language_map.items():
            if tag != "@none":
                language(tag)
            if not texts or None in many(texts):
                raise DataLossError("rdf.null_value", term=shown(tag))
        if not language_map:
            raise DataLossError("rdf.empty_array", term="@language")
        return super()._expand_language_map(active_ctx, language_map, direction)

    def _expand_index_map(self, *_: Any) -> NoReturn:
        """No pinned context maps by index, id or type, and such a map can lose its keys."""
        raise DataLossError("rdf.index_map")


_KEYWORDS = frozenset(
    {"@id", "@type", "@value", "@language", "@direction", "@graph", "@list", "@set", "@included", "@reverse"}
)
"""Keywords that keep what they hold; @index is dropped, @nest hides where a member belongs."""


def _refuse_dropped(name: str | None) -> NoReturn:
    raise DataLossError("rdf.undefined_term", term=shown(name))


def _admit(context: JsonValue, contexts: Contexts) -> None:
    """Refuse a context that a document may not bring along."""
    if context is None:
        raise DataLossError("context.null")
    if isinstance(context, str):
        if context not in contexts:
            raise ProofTransformationError("context.unknown", url=context[:200])
    elif isinstance(context, dict):
        if not contexts.inline:
            raise ProofTransformationError("context.inline")
        _admit_inline(context, contexts)
    else:
        raise ProofTransformationError("context.malformed")


def _admit_inline(context: Json, contexts: Contexts) -> None:
    if len(context) > limits.INLINE_TERMS:
        raise LimitError("rdf.too_large", limit=limits.INLINE_TERMS)
    for term, definition in context.items():
        if term.startswith("@") and term not in (
            "@version",
            "@vocab",
            "@language",
            "@direction",
            "@protected",
        ):
            raise ProofTransformationError("context.keyword", term=shown(term))
        if term == "@language" and definition is not None:
            language(definition)
        if isinstance(definition, dict):
            if definition.get("@language") is not None:
                language(definition["@language"])
            if "@context" in definition:
                nested = definition["@context"]
                for inner in many(nested) if nested is not None else [None]:
                    _admit(inner, contexts)
