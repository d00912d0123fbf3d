"""An approval is of one content, by another than its author, and used once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from storage.approvals import ApprovalStore, Proposal

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(days=7)
PROPOSAL = Proposal("p-1", "centre", "credentials.revoke", "ab" * 32, "a-1", END, {"count": 120})


def approved(approvals: ApprovalStore, **changes: str) -> list[str]:
    given = {"organisation": "centre", "action": "credentials.revoke", "content": "ab" * 32, **changes}
    return [found.id for found in approvals.approved(**given, now=NOW)]


def test_what_was_proposed_is_found_again(approvals: ApprovalStore) -> None:
    approvals.propose(PROPOSAL)
    assert approvals.find("centre", "p-1", NOW) == PROPOSAL
    assert approvals.find("atelier", "p-1", NOW) is None
    assert [*approvals.of("centre", NOW)] == [PROPOSAL]
    assert approved(approvals) == []


def test_another_approves_exactly_this(approvals: ApprovalStore) -> None:
    approvals.propose(PROPOSAL)
    assert approvals.decide("centre", "p-1", "a-1", NOW, approve=True) is None, "the author"
    assert approvals.decide("atelier", "p-1", "a-2", NOW, approve=True) is None, "another's"
    done = approvals.decide("centre", "p-1", "a-2", NOW, approve=True)
    assert done == replace(PROPOSAL, state="approved", decided_by="a-2")
    assert approvals.decide("centre", "p-1", "a-3", NOW, approve=False) is None, "decided already"
    assert approved(approvals) == ["p-1"]
    assert approved(approvals, content="cd" * 32) == approved(approvals, action="keys.rotate") == []
    assert approved(approvals, organisation="atelier") == []


def test_what_was_rejected_or_waited_too_long_is_not_approved(approvals: ApprovalStore) -> None:
    approvals.propose(PROPOSAL)
    approvals.propose(replace(PROPOSAL, id="p-2", expires=NOW))
    assert approvals.decide("centre", "p-1", "a-2", NOW, approve=False)
    assert approvals.decide("centre", "p-2", "a-2", NOW, approve=True) is None
    assert approved(approvals) == []
    found = approvals.find("centre", "p-2", NOW)
    assert found
    assert found.state == "expired"


def test_an_approval_is_used_once_by_whoever_comes_together(approvals: ApprovalStore, full: bool) -> None:
    with ThreadPoolExecutor(50) as pool:
        for number in range(200 if full else 3):
            name = f"p-{number}"
            approvals.propose(replace(PROPOSAL, id=name))
            assert not approvals.use(name, NOW)
            approvals.decide("centre", name, "a-2", NOW, approve=True)
            assert sum(pool.map(lambda _, name=name: approvals.use(name, NOW), range(50))) == 1
    assert approved(approvals) == []


def test_what_is_long_over_is_forgotten(approvals: ApprovalStore) -> None:
    approvals.propose(PROPOSAL)
    assert approvals.forget(END + dt.timedelta(days=29)) == 0
    assert approvals.forget(END + dt.timedelta(days=30)) == 1
