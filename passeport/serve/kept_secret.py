"""Secrets that an organisation's processes share: made once, sealed beside its keyring."""

from collections.abc import Callable
from pathlib import Path

from boundary import files, limits, strict_json
from keys import sealing
from keys.sealing import Cost


def kept_secret(path: Path, purpose: str, passphrase: str, cost: Cost, make: Callable[[], bytes]) -> bytes:
    """Return the secret at ``path``, for ``purpose`` and for the organisation whose folder it is in.

    Of several processes that make one together, all get the one that was there first. Raises SecretError.
    """
    bound_to = f"{purpose}\x00{path.parent.name}".encode()
    if not path.exists():
        sealed = sealing.seal(make(), passphrase, bound_to, cost=cost)
        files.write_first(path, strict_json.write(sealed).encode())
    sealed = strict_json.read_object(files.read(path, limit=limits.JSON_BYTES))
    return sealing.unseal(sealed, passphrase, bound_to)
