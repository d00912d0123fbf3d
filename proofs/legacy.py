"""Suites from before Data Integrity: found in the wild, verified, never used to sign. The whole list."""

from collections.abc import Mapping

from contexts import PRODUCT, Contexts
from proofs import suites
from proofs.ed25519_signature_2020 import Ed25519Signature2020
from proofs.suite import LegacySuite, VerifyingSuite


def legacy_suites(contexts: Contexts = PRODUCT) -> Mapping[str, LegacySuite]:
    """Return every legacy suite by its name, which is the type of its proofs."""
    every: tuple[LegacySuite, ...] = (Ed25519Signature2020(contexts),)
    return {suite.name: suite for suite in every}


def known_suites(contexts: Contexts = PRODUCT) -> Mapping[str, VerifyingSuite]:
    """Return what can be verified: every suite there is, and older ones for what others issued."""
    return {**suites(contexts), **legacy_suites(contexts)}
