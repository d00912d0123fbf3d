"""Protects: of every batch something is verified as others will verify it, and a difference holds it back."""

import pickle
from dataclasses import replace

import pytest

from credentials.forms import FORMS
from issuer import tasks
from issuer.issue import issue
from issuer.tasks import Checking, Securing, check
from keys.local import LocalSigner
from keys.resolver import VerificationKey
from problems import InputError, ProofGenerationError, ProofVerificationError
from storage.issuance import Intent


class Published:
    """Resolves one key under any name."""

    def __init__(self, signer: LocalSigner) -> None:
        self.signer, self.asked = signer, 0

    def resolve(self, verification_method, purpose):
        self.asked += 1
        controller = verification_method.partition("#")[0]
        return VerificationKey(self.signer.public_key, verification_method, controller)


@pytest.fixture
def published(desk, signer):
    """The desk, which finds its own keys."""
    return replace(desk, keys=Published(signer))


def intents(order, desk, now) -> list[tuple]:
    return [
        (order, Intent(draft, f"urn:uuid:0000000{n}-0000-4000-8000-000000000000", 1, n, now))
        for n, draft in enumerate(check(order, desk, now))
    ]


def test_each_form_of_every_type_proves_what_was_meant(published, now, award) -> None:
    """All of them are verified here, by the generic path."""
    work = intents(award(), published, now)
    made = Securing(work, now, choose=lambda places, _: list(places)).run(published)
    assert len(made) == len(work) > 1
    assert published.keys.asked == len(work)


def test_one_in_a_hundred_at_least_is_verified(published, now, award) -> None:
    asked = []

    def choose(places, count):
        asked.append((len(places), count))
        return range(count)

    work = intents(award(), published, now)[:1]
    for size in (1, 100, 101):
        Securing(work * size, now, choose=choose).run(published)
    assert asked == [(1, 1), (100, 1), (101, 2)]
    assert published.keys.asked == 4


@pytest.mark.parametrize("form", ["dc+sd-jwt", "ecdsa-sd-2023", "vc+jwt"])
def test_a_batch_that_says_something_else_is_held_back(
    published, ledger, now, award, monkeypatch, form
) -> None:
    """A path that is faster and wrong: it signs another name than the order gives."""
    honest = FORMS[form].secure

    def hasty(template, document, *rest):
        text = pickle.dumps(document).replace(b"Camille", b"Camilla")
        return honest(template, pickle.loads(text), *rest)

    monkeypatch.setattr(tasks, "FORMS", {**FORMS, form: replace(FORMS[form], secure=hasty)})
    with pytest.raises(ProofGenerationError) as caught:
        list(issue([replace(award(), asked=(form,))], published, ledger, now))
    assert caught.value.code == "issue.sample_differs"
    assert list(ledger.issued()) == [], "nothing of the batch is released"


def test_a_batch_that_does_not_verify_is_held_back(desk, ledger, now, award) -> None:
    """The key document names another key than the one that signs."""
    other = replace(desk, keys=Published(LocalSigner.generate("P-256")))
    with pytest.raises(ProofGenerationError) as caught:
        list(issue([award()], other, ledger, now))
    assert (caught.value.code, caught.value.facts["cause"]) == ("issue.sample_refused", "signature.invalid")
    assert list(ledger.issued()) == []


def test_a_key_that_is_not_published_is_no_key(desk, ledger, now, award) -> None:
    class Nobody:
        def resolve(self, verification_method, purpose):
            raise ProofVerificationError("did.key_not_listed")

    with pytest.raises(ProofGenerationError) as caught:
        list(issue([award()], replace(desk, keys=Nobody()), ledger, now))
    assert caught.value.facts["cause"] == "did.key_not_listed"


def test_checking_says_of_each_order_what_forbids_it(desk, now, award) -> None:
    bad = replace(award("B"), holder="did:key:zNotAKey")
    sound, refused, other = Checking([award("A"), bad, award("C")], now).run(desk)
    assert sound == check(award("A"), desk, now)
    assert isinstance(refused, InputError)
    assert refused.code == "issue.holder_key"
    assert other == check(award("C"), desk, now)


def test_tasks_and_what_they_come_to_can_be_sent(desk, now, award) -> None:
    checking = Checking([award("A"), replace(award("B"), holder="did:key:zNotAKey")], now)
    securing = Securing(intents(award("A"), desk, now), now)
    for task in (checking, securing):
        assert pickle.loads(pickle.dumps(task)) == task
    drafts, problem = pickle.loads(pickle.dumps(checking.run(desk)))
    assert drafts == check(award("A"), desk, now)
    assert problem.code == "issue.holder_key"
