"""A code that a person can read off paper years later, and whose typing mistakes are noticed."""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import SecretError
from wallet import recovery_code


def test_a_code_is_128_random_bits_in_seven_groups() -> None:
    drawn: list[int] = []

    def draw(size: int) -> bytes:
        drawn.append(size)
        return os.urandom(size)

    code = recovery_code.generate(draw)
    assert drawn == [16]
    assert [len(group) for group in code.split("-")] == [4] * 7
    assert not set(code) & set("ILOU")
    assert recovery_code.generate(os.urandom) != recovery_code.generate(os.urandom)


@settings(deadline=None)
@given(st.binary(min_size=16, max_size=16), st.data())
def test_a_code_is_understood_however_it_is_typed(data: bytes, how: st.DataObject) -> None:
    code = recovery_code.generate(lambda size: data)
    typed = "".join(
        how.draw(st.sampled_from(_spellings(character))) for character in code if character != "-"
    )
    assert recovery_code.canonical(typed) == code.replace("-", "")
    assert recovery_code.looks_like(typed)


def _spellings(character: str) -> list[str]:
    alike = {"0": "0oO", "1": "1iIlL"}.get(character, character + character.lower())
    return [*alike, f" {alike[0]}", f"{alike[0]}-", f"\u2013{alike[0]}", f"{alike[0]}\u00a0\n"]


def test_nearly_every_mistake_is_noticed() -> None:
    code = recovery_code.generate(random.Random(7).randbytes).replace("-", "")
    wrong = [
        code[:place] + other + code[place + 1 :]
        for place in range(28)
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        if other != code[place]
    ]
    wrong += [code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(27) if code[n] != code[n + 1]]
    missed = [typed for typed in wrong if not _refused(typed)]
    assert len(wrong) > 850
    assert len(missed) <= 2


def _refused(typed: str) -> bool:
    try:
        recovery_code.canonical(typed)
    except SecretError as problem:
        return problem.code == "wallet.code_mistyped"
    return False


@pytest.mark.parametrize("typed", ["", "A" * 27, "A" * 29, "U" * 28, "é" * 28, "quatre mots au hasard"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert not recovery_code.looks_like(typed)
    assert _refused(typed)
