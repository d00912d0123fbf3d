"""Published lists say what the ledger says, and are read here with the verifier's own eyes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from boundary.strict_json import read_object
from credentials.status import check_status
from credentials.status_references import StatusReference, references_ld, references_sd
from issuer.desk import Desk
from issuer.issue import Issued, issue
from issuer.order import Award
from issuer.publish import FRESH, LIFETIME, publish
from keys.local import LocalSigner
from keys.resolver import Purpose, VerificationKey
from problems import Problem, RangeError, StatusVerificationError
from proofs import SUITES, jws, sd_jwt
from storage.issuance import StatusValue
from storage.sqlite.issuance import SqliteLedger

NewAward = Callable[..., Award]


class Keys:
    """Knows one key of the desk, and nobody else's."""

    def __init__(self, desk: Desk, signer: LocalSigner) -> None:
        self._key = VerificationKey(signer.public_key, signer.verification_method, desk.did)

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        assert (verification_method, purpose) == (self._key.verification_method, "assertionMethod")
        return self._key


def references(done: Issued) -> tuple[StatusReference, ...]:
    if done.form.status == "bitstring":
        return references_ld(read_object(done.body))
    return references_sd(jws.claims(jws.parse(sd_jwt.parse(done.body.decode()).issuer_jwt)))


@pytest.fixture
def ask(desk: Desk, signer: LocalSigner, ledger: SqliteLedger, now: dt.datetime):
    """Returns all that the lists published now say of a credential."""

    def said(done: Issued, at: dt.datetime = now) -> set[str]:
        lists = {published.url: published.body for published in publish(desk, ledger, now)}
        known = {"issuer": desk.did, "keys": Keys(desk, signer), "suites": SUITES, "now": at}
        return {check_status(one, lists[one.uri], **known).state for one in references(done)}

    return said


def test_there_is_nothing_to_publish_before_something_is_issued(desk, ledger, now) -> None:
    assert list(publish(desk, ledger, now)) == []


def test_each_kind_of_list_has_its_addresses(desk, ledger, now, award: NewAward) -> None:
    list(issue([award()], desk, ledger, now))
    assert {done.url for done in publish(desk, ledger, now)} == {
        "https://academie.example/status/bitstring/1/revocation",
        "https://academie.example/status/bitstring/1/suspension",
        "https://academie.example/status/token/1",
        "https://academie.example/status/token/1.cwt",
    }


@pytest.mark.parametrize("value", ["valid", "revoked", "suspended"])
def test_both_forms_of_a_token_list_say_the_same(desk, signer, ledger, now, award: NewAward, value) -> None:
    """One ledger, one address, two forms: the CWT is read under the address of the JWT."""
    done = list(issue([award("A"), award("B")], desk, ledger, now))
    ledger.set_status("A", value, "reason", now)
    lists = {published.url: published.body for published in publish(desk, ledger, now)}
    known = {"issuer": desk.did, "keys": Keys(desk, signer), "suites": SUITES, "now": now}
    for reference in (one for each in done for one in references(each) if one.kind == "token"):
        text, packed = (check_status(reference, lists[reference.uri + end], **known) for end in ("", ".cwt"))
        assert text == packed
        assert packed.fresh_until == now.replace(microsecond=0) + FRESH


def test_lists_are_published_more_often_than_they_go_stale() -> None:
    assert dt.timedelta(days=1) < FRESH < LIFETIME


@pytest.mark.parametrize("value", ["valid", "revoked", "suspended"])
def test_what_the_ledger_says_is_what_the_lists_say(
    desk, ledger, now, award: NewAward, ask, value: StatusValue
) -> None:
    """Of both forms of one award; and nothing of its neighbour."""
    done = list(issue([award("A"), award("B")], desk, ledger, now))
    ledger.set_status("A", value, "reason", now)
    for one in done:
        assert ask(one) - {"valid"} == ({value} - {"valid"} if one.reference == "A" else set())


def test_a_lifted_suspension_leaves_no_trace(desk, ledger, now, award: NewAward, ask) -> None:
    done = list(issue([award()], desk, ledger, now))
    ledger.set_status("BTS-1", "suspended", "", now)
    ledger.set_status("BTS-1", "valid", "", now)
    assert all(ask(one) == {"valid"} for one in done)


def test_lists_end_and_are_then_no_answer(desk, ledger, now, award: NewAward, ask) -> None:
    done = list(issue([award()], desk, ledger, now))
    for one in done:
        ask(one, now + LIFETIME - dt.timedelta(seconds=1))
        with pytest.raises((StatusVerificationError, RangeError)):
            ask(one, now + LIFETIME + dt.timedelta(seconds=1))


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
def test_lists_are_signed_with_whatever_key_the_desk_has(desk, ledger, now, award, algorithm) -> None:
    done = list(issue([award()], desk, ledger, now))
    signer = LocalSigner.generate(algorithm, "did:web:academie.example#key-9")
    lists = {one.url: one.body for one in publish(replace(desk, signer=signer), ledger, now)}
    for reference in (reference for one in done for reference in references(one)):
        body = lists[reference.uri]
        known = {"issuer": desk.did, "keys": Keys(desk, signer), "suites": SUITES, "now": now}
        assert check_status(reference, body, **known).state == "valid"
        with pytest.raises(Problem):
            check_status(reference, body.replace(b"a", b"b", 1), **known)


def test_lists_tell_nothing_but_places(desk, ledger, now, award: NewAward) -> None:
    """No name, no reference, no reason, no count of what is valid."""
    list(issue([award("REF-SECRETE")], desk, ledger, now))
    ledger.set_status("REF-SECRETE", "revoked", "raison tue", now)
    for done in publish(desk, ledger, now):
        opened = done.body
        if done.body.startswith(b"ey"):
            opened = str(jws.claims(jws.parse(done.body.decode()))).encode()
        for hidden in (b"REF-SECRETE", b"raison", b"EXEMPLE"):
            assert hidden not in opened
