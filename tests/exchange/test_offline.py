"""What is shown without network: a screen lives a minute and fits one twin, a paper is what it is."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import cbor, limits
from credentials import digests, templates, twin
from credentials.facts import facts_sd
from credentials.templates import load
from credentials.twin import TwinKind
from exchange import offline
from keys.local import LocalSigner
from problems import InputError, LimitError, Problem
from proofs.cose import sign1

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
ISSUER = LocalSigner.from_secret("P-256", b"\x11" * 32, "did:web:certificateur.example#key-1")
HOLDER = LocalSigner.from_secret("P-256", b"\x22" * 32)
OTHER = LocalSigner.from_secret("P-256", b"\x33" * 32)
EXAMPLES = Path(__file__).parents[1] / "credentials" / "examples"


def _twin(kind: TwinKind, name: str = "certification", holder: LocalSigner = HOLDER) -> bytes:
    read = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    facts = facts_sd(templates.render_sd(load(read["template"]), read["row"]))
    facts = replace(
        facts, holder_key=holder.public_key, issuer_id=ISSUER.verification_method.partition("#")[0]
    )
    named = (("sd-jwt-issuer-jwt", digests.multihash(name.encode())),)
    return twin.issue(facts, kind, named, facts.status[0], ISSUER)  # type: ignore[arg-type]


PAPER, SCREEN = _twin("paper"), _twin("screen")


def _verify(data: bytes, now: dt.datetime = NOW, issuer: LocalSigner = ISSUER) -> offline.Shown:
    shown = offline.read(data)
    offline.verify(shown, issuer.public_key, now)
    return shown


def _code(data: bytes, **how: Any) -> str:
    with pytest.raises(Problem) as raised:
        _verify(data, **how)
    assert raised.value.says("fr").next_step
    return raised.value.code


def _bent(change: Callable[[list[Any]], Any]) -> bytes:
    parts: Any = cbor.read(offline.screen(SCREEN, HOLDER, NOW))
    change(parts)
    return cbor.write(parts)


def _proved(header: Any, claims: Any, external: bytes = b"passeport-proof-v1" + SCREEN) -> bytes:
    """Return a screen whose proof the holder's key made over something else."""
    proof = cbor.read(sign1.sign(header, cbor.write(claims), HOLDER, external=external, tagged=False))
    return cbor.write([2, SCREEN, proof])


def test_paper_and_screen() -> None:
    assert _verify(offline.paper(PAPER)).twin.kind == "paper"
    shown = _verify(offline.screen(SCREEN, HOLDER, NOW))
    assert (shown.twin.kind, shown.signed) == ("screen", SCREEN)


def test_the_proof_costs_85_bytes() -> None:
    assert len(offline.screen(SCREEN, HOLDER, NOW)) - len(SCREEN) == 85


@pytest.mark.parametrize("seconds", [-61, 61, 3_600, -3_600, 86_400 * 365])
def test_a_picture_of_a_screen_dies_in_a_minute(seconds: int) -> None:
    assert _code(offline.screen(SCREEN, HOLDER, NOW), now=NOW + seconds * SECOND) == "twin.stale"


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_clocks_may_differ_by_a_minute(seconds: int) -> None:
    _verify(offline.screen(SCREEN, HOLDER, NOW), now=NOW + seconds * SECOND)


def test_a_paper_lives_as_long_as_the_paper() -> None:
    _verify(offline.paper(PAPER), now=NOW + dt.timedelta(days=3_000))


def test_a_proof_moved_to_another_twin() -> None:
    """Even to one of the same holder, the same issuer and the same second."""
    moved = _bent(lambda parts: parts.__setitem__(1, _twin("screen", "diploma")))
    assert _code(moved) == "twin.other_holder"


def test_the_screen_of_another_person() -> None:
    assert _code(offline.screen(SCREEN, OTHER, NOW)) == "twin.other_holder"


@pytest.mark.parametrize(
    "external", [b"", SCREEN, b"passeport-proof-v1", b"passeport-proof-v2" + SCREEN], ids=range(4)
)
def test_a_signature_made_for_something_else(external: bytes) -> None:
    assert _code(_proved({}, {6: int(NOW.timestamp())}, external)) == "twin.other_holder"


def test_a_stripped_proof() -> None:
    """A picture of a screen, shown as if it were a paper."""
    assert _code(cbor.write([1, SCREEN])) == "twin.proof_missing"


