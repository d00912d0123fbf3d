"""People sign in with a provider that somebody else wrote."""

import datetime as dt
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from passeport.serve.app import create_app
from passeport.serve.settings import Service

OURS = "http://127.0.0.1:8000"
BACK = f"{OURS}/session/oidc/callback"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def issuer(node: Path) -> Iterator[str]:
    command = [node, HERE / "oidc_provider.mjs", BACK]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin
    assert process.stdout
    yield process.stdout.readline().strip()
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def service(issuer: str, home: Path, client: str, secret: str | None) -> TestClient:
    settings = Service(
        home=home,
        oidc_issuer=issuer,
        oidc_client_id=client,
        oidc_client_secret=SecretStr(secret) if secret else None,
    )
    return TestClient(create_app(settings), base_url=OURS, follow_redirects=False)


@pytest.fixture(params=[("with a secret", "un secret: & plus"), ("public", None)], ids=["basic", "public"])
def ours(issuer: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestClient]:
    client = service(issuer, tmp_path, *request.param)
    yield client
    client.app.state.house.close()  # type: ignore[attr-defined]


def at_provider(where: str, login: str = "camille") -> str:
    """Do what a person does at the provider; return the address that the browser is sent back to."""
    with httpx2.Client() as browser:
        answer = browser.get(where)
        for prompt in (None, "login", "consent", "consent"):
            if prompt and answer.status_code == 200:
                form = {"prompt": prompt, "login": login, "password": "n'importe"}
                answer = browser.post(answer.url, data=form)
            while answer.is_redirect:
                where = str(answer.url.join(answer.headers["location"]))
                if where.startswith(BACK):
                    return where
                answer = browser.get(where)
    raise AssertionError(
        f"the provider did not send the browser back: {answer.status_code} {answer.text[:500]}"
    )


def sign_in(ours: TestClient, login: str = "camille") -> str:
    answer = ours.get("/session/oidc")
    assert answer.status_code == 303, answer.text
    came = ours.get(at_provider(answer.headers["location"], login))
    assert (came.status_code, came.headers.get("location")) == (303, "/session"), came.text
    return str(ours.get("/session").json()["account"])


def test_a_person_signs_in_and_is_the_same_the_next_time(ours: TestClient) -> None:
    first = sign_in(ours)
    assert ours.get("/session").json() == {"account": first, "organisations": {}}, "nobody yet"
    assert sign_in(ours, "dominique") != first
    assert sign_in(ours) == first


def test_what_is_asked_of_the_provider(ours: TestClient) -> None:
    asked = parse_qs(urlsplit(ours.get("/session/oidc").headers["location"]).query)
    assert (asked["code_challenge_method"], asked["response_type"], asked["scope"]) == (
        ["S256"],
        ["code"],
        ["openid"],
    )
    again = parse_qs(urlsplit(ours.get("/session/oidc").headers["location"]).query)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_an_answer_counts_once(ours: TestClient) -> None:
    back = at_provider(ours.get("/session/oidc").headers["location"])
    assert ours.get(back).status_code == 303
    answer = ours.get(back)
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc.state")


def test_an_answer_counts_in_the_browser_that_asked(ours: TestClient) -> None:
    """Login CSRF: somebody else's answer would sign this browser in as them."""
    back = at_provider(ours.get("/session/oidc").headers["location"])
    ours.cookies.clear()
    answer = ours.get(back)
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc.state")


def test_an_answer_counts_for_ten_minutes(ours: TestClient) -> None:
    back = at_provider(ours.get("/session/oidc").headers["location"])
    house = ours.app.state.house  # type: ignore[attr-defined]
    house.now = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(minutes=10)
    assert ours.get(back).json()["code"] == "oidc.state"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "somebody-elses"}, "oidc.state"),
        ({"iss": "https://other.example"}, "oauth.other_issuer"),
        ({"iss": None}, "oauth.other_issuer"),
        ({"code": "another"}, "oidc.code"),
        ({"code": None}, "oauth.field_missing"),
        ({"error": "access_denied"}, "oauth.refused"),
    ],
)
def test_another_answer_is_refused(ours: TestClient, changes: dict[str, str | None], code: str) -> None:
    back = at_provider(ours.get("/session/oidc").headers["location"])
    fields = {name: value for name, [value] in parse_qs(urlsplit(back).query).items()}
    changed = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    answer = ours.get("/session/oidc/callback", params=changed)
    assert answer.json()["code"] == code, answer.text
    assert 400 <= answer.status_code < 500
    assert (
        ours.get("/session").json().get("code") == "access.sign_in"
        or ours.get("/session").json()["account"] == "owner"
    )


def test_a_code_is_redeemed_with_the_verifier_of_its_own_request(ours: TestClient, monkeypatch) -> None:
    from exchange.oidc import SignIn

    back = at_provider(ours.get("/session/oidc").headers["location"])
    honest = SignIn.token_form
    monkeypatch.setattr(
        SignIn, "token_form", lambda self, code: honest(replace(self, verifier="x" * 43), code)
    )
    assert ours.get(back).json()["code"] == "oidc.code"


def test_a_wrong_secret_is_the_providers_to_refuse(issuer: str, tmp_path: Path) -> None:
    ours = service(issuer, tmp_path, "with a secret", "un autre")
    answer = ours.get(at_provider(ours.get("/session/oidc").headers["location"]))
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc.code")
    ours.app.state.house.close()  # type: ignore[attr-defined]


def test_a_disabled_account_stays_out(ours: TestClient) -> None:
    house = ours.app.state.house  # type: ignore[attr-defined]
    house.people.disable("console", sign_in(ours))
    answer = ours.get(at_provider(ours.get("/session/oidc").headers["location"]))
    assert (answer.status_code, answer.json()["code"]) == (401, "account.refused")


@pytest.mark.parametrize("where", ["https://10.0.0.1", "https://169.254.169.254", "http://127.0.0.1:1"])
def test_outside_development_no_provider_is_asked_inside(tmp_path: Path, where: str) -> None:
    settings = Service(
        home=tmp_path, public_url="https://passeport.example", oidc_issuer=where, oidc_client_id="x"
    )
    with TestClient(create_app(settings), base_url="https://passeport.example") as outside:
        answer = outside.get("/session/oidc", follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) in {(400, "url.refused"), (400, "fetch.address")}
