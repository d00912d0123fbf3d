"""What a service owes as a process: it finishes what it began when told to stop, leaves nothing running, and
several of its processes on one database are one service: what is used once is used once among all of them."""

import datetime as dt
import json
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from boundary import forms
from boundary.fetch import Fetcher
from exchange.oauth.token import PreAuthorizedCode
from exchange.openid4vci import offer as offers
from exchange.openid4vci import proof
from exchange.openid4vci.messages import CredentialRequest
from exchange.openid4vp import response
from exchange.openid4vp.client_id import Trust
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from storage.sqlite.vault import SqliteVault
from wallet import answer
from wallet.vault import Vault

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

import processes
from processes import Served

AT_ONCE = 20
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
HERE = Fetcher(addresses=lambda address: address.is_loopback, ports=None, plain=True)
VCT = "https://w3id.org/passeport/vct/certification/1"
ROWS = """\
type;code_certification;reference;nom_naissance;prenoms;date_naissance;date_obtention;mode_obtention
Diplôme;RNCP35809;BTS-1;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;05/07/2024;Admission
"""
ASKED = {
    "dcql_query": {
        "credentials": [
            {
                "id": "q",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [VCT]},
                "claims": [{"path": ["family_name"]}],
            }
        ]
    }
}


def begun(served: Served, body: bytes) -> socket.socket:
    """Send a request but for the last byte of its body, and wait until the service is at it."""
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=processes.STOP_SECONDS)
    head = "POST /verifier/requests HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
    two = b"passeport_http_at_once 2.0"  # this request, and that for the metrics
    assert processes.within(lambda: two in served.ask("/metrics")[1])
    return connection


def _refuses(served: Served) -> bool:
    try:
        socket.create_connection(("127.0.0.1", served.port), timeout=1).close()
    except OSError:
        return True
    return False


def test_who_is_being_answered_gets_the_answer_when_the_service_is_told_to_stop(tmp_path: Path) -> None:
    body = json.dumps(ASKED).encode()
    with processes.running(tmp_path, "verifier") as served:
        with closing(begun(served, body)) as connection:
            served.process.terminate()
            assert processes.within(lambda: _refuses(served))
            connection.sendall(body[-1:])
            said = connection.recv(1 << 16)
        assert said.startswith(b"HTTP/1.1 201"), said
        assert served.process.wait(processes.STOP_SECONDS) == 0, served.said
        assert not served.left()


def test_who_never_ends_a_request_keeps_no_service_from_stopping(tmp_path: Path) -> None:
    with (
        processes.running(tmp_path, "verifier", stop_seconds=1) as served,
        closing(begun(served, json.dumps(ASKED).encode())),
    ):
        served.stop()


@pytest.fixture
def two(furnished: Any) -> Iterator[Served]:
    how = {"passphrase": furnished.secret, "workers": 2}
    with processes.running(furnished.home, "all", **how) as served:
        yield served


def test_two_workers_end_as_one_and_count_together(two: Served) -> None:
    answers = _together(lambda _: two.ask("/session")[0])
    assert set(answers) == {200}
    assert processes.counted(two.ask("/metrics")[1], "/session", 200) == AT_ONCE


def test_two_workers_keep_one_pace(tmp_path: Path) -> None:
    """Who is let in so often a minute gains nothing by being answered now by one worker, now by the other."""
    with processes.running(tmp_path, "verifier", workers=2, requests_per_minute=30) as served:
        said = Counter(status for _ in range(5) for status in _together(lambda _: served.ask("/v")[0]))
        assert set(said) == {200, 429}
        assert 30 <= said[200] <= 33, "a hit may be lost when two are counted at one instant"


def _together(ask: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(AT_ONCE)))


def test_a_code_and_a_nonce_are_used_once_among_workers(two: Served, furnished: Any) -> None:
    rows = furnished.write("rows.csv", ROWS)
    how = ("--issuer", "centre", "--to", "link", "--public-url", two.url, "--json")
    [made] = furnished("offer", rows, *how).json
    at = "/issuers/centre"
    offer = HERE.send("GET", offers.read_link(made["link"], plain=True)).body
    code = PreAuthorizedCode(offers.read(json.loads(offer)).pre_authorized.code)
    redeemed = _together(lambda _: two.ask(f"{at}/token", "POST", forms.write(code.form()).encode(), **FORM))
    [granted] = [json.loads(said) for status, said in redeemed if status == 200]
    assert {json.loads(said)["error"] for status, said in redeemed if status != 200} == {"invalid_grant"}
    nonce = json.loads(two.ask(f"{at}/nonce", "POST")[1])["c_nonce"]
    bearer = {"Authorization": f"Bearer {granted['access_token']}", **JSON}

    def fetched(_: int) -> str:
        holder, now = LocalSigner.generate("P-256"), dt.datetime.now(dt.UTC)
        shown = proof.make(holder, holder.public_key, f"{two.url}{at}", now, nonce=nonce)
        body = json.dumps(CredentialRequest("diploma.sd-jwt", proofs=(shown,)).document()).encode()
        status, said = two.ask(f"{at}/credential", "POST", body, **bearer)
        return "issued" if status == 200 else json.loads(said)["error"]

    assert Counter(_together(fetched)) == {"issued": 1, "invalid_nonce": AT_ONCE - 1}


def test_a_request_is_answered_once_among_workers(two: Served, furnished: Any) -> None:
    status, said = two.ask("/verifier/requests", "POST", json.dumps(ASKED).encode(), **JSON)
    assert status == 201, said
    now = dt.datetime.now(dt.UTC)
    asked = answer.fetch(json.loads(said)["link"], HERE, Trust(resolver(), [], now))
    with closing(SqliteVault(furnished.home / "wallet.db")) as store:
        vault = Vault.open(store, furnished.secret)
        given = answer.consent(asked, vault.credentials())
        token = answer.agree(given, [found[0] for found in given.proposals.values()], vault, now)
    form = forms.write(response.form(token, asked.request)).encode()
    path = asked.request.response_uri.removeprefix(two.url)
    taken = Counter(_together(lambda _: two.ask(path, "POST", form, **FORM)[0]))
    assert taken == {200: 1, 409: AT_ONCE - 1}
