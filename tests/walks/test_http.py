"""The whole walk over HTTP, each service in a process and a home of its own: what one knows of another came
over the wire. The certifier is found under its own name, over TLS; so are its keys and its status lists."""

import datetime as dt
import json
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from boundary.fetch import Fetcher
from exchange.openid4vp.client_id import Trust
from keys.dids.resolve import resolver
from passeport.passport import sound, verifier, whole
from storage.sqlite.vault import SqliteVault
from wallet import answer, receive
from wallet.vault import Vault

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

import processes
from processes import Served

HOST = "certificateur.example"
DIPLOMA = "https://w3id.org/passeport/vct/diploma/1"
ROWS = """\
type;code_certification;reference;nom_naissance;prenoms;date_naissance;date_obtention;mode_obtention;mention
Diplôme;RNCP35809;BTS-1;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;05/07/2024;Admission;Bien
"""
MINUTE = 60


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Certifier:
    """The certifier's service, and its command line at the same home."""

    served: Served
    passeport: Any

    def offer(self) -> tuple[str, str]:
        """Import a file; return the link and the code that reach the person by two ways."""
        rows = self.passeport.write("resultats.csv", ROWS)
        how = ("--issuer", "centre", "--to", "code", "--public-url", self.served.url, "--json")
        [made] = self.passeport("offer", rows, *how).json
        return made["link"], made["code"]

    def revoke(self) -> None:
        self.passeport("revoke", "BTS-1", "--issuer", "centre", "--reason", "erreur de jury")


@dataclass(frozen=True)
class Holder:
    """A person with our wallet, who reaches the world through ``client`` and nothing else."""

    vault: Vault
    client: Fetcher

    def claim(self, link: str, code: str) -> list[str]:
        """Look at an offer, take it up, see what came, and keep it; return what the person saw."""
        web = receive.Web(self.client, resolver(self.client), now)
        begun = receive.start(receive.look(link, web), ("diploma.sd-jwt",))
        errand = receive.collect(receive.redeem(begun, code, web), self.vault, web)
        seen = receive.arrived(errand, self.vault, self._verify, web)
        receive.keep(errand, self.vault, self._verify, web)
        return [line for one in seen for item in one.facts.shown for line in item.lines["fr"]]

    def answer(self, link: str) -> set[str]:
        """See what a verifier asks for, agree, and answer; return what was agreed to be shown."""
        asked = answer.fetch(link, self.client, Trust(resolver(self.client), [], now()))
        given = answer.consent(asked, self.vault.credentials())
        chosen = [found[0] for found in given.proposals.values()]
        answer.send(asked, answer.agree(given, chosen, self.vault, now()), self.client)
        return {item.id for one in chosen for item in one.facts.shown}

    def _verify(self, body: bytes, _media: str) -> None:
        sound(verifier(self.client).verify(whole(body), now()))


@dataclass(frozen=True)
class Recruiter:
    """Whoever asks the verifier's service: opens a request, and reads its result with the handle."""

    served: Served

    def ask(self, mode: str = "direct_post") -> tuple[str, str]:
        asked = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [DIPLOMA]},
                 "claims": [{"path": ["family_name"]}, {"path": ["mention"]}]}  # fmt: skip
        body = json.dumps({"dcql_query": {"credentials": [asked]}, "response_mode": mode}).encode()
        headers = {"Content-Type": "application/json"}
        status, said = self.served.ask("/verifier/requests", "POST", body, **headers)
        assert status == 201, said
        return json.loads(said)["link"], json.loads(said)["handle"]

    def result(self, handle: str) -> Any:
        status, said = self.served.ask("/verifier/results", Authorization=f"Bearer {handle}")
        assert status == 200, said
        return json.loads(said)


@dataclass(frozen=True)
class Town:
    certifier: Certifier
    holder: Holder
    recruiter: Recruiter
    wallet: Served

    def shown(self, mode: str = "direct_post") -> tuple[set[str], Any]:
        """Let the recruiter ask and the person answer; return what was agreed to, and the report."""
        link, handle = self.recruiter.ask(mode)
        agreed = self.holder.answer(link)
        result = self.recruiter.result(handle)
        assert result["state"] == "answered"
        [report] = result["presentations"]["q"]
        return agreed, report


@pytest.fixture
def town(passeport: Any, tmp_path: Path) -> Iterator[Town]:
    port, secured = processes.free_port(), processes.tls(tmp_path, HOST)
    at = f"https://{HOST}:{port}"
    who = ("--did", f"did:web:{HOST}%3A{port}", "--org", "Centre (fictif)")
    passeport("keys", "create", "centre", *who)
    over_tls = {"public_url": at, "tls_certificate": secured.certificate, "tls_key": secured.key}
    client = Fetcher(
        addresses=lambda address: address.is_loopback,
        verify=ssl.create_default_context(cafile=str(secured.trust)),
        lookup=lambda *_: ["127.0.0.1"],
        ports=None,
        plain=True,
    )
    store = SqliteVault(tmp_path / "vault.db")
    vault, _ = Vault.create(store, processes.SECRET)
    with (
        processes.running(
            passeport.home, "issuer", port=port, **over_tls, passphrase=passeport.secret
        ) as issuer,
        processes.running(tmp_path / "verifier", "verifier", trust=secured.trust) as recruiter,
        processes.running(tmp_path / "wallet", "wallet") as wallet,
    ):
        yield Town(Certifier(issuer, passeport), Holder(vault, client), Recruiter(recruiter), wallet)
    store.close()


def test_import_offer_claim_ask_consent_present_verify_revoke_verify_again(town: Town) -> None:
    seen = town.holder.claim(*town.certifier.offer())
    assert any("EXEMPLE-DÉMONSTRATION" in line for line in seen), "the person sees whose it is"
    for mode in ("direct_post", "direct_post.jwt"):
        agreed, report = town.shown(mode)
        assert report["verified"], report
        got = {item["id"] for item in report["credentials"][0]["shown"]["items"]}
        assert got == agreed
        assert {"family_name", "mention"} <= got
        assert "birthdate" not in got
    town.certifier.revoke()
    assert _codes(_refused_within_a_minute(town)) == {"status.revoked"}


def _refused_within_a_minute(town: Town) -> Any:
    """Show it again and again, as soon as it was revoked, until the verifier says no."""
    ends = time.monotonic() + MINUTE
    while time.monotonic() < ends:
        _, report = town.shown()
        if not report["verified"]:
            return report
    raise AssertionError("a minute later the certificate still verifies")


def _codes(report: Any) -> set[str]:
    steps = [*report["steps"], *(step for one in report["credentials"] for step in one["steps"])]
    return {step["code"] for step in steps if step["outcome"] == "failed"}
