"""The whole walk, each service in a process and a home of its own: whatever one does or knows of another goes
over the wire. Certifier and recruiter are found under their own names, over TLS; so are their keys."""

import csv
import datetime as dt
import html
import json
import re
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from boundary import forms
from boundary.fetch import Answer, Fetcher
from exchange import qr, share_link
from exchange.share_link import ShareLink
from keys.jwk import from_jwk
from keys.x509 import Authority

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

import processes
from processes import Served

CENTRE, EMPLOYER = "certificateur.example", "recruteur.example"
DIPLOMA = "https://w3id.org/passeport/vct/diploma/1"
IRI = "https://w3id.org/passeport/vocab#DiplomaCredential"
ROWS = """\
type;code_certification;reference;nom_naissance;prenoms;date_naissance;date_obtention;mode_obtention;mention
Diplôme;RNCP35809;BTS-1;EXEMPLE-DÉMONSTRATION;Camille Fictive;29/02/2000;05/07/2024;Admission;Bien
"""
SD_JWT = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [DIPLOMA]},
          "claims": [{"path": ["family_name"]}, {"path": ["mention"]}]}  # fmt: skip
LDP = {"id": "q", "format": "ldp_vc", "meta": {"type_values": [[IRI]]},
       "claims": [{"path": ["credentialSubject", "familyName"]}]}  # fmt: skip
MINUTE = 60


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Browser:
    """Whoever uses a service over the wire; ``headers`` say who that is, cookies included."""

    client: Fetcher
    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return self.client.send(method, self.url + path, body=body, headers={**self.headers, **headers})  # type: ignore[arg-type]

    def ask(self, method: str, path: str, status: int = 200, **body: Any) -> Any:
        """Send JSON, expect ``status``, return JSON."""
        content = json.dumps(body).encode() if method != "GET" else b""
        answer = self.send(method, path, content, **{"Content-Type": "application/json"})
        assert answer.status == status, (path, answer)
        if cookie := answer.headers.get("set-cookie"):
            self.headers["Cookie"] = cookie.partition(";")[0]
        return json.loads(answer.body) if answer.body else None


@dataclass(frozen=True)
class Certifier:
    """An operator's program and a second person, at the certifier's service."""

    operator: Browser
    approver: Browser

    def offer(self) -> tuple[str, str]:
        """Import a file that somebody else approves; return the link and the code, which go two ways."""
        sent = self.operator.send(
            "POST", "/imports", ROWS.encode(), **{"Content-Type": "application/octet-stream"}
        )
        assert sent.status == 202, sent
        at = f"/imports/{json.loads(sent.body)['id']}"
        waiting = self._until(at, "waiting_approval")
        [proposed] = [
            one
            for one in self.approver.ask("GET", "/approvals")["proposals"]
            if one["id"] == waiting["approval"]
        ]
        answer = f"/approvals/{proposed['id']}/approve"
        assert self.approver.ask("POST", answer, content=proposed["content"])["state"] == "approved"
        self.operator.ask("POST", f"{at}/start", 202)
        assert self._until(at, "done")["counts"]["done"] == 1
        table = self.operator.send("GET", f"{at}/report.csv").body.decode("utf-8-sig")
        [row] = csv.DictReader(table.splitlines(), delimiter=";")
        [link] = [value for value in row.values() if value.startswith("openid-credential-offer:")]
        [code] = [value for value in row.values() if re.fullmatch("[0-9]{6}", value)]
        return link, code

    def revoke(self) -> None:
        assert self.operator.ask("POST", "/credentials/BTS-1/revoke", reason="error")["credentials"] == 2

    def _until(self, at: str, state: str) -> Any:
        found: list[Any] = [None]

        def reached() -> bool:
            found[0] = self.operator.ask("GET", at)
            return bool(found[0]["state"] == state)

        assert processes.within(reached), found
        return found[0]


