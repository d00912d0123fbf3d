"""A holder asks, the organisation answers; what was wrong is replaced, once, and says what it replaces."""

import datetime as dt
import json

import pytest

from exchange import correction
from issuer.issue import issue
from issuer.order import Award
from keys.dids import key as did_key
from keys.jwk import thumbprint
from keys.local import LocalSigner
from passeport.serve.tidy import tidy
from skills import register

URL = "http://127.0.0.1:8000/issuers/centre"


@pytest.fixture
def holder():
    return LocalSigner.generate("P-256")


@pytest.fixture
def held(centre, claims, holder):
    """An award that the holder has, as a wallet got it."""
    office = centre.house.organisations.get("centre")
    row = {**claims(), "certification": register.builtin().find("RNCP35809").claims()}
    award = Award(
        "N-1",
        "diploma",
        row,
        did_key.did(holder.public_key),
        ("dc+sd-jwt",),
        copy=thumbprint(holder.public_key),
    )
    [*_] = issue([award], office.desk("P-256"), office.ledger, centre.clock())
    return "N-1"


def nonce(centre):
    return centre.http.post("/issuers/centre/nonce").json()["c_nonce"]


def ask(centre, holder, text="Mon prénom est mal écrit.", at=URL, **changes):
    made = {"nonce": changes.pop("nonce", None) or nonce(centre), "now": centre.clock(), **changes}
    token = correction.make(holder, holder.public_key, at, made["nonce"], text, made["now"])
    return centre.http.post("/issuers/centre/corrections", json={"request": token})


def new_award(claims, **more):
    return {"template": "diploma", "claims": claims(given_name="Camille Corrigée Fictive"), **more}


def test_a_holder_asks_and_is_refused_with_a_reason(centre, held, holder):
    answer = ask(centre, holder)
    assert answer.status_code == 201, answer.text
    [found] = centre.get("corrections").json()["corrections"]
    assert (found["reference"], found["text"], found["state"]) == ("N-1", "Mon prénom est mal écrit.", "open")
    assert ask(centre, holder).json()["code"] == "correction.too_many"
    path = f"corrections/{found['id']}/answer"
    assert centre.post(path, json={"outcome": "refused"}).json()["code"] == "correction.text"
    told = centre.post(path, json={"outcome": "refused", "text": "Le registre dit la même chose."}).json()
    assert (told["state"], told["offer"]) == ("refused", None)
    assert centre.post(path, json={"outcome": "refused", "text": "x"}).json()["code"] == "correction.answered"


