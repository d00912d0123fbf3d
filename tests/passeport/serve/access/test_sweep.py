"""Every route of the application, every caller: nobody, strangers, each role, keys of this and of another
organisation. What is swept is what the application has, not a list."""

import re

import pytest

from boundary.roles import MACHINE_ROLES, ROLES
from boundary.serving.access import Members, SignedIn, declarations

FILLED = {"organisation": "centre"}


def routes(place, kind):
    """Yield what may be asked, by method and address, with what it declares."""
    for route, [access] in declarations(place.app.routes):
        if isinstance(access, kind):
            path = re.sub(r"{(\w+)(?::\w+)?}", lambda m: FILLED.get(m[1], "x-1"), str(route.path))
            for method in sorted(route.methods - {"HEAD"}):
                yield method, path, access


def ask(client, method, path):
    """A body that is none, so that whoever is let in is told about that, and nothing is done."""
    body = b"{" if method in ("POST", "PUT", "PATCH") else b""
    answer = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.text)
    return answer


@pytest.fixture
def swept(place):
    found = [*routes(place, Members)]
    assert len(found) >= 15, "there is something to sweep"
    return found


def test_nobody_gets_in(place, swept):
    for method, path, _ in [*swept, *routes(place, SignedIn)]:
        for nobody in (place.http(), place.http(Authorization="Bearer psk_unknown")):
            assert ask(nobody, method, path).status_code == 401, (method, path)


def test_to_strangers_the_organisation_is_not_there(place, swept):
    """Not even whether it exists: the answer is that to a name which nobody has."""
    strangers = [place.browser("stranger"), place.program("atelier", *MACHINE_ROLES, by="stranger")]
    for method, path, _ in swept:
        for stranger in strangers:
            here = ask(stranger, method, path)
            nowhere = ask(stranger, method, path.replace("centre", "nowhere"))
            assert (here.status_code, here.json()["code"]) == (404, "access.not_found"), (method, path)
            assert here.json() == nowhere.json()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_where_it_may_and_nowhere_else(place, swept, role):
    callers = [place.browser(role)]
    if role in MACHINE_ROLES:
        callers.append(place.program("centre", role))
    for method, path, access in swept:
        for member in callers:
            answer = ask(member, method, path)
            if role not in access.roles:
                assert (answer.status_code, answer.json()["code"]) == (403, "access.role"), (method, path)
            else:
                assert answer.status_code not in (401, 403), (method, path, answer.text)


def test_a_program_of_one_organisation_is_nothing_in_another_of_its_maker(place, swept):
    """Whoever made the key is in both; the key is not."""
    place.house.people.members.set_roles("atelier", "a-operator", frozenset(ROLES))
    program = place.program("centre", "operator", by="operator")
    for method, path, _ in swept:
        assert ask(program, method, path.replace("centre", "atelier")).status_code == 404, (method, path)


def test_nothing_that_was_refused_was_done(place, swept):
    before = [*place.house.audit.entries()]
    for method, path, _ in swept:
        ask(place.http(), method, path)
    assert [*place.house.audit.entries()] == before
