"""Where things are kept and in which language people are spoken to: from the environment, once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from problems import InputError
from problems.sentences import LANGS, Lang

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Settings:
    """``home`` holds issuers, the wallet and the pinned web; nothing is written outside it unasked."""

    home: Path
    lang: Lang
    loopback: bool = False
    """Whether the wallet may speak with services on this machine: for development."""

    @property
    def wallet(self) -> Path:
        return self.home / "wallet.db"

    @property
    def once(self) -> Path:
        """What may be used once: the questions that this verifier asked."""
        return self.home / "once.db"

    @property
    def web(self) -> Path:
        """The pinned folder: published documents, one folder per host, as the web would serve them."""
        return self.home / "web"

    def issuer(self, name: str) -> Path:
        """Return the folder of the issuer ``name``; raise InputError for a name that is no name."""
        if not _NAME.fullmatch(name):
            raise InputError("cli.issuer_name")
        return self.home / "issuers" / name


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read PASSEPORT_HOME (default ``var``), PASSEPORT_LANG (``fr`` or ``en``, default ``fr``) and
    PASSEPORT_LOOPBACK (``1`` in development)."""
    asked = environment.get("PASSEPORT_LANG", "fr")[:2].lower()
    lang: Lang = next((known for known in LANGS if known == asked), "fr")
    loopback = environment.get("PASSEPORT_LOOPBACK") == "1"
    return Settings(Path(environment.get("PASSEPORT_HOME", "var")), lang, loopback)
