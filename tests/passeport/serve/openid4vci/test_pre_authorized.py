"""From an offer to credentials with a pre-authorized code: what a wallet must get, and what it must not."""

import datetime as dt
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from boundary.limits import COPIES
from exchange.oauth.details import Detail
from exchange.oauth.token import PreAuthorizedCode, TokenRequest
from exchange.openid4vci import offer as offers
from exchange.openid4vci.messages import CredentialRequest
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.jwk import to_jwk
from keys.local import LocalSigner
from proofs import jose, sd_jwt

REFUSED = (400, "invalid_grant")


def refused(answer, error, code, status=400):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"].startswith(code + ":"), answer.text
    assert answer.headers["cache-control"] == "no-store"


def redeemed(certifier, sent, tx_code=None, **more):
    """Answer of the token endpoint to the code of an offer that was read from its link."""
    code = certifier.read(sent).pre_authorized.code
    return certifier.wallet().redeem({**PreAuthorizedCode(code, tx_code).form(), **more})


def state(certifier, sent):
    return certifier.offering.find(sent.offer.id, certifier.clock()).state


def wrong(sent):
    return f"{(int(sent.tx_code) + 1) % 10**6:06}"


def payload_of(answer):
    assert answer.status_code == 200, answer.text
    [entry] = answer.json()["credentials"]
    return sd_jwt.unverified(sd_jwt.parse(entry["credential"])).payload


def test_the_whole_way(certifier):
    sent = certifier.offer()
    wallet = certifier.wallet().take_up(certifier.read(sent))
    answer = wallet.fetch()
    assert answer.status_code == 200, answer.text
    assert payload_of(answer)["cnf"] == {"jwk": to_jwk(wallet.holders[0].public_key)}
    told = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    for _ in range(2):
        assert wallet.ask(told, "notification").status_code == 204
    offer = certifier.offering.find(sent.offer.id, certifier.clock())
    assert (offer.state, offer.event) == ("claimed", "credential_accepted")


def test_each_format_of_an_offer_can_be_had_with_one_token(certifier):
    wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
    [document] = wallet.fetch("diploma.ldp").json()["credentials"]
    assert document["credential"]["proof"]["cryptosuite"] == "ecdsa-sd-2023"
    assert document["credential"]["credentialSubject"]["id"] == did_key.did(wallet.holders[0].public_key)
    [token] = wallet.fetch("diploma.jwt").json()["credentials"]
    assert jose.peek(token["credential"]) == "vc+jwt"
    assert payload_of(wallet.fetch("diploma.sd-jwt"))["vct"].endswith("/diploma/1")


@pytest.mark.parametrize(("naming", "module"), [("did:key", did_key), ("did:jwk", did_jwk)])
def test_a_credential_is_bound_to_the_did_by_which_the_wallet_called_its_key(certifier, naming, module):
    wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
    [entry] = wallet.fetch("diploma.ldp", naming=naming).json()["credentials"]
    assert entry["credential"]["credentialSubject"]["id"] == module.did(wallet.holders[0].public_key)


@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519"])
def test_keys_of_each_kind_that_the_metadata_name(certifier, algorithm):
    holder = LocalSigner.generate(algorithm)
    wallet = certifier.wallet(holders=(holder,)).take_up(certifier.read(certifier.offer()))
    assert payload_of(wallet.fetch())["cnf"] == {"jwk": to_jwk(holder.public_key)}


def test_an_offer_by_value_and_by_reference_say_the_same(certifier):
    sent = certifier.offer(policy="code")
    by_value = offers.read_link(offers.by_value(sent.document("http://127.0.0.1:8000/issuers/centre")))
    address = f"http://127.0.0.1:8000/issuers/centre/offers/{sent.reference}"
    assert offers.read_link(offers.by_reference(address), plain=True) == address
    assert by_value == certifier.read(sent)
    assert by_value.pre_authorized.tx_code.length == 6
    assert by_value.configurations == ("diploma.ldp", "diploma.sd-jwt", "diploma.jwt")


