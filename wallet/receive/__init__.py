"""Receive credentials over OpenID4VCI 1.0: from an offer to a vault, with the person's word in between.

    look          what is offered, by whom: shown before anything is accepted           (offered.py)
    start         the person accepts: an errand, which the vault can keep               (errand.py)
    redeem        with a pre-authorized code and perhaps a transaction code             (access.py)
    sign_in, signed_in   or by the browser, with an authorization code                  (access.py)
    collect       credentials for fresh keys, at once or later                          (collect.py)
    arrived       what came, verified, for the person to see whose it is                (keep.py)
    keep, refuse  only now it is in the vault, or not; the issuer is told               (keep.py)

Each step takes an errand and returns one: between two of them the wallet may be closed.
"""

from wallet.receive.access import redeem, sign_in, signed_in
from wallet.receive.collect import collect
from wallet.receive.errand import Errand, errands, forget, remember, start
from wallet.receive.keep import Arrival, arrived, keep, refuse
from wallet.receive.offered import Offered, OfferedCredential, look
from wallet.receive.talk import Web

__all__ = [
    "Arrival",
    "Errand",
    "Offered",
    "OfferedCredential",
    "Web",
    "arrived",
    "collect",
    "errands",
    "forget",
    "keep",
    "look",
    "redeem",
    "refuse",
    "remember",
    "sign_in",
    "signed_in",
    "start",
]
