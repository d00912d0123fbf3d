"""Who signs and verifies tokens: JWTs ours, joserfc and jose (Node), SD-JWTs ours and @sd-jwt/core (Node)."""

import contextlib
import datetime as dt
import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from joserfc import jws as rfc7515
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, import_key
from sd_jwt_parties import Json, Key, Path, Request, disclosure_frame, presentation_frame
from strangers import Refused, Strangers

from keys.dids import key as did_key
from keys.dids.resolve import resolver
from keys.jwk import from_jwk, to_jwk
from keys.local import LocalSigner
from problems import Problem
from proofs import jose, sd_jwt

KEY_OF: Final = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}
"""Two names of one algorithm: RFC 8037 §3.1 and RFC 9864 §2.2."""
_PUBLIC: Final = ("kty", "crv", "x", "y")
_MINUTES: Final = dt.timedelta(minutes=5)


class JwtParty(Protocol):
    refuses: type[Exception]

    def new_key(self, alg: str) -> Key: ...

    def sign(self, form: str, document: Json, claims: Json, key: Key, alg: str) -> str: ...

    def verify(self, form: str, text: str, key: Key, alg: str, request: Request) -> Json:
        """Return the payload, document and claims in one."""
        ...


@dataclass
class OurTokens:
    refuses = Problem
    _signers: dict[str, LocalSigner] = field(default_factory=dict)

    def new_key(self, alg: str) -> Key:
        signer = LocalSigner.generate(KEY_OF[alg])  # type: ignore[arg-type]
        self._signers[signer.verification_method] = signer
        return Key(signer.verification_method, to_jwk(signer.public_key))

    def sign(self, form: Any, document: Json, claims: Json, key: Key, alg: str) -> str:
        return jose.secure(form, document, claims, self._signers[key.verification_method])

    def verify(self, form: Any, text: str, key: Key, alg: str, request: Request) -> Json:
        if form.startswith("vp"):
            expected = sd_jwt.HolderExpectation(request.audience, request.nonce, _MINUTES)
            shown = jose.verify_presentation(form, text, resolver(), now=request.now, holder=expected)
            assert shown.key.verification_method == key.verification_method
            return {**shown.document, **jose.unverified(form, text).claims}
        verified = jose.verify(form, text, resolver(), now=request.now, audience=request.audience)
        assert verified.key.verification_method == key.verification_method
        return {**verified.document, **verified.claims}

    def issue(self, document: Json, claims: Json, selective: Sequence[Path], key: Key) -> str:
        signer = self._signers[key.verification_method]
        return jose.secure("vc+sd-jwt", document, claims, signer, selective=selective)

    def present(self, text: str, reveal: Sequence[Path], holder: Key, request: Request) -> str:
        signer = self._signers[holder.verification_method]
        binding = sd_jwt.KeyBinding(signer, request.audience, request.nonce, request.now)
        return sd_jwt.present(text, reveal, binding)

    def verify_presented(self, text: str, issuer: Key, request: Request) -> Json:
        expected = sd_jwt.HolderExpectation(request.audience, request.nonce, _MINUTES)
        verified = jose.verify(
            "vc+sd-jwt", text, resolver(), now=request.now, audience=request.audience, holder=expected
        )
        assert verified.key.verification_method == issuer.verification_method
        return {**verified.document, **verified.claims}


@contextlib.contextmanager
def _either_name() -> Iterator[None]:
    """It warns of the older name of EdDSA, which is what most others write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield


@dataclass
class Joserfc:
    """Python's joserfc: signs and verifies what it is given, with the algorithms that it is allowed."""

    refuses = (JoseError, ValueError)  # type: ignore[assignment]
    _keys: dict[str, ECKey | OKPKey] = field(default_factory=dict)

    def new_key(self, alg: str) -> Key:
        curve = KEY_OF[alg]
        made = OKPKey.generate_key(curve) if curve == "Ed25519" else ECKey.generate_key(curve)
        public = {name: value for name, value in made.as_dict(private=False).items() if name in _PUBLIC}
        key = Key(did_key.verification_method(from_jwk(public)), public)
        self._keys[key.verification_method] = made
        return key

    def sign(self, form: str, document: Json, claims: Json, key: Key, alg: str) -> str:
        header = {"alg": alg, "typ": form, "cty": form[:2], "kid": key.verification_method}
        payload = json.dumps({**document, **claims})
        with _either_name():
            return rfc7515.serialize_compact(header, payload, self._keys[key.verification_method], [alg])

    def verify(self, form: str, text: str, key: Key, alg: str, request: Request) -> Json:
        with _either_name():
            signed = rfc7515.deserialize_compact(text, import_key(key.jwk), [alg])
        if signed.headers()["typ"] != form:
            raise ValueError("another typ")
        payload: Json = json.loads(signed.payload)
        return payload


@dataclass
class NodeTokens:
    strangers: Strangers
    refuses = Refused

    def new_key(self, alg: str) -> Key:
        made = self.strangers.ask("generateKey", algorithm=KEY_OF[alg])
        return Key(made["verificationMethod"], made["publicJwk"])

    def sign(self, form: str, document: Json, claims: Json, key: Key, alg: str) -> str:
        header = {"alg": alg, "typ": form, "cty": form[:2]}
        payload = {**document, **claims}
        asked = {"payload": payload, "header": header, "key": key.verification_method}
        return str(self.strangers.ask("signJwt", **asked))

    def verify(self, form: str, text: str, key: Key, alg: str, request: Request) -> Json:
        verified = self.strangers.ask("verifyJwt", text=text, jwk=key.jwk, typ=form, algorithms=[alg])
        payload: Json = verified["payload"]
        return payload

    def issue(self, document: Json, claims: Json, selective: Sequence[Path], key: Key) -> str:
        asked = {
            "payload": {**document, **claims},
            "frame": disclosure_frame(selective) | {"_sd_decoy": 2},
            "header": {"alg": "ES256", "typ": "vc+sd-jwt", "cty": "vc"},
        }
        return str(self.strangers.ask("issueToken", **asked, key=key.verification_method))

    def present(self, text: str, reveal: Sequence[Path], holder: Key, request: Request) -> str:
        asked = {"text": text, "reveal": presentation_frame(reveal), "alg": "ES256"}
        return str(
            self.strangers.ask("presentToken", **asked, key=holder.verification_method, **_words(request))
        )

    def verify_presented(self, text: str, issuer: Key, request: Request) -> Json:
        asked = {"text": text, "issuerJwk": issuer.jwk, "typ": "vc+sd-jwt"}
        verified: Json = self.strangers.ask("verifyToken", **asked, **_words(request))
        return verified


def _words(request: Request) -> Json:
    return {"audience": request.audience, "nonce": request.nonce, "now": int(request.now.timestamp())}
