"""Compiled shapes: the canonical form of many documents that differ in their texts only.

The algorithm is :func:`proofs.rdf.canonical_form`, for any document. Here is what remains of it for the
next of ten thousand diplomas: take its texts, put them into the lines of the first, label its blank nodes.
What may differ is learnt by asking the walk (:mod:`proofs.rdf.shape_probe`), and whatever does not fit
exactly goes the way of the algorithm.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

from boundary import limits
from boundary.strict_json import Json
from contexts import Contexts
from problems import Problem
from proofs.rdf import canonical_form, require_lossless
from proofs.rdf.canonical import HASHES, Algorithm
from proofs.rdf.first_degree import IRI, STRING, Statement, first_degree_views, lines
from proofs.rdf.literals import quoted
from proofs.rdf.shape_match import Mismatch, getter
from proofs.rdf.shape_probe import HOLE, Probed, probe

_IRIS: Final = re.compile(rf"{IRI}(?: {IRI})*+")
_HOLES: Final = re.compile(HOLE.format("([0-9]+)"))
_STRINGS: Final = re.compile(rf"{STRING}(?:\n{STRING})*+")


class Shapes:
    """Shapes learnt from the documents that pass, for one set of contexts; bounded, the oldest forgotten.

    It is made for one job, and may be shared by its threads.
    """

    def __init__(self, contexts: Contexts, *, sightings: int = limits.SHAPE_SIGHTINGS) -> None:
        self._contexts = contexts
        self._sightings = sightings
        self._met: dict[Hashable, int] = {}
        self._known: dict[Hashable, tuple[Shape, ...]] = {}
        self._savings = 4 * limits.SHAPE_COST

    def canonical_text(self, document: Json, *, algorithm: Algorithm = "sha256") -> str:
        """Return the text of :func:`proofs.rdf.canonical_form`, and raise what it raises."""
        outline = _outline(document)
        known = self._written(outline, document, algorithm)
        if known is not None:
            return known
        text = canonical_form(document, self._contexts, algorithm=algorithm).text
        self._meet(outline, document)
        return text

    def require_lossless(self, document: Json) -> None:
        """Return when JSON-LD would drop nothing of ``document``, as :func:`proofs.rdf.require_lossless`."""
        outline = _outline(document)
        if self._written(outline, document, "sha256") is None:
            require_lossless(document, self._contexts)
            self._meet(outline, document)

    def _written(self, outline: Hashable, document: Json, algorithm: Algorithm) -> str | None:
        for shape in self._known.get(outline, ()):
            found = shape.canonical_text(document, algorithm)
            if found is not None:
                return found
        return None

    def _meet(self, outline: Hashable, document: Json) -> None:
        """Compile a shape when its outline was met often enough to be met again.

        Whoever sends documents of ever new shapes must not make each cost what a shape costs: documents
        that went the way of the algorithm pay for the next shape, a little each.
        """
        if len(repr(outline)) > limits.CONTEXT_KEY_CHARS:
            return
        self._savings = min(self._savings + 1, 4 * limits.SHAPE_COST)
        times = self._met.pop(outline, 0) + 1
        if times < self._sightings or self._savings < limits.SHAPE_COST:
            _put(self._met, outline, times)
            return
        self._savings -= limits.SHAPE_COST
        shape = compile_shape(document, self._contexts)
        others = self._known.pop(outline, ())[: limits.SHAPES_ALIKE - 1]
        _put(self._known, outline, others if shape is None else (shape, *others))


def _put(memory: dict[Hashable, Any], key: Hashable, value: object) -> None:
    if len(memory) >= limits.SHAPES:
        oldest, *_ = memory.copy()  # another thread may be at it, too
        memory.pop(oldest, None)
    memory[key] = value


def _outline(document: Json) -> Hashable:
    """Return what documents of one shape have in common and most others do not, seen from afar."""
    return (
        *document,
        *(
            tuple(value) if type(value) is dict else len(value) if type(value) is list else None
            for value in document.values()
        ),
    )


def compile_shape(document: Json, contexts: Contexts) -> Shape | None:
    """Return the shape of a document; None when it has none, or when it does not reproduce its like."""
    probed = probe(document, contexts)
    if probed is None:
        return None
    shape = Shape(probed)
    found = shape.canonical_text(document, "sha256")
    if found is None:  # so has no form to compare
        return None
    return shape if found == canonical_form(document, contexts).text else None


class Shape:
    """Lines with holes: for each text that differs, and for the label of each blank node."""

    def __init__(self, probed: Probed) -> None:
        self._matcher = probed.matcher
        self._names, self._literals = getter(probed.names), getter(probed.literals)
        self._again, self._before = (getter([pair[side] for pair in probed.again]) for side in (0, 1))
        self._count = len(probed.names) + len(probed.again) + len(probed.literals)
        self._places = probed.literals
        self._heads, self._no_heads = probed.heads, [_other_head(head) for head in probed.heads]
        views = first_degree_views(probed.statements)
        self._views = [_Lines(seen) for seen in views.values()]
        holes = {label: HOLE.format(self._count + place) for place, label in enumerate(views)}
        about: dict[str, list[Statement]] = defaultdict(list)
        for statement in probed.statements:
            about[statement[0]].append(statement)
        blocks = [
            _Lines(lines(stated, holes), holes.get(subject, subject)) for subject, stated in about.items()
        ]
        self._ordered = [(block.form, block.take) for block in blocks if block.in_order]
        self._others = [block for block in blocks if not block.in_order]
        self._subject_names = _subject_names(list(about))

    def canonical_text(self, document: Json, algorithm: Algorithm) -> str | None:
        """Return the canonical form of a document of this shape, None for any other document."""
        found: list[Any] = []
        try:
            self._matcher.read(document, found)
            self._require_texts(found)
            found += self._labelled(found, algorithm)
            self._require_distinct(found)
            blocks = [form % take(found) for form, take in self._ordered]
            blocks += [block.distinct(found) for block in self._others]
            # What is said of one subject stands together, as no subject is the beginning of another.
            return "".join(sorted(blocks))
        except (Mismatch, KeyError, Problem):
            return None

    def _require_distinct(self, found: list[str]) -> None:
        """Raise Mismatch when two nodes have one name: what is said of them is then one block."""
        names = self._subject_names(found)
        if len(set(names)) != len(names):
            raise Mismatch

    def _require_texts(self, found: list[Any]) -> None:
        """Raise Mismatch unless each text is written as that of the first document was; escape literals."""
        if len(found) != self._count or not {str}.issuperset(map(type, found)):
            raise Mismatch
        names = self._names(found)
        if self._again(found) != self._before(found):
            raise Mismatch
        # A prefix is a scheme; which of them the contexts resolve was the same for the first document.
        if not all(map(str.startswith, names, self._heads)) or any(
            map(str.startswith, names, self._no_heads)
        ):
            raise Mismatch
        _require_written(names, " ", _IRIS)
        if not "".join(names).isprintable():
            raise Mismatch
        texts = self._literals(found)
        if "" in texts:  # which no language map takes
            raise Mismatch
        together = "".join(texts)
        # What is printable is no control, surrogate or noncharacter (proofs.rdf.literals.quoted).
        if not together.isprintable() or '"' in together or "\\" in together:
            texts = tuple(map(quoted, texts))
            _require_written(texts, "\n", _STRINGS)
            for place, text in zip(self._places, texts, strict=True):
                found[place] = text

    def _labelled(self, found: list[str], algorithm: Algorithm) -> list[str]:
        """RDFC-1.0 §4.4.3 steps 3 and 4; raise Mismatch when two blank nodes look alike."""
        digest = HASHES[algorithm]
        hashes = [digest(view.text(found).encode("utf-8")).digest() for view in self._views]
        places = {value: f"_:c14n{number}" for number, value in enumerate(sorted(hashes))}
        if len(places) < len(hashes):
            raise Mismatch
        return [places[value] for value in hashes]


class _Lines:
    """Lines with holes, filled at once."""

    def __init__(self, templates: Iterable[str], subject: str = "") -> None:
        begun = sorted((_beginning(line, subject), line) for line in templates)
        text = "".join(line for _, line in begun)
        self.take = getter([int(number) for number in _HOLES.findall(text)])
        self.form = _HOLES.sub("%s", text.replace("%", "%%"))
        beginnings = [beginning for beginning, _ in begun]
        self.in_order = not any(map(str.startswith, beginnings[1:], beginnings))
        """Whether the lines differ before any hole but ``subject``, where all begin: they stay in order."""

    def text(self, values: Sequence[str]) -> str:
        """Return the lines, sorted."""
        filled = self.form % self.take(values)
        return filled if self.in_order else "\n".join(sorted(_lines_of(filled))) + "\n"

    def distinct(self, values: Sequence[str]) -> str:
        """Return the lines, sorted; raise Mismatch when two are equal, which is not for here to judge."""
        text = self.text(values)
        every = _lines_of(text)
        if len(set(every)) != len(every):
            raise Mismatch
        return text


def _lines_of(text: str) -> list[str]:
    return text.split("\n")[:-1]  # no literal holds a line end


def _beginning(line: str, subject: str) -> str:
    return _HOLES.split(line.removeprefix(subject), maxsplit=1)[0]


def _require_written(texts: Sequence[str], between: str, form: re.Pattern[str]) -> None:
    """Raise Mismatch unless each text keeps the grammar of N-Quads; ``between`` stands in none of them."""
    together = between.join(texts)
    if texts and (together.count(between) != len(texts) - 1 or not form.fullmatch(together)):
        raise Mismatch


def _other_head(head: str) -> str:
    """Return the beginning that changes how a name is read: a prefix is not resolved before ``//``."""
    return "\0" if head.endswith("//") else head + "//"


def _subject_names(subjects: Sequence[str]) -> Callable[[Sequence[str]], list[str]]:
    """Return what names the subjects that are no blank nodes, given the texts in their holes."""
    named = [subject[1:-1] for subject in subjects if subject[0] == "<"]
    take = getter([int(found[1]) for found in map(_HOLES.fullmatch, named) if found])
    fixed = [name for name in named if not _HOLES.fullmatch(name)]
    return lambda values: [*fixed, *take(values)]
