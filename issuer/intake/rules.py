"""What must hold of a row beyond its file's format. One function per matter; ``RULES`` lists them.

The official schema accepts a level flag without a level, a validity that ends before it starts, the INSEE
code ZZZZZ, a blank name: such rows are refused here, each with its place and what to do. Warnings are
about what is possible but doubtful; they leave the row in. (National numbers are looked for by each
reader, in all that it meets: what it drops never comes here.)
"""

from collections.abc import Iterable, Iterator
from typing import Final

from issuer.intake.award_rules import (
    access,
    awardable,
    certified,
    digital_level,
    fitting_template,
    known_certification,
    language_level,
    ordered_dates,
    scored,
)
from issuer.intake.case import Case, Rule
from issuer.intake.person_rules import named_person, plausible_birth, possible_insee_code
from issuer.intake.rows import Finding
from issuer.intake.text_rules import a_reference, complete, public_addresses, sound_texts

__all__ = ["CLAIM_RULES", "RULES", "Case", "Rule", "judge"]

RULES: Final[tuple[Rule, ...]] = (
    complete,
    sound_texts,
    a_reference,
    named_person,
    plausible_birth,
    possible_insee_code,
    certified,
    known_certification,
    awardable,
    fitting_template,
    ordered_dates,
    language_level,
    digital_level,
    scored,
    access,
    public_addresses,
)


CLAIM_RULES: Final = tuple(rule for rule in RULES if rule not in (complete, named_person, sound_texts))
"""For rows that come as claims: their template says what they need, and each of their texts is looked at."""


def judge(case: Case, rules: Iterable[Rule] = RULES) -> Iterator[Finding]:
    """Yield what every rule finds."""
    for rule in rules:
        yield from rule(case)
