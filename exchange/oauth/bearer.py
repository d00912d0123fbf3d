"""The access token in a request's header (RFC 6750 §2.1, RFC 9449 §7.1)."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from problems import ProtocolError

Scheme: TypeAlias = Literal["Bearer", "DPoP"]
_HEADER: Final = re.compile(r"(?P<scheme>bearer|dpop) +(?P<token>[A-Za-z0-9._~+/-]{1,4096}=*)", re.IGNORECASE)


@dataclass(frozen=True)
class Presented:
    scheme: Scheme
    token: str


def write(presented: Presented) -> str:
    return f"{presented.scheme} {presented.token}"


def read(header: str | None) -> Presented:
    """Return the token; raise ProtocolError ``invalid_token`` (401) when there is none."""
    found = _HEADER.fullmatch(header or "")
    if found is None:
        raise ProtocolError("oauth.no_token", error="invalid_token", answer=401)
    return Presented("DPoP" if found["scheme"].lower() == "dpop" else "Bearer", found["token"])
