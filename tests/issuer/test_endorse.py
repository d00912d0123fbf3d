"""An employer's word is bound to one credential, to its holder and to the skills that were shown."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from boundary.strict_json import Json, read_object
from credentials import digests, endorsement
from credentials.facts import Facts, facts_ld, facts_sd
from credentials.items import items_ld
from credentials.templates import load
from issuer import endorse
from issuer.desk import Desk
from issuer.endorse import Opinion, Word
from issuer.intake.judge import PIPELINE
from issuer.issue import Issued, issue
from issuer.order import Award
from keys.dids import key as did_key
from keys.local import LocalSigner
from problems import InputError, MalformedValueError, NotFoundError
from proofs import SUITES, data_integrity, jws, sd_jwt
from proofs.sd_jwt.process import process
from storage.sqlite.issuance import SqliteLedger

EXAMPLES = Path(__file__).parents[1] / "credentials" / "examples"
HOLDER = did_key.did(LocalSigner.generate("P-256").public_key)


@dataclass(frozen=True)
class Seen:
    """A form as an employer's verifier opens it."""

    facts: Facts
    digests: tuple[tuple[str, str], ...]


def seen(done: Issued) -> Seen:
    if done.form.status == "token":
        parsed = sd_jwt.parse(done.body.decode())
        payload = process(jws.claims(jws.parse(parsed.issuer_jwt)), parsed.disclosures).payload
        return Seen(facts_sd(payload), digests.of_sd_jwt_part(parsed))
    document = read_object(done.body)
    pointers = [pointer for item in items_ld(load("skill"), document) for pointer in item.pointers]
    derived = data_integrity.derive(document, SUITES, pointers)
    bare = {name: value for name, value in derived.items() if name != "proof"}
    return Seen(facts_ld(bare), digests.of_json_ld(derived))


def skill_claims() -> Json:
    row = json.loads((EXAMPLES / "skill.json").read_text("utf-8"))["row"]
    return {name: value for name, value in row.items() if name not in PIPELINE}


@pytest.fixture
def shown(desk: Desk, ledger: SqliteLedger, now) -> Callable[..., list[Seen]]:
    """Issues an attestation of skills and shows both its forms, the SD-JWT first."""

    def show(reference: str = "S-1", holder: str | None = HOLDER, **changes) -> list[Seen]:
        done = issue([Award(reference, "skill", {**skill_claims(), **changes}, holder)], desk, ledger, now)
        return [seen(one) for one in sorted(done, key=lambda one: one.form.status, reverse=True)]

    return show


def said(*words: Word, **more) -> Opinion:
    return Opinion(words or (Word("s1"),), "EMPLOYEUR", **more)


def test_an_endorsement_repeats_the_skill_and_names_both_forms(shown) -> None:
    forms = shown()
    order = endorse.order(forms, said(Word("s2"), comment="Bien fait."))
    assert order.template == "endorsement"
    assert order.holder == HOLDER
    assert {(one["over"], one["digest"]) for one in order.claims["endorsed"]["digests"]} == {
        digest for form in forms for digest in form.digests
    }
    [skill] = order.claims["skills"]
    assert (skill["ref"], skill["name"]) == ("s2", skill_claims()["skills"][1]["name"])
    assert skill["verdict"] == "CONFIRMED"
    assert skill["context"] == endorse.NO_RESERVATION
    assert order.claims["comment"] == "Bien fait."


def test_an_endorsement_attaches_to_each_form_once_issued(shown, ledger, now) -> None:
    """The verifier's own rule, on what the pipeline made of the order."""
    forms = shown()
    order = endorse.order(forms, said(Word("s1"), Word("s2", "1")))
    signer = LocalSigner.generate("P-256", "did:web:employeur.example#key-1")
    employer = Desk(
        "did:web:employeur.example", "Menuiserie (fictive)", signer, "https://employeur.example/s"
    )
    done = next(one for one in issue([order], employer, ledger, now) if one.form.status == "token")
    facts = seen(done).facts
    for form in forms:
        assert len(endorsement.attach(facts, form.facts, form.digests)) == 2


def test_a_skill_seen_at_another_level_is_adjusted(shown) -> None:
    claims = skill_claims()
    level = claims["skills"][0]["level"]
    other = next(known for known in "1234" if known != level)
    [same] = endorse.order(shown(), said(Word("s1", level))).claims["skills"]
    [adjusted] = endorse.order(shown(), said(Word("s1", other))).claims["skills"]
    assert (same["verdict"], same["observed_level"]) == ("CONFIRMED", level)
    assert (adjusted["verdict"], adjusted["level"], adjusted["observed_level"]) == ("ADJUSTED", level, other)


