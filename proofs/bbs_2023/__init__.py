"""bbs-2023: statements disclosed one by one, in presentations that do not link (vc-di-bbs)."""

from proofs.bbs_2023.suite import Bbs2023

__all__ = ["Bbs2023"]
