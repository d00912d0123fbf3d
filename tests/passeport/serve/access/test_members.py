"""Who may do what is said by administrators alone, word by word; keys for programs are shown once."""

import pytest
import structlog.testing

MEMBERS = "/organisations/centre/members"
KEYS = "/organisations/centre/api-keys"


def test_an_administrator_says_who_is_what(place):
    admin = place.browser("administrator")
    place.account("new")
    answer = admin.put(f"{MEMBERS}/a-new", json={"roles": ["operator", "auditor"]})
    assert answer.json() == {"account": "a-new", "roles": ["auditor", "operator"]}
    assert {"account": "a-new", "roles": ["auditor", "operator"]} in admin.get(MEMBERS).json()["members"]
    assert admin.delete(f"{MEMBERS}/a-new").status_code == 204
    assert "a-new" not in admin.get(MEMBERS).text
    assert [said for said in place.said() if said[2] == "a-new"] == [
        ("a-administrator", f"member.roles:{what}", "a-new", outcome)
        for what in ("auditor/operator", "none")
        for outcome in ("started", "done")
    ]


def test_the_last_administrator_stays(place):
    admin = place.browser("administrator")
    for answer in (
        admin.delete(f"{MEMBERS}/a-administrator"),
        admin.put(f"{MEMBERS}/a-administrator", json={"roles": ["operator"]}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "access.last_administrator")
    assert place.said()[-1][3] == "failed"


MASS_ASSIGNED = [
    {"roles": ["operator"], "is_admin": True},
    {"roles": ["operator"], "role": "administrator"},
    {"roles": ["operator"], "tenant_id": "atelier"},
    {"roles": ["operator"], "organisation": "atelier"},
    {"roles": ["operator"], "account": "a-stranger"},
    {"roles": ["owner"]},
    {"roles": "administrator"},
    {"roles": {"administrator": True}},
    {},
]


@pytest.mark.parametrize("body", MASS_ASSIGNED)
def test_nothing_is_assigned_that_the_route_does_not_take(place, body):
    admin = place.browser("administrator")
    for answer in (admin.put(f"{MEMBERS}/a-support", json=body), admin.post(KEYS, json=body)):
        assert (answer.status_code, answer.json()["code"]) == (400, "http.body")
    assert place.house.people.members.memberships("a-support") == {"centre": {"support"}}
    assert [*place.house.people.members.keys("centre")] == []


def test_an_operator_makes_nobody_anything(place):
    operator = place.browser("operator")
    for answer in (
        operator.put(f"{MEMBERS}/a-operator", json={"roles": ["administrator"]}),
        operator.post(KEYS, json={"roles": ["key_officer"]}),
        operator.put("/organisations/centre/profile", json={"name": "Autre"}),
        operator.get("/organisations/centre/audit"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "access.role")


def test_nobody_is_made_a_member_under_an_id_that_has_no_account(place):
    answer = place.browser("administrator").put(f"{MEMBERS}/a-nobody", json={"roles": ["operator"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "account.unknown")


def test_a_key_is_shown_once_and_kept_by_its_hash(place, home):
    admin = place.browser("administrator")
    made = admin.post(KEYS, json={"roles": ["operator"], "days": 30}).json()
    assert made["key"].startswith(made["begins"])
    assert len(made["key"]) - len(made["begins"]) >= 22, "at least 128 bits are not shown again"
    [listed] = admin.get(KEYS).json()["keys"]
    assert listed == {name: value for name, value in made.items() if name != "key"}
    for path in (home / "service").iterdir():
        assert made["key"][12:].encode() not in path.read_bytes()


def test_a_key_opens_what_its_roles_do_until_it_is_revoked(place):
    admin = place.browser("administrator")
    made = admin.post(KEYS, json={"roles": ["operator"]}).json()
    program = place.http(Authorization=f"Bearer {made['key']}")
    assert program.get("/session").json() == {
        "account": made["id"],
        "organisations": {"centre": ["operator"]},
    }
    assert program.get("/organisations/centre/approvals").status_code == 200
    assert program.get(KEYS).status_code == 403
    [listed] = admin.get(KEYS).json()["keys"]
    assert listed["lastUsed"] == "2026-11-21"
    assert admin.delete(f"{KEYS}/{made['id']}").status_code == 204
    answer = program.get("/session")
    assert (answer.status_code, answer.json()["code"]) == (401, "access.key_unknown")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_ends(place):
    made = place.browser("administrator").post(KEYS, json={"roles": ["operator"], "days": 1}).json()
    place.clock.passes(days=1)
    assert place.http(Authorization=f"Bearer {made['key']}").get("/session").status_code == 401


@pytest.mark.parametrize("role", ["administrator", "approver"])
def test_no_program_approves_or_says_who_may_do_what(place, role):
    answer = place.browser("administrator").post(KEYS, json={"roles": ["operator", role]})
    assert (answer.status_code, answer.json()["code"]) == (400, "access.key_role")


def test_a_key_in_an_address_opens_nothing_and_stands_in_no_log(place):
    made = place.browser("administrator").post(KEYS, json={"roles": ["operator"]}).json()
    with structlog.testing.capture_logs() as logged:
        for name in ("api_key", "access_token", "key", "token"):
            assert place.http().get("/session", params={name: made["key"]}).status_code == 401
        assert place.http(Authorization=f"Basic {made['key']}").get("/session").status_code == 401
        assert place.http(**{"X-Api-Key": made["key"]}).get("/session").status_code == 401
        assert place.http(Authorization=f"Bearer {made['key']}").get("/session").status_code == 200
    assert len([line for line in logged if line["event"] == "answered"]) == 7
    assert made["key"][12:] not in str(logged)


def test_a_key_of_another_organisation_is_not_revoked_from_here(place):
    key, _ = place.house.people.make_key(
        "a-stranger",
        "atelier",
        frozenset({"operator"}),
        place.house.people.now() - place.clock.now.replace(day=1),
    )
    assert place.browser("administrator").delete(f"{KEYS}/{key.id}").status_code == 404
