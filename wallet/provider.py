"""Who vouches for this wallet: its provider, for itself (HAIP 1.0 §4.4.1) and for its keys (§4.5.1).

A provider is elsewhere and looks at the wallet before it vouches for it. On a laptop it is a key in the
wallet's home, which vouches for whatever asks: it says of the keys that they are kept as software keeps them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from exchange.oauth import attestation
from exchange.openid4vci import key_attestation
from exchange.openid4vci.key_attestation import Demand
from keys.public import PublicKey
from keys.signer import Signer
from keys.x509 import Chain

LIFETIME: Final = dt.timedelta(hours=1)
SOFTWARE: Final = ("iso_18045_basic",)


class Provider(Protocol):
    """Vouches for instances of one wallet."""

    def vouch(self, instance: PublicKey, client_id: str, now: dt.datetime) -> str:
        """Return a client attestation for the key of an instance."""
        ...

    def vouch_for_keys(self, keys: Sequence[PublicKey], nonce: str | None, now: dt.datetime) -> str:
        """Return a key attestation for keys of the wallet."""
        ...

    def meets(self, demand: Demand) -> bool:
        """Say whether it can vouch for as much as an issuer asks of keys."""
        ...


@dataclass(frozen=True)
class OwnProvider:
    """A provider whose key stands here, with the certificates by which issuers trust it."""

    signer: Signer
    chain: Chain
    key_storage: tuple[str, ...] = SOFTWARE
    user_authentication: tuple[str, ...] = SOFTWARE

    def vouch(self, instance: PublicKey, client_id: str, now: dt.datetime) -> str:
        return attestation.attest(self.signer, self.chain, client_id, instance, now + LIFETIME)

    def vouch_for_keys(self, keys: Sequence[PublicKey], nonce: str | None, now: dt.datetime) -> str:
        return key_attestation.attest(
            self.signer,
            self.chain,
            keys,
            now,
            now + LIFETIME,
            nonce=nonce,
            key_storage=self.key_storage,
            user_authentication=self.user_authentication,
        )

    def meets(self, demand: Demand) -> bool:
        return demand.met_by(self.key_storage, self.user_authentication)
