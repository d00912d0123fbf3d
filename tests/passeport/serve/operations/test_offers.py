"""An offer for one person: sent again, taken back, told of without what it says; never another's."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest


def offer(centre, claims, reference="N-1", **more):
    body = {"template": "diploma", "reference": reference, "claims": claims, **more}
    return centre.post("offers", json=body)


def opens(centre, link):
    return centre.http.get(unquote(link).partition("8000")[2]).status_code


def test_one_person_is_offered_one_award(centre, claims):
    answer = offer(centre, claims())
    assert answer.status_code == 201, answer.text
    sent = answer.json()
    assert len(sent["code"]) == 6
    assert opens(centre, sent["link"]) == 200
    again = offer(centre, claims())
    assert (again.status_code, again.json()["code"]) == (409, "offer.exists")


def test_a_new_link_kills_the_old_one(centre, claims):
    first = offer(centre, claims(), policy="link").json()
    second = centre.post(f"offers/{first['id']}/resend").json()
    assert (second["id"], second["code"]) == (first["id"], None)
    assert (opens(centre, first["link"]), opens(centre, second["link"])) == (404, 200)


def test_an_offer_is_cancelled_before_it_is_claimed_and_not_after(centre, claims):
    first, second = (offer(centre, claims(), reference).json()["id"] for reference in ("N-1", "N-2"))
    assert centre.ask("DELETE", f"offers/{first}").status_code == 204
    until = centre.clock().replace(year=2027)
    assert centre.house.offers.claim(second, "wallet", until, centre.clock())
    answer = centre.ask("DELETE", f"offers/{second}")
    assert (answer.status_code, answer.json()["code"]) == (409, "offer.not_open")
    assert centre.post(f"offers/{second}/resend").status_code == 409


def test_of_a_claim_and_a_cancellation_at_once_one_wins(centre, claims, full):
    until = centre.clock().replace(year=2027)
    for number in range(200 if full else 10):
        one = offer(centre, claims(), f"N-{number}").json()["id"]
        with ThreadPoolExecutor(2) as pool:
            claimed = pool.submit(centre.house.offers.claim, one, "wallet", until, centre.clock())
            cancelled = pool.submit(centre.ask, "DELETE", f"offers/{one}")
        assert (claimed.result() is not None) != (cancelled.result().status_code == 204)


def test_offers_are_listed_without_what_they_say(centre, claims):
    ids = [offer(centre, claims(), f"N-{number}").json()["id"] for number in range(3)]
    answer = centre.get("offers", who="auditor", params={"limit": 2})
    found = answer.json()["offers"]
    assert [one["id"] for one in found] == ids[:0:-1]
    assert (found[0]["state"], found[0]["reference"]) == ("offered", "N-2")
    assert "FICTIVE" not in answer.text.upper()
    page = centre.get("offers", params={"after": ids[1]}).json()["offers"]
    assert [one["id"] for one in page] == ids[:1]
    assert centre.ask("GET", "offers", who="stranger", at="/organisations/atelier").json() == {"offers": []}


@pytest.mark.parametrize(
    "change", [{"birthdate": "2000-02-31"}, {"issuer": {}}, {"family_name": "2990199001123 45"}]
)
def test_a_row_in_error_is_no_offer(centre, claims, change):
    answer = offer(centre, claims(**change))
    assert (answer.status_code, answer.json()["code"]) == (400, "operations.row")
    assert "2990199001123" not in answer.text


def test_another_organisation_has_no_such_offer(centre, claims):
    one = offer(centre, claims()).json()["id"]
    for method, path in (("POST", f"offers/{one}/resend"), ("DELETE", f"offers/{one}")):
        answer = centre.ask(method, path, who="stranger", at="/organisations/atelier")
        assert (answer.status_code, answer.json()["code"]) == (404, "offer.unknown")
    assert centre.get("offers").json()["offers"][0]["state"] == "offered"
