"""Of a passphrase only what Argon2id makes of it is kept, and nothing else opens."""

import pytest

from keys import passphrase
from keys.sealing import Cost
from problems import SecretError

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
WORDS = "quatre mots à retenir"


def test_what_is_kept_opens_with_the_same_words_only():
    kept = passphrase.hashed(WORDS, cost=CHEAP)
    assert kept.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert WORDS not in kept
    passphrase.check(WORDS, kept)
    passphrase.check("quatre mots a\u0300 retenir", kept)  # another keyboard's à
    for wrong in ("", "quatre mots a retenir", WORDS + " ", WORDS * 20, "\ud800"):
        with pytest.raises(SecretError, match=r"secret\.wrong"):
            passphrase.check(wrong, kept)


def test_the_same_words_are_never_kept_alike():
    assert passphrase.hashed(WORDS, cost=CHEAP) != passphrase.hashed(WORDS, cost=CHEAP)


def test_the_cost_is_that_of_the_rfc():
    assert "$m=65536,t=3,p=4$" in passphrase.hashed(WORDS)


@pytest.mark.parametrize("words", ["", "onze lettre", "x" * 201])
def test_what_is_too_short_or_too_long_is_not_taken(words):
    with pytest.raises(SecretError, match=r"secret\.length"):
        passphrase.hashed(words, cost=CHEAP)
