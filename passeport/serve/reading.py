"""The key with which an organisation reads what wallets encrypt for it: made once, sealed beside its keyring.

It signs nothing and stands in no DID document: wallets find it in the metadata of the issuer.
"""

from pathlib import Path
from typing import Final

from boundary import strict_json
from keys.jwe import DecryptionKey
from keys.sealing import Cost
from passeport.serve.kept_secret import kept_secret

_FILE: Final = "reading.json"


def reading_key(folder: Path, passphrase: str, cost: Cost) -> DecryptionKey:
    """Return the key of the organisation in ``folder``, made when there is none yet. Raises SecretError."""

    def make() -> bytes:
        return strict_json.write(DecryptionKey.generate().secret).encode()

    kept = kept_secret(folder / _FILE, "passeport-reading-key/1", passphrase, cost, make)
    return DecryptionKey.read(strict_json.read_object(kept))
