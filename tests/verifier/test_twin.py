"""A twin is read without network; the report says who shows it, of when it speaks, what it cannot know."""

import datetime as dt
from typing import Any

import pytest

from boundary import cbor
from boundary.sources import Nowhere
from credentials.twin import parse
from exchange import offline, presentation, qr
from exchange.presentation import TwinPart
from issuer.issue import issue
from issuer.order import Award
from issuer.publish import FRESH, LIFETIME
from issuer.twins import issue_twins
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from proofs import SUITES
from verifier.policy import Policy, Question
from verifier.verify import Verifier

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ISSUED = dt.datetime(2026, 10, 1, 9, 0, tzinfo=dt.UTC)
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def twins(town, person):
    """Issues an example with its twins; returns the full SD-JWT VC and its paper and screen as shown."""

    def made(
        example: str = "certification", reference: str = "A-1", **more: Any
    ) -> tuple[bytes, bytes, bytes]:
        organisation = town.certifier
        holder = person.new_key()
        claims = town_claims(example) | more
        order = Award(reference, example, claims, holder, ["dc+sd-jwt"])
        issued = issue([order], organisation.desk, organisation.ledger, ISSUED)
        [(full, (paper, screen))] = list(issue_twins(issued, organisation.desk, organisation.ledger, ISSUED))
        organisation.publish()
        shown = offline.screen(screen.body, person.signer_for(holder), NOW)
        return full.body, offline.paper(paper.body), shown

    return made


def town_claims(example: str) -> dict[str, Any]:
    import json
    from pathlib import Path

    folder = Path(__file__).parents[1] / "credentials" / "examples"
    row = json.loads((folder / f"{example}.json").read_text("utf-8"))["row"]
    pipeline = {"credential_id", "issuer", "holder", "issued_at", "valid_from", "status"}
    return {name: value for name, value in row.items() if name not in pipeline}


def _steps(town, shown: bytes, at: dt.datetime = NOW, **policy: Any) -> tuple[str, dict[str, str]]:
    line = town.one(shown, at, **policy)
    return line.verdict, {step.name: f"{step.outcome} {step.code}" for step in line.steps}


def test_every_check_of_a_screen(town, twins) -> None:
    _, _, screen = twins()
    assert _steps(town, screen) == (
        "to_confirm",
        {
            "integrity": "passed integrity.intact",
            "issuer_key": "passed issuer_key.held",
            "holder": "passed twin.shown_now",
            "dates": "passed dates.no_end",
            "status": "passed status.valid",
            "schema": "not_applicable twin.short",
            "issuer": "passed issuer.domain",
        },
    )


def test_every_check_of_a_paper(town, twins) -> None:
    _, paper, _ = twins()
    verdict, steps = _steps(town, paper)
    assert (verdict, steps["holder"]) == ("to_confirm", "not_applicable twin.compare_identity")
    line = town.one(paper)
    assert line.verified
    assert {item.id for item in line.facts.shown} >= {"given_name", "family_name", "birthdate"}


def test_the_report_says_what_an_offline_reading_cannot_know(town, twins) -> None:
    for shown in twins()[1:]:
        [step] = [step for step in town.one(shown).steps if step.code == "twin.short"]
        assert step.caution
        for lang, words in (("fr", ("retrait", "clé", "droit")), ("en", ("withdrawal", "key", "right"))):
            said = step.says(lang)
            assert all(word in said.what for word in words)
            assert said.next_step


def test_nothing_but_the_key_and_the_list_is_needed_and_both_may_be_mirrored(town, twins) -> None:
    """No network: the folder is all there is."""
    _, _, screen = twins()
    verifier = Verifier(Policy(), SUITES, resolver(town.web), town.web)
    assert verifier.verify(screen, NOW).verified


def test_without_a_list_nobody_can_tell_now(town, twins) -> None:
    _, paper, screen = twins()
    for path in town.certifier.lists():
        path.unlink()
    for shown in (paper, screen):
        verdict, steps = _steps(town, shown)
        assert (verdict, steps["status"]) == ("cannot_check", "unknown status.not_retrieved")


def test_without_the_issuers_key_nothing_is_said(town, twins) -> None:
    _, paper, screen = twins()
    nowhere = Verifier(Policy(), SUITES, resolver(Nowhere()), Nowhere())
    for shown in (paper, screen):
        [line] = nowhere.verify(shown, NOW).credentials
        assert (line.verdict, line.facts) == ("cannot_check", None)
        assert [step.name for step in line.steps] == ["issuer_key"]


def test_an_old_list_is_told_with_its_age(town, twins) -> None:
    _, paper, _ = twins()
    town.certifier.publish(NOW - FRESH - HOUR)
    line = town.one(paper)
    [step] = [step for step in line.steps if step.name == "status"]
    assert (step.code, step.caution, step.facts) == (
        "status.valid_stale",
        True,
        {"as_of": "2026-11-19T07:00:00Z"},
    )
    town.certifier.publish(NOW - LIFETIME - HOUR)
    assert _steps(town, paper)[0] == "cannot_check"


