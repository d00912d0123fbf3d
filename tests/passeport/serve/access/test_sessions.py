"""A session is new at each sign-in, ends when it should, and is not used for others by a page of theirs."""

import pytest

CREDENTIALS = {"login": "operator", "passphrase": "quatre mots de passe"}
EVERYWHERE = "/organisations/centre"


def sign_in(client, **given):
    return client.post("/session", json={**CREDENTIALS, **given})


def test_signing_in_and_out(place):
    browser = place.http(**{"Sec-Fetch-Site": "same-origin"})
    assert browser.get("/session").status_code == 401
    assert sign_in(browser).json() == {"account": "a-operator", "organisations": {"centre": ["operator"]}}
    assert browser.get("/session").json()["account"] == "a-operator"
    assert browser.get("/organisations").json() == {
        "organisations": [{"id": "centre", "roles": ["operator"]}]
    }
    copied = dict(browser.cookies)
    assert browser.delete("/session").status_code == 204
    assert "passeport" not in browser.cookies
    assert place.http(copied).get("/session").status_code == 401, "copied cookies end too"
    assert ("a-operator", "session.open", "", "done") in place.said()


@pytest.mark.parametrize(
    "wrong", [{"login": "nobody"}, {"passphrase": "quatre autres mots"}, {"passphrase": ""}]
)
def test_every_refusal_is_the_same(place, wrong):
    answer = sign_in(place.http(), **wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, "account.refused")
    assert "set-cookie" not in answer.headers


def test_after_five_wrong_tries_even_the_right_words_wait(place):
    browser = place.http()
    assert [sign_in(browser, passphrase="x").status_code for _ in range(6)] == [401] * 5 + [429]
    assert sign_in(browser).status_code == 429
    place.clock.passes(seconds=31)
    assert sign_in(browser).status_code == 200
    assert [said for said in place.said() if said[3] == "refused"] == [
        ("a-operator", "session.open", "", "refused")
    ] * 5


def test_a_session_that_was_there_before_is_not_the_one_after(place):
    """Session fixation: what somebody planted is never what somebody signed in to."""
    planted = dict(place.browser("auditor").cookies)
    assert place.http(planted).get("/session").status_code == 200
    assert planted["passeport"] not in sign_in(place.http(planted)).headers["set-cookie"]
    assert place.http(planted).get("/session").status_code == 401
    made_up = {"passeport": "chosen-by-somebody-else"}
    sign_in(place.http(made_up))
    assert place.http(made_up).get("/session").status_code == 401


def test_flags_of_the_cookie(place):
    flags = sign_in(place.http()).headers["set-cookie"].lower()
    assert flags.startswith("passeport=")
    assert {"httponly", "samesite=lax", "path=/"} <= set(flags.split("; "))


def test_flags_of_the_cookie_where_others_reach_the_service(public):
    flags = sign_in(public.http()).headers["set-cookie"].lower()
    assert flags.startswith("__host-passeport=")
    assert {"httponly", "samesite=lax", "path=/", "secure"} <= set(flags.split("; "))
    assert "domain" not in flags


def test_a_change_of_roles_counts_from_the_next_request_on(place):
    browser = place.browser("operator")
    assert browser.get("/organisations/centre/approvals").status_code == 200
    set_roles = place.house.people.members.set_roles
    set_roles("centre", "a-operator", frozenset({"support"}))
    assert browser.get("/organisations/centre/approvals").status_code == 403
    set_roles("centre", "a-operator", frozenset())
    assert browser.get("/organisations/centre/approvals").status_code == 404
    place.house.people.disable("a-administrator", "a-operator")
    assert browser.get("/organisations").status_code == 401


def test_sessions_end(place):
    browser = place.browser("operator")
    for _ in range(24):
        place.clock.passes(minutes=29)
        assert browser.get("/session").status_code == 200
    place.clock.passes(minutes=29)
    assert browser.get("/session").status_code == 401, "after twelve hours"
    browser = place.browser("operator")
    place.clock.passes(minutes=31)
    assert browser.get("/session").status_code == 401, "after half an hour without a request"


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
]


@pytest.mark.parametrize("headers", [*FOREIGN, {}])
def test_another_sites_page_does_nothing_with_a_session(place, headers):
    cookies = dict(place.browser("administrator").cookies)
    asked = {"json": {"roles": ["auditor"]}, "headers": headers}
    answer = place.http(cookies).put("/organisations/centre/members/a-support", **asked)
    assert (answer.status_code, answer.json()["code"]) == (403, "access.other_origin")
    assert place.house.people.members.memberships("a-support") == {"centre": {"support"}}


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_sites_page_signs_nobody_in(place, headers):
    assert place.http(**headers).post("/session", json=CREDENTIALS).status_code == 403


def test_our_own_pages_do(place):
    cookies = dict(place.browser("administrator").cookies)
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:8000"}):
        asked = {"json": {"roles": ["auditor"]}, "headers": headers}
        answer = place.http(cookies).put("/organisations/centre/members/a-support", **asked)
        assert answer.status_code == 200


def test_the_owner_of_a_laptop_is_so_until_there_is_an_account(empty):
    assert empty.http().get("/session").json()["account"] == "owner"
    assert empty.http(**{"Sec-Fetch-Site": "cross-site"}).get("/session").status_code == 401
    assert empty.http(Host="rebound.example").get("/session").status_code == 401
    empty.account("first")
    assert empty.http().get("/session").status_code == 401


def test_nobody_owns_a_service_that_others_reach(public):
    assert public.http(Host="127.0.0.1").get("/session").status_code == 401
