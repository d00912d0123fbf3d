"""Nobody approves their own, nor anything but what they looked at; and no approval outlives its approver."""

import pytest

from boundary.serving.access import Caller
from passeport.serve.four_eyes import digest, require_count
from problems import AccessError, ConflictError
from storage.accounts import Account

CONTENT = {"action": "revoke", "ids": ["urn:uuid:1", "urn:uuid:2"], "count": 2}
APPROVALS = "/organisations/centre/approvals"
OPERATOR = Caller("a-operator")


def proposed(place, by="operator", content=CONTENT):
    body = {"action": "credentials.revoke", "content": digest(content), "facts": {"count": 2}}
    return place.browser(by).post(APPROVALS, json=body).json()


def answered(place, proposal, by="approver", word="approve", content=CONTENT):
    body = {"content": digest(content)}
    return place.browser(by).post(f"{APPROVALS}/{proposal['id']}/{word}", json=body)


def use(place, content=CONTENT, action="credentials.revoke", organisation="centre"):
    return place.house.four_eyes.require_approved(OPERATOR, organisation, action, content)


def test_one_proposes_another_approves_and_it_is_done_once(place):
    made = proposed(place)
    assert (made["state"], made["author"], made["facts"]) == ("proposed", "a-operator", {"count": 2})
    with pytest.raises(AccessError, match=r"four_eyes\.required"):
        use(place)
    done = answered(place, made).json()
    assert (done["state"], done["decidedBy"]) == ("approved", "a-approver")
    assert use(place).id == made["id"]
    with pytest.raises(AccessError, match=r"four_eyes\.required"):
        use(place)
    [listed] = place.browser("auditor").get(APPROVALS).json()["proposals"]
    assert listed["state"] == "used"
    assert [
        (what, who) for who, what, _, outcome in place.said() if outcome == "done" and "approval" in what
    ] == [
        ("approval.propose:credentials.revoke", "a-operator"),
        ("approval.approve:credentials.revoke", "a-approver"),
        ("approval.use:credentials.revoke", "a-operator"),
    ]


def test_the_author_does_not_approve(place):
    """Though they are an approver, too."""
    place.house.people.members.set_roles("centre", "a-operator", frozenset({"operator", "approver"}))
    answer = answered(place, proposed(place), by="operator")
    assert (answer.status_code, answer.json()["code"]) == (403, "four_eyes.author")


def test_what_a_program_proposed_its_maker_does_not_approve(place):
    program = place.program("centre", "operator", by="approver")
    body = {"action": "credentials.revoke", "content": digest(CONTENT)}
    made = program.post(APPROVALS, json=body).json()
    assert made["author"] == "a-approver"
    assert answered(place, made).json()["code"] == "four_eyes.author"


def test_one_person_with_two_accounts_is_one(place):
    """The provider's subject tells; of one provider nobody gets two accounts at all."""
    accounts, members = place.house.people.accounts, place.house.people.members
    accounts.add(Account("a-first", issuer="https://op.example", subject="24"), place.clock())
    with pytest.raises(ConflictError, match=r"account\.exists"):
        accounts.add(Account("a-second", issuer="https://op.example", subject="24"), place.clock())
    accounts.add(Account("a-other", issuer="https://op.example/", subject="24"), place.clock())
    members.set_roles("centre", "a-first", frozenset({"operator"}))
    members.set_roles("centre", "a-other", frozenset({"approver"}))
    eyes = place.house.four_eyes
    made = eyes.propose(Caller("a-first"), "centre", "credentials.revoke", digest(CONTENT), {})
    with pytest.raises(AccessError, match=r"four_eyes\.author"):
        eyes.decide(Caller("a-other"), "centre", made.id, digest(CONTENT), approve=True)


def test_what_was_edited_after_the_approval_is_not_approved(place):
    answered(place, proposed(place))
    for edited in ({**CONTENT, "count": 3}, {**CONTENT, "ids": ["urn:uuid:1"]}, {}):
        with pytest.raises(AccessError, match=r"four_eyes\.required"):
            use(place, edited)
    for elsewhere in ({"action": "keys.rotate"}, {"organisation": "atelier"}):
        with pytest.raises(AccessError, match=r"four_eyes\.required"):
            use(place, **elsewhere)
    assert use(place, dict(reversed(CONTENT.items()))), "the order of members is no content"


def test_an_approver_answers_to_what_they_looked_at(place):
    answer = answered(place, proposed(place), content={**CONTENT, "count": 3})
    assert (answer.status_code, answer.json()["code"]) == (409, "four_eyes.changed")


@pytest.mark.parametrize("how", ["removed", "another role", "disabled"])
def test_an_approver_who_left_approved_nothing(place, how):
    answered(place, proposed(place))
    people = place.house.people
    if how == "disabled":
        people.accounts.disable("a-approver")
    else:
        roles = frozenset({"operator"}) if how == "another role" else frozenset()
        people.members.set_roles("centre", "a-approver", roles)
    with pytest.raises(AccessError, match=r"four_eyes\.required"):
        use(place)


def test_what_was_rejected_stays_so(place):
    made = proposed(place)
    assert answered(place, made, word="reject").json()["state"] == "rejected"
    answer = answered(place, made)
    assert (answer.status_code, answer.json()["code"]) == (409, "four_eyes.decided")


def test_an_approval_ends(place):
    answered(place, proposed(place))
    place.clock.passes(days=7)
    with pytest.raises(AccessError, match=r"four_eyes\.required"):
        use(place)


def test_a_proposal_of_another_organisation_is_not_there(place):
    made = proposed(place)
    body = {"content": digest(CONTENT)}
    answer = place.browser("stranger").post(
        f"/organisations/atelier/approvals/{made['id']}/approve", json=body
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "access.not_found")


def test_a_wrong_number_stops_a_mass_revocation(place):
    """A filter that catches a million where a hundred were meant."""
    require_count(100, 100)
    with pytest.raises(ConflictError, match=r"four_eyes\.count") as refused:
        require_count(100, 1_000_000)
    assert refused.value.status == 409
    answered(place, proposed(place, content={**CONTENT, "count": 100}), content={**CONTENT, "count": 100})
    with pytest.raises(AccessError, match=r"four_eyes\.required"):
        use(place, {**CONTENT, "count": 1_000_000})


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": "x" * 64},
        {"action": "Révoquer tout"},
        {"facts": {"name": ["Camille"]}},
        {"state": "approved"},
    ],
)
def test_a_proposal_is_what_the_route_takes(place, wrong):
    body = {"action": "credentials.revoke", "content": digest(CONTENT), **wrong}
    assert place.browser("operator").post(APPROVALS, json=body).status_code == 400
