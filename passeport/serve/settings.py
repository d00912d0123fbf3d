"""What an operator sets: in the environment (PASSEPORT_…), in a TOML file, or nothing for a laptop.

The environment wins over the file, which PASSEPORT_SETTINGS names (default ``passeport.toml``).
"""

import ipaddress
import os
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

RoleName: TypeAlias = Literal["issuer", "wallet", "verifier", "all"]


class Service(BaseSettings):
    """The settings of one service. Sizes are in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="PASSEPORT_", extra="ignore", frozen=True)

    home: Path = Path("var")
    role: RoleName = "all"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_535)
    public_url: str = ""
    """Where others reach this service, without a final slash; its own address if empty."""
    workers: int = Field(default=1, ge=1, le=64)
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    proxies: tuple[str, ...] = ()
    """The addresses of proxies whose X-Forwarded-* headers are believed."""
    passphrase: SecretStr | None = None
    """Opens the signing keys; without it nothing is signed."""

    body_bytes: int = Field(default=1 << 20, ge=1 << 10)
    requests_per_minute: int = Field(default=1_200, ge=1)
    """From one address; more is answered with 429."""
    requests_at_once: int = Field(default=64, ge=1)
    """In one worker process; more is answered with 503."""
    stop_seconds: int = Field(default=30, ge=1)
    wallets: dict[str, tuple[str, ...]] = {}
    """The wallets that may send people here to sign in: by client_id, their return addresses."""
    any_wallet: bool | None = None
    """Whether a wallet that is not listed may, too; if nothing is said, in development only."""
    wallet_providers: Path | None = None
    """Certificates (PEM) of the authorities whose wallets are attested; none if empty."""
    attested_only: bool = False
    """Whether only attested wallets are served (HAIP 1.0 §4.4.1)."""
    attested_keys: bool = False
    """Whether credentials are bound only to keys that the wallet's provider attests (OpenID4VCI App. D)."""
    key_storage: tuple[str, ...] = ()
    """How well these keys must be kept (such as ``iso_18045_moderate``), one of these; any way if empty."""
    approval_above: int = Field(default=100, ge=0)
    """Offering, issuing or revoking more than so many at once takes a second person."""
    retention_seconds: int = Field(default=900, ge=1)
    """How long a verifier keeps what it was shown."""

    x5c: bool = True
    """Whether SD-JWT VCs carry the certificates of the key that signs them, where it has some."""
    asks_as: str = ""
    """The organisation whose key signs requests to wallets; not signed if empty."""
    asks_by: Literal["decentralized_identifier", "x509_hash", "x509_san_dns"] = "decentralized_identifier"
    """How wallets find out that it is that organisation (OpenID4VP 1.0 §5.9.3)."""
    anchors: Path | None = None
    """Certificates (PEM) of the authorities that a verifier or a wallet here trusts to name others."""
    oidc_issuer: str = ""
    """The provider of OpenID Connect with which people sign in, by its issuer identifier; none if empty."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    audit_heads: Path | None = None
    """Where signed heads of the audit log are kept, every minute: better on another disk than the log."""

    conformance: bool | None = None
    """Whether there are instances for other people's test-suites; never outside development."""
    proof_only_verifier: bool | None = None
    """Whether there is a verifier that looks at proofs alone; if nothing is said, in development only."""

    @model_validator(mode="before")
    @classmethod
    def _name_itself(cls, given: dict[str, object]) -> dict[str, object]:
        if given.get("public_url"):
            return given
        scheme = "https" if given.get("tls_certificate") else "http"
        return {
            **given,
            "public_url": f"{scheme}://{given.get('host', '127.0.0.1')}:{given.get('port', 8000)}",
        }

    @field_validator("public_url")
    @classmethod
    def _plain_base(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an address such as https://passeport.example")
        if parts.scheme == "http" and not _is_here(parts.hostname):
            raise ValueError("others are reached over https only")
        return url.rstrip("/")

    @property
    def development(self) -> bool:
        """Whether this service is reached on this machine only; it may then ask this machine, too."""
        return _is_here(urlsplit(self.public_url).hostname or "")

    @property
    def has_conformance(self) -> bool:
        return self.development and self.conformance is not False

    @property
    def has_proof_only(self) -> bool:
        return self.development if self.proof_only_verifier is None else self.proof_only_verifier

    @property
    def web(self) -> Path:
        return self.home / "web"

    def database(self, name: str) -> Path:
        return self.home / "service" / f"{name}.db"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(os.environ.get("PASSEPORT_SETTINGS", "passeport.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
