"""What the benchmark measures does what it says, so that the benchmark does not rot between two runs."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "peers")]  # tests are no package

import jobs
import pytest
from data_integrity_parties import OurDataIntegrity
from sd_jwt_parties import OurSdJwt

JOBS = [
    *jobs.raw(),
    *jobs.whole({"ours": OurDataIntegrity()}, "eddsa-rdfc-2022", "Ed25519"),
    *jobs.whole({"ours": OurDataIntegrity()}, "ecdsa-jcs-2019", "P-256"),
    *jobs.selective({"ours": OurDataIntegrity()}),
    *jobs.sd_jwt({"ours": OurSdJwt()}),
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_each_job_runs_and_has_its_yardstick(job: jobs.Job) -> None:
    job.work["ours"]()
    assert job.yardstick in {raw.name for raw in JOBS[:6]}


def test_a_hidden_statement_costs_a_signature_each() -> None:
    times = {job.name: job.times for job in JOBS}
    assert times["ecdsa-sd-2023 issue"] > times["ecdsa-sd-2023 verify"] > 1
