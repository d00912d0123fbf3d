"""did:key: an identifier that is its own public key (did:key method v0.9)."""

from functools import lru_cache

from keys import multikey
from keys.public import PublicKey
from keys.resolver import Purpose, VerificationKey
from problems import MalformedValueError

PREFIX = "did:key:"


def did(key: PublicKey) -> str:
    return PREFIX + multikey.encode(key)


def verification_method(key: PublicKey) -> str:
    """Return the one DID URL of a did:key: ``did:key:z…#z…``."""
    multibase = multikey.encode(key)
    return f"{PREFIX}{multibase}#{multibase}"


class DidKey:
    """Resolves did:key without asking anybody; the key stands for every purpose."""

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:  # noqa: ARG002
        controller, _, fragment = verification_method.partition("#")
        key = public_key_of(controller)
        if fragment != controller.removeprefix(PREFIX):
            raise MalformedValueError("did.url_invalid")
        return VerificationKey(key, verification_method, controller)


@lru_cache(maxsize=256)
def public_key_of(did: str) -> PublicKey:
    """Return the key that ``did`` is; raise MalformedValueError."""
    if not did.startswith((PREFIX + "z", PREFIX + "u")):
        raise MalformedValueError("did.invalid")
    return multikey.decode(did.removeprefix(PREFIX))
