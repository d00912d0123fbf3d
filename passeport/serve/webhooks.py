"""Wires an organisation's webhooks, and the threads of this process that send what is to be told there."""

import datetime as dt
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property

from fastapi import APIRouter

from boundary import limits
from passeport.people import written
from passeport.serve.house import House
from passeport.serve.working import Work, Working
from storage.audit import Event
from storage.sqlite.webhooks import SqliteWebhooks
from verifier.api import webhooks
from verifier.deliver import Deliverer
from verifier.webhooks import WebhookDesk


@dataclass
class Webhooks:
    """The webhooks of every organisation of one service."""

    house: House

    @cached_property
    def desk(self) -> WebhookDesk:
        store = SqliteWebhooks(self.house.settings.database("transactions"))
        self.house.closing.append(store.close)
        self.house.forgetting.append(store.forget)
        return WebhookDesk(store, lambda url: self.house.client.require(url), self._key)

    @cached_property
    def workers(self) -> Working:
        return Working("webhooks", self.worker, limits.WEBHOOK_THREADS)

    def worker(self, name: str) -> Work:
        client = replace(self.house.client, seconds=limits.WEBHOOK_SECONDS)
        desk = self.desk
        return Deliverer(desk.store, client, desk.secret, self.now, name, os.urandom).work

    def router(self) -> APIRouter:
        services = webhooks.Services(self.desk, self.now, self._written)
        return webhooks.router(services)

    def now(self) -> dt.datetime:
        return self.house.now()

    def _key(self, organisation: str) -> bytes:
        return self.house.organisations.get(organisation).secret("webhooks")

    def _written(self, event: Event) -> AbstractContextManager[None]:
        return written(self.house.audit, event, self.now)
