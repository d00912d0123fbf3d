"""OpenID4VCI with strangers: their wallet at our issuer's counter, our wallet at theirs."""

import base64
import datetime as dt
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from services import HERE, PERSON, Town, running
from strangers import Refused, Strangers

from boundary import strict_json
from boundary.sources import Nowhere
from keys.dids.resolve import resolver
from keys.jwk import to_jwk
from keys.local import LocalSigner, secret_of
from keys.sealing import Cost
from keys.x509 import Authority
from passeport.passport import sound, verifier, whole
from problems import InputError, ProtocolError
from storage.sqlite.vault import SqliteVault
from wallet import receive
from wallet.provider import OwnProvider
from wallet.receive import Web
from wallet.vault import Vault

pytestmark = pytest.mark.node
FORMATS = ("diploma.sd-jwt", "diploma.ldp", "diploma.jwt")
BACK = "https://wallet.example/back"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running(tmp_path_factory.mktemp("town")) as found:
        yield found


def body(credential: Any) -> bytes:
    return credential.encode() if isinstance(credential, str) else strict_json.encode(credential)


def signed_in(url: str, **fields: str) -> str:
    """Play the person's browser at our sign-in page; return where it is sent."""
    with httpx2.Client() as browser:
        page = browser.get(url)
        assert page.status_code == 200, page.text
        found = re.search(r'name="session" value="([^"]+)"', page.text)
        assert found
        at = url.partition("?")[0]
        answer = browser.post(at, data={"session": html.unescape(found[1]), "do": "receive", **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


class TestTheirWallet:
    """@openid4vc/openid4vci as client."""

    def test_reads_our_offers_and_metadata(self, town: Town, strangers: Strangers) -> None:
        seen = strangers.ask("vciLook", link=town.link(town.offer()))
        assert seen["version"] == "V1"
        assert set(seen["known"]) >= set(FORMATS), "each of our configurations is one that it knows"
        assert seen["servers"] == [f"{town.url}/issuers/centre"]

    @pytest.mark.parametrize("bound", [True, False], ids=["DPoP", "Bearer"])
    @pytest.mark.parametrize("configuration", FORMATS)
    def test_by_pre_authorized_code(
        self, town: Town, strangers: Strangers, configuration: str, bound: bool
    ) -> None:
        link = town.link(town.offer())
        got = strangers.ask("vciClaim", link=link, configuration=configuration, bound=bound)
        [credential] = got["credentials"]
        town.verify(body(credential))
        assert got["bound"] == ("DPoP" if bound else "Bearer")
        assert got["notified"]

    def test_with_a_transaction_code(self, town: Town, strangers: Strangers) -> None:
        sent = town.offer("code")
        how = {"link": town.link(sent), "configuration": "diploma.sd-jwt"}
        with pytest.raises(Refused, match="access token"):
            strangers.ask("vciClaim", txCode="000000" if sent.tx_code != "000000" else "111111", **how)
        assert len(strangers.ask("vciClaim", txCode=sent.tx_code, **how)["credentials"]) == 1

    @pytest.mark.parametrize("naming", ["jwk", "did"])
    def test_gets_several_copies_each_for_a_key(self, town: Town, strangers: Strangers, naming: str) -> None:
        how = {"link": town.link(town.offer()), "configuration": "diploma.sd-jwt", "copies": 3}
        got = strangers.ask("vciClaim", naming=naming, **how)
        assert len(set(got["credentials"])) == len(got["keys"]) == 3

    def test_waits_for_what_is_held_back(self, town: Town, strangers: Strangers) -> None:
        how = {"link": town.link(town.offer(held=True)), "configuration": "diploma.sd-jwt"}
        again = strangers.ask("vciClaim", **how)["deferred"]
        assert again["interval"] == 60
        assert again["transaction_id"]

    @pytest.mark.parametrize("bound", [True, False], ids=["DPoP", "Bearer"])
    def test_by_authorization_code(self, town: Town, strangers: Strangers, bound: bool) -> None:
        link = town.link(town.offer("person"))
        how: dict[str, Any] = {"link": link, "clientId": "their-wallet", "redirectUri": BACK, "bound": bound}
        url = strangers.ask("vciSignIn", configuration="diploma.sd-jwt", **how)
        assert "request_uri=" in url, "pushed"
        back = signed_in(
            url, birth_name="exemple demonstration", given_name="camille", birthdate=PERSON["birthdate"]
        )
        got = strangers.ask("vciSignedIn", url=back, configuration="diploma.sd-jwt")
        town.verify(body(got["credentials"][0]))

    def test_is_refused_what_was_claimed(self, town: Town, strangers: Strangers) -> None:
        link = town.link(town.offer())
        assert strangers.ask("vciClaim", link=link, configuration="diploma.jwt")
        with pytest.raises(Refused):
            strangers.ask("vciClaim", link=link, configuration="diploma.jwt")


AUTHORITY = Authority.create("Fournisseurs (fictif)", dt.datetime.now(dt.UTC))


def certified() -> tuple[OwnProvider, dict[str, Any]]:
    """A wallets' provider, for us and for them."""
    signer = LocalSigner.generate("P-256")
    chain = AUTHORITY.certify(signer.public_key, "Fournisseur (fictif)", dt.datetime.now(dt.UTC))
    public = to_jwk(signer.public_key)
    secret = base64.urlsafe_b64encode(secret_of(signer)).decode().rstrip("=")
    theirs = {"x5c": chain.x5c, "publicJwk": public, "privateJwk": {**public, "d": secret}}
    return OwnProvider(signer, chain, ("iso_18045_moderate",)), theirs


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Our issuer, where wallets and their keys must be attested."""
    folder = tmp_path_factory.mktemp("strict")
    providers = folder / "providers.pem"
    providers.write_bytes(AUTHORITY.certificate.public_bytes(Encoding.PEM))
    attested = {"attested_only": True, "attested_keys": True, "key_storage": ("iso_18045_moderate",)}
    with running(folder / "home", role="issuer", wallet_providers=providers, **attested) as found:
        yield found


class TestTheirAttestedWallet:
    """Openid4vciWalletProvider of @openid4vc/openid4vci vouches for a wallet of theirs, and for its keys."""

    @pytest.mark.parametrize("alone", [False, True], ids=["with a proof", "alone"])
    def test_by_pre_authorized_code(self, strict: Town, strangers: Strangers, alone: bool) -> None:
        _, by = certified()
        how = {"link": strict.link(strict.offer()), "configuration": "diploma.sd-jwt", "clientId": "w-1"}
        got = strangers.ask("vciClaim", by=by, keysBy=by, copies=2, alone=alone, **how)
        assert len(got["credentials"]) == 2
        strict.verify(body(got["credentials"][0]))

    def test_by_authorization_code(self, strict: Town, strangers: Strangers) -> None:
        _, by = certified()
        how: dict[str, Any] = {"clientId": "w-1", "redirectUri": BACK, "configuration": "diploma.sd-jwt"}
        url = strangers.ask("vciSignIn", link=strict.link(strict.offer("person")), by=by, **how)
        back = signed_in(
            url, birth_name="exemple demonstration", given_name="camille", birthdate=PERSON["birthdate"]
        )
        got = strangers.ask("vciSignedIn", url=back, configuration="diploma.sd-jwt", keysBy=by)
        strict.verify(body(got["credentials"][0]))

    def test_is_refused_without(self, strict: Town, strangers: Strangers) -> None:
        _, by = certified()
        how = {"configuration": "diploma.sd-jwt", "clientId": "w-1"}
        with pytest.raises(Refused):
            strangers.ask("vciClaim", link=strict.link(strict.offer()), keysBy=by, **how)
        with pytest.raises(Refused, match="key attestations"):
            strangers.ask("vciClaim", link=strict.link(strict.offer()), by=by, **how)


PROOFS = {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}}
DOCUMENT = json.loads((Path(__file__).parent / "documents/block.ld.json").read_text("utf-8"))["credential"]
TYPES = {"type": DOCUMENT["type"]}
VCT = "https://issuer.example/vct/membership"
CONFIGURATIONS: dict[str, Any] = {
    "badge.sd-jwt": {
        "format": "dc+sd-jwt", "vct": VCT, "scope": "badge", "proof_types_supported": PROOFS,
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_metadata": {"display": [{"name": "Member", "locale": "en"}]},
        "sign": {
            "content": {"vct": VCT, "family_name": "Inventée", "member_since": "2024-01-01"},
            "frame": {"_sd": ["family_name"]},
        },
    },
    "badge.ldp": {
        "format": "ldp_vc", "credential_definition": {"@context": DOCUMENT["@context"], **TYPES},
        "cryptographic_binding_methods_supported": ["did:key", "did:jwk"], "proof_types_supported": PROOFS,
        "sign": {"content": DOCUMENT, "suite": "ecdsa-rdfc-2019"},
    },
    "badge.jwt": {
        "format": "jwt_vc_json", "credential_definition": TYPES, "proof_types_supported": PROOFS,
        "cryptographic_binding_methods_supported": ["did:jwk"],
        "sign": {"content": DOCUMENT},
    },
}  # fmt: skip


@dataclass
class Ours:
    """Our wallet, and an issuer of theirs."""

    strangers: Strangers
    issuer: str
    did: str
    vault: Vault
    signed: bool = False
    provider: OwnProvider | None = None

    @property
    def web(self) -> Web:
        how: dict[str, Any] = {"signed": self.signed, "provider": self.provider}
        return Web(HERE, resolver(HERE), lambda: dt.datetime.now(dt.UTC), "our-wallet", **how)

    def verify(self, data: bytes, _media: str) -> None:
        sound(verifier(Nowhere()).verify(whole(data), dt.datetime.now(dt.UTC)))

    def offer(self, *configurations: str, **how: Any) -> str:
        return str(self.strangers.ask("vciOffer", issuer=self.issuer, configurations=configurations, **how))

    def accept(self, link: str, tx_code: str | None = None, copies: int = 1) -> receive.Errand:
        begun = receive.start(receive.look(link, self.web), None, copies)
        return receive.collect(receive.redeem(begun, tx_code, self.web), self.vault, self.web)

    def keep(self, errand: receive.Errand) -> Any:
        return receive.keep(errand, self.vault, self.verify, self.web)

    def told(self) -> list[str]:
        return [one["event"] for one in self.strangers.ask("vciTold", issuer=self.issuer)]


Open = Callable[..., Ours]


@pytest.fixture
def open_(strangers: Strangers, tmp_path: Path) -> Iterator[Open]:
    """Opens issuers of theirs, which close with the test."""
    store = SqliteVault(tmp_path / "wallet.db")
    vault, _ = Vault.create(store, "quatre mots au hasard", cost=Cost(memory_kib=8, passes=1, lanes=1))
    issuers: list[str] = []

    def opened(signed: bool = False, **plan: Any) -> Ours:
        made = strangers.ask("vciOpen", **{"configurations": CONFIGURATIONS, **plan})
        issuers.append(made["issuer"])
        return Ours(strangers, made["issuer"], made["did"], vault, signed)

    yield opened
    for issuer in issuers:
        strangers.ask("vciClose", issuer=issuer)
    store.close()


class TestTheirIssuer:
    """An issuer and its authorization server built on @openid4vc/openid4vci and @openid4vc/oauth2."""

    @pytest.mark.parametrize("bound", [True, False], ids=["DPoP", "Bearer"])
    @pytest.mark.parametrize("configuration", CONFIGURATIONS)
    def test_by_pre_authorized_code(self, open_: Open, configuration: str, bound: bool) -> None:
        ours = open_(bound=bound)
        errand = ours.accept(ours.offer(configuration))
        assert errand.access
        assert errand.access.token.scheme == ("DPoP" if bound else "Bearer")
        [held] = ours.keep(errand)
        assert ours.vault.credentials() == [held]
        assert ours.told() == ["credential_accepted"]

    @pytest.mark.parametrize("by_reference", [True, False])
    @pytest.mark.parametrize("scheme", ["openid-credential-offer://", "haip-vci://"])
    def test_every_kind_of_offer(self, open_: Open, by_reference: bool, scheme: str) -> None:
        ours = open_()
        link = ours.offer("badge.sd-jwt", byReference=by_reference, scheme=scheme)
        offered = receive.look(link, ours.web)
        assert [one.name for one in offered.credentials("en")] == ["Member"]

    def test_a_transaction_code(self, open_: Open) -> None:
        ours = open_()
        link = ours.offer("badge.sd-jwt", txCode="4711")
        tx_code = receive.look(link, ours.web).tx_code
        assert tx_code is not None
        assert (tx_code.length, tx_code.numeric) == (4, True)
        with pytest.raises(ProtocolError) as refusal:
            ours.accept(link, "0000")
        assert refusal.value.error == "invalid_grant"
        assert len(ours.keep(ours.accept(link, "4711"))) == 1

    def test_copies_each_for_a_key(self, open_: Open) -> None:
        ours = open_(batchSize=4)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt"), copies=9))) == 4

    def test_a_server_of_another_name(self, open_: Open) -> None:
        ours = open_(otherServer=True, bound=True)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt")))) == 1

    def test_encrypted_both_ways(self, open_: Open) -> None:
        ours = open_(encrypted=True)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt")))) == 1

    @pytest.mark.parametrize("encrypted", [True, False])
    def test_later(self, open_: Open, encrypted: bool) -> None:
        ours = open_(later=2, encrypted=encrypted)
        errand = ours.accept(ours.offer("badge.sd-jwt"))
        assert [one.interval for one in errand.waiting] == [1]
        errand = receive.collect(errand, ours.vault, ours.web)
        assert len(errand.waiting) == 1
        errand = receive.collect(errand, ours.vault, ours.web)
        assert errand.waiting == ()
        assert len(ours.keep(errand)) == 1

    @pytest.mark.parametrize("configuration", ["badge.sd-jwt", "badge.ldp"], ids=["scope", "details"])
    @pytest.mark.parametrize("bound", [True, False], ids=["DPoP", "Bearer"])
    @pytest.mark.parametrize("pushed", [True, False])
    def test_by_authorization_code(self, open_: Open, configuration: str, bound: bool, pushed: bool) -> None:
        ours = open_(bound=bound, withoutPushing=not pushed)
        offered = receive.look(ours.offer(configuration, grant="authorization_code"), ours.web)
        begun, url = receive.sign_in(receive.start(offered), BACK, ours.web)
        assert ("request_uri=" in url) == pushed
        back = httpx2.get(url).headers["location"]
        errand = receive.signed_in(begun, back.partition("?")[2], ours.web)
        assert len(ours.keep(receive.collect(errand, ours.vault, ours.web))) == 1

    def test_the_answer_of_another_server_is_refused(self, open_: Open) -> None:
        """RFC 9207."""
        ours = open_(lies={"iss": "https://evil.example"})
        offered = receive.look(ours.offer("badge.sd-jwt", grant="authorization_code"), ours.web)
        begun, url = receive.sign_in(receive.start(offered), BACK, ours.web)
        back = httpx2.get(url).headers["location"]
        with pytest.raises(ProtocolError, match=r"oauth\.other_issuer"):
            receive.signed_in(begun, back.partition("?")[2], ours.web)

    def test_signed_metadata(self, open_: Open) -> None:
        ours = open_(signedMetadata=True, signed=True)
        assert receive.look(ours.offer("badge.sd-jwt"), ours.web).signed_by == ours.did

    def test_a_wallet_with_a_name(self, open_: Open) -> None:
        ours = open_(named=True)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt")))) == 1

    def test_an_issuer_without_nonces(self, open_: Open) -> None:
        ours = open_(withoutNonces=True)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt")))) == 1

    def test_a_stale_nonce_is_fetched_again_once(self, open_: Open) -> None:
        ours = open_(staleNonces=1)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt")))) == 1
        ours = open_(staleNonces=2)
        with pytest.raises(ProtocolError) as refusal:
            ours.accept(ours.offer("badge.sd-jwt"))
        assert refusal.value.error == "invalid_nonce"

    @pytest.mark.parametrize("bound", [True, False], ids=["DPoP", "Bearer"])
    @pytest.mark.parametrize("pushed", [True, False], ids=["sign-in", "pre-authorized"])
    def test_attested_wallets_only(self, open_: Open, bound: bool, pushed: bool) -> None:
        provider, by = certified()
        ours = open_(attested=by["x5c"][0], bound=bound)
        ours.provider = provider
        grant = "authorization_code" if pushed else "pre-authorized"
        begun = receive.start(receive.look(ours.offer("badge.sd-jwt", grant=grant), ours.web))
        if pushed:
            begun, url = receive.sign_in(begun, BACK, ours.web)
            back = httpx2.get(url).headers["location"]
            begun = receive.signed_in(begun, back.partition("?")[2], ours.web)
        else:
            begun = receive.redeem(begun, None, ours.web)
        assert len(ours.keep(receive.collect(begun, ours.vault, ours.web))) == 1

    @pytest.mark.parametrize("wrong", ["another provider", "nobody"])
    def test_an_attester_whom_they_do_not_know(self, open_: Open, wrong: str) -> None:
        _, by = certified()
        ours = open_(attested=by["x5c"][0], bound=True)
        if wrong == "nobody":
            with pytest.raises(InputError, match=r"receive\.not_attested"):
                ours.accept(ours.offer("badge.sd-jwt"))
            return
        ours.provider, _ = certified()
        with pytest.raises(ProtocolError) as refusal:
            ours.accept(ours.offer("badge.sd-jwt"))
        assert refusal.value.error == "invalid_client"

    @pytest.mark.parametrize("kind", ["jwt", "attestation"])
    def test_attested_keys_only(self, open_: Open, kind: str) -> None:
        provider, by = certified()
        asked = {"key_attestations_required": {"key_storage": ["iso_18045_moderate"]}}
        proofs = {kind: {"proof_signing_alg_values_supported": ["ES256"], **asked}}
        one = {**CONFIGURATIONS["badge.sd-jwt"], "proof_types_supported": proofs}
        ours = open_(configurations={"badge.sd-jwt": one}, attestedKeys=by["x5c"][0], batchSize=3)
        ours.provider = provider
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt"), copies=3))) == 3
        ours.provider, _ = certified()
        with pytest.raises(ProtocolError) as refusal:
            ours.accept(ours.offer("badge.sd-jwt"))
        assert refusal.value.error == "invalid_proof"

    def test_members_of_older_drafts_are_ignored(self, open_: Open) -> None:
        ours = open_(withRemovedMembers=True)
        assert len(ours.keep(ours.accept(ours.offer("badge.sd-jwt")))) == 1

    @pytest.mark.parametrize(
        "lies",
        [
            {"issuer": {"credential_issuer": "https://other.example"}},
            {"server": {"issuer": "https://other.example"}},
            {"server": {"token_endpoint": "https://other.example/token"}},
        ],
        ids=["another issuer", "another server", "a token endpoint elsewhere"],
    )
    def test_metadata_of_somebody_else_are_refused(self, open_: Open, lies: Any) -> None:
        """CI-019."""
        ours = open_(lies=lies)
        with pytest.raises(ProtocolError, match=r"wallet\.metadata_mismatch"):
            receive.look(ours.offer("badge.sd-jwt"), ours.web)

    def test_a_credential_for_somebody_elses_key_is_not_kept(self, open_: Open) -> None:
        other = {"kty": "EC", "crv": "P-256"} | {
            "x": "ngy44T1vxAT6Di4nr-UaM9K3Tlnz9pkoksDokKFkmNc",
            "y": "QCRfOKlSM31GTkb4JHx3nXB4G_jSPMsbdjzlkT_UpPc",
        }
        ours = open_(forKey={"jwk": other})
        errand = ours.accept(ours.offer("badge.sd-jwt"))
        with pytest.raises(InputError, match=r"receive\.other_key"):
            ours.keep(errand)
        assert ours.vault.credentials() == []
        assert ours.vault.holder_keys() == []
        assert ours.told() == ["credential_failure"]

    def test_a_credential_of_another_type_is_not_kept(self, open_: Open) -> None:
        other = {**CONFIGURATIONS["badge.sd-jwt"], "vct": "https://issuer.example/vct/doctor"}
        ours = open_(configurations={"badge.sd-jwt": other})
        errand = ours.accept(ours.offer("badge.sd-jwt"))
        with pytest.raises(InputError, match=r"receive\.other_type"):
            ours.keep(errand)
        assert ours.told() == ["credential_failure"]
