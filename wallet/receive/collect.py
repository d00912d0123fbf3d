"""Collect: ask for credentials, with proofs of fresh keys, and again for what was not ready (§7 to §10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from boundary import strict_json
from boundary.fetch import Answer
from boundary.strict_json import Json
from exchange.oauth.bearer import Presented
from exchange.openid4vci import encryption, messages, proof
from exchange.openid4vci.key_attestation import Demand
from exchange.openid4vci.messages import CredentialRequest, CredentialResponse, Deferred, DeferredRequest
from exchange.openid4vci.metadata import SIGNED, Configuration
from exchange.openid4vci.proof import Naming
from keys.jwe import ALGORITHM, DecryptionKey
from keys.signer import Algorithm
from problems import InputError, ProtocolError
from wallet.contents import HolderKey
from wallet.provider import Provider
from wallet.receive.access import renew
from wallet.receive.errand import Arrived, Errand, Waiting
from wallet.receive.talk import JSON, Talk, Web, read
from wallet.vault import Vault

_ALGORITHMS: Final[dict[str, Algorithm]] = {"ES256": "P-256", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}
_NAMINGS: Final[dict[str, Naming]] = {"jwk": "jwk", "did:key": "did:key", "did:jwk": "did:jwk"}


def collect(errand: Errand, vault: Vault, web: Web) -> Errand:
    """Return the errand with what could be had now; what could not, it waits for.

    Fresh keys are in the vault before they are shown to anybody. Raises ProtocolError for a refusal,
    RetrievalError, InputError ``receive.no_access`` before there is a token.
    """
    if errand.access is None:
        raise InputError("receive.no_access")
    counter = _Counter(errand, vault, web, Talk(web, errand.signer))
    if errand.asked:
        return counter.again()
    return counter.first()


@dataclass
class _Counter:
    """The issuer, as seen by one errand."""

    errand: Errand
    vault: Vault
    web: Web
    talk: Talk

    def first(self) -> Errand:
        access = self.errand.access
        for name in self.errand.configurations:
            for identifier in (access.identifiers.get(name) if access else None) or (None,):
                self._ask(name, identifier)
        self.errand = replace(self.errand, asked=True)
        return self.errand

    def again(self) -> Errand:
        """§9: each transaction is asked for once; what is still not ready stays."""
        waiting, self.errand = self.errand.waiting, replace(self.errand, waiting=())
        for one in waiting:
            endpoint = self.errand.offered.issuer.deferred_endpoint
            if endpoint is None:
                raise ProtocolError("receive.no_deferred", error="invalid_transaction_id", answer=502)
            self._take(one.configuration, one.keys, self._deferred(endpoint, one))
        return self.errand

    def _ask(self, name: str, identifier: str | None) -> None:
        configuration = self.errand.configuration(name)
        keys = self._fresh_keys(configuration)
        try:
            said = self._requested(name, identifier, configuration, keys)
        except ProtocolError:
            for key in keys:
                self.vault.forget_key(key.did)
            raise
        self._take(name, [key.did for key in keys], said)

    def _requested(
        self, name: str, identifier: str | None, configuration: Configuration, keys: Sequence[HolderKey]
    ) -> CredentialResponse | Deferred:
        """§8.3.1.2: a nonce that was good a moment ago may be stale; a fresh one is tried, once."""
        for last in (False, True):
            request = CredentialRequest(None if identifier else name, identifier)
            request = self._with_proofs(request, configuration, keys)
            try:
                return self._posted(self.errand.offered.issuer.credential_endpoint, request)
            except ProtocolError as problem:
                if last or problem.error != "invalid_nonce":
                    raise
        raise AssertionError("unreachable")

    def _posted(
        self, endpoint: str, request: CredentialRequest | DeferredRequest
    ) -> CredentialResponse | Deferred:
        offered = self.errand.offered.issuer.encryption
        if offered is None or not offered.required:
            return messages.read_response(
                read(self._sent(endpoint, strict_json.encode(request.document()), JSON))
            )
        key = DecryptionKey.generate() if offered.algorithms else None
        if key is not None:
            request = replace(request, encryption=encryption.wanted(key, offered))
        body = encryption.encrypt_request(_with_algorithm(request.document()), offered).encode()
        return messages.read_response(_opened(self._sent(endpoint, body, SIGNED), key))

    def _deferred(self, endpoint: str, one: Waiting) -> CredentialResponse | Deferred:
        return self._posted(endpoint, DeferredRequest(one.transaction))

    def _sent(self, endpoint: str, body: bytes, kind: str) -> Answer:
        """A token may have ended meanwhile: another one is got, once, where that is possible."""
        answer = self.talk.send(endpoint, body, kind, self._token())
        access = self.errand.access
        if answer.status == 401 and access and access.refresh:
            self.errand = renew(self.errand, self.web)
            answer = self.talk.send(endpoint, body, kind, self._token())
        return answer

    def _token(self) -> Presented:
        if self.errand.access is None:
            raise InputError("receive.no_access")
        return self.errand.access.token

    def _fresh_keys(self, configuration: Configuration) -> list[HolderKey]:
        """One for each copy, so that copies do not link; none where none is asked for."""
        asked = configuration.proofs or configuration.attested
        if not configuration.binding and not asked:
            return []
        _require_attested(configuration, self.web.provider)
        algorithm = next((_ALGORITHMS[one] for one in asked if one in _ALGORITHMS), None)
        if algorithm is None:
            raise InputError("receive.no_proof")
        host = self.errand.offered.host
        count = range(self.errand.copies)
        return [self.vault.new_key(self.web.now(), algorithm=algorithm, reference=host) for _ in count]

    def _with_proofs(
        self, request: CredentialRequest, configuration: Configuration, keys: Sequence[HolderKey]
    ) -> CredentialRequest:
        """F.1, F.3: each key proves itself; where they are attested, together, one speaks for all or none."""
        if not keys:
            return request
        nonce, provider = self._nonce(), self.web.provider
        if provider is None or (configuration.demand is None and configuration.proofs):
            return replace(request, proofs=tuple(self._proof(one, configuration, nonce) for one in keys))
        word = provider.vouch_for_keys([key.public for key in keys], nonce, self.web.now())
        if not configuration.proofs:
            return replace(request, attestation=word)
        return replace(request, proofs=(self._proof(keys[0], configuration, nonce, word),))

    def _proof(
        self, key: HolderKey, configuration: Configuration, nonce: str | None, word: str | None = None
    ) -> str:
        access = self.errand.access
        return proof.make(
            self.vault.signer_for(key.did),
            key.public,
            self.errand.offered.issuer.issuer,
            self.web.now(),
            nonce=nonce,
            client_id=self.web.client_id if access and access.named else None,
            naming=_naming(configuration),
            attestation=word,
        )

    def _nonce(self) -> str | None:
        """§7: asked for without a token, and without a proof of a key."""
        endpoint = self.errand.offered.issuer.nonce_endpoint
        if endpoint is None:
            return None
        return messages.read_nonce(read(Talk(self.web).send(endpoint, b"", JSON)))

    def _take(self, name: str, keys: Sequence[str], said: CredentialResponse | Deferred) -> None:
        if isinstance(said, Deferred):
            waiting = Waiting(said.transaction_id, said.interval, name, tuple(keys))
            self.errand = replace(self.errand, waiting=(*self.errand.waiting, waiting))
            return
        arrived = [Arrived(name, _body(one), tuple(keys), said.notification_id) for one in said.credentials]
        self.errand = replace(self.errand, arrived=(*self.errand.arrived, *arrived))


def _require_attested(configuration: Configuration, provider: Provider | None) -> None:
    """Refuse, before any key is made, to ask for what would be refused."""
    alone = configuration.attested and not configuration.proofs
    asked = configuration.demand or (Demand() if alone else None)
    if asked is None:
        return
    if provider is None:
        raise InputError("receive.keys_not_attested")
    if not provider.meets(asked):
        raise InputError("receive.keys_too_weak", asked=", ".join(asked.key_storage)[:200])


def _naming(configuration: Configuration) -> Naming:
    """Return how to name a key: as the issuer binds to it, the key itself where it takes that."""
    for method in ("jwk", "did:key", "did:jwk"):
        if method in configuration.binding:
            return _NAMINGS[method]
    if configuration.binding:
        raise InputError("receive.no_proof")
    return "jwk"


def _opened(answer: Answer, key: DecryptionKey | None) -> Json:
    """§10: refusals are never encrypted, everything else is when that was asked for."""
    if key is None or not 200 <= answer.status < 300:
        return read(answer)
    return encryption.decrypt_response(answer.body.decode("ascii", "replace").strip(), key)


def _with_algorithm(document: Json) -> Json:
    """Say the algorithm where issuers built to older drafts look for it, too: beside the key, not in it."""
    wanted = document.get("credential_response_encryption")
    if not isinstance(wanted, dict):
        return document
    return {**document, "credential_response_encryption": {**wanted, "alg": ALGORITHM}}


def _body(credential: str | Json) -> bytes:
    return strict_json.encode(credential) if isinstance(credential, dict) else credential.strip().encode()
