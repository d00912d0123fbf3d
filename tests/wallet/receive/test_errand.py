"""An errand is the same after a night in the vault; what it may be started with."""

from dataclasses import replace

import pytest

from exchange.oauth.token import TokenResponse
from problems import InputError, NotFoundError
from wallet.receive import errand as errands
from wallet.receive import errands as on_their_way
from wallet.receive import forget, look, redeem, remember, sign_in, start
from wallet.receive.errand import Arrived, Waiting


@pytest.fixture
def begun(counter, web):
    return start(look(counter.link(), web))


def test_what_can_be_held_is_started_with(begun):
    assert begun.configurations == ("diploma",)
    assert begun.key is None, "the server binds no tokens"


@pytest.mark.parametrize("wanted", [["badge"], ["absent"], [], ["diploma", "badge"]])
def test_what_cannot_be_held_is_not(counter, web, wanted):
    with pytest.raises(InputError, match=r"receive\.nothing_possible"):
        start(look(counter.link(), web), wanted)


def test_no_more_copies_than_the_issuer_gives(counter, web):
    offered = look(counter.link(), web)
    assert [start(offered, None, copies).copies for copies in (0, 2, 99)] == [1, 2, 3]


def test_a_key_where_tokens_are_bound_to_one(counter, web):
    counter.server = replace(counter.server, dpop_algorithms=("ES256",))
    offered = look(counter.link(), web)
    one, other = start(offered), start(offered)
    assert one.signer is not None
    assert one.key != other.key
    assert repr(one.key) not in repr(one), "secrets are not printed"


def test_a_key_that_is_not_used_is_dropped(counter, web):
    counter.server = replace(counter.server, dpop_algorithms=("ES256",))
    begun = start(look(counter.link(), web))
    unbound = errands.accessed(begun, TokenResponse("t", 60), named=False)
    bound = errands.accessed(begun, TokenResponse("t", 60, bound=True), named=False)
    assert (unbound.key, bound.key) == (None, begun.key)


def test_each_stage_survives_the_vault(counter, web, vault, by_sign_in, begun):
    signing, _ = sign_in(start(look(counter.link(by_sign_in), web)), "https://w.example/back", web)
    stages = [
        begun,
        signing,
        redeem(begun, None, web),
        replace(begun, key=b"k" * 32, instance=b"i" * 32, asked=True),
        replace(begun, waiting=(Waiting("t", 5, "diploma", ("did:key:z",)),)),
        replace(begun, arrived=(Arrived("diploma", b"\xff body", (), None),)),
    ]
    for number, stage in enumerate(stages):
        named = replace(stage, id=f"{number:032x}")
        remember(named, vault, web.now())
        assert errands.named(vault, named.id) == named
    assert len(on_their_way(vault)) == len(stages)
    forget(replace(begun, id=f"{0:032x}"), vault, web.now())
    with pytest.raises(NotFoundError, match=r"receive\.no_errand"):
        errands.named(vault, f"{0:032x}")


def test_remembered_again_it_is_one(counter, web, vault, begun):
    for _ in range(2):
        remember(begun, vault, web.now())
    assert len(on_their_way(vault)) == 1


def test_accepted_only_in_part(counter, web, begun):
    again = errands.again(begun, ["diploma"], 2)
    assert (again.id, again.copies) == (begun.id, 2)
    assert errands.again(begun, None, 1) is begun
