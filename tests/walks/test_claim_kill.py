"""F2: a service that is killed while it issues loses nothing and issues nothing twice: the wallet asks again,
with the same token and the same key, and gets the credential that the ledger has."""

import datetime as dt
import json
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from boundary import forms
from boundary.fetch import Fetcher
from exchange.oauth.token import PreAuthorizedCode
from exchange.openid4vci import offer as offers
from exchange.openid4vci import proof
from exchange.openid4vci.messages import CredentialRequest
from issuer.intake.judge import PIPELINE
from issuer.offer import Offering
from issuer.order import Award
from keys.local import LocalSigner
from passeport import issuers
from passeport.issuers import Profile
from passeport.settings import Settings
from problems import RetrievalError
from storage.sqlite.issuance import SqliteLedger
from storage.sqlite.offers import SqliteOffers

EXAMPLE = Path(__file__).parents[1] / "credentials" / "examples" / "diploma.json"
KILL = """
import os
from {module} import {owner} as owner
real = owner.{name}
def killed(*given, **more):
    {body}
owner.{name} = killed
"""
STEPS = {
    "after the claim": (
        "storage.sqlite.offers",
        "SqliteOffers",
        "claim",
        "real(*given, **more); os._exit(9)",
    ),
    "after the intent": (
        "storage.sqlite.issuance",
        "SqliteLedger",
        "record",
        "real(*given, **more); os._exit(9)",
    ),
    "after the signature": ("storage.sqlite.issuance", "SqliteLedger", "complete", "os._exit(9)"),
    "after the commit": (
        "storage.sqlite.issuance",
        "SqliteLedger",
        "complete",
        "real(*given, **more); os._exit(9)",
    ),
    "before the reply": ("issuer.api", "openid4vci", "_outcome", "os._exit(9)"),
}


class Service:
    """A service in a process of its own, and a wallet that speaks with it."""

    def __init__(self, passeport, port):
        self.passeport, self.at = passeport, f"http://127.0.0.1:{port}"
        self.port, self.issuer = port, f"{self.at}/issuers/centre"
        self.client = Fetcher(addresses=lambda _: True, ports=None, plain=True)

    @contextmanager
    def running(self, kill=""):
        given = ("serve", "--port", str(self.port), "--role", "issuer")
        process = self.passeport.process(*given, code=kill, stderr=subprocess.DEVNULL)
        try:
            self._await(process)
            yield process
        finally:
            process.kill()
            process.wait()

    def _await(self, process):
        ends = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < ends:
            try:
                if self.client.send("GET", f"{self.at}/ready").status == 200:
                    return
            except RetrievalError:
                time.sleep(0.05)
        raise AssertionError("the service did not start")

    def post(self, path, body=b"", kind="application/json", **headers):
        answer = self.client.send(
            "POST", f"{self.issuer}/{path}", body=body, headers={"Content-Type": kind, **headers}
        )
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def token(self, code):
        body = forms.write(PreAuthorizedCode(code).form()).encode()
        return self.post("token", body, "application/x-www-form-urlencoded")["access_token"]

    def credential(self, token, holder):
        nonce, now = self.post("nonce")["c_nonce"], dt.datetime.now(dt.UTC)
        shown = proof.make(holder, holder.public_key, self.issuer, now, nonce=nonce)
        request = CredentialRequest("diploma.sd-jwt", proofs=(shown,)).document()
        body = json.dumps(request).encode()
        return self.post("credential", body, Authorization=f"Bearer {token}")["credentials"]


@pytest.fixture
def service(passeport):
    now = dt.datetime.now(dt.UTC)
    profile = Profile("did:web:centre.example", "Centre (fictif)")
    issuers.create(Settings(passeport.home, "fr"), "centre", profile, "P-256", passeport.secret, now)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    return Service(passeport, port)


def offered(service, reference):
    now, home = dt.datetime.now(dt.UTC), service.passeport.home
    row = json.loads(EXAMPLE.read_text("utf-8"))["row"]
    claims = {name: value for name, value in row.items() if name not in PIPELINE}
    issuer = issuers.open_issuer(Settings(home, "fr"), "centre")
    with closing(SqliteOffers(home / "service" / "offers.db")) as store:
        sent = Offering(store).make(
            "centre", Award(reference, "diploma", claims), "link", issuer.desk("P-256", _secret(service)), now
        )
    return offers.read(sent.document(service.issuer).document()).pre_authorized.code


def _secret(service):
    return lambda _: service.passeport.secret


@pytest.mark.parametrize("step", STEPS)
def test_killed(service, step, full):
    module, owner, name, body = STEPS[step]
    kill = KILL.format(module=module, owner=owner, name=name, body=body)
    for number in range(50 if full else 1):
        reference, holder = f"R-{number}", LocalSigner.generate("P-256")
        with service.running(kill) as process:
            token = service.token(offered(service, reference))
            with pytest.raises(RetrievalError):
                service.credential(token, holder)
            assert process.wait(timeout=30) == 9
        with service.running():
            first = service.credential(token, holder)
            assert service.credential(token, holder) == first
        with closing(SqliteLedger(service.passeport.home / "issuers" / "centre" / "ledger.db")) as ledger:
            issued = [intent for intent in ledger.issued() if intent.draft.reference == reference]
            assert [intent.body.decode() for intent in issued] == [entry["credential"] for entry in first]
            assert ledger.unfinished() == 0
