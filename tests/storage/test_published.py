"""Of many who publish the same at once, all publish what one of them made."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from storage.published import Kept, PublishedStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
URL = "https://academie.example/status/token/1"


def made(body: bytes, state: bytes = b"a", at: dt.datetime = NOW) -> Kept:
    return Kept(URL, state, at, body)


def test_what_is_kept_is_found(published: PublishedStore) -> None:
    assert published.find(URL) is None
    assert published.keep(made(b"1"), NOW - DAY) == made(b"1")
    assert published.find(URL) == made(b"1")
    assert published.find(URL + "2") is None


def test_the_first_of_the_same_state_counts(published: PublishedStore) -> None:
    published.keep(made(b"1"), NOW - DAY)
    assert published.keep(made(b"2"), NOW - DAY).body == b"1"


def test_another_state_or_another_day_replaces_it(published: PublishedStore) -> None:
    published.keep(made(b"1"), NOW - DAY)
    assert published.keep(made(b"2", b"b"), NOW - DAY).body == b"2"
    assert published.keep(made(b"3", b"b", NOW + DAY), NOW).body == b"3"


def test_many_at_once_agree(published: PublishedStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda n: published.keep(made(str(n).encode()), NOW - DAY).body, range(32))
    assert len(set(found)) == 1
