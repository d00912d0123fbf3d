"""Links: counted when opened, over when they say so, and never readable in the store."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from problems import ConflictError
from storage.links import Links, Terms

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TERMS = Terms(NOW + 30 * DAY)


def keep(links: Links, terms: Terms = TERMS, name: str = "name") -> None:
    assert links.add(name, "owner", "ciphertext", terms, most=10)


def test_whoever_knows_the_name_gets_the_ciphertext(links: Links) -> None:
    keep(links)
    assert links.view("name", NOW) == "ciphertext"
    assert links.view("other", NOW) is None
    assert links.view("owner", NOW) is None


def test_views_are_counted_for_the_owner_alone(links: Links) -> None:
    keep(links)
    links.view("name", NOW)
    state = links.state("name", "owner", NOW)
    assert state is not None
    assert (state.views, state.ending, state.terms) == (1, None, TERMS)
    assert links.state("name", "ciphertext", NOW) is None


def test_of_fifty_who_open_a_link_for_one_at_once_one_does(links: Links, full: bool) -> None:
    with ThreadPoolExecutor(50) as crowd:
        for number in range(200 if full else 3):
            name = f"name-{number}"
            assert links.add(name, "owner", "ciphertext", Terms(NOW + DAY, max_views=1), most=1_000)
            seen = crowd.map(lambda _, name=name: links.view(name, NOW), range(50))
            assert sorted(map(str, seen)) == ["ciphertext"] + ["exhausted"] * 49


def test_a_link_for_three_is_opened_by_three(links: Links) -> None:
    keep(links, Terms(NOW + DAY, max_views=3))
    with ThreadPoolExecutor(8) as crowd:
        seen = list(crowd.map(lambda _: links.view("name", NOW), range(8)))
    assert seen.count("ciphertext") == 3


def test_a_link_is_over_at_its_end(links: Links) -> None:
    keep(links)
    assert links.view("name", TERMS.expires) == "expired"


def test_a_cut_link_is_over_at_once_and_cut_again_as_well(links: Links) -> None:
    keep(links)
    assert links.revoke("name", "owner")
    assert links.revoke("name", "owner")
    assert links.view("name", NOW) == "revoked"


def test_another_owner_cuts_and_changes_nothing(links: Links) -> None:
    keep(links)
    keep(links, name="other")
    assert not links.revoke("name", "someone")
    assert not links.change("name", "someone", Terms(NOW + DAY), NOW)
    assert links.view("name", NOW) == "ciphertext"


def test_it_may_end_sooner_and_never_later(links: Links) -> None:
    keep(links)
    assert links.change("name", "owner", Terms(NOW + DAY), NOW)
    assert links.view("name", NOW + DAY) == "expired"
    keep(links, name="other")
    assert links.change("other", "owner", Terms(NOW + 90 * DAY), NOW)
    assert links.view("other", TERMS.expires) == "expired"


def test_what_is_over_stays_over(links: Links) -> None:
    keep(links, Terms(NOW + DAY, max_views=1))
    links.view("name", NOW)
    assert not links.change("name", "owner", Terms(NOW + DAY, max_views=5), NOW)
    assert links.view("name", NOW) == "exhausted"


def test_a_name_is_used_once_even_when_its_link_is_over(links: Links) -> None:
    keep(links)
    links.revoke("name", "owner")
    with pytest.raises(ConflictError, match=r"link\.exists"):
        keep(links)
    links.forget(NOW + 20 * DAY)
    with pytest.raises(ConflictError, match=r"link\.exists"):
        keep(links)


def test_no_more_are_kept_than_allowed(links: Links) -> None:
    assert links.add("a", "owner", "ciphertext", TERMS, most=1)
    assert not links.add("b", "owner", "ciphertext", TERMS, most=1)


def test_what_is_past_its_time_is_removed(links: Links) -> None:
    keep(links)
    assert links.forget(TERMS.expires) == 0
    assert links.view("name", TERMS.expires) == "expired"
    assert links.forget(TERMS.expires + DAY) == 1
    assert links.view("name", TERMS.expires + DAY) is None


def test_neither_name_nor_token_is_in_the_files_and_no_ciphertext_of_what_is_over(
    links: Links, tmp_path: Path
) -> None:
    secrets = ["the-name-of-it", "the-token-of-it", "the-ciphertext-of-it"]
    name, owner, ciphertext = secrets
    assert links.add(name, owner, ciphertext, Terms(NOW + DAY, max_views=1), most=10)
    assert _found(secrets, tmp_path) == {ciphertext}
    links.view(name, NOW)
    links.close()  # type: ignore[attr-defined]
    assert _found(secrets, tmp_path) == set()


def _found(secrets: list[str], folder: Path) -> set[str]:
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {secret for secret in secrets if secret.encode() in files}
