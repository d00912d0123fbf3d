"""A question is asked once and answered once, in time; what is no answer leaves it open."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from problems import InvalidChallengeError
from storage.sqlite.once import SqliteOnce
from verifier import ask
from verifier.ask import LIFETIME
from verifier.policy import Question

LD, SD = "application/vc", "application/dc+sd-jwt"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
RECRUITER = "https://recruteur.example"


@pytest.fixture
def once(tmp_path):
    store = SqliteOnce(tmp_path / "once.db")
    yield store
    store.close()


@pytest.fixture
def answer(scene, once):
    """Ask at ``asked``, answer at once, verify and count at ``at``; return the report."""

    def given(form, *, question=None, asked=NOW, at=NOW):
        question = question or ask.ask(once, RECRUITER, asked)
        share = scene.person.answer(scene.award[form], to=question, at=asked)
        return question, lambda at=at: ask.count(
            scene.town.verify(share, at, question=question), once, question
        )

    return given


def test_a_nonce_has_128_bits(once):
    asked = [ask.ask(once, RECRUITER, NOW, random=lambda size, n=n: bytes([n]) * size) for n in (1, 2)]
    assert [question.nonce for question in asked] == ["AQEBAQEBAQEBAQEBAQEBAQ", "AgICAgICAgICAgICAgICAg"]
    assert ask.ask(once, RECRUITER, NOW).nonce != ask.ask(once, RECRUITER, NOW).nonce


def test_answered_once(answer, form):
    """KB-022: the very same presentation, sent twice."""
    _, verify = answer(form)
    first, second = verify(), verify()
    assert (first.verdict, first.verified) == ("genuine", True)
    assert (second.verdict, second.verified) == ("not_valid", False)
    assert second.steps[-1].code == "holder.replayed"
    assert second.credentials == ()  # what comes again is not repeated


def test_another_presentation_answers_no_second_time(scene, once, answer):
    question, verify = answer(LD)
    assert verify().verified
    other = scene.person.answer(scene.award[SD], to=question)
    again = ask.count(scene.town.verify(other, question=question), once, question)
    assert again.steps[-1].code == "holder.replayed"


def test_answered_too_late(scene, once):
    """The share itself would still do; the question is over."""
    question = ask.ask(once, RECRUITER, NOW - LIFETIME)
    share = scene.person.answer(scene.award[SD], to=question, at=NOW)
    report = ask.count(scene.town.verify(share, question=question), once, question)
    assert (report.verdict, report.verified, report.credentials) == ("not_valid", False, ())
    assert report.steps[-1].code == "holder.request_expired"


def test_just_in_time(scene, once):
    question = ask.ask(once, RECRUITER, NOW - LIFETIME + dt.timedelta(seconds=1))
    share = scene.person.answer(scene.award[SD], to=question, at=NOW)
    assert ask.count(scene.town.verify(share, question=question), once, question).verified


def test_what_is_no_answer_leaves_the_question_open(scene, once):
    """Or anybody could answer in somebody's place, with rubbish."""
    question = ask.ask(once, RECRUITER, NOW)
    for rubbish in (b"x", scene.award[SD], scene.person.bearer(scene.award[SD])):
        report = ask.count(scene.town.verify(rubbish, question=question), once, question)
        assert not report.verified
        assert report.steps[-1].code != "holder.replayed"
    share = scene.person.answer(scene.award[SD], to=question)
    assert ask.count(scene.town.verify(share, question=question), once, question).verified


def test_what_could_not_be_checked_may_be_checked_again(town, person, once, form):
    award = town.certifier.issue("certification", person.new_key())[form]
    question = ask.ask(once, RECRUITER, NOW)
    share = person.answer(award, to=question)

    def report():
        return ask.count(town.verify(share, question=question), once, question)

    assert report().verdict == "cannot_check"
    town.certifier.publish()
    assert report().verdict == "genuine"
    assert report().steps[-1].code == "holder.replayed"


def test_an_expired_certificate_is_an_answer_all_the_same(town, person, once, form):
    """Amber, and used up: an answer that counts in part does not count twice either."""
    award = town.certifier.issue("certification", person.new_key(), valid_until="2026-11-20T22:59:59Z")[form]
    town.certifier.publish()
    question = ask.ask(once, RECRUITER, NOW)
    share = person.answer(award, to=question)
    first, second = (ask.count(town.verify(share, question=question), once, question) for _ in range(2))
    assert (first.verdict, first.verified) == ("expired", False)
    assert second.steps[-1].code == "holder.replayed"


def test_a_nonce_of_the_callers_own(answer):
    """Not asked here: the caller sees to it that it serves once."""
    _, verify = answer(SD, question=Question(RECRUITER, "their-own-nonce"))
    assert verify().verified
    assert verify().verified


def test_a_nonce_of_another_audience_is_not_used_up(once):
    question = ask.ask(once, RECRUITER, NOW)
    ask.answered(once, replace(question, audience="https://voleur.example"), NOW)
    ask.answered(once, question, NOW)
    with pytest.raises(InvalidChallengeError) as caught:
        ask.answered(once, question, NOW)
    assert caught.value.code == "holder.replayed"


def test_of_many_at_once_one_counts(tmp_path):
    """The database decides, not the clock: the same answer from twenty windows."""
    path = tmp_path / "once.db"
    store = SqliteOnce(path)
    question = ask.ask(store, RECRUITER, NOW)
    store.close()

    def take(_):
        mine = SqliteOnce(path)
        try:
            ask.answered(mine, question, NOW)
        except InvalidChallengeError as problem:
            return problem.code
        finally:
            mine.close()
        return "counted"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(take, range(20)))
    assert outcomes.count("counted") == 1
    assert outcomes.count("holder.replayed") == 19