def test_a_paper_that_somebody_signed() -> None:
    proof = cbor.read(offline.screen(SCREEN, HOLDER, NOW))[2]  # type: ignore[index,call-overload]
    assert _code(cbor.write([2, PAPER, proof])) == "twin.proof_unasked"


@pytest.mark.parametrize(
    "shown", [offline.paper(PAPER), offline.screen(SCREEN, HOLDER, NOW)], ids=["paper", "screen"]
)
def test_another_issuer(shown: bytes) -> None:
    assert _code(shown, issuer=OTHER) == "signature.invalid"


@pytest.mark.parametrize(
    "shown", [offline.paper(PAPER), offline.screen(SCREEN, HOLDER, NOW)], ids=["paper", "screen"]
)
def test_every_changed_byte(shown: bytes) -> None:
    for position in range(len(shown)):
        for change in (0x01, 0x20, 0x80):
            bent = bytearray(shown)
            bent[position] ^= change
            with pytest.raises(Problem):
                _verify(bytes(bent))


@pytest.mark.parametrize(
    "shown", [offline.paper(PAPER), offline.screen(SCREEN, HOLDER, NOW)], ids=["paper", "screen"]
)
def test_more_or_less_than_was_shown(shown: bytes) -> None:
    for size in range(len(shown)):
        with pytest.raises(Problem):
            _verify(shown[:size])
    assert _code(shown + b"\x00") == "cbor.trailing_data"


SHAPES: dict[str, tuple[Callable[[], bytes], str]] = {
    "no form": (lambda: cbor.write([]), "twin.form"),
    "a map": (lambda: cbor.write({}), "cbor.shape"),
    "a third form": (lambda: cbor.write([3, PAPER]), "twin.form"),
    "true for a form": (lambda: cbor.write([True, PAPER]), "twin.form"),
    "a form in words": (lambda: cbor.write(["paper", PAPER]), "twin.form"),
    "a paper of three parts": (lambda: cbor.write([1, PAPER, b""]), "twin.form"),
    "a screen of two": (lambda: cbor.write([2, SCREEN]), "twin.form"),
    "a twin in text": (lambda: cbor.write([1, "twin"]), "cbor.shape"),
    "no proof": (lambda: _bent(lambda parts: parts.__setitem__(2, None)), "cbor.shape"),
    "a proof without time": (lambda: _proved({}, {}), "twin.form"),
    "a proof with more to say": (lambda: _proved({}, {6: int(NOW.timestamp()), 4: 1}), "cbor.shape"),
    "a short nonce": (lambda: _proved({}, {6: int(NOW.timestamp()), 10: b"1234567"}), "twin.form"),
    "a proof of a type": (lambda: _proved({16: "kb+cwt"}, {6: int(NOW.timestamp())}), "twin.form"),
    "a proof that names its key": (lambda: _proved({4: b"k"}, {6: int(NOW.timestamp())}), "twin.form"),
    "a time before 1970": (lambda: _proved({}, {6: -1}), "cbor.shape"),
    "a name of a key beside the proof": (
        lambda: _bent(lambda parts: parts[2].__setitem__(1, {4: b"k"})), "twin.form",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), SHAPES.values(), ids=SHAPES)
def test_what_is_nothing_of_this(data: Callable[[], bytes], code: str) -> None:
    assert _code(data()) == code


def test_a_proof_may_answer_somebody() -> None:
    """The grammar has room for a nonce; nobody asks for one yet."""
    _verify(_proved({}, {6: int(NOW.timestamp()), 10: b"12345678"}))


def test_no_larger_than_a_code_can_be() -> None:
    with pytest.raises(LimitError):
        offline.read(bytes(limits.TWIN_BYTES + 1))


@settings(max_examples=300)
@given(st.binary(max_size=60))
def test_noise_is_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(Problem):
        _verify(data)


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_noise_that_begins_well(data: bytes) -> None:
    for head in (b"\x82\x01", b"\x83\x02"):
        assert offline.is_offline(head + data)
        with pytest.raises(Problem):
            _verify(head + data)


def test_each_twin_is_shown_in_its_own_way() -> None:
    with pytest.raises(InputError) as raised:
        offline.paper(SCREEN)
    assert raised.value.code == "twin.other_kind"
    with pytest.raises(InputError):
        offline.screen(PAPER, HOLDER, NOW)
    with pytest.raises(InputError):
        offline.screen(SCREEN, LocalSigner.generate("Ed25519"), NOW)
