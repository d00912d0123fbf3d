"""Authorization details of type ``openid_credential`` (RFC 9396, OpenID4VCI §5.1.1, §6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from boundary import strict_json
from boundary.shape import a_list, a_text, an_object, texts
from boundary.strict_json import Json, JsonValue
from exchange.oauth.refusal import refused_as
from problems import ProtocolError

TYPE: Final = "openid_credential"
ERROR: Final = "invalid_authorization_details"
_MOST: Final = 50


@dataclass(frozen=True)
class Detail:
    """A credential configuration that is asked for or granted; ``identifiers`` stand in a token response."""

    configuration: str
    identifiers: tuple[str, ...] = ()

    def document(self) -> Json:
        named: Json = {"credential_identifiers": [*self.identifiers]} if self.identifiers else {}
        return {"type": TYPE, "credential_configuration_id": self.configuration, **named}


def write(details: Sequence[Detail]) -> str:
    """Return the form field ``authorization_details``."""
    return strict_json.write([detail.document() for detail in details])


def read(text: str | None) -> tuple[Detail, ...] | None:
    """Return what the form field holds, None for no field; raise ProtocolError."""
    if text is None:
        return None
    with refused_as(ERROR):
        return read_value(strict_json.read(text))


def read_value(value: JsonValue) -> tuple[Detail, ...]:
    """Return the details of a list already read; members that we do not know are ignored (§5.1.1)."""
    with refused_as(ERROR):
        entries = a_list(value, "authorization_details")
        if not 0 < len(entries) <= _MOST:
            raise ProtocolError("oauth.details", error=ERROR)
        return tuple(_detail(an_object(entry, "authorization_details")) for entry in entries)


def _detail(entry: Json) -> Detail:
    if entry.get("type") != TYPE:
        raise ProtocolError("oauth.details", error=ERROR)
    configuration = a_text(entry.get("credential_configuration_id"), "credential_configuration_id")
    return Detail(configuration, tuple(texts(entry.get("credential_identifiers"), "credential_identifiers")))
