"""JSON-LD expansion and compaction by PyLD, with a safe mode around it.

JSON-LD silently drops what no context defines; a signature over the rest would not cover what people
read (VC Data Integrity 1.0 §2.4.3 Securing Data Losslessly). Here every such place raises. What is left,
whether ids, types and languages can be written as RDF, is judged by :mod:`proofs.rdf.dataset`.
"""

import copy
import json
from collections.abc import Callable, Hashable
from functools import lru_cache
from threading import Lock
from typing import Any, NoReturn

from pyld import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from boundary import limits
from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from problems import DataLossError, LimitError, Problem, ProofTransformationError, WorkBudgetError
from proofs.rdf.admission import admit
from proofs.rdf.literals import language, shown


def expand(document: Json, contexts: Contexts) -> list[JsonValue]:
    """Return the expanded form of ``document`` (JSON-LD API 1.1 §5.1), base IRI null.

    Raises DataLossError where expansion drops something, MalformedValueError for a language tag that
    is none, ProofTransformationError for whatever else JSON-LD or the pinned contexts refuse,
    LimitError for a document too deep or too large.
    """
    refuse_size(document)
    try:
        expanded: list[JsonValue] = _Safe(contexts).expand(document, _options(contexts))
    except Exception as error:
        _explain(error)
    return expanded


def compact(expanded: list[JsonValue], context: JsonValue, contexts: Contexts) -> Json:
    """Return the compact form of ``expanded`` under the value of ``@context`` (§5.2).

    Raises ProofTransformationError.
    """
    admit(context, contexts)
    options = {**_options(contexts), "skipExpansion": True}
    try:
        with _COMPACTING:
            compacted: Json = _Pinned(contexts).compact(
                copy.deepcopy(expanded), copy.deepcopy(context), options
            )
    except Exception as error:
        _explain(error)
    return compacted


_COMPACTING = Lock()
"""PyLD keeps inverse contexts in a cache that threads may not share."""


def process_context(contexts: Contexts, active: Any, local: Any, **how: bool) -> tuple[Any, int]:
    """Return the active context after ``local`` (§4.1), and how many terms were defined for it.

    ``active`` is None for the initial context. Raises whatever PyLD and the budget raise.
    """
    processor, options = _Pinned(contexts), _options(contexts)
    if active is None:
        return processor._get_initial_context(options), 0
    return processor._process_context(active, local, options, **how), processor.definitions


def meaning_of(active: Any, name: str) -> str | None:
    """Return the IRI or keyword that a term, a type or a word of a vocabulary means (§5.2.2)."""
    meaning: str | None = _Budgeted()._expand_iri(active, name, vocab=True)
    return meaning


def _options(contexts: Contexts) -> dict[str, Any]:
    # A resolver per document: what PyLD remembers of a scoped context, it would also use unscoped.
    loader = contexts.document_loader
    resolver = ContextResolver({}, loader)
    return {
        "base": None,
        "processingMode": "json-ld-1.1",
        "documentLoader": loader,
        "contextResolver": resolver,
    }


def _explain(error: Exception) -> NoReturn:
    """Raise what went wrong in PyLD as a Problem: its errors wrap ours, and strange input can trip it."""
    code = None
    cause: BaseException | None = error
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


def refuse_size(document: Json) -> None:
    """Bound depth, so that nothing below runs out of stack, and size, before any work."""
    level: list[Json | list[JsonValue]] = [document]
    count = 1
    for _ in range(limits.JSON_DEPTH):
        count += sum(map(len, level))
        if count > limits.JSON_LD_VALUES:
            raise LimitError("rdf.too_large", limit=limits.JSON_LD_VALUES)
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if type(item) is dict or type(item) is list
        ]
        if not level:
            return
    if any(level):
        raise LimitError("rdf.too_deep", limit=limits.JSON_DEPTH)


class _Budgeted(JsonLdProcessor):  # type: ignore[misc]
    """PyLD, with an end to the definitions that contexts may ask for: each use of a type takes its own."""

    def __init__(self, on_property_dropped: Callable[[str | None], object] = str) -> None:
        super().__init__(on_property_dropped)
        self.definitions = 0

    def _create_term_definition(self, *rest: Any, **named: Any) -> None:
        self.spend(1)
        super()._create_term_definition(*rest, **named)

    def spend(self, definitions: int) -> None:
        self.definitions += definitions
        if self.definitions > limits.TERM_DEFINITIONS:
            raise WorkBudgetError("rdf.work_budget", limit="definitions")


