"""The page without a script: what it says on GET, what forms give, what its files are."""

import re

import pytest
from PIL import Image

from passeport import qr_image
from passeport.pages import render

BARE = "/v/check"


def verdict(answer) -> str:
    [found] = re.findall(r'<h1 tabindex="-1">(.*?)</h1>', answer.text)
    return found


def test_nothing_is_said_of_anybody_before_something_is_given(service):
    answer = service.page.get("/v")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"] == render.POLICY
    assert "unsafe" not in render.POLICY
    assert "noindex" in answer.text
    assert "og:" not in answer.text
    assert service.origin.partition("://")[2] in answer.text


@pytest.mark.parametrize(
    ("path", "asked", "lang"),
    [
        ("/v", "", "fr"),
        ("/v", "en-GB,en;q=0.9", "en"),
        ("/v", "de", "fr"),
        ("/v?lang=en", "fr", "en"),
        ("/v?lang=fr", "en", "fr"),
        ("/v?lang=<script>", "en", "en"),
    ],
)
def test_the_language_is_the_reader_s(service, path, asked, lang):
    answer = service.page.get(path, headers={"Accept-Language": asked})
    assert answer.headers["content-language"] == lang
    assert f'<html lang="{lang}">' in answer.text
    assert "<script>" not in answer.text


def test_files_are_named_by_their_content_and_kept_for_ever(service):
    page = service.page.get("/v").text
    names = set(re.findall(r'"(/v/static/[^"]+)"', page))
    assert {name.rpartition(".")[2] for name in names} == {"css", "js", "svg"}
    for name in names:
        answer = service.page.get(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert service.page.get("/v/static/../../pyproject.toml").status_code == 404
    assert service.page.get("/v/static/v.js").status_code == 404


def test_the_script_is_small_and_calls_nobody_else():
    [script] = [file for name, file in render.static_files().items() if name.endswith(".js")]
    assert len(script.body) < 10_000
    assert b"http://" not in script.body
    assert not re.search(rb"innerHTML|eval|Function\(|document\.write|localStorage|cookie", script.body)


def test_a_file_is_checked_without_a_script(furnished, service):
    """A credential, and a picture of a code that holds everything."""
    [credential] = furnished.path("out").glob("R-1-*.sd-jwt")
    answer = service.page.post(BARE, files={"file": ("a.txt", credential.read_bytes())})
    assert verdict(answer) == "Authentique, à confirmer"
    picture = furnished.path("code.png")
    furnished("wallet", "present", "--show", f"{furnished.held('R-1')}:given_name", "--qr", picture)
    answer = service.page.post(BARE, files={"file": ("code.png", picture.read_bytes())})
    assert verdict(answer) == "Authentique"
    assert "Le code disait mener à passeport.example" in answer.text.replace("\u00a0", " ")


def test_the_picture_of_a_link_leads_to_the_page_that_opens_it(service):
    here = service.origin.partition("://")[2]
    for host, link in ((here, True), ("autre.example", False)):
        picture = qr_image.png(f"https://{host}/v#L{'A' * 64}")
        answer = service.page.post(BARE, files={"file": ("code.png", picture)})
        assert answer.status_code == 400
        assert (f'href="/v?lang=fr#L{"A" * 64}"' in answer.text) == link


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"data": {}}, "page.nothing"),
        ({"data": {"text": " "}}, "page.nothing"),
        ({"data": {"text": "https://autre.example/v#L" + "A" * 64}}, "page.link_elsewhere"),
        ({"data": {"text": "javascript:alert(1)"}}, "presentation.unrecognized"),
        ({"files": {"file": ("<script>.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50)}}, "image"),
        ({"data": {"text": "{}", "link": "../../x"}}, "link.name"),
    ],
)
def test_what_cannot_be_checked_is_said_plainly(service, given, code):
    answer = service.page.post(BARE, **given)
    assert answer.status_code in (200, 400)
    assert code in answer.text
    assert "javascript:alert" not in answer.text
    assert "&lt;script" not in answer.text
    assert "Traceback" not in answer.text
    assert "<h1" in answer.text


def test_too_much_is_refused_and_nothing_is_said_of_it(service):
    answer = service.page.post(BARE, files={"file": ("big.pdf", b"%PDF-" + b"x" * (2 << 20))})
    assert answer.status_code == 413
    assert "xxx" not in answer.text


def test_a_withdrawn_certificate_is_not_valid_on_the_page(furnished, service):
    [credential] = furnished.path("out").glob("R-1-*.sd-jwt")
    furnished("revoke", "R-1", "--issuer", "centre", "--reason", "essai")
    answer = service.page.post(BARE, files={"file": ("a.txt", credential.read_bytes())})
    assert verdict(answer) == "Non valide"
    assert "status.revoked" in answer.text


def test_what_was_changed_shows_one_failed_check_and_no_content(furnished, service):
    [credential] = furnished.path("out").glob("R-1-*.sd-jwt")
    head, payload, rest = credential.read_text().split(".", 2)
    changed = f"{head}.{payload[:-9]}{'A' if payload[-9] != 'A' else 'B'}{payload[-8:]}.{rest}"
    answer = service.page.post(BARE, data={"text": changed})
    assert verdict(answer) == "Non valide"
    assert "Camille" not in answer.text
    assert "pièce d&#39;identité" not in answer.text


def test_a_picture_without_a_code_is_told(service, tmp_path):
    Image.new("L", (200, 200), 255).save(tmp_path / "blank.png")
    answer = service.page.post(BARE, files={"file": ("b.png", (tmp_path / "blank.png").read_bytes())})
    assert "image.no_code" in answer.text
