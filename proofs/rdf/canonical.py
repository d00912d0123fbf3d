"""RDF Dataset Canonicalization, RDFC-1.0, with a work budget (§7.1 Dataset Poisoning).

Step numbers are those of the Recommendation of 21 May 2024.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from boundary import limits
from problems import CryptographicSecurityError, WorkBudgetError
from proofs.rdf.nquads import Quad, parse

Algorithm: TypeAlias = Literal["sha256", "sha384"]
HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


@dataclass(frozen=True)
class Canonical:
    """A canonical dataset: sorted N-Quads lines, each with its line end, and no line twice.

    ``labels`` maps each blank node's label in the input to its canonical one, both without ``_:``.
    """

    lines: tuple[str, ...]
    labels: Mapping[str, str]

    @cached_property
    def text(self) -> str:
        return "".join(self.lines)


def canonicalize(quads: Sequence[Quad], *, algorithm: Algorithm = "sha256") -> Canonical:
    """Return the canonical form of the dataset (§4.4.3).

    Raises WorkBudgetError ``rdf.work_budget`` when the dataset is built to cost more than any honest
    one; CryptographicSecurityError ``rdf.not_reproducible`` when a term would not survive being written.
    """
    if len(quads) > limits.QUADS:
        raise WorkBudgetError("rdf.work_budget", limit="quads")
    labels = _Labeller(quads, algorithm).label()
    relabelled = {quad.rename(labels.__getitem__) for quad in quads}
    canonical = Canonical(tuple(sorted(map(str, relabelled))), MappingProxyType(labels))
    # A term that smuggles in a line end or a quote writes other quads than it stands for.
    if set(parse(canonical.text)) != relabelled:
        raise CryptographicSecurityError("rdf.not_reproducible")
    return canonical


class _Issuer:
    """Issues identifiers in order of first demand (§4.5)."""

    def __init__(self, prefix: str, issued: Mapping[str, str] = MappingProxyType({})) -> None:
        self._prefix = prefix
        self.issued = dict(issued)

    def issue(self, label: str) -> str:
        return self.issued.setdefault(label, f"{self._prefix}{len(self.issued)}")

    def copy(self) -> "_Issuer":
        return _Issuer(self._prefix, self.issued)


class _Budget:
    """Counts what poison makes explode, so that it stops within a fraction of a second."""

    def __init__(self) -> None:
        self._left = {
            "calls": limits.N_DEGREE_CALLS,
            "depth": limits.N_DEGREE_DEPTH,
            "permutations": limits.PERMUTATIONS,
            "related": limits.RELATED_HASHES,
        }

    def spend(self, kind: str) -> None:
        self._left[kind] -= 1
        if self._left[kind] < 0:
            raise WorkBudgetError("rdf.work_budget", limit=kind)

    def refund(self, kind: str) -> None:
        self._left[kind] += 1


class _Labeller:
    """The canonicalization state (§4.2): quads per blank node, first-degree hashes, canonical labels."""

    def __init__(self, quads: Iterable[Quad], algorithm: Algorithm) -> None:
        self._digest = HASHES[algorithm]
        self._budget = _Budget()
        self._canonical = _Issuer("c14n")
        self._quads: dict[str, list[Quad]] = {}
        for quad in dict.fromkeys(quads):
            for label in {blank.label for _, blank in quad.blanks()}:
                self._quads.setdefault(label, []).append(quad)
        self._first = {label: self._hash_first_degree(label) for label in self._quads}

    def label(self) -> dict[str, str]:
        """Return the canonical label of each (§4.4.3 steps 3 to 5)."""
        shared: list[list[str]] = []
        for labels in _groups(self._first):
            if len(labels) == 1:
                self._canonical.issue(labels[0])
            else:
                shared.append(labels)
        for labels in shared:
            self._label_alike(labels)
        return self._canonical.issued

    def _label_alike(self, labels: list[str]) -> None:
        """Label the nodes that their own quads do not tell apart (§4.4.3 step 5)."""
        results = []
        for label in labels:
            if label not in self._canonical.issued:
                issuer = _Issuer("b")
                issuer.issue(label)
                results.append(self._hash_n_degree(label, issuer))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for label in issuer.issued:
                self._canonical.issue(label)

    def _hash_first_degree(self, label: str) -> str:
        """§4.6: itself is written _:a, every other blank node _:z."""
        lines = sorted(
            str(quad.rename(lambda other: "a" if other == label else "z")) for quad in self._quads[label]
        )
        return self._hash("".join(lines))

    def _hash_related(self, related: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """§4.7"""
        self._budget.spend("related")
        issued = self._canonical.issued.get(related) or issuer.issued.get(related)
        predicate = "" if position == "g" else str(quad.predicate)
        return self._hash(f"{position}{predicate}{f'_:{issued}' if issued else self._first[related]}")

    def _hash_n_degree(self, label: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """§4.8: the hash of all that the node is connected to, over every order of those alike."""
        self._budget.spend("calls")
        self._budget.spend("depth")
        by_hash: dict[str, list[str]] = {}
        for quad in self._quads[label]:
            for position, blank in quad.blanks():
                if blank.label != label:
                    key = self._hash_related(blank.label, quad, issuer, position)
                    by_hash.setdefault(key, []).append(blank.label)
        data = ""
        for key in sorted(by_hash):
            path, issuer = min(self._paths(by_hash[key], issuer), key=lambda found: found[0])
            data += key + path
        self._budget.refund("depth")
        return self._hash(data), issuer

    def _paths(self, labels: list[str], issuer: _Issuer) -> Iterator[tuple[str, _Issuer]]:
        """Return the path of each order of ``labels`` that may still be the least (§4.8.3 step 5.4)."""
        chosen = ""
        for order in _orders(labels):
            self._budget.spend("permutations")
            found = self._path(order, issuer.copy(), chosen)
            if found is not None:
                chosen = found[0]
                yield found

    def _path(self, order: Sequence[str], issuer: _Issuer, chosen: str) -> tuple[str, _Issuer] | None:
        path = ""
        waiting = []
        for label in order:
            canonical = self._canonical.issued.get(label)
            if canonical is None and label not in issuer.issued:
                waiting.append(label)
            path += f"_:{canonical or issuer.issue(label)}"
            if _worse(path, chosen):
                return None
        for label in waiting:
            result, inner = self._hash_n_degree(label, issuer)
            path += f"_:{issuer.issue(label)}<{result}>"
            issuer = inner
            if _worse(path, chosen):
                return None
        return None if chosen and path >= chosen else (path, issuer)

    def _hash(self, text: str) -> str:
        return self._digest(text.encode("utf-8")).hexdigest()


def _orders(labels: Sequence[str]) -> Iterator[list[str]]:
    """Return each order of ``labels`` once, equal ones being one (Knuth, TAOCP 7.2.1.2, Algorithm L).

    A graph's name is related to a node once per statement: nine statements are one order, not 9!.
    """
    rank = {label: place for place, label in enumerate(dict.fromkeys(labels))}
    order = sorted(labels, key=rank.__getitem__)
    while True:
        yield order.copy()
        rise = next((n for n in range(len(order) - 2, -1, -1) if rank[order[n]] < rank[order[n + 1]]), None)
        if rise is None:
            return
        above = next(n for n in range(len(order) - 1, rise, -1) if rank[order[n]] > rank[order[rise]])
        order[rise], order[above] = order[above], order[rise]
        order[rise + 1 :] = reversed(order[rise + 1 :])


def _worse(path: str, chosen: str) -> bool:
    return bool(chosen) and len(path) >= len(chosen) and path > chosen


def _groups(hashes: Mapping[str, str]) -> Iterator[list[str]]:
    """Return the labels that share a hash together, in the order of the hashes."""
    groups: dict[str, list[str]] = {}
    for label, value in hashes.items():
        groups.setdefault(value, []).append(label)
    return (groups[value] for value in sorted(groups))
