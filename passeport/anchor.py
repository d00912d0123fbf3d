"""Signed heads of the audit log, for keeping elsewhere: they tell when its end was cut off, or all of it
written again.

A head is a token (JWS) on one line of a file. The key that signs them signs nothing else; its secret is
sealed under the passphrase of the service, its public half stands beside it as a did:key, to be noted down
where nobody who can write to this machine can write.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from boundary import base64url, files, limits, strict_json
from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json
from keys import sealing
from keys.dids import key as did_key
from keys.local import LocalSigner
from keys.multikey import SECRET_BYTES
from keys.public import PublicKey
from keys.sealing import STRONG, Cost
from problems import NotFoundError, Problem, ProofVerificationError
from proofs import jws
from storage.audit import Head

TYP: Final = "passeport-audit-head+jwt"
_KEY: Final = "audit-key.json"
_BOUND: Final = b"passeport-audit-key/1"
_ALGORITHM: Final = "Ed25519"


def heads_file(place: Path) -> Path:
    """Return where the heads are kept when nothing else is said."""
    return place / "audit-heads.txt"


def open_key(place: Path, passphrase: str, cost: Cost = STRONG) -> LocalSigner:
    """Return the signer of the log in the folder ``place``, made when there is none. Raises SecretError."""
    path = place / _KEY
    if not path.exists():
        secret = os.urandom(SECRET_BYTES[_ALGORITHM])
        made = LocalSigner.from_secret(_ALGORITHM, secret)
        sealed = sealing.seal(secret, passphrase, _BOUND, cost=cost)
        content = strict_json.write({"key": _did(made.verification_method), "sealed": sealed})
        files.write_first(path, content.encode())
    kept = strict_json.read_object(files.read(path, limit=limits.JSON_BYTES))
    sealed = an_object(kept.get("sealed"), "sealed")
    return LocalSigner.from_secret(_ALGORITHM, sealing.unseal(sealed, passphrase, _BOUND))


def known_key(place: Path) -> str:
    """Return the did:key of the log in ``place``; raise NotFoundError when it has none."""
    try:
        kept = strict_json.read_object(files.read(place / _KEY, limit=limits.JSON_BYTES))
    except FileNotFoundError:
        raise NotFoundError("audit.no_key") from None
    return a_text(kept.get("key"), "key")


def sign(head: Head, signer: LocalSigner) -> str:
    payload: Json = {"number": head.number, "at": head.at, "hash": base64url.encode(head.hash)}
    return jws.sign({"typ": TYP, "kid": signer.verification_method}, payload, signer)


def append(path: Path, head: Head, signer: LocalSigner) -> None:
    """Add a head to the file at ``path``, durably."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, f"{sign(head, signer)}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read(lines: Iterable[str], key: str) -> list[Head]:
    """Return the heads that the key signed; raise ProofVerificationError ``audit.head`` for any other."""
    public = did_key.public_key_of(key)
    return [_head(number, line.strip(), public) for number, line in enumerate(lines, 1) if line.strip()]


def _head(number: int, line: str, key: PublicKey) -> Head:
    try:
        token = jws.parse(line)
        jws.verify(token, key, typ=(TYP,))
        said = jws.claims(token)
        entry, at = an_integer(said.get("number"), "number"), a_text(said.get("at"), "at")
        return Head(entry, at, base64url.decode(a_text(said.get("hash"), "hash")))
    except Problem:
        raise ProofVerificationError("audit.head", line=number) from None


def _did(verification_method: str) -> str:
    return verification_method.partition("#")[0]
