"""What an organisation says of itself, and what its log says."""

import pytest

CENTRE = "/organisations/centre"


def test_what_an_organisation_is(place):
    shown = place.browser("support").get(CENTRE).json()
    assert (shown["id"], shown["did"], shown["name"]) == (
        "centre",
        "did:web:centre.example",
        "Centre (fictif)",
    )
    [key] = shown["keys"]
    assert (key["id"], key["state"], key["purposes"]) == ("key-1", "active", ["assertionMethod"])
    assert "seal" not in str(shown)
    assert "diploma" in shown["templates"]


def test_a_change_is_what_the_next_credential_says(place):
    admin = place.browser("administrator")
    centre = place.house.organisations.get("centre")
    assert centre.desk("P-256").name == "Centre (fictif)"
    changed = {"name": "Centre nouveau (fictif)", "siret": "00000001800002"}
    told = admin.put(f"{CENTRE}/profile", json=changed).json()
    assert (told["siren"], told["siret"], told["did"]) == (
        "000000018",
        "00000001800002",
        "did:web:centre.example",
    )
    desk = place.house.organisations.get("centre").desk("P-256")
    assert (desk.name, desk.siret) == ("Centre nouveau (fictif)", "00000001800002")
    assert ("a-administrator", "organisation.profile", "centre", "done") in place.said()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Centre", "siret": "00000001800003"},
        {"name": "Centre", "siret": "1"},
        {"name": ""},
        {"name": "   "},
        {"name": "Centre", "url": "javascript:alert(1)"},
        {"name": "Centre", "did": "did:web:autre.example"},
    ],
)
def test_what_cannot_be_changes_nothing(place, wrong):
    admin = place.browser("administrator")
    before = admin.get(CENTRE).json()
    assert admin.put(f"{CENTRE}/profile", json=wrong).status_code == 400
    assert admin.get(CENTRE).json() == before


def test_an_auditor_reads_what_was_done_here_and_nowhere_else(place):
    people = place.house.people
    people.set_roles("a-administrator", "centre", "a-support", frozenset({"operator"}))
    people.set_roles("a-stranger", "atelier", "a-support", frozenset({"operator"}))
    entries = place.browser("auditor").get(f"{CENTRE}/audit").json()["entries"]
    assert [(entry["what"], entry["outcome"]) for entry in entries] == [
        ("member.roles:operator", "started"),
        ("member.roles:operator", "done"),
    ]
    later = place.browser("auditor").get(
        f"{CENTRE}/audit", params={"after": entries[0]["number"], "limit": 1}
    )
    assert later.json()["entries"] == entries[1:2]


INJECTED = ["' OR 1=1--", "name;DROP TABLE x", "id) UNION SELECT", "$.a')", "(select 1)", "%_%_%"]


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize("name", ["after", "limit", "sort", "search", "filter"])
def test_what_is_no_number_is_refused_and_there_is_nothing_to_sort_or_search_by(place, name, text):
    answer = place.browser("auditor").get(f"{CENTRE}/audit", params={name: text})
    assert (answer.status_code, answer.json()["code"]) == (400, "http.parameter")


@pytest.mark.parametrize("text", INJECTED)
def test_what_is_injected_is_nobody(place, text):
    admin = place.browser("administrator")
    answer = admin.put(f"{CENTRE}/members/{text.replace('%', '%25')}", json={"roles": ["operator"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "account.unknown")
    assert admin.post("/session", json={"login": text, "passphrase": text}).status_code == 401
    assert place.http(Authorization=f"Bearer psk_{text}").get("/session").status_code == 401
    assert admin.get(f"{CENTRE}/members").status_code == 200


@pytest.mark.parametrize("limit", [0, 1001, 10**9])
def test_no_page_is_longer_than_a_thousand(place, limit):
    assert place.browser("auditor").get(f"{CENTRE}/audit", params={"limit": limit}).status_code == 400
