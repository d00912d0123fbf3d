"""What the steps come to: the verdict of a line, the worst of a page, and the words for it."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import ProofVerificationError, RetrievalError
from problems.sentences import LANGS, say
from verifier.report import CredentialReport, Log, Report, Step

LD, SD = "application/vc", "application/dc+sd-jwt"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)

GOOD = Step("integrity", "passed", "integrity.intact", {"suite": "SD-JWT"})
CAUTION = Step("holder", "not_applicable", "holder.unbound", caution=True)
EXPIRED = Step("dates", "failed", "credential.expired", {"at": "2026-11-20"})
EARLY = Step("dates", "failed", "credential.not_yet_valid", {"at": "2026-12-01"})
REVOKED = Step("status", "failed", "status.revoked", {"as_of": "2026-11-20"})
UNKNOWN = Step("status", "unknown", "status.not_retrieved")


@pytest.fixture(scope="module")
def opened(scene):
    """A certified document and a declared one, both verified."""
    declared = scene.person.declare(scene.holder)[SD]
    return {
        "certified": scene.town.one(scene.person.bearer(scene.award[SD])).opened,
        "declared": scene.town.one(scene.person.bearer(declared)).opened,
        "hidden": None,
    }


@pytest.mark.parametrize(
    ("steps", "kind", "verdict", "verified"),
    [
        ([GOOD], "certified", "genuine", True),
        ([GOOD, CAUTION], "certified", "to_confirm", True),
        ([GOOD, EXPIRED], "certified", "expired", False),
        ([GOOD, EXPIRED, CAUTION], "certified", "expired", False),
        ([GOOD, UNKNOWN], "certified", "cannot_check", False),
        ([GOOD, UNKNOWN, CAUTION], "certified", "cannot_check", False),
        ([GOOD, UNKNOWN, EXPIRED], "certified", "expired", False),
        ([GOOD, EARLY], "certified", "not_valid", False),
        ([GOOD, REVOKED], "certified", "not_valid", False),
        ([GOOD, REVOKED, UNKNOWN, CAUTION, EXPIRED], "certified", "not_valid", False),
        ([GOOD], "declared", "declared", True),
        ([GOOD, CAUTION], "declared", "declared", True),
        ([GOOD, EXPIRED], "declared", "expired", False),
        ([GOOD, UNKNOWN], "declared", "cannot_check", False),
        ([GOOD, UNKNOWN, EXPIRED], "declared", "expired", False),
        ([GOOD, REVOKED], "declared", "not_valid", False),
        ([REVOKED], "hidden", "not_valid", False),
        ([], "hidden", "not_valid", False),
    ],
)
def test_a_line(opened, steps, kind, verdict, verified):
    line = CredentialReport(tuple(steps), opened[kind])
    assert (line.verdict, line.verified) == (verdict, verified)


def lines(opened):
    return {
        "genuine": CredentialReport((GOOD,), opened["certified"]),
        "declared": CredentialReport((GOOD,), opened["declared"]),
        "to_confirm": CredentialReport((GOOD, CAUTION), opened["certified"]),
        "cannot_check": CredentialReport((GOOD, UNKNOWN), opened["certified"]),
        "expired": CredentialReport((GOOD, EXPIRED), opened["certified"]),
        "not_valid": CredentialReport((GOOD, REVOKED), opened["certified"]),
    }


WORST_LAST = ["genuine", "declared", "to_confirm", "cannot_check", "expired", "not_valid"]


def test_a_page_is_its_worst_line(opened):
    """One false line makes the page false, wherever it stands."""
    every = lines(opened)
    for size in (1, 2, 3):
        for names in itertools.product(WORST_LAST, repeat=size):
            page = Report(NOW, (), tuple(every[name] for name in names))
            assert page.verdict == max(names, key=WORST_LAST.index)
            assert page.verified == all(every[name].verified for name in names)


@pytest.mark.parametrize("name", WORST_LAST)
@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (Step("holder", "failed", "holder.replayed"), "not_valid"),
        (Step("holder", "unknown", "source.not_pinned"), "cannot_check"),
        (Step("format", "passed", "format.recognized"), "genuine"),
    ],
)
def test_the_steps_of_the_page_count_too(opened, name, step, verdict):
    page = Report(NOW, (step,), (lines(opened)[name],))
    assert page.verdict == max(name, verdict, key=WORST_LAST.index)
    assert page.verified == (step.outcome == "passed" and lines(opened)[name].verified)


def test_a_page_without_lines_proves_nothing():
    assert (Report(NOW, (), ()).verdict, Report(NOW, (), ()).verified) == ("not_valid", False)
    unknown = Step("holder", "unknown", "source.not_pinned")
    assert Report(NOW, (unknown,), ()).verdict == "cannot_check"
    assert not Report(NOW, (unknown,), ()).verified


GENUINE = {"fr": "Authentique", "en": "Genuine"}


def test_what_is_declared_is_never_under_the_word_genuine(opened):
    """Whatever else is true of it; beside proved lines it is a part."""
    every = lines(opened)
    for steps in ([GOOD], [GOOD, CAUTION], [GOOD, EXPIRED], [GOOD, UNKNOWN], [GOOD, REVOKED]):
        line = CredentialReport(tuple(steps), opened["declared"])
        page = Report(NOW, (), (line, every["genuine"]))
        for lang in LANGS:
            assert GENUINE[lang] not in say(line.headline, lang).what
            assert GENUINE[lang] not in say(page.headline, lang).what


def test_words_of_a_page(opened):
    every = lines(opened)

    def words(*names):
        return Report(NOW, (), tuple(every[name] for name in names)).headline

    assert words("genuine") == "verdict.genuine"
    assert words("declared", "declared") == "verdict.declared"
    assert words("genuine", "declared") == "verdict.partly_declared"
    assert words("declared", "to_confirm", "genuine") == "verdict.to_confirm"
    assert {words(name) for name in WORST_LAST} == {f"verdict.{name}" for name in WORST_LAST}


@given(st.lists(st.sampled_from([GOOD, CAUTION, EXPIRED, EARLY, REVOKED, UNKNOWN]), min_size=1))
def test_no_further_step_makes_a_line_better(steps):
    verdicts = [CredentialReport(tuple(steps[:n]), None).verdict for n in range(1, len(steps) + 1)]
    places = [WORST_LAST.index(verdict) for verdict in verdicts]
    assert places == sorted(places)


# The log


def test_a_check_that_raises_is_a_step_that_failed():
    def refuse():
        raise ProofVerificationError("holder.other_key")

    log = Log()
    assert not log.run("holder", refuse, "holder.live")
    assert log.run("dates", lambda: None, "dates.no_end", until=None)
    assert [(step.outcome, step.code) for step in log.steps] == [
        ("failed", "holder.other_key"),
        ("passed", "dates.no_end"),
    ]


def test_a_check_that_nobody_answered_is_unknown():
    def nobody():
        raise RetrievalError("source.not_pinned", host="x.example")

    log = Log()
    assert log.attempt("status", nobody) is None
    assert log.attempt("status", lambda: 7) == 7
    assert [(step.outcome, step.facts) for step in log.steps] == [("unknown", {"host": "x.example"})]


def test_a_mistake_of_ours_is_no_step():
    with pytest.raises(ZeroDivisionError):
        Log().attempt("status", lambda: 1 // 0)


def test_every_step_speaks_both_languages(scene, form):
    line = scene.town.one(scene.person.bearer(scene.award[form]))
    for step in line.steps:
        fr, en = (step.says(lang) for lang in LANGS)
        assert fr.what != en.what
        assert "…" not in fr.what
        assert "{" not in fr.what + fr.next_step + en.what + en.next_step
