"""How a document is secured. This table is the whole list of Data Integrity cryptosuites."""

from collections.abc import Mapping
from typing import Final

from contexts import PRODUCT, Contexts
from proofs.bbs_2023 import Bbs2023
from proofs.ecdsa_jcs_2019 import EcdsaJcs2019
from proofs.ecdsa_rdfc_2019 import EcdsaRdfc2019
from proofs.ecdsa_sd_2023 import EcdsaSd2023
from proofs.eddsa_jcs_2022 import EddsaJcs2022
from proofs.eddsa_rdfc_2022 import EddsaRdfc2022
from proofs.mldsa44_jcs_2024 import Mldsa44Jcs2024
from proofs.mldsa44_rdfc_2024 import Mldsa44Rdfc2024
from proofs.rdf.shapes import Shapes
from proofs.selective.outline import Outlines
from proofs.suite import Cryptosuite


def suites(
    contexts: Contexts = PRODUCT, shapes: Shapes | None = None, outlines: Outlines | None = None
) -> Mapping[str, Cryptosuite]:
    """Return every suite by its name. Supported is not accepted: a verifier passes on what it takes.

    With ``shapes`` and ``outlines`` they remember what documents that are alike have in common, and give the
    same proofs faster. Both are bounded, and belong to ``contexts``.
    """
    every: tuple[Cryptosuite, ...] = (
        EddsaRdfc2022(contexts, shapes),
        EcdsaRdfc2019(contexts, shapes),
        EddsaJcs2022(contexts, shapes),
        EcdsaJcs2019(contexts, shapes),
        EcdsaSd2023(contexts, outlines=outlines),
        Bbs2023(contexts, outlines=outlines),
        Mldsa44Rdfc2024(contexts, shapes),
        Mldsa44Jcs2024(contexts),
    )
    return {suite.name: suite for suite in every}


SUITES: Final[Mapping[str, Cryptosuite]] = suites(PRODUCT, Shapes(PRODUCT), Outlines(PRODUCT))
GENERIC: Final[Mapping[str, Cryptosuite]] = suites()
"""The same, remembering nothing: what is made with the others is checked with these."""