def test_an_offer_for_the_person_of_the_row_has_no_code_that_whoever_finds_it_could_use(certifier):
    offer = certifier.read(certifier.offer(policy="person"))
    assert (offer.pre_authorized, offer.by_sign_in, bool(offer.issuer_state)) == (None, True, True)


def test_nothing_that_is_stored_opens_an_offer(certifier):
    """Neither link nor codes stand anywhere in the files of the service."""
    sent = certifier.offer(policy="code")
    offer = certifier.read(sent)
    wallet = certifier.wallet().take_up(offer, sent.tx_code)
    secrets = [
        sent.ticket, sent.tx_code, offer.pre_authorized.code.partition(".")[2],
        offer.issuer_state.partition(".")[2], wallet.token, wallet.refresh,
    ]  # fmt: skip
    stored = b"".join(path.read_bytes() for path in (certifier.house.settings.home / "service").iterdir())
    assert not [secret for secret in secrets if secret.encode() in stored]


class TestCodes:
    def test_a_code_is_good_once(self, certifier):
        """CI-001."""
        sent = certifier.offer()
        assert redeemed(certifier, sent).status_code == 200
        refused(redeemed(certifier, sent), "invalid_grant", "vci.code")

    def test_of_fifty_that_bring_a_code_together_one_gets_a_token(self, certifier, full):
        """CI-002."""
        for number in range(200 if full else 3):
            code = certifier.read(certifier.offer(f"R-{number}-together")).pre_authorized.code
            form = PreAuthorizedCode(code).form()
            with ThreadPoolExecutor(50) as pool:
                answers = pool.map(lambda _, form=form: certifier.wallet().redeem(form), range(50))
                ends = Counter((answer.status_code, answer.json().get("error")) for answer in answers)
            assert ends == {(200, None): 1, REFUSED: 49}

    @pytest.mark.parametrize("bend", ["", "x", "f" * 32 + "." + "A" * 43, "../" * 20, "0" * 5_000])
    def test_a_code_that_nobody_was_given(self, certifier, bend):
        certifier.offer()
        answer = certifier.wallet().redeem(PreAuthorizedCode(bend).form())
        refused(
            answer, *(("invalid_grant", "vci.code") if bend else ("invalid_request", "oauth.field_missing"))
        )

    def test_the_link_is_no_code_and_the_code_is_no_link(self, certifier):
        sent = certifier.offer()
        code = certifier.read(sent).pre_authorized.code
        refused(
            certifier.wallet().redeem(PreAuthorizedCode(sent.reference).form()), "invalid_grant", "vci.code"
        )
        assert certifier.http.get(f"/issuers/centre/offers/{code}").status_code == 404

    def test_a_code_of_another_organisation(self, certifier):
        code = certifier.read(certifier.offer()).pre_authorized.code
        stranger = certifier.wallet(at="http://127.0.0.1:8000/issuers/atelier")
        refused(stranger.redeem(PreAuthorizedCode(code).form()), "invalid_grant", "vci.code")

    def test_after_its_end_an_offer_is_gone_and_so_are_its_claims(self, certifier):
        sent = certifier.offer(expires=certifier.clock() + dt.timedelta(hours=1))
        code = certifier.read(sent).pre_authorized.code
        certifier.clock.passes(hours=1)
        refused(certifier.wallet().redeem(PreAuthorizedCode(code).form()), "invalid_grant", "vci.code")
        assert certifier.http.get(f"/issuers/centre/offers/{sent.reference}").status_code == 410
        assert certifier.house.offers.forget(certifier.clock()) == 1
        assert not personal(certifier, sent)

    def test_what_was_cancelled_or_sent_again_opens_nothing(self, certifier):
        sent = certifier.offer()
        code = certifier.read(sent).pre_authorized.code
        again = certifier.offering.resend(sent.offer.id, certifier.clock())
        refused(certifier.wallet().redeem(PreAuthorizedCode(code).form()), "invalid_grant", "vci.code")
        assert certifier.http.get(f"/issuers/centre/offers/{sent.reference}").status_code == 404
        code = certifier.read(again).pre_authorized.code
        certifier.offering.cancel(sent.offer.id, certifier.clock())
        refused(certifier.wallet().redeem(PreAuthorizedCode(code).form()), "invalid_grant", "vci.code")
        assert not personal(certifier, sent)

    def test_what_was_cancelled_between_token_and_credential_is_not_issued(self, certifier):
        sent = certifier.offer()
        wallet = certifier.wallet().take_up(certifier.read(sent))
        certifier.offering.cancel(sent.offer.id, certifier.clock())
        refused(wallet.fetch(), "credential_request_denied", "vci.claimed")

    def test_the_address_of_an_offer_is_gone_once_it_is_claimed(self, certifier):
        """CI-016: replayed after use, and guessed."""
        sent = certifier.offer()
        wallet = certifier.wallet().take_up(certifier.read(sent))
        assert wallet.fetch().status_code == 200
        assert certifier.http.get(f"/issuers/centre/offers/{sent.reference}").status_code == 410
        assert certifier.http.get(f"/issuers/centre/offers/{sent.reference[:-1]}").status_code == 404
        assert len(sent.ticket) * 6 >= 128

    def test_fields_given_twice_or_of_another_type(self, certifier):
        sent = certifier.offer()
        code = certifier.read(sent).pre_authorized.code
        form = PreAuthorizedCode(code).form()
        twice = "&".join(f"{name}={value}" for name, value in [*form.items(), *form.items()])
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        path = "/issuers/centre/token"
        refused(certifier.http.post(path, content=twice, headers=kind), "invalid_request", "http.field_twice")
        refused(certifier.http.post(path, json=form), "invalid_request", "http.media_type")
        assert redeemed(certifier, sent).status_code == 200