def test_an_accepted_request_puts_a_new_award_in_the_place_of_the_old(centre, held, holder, claims):
    one = ask(centre, holder).json()["id"]
    answer = centre.post(
        f"corrections/{one}/answer", json={"outcome": "accepted", "award": new_award(claims)}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["new"] == answer.json()["offer"]["reference"] == "N-1~2"
    ledger = centre.house.organisations.get("centre").ledger
    assert ledger.status("N-1") == "revoked"
    [offer] = centre.house.offers.of("centre", centre.clock())
    assert offer.claims["replaces"] == {"id": ledger.identify("N-1")[0], "reason": "CORRECTION"}


@pytest.mark.parametrize(
    ("defect", "status", "code"),
    [
        ("another key", 401, "correction.not_holder"),
        ("another issuer", 401, "correction.audience"),
        ("a nonce of nobody", 401, "correction.nonce"),
        ("an old request", 400, "oauth.proof_time"),
        ("no text", 400, "correction.text"),
        ("a very long text", 400, "correction.text"),
    ],
)
def test_who_is_not_the_holder_asks_nothing(centre, held, holder, defect, status, code):
    late = centre.clock() - dt.timedelta(hours=1)
    answer = {
        "another key": lambda: ask(centre, LocalSigner.generate("P-256")),
        "another issuer": lambda: ask(centre, holder, at=URL.replace("centre", "atelier")),
        "a nonce of nobody": lambda: ask(centre, holder, nonce="guessed"),
        "an old request": lambda: ask(centre, holder, now=late),
        "no text": lambda: ask(centre, holder, text=" "),
        "a very long text": lambda: ask(centre, holder, text="x" * 2_001),
    }[defect]()
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert centre.get("corrections").json() == {"corrections": []}


def test_a_request_counts_once(centre, held, holder):
    used = nonce(centre)
    assert ask(centre, holder, nonce=used).status_code == 201
    assert ask(centre, holder, nonce=used).json()["code"] == "correction.nonce"


def test_a_request_signed_by_one_key_for_another_is_refused(centre, held, holder):
    mine = LocalSigner.generate("P-256")
    token = correction.make(mine, holder.public_key, URL, nonce(centre), "x", centre.clock())
    assert centre.http.post("/issuers/centre/corrections", json={"request": token}).status_code == 400


def test_the_text_goes_thirty_days_after_the_answer(centre, held, holder):
    one = ask(centre, holder, "Trace à effacer").json()["id"]
    centre.post(f"corrections/{one}/answer", json={"outcome": "refused", "text": "Non."})
    centre.clock.passes(days=29)
    tidy(centre.house)
    database = centre.house.settings.database("corrections")
    assert "Trace à effacer" in stored(database)
    centre.clock.passes(days=2)
    tidy(centre.house)
    assert "Trace à effacer" not in stored(database)


def stored(database):
    return b"".join(path.read_bytes() for path in database.parent.glob("corrections.db*")).decode(
        "utf-8", "ignore"
    )


def test_another_organisation_sees_and_answers_no_request(centre, held, holder):
    one = ask(centre, holder).json()["id"]
    there = {"who": "stranger", "at": "/organisations/atelier"}
    assert centre.ask("GET", "corrections", **there).json() == {"corrections": []}
    answer = centre.ask(
        "POST", f"corrections/{one}/answer", **there, json={"outcome": "refused", "text": "x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "correction.unknown")


def test_a_reissue_asked_again_comes_to_the_same_and_another_is_refused(centre, held, claims):
    first = centre.post("credentials/N-1/reissue", json=new_award(claims))
    assert first.status_code == 201, first.text
    assert centre.post("credentials/N-1/reissue", json=new_award(claims)).json() == first.json()
    other = centre.post("credentials/N-1/reissue", json=new_award(claims, reference="N-9"))
    assert (other.status_code, other.json()["code"]) == (409, "reissue.replaced")
    assert len([*centre.house.offers.of("centre", centre.clock())]) == 1


def test_what_cannot_be_reissued_changes_nothing(centre, held, claims):
    for body, status in (
        (new_award(claims, reference="N-1"), 400),
        ({"template": "diploma", "claims": {}}, 400),
    ):
        assert centre.post("credentials/N-1/reissue", json=body).status_code == status
    assert centre.post("credentials/N-7/reissue", json=new_award(claims)).status_code == 404
    assert centre.house.organisations.get("centre").ledger.status("N-1") == "valid"
    assert centre.post("credentials/N-1/reissue", json=new_award(claims)).status_code == 201


def test_the_export_has_everything_of_this_organisation_and_no_secret(centre, held, claims):
    assert centre.get("export").status_code == 403, "an operator takes nothing home"
    session = centre.house.people.open_session(centre.house.people.accounts.find("a-head"))
    link = centre.post("credentials/N-1/reissue", json=new_award(claims)).json()["link"]
    answer = centre.http.get("/organisations/centre/export", headers={"Cookie": f"passeport={session}"})
    assert answer.status_code == 200, answer.text
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert {line["kind"] for line in lines} == {"credential", "status_list", "replacement", "audit"}
    assert [line["status"] for line in lines if line["kind"] == "credential"] == ["revoked"]
    assert link.rpartition(".")[2] not in answer.text
    assert (
        centre.http.get(
            "/organisations/atelier/export", headers={"Cookie": f"passeport={session}"}
        ).status_code
        == 404
    )