@dataclass(frozen=True)
class Holder:
    """A person in front of their wallet's service."""

    wallet: Browser

    def claim(self, link: str, code: str) -> list[str]:
        """Look at an offer, take it up in two forms, see what came, keep it; return what was seen."""
        seen = self.wallet.ask("POST", "/offers", 201, link=link)
        assert seen["offered"]["issuer"]["host"] == CENTRE
        wanted = ["diploma.sd-jwt", "diploma.ldp"]
        at = f"/offers/{seen['id']}"
        got = self.wallet.ask("POST", f"{at}/accept", configurations=wanted, tx_code=code)
        assert got["state"] == "arrived"
        assert len(self.wallet.ask("POST", f"{at}/keep")["kept"]) == 2
        return [line for one in got["arrived"] for item in one["items"] for line in item["lines"]]

    def answer(self, link: str) -> tuple[Any, set[str]]:
        """See who asks and for what, agree; return who asked, and what was agreed to be shown."""
        seen = self.wallet.ask("POST", "/requests", 201, link=link)
        [query] = seen["consent"]["queries"]
        chosen = query["credentials"][0]
        assert "birthdate" in {one["id"] for one in chosen["hidden"]}
        self.wallet.ask("POST", f"/requests/{seen['id']}/answer", credentials=[chosen["credential"]])
        return seen["consent"]["verifier"], {item["id"] for item in chosen["shown"]}

    def share(self, service: str) -> Any:
        [held] = [
            one for one in self.wallet.ask("GET", "/credentials")["credentials"] if "sd-jwt" in one["form"]
        ]
        show = [{"credential": held["id"], "items": ["family_name", "given_name"]}]
        return self.wallet.ask("POST", "/links", 201, show=show, service=service)

    def past(self) -> list[str]:
        return [one["outcome"] for one in self.wallet.ask("GET", "/history")["history"]]


