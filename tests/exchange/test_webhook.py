"""A message is signed as every library of Standard Webhooks verifies it (exchanged in tests/peers)."""

import base64
import datetime as dt
import json

from exchange import webhook

SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
NOW = dt.datetime.fromtimestamp(1614265330, dt.UTC)


def test_the_vector_of_the_reference_libraries() -> None:
    """standard-webhooks/standard-webhooks, the test of ``sign`` that each of its libraries has."""
    made = webhook.headers(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', NOW)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert made["webhook-timestamp"] == "1614265330"


def test_a_secret_is_written_as_libraries_read_it() -> None:
    assert webhook.written(SECRET) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_message_says_what_happened_and_when() -> None:
    said = json.loads(webhook.message("request.answered", NOW, {"request": "r-1"}))
    assert said == {
        "type": "request.answered",
        "timestamp": "2021-02-25T15:02:10+00:00",
        "data": {"request": "r-1"},
    }
