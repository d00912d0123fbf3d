"""Three implementations of SD-JWT VC behind one face: ours, one on Node, one in Python."""

import copy
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier
from strangers import Refused, Strangers

from keys.dids import key as did_key
from keys.dids.resolve import resolver
from keys.jwk import from_jwk, to_jwk
from keys.local import LocalSigner
from problems import Problem
from proofs import sd_jwt

Path = tuple[str | int, ...]
Json = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A key that its party keeps: the did:key URL and the public JWK by which others know it."""

    verification_method: str
    jwk: Json

    @property
    def did(self) -> str:
        return self.verification_method.partition("#")[0]


@dataclass(frozen=True)
class Request:
    """What a verifier asks of a presentation."""

    audience: str
    nonce: str
    now: dt.datetime


class SdJwtParty(Protocol):
    refuses: type[Exception]

    def new_key(self, algorithm: str) -> Key: ...

    def issue(self, payload: Json, selective: Sequence[Path], key: Key) -> str: ...

    def present(self, text: str, reveal: Sequence[Path], holder: Key, request: Request) -> str: ...

    def verify(self, text: str, issuer: Key, request: Request) -> Json: ...


@dataclass
class OurSdJwt:
    refuses = Problem
    decoys: int = 2
    _signers: dict[str, LocalSigner] = field(default_factory=dict)

    def new_key(self, algorithm: Any) -> Key:
        signer = LocalSigner.generate(algorithm)
        self._signers[signer.verification_method] = signer
        return Key(signer.verification_method, to_jwk(signer.public_key))

    def issue(self, payload: Json, selective: Sequence[Path], key: Key) -> str:
        return sd_jwt.issue(payload, selective, self._signers[key.verification_method], decoys=self.decoys)

    def present(self, text: str, reveal: Sequence[Path], holder: Key, request: Request) -> str:
        signer = self._signers[holder.verification_method]
        binding = sd_jwt.KeyBinding(signer, request.audience, request.nonce, request.now)
        return sd_jwt.present(text, reveal, binding)

    def verify(self, text: str, issuer: Key, request: Request) -> Json:
        expected = sd_jwt.HolderExpectation(request.audience, request.nonce, dt.timedelta(minutes=5))
        verified = sd_jwt.verify(text, resolver(), now=request.now, holder=expected)
        assert verified.key.verification_method == issuer.verification_method
        sd_jwt.check_dates(verified.payload, request.now)
        return verified.payload


@dataclass
class NodeSdJwt:
    strangers: Strangers
    refuses = Refused
    decoys: int = 2

    def new_key(self, algorithm: str) -> Key:
        made = self.strangers.ask("generateKey", algorithm=algorithm)
        return Key(made["verificationMethod"], made["publicJwk"])

    def issue(self, payload: Json, selective: Sequence[Path], key: Key) -> str:
        frame = disclosure_frame(selective) | ({"_sd_decoy": self.decoys} if self.decoys else {})
        asked = {"payload": payload, "frame": frame, "key": key.verification_method}
        return str(self.strangers.ask("issueSdJwt", **asked))

    def present(self, text: str, reveal: Sequence[Path], holder: Key, request: Request) -> str:
        asked = {"text": text, "reveal": presentation_frame(reveal), "key": holder.verification_method}
        return str(self.strangers.ask("presentSdJwt", **asked, **_words(request)))

    def verify(self, text: str, issuer: Key, request: Request) -> Json:
        verified: Json = self.strangers.ask("verifySdJwt", text=text, issuerJwk=issuer.jwk, **_words(request))
        return verified


def _words(request: Request) -> Json:
    return {"audience": request.audience, "nonce": request.nonce, "now": int(request.now.timestamp())}


@dataclass
class PythonSdJwt:
    """The package sd-jwt: ES256 only, looks at no date, stamps key bindings with the real time."""

    refuses = Exception  # whatever comes: its own ValueErrors, jwcrypto's, KeyError
    decoys: bool = True
    _keys: dict[str, JWK] = field(default_factory=dict)

    def new_key(self, algorithm: str) -> Key:
        assert algorithm == "P-256"
        jwk = JWK.generate(kty="EC", crv="P-256")
        public = jwk.export_public(as_dict=True)
        key = Key(did_key.verification_method(from_jwk(public)), public)
        self._keys[key.verification_method] = jwk
        return key

    def issue(self, payload: Json, selective: Sequence[Path], key: Key) -> str:
        header = {"typ": "dc+sd-jwt", "kid": key.verification_method}
        issuer_key = self._keys[key.verification_method]
        claims = marked(payload, selective)
        holder_key = JWK(**claims.pop("cnf")["jwk"])  # given apart, or it would hide decoys in it
        issued = SDJWTIssuer(
            claims, issuer_key, holder_key, add_decoy_claims=self.decoys, extra_header_parameters=header
        )
        return str(issued.sd_jwt_issuance)

    def present(self, text: str, reveal: Sequence[Path], holder: Key, request: Request) -> str:
        presenting = SDJWTHolder(text)
        shown, key = claims_to_disclose(reveal), self._keys[holder.verification_method]
        presenting.create_presentation(shown, request.nonce, request.audience, key)
        return str(presenting.sd_jwt_presentation)

    def verify(self, text: str, issuer: Key, request: Request) -> Json:
        key = JWK.from_json(json.dumps(issuer.jwk))
        verifier = SDJWTVerifier(text, lambda *_: key, request.audience, request.nonce)
        verified: Json = verifier.get_verified_payload()
        return verified


def disclosure_frame(selective: Sequence[Path]) -> Json:
    """What @sd-jwt wants: at each level, ``_sd`` lists what is hidden there."""
    frame: Json = {}
    for *parents, last in selective:
        level = frame
        for step in parents:
            level = level.setdefault(str(step), {})
        level.setdefault("_sd", []).append(last)
    return frame


def presentation_frame(reveal: Sequence[Path]) -> Json:
    """What @sd-jwt wants: true at what is shown, objects on the way there."""
    frame: Json = {}
    for *parents, last in reveal:
        level = frame
        for step in parents:
            if not isinstance(level.get(str(step)), dict):
                level[str(step)] = {}
            level = level[str(step)]
        level.setdefault(str(last), True)
    return frame


def marked(payload: Json, selective: Sequence[Path]) -> Json:
    """What sd-jwt wants: names of hidden members and hidden elements wrapped in ``SDObj``."""
    claims = copy.deepcopy(payload)
    for *parents, last in sorted(selective, key=len, reverse=True):  # inside first: names change
        level: Any = claims
        for step in parents:
            level = level[step]
        if isinstance(level, list):
            level[last] = SDObj(level[last])
        else:
            level[SDObj(last)] = level.pop(last)
    return claims


def claims_to_disclose(reveal: Sequence[Path]) -> Json:
    """What sd-jwt wants: true at what is shown, lists filled with false before it."""
    wanted: Json = {}
    for path in sorted(reveal, key=len):
        level: Any = wanted
        for step, following in zip(path, (*path[1:], None), strict=True):
            if isinstance(level, list):
                level.extend([False] * (step + 1 - len(level)))
            nested = True if following is None else [] if isinstance(following, int) else {}
            if isinstance(level, list) or not isinstance(level.get(step), dict | list):
                level[step] = nested
            level = level[step]
    return wanted
