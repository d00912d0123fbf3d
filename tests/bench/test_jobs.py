"""What the benchmark measures does what it says, so that the benchmark does not rot between two runs."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "peers")]  # tests are no package

import jobs
import pytest
from data_integrity_parties import OurDataIntegrity
from sd_jwt_parties import OurSdJwt
from token_parties import OurTokens

from proofs import GENERIC

RAW = {raw.name for raw in jobs.raw()}
JOBS = [
    *jobs.raw(),
    *jobs.whole({"ours": OurDataIntegrity()}, "eddsa-rdfc-2022", "Ed25519"),
    *jobs.whole({"ours": OurDataIntegrity(GENERIC)}, "ecdsa-rdfc-2019", "P-256", ", generic"),
    *jobs.whole({"ours": OurDataIntegrity()}, "mldsa44-rdfc-2024", "ML-DSA-44"),
    *jobs.selective({"ours": OurDataIntegrity()}),
    *jobs.unlinkable({"ours": OurDataIntegrity()}),
    *jobs.sd_jwt({"ours": OurSdJwt(decoys=0)}),
    *jobs.tokens({"ours": OurTokens()}),
    *jobs.cose(),
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_each_job_runs_and_has_its_yardsticks(job: jobs.Job) -> None:
    job.work["ours"]()
    assert {job.one, *job.needs} <= RAW


def test_a_hidden_statement_costs_a_signature_each() -> None:
    needs = {job.name: job.needs for job in JOBS}
    made = needs["ecdsa-sd-2023 issue"]["P-256 sign"]
    assert made > needs["ecdsa-sd-2023 verify"]["P-256 verify"] > 1


def test_what_signs_is_verified_before_it_is_released() -> None:
    for job in JOBS:
        if "issue" in job.name and job.needs:
            assert job.needs[job.one.replace("sign", "verify")] == 1
