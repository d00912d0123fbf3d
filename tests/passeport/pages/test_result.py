"""From a report to the page: every verdict and every outcome has its look and its words, and none is prettier
than it is."""

import datetime as dt
import itertools
import re
from typing import get_args

import pytest

from passeport.pages import render, result
from passeport.pages.check import Desk
from problems import InputError
from problems.sentences import LANGS, catalogue
from verifier.report import CredentialReport, Outcome, Report, Step, Verdict

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
PASSED = Step("integrity", "passed", "integrity.intact", {"suite": "SD-JWT"})
REVOKED = Step("status", "failed", "status.revoked", {"as_of": "2026-11-21"})
UNKNOWN = Step("status", "unknown", "status.not_retrieved")
CAUTION = Step("holder", "not_applicable", "holder.not_shown", caution=True)
EXPIRED = Step("dates", "failed", "credential.expired", {"at": "2026-11-20T00:00:00+00:00"})


def page(*steps: Step, whole: bool = True):
    report = Report(NOW, (), (CredentialReport(steps, None),))
    return result.result([report], "fr", whole=whole)


def test_every_verdict_has_a_tone_and_every_outcome_a_state():
    assert set(result.TONES) == set(get_args(Verdict))
    assert tuple(result.TONES) == get_args(Verdict)
    assert set(result.STATES) == {(outcome, c) for outcome in get_args(Outcome) for c in (False, True)}


@pytest.mark.parametrize(
    ("steps", "tone", "word", "said"),
    [
        ((PASSED,), "ok", "Authentique", "1 attestations"),
        ((PASSED, CAUTION), "warn", "Authentique, à confirmer", "personne n'a prouvé en être titulaire"),
        ((PASSED, EXPIRED), "warn", "Plus en cours de validité", "Demandez une attestation plus récente"),
        ((PASSED, UNKNOWN), "none", "Impossible de vérifier maintenant", "ni en bien ni en mal"),
        ((PASSED, REVOKED), "bad", "Non valide", "Ne vous y fiez pas"),
        ((PASSED, UNKNOWN, REVOKED), "bad", "Non valide", "a retiré cette attestation"),
    ],
    ids=["genuine", "to_confirm", "expired", "cannot_check", "not_valid", "revoked_and_unknown"],
)
def test_verdicts(steps, tone, word, said):
    shown = page(*steps)
    assert (shown.tone, shown.word) == (tone, word)
    assert said.replace("'", "'") in shown.sentence


def test_the_page_is_as_bad_as_its_worst_line():
    lines = tuple(CredentialReport(steps, None) for steps in ((PASSED,), (PASSED, REVOKED), (PASSED,)))
    shown = result.result([Report(NOW, (), lines)], "fr")
    assert shown.tone == "bad"
    assert [card.tone for card in shown.cards] == ["ok", "bad", "ok"]


def test_what_could_not_be_read_whole_is_never_green():
    assert page(PASSED, whole=False).tone == "warn"
    assert page(PASSED, REVOKED, whole=False).tone == "bad"


@pytest.mark.parametrize(
    ("step", "state", "word"),
    [
        (PASSED, "ok", "Vérifié"),
        (CAUTION, "warn", "À confirmer"),
        (EXPIRED, "warn", "À confirmer"),
        (UNKNOWN, "todo", "Non contrôlé"),
        (REVOKED, "bad", "Échec"),
        (Step("status", "not_applicable", "status.none"), "na", "Sans objet"),
    ],
)
def test_the_state_of_a_check_is_a_word_beside_its_icon(step, state, word):
    shown = result.row(step, "fr")
    assert (shown.icon, shown.state) == (state, word)


@pytest.mark.parametrize("lang", LANGS)
def test_nobody_at_a_browser_is_told_of_the_command_line(lang):
    """Of every sentence that there is, whatever a report may say."""
    for code, sentences in catalogue().items():
        facts = dict.fromkeys(re.findall(r"\{(\w+)\}", " ".join(map(str, sentences[lang]))), "x")
        for outcome in get_args(Outcome):
            said = result.next_step(Step("status", outcome, code, facts), lang)
            assert not re.search(r"--\w", said), code


def test_a_key_that_is_nobody_s_by_name_is_not_spelt_out():
    step = Step("issuer_key", "passed", "issuer_key.held", {"party": "did:key:zDnaeSecret"})
    assert "did:" not in result.row(step, "fr").sentence
    assert "did:" in step.says("fr").what


def test_a_problem_is_told_and_leads_on():
    told = result.told(InputError("page.link"), "fr", "/v#Lx")
    html = render.entry("fr", "passeport.example", 1, told)
    assert 'href="/v#Lx"' in html
    assert "page.link" in html


def test_nothing_given_is_no_verdict():
    desk = Desk("https://passeport.example", lambda *_: pytest.fail("there is nothing to verify"))
    assert desk.check(b"  ", "", "fr", NOW).code == "page.nothing"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "{{7*7}}", "'-alert(1)-'"])
def test_whatever_stands_in_a_template_is_escaped(text):
    shown = render.verdict(page(PASSED), "fr", text)
    assert text not in shown.replace("{{7*7}}", "") or text == "{{7*7}}"
    assert "49" not in re.findall(r'class="site">([^<]*)<', shown)[0]


@pytest.mark.parametrize("lang", LANGS)
def test_pages_have_no_script_style_or_handler_of_their_own(lang):
    for html in (
        render.entry(lang, "passeport.example", 1),
        render.verdict(page(PASSED, REVOKED), lang, "x"),
    ):
        assert not re.search(
            r"<style|\sstyle=|\son[a-z]+=|<script(?! type=\"module\" src=\"/v/static/)", html
        )
        assert f'<html lang="{lang}">' in html
        assert len(re.findall("<h1", html)) == 1
        levels = [int(level) for level in re.findall(r"<h([1-6])", html.partition("<main")[2])]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        fields = set(re.findall(r'<(?:input|textarea) id="(\w+)"', html))
        assert fields == set(re.findall(r'<label for="(\w+)"', html))
        used, there = set(re.findall(r'href="#([\w-]+)"', html)), set(re.findall(r'id="([\w-]+)"', html))
        assert used <= there
