"""KY-006: whatever is asked, by whoever may ask the most, no answer holds what signs or what opens."""

import base64
import re

from fastapi.routing import iter_route_contexts

from boundary.roles import ROLES
from keys.local import secret_of
from passeport import issuers
from passeport.settings import Settings

PRIVATE = re.compile(
    rb'"(d|k|p|q|dp|dq|oth|priv|secretKeyMultibase|privateKeyJwk|privateKeyMultibase)"\s*:|PRIVATE KEY'
)
SECRET = "phrase secrète de test"


def spelled(secret: bytes) -> list[bytes]:
    texts = [base64.b64encode(secret), base64.urlsafe_b64encode(secret), secret.hex().encode()]
    return [secret, str(int.from_bytes(secret)).encode(), *(text.rstrip(b"=") for text in texts)]


def test_no_route_gives_a_secret_away(place):
    home = place.house.settings.home
    issuer = issuers.open_issuer(Settings(home, "fr"), "centre")
    key = next(iter(issuer.keyring.records())).id
    secret = secret_of(issuer.keyring._unsealed(key, SECRET))
    known = [*spelled(secret), *spelled(SECRET.encode()), SECRET.encode()]
    browser = place.browser("administrator")
    place.house.people.members.set_roles("centre", "a-administrator", frozenset(ROLES))
    asked, known_parts = 0, {"organisation": "centre", "key": key}
    for route in iter_route_contexts(place.app.routes):
        if "GET" not in (route.methods or ()):
            continue
        filled = re.sub(r"{(\w+)(?::\w+)?}", lambda m: known_parts.get(m[1], "x-1"), str(route.path))
        for path in (filled, f"{filled}?debug=1&export=private"):
            body = browser.get(path, follow_redirects=False).content
            assert not any(secret in body for secret in known), path
            assert not PRIVATE.search(body), (path, PRIVATE.search(body))
            asked += 1
    assert asked > 40
