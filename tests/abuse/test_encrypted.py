"""What comes encrypted is opened in one way only, and never inflated."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jwcrypto import jwe as jwcrypto
from starlette.testclient import TestClient

from boundary import base64url
from exchange.openid4vp import client_id, link
from keys.jwe import CIPHERS, DecryptionKey, decrypt
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from problems import Problem, ProofVerificationError

HERE = Path(__file__).parent
MEGABYTES = 64
QUERY = {"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]}
MAKE = """
import json, sys
sys.path.append(sys.argv[1])
from attacks.tokens import jwe_zip_bomb
print(jwe_zip_bomb(json.loads(sys.argv[2]), int(sys.argv[3])))
"""


def bomb(recipient, mb):
    """Make it in another process: its memory is not that of whoever is to defuse it."""
    public = {name: value for name, value in recipient.items() if name not in ("use", "alg")}
    command = [sys.executable, "-c", MAKE, str(HERE), json.dumps(public), str(mb)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


@pytest.fixture
def mb(full):
    return 200 if full else 40


def within_bounds(work):
    """Run ``work`` in at most a second, and without growing by more than 64 MB."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    done = work()
    assert time.process_time() - begun < 1
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10 <= MEGABYTES
    return done


def test_a_bomb_is_not_opened(mb):
    """JO-022: it is a good one: who opens it has all of it."""
    key = DecryptionKey.generate()
    token = bomb(key.public, mb)
    assert len(token) < mb << 11, "a thousandth of what is in it"
    with pytest.raises(ProofVerificationError, match=r"jwe\.unsupported"):
        within_bounds(lambda: decrypt(token, {key.kid: key}))
    small = jwcrypto.JWE(algs=["ECDH-ES", "A256GCM"])
    small.deserialize(bomb(key.public, 0), key._key)
    assert small.payload == b'{"vp_token":""}', "and without the zeros it is read by who inflates"


def test_a_bomb_as_an_answer_to_a_verifier(furnished, mb):
    """JO-022 at direct_post.jwt: refused, and the request can still be answered."""
    settings = Service(home=furnished.home, role="verifier", requests_per_minute=100_000, body_bytes=8 << 20)
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        opened = client.post(
            "/verifier/requests", json={"dcql_query": QUERY, "response_mode": "direct_post.jwt"}
        )
        request, _ = client_id.open_plain(link.read(opened.json()["link"]).parameters)
        sent = {"response": bomb(request.encryption.key, mb)}
        declined = {"error": "access_denied", "state": request.state}
        answer = within_bounds(lambda: client.post(request.response_uri, data=sent))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert client.post(request.response_uri, data=declined).status_code == 200


@pytest.mark.parametrize("name", ["json_web_encryption", "json_web_crypto"])
def test_wycheproof(fixtures, name):
    """JO-018: all that is broken is refused, and all that is encrypted otherwise than here; ours is read."""
    vectors = json.loads(
        (fixtures / "abuse" / "fixtures" / "wycheproof" / f"{name}_test.json").read_text("utf-8")
    )
    broken = others = 0
    for group in vectors["testGroups"]:
        known = group.get("private", {})
        keys = [_key(known)] if (known.get("kty"), known.get("crv")) == ("EC", "P-256") else []
        for test in group["tests"]:
            if "jwe" not in test:
                continue
            token = test["jwe"] if isinstance(test["jwe"], str) else json.dumps(test["jwe"])
            header = _header(token)
            named = {str(header.get("kid")): key for key in keys}
            if test["result"] == "valid" and header.get("alg") == "ECDH-ES" and header.get("enc") in CIPHERS:
                assert decrypt(token, named) == bytes.fromhex(test["pt"])
                continue
            with pytest.raises(Problem):
                decrypt(token, named)
            broken += test["result"] == "invalid"
            others += test["result"] == "valid"
    assert broken > 30 or name == "json_web_crypto"
    assert broken
    assert others


def _key(known):
    return DecryptionKey.read({name: known[name] for name in ("kty", "crv", "x", "y", "d")})


def _header(token):
    try:
        return json.loads(base64url.decode(token.partition(".")[0]))
    except (Problem, ValueError):
        return {}
