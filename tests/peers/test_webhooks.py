"""What we sign, the library of Standard Webhooks verifies; what was changed or is late, it refuses."""

import datetime as dt
import os
import re

import pytest
from strangers import Refused, Strangers

from exchange import webhook

pytestmark = pytest.mark.node

SECRET = os.urandom(32)
NAME = "msg_p5jXN8AQM9LWM0D4loKWxJek"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


BODY = webhook.message("request.answered", now(), {"request": "r-é", "state": "answered"})


def verify(strangers: Strangers, headers: dict[str, str], body: str = BODY, secret: bytes = SECRET) -> object:
    return strangers.ask("verifyWebhook", secret=webhook.written(secret), headers=headers, body=body)


def test_it_reads_what_we_tell(strangers: Strangers) -> None:
    told = verify(strangers, webhook.headers(SECRET, NAME, BODY, now()))
    assert told["data"] == {"request": "r-é", "state": "answered"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("why", "changed"),
    [
        ("No matching signature", {"webhook-id": "msg_other"}),
        ("No matching signature", {"body": BODY.replace("answered", "declined")}),
        ("No matching signature", {"secret": bytes(32)}),
        ("No matching signature", {"signed": dt.timedelta(seconds=-1)}),
        ("too old", {"sent": dt.timedelta(minutes=-6)}),
        ("too new", {"sent": dt.timedelta(minutes=6)}),
    ],
    ids=["another id", "another body", "another secret", "another time", "late", "early"],
)
def test_it_refuses_what_we_did_not_tell(strangers: Strangers, why: str, changed: dict[str, object]) -> None:
    changed = dict(changed)
    at = now() + changed.pop("sent", dt.timedelta())  # type: ignore[operator]
    headers = webhook.headers(SECRET, NAME, BODY, at)
    if later := changed.pop("signed", None):
        other = webhook.headers(SECRET, NAME, BODY, at + later)  # type: ignore[operator]
        headers["webhook-signature"] = other["webhook-signature"]
    body, secret = changed.pop("body", BODY), changed.pop("secret", SECRET)
    with pytest.raises(Refused, match=re.escape(why)):
        verify(strangers, headers | changed, body, secret)  # type: ignore[operator, arg-type]
