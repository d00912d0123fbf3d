"""Claims in CBOR: a map, times in whole seconds, nothing else."""

import datetime as dt

import pytest

from boundary import cbor
from boundary.cbor import Cbor
from keys.local import LocalSigner
from problems import Problem
from proofs.cose import cwt, sign1

SIGNER = LocalSigner.generate("P-256")


def _message(payload: Cbor) -> sign1.Sign1:
    return sign1.parse(sign1.sign({}, cbor.write(payload), SIGNER))


def test_claims_and_moments() -> None:
    claims = cwt.claims(_message({cwt.ISS: "x", cwt.IAT: 1_795_000_000}))
    assert claims[cwt.ISS] == "x"
    assert cwt.moment(claims, cwt.IAT) == dt.datetime(2026, 11, 18, 11, 6, 40, tzinfo=dt.UTC)
    assert cwt.moment(claims, cwt.EXP) is None


@pytest.mark.parametrize("payload", [[], "x", 1, None], ids=["list", "text", "number", "null"])
def test_a_payload_that_is_no_claims_set(payload: Cbor) -> None:
    with pytest.raises(Problem) as raised:
        cwt.claims(_message(payload))
    assert raised.value.code == "cbor.shape"


@pytest.mark.parametrize(
    "value", [-1, True, "1795000000", None, 2**40], ids=["before 1970", "true", "text", "null", "year 36812"]
)
def test_a_time_that_is_none(value: Cbor) -> None:
    with pytest.raises(Problem) as raised:
        cwt.moment({cwt.EXP: value}, cwt.EXP)
    assert raised.value.code == "cbor.shape"
