"""What both selective suites do first to derive a proof (vc-di-ecdsa §3.5.4 steps 2-9, vc-di-bbs §3.4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofGenerationError
from proofs.selective.group import Group, canonicalize_and_group
from proofs.selective.labels import LabelMap, LabelMapFactory
from proofs.selective.outline import Outlines
from proofs.selective.select import select_json_ld
from proofs.selective.shown import verifier_label_map
from proofs.suite import Pointer


@dataclass(frozen=True)
class Revealed:
    """``document`` is what the verifier will see and ``labels`` how they find its blank nodes again;
    ``shown`` are its statements among all, ``mandatory`` those that every derivation shows."""

    document: Json
    mandatory: Group
    shown: Group
    labels: LabelMap

    @property
    def mandatory_indexes(self) -> list[int]:
        """Where the mandatory statements stand among those that are shown."""
        return [place for place, index in enumerate(self.shown.matching) if index in self.mandatory.matching]


def reveal(
    document: Json,
    mandatory: Sequence[Pointer],
    selective: Sequence[Pointer],
    factory: LabelMapFactory,
    contexts: Contexts,
    outlines: Outlines | None = None,
) -> Revealed:
    """Return what ``mandatory`` and ``selective`` select.

    Raises ProofGenerationError for a pointer to nothing or when nothing at all is selected.
    """
    combined = [*mandatory, *selective]
    selection = select_json_ld(combined, document)
    if selection is None:
        raise ProofGenerationError("selective.nothing_selected")
    definitions = {"mandatory": mandatory, "combined": combined}
    grouped = canonicalize_and_group(document, factory, definitions, contexts, outlines)
    shown = grouped.groups["combined"]
    labels = verifier_label_map(selection, shown, grouped.labels, contexts)
    return Revealed(selection, grouped.groups["mandatory"], shown, labels)
