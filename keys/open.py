"""Open a signer by URI: ``file:PATH#KEY`` is a key in a keyring. One line of the table per backend."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from keys.keyring import Keyring
from keys.signer import Secrets, Signer
from problems import InputError


def open_signer(uri: str, secrets: Secrets) -> Signer:
    """Return the signer at ``uri``; ``secrets`` is asked for its passphrase only when it may sign.

    Raises InputError for a URI that names nothing, NotFoundError, ConflictError for a key that is not
    active, SecretError for a wrong passphrase.
    """
    scheme, colon, place = uri.partition(":")
    opener = _OPENERS.get(scheme)
    if not colon or opener is None:
        raise InputError("key.scheme_unknown")
    return opener(place, secrets)


def _open_file(place: str, secrets: Secrets) -> Signer:
    path, _, key_id = place.rpartition("#")
    if not path or not key_id:
        raise InputError("key.uri")
    ring = Keyring(Path(path))
    ring.require_active(key_id)
    return ring.signer(key_id, secrets("passphrase"))


_OPENERS: Final[Mapping[str, Callable[[str, Secrets], Signer]]] = {"file": _open_file}