def refused(act: Callable[[], object], kind: type[Exception], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code  # type: ignore[attr-defined]


def test_what_is_bound_to_nobody_cannot_be_confirmed(shown) -> None:
    refused(lambda: endorse.order(shown(holder=None), said()), InputError, "endorse.unbound")


def test_a_skill_that_is_not_shown_cannot_be_confirmed(shown) -> None:
    refused(lambda: endorse.order(shown(), said(Word("s9"))), NotFoundError, "endorse.skill_unknown")


def test_a_skill_is_confirmed_in_one_way(shown) -> None:
    twice = said(Word("s1"), Word("s1", "1"))
    refused(lambda: endorse.order(shown(), twice), InputError, "endorse.skill_twice")


def test_nothing_chosen_confirms_nothing(shown) -> None:
    refused(lambda: endorse.order(shown(), Opinion((), "EMPLOYEUR")), InputError, "endorse.no_skill")


@pytest.mark.parametrize("level", ["0", "5", "trois", ""])
def test_a_level_is_one_of_its_scale(shown, level: str) -> None:
    refused(lambda: endorse.order(shown(), said(Word("s1", level))), InputError, "skill.level")


def test_a_skill_without_a_level_has_none_to_adjust(shown) -> None:
    bare = [
        {name: value for name, value in skill.items() if "level" not in name}
        for skill in skill_claims()["skills"]
    ]
    refused(lambda: endorse.order(shown(skills=bare), said(Word("s1", "2"))), InputError, "endorse.no_level")


def test_a_credential_of_another_person_slipped_in_is_not_confirmed_unread(shown) -> None:
    """The employer sees the first file; the second would be confirmed by its digest alone."""
    other = did_key.did(LocalSigner.generate("P-256").public_key)
    forms = [shown()[0], shown("S-2", other)[0]]
    refused(lambda: endorse.order(forms, said()), InputError, "endorse.other_award")


def test_another_skill_under_the_same_ref_slipped_in_is_not_confirmed_unread(shown) -> None:
    changed = [{**skill, "name": f"{skill['name']} !"} for skill in skill_claims()["skills"]]
    forms = [shown()[0], shown("S-2", skills=changed)[0]]
    refused(lambda: endorse.order(forms, said()), InputError, "endorse.other_award")


def test_a_second_form_must_show_the_skill_too(shown) -> None:
    first, second = shown()
    hidden = replace(second, facts=replace(second.facts, skills=second.facts.skills[1:]))
    refused(lambda: endorse.order([first, hidden], said(Word("s1"))), InputError, "endorse.other_award")
    assert endorse.order([first, hidden], said(Word("s2")))


def test_the_concept_may_be_hidden_in_one_form(shown) -> None:
    first, second = shown()
    bare = tuple(replace(skill, concept=None) for skill in second.facts.skills)
    assert endorse.order([first, replace(second, facts=replace(second.facts, skills=bare))], said())


def test_own_words_are_not_bound_by_a_base_signature(shown) -> None:
    """Whoever issued it can swap its statements under the same base signature (MODEL)."""
    first, second = shown()
    declared = [
        replace(form, facts=replace(form.facts, issuer_id=HOLDER, self_declared=True))
        for form in (first, second)
    ]
    order = endorse.order(declared, said())
    assert {one["over"] for one in order.claims["endorsed"]["digests"]} == {"sd-jwt-issuer-jwt"}
    refused(lambda: endorse.order(declared[1:], said()), InputError, "endorse.no_digest")


def test_the_same_words_are_one_endorsement_and_others_are_others(shown) -> None:
    forms = shown()
    reference = endorse.order(forms, said()).reference
    assert endorse.order(forms, said()).reference == reference
    assert endorse.order(forms[::-1], said()).reference == reference, "in whichever order the files come"
    for other in (said(comment="x"), said(Word("s2")), Opinion((Word("s1"),), "TUTEUR")):
        assert endorse.order(forms, other).reference != reference


@pytest.mark.parametrize(
    "opinion",
    [
        Opinion((Word("s1"),), "AMI"),
        Opinion((Word("s1"),), "EMPLOYEUR", comment="x" * 501),
        Opinion((Word("s1", context="x" * 301),), "EMPLOYEUR"),
        Opinion((Word("s1"),), "EMPLOYEUR", comment="caché \u202e"),
    ],
    ids=["relationship", "comment-too-long", "context-too-long", "comment-with-controls"],
)
def test_words_that_make_no_credential_are_refused_before_anything_is_recorded(
    shown, desk, tmp_path: Path, now, opinion
) -> None:
    ledger = SqliteLedger(tmp_path / "employer.db")
    order = endorse.order(shown(), opinion)
    with pytest.raises(MalformedValueError):
        list(issue([order], desk, ledger, now))
    assert ledger.lists() == []
    ledger.close()


def test_an_sd_jwt_alone_is_named_by_its_digest(shown) -> None:
    """RFC 6920: it has no id of its own."""
    [form] = shown()[:1]
    name = endorse.order([form], said()).claims["endorsed"]["id"]
    assert name == digests.name_of(form.digests[0][1])
    assert name.startswith("ni:///sha-256;")
