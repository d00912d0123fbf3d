"""Tokens made by hand, honest or not, with throw-away keys.

Written against the specifications and against nothing of ours, so that a mistake of ours is not made
twice: standard library and ``cryptography`` only. A verifier under test is to trust
``KEYS.issuer_jwks()`` for ``ISS`` and must not trust ``KEYS.attacker``.
"""

import base64
import hashlib
import json
import os
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISS = "https://issuer.test"
AUD = "x509_san_dns:verifier.test"
NONCE = "n-0S6_WzA2Mj"
VCT = "https://issuer.test/vct/skill"
HDR = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": "k1"}


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jd(value):
    return json.dumps(value, separators=(",", ":")).encode()


def sha256(text):
    return b64u(hashlib.sha256(text.encode()).digest())


class _Keys:
    def __init__(self):
        self.issuer, self.holder, self.attacker = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))

    @staticmethod
    def jwk(key, **more):
        numbers = key.public_key().public_numbers()
        x, y = (b64u(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **more}

    def issuer_jwks(self):
        return {"keys": [self.jwk(self.issuer, kid="k1", alg="ES256", use="sig")]}


KEYS = _Keys()


def es256(key, message):
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def jws(hdr, payload, key=None, raw_hdr=None, raw_payload=None):
    head = b64u(raw_hdr if raw_hdr is not None else jd(hdr))
    body = b64u(raw_payload if raw_payload is not None else jd(payload))
    return f"{head}.{body}.{b64u(es256(key or KEYS.issuer, f'{head}.{body}'.encode()))}"


def disc(name, value, salt=None):
    """Return a disclosure and its digest; without a name, one of an array's elements."""
    parts = [salt or b64u(os.urandom(16)), *([] if name is None else [name]), value]
    text = b64u(jd(parts))
    return text, sha256(text)


def _without_ellipses(members):
    return {name: value for name, value in members.items() if value is not ...}


def base_payload(**more):
    """Return the claims of an honest credential, and ``more``; ``...`` takes one away."""
    now = int(time.time())
    claims = {
        "iss": ISS,
        "iat": now - 60,
        "exp": now + 3600,
        "vct": VCT,
        "cnf": {"jwk": KEYS.jwk(KEYS.holder)},
        "_sd_alg": "sha-256",
    }
    return _without_ellipses({**claims, **more})


def sdjwt(payload, discs=(), key=None, hdr=None, kb="good", kb_claims=None, kb_hdr=None, kb_key=None):
    core = jws({**HDR, **(hdr or {})}, payload, key) + "~" + "".join(f"{text}~" for text in discs)
    if not kb:
        return core
    claims = {"iat": int(time.time()), "aud": AUD, "nonce": NONCE, "sd_hash": sha256(core)}
    head = {"alg": "ES256", "typ": "kb+jwt", **(kb_hdr or {})}
    return core + jws(
        _without_ellipses(head), _without_ellipses({**claims, **(kb_claims or {})}), kb_key or KEYS.holder
    )
