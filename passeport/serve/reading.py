"""The key with which an organisation reads what wallets encrypt for it: made once, sealed beside its keyring.

It signs nothing and stands in no DID document: wallets find it in the metadata of the issuer.
"""

from pathlib import Path
from typing import Final

from boundary import files, limits, strict_json
from keys import sealing
from keys.jwe import DecryptionKey
from keys.sealing import Cost

_FILE: Final = "reading.json"


def reading_key(folder: Path, passphrase: str, cost: Cost) -> DecryptionKey:
    """Return the key of the organisation in ``folder``, made when there is none yet.

    Of several processes that make one together, all use the one that was there first. Raises SecretError.
    """
    path, bound_to = folder / _FILE, f"passeport-reading-key/1\x00{folder.name}".encode()
    if not path.exists():
        made = strict_json.write(DecryptionKey.generate().secret).encode()
        sealed = sealing.seal(made, passphrase, bound_to, cost=cost)
        files.write_first(path, strict_json.write(sealed).encode())
    sealed = strict_json.read_object(files.read(path, limit=limits.JSON_BYTES))
    return DecryptionKey.read(strict_json.read_object(sealing.unseal(sealed, passphrase, bound_to)))
