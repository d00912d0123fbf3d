"""Ask: a question that one presentation may answer, once, within minutes."""

import base64
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from problems import InvalidChallengeError, Problem
from storage.once import OnceStore
from verifier.policy import Question
from verifier.report import Log, Report

LIFETIME: Final = dt.timedelta(minutes=5)
_QUESTION: Final = "verifier.question"


def ask(
    once: OnceStore, audience: str, now: dt.datetime, random: Callable[[int], bytes] = os.urandom
) -> Question:
    """Return a new question with a nonce of 128 bits, written down with its end."""
    nonce = base64.urlsafe_b64encode(random(16)).rstrip(b"=").decode()
    question = Question(audience, nonce)
    once.put(_QUESTION, _secret(question), {}, now + LIFETIME)
    return question


def _secret(question: Question) -> str:
    """Another audience cannot use the nonce up."""
    return f"{question.audience}\0{question.nonce}"


def answered(once: OnceStore, question: Question, now: dt.datetime) -> None:
    """Take the answer to a question asked here; raise InvalidChallengeError when it was taken or is late.

    A nonce that was not asked here is the caller's own, and theirs to use once.
    """
    found = once.take(_QUESTION, _secret(question), now)
    if found.state == "used":
        raise InvalidChallengeError("holder.replayed")
    if found.state == "expired":
        raise InvalidChallengeError("holder.request_expired")


def count(report: Report, once: OnceStore, question: Question) -> Report:
    """Return ``report`` with the question used up, so that no answer counts twice.

    What is not valid is no answer, and leaves the question open; so does what could not be checked, for
    it will be checked again. What comes again, or too late, is not repeated.
    """
    if report.verdict in ("not_valid", "cannot_check"):
        return report
    log = Log()
    try:
        answered(once, question, report.at)
    except Problem as problem:
        log.fail("holder", problem)
        return replace(report, steps=(*report.steps, *log.steps), credentials=())
    return report
