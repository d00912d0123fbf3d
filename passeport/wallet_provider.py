"""The provider that vouches for the wallet of a home (:mod:`wallet.provider`): a key in a file beside it.

Made for development, certified by the development authority of the home; whoever has another provider's key
and certificates puts them there.
"""

import datetime as dt
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from boundary import files, limits
from keys.local import LocalSigner
from keys.x509 import key_file
from passeport import certificates
from wallet.provider import OwnProvider, Provider

_FILE: Final = "wallet-provider.pem"
_NAME: Final = "Passeport, fournisseur de développement"


def create(home: Path, now: dt.datetime) -> bytes:
    """Make a provider unless there is one; return the authority (PEM) that issuers must trust for it."""
    authority = certificates.authority(home, now)
    if not (home / _FILE).exists():
        signer = LocalSigner.generate("P-256")
        chain = authority.certify(signer.public_key, _NAME, now)
        files.write_first(home / _FILE, key_file.write(signer, chain))
    return authority.certificate.public_bytes(Encoding.PEM)


def find(home: Path) -> Provider | None:
    """Return the provider of the wallet; None when nobody vouches for it. Raises MalformedValueError."""
    try:
        data = files.read(home / _FILE, limit=limits.X509_FILE_BYTES)
    except FileNotFoundError:
        return None
    return OwnProvider(*key_file.read(data))
