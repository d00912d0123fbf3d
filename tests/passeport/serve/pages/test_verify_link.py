"""``passeport verify`` a share link: opened when asked to, and judged as made for that link."""

from dataclasses import replace
from typing import Any

import pytest

from exchange import qr, share_link
from passeport import qr_image


@pytest.fixture
def here(furnished: Any) -> Any:
    """A command line that may ask this machine."""
    return replace(furnished, more={"PASSEPORT_LOOPBACK": "1"})


def views(service: Any) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(service.app.state.house.settings.database("links"))) as db:
        return int(db.execute("select coalesce(sum(views), 0) from link").fetchone()[0])


def test_a_link_is_opened_and_verified(here: Any, share: Any, service: Any) -> None:
    told = here("verify", share()["url"], "--online", "--json").json
    assert (told["verified"], told["verdict"]) == (True, "genuine")
    assert "Camille Fictive" in str(told)
    assert views(service) == 1


def test_on_a_picture_in_a_file_and_on_standard_input(here: Any, share: Any, service: Any) -> None:
    secure = share()["url"].replace("http:", "https:")
    picture, text = here.write("link.png", qr_image.png(secure)), here.write("link.txt", secure)
    assert here("verify", picture, "--online", "--json").json["verified"]
    assert here("verify", text, "--online", "--json").json["verified"]
    assert here("verify", "-", "--online", "--json", stdin=secure.encode()).json["verified"]
    assert views(service) == 3


def test_unasked_nothing_is_opened(here: Any, share: Any, service: Any) -> None:
    """Neither does whoever may not ask this machine ask it."""
    url = share()["url"]
    here.refused("link.not_opened", "verify", url)
    here.refused("link.not_opened", "verify", url, "--json")
    careful = replace(here, more={})
    careful.refused("qr.foreign", "verify", url, "--online")
    careful.refused("url.refused", "verify", url.replace("http:", "https:"), "--online")
    assert views(service) == 0


def test_a_link_that_is_over_says_so(here: Any, share: Any) -> None:
    once, cut = share("--views", "1"), share()
    assert here("verify", once["url"], "--online", "--json").json["verified"]
    here.refused("link.exhausted", "verify", once["url"], "--online")
    here("wallet", "unlink", cut["id"][:8])
    here.refused("link.revoked", "verify", cut["url"], "--online")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: body[:10], "link.damaged"),
        (lambda body: ("A" if body[0] != "A" else "B") + body[1:], "link.unknown"),
        (lambda body: body[:-4] + ("AAAA" if body[-4:] != "AAAA" else "BBBB"), "link.damaged"),
    ],
    ids=["cut short", "another name", "another key"],
)
def test_a_link_that_is_not_whole(here: Any, share: Any, change: Any, code: str) -> None:
    before, _, body = share()["url"].partition("#L")
    here.refused(code, "verify", f"{before}#L{change(body)}", "--online")


def test_what_is_behind_another_link_is_not_valid(here: Any, share: Any, service: Any) -> None:
    """Whoever opened a share puts it behind a link of their own."""
    one, name = share(), "AAECAwQFBgcICQoLDA0ODw"
    link = share_link.opened(qr.decode(one["url"].replace("http:", "https:")))
    taken = service.page.post(f"/links/{link.name}/view", json={}).json()["ciphertext"]
    other = replace(link, name=name, origin=service.origin)
    sealed = other.seal(link.unseal(taken).decode())
    host = service.origin.partition("://")[2]
    made = {"host": host, "id": name, "ciphertext": sealed, "expires": one["expires"]}
    assert service.page.post("/links", json=made).status_code == 201
    told = here("verify", other.url, "--online", "--json", ends=1).json
    assert told["verdict"] == "not_valid"
    assert "holder.for_another" in str(told)


def test_a_withdrawn_certificate_behind_a_link(here: Any, share: Any) -> None:
    url = share()["url"]
    here("revoke", "R-1", "--issuer", "centre", "--reason", "x")
    assert here("verify", url, "--online", "--json", ends=1).json["verdict"] == "not_valid"


def test_a_link_answers_no_request(here: Any, share: Any, service: Any) -> None:
    asked = ("--audience", "https://r.example", "--nonce", "n")
    here.refused("link.no_answer", "verify", share()["url"], "--online", *asked)
    assert views(service) == 0


def test_a_receipt_of_a_link(here: Any, share: Any) -> None:
    out = here.path("receipt.json")
    here("verify", share()["url"], "--online", "--receipt", out, "--as", "atelier")
    assert "Camille" not in out.read_text("utf-8")


def test_a_service_that_says_nonsense(here: Any, share: Any, service: Any) -> None:
    url = share()["url"]
    service.stop()
    here.refused("fetch.failed", "verify", url, "--online")