def personal(certifier, sent):
    """Whether a name of the row stands in the table of offers."""
    with closing(sqlite3.connect(certifier.house.settings.database("offers"))) as db:
        return db.execute("select claims from offer where id = ?", (sent.offer.id,)).fetchone()[0]


class TestTransactionCodes:
    def test_one_that_is_wrong_and_then_right(self, certifier):
        """CI-004."""
        sent = certifier.offer(policy="code")
        refused(redeemed(certifier, sent, wrong(sent)), "invalid_grant", "vci.tx_code")
        assert redeemed(certifier, sent, sent.tx_code).status_code == 200

    def test_after_five_guesses_the_right_one_is_refused_too(self, certifier):
        sent = certifier.offer(policy="code")
        for _ in range(5):
            refused(redeemed(certifier, sent, wrong(sent)), "invalid_grant", "vci.tx_code")
        refused(redeemed(certifier, sent, sent.tx_code), "invalid_grant", "vci.too_many_tries")
        again = certifier.offering.resend(sent.offer.id, certifier.clock())
        assert redeemed(certifier, again, again.tx_code).status_code == 200

    def test_guesses_at_the_same_time_are_five_in_all(self, certifier, full):
        """CI-003: counted in one place, whichever connection they come by."""
        sent = certifier.offer(policy="code")
        code = certifier.read(sent).pre_authorized.code
        guesses = [
            f"{number:06}" for number in range(2_000 if full else 100) if f"{number:06}" != sent.tx_code
        ]

        def guess(tx_code):
            answer = certifier.wallet().redeem(PreAuthorizedCode(code, tx_code).form())
            return answer.status_code, answer.json()["error_description"].partition(":")[0]

        with ThreadPoolExecutor(50) as pool:
            ends = Counter(pool.map(guess, guesses))
        assert ends == {(400, "vci.tx_code"): 5, (400, "vci.too_many_tries"): len(guesses) - 5}
        refused(redeemed(certifier, sent, sent.tx_code), "invalid_grant", "vci.too_many_tries")

    @pytest.mark.parametrize(
        "bend",
        [
            lambda c: c + "0",
            lambda c: f" {c}",
            lambda c: c[:-1],
            lambda c: "".join(chr(0x660 + int(d)) for d in c),
        ],
        ids=["longer", "spaced", "shorter", "other digits"],
    )
    def test_one_that_is_nearly_right(self, certifier, bend):
        """CI-006."""
        sent = certifier.offer(policy="code")
        for _ in range(5):
            refused(redeemed(certifier, sent, bend(sent.tx_code)), "invalid_grant", "vci.tx_code")
        refused(redeemed(certifier, sent, sent.tx_code), "invalid_grant", "vci.too_many_tries")

    def test_one_that_is_missing_or_not_wanted(self, certifier):
        """CI-006, OpenID4VCI §6.3."""
        with_code, without = certifier.offer("R-a", "code"), certifier.offer("R-b")
        refused(redeemed(certifier, with_code), "invalid_request", "vci.tx_code_expected")
        refused(redeemed(certifier, without, "123456"), "invalid_request", "vci.tx_code_expected")
        assert redeemed(certifier, with_code, with_code.tx_code).status_code == 200
        assert redeemed(certifier, without).status_code == 200

    def test_one_that_is_a_list(self, certifier):
        sent = certifier.offer(policy="code")
        code = certifier.read(sent).pre_authorized.code
        form = PreAuthorizedCode(code).form()
        answer = certifier.http.post("/issuers/centre/token", data={**form, "tx_code": [sent.tx_code, "1"]})
        refused(answer, "invalid_request", "http.field_twice")

    def test_they_are_compared_as_hashes(self, certifier):
        """CI-005: what is compared says nothing of how many digits are right, and in constant time."""
        sent = certifier.offer(policy="code")
        salt, _, digest = sent.offer.code.partition("$")
        assert len(salt) >= 22
        assert len(digest) == 43
        assert sent.tx_code not in sent.offer.code
        assert sent.offer.code != certifier.offer("R-2nd", "code").offer.code


