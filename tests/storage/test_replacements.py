"""What replaces an award is said once, and stays."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from storage.replacements import Replacement, ReplacementStore

LINK = Replacement("centre", "R-1", "R-1~2", "CORRECTION", "c0ffee")


def test_the_first_link_is_the_one_that_counts(replacements: ReplacementStore) -> None:
    wanted = [replace(LINK, new=f"R-{number}") for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        kept = {*pool.map(replacements.link, wanted)}
    assert len(kept) == 1
    assert replacements.of("centre") == [*kept]


def test_each_organisation_has_its_own(replacements: ReplacementStore) -> None:
    other = replace(LINK, organisation="atelier", new="A-2")
    assert (replacements.link(LINK), replacements.link(other)) == (LINK, other)
    assert replacements.of("atelier") == [other]
