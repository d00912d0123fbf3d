"""A twin is kept with its own credential, sealed with it, and shown with the key that it names."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials import digests, templates, twin
from credentials.templates import load
from credentials.twin import Twin, TwinKind
from exchange import offline
from exchange.presentation import read
from exchange.said import said
from keys.jwk import to_jwk
from keys.local import LocalSigner
from problems import NotFoundError, ParsingError, Problem, ProofVerificationError
from proofs import sd_jwt
from wallet import contents, twins
from wallet.contents import Held
from wallet.vault import Vault

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ISSUER = LocalSigner.from_secret("P-256", b"\x11" * 32, "did:web:certificateur.example#key-1")
EXAMPLE = Path(__file__).parents[1] / "credentials" / "examples" / "certification.json"


def _nothing(_twin: Twin) -> None:
    """Whoever calls has verified it."""


@pytest.fixture
def held(vault: Vault) -> Held:
    """A certification that is bound to a key of the vault."""
    source = json.loads(EXAMPLE.read_text("utf-8"))
    key = vault.new_key(NOW)
    row = source["row"] | {"holder": {"did": key.did, "jwk": to_jwk(key.public)}}
    payload = templates.render_sd(load("certification"), row)
    body = sd_jwt.issue(payload, [], ISSUER).encode()
    return vault.add(Held("application/dc+sd-jwt", body, NOW))


@pytest.fixture
def sign(held: Held) -> Callable[..., bytes]:
    """Signs a twin of the certification, or with other words or digests of something else."""

    def signed(
        kind: TwinKind, signer: LocalSigner = ISSUER, of: bytes | None = None, **changed: object
    ) -> bytes:
        [part] = read(held.body)
        told = said(part)
        named = (("sd-jwt-issuer-jwt", digests.multihash(of)),) if of else told.digests
        facts = replace(told.facts, **changed)  # type: ignore[arg-type]
        return twin.issue(facts, kind, named, facts.status[0], signer)  # type: ignore[arg-type]

    return signed


def test_kept_and_shown(vault: Vault, held: Held, sign) -> None:
    for kind in twin.KINDS:
        kept = twins.take_twin(sign(kind), vault, _nothing)
        assert kept.id == held.id
    held = vault.get(held.id)
    assert len(held.twins) == 2
    offline.verify(offline.read(twins.paper(held)), ISSUER.public_key, NOW)
    offline.verify(offline.read(twins.screen(held, vault, NOW)), ISSUER.public_key, NOW)


def test_a_second_of_one_kind_takes_the_place_of_the_first(vault: Vault, held: Held, sign) -> None:
    for title in ("Développeur web et web mobile", "Autre intitulé"):
        twins.take_twin(sign("paper", title=title), vault, _nothing)
    [kept] = vault.get(held.id).twins
    assert twin.parse(kept).face.title == "Autre intitulé"


def test_a_twin_of_something_else(vault: Vault, held: Held, sign) -> None:
    with pytest.raises(NotFoundError) as raised:
        twins.take_twin(sign("paper", of=b"another"), vault, _nothing)
    assert raised.value.code == "wallet.twin_stray"


def test_a_twin_of_another_issuer_with_the_right_digest(vault: Vault, held: Held, sign) -> None:
    """Anybody who saw the credential knows its digest."""
    stranger = LocalSigner.generate("P-256", "did:web:ailleurs.example#key-1")
    with pytest.raises(NotFoundError):
        twins.take_twin(sign("paper", stranger, issuer_id="did:web:ailleurs.example"), vault, _nothing)


def test_a_twin_for_another_persons_key(vault: Vault, held: Held, sign) -> None:
    other = LocalSigner.generate("P-256").public_key
    with pytest.raises(NotFoundError):
        twins.take_twin(sign("screen", holder_key=other), vault, _nothing)


def test_what_does_not_verify_is_not_kept(vault: Vault, held: Held, sign) -> None:
    def refuse(_twin: Twin) -> None:
        raise ProofVerificationError("signature.invalid")

    with pytest.raises(ProofVerificationError):
        twins.take_twin(sign("paper"), vault, refuse)
    assert vault.get(held.id).twins == ()


def test_without_a_twin(vault: Vault, held: Held) -> None:
    for show in (lambda: twins.paper(held), lambda: twins.screen(held, vault, NOW)):
        with pytest.raises(NotFoundError) as raised:
            show()
        assert raised.value.code == "wallet.no_twin"


@given(st.lists(st.binary(max_size=20), max_size=3))
def test_twins_are_sealed_with_their_credential(bodies: list[bytes]) -> None:
    held = Held("application/vc", b"{}", NOW, None, tuple(bodies))
    assert contents.load(contents.dump([held])) == [held]


def test_a_vault_from_before_there_were_twins_is_read() -> None:
    plain = contents.to_plain(Held("application/vc", b"{}", NOW))
    assert "twins" not in plain
    assert contents.from_plain(plain) == Held("application/vc", b"{}", NOW)


@pytest.mark.parametrize("value", [None, "x", b"x", [1], ["x"], {}], ids=range(6))
def test_twins_of_another_shape_are_damage(value: object) -> None:
    plain = {**contents.to_plain(Held("application/vc", b"{}", NOW)), "twins": value}
    with pytest.raises(ParsingError):
        contents.from_plain(plain)


@given(st.binary(max_size=60))
def test_noise_is_no_twin(data: bytes) -> None:
    if twin.is_twin(data):
        with pytest.raises(Problem):
            twin.parse(data)