class TestWhatIsAskedFor:
    def test_details_narrow_an_offer_and_name_what_may_be_asked_for(self, certifier):
        wanted = (Detail("diploma.jwt"),)
        answer = certifier.wallet().redeem(
            TokenRequest(
                PreAuthorizedCode(certifier.read(certifier.offer()).pre_authorized.code), None, wanted
            )
        )
        [granted] = answer.json()["authorization_details"]
        [identifier] = granted["credential_identifiers"]
        wallet = certifier.wallet().with_tokens(answer)
        by_name = CredentialRequest(identifier=identifier, proofs=wallet.proofs())
        assert wallet.ask(by_name).status_code == 200
        refused(wallet.fetch("diploma.jwt"), "invalid_credential_request", "vci.request_names")

    def test_details_of_what_is_not_offered(self, certifier):
        code = certifier.read(certifier.offer()).pre_authorized.code
        for text in (
            '[{"type":"openid_credential","credential_configuration_id":"skill.jwt"}]',
            "[]",
            "{",
            "7",
        ):
            answer = certifier.wallet().redeem(
                {**PreAuthorizedCode(code).form(), "authorization_details": text}
            )
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_authorization_details")
        assert certifier.wallet().redeem(PreAuthorizedCode(code).form()).status_code == 200

    def test_the_identifier_of_somebody_else(self, certifier):
        """CI-013."""
        wallets = [
            certifier.wallet().take_up(certifier.read(certifier.offer(name)), wanted=(Detail("diploma.jwt"),))
            for name in ("R-a", "R-b")
        ]
        ids = [sent.id + ".diploma.jwt" for sent in certifier.house.offers.of("centre", certifier.clock())]
        request = CredentialRequest(identifier=ids[0], proofs=wallets[0].proofs())
        refused(wallets[0].ask(request), "unknown_credential_identifier", "vci.identifier")
        request = CredentialRequest(identifier=ids[1], proofs=wallets[0].proofs())
        assert wallets[0].ask(request).status_code == 200

    @pytest.mark.parametrize("name", ["skill.jwt", "diploma.mdoc", "", "../diploma"])
    def test_a_configuration_that_is_not_in_the_offer(self, certifier, name):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        refused(wallet.fetch(name), "unknown_credential_configuration", "vci.configuration")

    @pytest.mark.parametrize(
        ("bend", "error", "code"),
        [
            (
                lambda d: d.update(credential_identifier="x"),
                "invalid_credential_request",
                "vci.request_names",
            ),
            (
                lambda d: d.pop("credential_configuration_id"),
                "invalid_credential_request",
                "vci.request_names",
            ),
            (lambda d: d.update(credential_configuration_id=["x"]), "invalid_credential_request", "shape"),
            (lambda d: d.pop("proofs"), "invalid_proof", "vci.proof_missing"),
            (lambda d: d.update(proofs={}), "invalid_proof", "vci.proof_type"),
            (lambda d: d.update(proofs={"jwt": []}), "invalid_proof", "vci.proof_missing"),
            (lambda d: d.update(proofs={"jwt": "x"}), "invalid_proof", "shape"),
            (lambda d: d.update(proofs={"jwt": [7]}), "invalid_proof", "shape"),
            (lambda d: d.update(proofs={"jwt": ["x"]}), "invalid_proof", "jose.malformed"),
            (lambda d: d.update(proofs={"jwt": [""]}), "invalid_proof", "jose.malformed"),
            (lambda d: d.update(proofs={"di_vp": [{}]}), "invalid_proof", "vci.proof_type"),
            (lambda d: d["proofs"].update(di_vp=[]), "invalid_proof", "vci.proof_type"),
            (
                lambda d: d.update(credential_response_encryption=[]),
                "invalid_encryption_parameters",
                "shape",
            ),
        ],
    )
    def test_a_request_that_is_bent(self, certifier, bend, error, code):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        document = CredentialRequest("diploma.jwt", proofs=wallet.proofs()).document()
        bend(document)
        answer = wallet.ask(document)
        assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
        assert answer.json()["error_description"].startswith(code)
        assert wallet.fetch("diploma.jwt").status_code == 200, "nothing was used up"

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff", b"9" * 5_000, b"[" * 5_000]
    )
    def test_a_body_that_is_no_object(self, certifier, body):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        kind = {**wallet.authorization, "Content-Type": "application/json"}
        for endpoint, error in (
            ("credential", "invalid_credential_request"),
            ("deferred", "invalid_credential_request"),
            ("notification", "invalid_notification_request"),
        ):
            answer = wallet.post(endpoint, content=body, headers=kind)
            assert (answer.status_code, answer.json()["error"]) == (400, error)

    def test_unknown_members_are_ignored(self, certifier):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        document = CredentialRequest("diploma.jwt", proofs=wallet.proofs()).document()
        assert wallet.ask({**document, "format": "jwt_vc_json", "x": {}}).status_code == 200