class _Pinned(_Budgeted):
    """PyLD, remembering what the pinned contexts at the head of a document come to."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(_refuse_dropped)
        self._contexts = contexts
        self._used: set[Hashable] = set()

    def _process_context(
        self, active_ctx: Any, local_ctx: Any, options: Any, *rest: Any, **named: Any
    ) -> Any:
        urls = tuple(many(local_ctx))
        at_the_head = active_ctx is self._get_initial_context(options)
        if at_the_head and urls and all(isinstance(url, str) for url in urls):
            return _active_context(self._contexts, urls)
        # PyLD names most active contexts; "cycles" tells that this one is still being made.
        if self._contexts.inline or "_uuid" not in active_ctx or "cycles" in named:
            return super()._process_context(active_ctx, local_ctx, options, *rest, **named)
        key = (active_ctx["_uuid"], json.dumps(local_ctx), *sorted(named.items()))
        found, cost = _remembered(self._contexts, key, active_ctx, local_ctx, named)
        # PyLD processes a scoped context once in a document, but for types, which do not propagate.
        if key not in self._used or named.get("propagate") is False:
            self.spend(cost)
            self._used.add(key)
        return found


def _remembered(contexts: Contexts, key: Hashable, active: Any, local: Any, named: Any) -> tuple[Any, int]:
    """Return the active context that pinned contexts lead to, and how many terms were defined for it."""
    memory = _memory(contexts)
    found = memory.get(key)
    if found is None:
        processor = _Budgeted()
        processed = processor._process_context(active, local, _options(contexts), **named)
        found = processed, processor.definitions
        if len(memory) >= limits.CONTEXT_TABLES:
            memory.clear()
        memory[key] = found
    return found


@lru_cache(maxsize=8)
def _memory(contexts: Contexts) -> dict[Hashable, tuple[Any, int]]:
    del contexts
    return {}


@lru_cache(maxsize=32)
def _active_context(contexts: Contexts, urls: tuple[str, ...]) -> Any:
    processor, options = _Budgeted(), _options(contexts)
    return processor.process_context(processor._get_initial_context(options), list(urls), options)


class _Safe(_Pinned):
    """The expansion of PyLD, with a check at each of its steps that can drop something."""

    def _expand(self, active_ctx: Any, active_property: Any, element: Any, *rest: Any, **named: Any) -> Any:
        """Every value passes here, but for the contents of JSON literals, ids and types."""
        if element is None:
            raise DataLossError("rdf.null_value", term=shown(active_property))
        if element == [] and not (
            self._contexts.empty or named.get("inside_list") or self._is_list(active_ctx, active_property)
        ):
            raise DataLossError("rdf.empty_array", term=shown(active_property))
        result = super()._expand(active_ctx, active_property, element, *rest, **named)
        if result is None:
            raise DataLossError("rdf.free_floating", term=shown(active_property))
        return result

    def _is_list(self, active_ctx: Any, name: str | None) -> bool:
        return "@list" in many(self.get_context_value(active_ctx, name, "@container"))

    def _prepare_nested_context(self, active_ctx: Any, element: Json, options: Any) -> Any:
        """Every object passes here before its members are expanded, but for maps."""
        if "@context" in element:
            admit(element["@context"], self._contexts)
        found = super()._prepare_nested_context(active_ctx, element, options)
        for name, value in element.items():
            if name != "@context":
                self._check_member(name, value, self._expand_iri(found[0], name, vocab=True))
        return found

    def _check_member(self, name: str, value: JsonValue, meaning: str | None) -> None:
        if meaning is None:
            raise DataLossError("rdf.undefined_term", term=shown(name))
        if meaning.startswith("@") and meaning not in _KEYWORDS:
            raise DataLossError("rdf.keyword", term=shown(name))
        if value is None:
            raise DataLossError("rdf.null_value", term=shown(name))
        if meaning in ("@type", "@reverse") and not value:
            raise DataLossError("rdf.empty_array", term=shown(name))
        if meaning == "@language":
            language(value)

    def _expand_language_map(self, active_ctx: Any, language_map: Json, direction: Any) -> Any:
        if not language_map:
            raise DataLossError("rdf.empty_array", term="@language")
        for tag, texts in language_map.items():
            if not texts or None in many(texts):
                raise DataLossError("rdf.null_value", term="@language")
            if tag != "@none":
                language(tag)
        return super()._expand_language_map(active_ctx, language_map, direction)

    def _expand_index_map(self, *_: Any) -> NoReturn:
        """No pinned context maps by index, id or type, and such a map can lose its keys."""
        raise DataLossError("rdf.index_map")


_KEYWORDS = frozenset(
    ["@id", "@type", "@value", "@language", "@direction", "@graph", "@list", "@set", "@included", "@reverse"],
)
"""Keywords that keep what they hold. @index is dropped (by @set too), @nest hides where a member belongs."""


def _refuse_dropped(name: str | None) -> NoReturn:
    raise DataLossError("rdf.undefined_term", term=shown(name))
