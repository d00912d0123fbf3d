"""Wires the verifier's requests to wallets."""

import datetime as dt

from fastapi import APIRouter

from contexts import PRODUCT
from keys.dids.resolve import resolver
from passeport.machine import report_json
from passeport.serve.house import House
from proofs import suites
from storage.sqlite.transactions import SqliteTransactions
from verifier.api import openid4vp
from verifier.policy import Policy, Question
from verifier.report import Report
from verifier.requests import RequestDesk
from verifier.verify import Verifier


def router(house: House) -> APIRouter:
    transactions = SqliteTransactions(house.settings.database("transactions"))
    house.closing.append(transactions.close_connections)

    def judge(data: bytes, question: Question | None, now: dt.datetime) -> Report:
        policy = Policy(question=question, anchors=house.anchors)
        verifier = Verifier(policy, suites(PRODUCT), resolver(house.source), house.source)
        return verifier.verify(data, now)

    desk = RequestDesk(
        transactions,
        house.once,
        f"{house.settings.public_url}/verifier",
        judge,
        lambda report: report_json(report, "fr"),
        retention=dt.timedelta(seconds=house.settings.retention_seconds),
    )
    return openid4vp.router(desk, house.now)
