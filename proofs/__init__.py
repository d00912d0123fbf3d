"""How a document is secured. This table is the whole list of Data Integrity cryptosuites."""

from collections.abc import Mapping
from typing import Final

from contexts import PRODUCT, Contexts
from proofs.ecdsa_jcs_2019 import EcdsaJcs2019
from proofs.ecdsa_rdfc_2019 import EcdsaRdfc2019
from proofs.ecdsa_sd_2023 import EcdsaSd2023
from proofs.eddsa_jcs_2022 import EddsaJcs2022
from proofs.eddsa_rdfc_2022 import EddsaRdfc2022
from proofs.suite import Cryptosuite


def suites(contexts: Contexts = PRODUCT) -> Mapping[str, Cryptosuite]:
    """Return every suite by its name. Supported is not accepted: a verifier passes on what it takes."""
    every: tuple[Cryptosuite, ...] = (
        EddsaRdfc2022(contexts),
        EcdsaRdfc2019(contexts),
        EddsaJcs2022(contexts),
        EcdsaJcs2019(contexts),
        EcdsaSd2023(contexts),
    )
    return {suite.name: suite for suite in every}


SUITES: Final[Mapping[str, Cryptosuite]] = suites()
