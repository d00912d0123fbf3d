"""Which keys a wallet shows, each once: proved by themselves, or by the word of the wallet's provider.

The nonces with which they were shown are used up here, whatever becomes of the rest.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from exchange.openid4vci import proof as proofs
from exchange.openid4vci.key_attestation import KeyAttestation
from exchange.openid4vci.messages import ERROR, CredentialRequest
from exchange.openid4vci.proof import KeyProof
from issuer.counter import BATCH_SIZE, Counter
from keys.dids import key as did_key
from keys.jwk import ALG, thumbprint
from problems import ProtocolError
from storage.grants import Grant

_REFUSED: Final = "invalid_proof"


def nonces(counter: Counter) -> str:
    """Return the purpose under which nonces for key proofs are kept."""
    return f"vci.nonce.{counter.organisation}"


def holders(counter: Counter, grant: Grant, request: CredentialRequest, now: dt.datetime) -> list[str]:
    """Return whose keys were shown, as DIDs; raise ProtocolError."""
    _require_few(request.proofs)
    shown = list(_shown(counter, grant, request, now))
    named = {thumbprint(one.key): one.holder for one in reversed(shown)}
    _require_few(named)
    for used in {one.nonce for one in shown}:
        if counter.once.take(nonces(counter), used, now).state != "ready":
            raise ProtocolError("vci.nonce", error="invalid_nonce")
    return list(dict.fromkeys(named[thumbprint(one.key)] for one in shown))


def _require_few(keys: Iterable[object]) -> None:
    if len(list(keys)) > BATCH_SIZE:
        raise ProtocolError("vci.batch", error=ERROR, limit=BATCH_SIZE)


def _shown(
    counter: Counter, grant: Grant, request: CredentialRequest, now: dt.datetime
) -> Iterable[KeyProof]:
    if request.attestation is not None:
        yield from _by_word_alone(counter, request.attestation, now)
    for text in request.proofs:
        one = proofs.check(text, counter.url, now, client_id=grant.client_id)
        yield one
        if counter.providers.demand is not None:
            yield from _beside(counter, one, now)


def _by_word_alone(counter: Counter, text: str, now: dt.datetime) -> Iterable[KeyProof]:
    """F.3: nobody proves anything but the provider, so only where keys are asked to be attested."""
    if counter.providers.demand is None:
        raise ProtocolError("vci.proof_type", error=_REFUSED)
    return _proofs(counter.providers.vouched(text, now, with_proof=False))


def _beside(counter: Counter, one: KeyProof, now: dt.datetime) -> Iterable[KeyProof]:
    """F.1: the key that signed is one of those attested, and each of these gets a credential."""
    if one.attestation is None:
        raise ProtocolError("vci.key_attestation_missing", error=_REFUSED)
    found = counter.providers.vouched(one.attestation, now, with_proof=True)
    if one.key not in found.keys:
        raise ProtocolError("vci.key_attestation_other", error=_REFUSED)
    return _proofs(found)


def _proofs(found: KeyAttestation) -> Sequence[KeyProof]:
    if found.nonce is None:
        raise ProtocolError("vci.proof_nonce", error=_REFUSED)
    if any(ALG.get(key.algorithm) not in proofs.ALGORITHMS for key in found.keys):
        raise ProtocolError("vci.proof_algorithm", error=_REFUSED, known=", ".join(proofs.ALGORITHMS))
    return [KeyProof(did_key.did(key), key, found.nonce) for key in found.keys]
