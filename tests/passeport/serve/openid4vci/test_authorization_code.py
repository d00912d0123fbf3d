"""A wallet sends a person to sign in: the code goes to that wallet alone, for that person's offer alone."""

import datetime as dt
import html
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from exchange.oauth import authorization, pkce
from exchange.oauth.authorization import AuthorizationRequest
from exchange.oauth.details import Detail
from exchange.oauth.token import AuthorizationCode, TokenRequest
from exchange.openid4vci.messages import CredentialRequest
from keys.local import LocalSigner

BACK = "https://wallet.example/back"
PERSON = {"birth_name": "exemple demonstration", "given_name": "camille", "birthdate": "2000-02-29"}


@dataclass
class Browser:
    """A person's browser, with cookies of its own."""

    certifier: Any
    http: TestClient

    def opens(self, request_uri, client_id="w-1", of="centre"):
        query = {"client_id": client_id, "request_uri": request_uri}
        self.page = self.http.get(f"/issuers/{of}/authorize", params=query)
        return self.page

    def says(self, do="receive", **fields):
        found = re.search(r'name="session" value="([^"]+)"', self.page.text)
        form = {"session": html.unescape(found[1]) if found else "", "do": do, **fields}
        self.page = self.http.post("/issuers/centre/authorize", data=form)
        return self.page


