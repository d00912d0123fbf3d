"""Our wallet where wallets, or their keys, must be attested by a provider (HAIP 1.0 §4.4.1, §4.5.1)."""

import base64
import datetime as dt
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.testclient import TestClient

from boundary.fetch import Answer
from boundary.sources import Mirror
from credentials.status import token as lists
from exchange.oauth import attestation
from exchange.openid4vci import key_attestation
from exchange.openid4vci import offer as offers
from exchange.openid4vci.messages import CredentialRequest
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from keys.sealing import Cost
from keys.x509 import Authority
from passeport import issuers
from passeport.passport import sound, verifier, whole
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from passeport.settings import Settings
from problems import InputError, ProtocolError
from proofs import jws
from storage.sqlite.vault import SqliteVault
from wallet import hold, receive
from wallet.provider import OwnProvider
from wallet.receive import Web
from wallet.receive import errand as errands
from wallet.vault import Vault

HERE = "http://127.0.0.1:8000"
LIST = "https://provider.example/status/1"
PERSON = {"birth_name": "exemple demonstration", "given_name": "camille", "birthdate": "2000-02-29"}


def made(authority: Authority, now: dt.datetime) -> OwnProvider:
    signer = LocalSigner.generate("P-256")
    return OwnProvider(signer, authority.certify(signer.public_key, "Fournisseur (fictif)", now))


@dataclass
class Wire:
    """:class:`boundary.fetch.Client` by way of the application; ``change`` rewrites headers on their way."""

    http: TestClient
    log: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    change: Callable[[dict[str, str]], None] = lambda _: None
    answered: Callable[[str, Answer], Answer] = lambda _, answer: answer

    def send(self, method: str, url: str, *, body: bytes = b"", headers: Any = (), limit: int = 0) -> Answer:
        sent = dict(headers)
        self.change(sent)
        self.log.append((f"{method} {url.rpartition('/')[2]}", sent))
        answer = self.http.request(method, url, content=body, headers=sent)
        got = Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)
        return self.answered(url, got)

    def sent(self, what: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.log if asked == f"POST {what}"]


@dataclass
class Person:
    certifier: Any
    vault: Vault
    wire: Wire
    provider: OwnProvider | None

    @property
    def web(self) -> Web:
        source = Mirror(self.certifier.house.settings.web)
        return Web(self.wire, resolver(source), self.certifier.clock, "w-1", provider=self.provider)

    def verify(self, body: bytes, _media: str) -> None:
        source = Mirror(self.certifier.house.settings.web)
        sound(verifier(source).verify(whole(body), self.certifier.clock()))

    def look(self, sent: Any) -> receive.Offered:
        at = f"{HERE}/issuers/centre/offers/{sent.reference}"
        return receive.look(offers.by_reference(at), self.web)

    def accept(self, sent: Any, copies: int = 1) -> receive.Errand:
        begun = receive.start(self.look(sent), ["diploma.sd-jwt"], copies)
        return receive.collect(receive.redeem(begun, None, self.web), self.vault, self.web)

    def keep(self, errand: receive.Errand) -> Any:
        return receive.keep(errand, self.vault, self.verify, self.web)


@pytest.fixture
def authority(clock: Any) -> Authority:
    return Authority.create("Fournisseurs (fictif)", clock())


@pytest.fixture
def serve(certifier: Any, authority: Authority, tmp_path: Any) -> Iterator[Callable[..., Person]]:
    """Opens the same service with other settings, and a person with an attested wallet before it."""
    anchors = tmp_path / "providers.pem"
    anchors.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    store = SqliteVault(tmp_path / "person.db")
    vault, _ = Vault.create(store, "quatre mots au hasard", cost=Cost(memory_kib=8, passes=1, lanes=1))
    home = certifier.house.settings.home
    issuers.open_issuer(Settings(home, "fr"), "centre").publish_keys(certifier.house.settings.web)
    opened: list[TestClient] = []

    def serve(**settings: Any) -> Person:
        passphrase = certifier.house.settings.passphrase
        app = create_app(
            Service(home=home, role="issuer", passphrase=passphrase, wallet_providers=anchors,
                    requests_per_minute=100_000, **settings)
        )  # fmt: skip
        app.state.house.now = certifier.clock
        opened.append(TestClient(app, base_url=HERE, follow_redirects=False))
        http = opened[-1].__enter__()
        ours = replace(certifier, app=app, http=http)
        return Person(ours, vault, Wire(http), made(authority, certifier.clock()))

    yield serve
    for one in opened:
        one.__exit__(None, None, None)
    store.close()


