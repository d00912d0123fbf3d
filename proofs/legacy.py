"""Suites from before Data Integrity: found in the wild, verified, never used to sign. The whole list."""

from collections.abc import Mapping

from contexts import PRODUCT, Contexts
from proofs.ed25519_signature_2020 import Ed25519Signature2020
from proofs.suite import LegacySuite


def legacy_suites(contexts: Contexts = PRODUCT) -> Mapping[str, LegacySuite]:
    """Return every legacy suite by its name, which is the type of its proofs."""
    every: tuple[LegacySuite, ...] = (Ed25519Signature2020(contexts),)
    return {suite.name: suite for suite in every}