@pytest.fixture
def browser(certifier):
    return Browser(
        certifier, TestClient(certifier.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    )


def asking(certifier, sent, **changes):
    """Return an authorization request that follows an offer, and what its challenge was made of."""
    verifier = pkce.new_verifier()
    given = {
        "client_id": "w-1", "redirect_uri": BACK, "challenge": pkce.challenge(verifier), "state": "st-1",
        "scopes": ("diploma.sd-jwt",), "issuer_state": certifier.read(sent).issuer_state, **changes,
    }  # fmt: skip
    return AuthorizationRequest(**given), verifier


def push(certifier, request, wallet=None, **changes):
    form = {**request.form(), **changes}
    return (wallet or certifier.wallet()).post("par", data={k: v for k, v in form.items() if v is not None})


def pushed(certifier, sent, wallet=None, **changes):
    request, verifier = asking(certifier, sent, **changes)
    answer = push(certifier, request, wallet)
    assert answer.status_code == 201, answer.text
    return authorization.read_pushed(answer.json()).request_uri, verifier


def code_of(answer, state="st-1"):
    assert answer.status_code == 303, answer.text
    base, _, query = answer.headers["location"].partition("?")
    assert base == BACK
    return authorization.read_answer(query, "http://127.0.0.1:8000/issuers/centre", state)


def authorized(certifier, browser, sent, wallet=None, fields=PERSON, **changes):
    uri, verifier = pushed(certifier, sent, wallet, **changes)
    browser.opens(uri)
    return code_of(browser.says(**fields)), verifier


def request_for(code, verifier, **changes):
    given = {"redirect_uri": BACK, "client_id": "w-1", "wanted": None, **changes}
    return TokenRequest(
        AuthorizationCode(code, given["redirect_uri"], verifier), given["client_id"], given["wanted"]
    )


def refused(answer, error, code, status=400):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"].startswith(code + ":"), answer.text


def test_the_whole_way(certifier, browser):
    """CI-026: back by 303, with the issuer's name."""
    sent = certifier.offer(policy="person")
    code, verifier = authorized(certifier, browser, sent)
    wallet = certifier.wallet(client_id="w-1").with_tokens(
        certifier.wallet().redeem(request_for(code, verifier))
    )
    assert wallet.fetch().status_code == 200
    assert wallet.renew().fetch().status_code == 200


def test_what_is_asked_for_by_details_is_named_in_the_token_response(certifier, browser):
    sent = certifier.offer(policy="person")
    wanted = (Detail("diploma.jwt"), Detail("diploma.sd-jwt"))
    code, verifier = authorized(certifier, browser, sent, scopes=(), wanted=wanted)
    answer = certifier.wallet().redeem(request_for(code, verifier, wanted=(Detail("diploma.jwt"),)))
    [detail] = answer.json()["authorization_details"]
    wallet = certifier.wallet(client_id="w-1").with_tokens(answer)
    request = CredentialRequest(identifier=detail["credential_identifiers"][0], proofs=wallet.proofs())
    assert wallet.ask(request).status_code == 200


def test_what_was_not_approved_is_not_granted(certifier, browser):
    sent = certifier.offer(policy="person")
    code, verifier = authorized(certifier, browser, sent)
    wallet = certifier.wallet(client_id="w-1").with_tokens(
        certifier.wallet().redeem(request_for(code, verifier))
    )
    refused(wallet.fetch("diploma.jwt"), "unknown_credential_configuration", "vci.configuration")
    code, verifier = authorized(certifier, browser, certifier.offer("R-2nd", "person"))
    more = request_for(code, verifier, wanted=(Detail("diploma.jwt"),))
    refused(certifier.wallet().redeem(more), "invalid_authorization_details", "vci.not_offered")


class TestWhoClaims:
    @pytest.mark.parametrize(
        "said",
        [
            {
                "birth_name": "Exemple-Démonstration",
                "given_name": "Camille Fictive",
                "birthdate": "2000-02-29",
            },
            {"birth_name": "EXEMPLE DEMONSTRATION", "given_name": "CAMILLE", "birthdate": "2000-02-29"},
            {
                "birth_name": "  exemple–démonstration ",
                "given_name": "camille-fictive",
                "birthdate": "2000-02-29",
            },
        ],
    )
    def test_the_person_as_they_write_themselves(self, certifier, browser, said):
        authorized(certifier, browser, certifier.offer(policy="person"), fields=said)

    @pytest.mark.parametrize("field", ["birth_name", "given_name", "birthdate"])
    def test_a_field_that_differs_is_explained_and_can_be_corrected(self, certifier, browser, field):
        sent = certifier.offer(policy="person")
        browser.opens(pushed(certifier, sent)[0])
        page = browser.says(**{**PERSON, field: "1999-01-01"})
        assert page.status_code == 400
        assert re.findall(r'id="(\w+)-fault"', page.text) == [field]
        assert "1999-01-01" not in page.text
        code_of(browser.says(**PERSON))

    @pytest.mark.parametrize("said", [{}, {"birth_name": "", "given_name": "", "birthdate": ""}])
    def test_nothing_said_is_nobody(self, certifier, browser, said):
        browser.opens(pushed(certifier, certifier.offer(policy="person"))[0])
        assert browser.says(**said).status_code == 400

    def test_five_tries_in_all_whichever_the_session(self, certifier, browser):
        sent = certifier.offer(policy="person")
        for _ in range(5):
            browser.opens(pushed(certifier, sent)[0])
            assert browser.says(**{**PERSON, "given_name": "x"}).status_code == 400
        browser.opens(pushed(certifier, sent)[0])
        page = browser.says(**PERSON)
        assert page.status_code == 400
        assert 'value="receive"' not in page.text
        again = certifier.offering.resend(sent.offer.id, certifier.clock())
        authorized(certifier, browser, again)

    def test_guesses_at_the_same_time_are_five_in_all(self, certifier, browser):
        sent = certifier.offer(policy="person")
        browser.opens(pushed(certifier, sent)[0])
        page, wrong = browser.page, {**PERSON, "birthdate": "1999-01-01"}

        def guess(_):
            other = Browser(
                certifier,
                browser.http,
            )
            other.page = page
            return 'aria-invalid="true"' in other.says(**wrong).text

        with ThreadPoolExecutor(20) as pool:
            assert sum(pool.map(guess, range(20))) == 5

    def test_the_transaction_code_on_the_page_shares_its_tries_with_the_token_endpoint(
        self, certifier, browser
    ):
        sent = certifier.offer(policy="code")
        code = certifier.read(sent).pre_authorized.code
        wrong = f"{(int(sent.tx_code) + 1) % 10**6:06}"
        for _ in range(3):
            answer = certifier.wallet().redeem(
                {
                    "grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code",
                    "pre-authorized_code": code,
                    "tx_code": wrong,
                }
            )
            refused(answer, "invalid_grant", "vci.tx_code")
        browser.opens(pushed(certifier, sent)[0])
        assert browser.says(tx_code=wrong).status_code == 400
        code_of(browser.says(tx_code=sent.tx_code))

    def test_a_forwarded_link_is_refused_once_the_offer_is_claimed(self, certifier, browser):
        sent = certifier.offer(policy="person")
        late, _ = asking(certifier, sent)
        uri, _ = pushed(certifier, sent)
        code, verifier = authorized(certifier, browser, sent)
        wallet = certifier.wallet(client_id="w-1").with_tokens(
            certifier.wallet().redeem(request_for(code, verifier))
        )
        assert wallet.fetch().status_code == 200
        refused(push(certifier, late), "invalid_request", "vci.no_offer")
        assert browser.opens(uri).status_code == 400

    def test_a_row_that_does_not_say_who_cannot_be_offered_to_its_person(self, certifier):
        from problems import InputError

        with pytest.raises(InputError, match=r"offer\.person_unknown"):
            certifier.offer(policy="person", claims={"birthdate": None})

    def test_who_refuses_goes_back_without_a_code(self, certifier, browser):
        browser.opens(pushed(certifier, certifier.offer(policy="person"))[0])
        answer = browser.says("refuse")
        assert answer.status_code == 303
        assert "error=access_denied" in answer.headers["location"]
        assert "iss=" in answer.headers["location"]
        assert browser.says(**PERSON).status_code == 400, "the session is over"

    def test_the_state_of_another_offer_or_none_at_all(self, certifier):
        certifier.offer(policy="person")
        for state in (None, "x", "f" * 32 + "." + "A" * 43):
            request, _ = asking(certifier, certifier.offer(f"R-{state}"[:9], "person"))
            refused(push(certifier, replace(request, issuer_state=state)), "invalid_request", "vci.no_offer")


class TestPushedRequests:
    @pytest.mark.parametrize(
        ("changes", "error", "code"),
        [
            ({"code_challenge": None}, "invalid_request", "oauth.pkce_challenge"),
            ({"code_challenge_method": "plain"}, "invalid_request", "oauth.pkce_challenge"),
            ({"code_challenge_method": None}, "invalid_request", "oauth.pkce_challenge"),
            ({"code_challenge": "short"}, "invalid_request", "oauth.pkce_challenge"),
            ({"response_type": "token"}, "unsupported_response_type", "oauth.response_type"),
            ({"client_id": None}, "invalid_request", "oauth.field_missing"),
            ({"redirect_uri": None}, "invalid_request", "oauth.field_missing"),
            ({"request_uri": "urn:x"}, "invalid_request", "oauth.request_uri_pushed"),
            ({"scope": "openid skill.jwt"}, "invalid_scope", "vci.not_offered"),
            ({"scope": None}, "invalid_scope", "vci.not_offered"),
            ({"authorization_details": "[{}]"}, "invalid_authorization_details", "oauth.details"),
        ],
    )
    def test_a_request_that_is_bent(self, certifier, changes, error, code):
        request, _ = asking(certifier, certifier.offer(policy="person"))
        refused(push(certifier, request, **changes), error, code)

    @pytest.mark.parametrize(
        "uri",
        [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://wallet.example/back",
            BACK + "#x",
            "//wallet.example",
            "x",
            "https:// x",
        ],
    )
    def test_a_return_address_that_is_none(self, certifier, uri):
        request, _ = asking(certifier, certifier.offer(policy="person"), redirect_uri=uri)
        refused(push(certifier, request), "invalid_client", "oauth.client", 401)

    def test_where_wallets_are_listed_each_has_its_addresses_and_no_other(self, certifier):
        from passeport.serve.openid4vci import KnownWallets
        from passeport.serve.settings import Service

        known = KnownWallets(Service(public_url="https://a.example", wallets={"w-1": (BACK,)}))
        assert known.allows("w-1", BACK)
        assert known.allows("https://a.example/wallet", "https://a.example/wallet/callback")
        for client, uri in (("w-1", BACK + "/"), ("w-1", BACK + "?x"), ("w-2", BACK), ("W-1", BACK)):
            assert not known.allows(client, uri), (client, uri)

    def test_a_request_that_is_too_long_to_be_kept(self, certifier):
        request, _ = asking(certifier, certifier.offer(policy="person"), state="x" * 20_000)
        refused(push(certifier, request), "invalid_request", "oauth.too_long", 413)

    def test_a_constant_challenge(self, certifier):
        """CI-023."""
        request, _ = asking(certifier, certifier.offer(policy="person"))
        assert push(certifier, request).status_code == 201
        refused(push(certifier, request), "invalid_request", "oauth.pkce_reused")

    def test_a_request_uri_used_twice_of_another_wallet_old_or_made_up(self, certifier, browser):
        """CI-022."""
        sent = certifier.offer(policy="person")
        uri, _ = pushed(certifier, sent)
        assert "invalid_request_uri" in browser.opens(uri, client_id="w-2").text
        assert browser.opens(uri, of="atelier").status_code == 400
        assert browser.opens(uri).status_code == 200
        assert (browser.opens(uri).status_code, "invalid_request_uri" in browser.page.text) == (400, True)
        uri, _ = pushed(certifier, sent)
        certifier.clock.passes(seconds=91)
        for late in (uri, "urn:ietf:params:oauth:request_uri:x", "", "https://wallet.example/request"):
            assert (browser.opens(late).status_code, "invalid_request_uri" in browser.page.text) == (
                400,
                True,
            )

    def test_of_many_that_open_one_request_one_gets_the_page(self, certifier, browser):
        uri, _ = pushed(certifier, certifier.offer(policy="person"))
        with ThreadPoolExecutor(20) as pool:
            answers = pool.map(lambda _: browser.opens(uri).status_code, range(20))
            assert Counter(answers) == {200: 1, 400: 19}


class TestCodes:
    def test_a_code_that_comes_back_ends_what_came_of_it(self, certifier, browser):
        """CI-024."""
        code, verifier = authorized(certifier, browser, certifier.offer(policy="person"))
        wallet = certifier.wallet(client_id="w-1").with_tokens(
            certifier.wallet().redeem(request_for(code, verifier))
        )
        refused(certifier.wallet().redeem(request_for(code, verifier)), "invalid_grant", "oauth.code")
        refused(wallet.fetch(), "invalid_token", "oauth.token", 401)
        again = {"grant_type": "refresh_token", "refresh_token": wallet.refresh, "client_id": "w-1"}
        refused(wallet.redeem(again), "invalid_grant", "oauth.refresh_token")

    def test_of_many_that_bring_a_code_together_no_two_get_a_token(self, certifier, browser, full):
        for number in range(200 if full else 3):
            sent = certifier.offer(f"R-{number}-many", "person")
            request = request_for(*authorized(certifier, browser, sent))
            with ThreadPoolExecutor(50) as pool:
                answers = list(pool.map(lambda _, r=request: certifier.wallet().redeem(r), range(50)))
            good = [answer for answer in answers if answer.status_code == 200]
            assert len(good) <= 1
            for answer in good:
                assert certifier.wallet(client_id="w-1").with_tokens(answer).fetch().status_code == 401

    @pytest.mark.parametrize(
        "bend",
        [
            lambda v: None,
            lambda v: pkce.new_verifier(),
            lambda v: v[:-1],
            lambda v: pkce.challenge(v),
            lambda v: "é" * 43,
        ],
        ids=["missing", "other", "shorter", "the challenge", "no ASCII"],
    )
    def test_a_verifier_that_is_not_that_of_the_request(self, certifier, browser, bend):
        """CI-023."""
        code, verifier = authorized(certifier, browser, certifier.offer(policy="person"))
        answer = certifier.wallet().redeem(request_for(code, bend(verifier)))
        refused(answer, "invalid_grant", "oauth.pkce_verifier")
        assert certifier.wallet().redeem(request_for(code, verifier)).status_code == 200, (
            "its owner still has it"
        )

    @pytest.mark.parametrize(
        "changes", [{"redirect_uri": BACK + "/"}, {"client_id": "w-2"}, {"client_id": None}]
    )
    def test_a_code_that_another_wallet_brings(self, certifier, browser, changes):
        code, verifier = authorized(certifier, browser, certifier.offer(policy="person"))
        refused(
            certifier.wallet().redeem(request_for(code, verifier, **changes)), "invalid_grant", "oauth.code"
        )

    def test_a_code_that_is_old_or_of_another_organisation(self, certifier, browser):
        code, verifier = authorized(certifier, browser, certifier.offer(policy="person"))
        stranger = certifier.wallet(at="http://127.0.0.1:8000/issuers/atelier")
        refused(stranger.redeem(request_for(code, verifier)), "invalid_grant", "oauth.code")
        certifier.clock.passes(seconds=61)
        refused(certifier.wallet().redeem(request_for(code, verifier)), "invalid_grant", "oauth.code")

    def test_a_code_bound_to_a_key(self, certifier, browser):
        """RFC 9449 §10: the proof that came with the pushed request binds the code."""
        wallet = certifier.wallet(key=LocalSigner.generate("P-256"), client_id="w-1")
        code, verifier = authorized(certifier, browser, certifier.offer(policy="person"), wallet)
        refused(
            certifier.wallet().redeem(request_for(code, verifier)), "invalid_dpop_proof", "dpop.other_key"
        )
        thief = certifier.wallet(key=LocalSigner.generate("P-256"))
        refused(thief.redeem(request_for(code, verifier)), "invalid_dpop_proof", "dpop.other_key")
        assert wallet.with_tokens(wallet.redeem(request_for(code, verifier))).fetch().status_code == 200


class TestThePage:
    def test_it_says_nothing_of_the_person_and_runs_nothing(self, certifier, browser):
        claims = {"given_name": "<script>alert(1)</script>"}
        page = browser.opens(pushed(certifier, certifier.offer(policy="person", claims=claims))[0])
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "2000" not in page.text
        assert "DÉMONSTRATION" not in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self' https://wallet.example;" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        cookie = page.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/issuers/centre/authorize" in cookie

    def test_it_speaks_french_first_and_english_to_whoever_asks(self, certifier, browser):
        page = browser.opens(pushed(certifier, certifier.offer(policy="person"))[0])
        assert "Nom de naissance" in page.text
        browser.http.headers["accept-language"] = "en"
        page = browser.opens(pushed(certifier, certifier.offer("R-2nd", "person"))[0])
        assert "Name at birth" in page.text

    def test_the_style_is_the_one_that_the_policy_names(self, certifier, browser):
        import base64
        import hashlib

        page = browser.opens(pushed(certifier, certifier.offer(policy="person"))[0])
        [style] = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["content-security-policy"]

    def test_a_form_of_another_page_does_nothing(self, certifier, browser):
        """No cookie, another's cookie, another's form."""
        browser.opens(pushed(certifier, certifier.offer(policy="person"))[0])
        stranger = TestClient(certifier.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
        forged = Browser(certifier, stranger)
        forged.page = browser.page
        assert forged.says(**PERSON).status_code == 400
        forged.opens(pushed(certifier, certifier.offer("R-2nd", "person"))[0])
        forged.page = browser.page
        assert forged.says(**PERSON).status_code == 400
        code_of(browser.says(**PERSON))

    def test_a_session_ends(self, certifier, browser):
        browser.opens(pushed(certifier, certifier.offer(policy="person"))[0])
        certifier.clock.now += dt.timedelta(minutes=16)
        assert browser.says(**PERSON).status_code == 400

    @pytest.mark.parametrize(
        "back", ["com.example.wallet:/back", "com.example.wallet://back", "http://127.0.0.1:9000/cb"]
    )
    def test_apps_of_their_own_scheme_are_sent_back_to(self, certifier, browser, back):
        browser.opens(pushed(certifier, certifier.offer(policy="person"), redirect_uri=back)[0])
        scheme = back.split(":")[0]
        assert f" {scheme}:" in browser.page.headers["content-security-policy"]
        assert browser.says(**PERSON).headers["location"].startswith(back + "?code=")