@pytest.fixture
def strict(serve: Callable[..., Person]) -> Person:
    return serve(attested_only=True)


@pytest.fixture
def keyed(serve: Callable[..., Person]) -> Person:
    return serve(attested_keys=True, key_storage=("iso_18045_basic", "iso_18045_moderate"))


class TestTheWallet:
    def test_is_served_where_only_attested_wallets_are(self, strict: Person) -> None:
        errand = strict.accept(strict.certifier.offer())
        assert errand.access is not None
        assert errand.access.named
        assert len(strict.keep(errand)) == 1
        assert all(attestation.HEADER in headers for headers in strict.wire.sent("token"))
        for what in ("credential", "nonce", "notification"):
            for headers in strict.wire.sent(what):
                assert attestation.HEADER not in headers, "the authorization server alone is told"

    def test_signs_in_and_comes_back_later_as_the_same(self, strict: Person) -> None:
        sent = strict.certifier.offer(policy="person", held=True)
        begun = receive.start(strict.look(sent), ["diploma.sd-jwt"])
        begun, url = receive.sign_in(begun, "https://wallet.example/back", strict.web)
        assert attestation.POP_HEADER in strict.wire.sent("par")[-1]
        back = _signed_in(strict, url)
        begun = errands.from_json(errands.to_json(begun))
        errand = receive.collect(receive.signed_in(begun, back, strict.web), strict.vault, strict.web)
        strict.certifier.clock.passes(days=3)
        strict.certifier.offering.release(sent.offer.id, strict.certifier.clock())
        errand = receive.collect(errand, strict.vault, strict.web)
        assert len(strict.keep(errand)) == 1, "with a token renewed by the same instance"
        words = [headers[attestation.HEADER] for headers in strict.wire.sent("token")]
        assert len({_claims(word)["cnf"]["jwk"]["x"] for word in words}) == 1

    def test_is_another_instance_before_each_server(self, strict: Person) -> None:
        errands = [strict.accept(strict.certifier.offer(f"R-{number}")) for number in range(2)]
        keys = {
            _claims(headers[attestation.HEADER])["cnf"]["jwk"]["x"] for headers in strict.wire.sent("token")
        }
        assert len(keys) == 2
        assert {one.key for one in errands} == {one.instance for one in errands}, "CI-015: tokens are its own"

    def test_makes_its_proof_anew_for_each_request(self, strict: Person) -> None:
        strict.accept(strict.certifier.offer())
        first, second = (headers[attestation.POP_HEADER] for headers in strict.wire.sent("token"))
        assert first != second, "asked again for a nonce"
        assert _claims(first)["aud"] == f"{HERE}/issuers/centre"

    def test_that_nobody_attests_sends_nothing(self, strict: Person) -> None:
        strict.provider = None
        begun = receive.start(strict.look(strict.certifier.offer()), ["diploma.sd-jwt"])
        with pytest.raises(InputError, match=r"receive\.not_attested"):
            receive.redeem(begun, None, strict.web)
        with pytest.raises(InputError, match=r"receive\.not_attested"):
            receive.sign_in(begun, "https://wallet.example/back", strict.web)
        assert all(asked.startswith("GET") for asked, _ in strict.wire.log)

    def test_that_nobody_attests_is_served_where_anybody_is(self, serve: Callable[..., Person]) -> None:
        person = serve()
        for provider in (person.provider, None):
            person.provider = provider
            errand = person.accept(person.certifier.offer(f"R-{provider is None}"))
            assert len(person.keep(errand)) == 1
        said = [attestation.HEADER in headers for headers in person.wire.sent("token")]
        assert said == [True, True, False, False]

    def test_answers_the_challenge_of_a_server(self, strict: Person) -> None:
        """§8 of the draft: what a server gives, in a refusal or before, stands in the next proof."""
        asked = iter(range(10))

        def challenge(url: str, answer: Answer) -> Answer:
            if not url.endswith("/token") or next(asked):
                return answer
            headers = {attestation.CHALLENGE_HEADER.lower(): "a-challenge"}
            return Answer(400, headers, json.dumps({"error": attestation.CHALLENGE_WANTED}).encode())

        strict.wire.answered = challenge
        begun = receive.start(strict.look(strict.certifier.offer()), ["diploma.sd-jwt"])
        receive.redeem(begun, None, strict.web)
        said = [
            _claims(headers[attestation.POP_HEADER]).get("challenge") for headers in strict.wire.sent("token")
        ]
        assert said[0] is None
        assert said[1] == "a-challenge"

    def test_fetches_a_challenge_where_the_metadata_name_one(self, strict: Person) -> None:
        def endpoint(url: str, answer: Answer) -> Answer:
            if "oauth-authorization-server" in url:
                said = {**json.loads(answer.body), "challenge_endpoint": f"{HERE}/challenge"}
                return Answer(200, answer.headers, json.dumps(said).encode())
            if url.endswith("/challenge"):
                return Answer(200, {}, json.dumps({"attestation_challenge": "first"}).encode())
            return answer

        strict.wire.answered = endpoint
        assert len(strict.keep(strict.accept(strict.certifier.offer()))) == 1
        assert _claims(strict.wire.sent("token")[0][attestation.POP_HEADER])["challenge"] == "first"