@dataclass(frozen=True)
class Recruiter:
    """Whoever asks a verifier's service, by the name ``by`` which wallets can prove."""

    verifier: Browser
    by: str

    def ask(self, query: Any, mode: str) -> tuple[str, str]:
        body = {"dcql_query": {"credentials": [query]}, "response_mode": mode}
        opened = self.verifier.ask("POST", "/verifier/requests", 201, **body)
        return opened["link"], opened["handle"]

    def result(self, handle: str) -> Any:
        answer = self.verifier.send("GET", "/verifier/results", Authorization=f"Bearer {handle}")
        said = json.loads(answer.body)
        assert said["state"] == "answered", said
        [report] = said["presentations"]["q"]
        return report

    def open(self, link: ShareLink) -> str:
        """Open a link as its page does: with a click, and a key that stays here."""
        body = {"Content-Type": "application/json"}
        answer = self.verifier.send("POST", f"/links/{link.name}/view", b"{}", **body)
        assert answer.status == 200, answer
        return link.unseal(json.loads(answer.body)["ciphertext"]).decode()

    def verdict(self, text: str, link: ShareLink) -> str:
        form = forms.write({"text": text, "link": link.name}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        page = self.verifier.send("POST", "/v/check?lang=fr", form, **kind).body.decode()
        [found] = re.findall(r'<h1 tabindex="-1">(.*?)</h1>', page)
        return html.unescape(found)


@dataclass(frozen=True)
class Town:
    certifier: Certifier
    holder: Holder
    recruiters: tuple[Recruiter, ...]

    def shown(self, recruiter: Recruiter, query: Any, mode: str = "direct_post") -> tuple[set[str], Any]:
        """Let a recruiter ask and the person answer; return what was agreed to, and the report."""
        link, handle = recruiter.ask(query, mode)
        asker, agreed = self.holder.answer(link)
        assert (asker["proved"], asker["by"]) == (True, recruiter.by)
        return agreed, recruiter.result(handle)


@pytest.fixture
def town(passeport: Any, tmp_path: Path) -> Iterator[Town]:
    secured = processes.tls(tmp_path, CENTRE, EMPLOYER, "localhost")
    client = Fetcher(
        addresses=lambda address: address.is_loopback,
        verify=ssl.create_default_context(cafile=str(secured.trust)),
        lookup=lambda *_: ["127.0.0.1"],
        ports=None,
        plain=True,
    )
    authority = Authority.create("Autorité fictive", now())
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    with ExitStack() as ends:
        wallet = _wallet(ends, replace(passeport, home=tmp_path / "wallet"), client, secured, anchors)
        certifier = _certifier(ends, passeport, client, secured)
        recruiters = [
            _recruiter(ends, replace(passeport, home=tmp_path / by), client, secured, authority, by)
            for by in ("decentralized_identifier", "x509_san_dns")
        ]
        yield Town(certifier, Holder(wallet), tuple(recruiters))


def _certifier(ends: ExitStack, home: Any, client: Fetcher, secured: processes.Tls) -> Certifier:
    port = processes.free_port()
    who = ("--did", f"did:web:{CENTRE}%3A{port}", "--org", "Centre (fictif)")
    home("keys", "create", "centre", *who)
    key = home("apikey", "create", "centre", "--role", "operator", "--json").json["key"]
    person = replace(home, more={"PASSEPORT_ACCOUNT_PASSPHRASE": home.secret})
    person("account", "create", "seconde", "--organisation", "centre", "--role", "approver")
    at = f"https://{CENTRE}:{port}"
    settings = {"public_url": at, "tls_certificate": secured.certificate, "tls_key": secured.key}
    _serve(ends, home, "issuer", port=port, approval_above=0, **settings)
    approver = Browser(client, at, {"Sec-Fetch-Site": "same-origin"})
    approver.ask("POST", "/session", login="seconde", passphrase=home.secret)
    approver.url = f"{at}/organisations/centre"
    return Certifier(Browser(client, approver.url, {"Authorization": f"Bearer {key}"}), approver)


def _wallet(ends: ExitStack, home: Any, client: Fetcher, secured: processes.Tls, anchors: Path) -> Browser:
    home("wallet", "create")
    served = _serve(ends, home, "wallet", trust=secured.trust, anchors=anchors)
    browser = Browser(client, f"{served.url}/wallet")
    browser.ask("POST", "/session", 204, passphrase=home.secret)
    return browser


def _recruiter(
    ends: ExitStack, home: Any, client: Fetcher, secured: processes.Tls, authority: Authority, by: str
) -> Recruiter:
    """Known by its own DID, or by the certificate that an authority gave for its host."""
    port = processes.free_port()
    did = f"did:web:{EMPLOYER}%3A{port}"
    home("keys", "create", "recruteur", "--did", did, "--org", "Recruteur (fictif)")
    if by == "x509_san_dns":
        home("keys", "certify", "recruteur", "--chain", _chain(home, authority, did))
    at = f"https://localhost:{port}"
    settings = {"public_url": at, "tls_certificate": secured.certificate, "tls_key": secured.key}
    asking = {"asks_as": "recruteur", "asks_by": by, "trust": secured.trust}
    _serve(ends, home, "verifier", port=port, **settings, **asking)
    return Recruiter(Browser(client, at), by)


def _chain(home: Any, authority: Authority, did: str) -> Path:
    """What an authority gives for the key that the recruiter publishes."""
    published = home.home / "web" / did.removeprefix("did:web:") / ".well-known" / "did.json"
    document = json.loads(published.read_text("utf-8"))
    [jwk] = [one["publicKeyJwk"] for one in document["verificationMethod"] if "publicKeyJwk" in one]
    made = authority.certify(from_jwk(jwk), "Recruteur (fictif)", now(), hosts=["localhost"], uris=[did])
    return home.write("recruteur.pem", made.pem)


def _serve(ends: ExitStack, home: Any, role: str, **settings: Any) -> Served:
    return ends.enter_context(processes.running(home.home, role, passphrase=home.secret, **settings))


def test_the_whole_walk(town: Town) -> None:
    """Import, approve, offer, claim, ask, consent, present, verify; by link; revoke, verify again; cut."""
    seen = town.holder.claim(*town.certifier.offer())
    assert any("EXEMPLE-DÉMONSTRATION" in line for line in seen), "the person sees whose it is"
    for recruiter, mode in zip(town.recruiters, ("direct_post", "direct_post.jwt"), strict=True):
        for query in (SD_JWT, LDP):
            agreed, report = town.shown(recruiter, query, mode)
            assert report["verified"], report
            got = {item["id"] for item in report["credentials"][0]["shown"]["items"]}
            assert got == agreed
            assert "family_name" in got
            assert "birthdate" not in got
    recruiter = town.recruiters[0]
    made = town.holder.share(recruiter.verifier.url)
    link = share_link.opened(qr.decode(made["url"]))
    text = recruiter.open(link)
    assert "birthdate" not in text
    assert recruiter.verdict(text, link) == "Authentique"
    town.certifier.revoke()
    for query in (SD_JWT, LDP):
        assert _codes(_refused_within_a_minute(town, query)) == {"status.revoked"}
    assert recruiter.verdict(recruiter.open(link), link) == "Non valide"
    town.holder.wallet.ask("DELETE", f"/links/{made['id']}", 204)
    cut = recruiter.verifier.send(
        "POST", f"/links/{link.name}/view", b"{}", **{"Content-Type": "application/json"}
    )
    assert (cut.status, json.loads(cut.body)["code"]) == (410, "link.revoked")
    assert town.holder.past()[:5] == ["answered"] * 4 + ["linked"]


def _refused_within_a_minute(town: Town, query: Any) -> Any:
    """Show it again and again, as soon as it was revoked, until the verifier says no."""
    ends = time.monotonic() + MINUTE
    while time.monotonic() < ends:
        _, report = town.shown(town.recruiters[0], query)
        if not report["verified"]:
            return report
    raise AssertionError("a minute later the certificate still verifies")


def _codes(report: Any) -> set[str]:
    steps = [*report["steps"], *(step for one in report["credentials"] for step in one["steps"])]
    return {step["code"] for step in steps if step["outcome"] == "failed"}
