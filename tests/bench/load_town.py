"""What load is made of: a town with a certifier and a wallet, and requests that were made beforehand."""

import contextlib
import datetime as dt
import io
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest import mock

import under_fire
from open_loop import Ask, Reply, request

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

SECRET: Final = "phrase secrète de mesure"
HOST: Final = "centre.example"
HERE: Final = Fetcher(addresses=lambda address: address.is_loopback, ports=None, plain=True, seconds=30)
FORM: Final = {"Content_Type": "application/x-www-form-urlencoded"}
JSON: Final = {"Content_Type": "application/json"}
_HEAD: Final = (
    "type;code_certification;reference;nom_naissance;prenoms;date_naissance;date_obtention;mode_obtention\n"
)
_ROW: Final = "Diplôme;RNCP35809;{};EXEMPLE-DÉMONSTRATION;Camille Fictive;{:%d/%m/%Y};05/07/2024;Admission\n"
_BORN: Final = dt.date(1980, 1, 1)
_DAY: Final = dt.timedelta(days=1)
_VCT: Final = "https://w3id.org/passeport/vct/diploma/1"
_ASKED: Final = {
    "dcql_query": {
        "credentials": [
            {
                "id": "q",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [_VCT]},
                "claims": [{"path": ["family_name"]}, {"path": ["given_name"]}],
            }
        ]
    }
}


@dataclass
class Town:
    """A home whose certifier has issued to a wallet; ``url`` is where it is served."""

    folder: Path
    url: str = ""
    documents: list[bytes] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def furnish(self) -> None:
        self.play("keys", "create", "centre", "--did", f"did:web:{HOST}", "--org", "Centre (fictif)")
        self.play("wallet", "create")
        holders = self._file("holders.csv", self.play("wallet", "key", "S-1"))
        issue = ("--issuer", "centre", "--out", str(self.folder / "out"), "--form")
        self.play("issue", self._rows("S", 1), *issue, "dc+sd-jwt", "--holders", holders)
        self.play("wallet", "add", *map(str, (self.folder / "out").glob("S-1-*")))
        self.play("issue", self._rows("D", 40), *issue, "ecdsa-rdfc-2019")
        self.documents = [path.read_bytes() for path in sorted((self.folder / "out").glob("D-*"))]

    def play(self, *arguments: str) -> str:
        """Run a command of ours, and return what it said."""
        from passeport import cli

        ours = {"HOME": str(self.home), "PASSPHRASE": SECRET, "WALLET_PASSPHRASE": SECRET}
        environment = {f"PASSEPORT_{name}": value for name, value in ours.items()}
        with mock.patch.dict(os.environ, environment), contextlib.redirect_stdout(io.StringIO()) as out:
            status = cli.run(arguments)
        if status:
            sys.exit(f"{arguments}: {out.getvalue()}")
        return out.getvalue()

    def documents_to_verify(self) -> list[bytes]:
        return [_verification(json.loads(document)) for document in self.documents]

    def bombs(self) -> list[bytes]:
        """What costs most to refuse, sent to where documents are verified."""
        found = under_fire.attacks(under_fire.honest_documents()[0])
        return [_bomb(data) for _, _, data in found]

    def answers(self, count: int) -> list[bytes]:
        """Open requests and sign an answer to each, bound to it by the key of the holder."""
        store = SqliteVault(self.home / "wallet.db")
        with contextlib.closing(store):
            vault = Vault.open(store, SECRET)
            return [self._answer(vault) for _ in range(count)]

    def _answer(self, vault: Vault) -> bytes:
        opened = HERE.send(
            "POST",
            f"{self.url}/verifier/requests",
            body=json.dumps(_ASKED).encode(),
            headers={"Content-Type": "application/json"},
        )
        now = dt.datetime.now(dt.UTC)
        asked = answer.fetch(json.loads(opened.body)["link"], HERE, Trust(resolver(), [], now))
        given = answer.consent(asked, vault.credentials())
        token = answer.agree(given, [found[0] for found in given.proposals.values()], vault, now)
        body = forms.write(response.form(token, asked.request)).encode()
        return request("POST", asked.request.response_uri.removeprefix(self.url), body, **FORM)

    def offers(self, count: int) -> list[tuple[str, str]]:
        """Return, for each offer, the address of the issuer and the path of the offer."""
        how = ("--issuer", "centre", "--to", "link", "--public-url", self.url, "--json")
        made = json.loads(self.play("offer", self._rows("O", count), *how))
        tails = [entry["link"].rpartition("%2F")[2] for entry in made]
        return [(f"{self.url}/issuers/centre", f"/issuers/centre/offers/{tail}") for tail in tails]

    def status_list(self) -> list[bytes]:
        """Return requests for a list by who has it already, and one in ten by who has not."""
        entry = json.loads(self.documents[0])["credentialStatus"]
        listed = (entry[0] if isinstance(entry, list) else entry)["statusListCredential"]
        path = listed.removeprefix(f"https://{HOST}")
        told = HERE.send("GET", f"{self.url}{path}", headers={"Host": HOST})
        assert told.status == 200, told
        fresh = request("GET", path, Host=HOST)
        return [fresh, *[request("GET", path, Host=HOST, If_None_Match=told.headers["etag"])] * 9]

    def _rows(self, letter: str, count: int) -> str:
        rows = "".join(_ROW.format(f"{letter}-{one}", _BORN + one * _DAY) for one in range(1, count + 1))
        return self._file(f"{letter}.csv", _HEAD + rows)

    def _file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content, "utf-8")
        return str(path)


def _verification(document: Any) -> bytes:
    body = json.dumps({"verifiableCredential": document}).encode()
    return request("POST", "/credentials/verify", body, **JSON)


def _bomb(data: bytes) -> bytes:
    try:
        return _verification(json.loads(data))
    except (ValueError, RecursionError):
        return request("POST", "/credentials/verify", data, **JSON)


async def whole_issuance(ask: Ask, offer: tuple[str, str]) -> int:
    """Play a wallet's whole way, from the offer to the credential."""
    issuer, path = offer
    at = f"/issuers/{issuer.rpartition('/')[2]}"
    offered = await _good(ask, request("GET", path))
    for about in ("openid-credential-issuer", "oauth-authorization-server"):
        await _good(ask, request("GET", f"/.well-known/{about}{at}"))
    grant = offers.read(offered).pre_authorized
    form = forms.write(PreAuthorizedCode(grant.code if grant else "").form()).encode()
    token = await _good(ask, request("POST", f"{at}/token", form, **FORM))
    nonce = await _good(ask, request("POST", f"{at}/nonce"))
    holder, now = LocalSigner.generate("P-256"), dt.datetime.now(dt.UTC)
    shown = proof.make(holder, holder.public_key, issuer, now, nonce=nonce["c_nonce"])
    body = json.dumps(CredentialRequest("diploma.sd-jwt", proofs=(shown,)).document()).encode()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    return (await ask(request("POST", f"{at}/credential", body, **JSON, **bearer))).status


async def _good(ask: Ask, what: bytes) -> Any:
    reply: Reply = await ask(what)
    if reply.status != 200:
        raise OSError(reply.status)
    return json.loads(reply.body)
