"""ecdsa-sd-2023: the holder chooses which statements of a signed document to show (vc-di-ecdsa §3.6)."""

from proofs.ecdsa_sd_2023.suite import EcdsaSd2023

__all__ = ["EcdsaSd2023"]
