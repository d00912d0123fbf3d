"""A session is new at each sign-in, ends when it should, and is not used for others by a page of theirs."""

from dataclasses import replace

import pytest

from keys import passphrase
from keys.sealing import Cost
from problems import AuthenticationError

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)

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


def test_to_wait_tells_nobody_whether_there_is_an_account(place):
    browser = place.http()
    said = {
        login: [sign_in(browser, login=login, passphrase="x") for _ in range(7)]
        for login in ("operator", "nobody-here")
    }
    one, other = ([(answer.status_code, answer.text) for answer in answers] for answers in said.values())
    assert one == other
    assert [status for status, _ in one] == [401] * 5 + [429] * 2


def test_a_refusal_computes_and_writes_the_same_for_nobody(place, monkeypatch):
    """Timing is what is done: one Argon2id at the same cost, and as many commits to the same files."""
    kept, done = [], []
    checked = passphrase.check
    monkeypatch.setattr(passphrase, "check", lambda said, found: (kept.append(found), checked(said, found)))
    for name in ("accounts", "audit"):
        store = getattr(place.house.people, name)
        store._connections.here.conn.set_trace_callback(
            lambda statement, name=name: done.append((name, statement.split()[0].lower()))
        )
    people = replace(place.house.people, cost=CHEAP)
    writes = []
    for login in ("operator", "nobody-here"):
        done.clear()
        with pytest.raises(AuthenticationError):
            people.sign_in(login, "x")
        writes.append([step for step in done if step[1] in ("begin", "insert", "update", "commit")])
    assert [step for step in writes[0] if step[1] != "insert"] == [
        step for step in writes[1] if step[1] != "insert"
    ]
    assert [step[1] for step in writes[0]].count("insert") == [step[1] for step in writes[1]].count("insert")
    assert {found.rsplit("$", 2)[0] for found in kept} == {passphrase.nobodys(CHEAP).rsplit("$", 2)[0]}


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
