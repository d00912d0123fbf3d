"""From an offer to credentials with a pre-authorized code: what a wallet must get, and what it must not."""

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from exchange.oauth.details import Detail
from exchange.oauth.token import PreAuthorizedCode, TokenRequest
from exchange.openid4vci import metadata
from exchange.openid4vci import offer as offers
from exchange.openid4vci.messages import CredentialRequest
from keys.jwk import to_jwk
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from proofs import sd_jwt


def refused(answer, error, code, status=400):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"].startswith(code), answer.text
    assert answer.headers["cache-control"] == "no-store"


def wrong_code(sent):
    return f"{(int(sent.tx_code) + 1) % 10**6:06}"


def test_the_whole_way(certifier):
    sent = certifier.offer()
    wallet = certifier.wallet().take_up(certifier.read(sent))
    answer = wallet.fetch()
    assert answer.status_code == 200, answer.text
    [entry] = answer.json()["credentials"]
    payload = sd_jwt.unverified(sd_jwt.parse(entry["credential"])).payload
    assert payload["cnf"] == {"jwk": to_jwk(wallet.holders[0].public_key)}
    told = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    for _ in range(2):
        assert wallet.ask(told, "notification").status_code == 204
    offer = certifier.offering.find(sent.offer.id, certifier.clock())
    assert (offer.state, offer.event) == ("claimed", "credential_accepted")
