"""OpenID4VP with strangers: our wallet answers their verifier, their wallet answers ours."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from services import HERE, Town, running
from strangers import Refused, Strangers

from credentials import templates
from credentials.forms import FORMS
from exchange.openid4vp import link
from exchange.openid4vp.client_id import Trust
from exchange.openid4vp.transaction import STATEMENT
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner, secret_of
from keys.sealing import Cost
from keys.x509 import Authority
from problems import ProtocolError
from storage.sqlite.vault import SqliteVault
from wallet import answer, history, hold
from wallet.vault import Vault

pytestmark = pytest.mark.node
EXAMPLE = json.loads((Path(__file__).parents[1] / "credentials/examples/diploma.json").read_text("utf-8"))
TEMPLATE = templates.load("diploma")
VCT = TEMPLATE.vct
VOCABULARY = "https://w3id.org/passeport/vocab#"
IRIS = ["https://www.w3.org/2018/credentials#VerifiableCredential", f"{VOCABULARY}DiplomaCredential"]
AUTHORITY = Authority.create("Autorité de test", dt.datetime.now(dt.UTC))
PREFIXES = ("redirect_uri", "decentralized_identifier", "x509_san_dns", "x509_hash")
MODES = ("direct_post", "direct_post.jwt")
SD = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": [{"path": ["family_name"]}]}
LDP = {
    "id": "q", "format": "ldp_vc", "meta": {"type_values": [[IRIS[1]]]},
    "claims": [{"path": ["credentialSubject", "familyName"]}],
}  # fmt: skip
JWT = {**LDP, "format": "jwt_vc_json"}
FORMATS = [
    pytest.param(SD, id="dc+sd-jwt"),
    pytest.param(LDP, id="ldp_vc"),
    pytest.param(JWT, id="jwt_vc_json"),
]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """A diploma in the three forms that others know, each for a key of its own."""
    store = SqliteVault(tmp_path_factory.mktemp("wallet") / "wallet.db")
    made, _ = Vault.create(store, "quatre mots au hasard", cost=Cost(memory_kib=8, passes=1, lanes=1))
    issuer = LocalSigner.generate("P-256")
    did = issuer.verification_method.partition("#")[0]
    for form in ("dc+sd-jwt", "ecdsa-sd-2023", "vc+jwt"):
        holder = made.new_key(now())
        if form == "dc+sd-jwt":
            document = {**EXAMPLE["sd"], "iss": did, "cnf": {"jwk": to_jwk(holder.public)}}
            document.pop("status", None)
        else:
            subject = {**EXAMPLE["ld"]["credentialSubject"], "id": holder.did}
            document = {**EXAMPLE["ld"], "issuer": {**EXAMPLE["ld"]["issuer"], "id": did}}
            document = {**document, "credentialSubject": subject}
            document.pop("credentialStatus", None)
        stamp = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        hold.take(FORMS[form].secure(TEMPLATE, document, issuer, stamp), made, now())
    yield made
    store.close()


@dataclass
class Their:
    """A verifier of theirs."""

    strangers: Strangers
    origin: str

    def ask(self, *queries: Any, prefix: str = "redirect_uri", **how: Any) -> Any:
        query = {"credentials": list(queries), **how.pop("sets", {})}
        return self.strangers.ask("vpAsk", origin=self.origin, query=query, prefix=prefix, **how)

    def result(self, asked: Any) -> Any:
        return self.strangers.ask("vpResult", origin=self.origin, id=asked["id"])


@pytest.fixture(scope="module")
def their(strangers: Strangers) -> Iterator[Their]:
    signer = LocalSigner.generate("P-256")
    chain = AUTHORITY.certify(signer.public_key, "Recruteur (fictif)", now(), hosts=["localhost"])
    public = to_jwk(signer.public_key)
    secret = base64.urlsafe_b64encode(secret_of(signer)).decode().rstrip("=")
    certified = {"x5c": chain.x5c, "publicJwk": public, "privateJwk": {**public, "d": secret}}
    strangers.ask("vpTypes", names={"DiplomaCredential": IRIS})
    origin = strangers.ask("vpOpen", certified=certified)
    yield Their(strangers, origin)
    strangers.ask("vpShut", origin=origin)


def trust() -> Trust:
    return Trust(resolver(), [AUTHORITY.certificate], now())


def answered(asked: Any, vault: Vault) -> tuple[answer.Consent, str | None]:
    given = history.propose(answer.fetch(asked["link"], HERE, trust()), vault)
    return given, history.give(given, given.suggested(), vault, HERE, now())


class TestTheirVerifier:
    """@openid4vc/openid4vp and dcql ask; @sd-jwt, jose and @digitalbazaar check."""

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("prefix", PREFIXES)
    @pytest.mark.parametrize("query", FORMATS)
    def test_every_format_prefix_and_mode(
        self, their: Their, vault: Vault, query: Any, prefix: str, mode: str
    ) -> None:
        asked = their.ask(query, prefix=prefix, mode=mode)
        given, where = answered(asked, vault)
        assert where is not None
        result = their.result(asked)
        assert result.get("encrypted") == (mode == "direct_post.jwt"), result
        said = json.dumps(result["shown"]["q"][0], ensure_ascii=False)
        assert ("family_name" in said) or ("familyName" in said)
        if query["format"] != "jwt_vc_json":
            assert "birthdate" not in said, "what nobody asked for stays hidden"
        assert given.asked.asker.proved == (prefix != "redirect_uri")
        if prefix.startswith("x509"):
            assert given.asked.asker.organisation == "Recruteur (fictif)"

    @pytest.mark.parametrize("how", [{"method": "post"}, {"byValue": True}], ids=["POST", "by value"])
    def test_requests_by_post_and_by_value(self, their: Their, vault: Vault, how: Any) -> None:
        asked = their.ask(SD, prefix="x509_hash", **how)
        answered(asked, vault)
        assert their.result(asked)["shown"]

    def test_no_claims_means_no_disclosures(self, their: Their, vault: Vault) -> None:
        asked = their.ask({"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}})
        given, _ = answered(asked, vault)
        [said] = their.result(asked)["shown"]["q"]
        assert "family_name" not in said
        assert "family_name" in {one.id for one in given.proposals["q"][0].hidden}

    @pytest.mark.parametrize("query", FORMATS)
    def test_without_holder_binding_where_none_is_asked_for(
        self, their: Their, vault: Vault, query: Any
    ) -> None:
        asked = their.ask({**query, "require_cryptographic_holder_binding": False})
        answered(asked, vault)
        assert their.result(asked)["shown"]["q"]

    def test_sets_and_options(self, their: Their, vault: Vault) -> None:
        absent = {**SD, "id": "r", "meta": {"vct_values": ["urn:absent"]}}
        sets = {"credential_sets": [{"options": [["r"], ["q"]]}, {"options": [["r"]], "required": False}]}
        asked = their.ask(SD, absent, sets=sets)
        answered(asked, vault)
        assert their.result(asked)["shown"].keys() == {"q"}

    def test_a_statement_is_approved_with_the_credential(self, their: Their, vault: Vault) -> None:
        data = [{"type": STATEMENT, "credential_ids": ["q"], "statement": "Je postule au poste 12."}]
        asked = their.ask(SD, transactionData=data, prefix="x509_hash")
        given, _ = answered(asked, vault)
        assert [one.statement for one in given.asked.transactions] == ["Je postule au poste 12."]
        assert their.result(asked)["shown"]

    def test_what_cannot_be_shown_is_not_approved_and_they_are_told(self, their: Their, vault: Vault) -> None:
        data = [{"type": "urn:payment", "credential_ids": ["q"], "amount": "1000"}]
        asked = their.ask(SD, transactionData=data, prefix="x509_hash")
        with pytest.raises(ProtocolError, match=r"vp\.transaction_data"):
            answered(asked, vault)
        assert their.result(asked)["declined"] == "invalid_transaction_data"

    @pytest.mark.parametrize("mode", MODES)
    def test_no_match_and_no_wish_look_alike(self, their: Their, vault: Vault, mode: str) -> None:
        """VP-009."""
        results = []
        for value in (EXAMPLE["sd"]["family_name"], "Somebody else"):
            asked = their.ask({**SD, "claims": [{"path": ["family_name"], "values": [value]}]}, mode=mode)
            history.withhold(answer.fetch(asked["link"], HERE, trust()), vault, HERE, now())
            results.append(their.result(asked))
        assert results[0] == results[1]
        assert results[0]["declined"] == "access_denied"

    @pytest.mark.parametrize(
        ("prefix", "lies", "error"),
        [
            ("x509_san_dns", {"client_id": "x509_san_dns:bank.example"}, "invalid_client"),
            ("x509_hash", {"client_id": "x509_hash:" + "A" * 43}, "invalid_client"),
            ("decentralized_identifier", {"client_id": "decentralized_identifier:did:web:bank.example"},
             "invalid_client"),
            ("x509_san_dns", {"response_uri": "https://evil.example/answers"}, "invalid_request"),
        ],
        ids=["another host", "another certificate", "another DID", "answers go elsewhere"],
    )  # fmt: skip
    def test_whoever_pretends_is_refused(
        self, their: Their, vault: Vault, prefix: str, lies: Any, error: str
    ) -> None:
        """VP-004, VP-005: and nothing is sent."""
        asked = their.ask(SD, prefix=prefix, lies=lies)
        with pytest.raises(ProtocolError) as refusal:
            answered(asked, vault)
        assert refusal.value.error == error
        assert their.result(asked) is None

    def test_a_second_address_is_refused_though_they_would_take_it(self, their: Their, vault: Vault) -> None:
        asked = their.ask(SD, prefix="x509_hash", lies={"redirect_uri": "https://elsewhere.example"})
        with pytest.raises(ProtocolError, match=r"vp\.two_uris"):
            answered(asked, vault)

    def test_a_stale_wallet_nonce_is_refused(self, their: Their, vault: Vault) -> None:
        """VP-008."""
        asked = their.ask(SD, prefix="x509_hash", method="post", otherNonce="another")
        with pytest.raises(ProtocolError, match=r"vp\.wallet_nonce"):
            answered(asked, vault)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running(tmp_path_factory.mktemp("town"), role="verifier") as found:
        yield found


SIGNED = ("decentralized_identifier", "x509_san_dns", "x509_hash")


@pytest.fixture(scope="module", params=SIGNED)
def signing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, strangers: Strangers
) -> Iterator[Town]:
    """Our verifier, which signs its requests and so shows who it is."""
    how = {"role": "verifier", "asks_as": "centre", "asks_by": request.param, "authority": AUTHORITY}
    with running(tmp_path_factory.mktemp("signing") / "home", **how) as found:
        key = found.house.organisations.get("centre").desk("P-256").signer
        public = to_jwk(found.house.organisations.get("centre").issuer.keyring.active("P-256").key)
        strangers.ask("vpKnows", didUrl=key.verification_method, jwk=public)
        yield found


@dataclass
class Held:
    """What their wallet holds: issued by them, to a key of theirs."""

    strangers: Strangers

    def one(self) -> dict[str, Any]:
        issuer, holder = (self.strangers.ask("generateKey", algorithm="P-256") for _ in range(2))
        did = issuer["verificationMethod"].partition("#")[0]
        payload = {**EXAMPLE["sd"], "iss": did, "cnf": {"jwk": holder["publicJwk"]}}
        payload.pop("status", None)
        frame = {"_sd": ["family_name", "given_name", "birthdate"]}
        text = self.strangers.ask(
            "issueSdJwt", payload=payload, frame=frame, key=issuer["verificationMethod"]
        )
        return {"text": text, "key": holder["verificationMethod"], "claims": payload}


class TestTheirWallet:
    """@openid4vc/openid4vp and dcql answer our verifier with what @sd-jwt holds."""

    def ask(self, town: Town, query: Any, **more: Any) -> Any:
        opened = httpx2.post(
            f"{town.url}/verifier/requests", json={"dcql_query": {"credentials": [query]}, **more}
        )
        assert opened.status_code == 201, opened.text
        return opened.json()

    def result(self, town: Town, opened: Any) -> Any:
        headers = {"Authorization": f"Bearer {opened['handle']}"}
        return httpx2.get(f"{town.url}/verifier/results", headers=headers).json()

    def answer(self, strangers: Strangers, opened: Any, **how: Any) -> Any:
        held = [Held(strangers).one()]
        return strangers.ask("vpAnswer", link=opened["link"], held=held, now=int(now().timestamp()), **how)

    @pytest.mark.parametrize("mode", MODES)
    def test_answers_us(self, town: Town, strangers: Strangers, mode: str) -> None:
        opened = self.ask(town, SD, response_mode=mode)
        assert self.answer(strangers, opened) == {"status": 200, "said": {}}
        found = self.result(town, opened)
        assert found["state"] == "answered"
        [report] = found["presentations"]["q"]
        shown = {item["id"] for item in report["credentials"][0]["shown"]["items"]}
        assert "family_name" in shown
        assert "birthdate" not in shown

    @pytest.mark.parametrize("tamper", [{"audience": "https://other.example"}, {"nonce": "another"}])
    def test_what_was_meant_for_others_is_not_taken(
        self, town: Town, strangers: Strangers, tamper: Any
    ) -> None:
        opened = self.ask(town, SD)
        assert self.answer(strangers, opened, tamper=tamper)["status"] == 400
        assert self.result(town, opened)["state"] == "open"

    @pytest.mark.parametrize("mode", MODES)
    def test_answers_us_who_sign(self, signing: Town, strangers: Strangers, mode: str) -> None:
        """The library proves who asks, by every prefix that we sign with."""
        by = signing.house.settings.asks_by
        opened = self.ask(signing, SD, response_mode=mode)
        seen = strangers.ask("vpLook", link=opened["link"])
        assert (seen["prefix"], seen["mode"]) == (by, mode)
        assert seen["signer"] == ("did" if by == "decentralized_identifier" else "x5c")
        assert self.answer(strangers, opened) == {"status": 200, "said": {}}
        assert self.result(signing, opened)["state"] == "answered"

    def test_does_not_answer_who_is_not_us(self, signing: Town, strangers: Strangers) -> None:
        """A request of ours in the name of somebody else."""
        opened = self.ask(signing, SD)
        name = link.read(opened["link"]).client_id
        other = name.replace("centre", "bank").replace("localhost", "bank.example")
        other = "x509_hash:" + "A" * 43 if name.startswith("x509_hash") else other
        assert other != name
        lied = opened["link"].replace(quote(name, safe=""), quote(other, safe=""))
        assert lied != opened["link"]
        with pytest.raises(Refused):
            strangers.ask("vpLook", link=lied)
        assert self.result(signing, opened) == {"state": "open"}

    def test_finds_nothing(self, town: Town, strangers: Strangers) -> None:
        opened = self.ask(town, {**SD, "meta": {"vct_values": ["urn:absent"]}})
        with pytest.raises(Refused, match="nothing that matches"):
            self.answer(strangers, opened)
