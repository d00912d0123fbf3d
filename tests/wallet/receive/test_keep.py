"""Kept only when it is what was offered, for a key of ours, and its person says so; the issuer is told."""

from dataclasses import replace

import pytest

from problems import InputError, Problem, ProofVerificationError
from wallet.receive import arrived, collect, errands, keep, look, redeem, refuse, remember, start


def sound(_body, _media):
    """What arrives here verifies."""


@pytest.fixture
def got(counter, web, vault):
    def receive(copies=1):
        errand = redeem(start(look(counter.link(), web), None, copies), None, web)
        errand = collect(errand, vault, web)
        remember(errand, vault, web.now())
        return errand

    return receive


def events(counter):
    return [one["event"] for one in counter.sent("notification")]


def test_whose_it_is_is_seen_before_it_is_kept(counter, web, vault, got):
    errand = got()
    [arrival] = arrived(errand, vault, sound, web)
    assert "family_name" in {item.id for item in arrival.facts.shown}
    assert vault.credentials() == []
    assert events(counter) == []
    [held] = keep(errand, vault, sound, web)
    assert vault.credentials() == [held]
    assert events(counter) == ["credential_accepted"]
    assert errands(vault) == []


def test_refused_nothing_stays(counter, web, vault, got):
    refuse(got(2), vault, web)
    assert vault.credentials() == vault.holder_keys() == []
    assert events(counter) == ["credential_deleted"]


def failed(counter, web, vault, errand, code, verify=sound):
    with pytest.raises(Problem) as caught:
        keep(errand, vault, verify, web)
    assert caught.value.code == code
    assert vault.credentials() == vault.holder_keys() == []
    assert events(counter) == ["credential_failure"]
    assert errands(vault) == []


def test_what_does_not_verify(counter, web, vault, got):
    def forged(_body, _media):
        raise ProofVerificationError("signature.invalid")

    failed(counter, web, vault, got(), "signature.invalid", forged)


def test_another_type(counter, web, vault, got):
    errand = got()
    one = replace(errand.configuration("diploma"), vct="urn:other")
    issuer = replace(errand.offered.issuer, configurations={"diploma": one})
    other = replace(errand, offered=replace(errand.offered, issuer=issuer))
    failed(counter, web, vault, other, "receive.other_type")


def test_another_format(counter, web, vault, got):
    errand = got()
    one = replace(errand.configuration("diploma"), format="ldp_vc")
    issuer = replace(errand.offered.issuer, configurations={"diploma": one})
    other = replace(errand, offered=replace(errand.offered, issuer=issuer))
    failed(counter, web, vault, other, "receive.other_type")


def test_for_somebody_elses_key_or_twice_for_one(counter, web, vault, got):
    real = counter.issue
    first = []

    def same(holder):
        first.append(holder)
        return real(first[0])

    counter.issue = same
    failed(counter, web, vault, got(2), "receive.other_key")


def test_what_cannot_be_verified_now_waits(counter, web, vault, got):
    errand = got()

    def unreachable(_body, _media):
        raise InputError("wallet.issuer_unreachable", cause="fetch.failed")

    with pytest.raises(InputError):
        keep(errand, vault, unreachable, web)
    assert len(errands(vault)) == 1
    assert events(counter) == []
    assert len(keep(errand, vault, sound, web)) == 1


def test_an_issuer_that_does_not_listen_changes_nothing(counter, web, vault, got, told):
    counter.answers["notification"] = lambda _: told({}, 500)
    assert len(keep(got(), vault, sound, web)) == 1


def test_keys_to_which_nothing_was_bound_are_forgotten(counter, web, vault, got, told):
    """The issuer gives fewer copies than keys were shown."""
    errand = got(3)
    fewer = replace(errand, arrived=errand.arrived[:1])
    keep(fewer, vault, sound, web)
    assert len(vault.holder_keys()) == 1
