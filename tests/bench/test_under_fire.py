"""The measurement under fire, small: it fires, honest documents verify, and nobody waits for ever."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

import under_fire


def test_honest_documents_verify_while_poison_and_bombs_arrive():
    """A generous cap: figures are for the measurement, on a machine that does nothing else."""
    waited = under_fire.under_fire(seconds=3.0, attacks_per_second=8)
    assert waited.verified
    assert waited.attacks >= 10
    assert waited.honest >= 5
    assert waited.worst < 10_000


def test_every_attack_is_refused_and_quickly():
    product, open_terms = under_fire.verifiers()
    honest = under_fire.honest_documents()
    names = [name for name, _, _ in under_fire.attacks(honest[0])]
    assert len(set(names)) == len(names) >= 12
    for name, own_terms, data in under_fire.attacks(honest[0]):
        assert not (open_terms if own_terms else product)(data), name
    assert all(map(product, honest))


def test_the_bar_is_failed_by_who_waits_or_is_not_verified():
    good = under_fire.Waited(100, 100, 10.0, 5.0, 499.0, 600.0, verified=True)
    assert good.within_bar
    for change in ({"p99": 501.0}, {"verified": False}):
        assert not under_fire.Waited(**{**vars(good), **change}).within_bar


@pytest.mark.parametrize("bad", [[True, False], [False]])
def test_an_attack_that_verifies_is_no_good_figure(bad):
    assert not under_fire._told([1.0], bad, 1.0, True).verified
