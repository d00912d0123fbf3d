"""The walk from what was received to the report: which step speaks, and what is never repeated."""

import datetime as dt

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)


def test_an_honest_share(scene, form):
    report = scene.town.verify(scene.person.bearer(scene.award[form]))
    print([scene.town.said(c) for c in report.credentials], report.steps)
    assert report.verified
    assert report.verdict == "genuine"
