"""Wires the verifier's requests to wallets."""

import datetime as dt

from fastapi import APIRouter

from boundary import urls
from boundary.serving.events import Streams
from boundary.serving.joined import joined
from boundary.serving.watch import Watcher
from passeport.machine import report_json
from passeport.passport import verifier
from passeport.serve.house import House
from passeport.serve.webhooks import Webhooks
from problems import UnavailableError
from storage.sqlite.transactions import SqliteTransactions
from verifier.api import events, openid4vp
from verifier.policy import Policy, Question
from verifier.report import Report
from verifier.requests import Identity, RequestDesk


def router(house: House) -> APIRouter:
    transactions = SqliteTransactions(house.settings.database("transactions"))
    house.closing.append(transactions.close_connections)
    house.forgetting.append(transactions.forget)

    def judge(data: bytes, question: Question | None, now: dt.datetime) -> Report:
        policy = Policy(question=question, anchors=house.anchors)
        return verifier(house.source, policy).verify(data, now)

    told = Webhooks(house)
    house.beside.append(told.workers.working)
    desk = RequestDesk(
        transactions,
        house.once,
        f"{house.settings.public_url}/verifier",
        judge,
        lambda report: report_json(report, "fr"),
        identity=lambda: _identity(house),
        retention=dt.timedelta(seconds=house.settings.retention_seconds),
        tell=told.workers.wake,
    )
    watcher = Watcher(lambda handles: transactions.settled(handles, house.now()))
    house.beside.append(watcher.watching)
    house.ending.append(watcher.end)
    return joined(
        openid4vp.router(desk, told.desk, lambda: house.now()),
        told.router(),
        events.router(desk, Streams(watcher), lambda: house.now()),
    )


def _identity(house: House) -> Identity | None:
    """Return who asks, as the settings say: an organisation by its DID or its certificate, or nobody."""
    if not house.settings.asks_as:
        return None
    organisation = house.organisations.get(house.settings.asks_as)
    desk = organisation.desk(next(iter(organisation.algorithms())))
    if house.settings.asks_by == "decentralized_identifier":
        named = f"decentralized_identifier:{desk.did}"
        return Identity(named, desk.signer, {"kid": desk.signer.verification_method})
    chain, host = desk.chain, urls.host(house.settings.public_url)
    if chain is None or (house.settings.asks_by == "x509_san_dns" and host not in chain.dns_names):
        raise UnavailableError("vp.no_certificate")
    name = host if house.settings.asks_by == "x509_san_dns" else chain.digest
    return Identity(f"{house.settings.asks_by}:{name}", desk.signer, {"x5c": chain.x5c})
