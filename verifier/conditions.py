"""What one verification goes by: the policy, where keys and lists come from, and the time."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from boundary.sources import Source
from keys.resolver import Resolver
from proofs.suite import VerifyingSuite
from verifier.policy import Policy


@dataclass(frozen=True)
class Conditions:
    """``suites`` are the accepted ones; ``now`` is aware."""

    policy: Policy
    suites: Mapping[str, VerifyingSuite]
    keys: Resolver
    web: Source
    now: dt.datetime
