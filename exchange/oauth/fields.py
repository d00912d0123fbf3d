"""Take a field out of a form or an answer, or say which is wrong."""

from collections.abc import Mapping

from problems import ProtocolError


def required(form: Mapping[str, str], name: str) -> str:
    """Return the field; raise ProtocolError ``invalid_request`` when it has no value (RFC 6749 §3.2)."""
    value = form.get(name)
    if not value:
        raise ProtocolError("oauth.field_missing", error="invalid_request", name=name)
    return value


def optional(form: Mapping[str, str], name: str) -> str | None:
    """Return the field; a field without value counts as absent (RFC 6749 §3.1)."""
    return form.get(name) or None
