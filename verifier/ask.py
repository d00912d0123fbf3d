"""Ask: a question that one presentation may answer, once, within minutes."""

import base64
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from problems import InvalidChallengeError, Problem
from storage.requests import Requests
from verifier.policy import Question
from verifier.report import Log, Report

LIFETIME: Final = dt.timedelta(minutes=5)


def ask(
    requests: Requests, audience: str, now: dt.datetime, random: Callable[[int], bytes] = os.urandom
) -> Question:
    """Return a new question with a nonce of 128 bits, written down with its end."""
    nonce = base64.urlsafe_b64encode(random(16)).rstrip(b"=").decode()
    requests.open(nonce, audience, now + LIFETIME)
    return Question(audience, nonce)


def answered(requests: Requests, question: Question, now: dt.datetime) -> None:
    """Take the answer to a question asked here; raise InvalidChallengeError when it was taken or is late.

    A nonce that was not asked here is the caller's own, and theirs to use once.
    """
    outcome = requests.consume(question.nonce, question.audience, now)
    if outcome == "before":
        raise InvalidChallengeError("holder.replayed")
    if outcome == "too_late":
        raise InvalidChallengeError("holder.request_expired")


def count(report: Report, requests: Requests, question: Question) -> Report:
    """Return ``report`` with the question used up, so that no answer counts twice.

    What is not valid is no answer, and leaves the question open; so does what could not be checked, for
    it will be checked again. What comes again, or too late, is not repeated.
    """
    if report.verdict in ("not_valid", "cannot_check"):
        return report
    log = Log()
    try:
        answered(requests, question, report.at)
    except Problem as problem:
        log.fail("holder", problem)
        return replace(report, steps=(*report.steps, *log.steps), credentials=())
    return report