class TestIsRefused:
    """CI-028, with a wallet that is otherwise right."""

    def refused(self, person: Person, code: str) -> None:
        sent = person.certifier.offer(f"R-{len(person.wire.log)}")
        begun = receive.start(person.look(sent), ["diploma.sd-jwt"])
        with pytest.raises(ProtocolError) as refusal:
            receive.redeem(begun, None, person.web)
        assert refusal.value.error == "invalid_client"
        assert code in self.told[-1]

    @pytest.fixture(autouse=True)
    def listen(self, strict: Person) -> None:
        self.told: list[str] = []

        def answered(url: str, answer: Answer) -> Answer:
            if url.endswith("/token"):
                self.told.append(answer.body.decode())
            return answer

        strict.wire.answered = answered

    @pytest.mark.parametrize("header", [attestation.HEADER, attestation.POP_HEADER])
    def test_a_header_is_stripped(self, strict: Person, header: str) -> None:
        strict.wire.change = lambda headers: headers.pop(header, None) and None
        self.refused(strict, "attestation.missing")

    def test_the_attestation_has_expired(self, strict: Person) -> None:
        now = strict.certifier.clock()

        class Late(OwnProvider):
            def vouch(self, instance: Any, client_id: str, _now: Any) -> str:
                return super().vouch(instance, client_id, now - dt.timedelta(hours=1))

        assert strict.provider
        strict.provider = Late(strict.provider.signer, strict.provider.chain)
        self.refused(strict, "attestation.expired")

    def test_the_attester_is_unknown(self, strict: Person) -> None:
        now = strict.certifier.clock()
        strict.provider = made(Authority.create("Autre (fictif)", now), now)
        self.refused(strict, "x509.untrusted")

    def test_another_instance_is_attested(self, strict: Person) -> None:
        other = LocalSigner.generate("P-256").public_key

        class Wrong(OwnProvider):
            def vouch(self, _instance: Any, client_id: str, now: Any) -> str:
                return super().vouch(other, client_id, now)

        assert strict.provider
        strict.provider = Wrong(strict.provider.signer, strict.provider.chain)
        self.refused(strict, "signature.invalid")

    def test_the_proof_is_for_another_server(self, strict: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        real = attestation.prove

        def elsewhere(signer: Any, server: str, *given: Any, **how: Any) -> str:
            return real(signer, f"{server}/", *given, **how)

        monkeypatch.setattr(attestation, "prove", elsewhere)
        self.refused(strict, "attestation.other_server")

    def test_the_proof_was_seen_before(self, strict: Person) -> None:
        """Somebody on the way sends what went by once more."""
        seen: dict[str, str] = {}

        def replay(headers: dict[str, str]) -> None:
            if attestation.POP_HEADER in headers:
                for name in (attestation.HEADER, attestation.POP_HEADER):
                    headers[name] = seen.setdefault(name, headers[name])

        strict.accept(strict.certifier.offer())
        strict.wire.change = replay
        seen.update(strict.wire.sent("token")[-1])
        self.refused(strict, "attestation.replayed")


class TestKeys:
    def test_the_metadata_ask_for_it(self, keyed: Person) -> None:
        said = keyed.wire.http.get("/.well-known/openid-credential-issuer/issuers/centre").json()
        kinds = said["credential_configurations_supported"]["diploma.sd-jwt"]["proof_types_supported"]
        asked = {"key_storage": ["iso_18045_basic", "iso_18045_moderate"]}
        assert {name: one["key_attestations_required"] for name, one in kinds.items()} == {
            "jwt": asked, "attestation": asked,
        }  # fmt: skip

    def test_one_proof_with_an_attestation_brings_a_copy_for_each_key(self, keyed: Person) -> None:
        held = keyed.keep(keyed.accept(keyed.certifier.offer(), copies=3))
        assert len({hold.facts_of(one).holder_id for one in held}) == 3

    def test_an_attestation_alone_is_enough(self, keyed: Person) -> None:
        """F.3, where the issuer takes nothing else."""

        def alone(url: str, answer: Answer) -> Answer:
            if "openid-credential-issuer" not in url:
                return answer
            said = json.loads(answer.body)
            for one in said["credential_configurations_supported"].values():
                one["proof_types_supported"].pop("jwt")
            return Answer(200, answer.headers, json.dumps(said).encode())

        keyed.wire.answered = alone
        assert len(keyed.keep(keyed.accept(keyed.certifier.offer(), copies=2))) == 2

    def test_what_the_provider_cannot_say_is_not_asked_for(self, serve: Callable[..., Person]) -> None:
        person = serve(attested_keys=True, key_storage=("iso_18045_high",))
        for provider, code in (
            (person.provider, "receive.keys_too_weak"),
            (None, "receive.keys_not_attested"),
        ):
            person.provider = provider
            with pytest.raises(InputError) as refusal:
                person.accept(person.certifier.offer(f"R-{code}"))
            assert refusal.value.code == code
            assert person.vault.holder_keys() == [], "nor are keys made for nothing"

    def ask(self, person: Person, **how: Any) -> Any:
        """Ask by hand; ``how`` says what is wrong with the attestation."""
        wallet = person.certifier.wallet()
        wallet = wallet.take_up(person.certifier.read(person.certifier.offer(how.pop("reference", "R-77"))))
        provider = how.pop("by", person.provider)
        nonce, now = wallet.nonce(), person.certifier.clock()
        [holder] = wallet.holders
        said: dict[str, Any] = {
            "keys": [holder.public_key], "now": now, "expires": now + dt.timedelta(hours=1),
            "nonce": nonce, "key_storage": ["iso_18045_basic"], **how,
        }  # fmt: skip
        more = said.pop("more", None)
        word = key_attestation.attest(provider.signer, provider.chain, **said)
        if more is not None:
            word = jws.sign(
                {"typ": key_attestation.TYP, "x5c": provider.chain.x5c}, _claims(word) | more, provider.signer
            )
        proofs = wallet.proofs(nonce=nonce, attestation=word)
        self.word = word
        return wallet.ask(CredentialRequest("diploma.sd-jwt", proofs=proofs))

    def test_a_right_attestation(self, keyed: Person) -> None:
        assert self.ask(keyed).status_code == 200

    def test_what_is_wrong_with_an_attestation(self, keyed: Person) -> None:
        now, others = keyed.certifier.clock(), [LocalSigner.generate("P-256").public_key for _ in range(21)]
        stranger = made(Authority.create("Autre (fictif)", now), now)
        wrong: dict[str, dict[str, Any]] = {
            "attestation.expired": {"expires": now},
            "x509.untrusted": {"by": stranger},
            "signature.invalid": {"by": replace(stranger, chain=keyed.provider.chain)},
            "vci.key_attestation_other": {"keys": others[:1]},
            "vci.key_attestation_weak": {"key_storage": ["iso_18045_enhanced-basic"]},
            "vci.proof_nonce": {"nonce": None},
            "attestation.keys": {"keys": others},
        }
        for number, (code, how) in enumerate(wrong.items()):
            answer = self.ask(keyed, reference=f"R-{number}", **how)
            said = answer.json()
            assert (answer.status_code, said["error"]) == (400, "invalid_proof"), answer.text
            assert said["error_description"].startswith(code), answer.text

    def test_a_nonce_of_nobody_or_used_before(self, keyed: Person) -> None:
        assert self.ask(keyed, nonce="guessed").json()["error"] == "invalid_nonce"
        assert self.ask(keyed, reference="R-78").status_code == 200
        used = _claims(self.word)["nonce"]
        assert self.ask(keyed, reference="R-79", nonce=used).json()["error"] == "invalid_nonce"

    def test_no_attestation(self, keyed: Person) -> None:
        wallet = keyed.certifier.wallet()
        wallet = wallet.take_up(keyed.certifier.read(keyed.certifier.offer()))
        answer = wallet.fetch()
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_proof")
        assert answer.json()["error_description"].startswith("vci.key_attestation_missing")

    def test_keys_that_were_withdrawn(self, keyed: Person) -> None:
        status = {"status": {"status_list": {"uri": LIST, "idx": 7}}}
        web = keyed.certifier.house.settings.web
        for states, expected in (({}, 200), ({7: "revoked"}, 400)):
            _publish(keyed, web, states)
            answer = self.ask(keyed, reference=f"R-{expected}", more=status)
            assert answer.status_code == expected, answer.text

    def test_an_attestation_alone_where_nobody_trusts_providers(self, serve: Callable[..., Person]) -> None:
        """Nobody proved anything: whoever sees an attestation could send it."""
        person = serve()
        self.ask(person)
        wallet = person.certifier.wallet()
        wallet = wallet.take_up(person.certifier.read(person.certifier.offer("R-78")))
        answer = wallet.ask(CredentialRequest("diploma.sd-jwt", attestation=self.word))
        assert answer.json()["error_description"].startswith("vci.proof_type")


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _publish(person: Person, web: Any, states: Any) -> None:
    assert person.provider
    claims: dict[str, Any] = {"sub": LIST, "iat": int(person.certifier.clock().timestamp()), "ttl": 3600}
    claims["status_list"] = {"bits": 2, "lst": lists.encode(states)}
    path = web / "provider.example" / "status" / "1"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"typ": lists.TYP, "x5c": person.provider.chain.x5c}
    path.write_text(jws.sign(header, claims, person.provider.signer))


def _signed_in(person: Person, url: str) -> str:
    """Play the person's browser; return the query that the wallet gets back."""
    browser = TestClient(person.certifier.app, base_url=HERE, follow_redirects=False)
    found = re.search(r'name="session" value="([^"]+)"', browser.get(url).text)
    assert found
    form = {"session": html.unescape(found[1]), "do": "receive", **PERSON}
    answer = browser.post("/issuers/centre/authorize", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].partition("?")[2])
