"""Scales of skill levels that we write ourselves. Others are taken as they come, and never compared."""

from collections.abc import Mapping, Sequence
from typing import Final

from problems import InputError

WORKPLACE: Final = "workplace-4"
"""From 1, with help, to 4, able to teach it: what a holder declares and an employer sees at work."""

_SCALES: Final[Mapping[str, Sequence[str]]] = {WORKPLACE: ("1", "2", "3", "4")}


def require_level(level: str, scale: str | None) -> None:
    """Raise InputError unless ``level`` is one of the scale's; on a scale that is not ours, anything is."""
    known = _SCALES.get(scale or "")
    if known is not None and level not in known:
        raise InputError("skill.level", known=", ".join(known))
