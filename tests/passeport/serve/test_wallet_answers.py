"""The wallet answers over real HTTP: what it shows first is what leaves, and nothing leaves otherwise."""

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest
import uvicorn

from boundary.fetch import Fetcher
from exchange.openid4vp import transaction
from exchange.openid4vp.client_id import Trust
from keys.dids.resolve import resolver
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from problems import InputError, ProtocolError, RetrievalError
from storage.sqlite.vault import SqliteVault
from wallet import answer
from wallet.vault import Vault

VCT = "https://w3id.org/passeport/vct/certification/1"
DIPLOMA = "https://w3id.org/passeport/vct/diploma/1"
HERE = Fetcher(addresses=lambda address: address.is_loopback, ports=None, plain=True)


@dataclass(frozen=True)
class Verifier:
    url: str

    def ask(self, *credentials: dict[str, Any], **more: Any) -> dict[str, Any]:
        body = {"dcql_query": {"credentials": list(credentials)} | more.pop("sets", {}), **more}
        answer = httpx2.post(f"{self.url}/verifier/requests", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def result(self, opened: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {opened['handle']}"}
        return httpx2.get(f"{self.url}/verifier/results", headers=headers).json()


@pytest.fixture
def verifier(furnished) -> Iterator[Verifier]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = create_app(Service(home=furnished.home, role="verifier", port=port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Verifier(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def vault(furnished) -> Iterator[Vault]:
    store = SqliteVault(furnished.home / "wallet.db")
    yield Vault.open(store, furnished.secret)
    store.close()


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def trust() -> Trust:
    return Trust(resolver(), [], now())


def sd_jwt(*paths: list[Any], name: str = "q") -> dict[str, Any]:
    asked: dict[str, Any] = {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}
    return asked | ({"claims": [{"path": path} for path in paths]} if paths else {})


def labels(proposal: answer.Proposal) -> set[str]:
    return {item.id for item in proposal.facts.shown}


def answered(verifier: Verifier, opened: dict[str, Any], vault: Vault) -> answer.Consent:
    asked = answer.fetch(opened["link"], HERE, trust())
    given = answer.consent(asked, vault.credentials())
    chosen = [found[0] for found in given.proposals.values() if found]
    answer.send(asked, answer.agree(given, chosen, vault, now()), HERE)
    return given


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_what_the_consent_shows_is_what_the_verifier_gets(verifier, vault, mode):
    opened = verifier.ask(sd_jwt(["family_name"], ["birthdate"]), response_mode=mode)
    given = answered(verifier, opened, vault)
    [report] = verifier.result(opened)["presentations"]["q"]
    got = {item["id"] for item in report["credentials"][0]["shown"]["items"]}
    assert got == labels(given.proposals["q"][0])
    assert {"family_name", "birthdate"} <= got
    assert "mention" not in got


def test_without_claims_nothing_that_can_be_hidden_is_shown(verifier, vault):
    opened = verifier.ask(sd_jwt())
    given = answered(verifier, opened, vault)
    assert given.proposals["q"][0].paths == ()
    assert verifier.result(opened)["state"] == "answered"


def test_a_json_ld_credential_answers_by_items(verifier, vault):
    query = {
        "id": "q", "format": "ldp_vc",
        "meta": {"type_values": [["https://w3id.org/passeport/vocab#CertificationCredential"]]},
        "claims": [{"path": ["credentialSubject", "familyName"]}],
    }  # fmt: skip
    opened = verifier.ask(query)
    given = answered(verifier, opened, vault)
    assert labels(given.proposals["q"][0]) >= {"family_name"}
    assert "birthdate" not in labels(given.proposals["q"][0])
    assert verifier.result(opened)["state"] == "answered"


def test_an_optional_credential_that_is_not_there_does_not_keep_the_rest_from_being_answered(verifier, vault):
    absent = {"id": "r", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:absent"]}}
    sets = {"credential_sets": [{"options": [["q"]]}, {"options": [["r"]], "required": False}]}
    opened = verifier.ask(sd_jwt(["family_name"]), absent, sets=sets)
    given = answered(verifier, opened, vault)
    assert given.required("q")
    assert not given.required("r")
    assert verifier.result(opened)["presentations"].keys() == {"q"}


def test_who_has_nothing_to_show_answers_like_who_does_not_want_to(verifier, vault):
    results = []
    for query in (sd_jwt(["family_name"]), sd_jwt(["absent"])):
        opened = verifier.ask(query)
        asked = answer.fetch(opened["link"], HERE, trust())
        results.append((answer.consent(asked, vault.credentials()).possible, answer.decline(asked, HERE)))
        results.append(verifier.result(opened))
    assert results[0] == (True, None)
    assert results[2] == (False, None)
    assert results[1] == results[3] == {"state": "declined", "error": "access_denied"}


def test_a_choice_that_does_not_answer_sends_nothing(verifier, vault):
    opened = verifier.ask(sd_jwt(["family_name"]))
    given = answer.consent(answer.fetch(opened["link"], HERE, trust()), vault.credentials())
    [proposal] = given.proposals["q"]
    for chosen in ([], [proposal, proposal]):
        with pytest.raises(InputError):
            answer.agree(given, chosen, vault, now())
    assert verifier.result(opened) == {"state": "open"}


def test_an_answer_is_not_taken_twice(verifier, vault):
    opened = verifier.ask(sd_jwt())
    answered(verifier, opened, vault)
    with pytest.raises(RetrievalError, match=r"vp\.not_taken"):
        answered(verifier, opened, vault)


def test_a_transaction_that_cannot_be_shown_is_not_approved(verifier):
    opened = verifier.ask(sd_jwt(), transaction_data=["eyJ0eXBlIjoieCJ9"])
    with pytest.raises(ProtocolError) as refusal:
        answer.fetch(opened["link"], HERE, trust())
    assert refusal.value.error == "invalid_transaction_data"


STATEMENT = "Je postule au poste 12."


def test_a_statement_is_approved_with_the_one_credential_that_it_names(verifier, vault):
    """App. B.3.3.1: of two credentials only the one that the transaction names signs it."""
    second = {"id": "r", "format": "dc+sd-jwt", "meta": {"vct_values": [DIPLOMA]}}
    opened = verifier.ask(sd_jwt(), second, transaction_data=[transaction.make(STATEMENT, "r")])
    given = answered(verifier, opened, vault)
    assert [one.statement for one in given.asked.transactions] == [STATEMENT]
    assert verifier.result(opened)["presentations"].keys() == {"q", "r"}


@pytest.mark.parametrize("signed", [[], ["r"], ["q", "r"]], ids=["by nobody", "by another", "by both"])
def test_what_is_not_signed_by_whom_it_names_is_not_approved(verifier, vault, signed):
    """VP-015."""
    second = {"id": "r", "format": "dc+sd-jwt", "meta": {"vct_values": [DIPLOMA]}}
    opened = verifier.ask(sd_jwt(), second, transaction_data=[transaction.make(STATEMENT, "q")])
    given = answer.consent(answer.fetch(opened["link"], HERE, trust()), vault.credentials())
    [asked] = given.asked.transactions
    forged = [replace(asked, queries=(name,)) for name in signed]
    other = replace(given, asked=replace(given.asked, transactions=tuple(forged)))
    with pytest.raises(RetrievalError, match=r"vp\.not_taken"):
        answer.send(given.asked, answer.agree(other, given.suggested(), vault, now()), HERE)
    assert verifier.result(opened) == {"state": "open"}


def test_of_many_answers_at_once_one_counts(verifier, vault):
    """VP-003."""
    opened = verifier.ask(sd_jwt())
    given = answer.consent(answer.fetch(opened["link"], HERE, trust()), vault.credentials())
    signed = answer.agree(given, given.suggested(), vault, now())

    def send(_: int) -> bool:
        try:
            answer.send(given.asked, signed, HERE)
        except RetrievalError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(send, range(50))) == 1


@pytest.mark.parametrize("where", ["//evil.example", "javascript:alert(1)", "data:text/html,x"])
def test_nobody_is_led_back_to_what_is_no_address(verifier, where):
    """VP-019."""
    body = {"dcql_query": {"credentials": [sd_jwt()]}, "return_to": where}
    assert httpx2.post(f"{verifier.url}/verifier/requests", json=body).status_code == 400


def test_a_token_of_the_data_model_is_shown_whole_and_says_what_comes_along(verifier, furnished, vault):
    lines = furnished.path("results.csv").read_text("utf-8").splitlines()
    results = furnished.write("more.csv", "\n".join([lines[0], lines[2].replace("R-2", "R-9")]))
    holders, out = (
        furnished.write("keys.csv", furnished("wallet", "key", "R-9").out),
        furnished.path("tokens"),
    )
    how = ["--issuer", "centre", "--out", out, "--holders", holders, "--form", "vc+jwt"]
    furnished("issue", results, *how)
    furnished("wallet", "add", *out.glob("R-9-*.vc+jwt"))
    query = {
        "id": "q", "format": "jwt_vc_json",
        "meta": {"type_values": [["https://w3id.org/passeport/vocab#DiplomaCredential"]]},
        "claims": [{"path": ["credentialSubject", "familyName"]}],
    }  # fmt: skip
    opened = verifier.ask(query)
    given = answered(verifier, opened, vault)
    assert "birthdate" in given.proposals["q"][0].along
    assert "family_name" not in given.proposals["q"][0].along
    assert verifier.result(opened)["state"] == "answered"


def test_a_wallet_asks_no_address_of_its_own_network():
    """A link is an address that somebody else wrote."""
    for url in ("https://10.0.0.1/r", "http://192.168.1.1/r", "https://localhost/r", "file:///etc/passwd"):
        with pytest.raises(Exception, match=r"url\.refused"):
            answer.fetch(f"openid4vp://?client_id=x509_hash:a&request_uri={url}", Fetcher(), trust())
