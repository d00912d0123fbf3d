"""Keys that a provider vouches for: by a chain that is trusted, for a while, as well kept as is asked."""

import datetime as dt
from typing import Any

import pytest

from exchange.openid4vci import key_attestation, proof
from exchange.openid4vci.key_attestation import Demand
from keys.jwk import to_jwk
from keys.local import LocalSigner
from keys.x509 import Authority
from problems import ProtocolError
from proofs import jws

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
AUTHORITY = Authority.create("Fournisseurs (fictif)", NOW)
PROVIDER = LocalSigner.generate("P-256")
CHAIN = AUTHORITY.certify(PROVIDER.public_key, "Fournisseur (fictif)", NOW)
KEYS = [LocalSigner.generate("P-256") for _ in range(2)]
PUBLIC = [one.public_key for one in KEYS]


def attested(**how: Any) -> str:
    given: dict[str, Any] = {"keys": PUBLIC, "now": NOW, "expires": NOW + HOUR, "nonce": "n", **how}
    return key_attestation.attest(PROVIDER, CHAIN, **given)


def check(text: str, *, with_proof: bool = True, now: dt.datetime = NOW, by: Authority = AUTHORITY) -> Any:
    return key_attestation.check(text, [by.certificate], now, with_proof=with_proof)


def signed(header: Any = (), **claims: Any) -> str:
    said = {"iat": int(NOW.timestamp()), "attested_keys": [to_jwk(PUBLIC[0])], **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return jws.sign({"typ": key_attestation.TYP, "x5c": CHAIN.x5c, **dict(header)}, kept, PROVIDER)


def test_what_is_said_of_keys() -> None:
    found = check(attested(key_storage=["iso_18045_high"], user_authentication=["iso_18045_basic"]))
    assert list(found.keys) == PUBLIC
    assert (found.nonce, found.key_storage, found.user_authentication, found.status) == (
        "n", ("iso_18045_high",), ("iso_18045_basic",), None
    )  # fmt: skip


def test_the_name_of_drafts_is_taken_too() -> None:
    assert check(signed({"typ": "keyattestation+jwt"}, exp=int((NOW + HOUR).timestamp())))


def test_alone_it_need_not_end() -> None:
    """Appendix D.1: only beside a proof it must say until when it holds."""
    assert check(signed(), with_proof=False).keys == (PUBLIC[0],)
    with pytest.raises(ProtocolError):
        check(signed())


@pytest.mark.parametrize(
    ("text", "how", "code"),
    [
        (attested(), {"now": NOW + HOUR}, "attestation.expired"),
        (attested(now=NOW + HOUR, expires=NOW + 2 * HOUR), {}, "attestation.expired"),
        (attested(), {"by": Authority.create("Autre", NOW)}, "x509.untrusted"),
        (attested(keys=[]), {}, "attestation.keys"),
        (attested(keys=PUBLIC[:1] * 21), {}, "attestation.keys"),
        (signed({"typ": proof.TYP}, exp=2_000_000_000), {}, ""),
        (signed({"x5c": None}, exp=2_000_000_000), {}, "x509.malformed"),
        (signed(attested_keys=["x"], exp=2_000_000_000), {}, ""),
        (signed(attested_keys=[{**to_jwk(PUBLIC[0]), "d": "AAAA"}], exp=2_000_000_000), {}, ""),
        (signed(iat="x", exp=2_000_000_000), {}, ""),
        ("a.b.c", {}, ""),
        ("", {}, ""),
    ],
    ids=["expired", "of the future", "another authority", "no key", "too many", "another type", "no chain",
         "no keys", "a secret", "no time", "no token", "nothing"],
)  # fmt: skip
def test_what_is_no_attestation(text: str, how: Any, code: str) -> None:
    with pytest.raises(ProtocolError) as refusal:
        check(text, **how)
    assert refusal.value.error == "invalid_proof"
    assert refusal.value.code.startswith(code), refusal.value.code


def test_a_changed_attestation() -> None:
    header, payload, signature = attested().split(".")
    other = attested(keys=PUBLIC[:1]).split(".")[1]
    assert payload != other
    with pytest.raises(ProtocolError, match=r"signature\.invalid"):
        check(f"{header}.{other}.{signature}")


@pytest.mark.parametrize(
    ("demand", "kept", "met"),
    [
        (Demand(), (), True),
        (Demand(("a", "b")), ("b",), True),
        (Demand(("a",)), ("b",), False),
        (Demand(("a",)), (), False),
        (Demand((), ("a",)), ("a",), False),
    ],
)
def test_as_well_kept_as_is_asked(demand: Demand, kept: tuple[str, ...], met: bool) -> None:
    assert demand.met_by(kept, ()) == met
    assert Demand.read(demand.document()) == demand


def test_a_proof_carries_it() -> None:
    text = attested()
    made = proof.make(KEYS[0], PUBLIC[0], "https://c.example", NOW, nonce="n", attestation=text)
    assert proof.check(made, "https://c.example", NOW, client_id=None).attestation == text