@pytest.mark.parametrize("value", ["revoked", "suspended"])
def test_a_twin_falls_with_its_credential(town, twins, value) -> None:
    _, paper, screen = twins()
    town.certifier.set_status(value)
    for shown in (paper, screen):
        verdict, steps = _steps(town, shown)
        assert (verdict, steps["status"]) == ("not_valid", f"failed status.{value}")


def test_an_expired_twin(town, twins) -> None:
    _, paper, _ = twins("rs-certification")
    town.certifier.publish(dt.datetime(2028, 5, 1, tzinfo=dt.UTC))
    verdict, steps = _steps(town, paper, dt.datetime(2028, 5, 1, 1, tzinfo=dt.UTC))
    assert (verdict, steps["dates"]) == ("expired", "failed credential.expired")


def test_a_twin_from_the_future(town, twins) -> None:
    _, paper, _ = twins()
    assert _steps(town, paper, ISSUED - 2 * DAY)[1]["dates"] == "failed credential.not_yet_valid"


@pytest.mark.parametrize("seconds", [-61, 61, 3_600])
def test_a_picture_of_a_screen(town, twins, seconds) -> None:
    """It was somebody's a minute ago: nothing that it says is repeated."""
    line = town.one(twins()[2], NOW + seconds * SECOND)
    assert (line.verdict, line.facts, line.steps[-1].code) == ("not_valid", None, "twin.stale")


def test_a_stripped_proof(town, twins) -> None:
    _, _, screen = twins()
    line = town.one(cbor.write([1, cbor.read(screen)[1]]))
    assert (line.verdict, line.facts, line.steps[-1].code) == ("not_valid", None, "twin.proof_missing")


def test_a_proof_moved_to_another_twin(town, twins) -> None:
    _, _, mine = twins(reference="A")
    _, _, other = twins("diploma", reference="B")
    line = town.one(cbor.write([2, cbor.read(other)[1], cbor.read(mine)[2]]))
    assert (line.verdict, line.facts, line.steps[-1].code) == ("not_valid", None, "twin.other_holder")


def test_the_key_of_another_issuer(town, twins) -> None:
    """Honestly signed by an employer in the certifier's name, or by the certifier's old thief."""
    _, paper, _ = twins()
    signed = parse(cbor.read(paper)[1]).message
    thief = LocalSigner.generate("P-256")
    protected = signed.protected
    signature = thief.sign(cbor.write(["Signature1", protected, b"", signed.payload]))
    forged = offline.paper(cbor.write([protected, {}, signed.payload, signature]))
    line = town.one(forged)
    assert (line.verdict, line.facts, line.steps[-1].code) == ("not_valid", None, "signature.invalid")


def test_a_stolen_key(town, twins) -> None:
    _, paper, _ = twins()
    town.certifier.revoke_key("compromised", NOW)
    line = town.one(paper)
    assert (line.verdict, line.facts) == ("not_valid", None)


def test_a_key_that_was_replaced_still_vouches(town, twins) -> None:
    _, paper, _ = twins()
    town.certifier.rotate(NOW - DAY)
    assert town.one(paper).verified


def test_a_twin_answers_no_question(town, twins) -> None:
    question = Question("https://recruteur.example", "n-0S6_WzA2MjQ")
    for shown in twins()[1:]:
        line = town.one(shown, question=question)
        assert (line.verdict, line.facts, line.steps[-1].code) == ("not_valid", None, "twin.no_answer")


def test_proof_only(town, twins) -> None:
    for shown in twins()[1:]:
        line = town.one(shown, proof_only=True)
        assert [step.code for step in line.steps] == ["integrity.intact", "issuer.not_checked"]


# beside a full credential


def _beside(full: str, shown: bytes) -> bytes:
    [part] = presentation.read(full.encode())
    return presentation.write_parts([part, TwinPart(shown)]).encode()


def test_beside_its_own_credential(town, person, twins) -> None:
    full, paper, _ = twins()
    report = town.verify(_beside(person.bearer(full), paper))
    assert "twin.beside" in {step.code for step in report.credentials[1].steps}
    assert report.verified


def test_beside_another_credential(town, person, twins) -> None:
    """The twin of one, shown as if it proved the other."""
    full, _, _ = twins(reference="A")
    _, paper, _ = twins("diploma", reference="B")
    report = town.verify(_beside(person.bearer(full), paper))
    assert [line.verdict for line in report.credentials][1] == "not_valid"
    assert "twin.of_another" in {step.code for step in report.credentials[1].steps}
    assert not report.verified


def test_every_changed_byte(town, twins) -> None:
    for shown in twins()[1:]:
        for position in range(0, len(shown), 3):
            bent = bytearray(shown)
            bent[position] ^= 0x01
            report = town.verify(bytes(bent))
            assert not report.verified
            assert all(line.facts is None for line in report.credentials)


def test_as_a_link(town, twins) -> None:
    _, paper, _ = twins()
    text = qr.encode_twin(paper, "passeport.example")
    assert town.one(qr.content(qr.decode(text))).verified
