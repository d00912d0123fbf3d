"""The one history: whatever leaves the wallet, to whom, and never what it says."""

import datetime as dt
import json
from typing import Any

import pytest

from boundary import strict_json
from boundary.fetch import Answer
from exchange import dcql
from exchange.openid4vp.client_id import Asker
from exchange.openid4vp.request import AuthorizationRequest
from exchange.presentation import BEARER
from problems import InputError, RetrievalError
from wallet import history, hold, share
from wallet.consent import Asked
from wallet.present import ALL, Binding, Choice, bearer

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
CLIENT = "x509_san_dns:recruteur.example"
QUERY = {
    "id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["https://w3id.org/passeport/vct/diploma/1"]},
    "claims": [{"path": ["family_name"]}],
}  # fmt: skip
SAYS = ("EXEMPLE", "Camille", "2000-02-29")


class Service:
    """Answers what it is told to."""

    def __init__(self, status: int = 200, said: Any = None) -> None:
        self.status, self.said = status, said or {}

    def send(self, method: str, url: str, *, body: bytes = b"", headers: Any = (), limit: int = 0) -> Answer:
        return Answer(self.status, {}, json.dumps(self.said).encode())


def asked(proved: bool = True) -> Asked:
    request = AuthorizationRequest(
        CLIENT, "https://recruteur.example/a", "n" * 22, dcql.read({"credentials": [QUERY]}), state="s"
    )
    return Asked(request, Asker(CLIENT, "x509_san_dns", "recruteur.example", proved, "Recruteur (fictif)"))


@pytest.fixture
def held(vault, academy):
    return hold.take(academy.sd_jwt("diploma", vault.new_key(NOW)), vault, NOW)


def labels(shown: history.Shown) -> set[str]:
    return {label["fr"] for label in shown.items}


def only(vault) -> history.Presented:
    [event] = history.presented(vault)
    return event


def test_an_answer(vault, held):
    given = history.propose(asked(), vault)
    history.give(given, given.suggested(), vault, Service(), NOW)
    event = only(vault)
    assert (event.to, event.name, event.proved, event.outcome, event.at) == (
        CLIENT, "Recruteur (fictif)", True, "answered", NOW
    )  # fmt: skip
    [shown] = event.shown
    assert shown.credential == held.id
    assert "Nom" in " ".join(labels(shown))
    note = vault.notes("presented")[0].body.decode()
    assert not any(said in note for said in SAYS), "names of items, not what they say"


def test_who_was_shown_something_before_is_told_of(vault, held):
    given = history.propose(asked(), vault)
    assert given.before is None
    history.give(given, given.suggested(), vault, Service(), NOW)
    assert history.propose(asked(), vault).before == NOW


def test_what_may_have_got_there_all_the_same(vault, held):
    given = history.propose(asked(), vault)
    with pytest.raises(RetrievalError):
        history.give(given, given.suggested(), vault, Service(500), NOW)
    assert only(vault).outcome == "not_taken"
    assert history.propose(asked(), vault).before is None


def test_a_choice_that_does_not_answer_leaves_no_trace(vault, held):
    given = history.propose(asked(), vault)
    with pytest.raises(InputError):
        history.give(given, [], vault, Service(), NOW)
    assert history.presented(vault) == []


def test_a_refusal(vault, held):
    history.withhold(asked(), vault, Service(), NOW)
    assert (only(vault).outcome, only(vault).shown) == ("declined", ())


def test_what_is_handed_over_to_whoever_holds_it(vault, held):
    with history.handing_over([Choice(held, ["family_name"])], vault, bearer(NOW, dt.timedelta(1))) as parts:
        assert len(parts) == 1
        assert history.presented(vault) == [], "not before it is done"
    event = only(vault)
    assert (event.to, event.name, event.proved, event.outcome) == (BEARER, "", False, "handed_over")
    [shown] = event.shown
    assert len(labels(shown)) > 1, "what cannot be hidden, too"
    assert not any("naissance" in label.lower() for label in labels(shown))


def test_what_is_handed_over_in_answer_to_somebody(vault, held):
    binding = Binding("https://recruteur.example", "n" * 22, NOW)
    with history.handing_over([Choice(held, [ALL])], vault, binding):
        pass
    event = only(vault)
    assert (event.to, event.name, event.proved) == ("https://recruteur.example",) * 2 + (False,)
    assert any("naissance" in label.lower() for label in labels(event.shown[0]))


def test_what_could_not_be_handed_over_leaves_no_trace(vault, held):
    choices, binding = [Choice(held, ["family_name"])], bearer(NOW, dt.timedelta(1))
    with pytest.raises(OSError, match="disk"), history.handing_over(choices, vault, binding):
        raise OSError("disk")
    with (
        pytest.raises(Exception, match=r"present\.item_unknown"),
        history.handing_over([Choice(held, ["absent"])], vault, binding),
    ):
        pass
    assert history.presented(vault) == []


def linked(vault, held, service: Service) -> share.Shared:
    how = {"lifetime": dt.timedelta(days=1)}
    choices = [Choice(held, ["given_name"])]
    return share.share(choices, vault, "https://passeport.example", lambda _: service, NOW, **how)


def test_a_link(vault, held):
    made = linked(vault, held, Service(201, {"owner": "t"}))
    event = only(vault)
    assert (event.to, event.outcome) == (made.link.audience, "linked")
    assert made.link.url.partition("#")[2] not in vault.notes("presented")[0].body.decode(), "no key"


def test_a_link_that_was_not_made_leaves_no_trace(vault, held):
    with pytest.raises(RetrievalError):
        linked(vault, held, Service(503))
    assert history.presented(vault) == []
    assert share.links(vault) == []


def test_every_way_counts_when_copies_are_proposed(vault, academy):
    """A copy that was handed over is as known as one that was shown online."""
    copies = [hold.take(academy.sd_jwt("diploma", vault.new_key(NOW)), vault, NOW) for _ in range(2)]
    first = history.propose(asked(), vault).proposals["q"][0].held
    with history.handing_over([Choice(first)], vault, bearer(NOW, dt.timedelta(1))):
        pass
    [other] = [one for one in copies if one != first]
    assert history.propose(asked(), vault).proposals["q"][0].held == other


def test_what_was_written_before_there_were_more_outcomes_is_read(vault, held):
    from wallet.contents import Note

    body = {"to": "x", "name": "x", "proved": True, "outcome": "answered", "shown": []}
    vault.write_down(Note("presented", "0" * 32, strict_json.encode(body), NOW))
    assert only(vault).outcome == "answered"