class TestTokens:
    @pytest.mark.parametrize(
        "header", [None, "", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "x" * 5_000]
    )
    @pytest.mark.parametrize("endpoint", ["credential", "deferred", "notification"])
    def test_without_a_good_token_there_is_nothing(self, certifier, endpoint, header):
        headers = {} if header is None else {"Authorization": header}
        answer = certifier.http.post(f"/issuers/centre/{endpoint}", json={}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    def test_a_token_of_another_organisation(self, certifier):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        elsewhere = replace(wallet, at="http://127.0.0.1:8000/issuers/atelier")
        refused(elsewhere.fetch(), "invalid_token", "oauth.token", 401)

    def test_a_token_ends_and_can_be_renewed(self, certifier):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        certifier.clock.passes(minutes=11)
        refused(wallet.fetch(), "invalid_token", "oauth.token", 401)
        assert wallet.renew().fetch().status_code == 200

    def test_an_old_refresh_token_ends_all_that_came_of_it(self, certifier):
        """CI-027."""
        first = certifier.wallet().take_up(certifier.read(certifier.offer()))
        second = first.renew()
        refused(
            first.redeem({"grant_type": "refresh_token", "refresh_token": first.refresh}),
            "invalid_grant",
            "oauth.refresh_token",
        )
        refused(second.fetch(), "invalid_token", "oauth.token", 401)
        refused(
            second.redeem({"grant_type": "refresh_token", "refresh_token": second.refresh}),
            "invalid_grant",
            "oauth.refresh_token",
        )

    def test_an_organisation_that_is_not(self, certifier):
        for path in ("token", "nonce", "credential"):
            answer = certifier.http.post(f"/issuers/nobody/{path}", data={"a": "b"})
            assert answer.status_code == 404, answer.text

    def test_too_many_of_one_address_are_told_when_to_come_back(self, certifier):
        """CI-029."""
        from starlette.testclient import TestClient

        from passeport.serve.app import create_app
        from passeport.serve.settings import Service

        paced = create_app(Service(home=certifier.house.settings.home, requests_per_minute=10))
        with TestClient(paced) as http:
            answers = [http.post("/issuers/centre/nonce") for _ in range(15)]
        assert Counter(answer.status_code for answer in answers) == {200: 10, 429: 5}
        assert answers[-1].headers["retry-after"]


class TestKeyProofs:
    def ready(self, certifier, **how):
        return certifier.wallet(**how).take_up(certifier.read(certifier.offer()))

    def test_a_proof_serves_once(self, certifier):
        """CI-007."""
        wallet = self.ready(certifier)
        request = CredentialRequest("diploma.sd-jwt", proofs=wallet.proofs())
        assert wallet.ask(request).status_code == 200
        refused(wallet.ask(request), "invalid_nonce", "vci.nonce")

    def test_of_fifty_that_show_one_nonce_together_one_is_served(self, certifier):
        wallet = self.ready(certifier)
        request = CredentialRequest("diploma.sd-jwt", proofs=wallet.proofs())
        with ThreadPoolExecutor(50) as pool:
            ends = Counter(
                answer.status_code for answer in pool.map(lambda _: wallet.ask(request), range(50))
            )
        assert ends == {200: 1, 400: 49}

    def test_a_nonce_that_is_old_foreign_made_up_or_missing(self, certifier):
        wallet = self.ready(certifier)
        nonce = wallet.nonce()
        certifier.clock.passes(seconds=301)
        refused(wallet.fetch(nonce=nonce), "invalid_nonce", "vci.nonce")
        foreign = certifier.http.post("/issuers/atelier/nonce").json()["c_nonce"]
        refused(wallet.fetch(nonce=foreign), "invalid_nonce", "vci.nonce")
        refused(wallet.fetch(nonce="made-up"), "invalid_nonce", "vci.nonce")
        refused(wallet.fetch(nonce=None), "invalid_proof", "vci.proof_nonce")

    def test_a_proof_for_another_issuer(self, certifier):
        """CI-008."""
        wallet = self.ready(certifier)
        for other in ("http://127.0.0.1:8000/issuers/atelier", wallet.at + "/", wallet.at.upper()):
            refused(wallet.fetch(issuer=other), "invalid_proof", "vci.proof_audience")

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_proof_of_another_hour(self, certifier, hours):
        """CI-009."""
        wallet = self.ready(certifier)
        made = certifier.clock() + dt.timedelta(hours=hours)
        refused(wallet.fetch(now=made), "invalid_proof", "oauth.proof_time")

    @pytest.mark.parametrize("algorithm", ["P-384", "ML-DSA-44"])
    def test_a_key_of_a_kind_that_no_credential_is_bound_to(self, certifier, algorithm):
        wallet = self.ready(certifier, holders=(LocalSigner.generate(algorithm),))
        answer = wallet.fetch()
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_proof")

    def test_a_proof_in_the_name_of_somebody(self, certifier):
        wallet = self.ready(certifier)
        refused(wallet.fetch(client_id="somebody"), "invalid_proof", "vci.proof_client")
        named = certifier.wallet(client_id="w-1").take_up(certifier.read(certifier.offer("R-named")))
        refused(named.fetch(client_id="w-2"), "invalid_proof", "vci.proof_client")
        assert named.fetch().status_code == 200

    def test_a_batch_has_one_credential_for_each_key_and_nothing_links_them(self, certifier):
        keys = tuple(LocalSigner.generate("P-256") for _ in range(4))
        wallet = self.ready(certifier, holders=keys)
        entries = [entry["credential"] for entry in wallet.fetch().json()["credentials"]]
        parsed = [sd_jwt.parse(entry) for entry in entries]
        payloads = [sd_jwt.unverified(one).payload for one in parsed]
        assert [payload["cnf"]["jwk"] for payload in payloads] == [to_jwk(key.public_key) for key in keys]
        assert len({payload["status"]["status_list"]["idx"] for payload in payloads}) == 4
        disclosures = [disclosure for one in parsed for disclosure in one.disclosures]
        assert len(set(disclosures)) == len(disclosures), "salts differ"
        moments = {(payload["iat"], payload.get("nbf")) for payload in payloads}
        assert len(moments) == 1
        assert all(value is None or value % 86_400 == 0 for moment in moments for value in moment)

    def test_a_key_shown_twice_gets_one_credential_and_too_many_get_none(self, certifier):
        key = LocalSigner.generate("P-256")
        assert len(self.ready(certifier, holders=(key, key)).fetch().json()["credentials"]) == 1
        many = certifier.wallet(holders=(key,) * 11).take_up(certifier.read(certifier.offer("R-many")))
        refused(many.fetch(), "invalid_credential_request", "vci.batch")

    def test_no_award_has_more_copies_than_allowed(self, certifier):
        wallet = self.ready(certifier)
        for _ in range(COPIES // 10):
            fresh = replace(wallet, holders=tuple(LocalSigner.generate("P-256") for _ in range(10)))
            assert fresh.fetch().status_code == 200
        one_more = replace(wallet, holders=(LocalSigner.generate("P-256"),))
        refused(one_more.fetch(), "credential_request_denied", "issue.too_many_copies")


class TestComingBack:
    def test_a_wallet_that_lost_the_answer_gets_the_same_again(self, certifier):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        first, second = wallet.fetch(), wallet.renew().fetch()
        assert first.json()["credentials"] == second.json()["credentials"]

    def test_a_service_that_ends_before_it_answers_issues_nothing_twice(self, certifier, monkeypatch):
        """The ledger has it, the wallet does not: the next answer is what the ledger has."""
        from issuer import delivery

        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        signed = []

        def killed(issued):
            signed.append(issued.body.decode())
            raise RuntimeError("killed")

        with monkeypatch.context() as patched:
            patched.setattr(delivery, "_credential", killed)
            with pytest.raises(RuntimeError, match="killed"):
                wallet.fetch()
        [entry] = wallet.fetch().json()["credentials"]
        assert [entry["credential"]] == signed

    def test_where_nothing_can_be_signed_nothing_is_claimed(self, certifier):
        sent = certifier.offer()
        wallet = certifier.wallet().take_up(certifier.read(sent))
        request = CredentialRequest("diploma.sd-jwt", proofs=wallet.proofs())
        keyring = certifier.house.organisations.get("centre").issuer.keyring
        [key] = keyring.records()
        keyring.retire(key.id, now=certifier.clock())
        answer = wallet.ask(request)
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
        assert state(certifier, sent) == "offered"
        made = keyring.add(
            "P-256", certifier.house.settings.passphrase.get_secret_value(), now=certifier.clock()
        )
        keyring.activate(made.id, now=certifier.clock())
        assert wallet.ask(request).status_code == 200, "with the new key, and the nonce that was not used up"

    def test_of_two_tokens_for_one_offer_the_first_to_ask_has_it(self, certifier):
        """Both were let in before anything was claimed: one gets it, also when they ask together."""
        sent = certifier.offer()
        store = certifier.house.offers
        with ThreadPoolExecutor(20) as pool:
            claims = pool.map(
                lambda n: store.claim(
                    sent.offer.id, f"g{n}", certifier.clock() + dt.timedelta(1), certifier.clock()
                ),
                range(20),
            )
            assert sum(claim is not None for claim in claims) == 1

    def test_what_is_revoked_is_not_issued_again(self, certifier):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        assert wallet.fetch().status_code == 200
        ledger = certifier.house.organisations.get("centre").ledger
        assert ledger.set_status("R-77", "revoked", "error", certifier.clock()) == 1
        other = replace(wallet, holders=(LocalSigner.generate("P-256"),))
        refused(other.fetch(), "credential_request_denied", "issue.revocation_is_final")

    def test_what_is_signed_is_what_was_approved(self, certifier):
        """CI-031."""
        sent = certifier.offer()
        wallet = certifier.wallet().take_up(certifier.read(sent))
        with closing(sqlite3.connect(certifier.house.settings.database("offers"))) as db, db:
            db.execute('update offer set claims = replace(claims, \'"mention":\', \'"mention":"TBF","x":\')')
        refused(wallet.fetch(), "credential_request_denied", "offer.changed", 409)
        assert certifier.house.organisations.get("centre").ledger.unfinished() == 0

    def test_the_claims_are_gone_when_nobody_can_come_back(self, certifier):
        sent = certifier.offer()
        wallet = certifier.wallet().take_up(certifier.read(sent))
        assert wallet.fetch().status_code == 200
        assert personal(certifier, sent)
        certifier.clock.passes(hours=1)
        refused(wallet.fetch(), "invalid_token", "oauth.token", 401)
        certifier.offer("R-next")
        assert not personal(certifier, sent)


class TestHeldBack:
    def test_what_is_held_back_comes_when_it_is_released(self, certifier):
        sent = certifier.offer(held=True)
        wallet = certifier.wallet().take_up(certifier.read(sent))
        answer = wallet.fetch()
        assert answer.status_code == 202, answer.text
        ticket = {"transaction_id": answer.json()["transaction_id"]}
        assert answer.json()["interval"] > 0
        waiting = wallet.ask(ticket, "deferred")
        assert (waiting.status_code, waiting.json()["transaction_id"]) == (202, ticket["transaction_id"])
        certifier.clock.passes(days=3)
        certifier.offering.release(sent.offer.id, certifier.clock())
        later = wallet.renew()
        answer = later.ask(ticket, "deferred")
        assert answer.status_code == 200, answer.text
        assert payload_of(answer)["cnf"] == {"jwk": to_jwk(wallet.holders[0].public_key)}
        refused(later.ask(ticket, "deferred"), "invalid_transaction_id", "vci.transaction")
        assert later.fetch().json()["credentials"] == answer.json()["credentials"], "a lost answer"

    def test_the_transaction_of_somebody_else_or_of_nobody(self, certifier):
        """CI-020."""
        wallets = [
            certifier.wallet().take_up(certifier.read(certifier.offer(name, held=True)))
            for name in ("R-a", "R-b")
        ]
        theirs = wallets[0].fetch().json()["transaction_id"]
        for name in (theirs, "guessed", "", "x" * 5_000):
            answer = wallets[1].ask({"transaction_id": name}, "deferred")
            refused(answer, "invalid_transaction_id", "vci.transaction")
        assert wallets[0].ask({"transaction_id": theirs}, "deferred").status_code == 202

    def test_what_is_refused_in_the_end(self, certifier):
        sent = certifier.offer(held=True)
        wallet = certifier.wallet().take_up(certifier.read(sent))
        ticket = {"transaction_id": wallet.fetch().json()["transaction_id"]}
        certifier.offering.cancel(sent.offer.id, certifier.clock())
        refused(wallet.ask(ticket, "deferred"), "credential_request_denied", "vci.claimed")

    @pytest.mark.parametrize("event", ["credential_accepted", "credential_failure", "credential_deleted"])
    def test_notifications_are_of_the_wallet_that_got_the_credential(self, certifier, event):
        wallet = certifier.wallet().take_up(certifier.read(certifier.offer()))
        name = wallet.fetch().json()["notification_id"]
        stranger = certifier.wallet().take_up(certifier.read(certifier.offer("R-b")))
        told = {"notification_id": name, "event": event}
        refused(stranger.ask(told, "notification"), "invalid_notification_id", "vci.notification_unknown")
        refused(
            wallet.ask({**told, "event": "x"}, "notification"),
            "invalid_notification_request",
            "vci.notification",
        )
        assert [wallet.ask(told, "notification").status_code for _ in range(3)] == [204] * 3
