"""A key goes through its states in one direction."""

import datetime as dt
import itertools

import pytest

from keys.local import LocalSigner
from keys.record import KeyRecord, KeyState
from keys.resolver import Revocation
from problems import ConflictError

STATES: list[KeyState] = ["pending", "active", "retired", "revoked"]
ALLOWED = {("pending", "active"), ("active", "retired"), *((state, "revoked") for state in STATES[:3])}
KEY = LocalSigner.generate("P-256").public_key
EARLIER = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATES, STATES)))
def test_every_transition_is_allowed_or_refused(now, before, after):
    record = KeyRecord("key-1", KEY, before, EARLIER)
    if (before, after) in ALLOWED:
        moved = record.moved(after, now)
        assert (moved.state, moved.since, moved.key) == (after, now, KEY)
    else:
        with pytest.raises(ConflictError, match=r"key\.transition") as caught:
            record.moved(after, now)
        assert caught.value.facts == {"key": "key-1", "state": before, "wanted": after}


def test_a_revocation_says_why_and_when(now):
    revoked = KeyRecord("key-1", KEY, "retired", EARLIER).revoked("compromised", now)
    assert revoked.revocation == Revocation("compromised", now)
    with pytest.raises(ConflictError):
        revoked.revoked("ceased", now)
