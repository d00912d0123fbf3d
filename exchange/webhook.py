"""Messages to an address that somebody registered, signed so that they know who sends them.

Standard Webhooks 1.0.0: the id stays the same however often a message is sent, the time is that of the
attempt, and what is signed is ``{id}.{time}.{body}`` with HMAC-SHA-256 (scheme ``v1``).
"""

import base64
import datetime as dt
import hmac
from typing import Final

from boundary import strict_json
from boundary.strict_json import Json

_SECRET: Final = "whsec_"  # noqa: S105  (how a secret begins)


def message(kind: str, at: dt.datetime, data: Json) -> str:
    """Return the body: what happened (``request.answered``), when, and to what."""
    return strict_json.write({"type": kind, "timestamp": at.isoformat(), "data": data})


def written(secret: bytes) -> str:
    """Return ``secret`` (24 to 64 bytes) as it is shown to who will verify with it."""
    return _SECRET + base64.b64encode(secret).decode()


def headers(secret: bytes, name: str, body: str, now: dt.datetime) -> dict[str, str]:
    """Return the headers of one attempt to send ``body`` as the message ``name``, which has no full stop."""
    time = str(int(now.timestamp()))
    made = hmac.digest(secret, f"{name}.{time}.{body}".encode(), "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": time,
        "webhook-signature": f"v1,{base64.b64encode(made).decode()}",
    }
