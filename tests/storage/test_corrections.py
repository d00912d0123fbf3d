"""A request is open once for an award, and answered once, whoever answers together."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from problems import ConflictError
from storage.corrections import Correction, CorrectionStore

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ASKED = Correction("c-1", "centre", "R-1", "Mon prénom est mal écrit.", NOW)


def test_what_was_asked_is_found_by_its_organisation_only(corrections: CorrectionStore) -> None:
    corrections.ask(ASKED)
    assert corrections.find("centre", "c-1") == ASKED
    assert corrections.find("atelier", "c-1") is None
    assert corrections.of("centre", "", 9) == [ASKED]
    assert corrections.of("centre", "c-1", 9) == corrections.of("atelier", "", 9) == []


def test_an_award_has_one_open_request(corrections: CorrectionStore) -> None:
    corrections.ask(ASKED)
    with pytest.raises(ConflictError, match=r"correction\.too_many"):
        corrections.ask(replace(ASKED, id="c-2"))
    corrections.ask(replace(ASKED, id="c-3", organisation="atelier"))
    assert corrections.answer(ASKED, "refused", "Non.", "", NOW)
    corrections.ask(replace(ASKED, id="c-4"))


def test_of_all_answers_one_counts(corrections: CorrectionStore) -> None:
    corrections.ask(ASKED)
    with ThreadPoolExecutor(8) as pool:
        done = [*pool.map(lambda n: corrections.answer(ASKED, "refused", f"{n}", "", NOW), range(16))]
    assert sum(done) == 1
    found = corrections.find("centre", "c-1")
    assert found
    assert found.answer == f"{done.index(True)}"


def test_texts_go_and_the_fact_stays(corrections: CorrectionStore) -> None:
    corrections.ask(ASKED)
    corrections.answer(ASKED, "accepted", "Oui.", "R-1~2", NOW)
    assert corrections.forget(NOW + dt.timedelta(days=29)) == 0
    assert corrections.forget(NOW + dt.timedelta(days=30)) == 1
    found = corrections.find("centre", "c-1")
    assert found
    assert (found.text, found.answer, found.state, found.new) == (None, None, "accepted", "R-1~2")
