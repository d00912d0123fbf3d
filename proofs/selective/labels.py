"""Blank node labels: replaced so that they tell nothing about what is hidden.

vc-di-ecdsa §3.4.1-3.4.4 and, for shuffled labels, vc-di-bbs §3.3.1.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from boundary import base64url
from problems import Problem
from proofs.rdf.first_degree import Statement, canonical_labels, sorted_lines, statement
from proofs.rdf.nquads import Quad

LabelMap: TypeAlias = Mapping[str, str]
LabelMapFactory: TypeAlias = Callable[[LabelMap], LabelMap]
"""From the map input label -> canonical label to the map input label -> new label."""


@dataclass(frozen=True)
class Relabelled:
    """Sorted N-Quads lines with new labels, and the map from input labels to new ones."""

    lines: tuple[str, ...]
    labels: LabelMap


def label_replacement_canonicalize(quads: Sequence[Quad], factory: LabelMapFactory) -> Relabelled:
    """labelReplacementCanonicalizeNQuads (§3.4.1)."""
    return relabelled([statement(quad) for quad in quads], factory)


def relabelled(statements: Sequence[Statement], factory: LabelMapFactory) -> Relabelled:
    """labelReplacementCanonicalizeNQuads (§3.4.1), of quads as they are written."""
    labels = factory(canonical_labels(statements))
    return Relabelled(sorted_lines(statements, labels), labels)


def create_hmac_id_label_map_function(key: bytes) -> LabelMapFactory:
    """createHmacIdLabelMapFunction (§3.4.4): canonical order would tell about hidden neighbours."""

    def new_label(canonical: str) -> str:
        return "u" + base64url.encode(hmac.digest(key, canonical.encode("ascii"), "sha256"))

    return lambda canonical: {label: new_label(name) for label, name in canonical.items()}


def create_shuffled_id_label_map_function(key: bytes) -> LabelMapFactory:
    """createShuffledIdLabelMapFunction (vc-di-bbs §3.3.1): ``b0``, ``b1``…, in the order of the digests.

    Labels as short as these tell next to nothing of which credential they come from.
    """
    digested = create_hmac_id_label_map_function(key)

    def factory(canonical: LabelMap) -> LabelMap:
        digests = digested(canonical)
        places = {digest: place for place, digest in enumerate(sorted(digests.values()))}
        return {label: f"b{places[digest]}" for label, digest in digests.items()}

    return factory


def create_label_map_function(labels: LabelMap, otherwise: Problem) -> LabelMapFactory:
    """createLabelMapFunction (§3.4.3).

    The factory raises ``otherwise`` unless ``labels`` names each canonical label and no other.
    """

    def factory(canonical: LabelMap) -> LabelMap:
        if set(canonical.values()) != set(labels):
            raise otherwise
        return {label: labels[name] for label, name in canonical.items()}

    return factory


def relabel_blank_nodes(quads: Iterable[Quad], labels: LabelMap) -> set[str]:
    """relabelBlankNodes (§3.4.14), written as N-Quads lines."""
    return set(sorted_lines(map(statement, quads), labels))
