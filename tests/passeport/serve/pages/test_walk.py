"""By link, from the wallet's command line to the verdict, over sockets; and what must not come of it."""

import datetime as dt
import json
import re
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from boundary.strict_json import write
from exchange import qr, share_link
from exchange.share_link import ShareLink
from problems import ProofVerificationError

HIDDEN = ("2000-02-29", "29/02/2000", "29 février 2000", "Admission par jury", '"Bien"', "birthdate")


def link_of(told) -> ShareLink:
    return share_link.opened(qr.decode(told["url"].replace("http://", "https://")))


def view(told, service, name=None):
    return service.page.post(f"/links/{name or link_of(told).name}/view", json={})


def read(told, service) -> str:
    answer = view(told, service)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return link_of(told).unseal(answer.json()["ciphertext"]).decode()


def check(service, text, link="", lang="fr"):
    return service.page.post(f"/v/check?lang={lang}", data={"text": text, "link": link})


def verdict(answer) -> str:
    assert answer.status_code == 200, answer.text
    [found] = re.findall(r'<h1 tabindex="-1">(.*?)</h1>', answer.text)
    return found


def later(service, days):
    house = service.app.state.house
    house.now = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("form", "items"), [("sd-jwt", "given_name,family_name"), ("json", "given_name,family_name")]
)
def test_a_share_behind_a_link_is_verified(furnished, service, form, items):
    [file] = furnished.path("out").glob(f"R-1-*.{form}")
    show = f"{furnished.held('R-1', file.name.partition('.')[2])}:{items}"
    told = furnished("wallet", "share", "--show", show, "--link", service.origin, "--json").json
    answer = check(service, read(told, service), link_of(told).name)
    assert verdict(answer) == "Authentique"
    assert "Camille Fictive EXEMPLE-DÉMONSTRATION" in answer.text
    assert "pièce d&#39;identité" in answer.text


def test_in_english_too(share, service):
    told = share()
    assert verdict(check(service, read(told, service), link_of(told).name, "en")) == "Genuine"


def test_a_share_is_for_its_link_alone(share, service):
    """Put behind another link, shown without one, or taken from one without a link: not valid."""
    one, other = share(), share()
    text = read(one, service)
    for name in (link_of(other).name, ""):
        answer = check(service, text, name)
        assert verdict(answer) == "Non valide"
        assert "holder.for_another" in answer.text
        assert "Camille" not in answer.text


def test_a_share_for_any_bearer_is_for_no_link(furnished, share, service):
    shown = furnished("wallet", "present", "--show", f"{furnished.held('R-1')}:given_name").out.strip()
    assert verdict(check(service, shown)) == "Authentique"
    assert verdict(check(service, shown, link_of(share()).name)) == "Non valide"


def test_a_share_outlives_its_link_not_even_for_who_kept_it(share, service):
    told = share("--days", "1")
    text = read(told, service)
    later(service, 2)
    assert verdict(check(service, text, link_of(told).name)) == "Non valide"


def test_hidden_values_are_nowhere(furnished, share, service, capfd):
    """Neither in what is stored, nor in what is answered, nor in what is logged."""
    told = share()
    text = read(told, service)
    answer = check(service, text, link_of(told).name)
    stored = b"".join(path.read_bytes() for path in (furnished.home / "service").iterdir())
    logged = "".join(capfd.readouterr())
    for hidden in HIDDEN:
        assert hidden not in text
        assert hidden not in answer.text
        assert hidden.encode() not in stored
    for shown in ("Camille", "EXEMPLE", "RNCP37674", link_of(told).name, told["url"].partition("#")[2]):
        assert shown.encode() not in stored
        assert shown not in logged


def test_an_expired_link_says_that_the_link_has(share, service):
    told = share("--days", "1")
    later(service, 2)
    answer = view(told, service)
    assert answer.status_code == 410
    assert answer.json()["code"] == "link.expired"
    assert "attestation reste valable" in answer.json()["detail"]
    assert answer.headers["cache-control"] == "no-store"


def test_of_fifty_who_open_a_link_for_one_over_sockets_one_does(share, service):
    told = share("--views", "1")
    url = f"{service.origin}/links/{link_of(told).name}/view"
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: httpx2.post(url, json={}, timeout=60).status_code, range(50)))
    assert sorted(answers) == [200] + [410] * 49


def test_looking_at_a_link_neither_shows_nor_counts(share, service):
    """What previews and mail filters do: GET and HEAD, with and without the fragment."""
    told = share("--views", "1")
    name = link_of(told).name
    for path in ("/v", f"/v#{name}", f"/v/{name}", f"/links/{name}", f"/links/{name}/view", "/links"):
        for method in ("GET", "HEAD"):
            answer = service.page.request(method, path, headers={"User-Agent": "LinkPreview/1.0"})
            assert "Camille" not in answer.text
            assert "ciphertext" not in answer.text
    assert read(told, service)


def test_a_form_of_another_site_opens_nothing(share, service):
    """Only a JSON body is taken, which other sites cannot send without asking."""
    told = share("--views", "1")
    answer = service.page.post(f"/links/{link_of(told).name}/view", data={"a": "b"})
    assert answer.status_code == 400
    assert read(told, service)


def test_the_holder_cuts_the_link(furnished, share, service):
    told, other = share(), share()
    assert {one["id"] for one in furnished("wallet", "links", "--json").json} == {told["id"], other["id"]}
    furnished("wallet", "unlink", told["id"][:8])
    assert view(told, service).json()["code"] == "link.revoked"
    assert [one["id"] for one in furnished("wallet", "links", "--json").json] == [other["id"]]
    assert read(other, service)
    furnished.refused("link.unlisted", "wallet", "unlink", told["id"])
    furnished.refused("link.unlisted", "wallet", "unlink", "")


def test_a_link_that_could_not_be_cut_stays_on_the_list(furnished, share, service):
    told = share()
    service.stop()
    furnished.refused("fetch.failed", "wallet", "unlink", told["id"])
    assert [one["id"] for one in furnished("wallet", "links", "--json").json] == [told["id"]]


def test_only_the_owner_of_a_link_may_ask_change_or_cut(service):
    """To everybody else it is not there: the same answer as for a link that never was."""
    one, token = put(service)
    _, other = put(service)
    unknown = ShareLink.new(service.origin).name
    refused = [
        service.page.request(method, f"/links/{name}", headers=bearer(tried), json=body)
        for method, body in (("GET", None), ("PATCH", {"max_views": 1}), ("DELETE", None))
        for name, tried in ((one, other), (one, one), (unknown, token), ("x", token))
    ]
    assert {answer.status_code for answer in refused} == {404}
    assert len({answer.text for answer in refused}) == 1
    assert service.page.delete(f"/links/{one}").status_code == 401
    assert service.page.get(f"/links/{one}", headers=bearer(token)).json()["views"] == 0
    assert view(None, service, one).status_code == 200


def test_the_owner_shortens_and_cuts(service):
    name, token = put(service)
    answer = service.page.patch(f"/links/{name}", headers=bearer(token), json={"max_views": 1})
    assert answer.json()["max_views"] == 1
    view(None, service, name)
    state = service.page.get(f"/links/{name}", headers=bearer(token)).json()
    assert (state["views"], state["ended"]) == (1, "exhausted")
    assert (
        service.page.patch(f"/links/{name}", headers=bearer(token), json={"max_views": 9}).status_code == 410
    )
    assert service.page.delete(f"/links/{name}", headers=bearer(token)).status_code == 204
    assert view(None, service, name).json()["code"] == "link.revoked"


def test_names_are_guessed_in_vain(service):
    guesses = ["", "1", "../..", "%00", "A" * 22, *(ShareLink.new(service.origin).name for _ in range(40))]
    answers = [service.page.post(f"/links/{guess}/view", json={}) for guess in guesses]
    told = {answer.text for answer in answers if answer.json().get("code") == "link.unknown"}
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert len(told) == 1
    many = [service.page.post("/links/AAAAAAAAAAAAAAAAAAAAAA/view", json={}).status_code for _ in range(40)]
    assert many[-1] == 429


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "short"}, "link.name"),
        ({"id": 7}, "http.body"),
        ({"host": "autre.example"}, "link.host"),
        ({"ciphertext": "plain text"}, "jwe.malformed"),
        ({"ciphertext": "A" * 400_000}, "http.body"),
        ({"expires": "2020-01-01T00:00:00Z"}, "link.lifetime"),
        ({"expires": "2999-01-01T00:00:00Z"}, "link.lifetime"),
        ({"expires": "2026-12-01T00:00:00"}, "http.body"),
        ({"max_views": 0}, "link.views"),
        ({"max_views": True}, "http.body"),
        ({"owner": "me"}, "http.body"),
    ],
)
def test_what_is_no_link_is_not_kept(service, change, code):
    answer = service.page.post("/links", json=asked(service) | change)
    assert answer.status_code == 400
    assert answer.json()["code"] == code


def test_a_name_is_used_once(service):
    body = asked(service)
    assert service.page.post("/links", json=body).status_code == 201
    assert service.page.post("/links", json=body).json()["code"] == "link.exists"


def test_nobody_makes_links_without_end(service):
    answers = [service.page.post("/links", json=asked(service)).status_code for _ in range(40)]
    assert answers[0] == 201
    assert answers[-1] == 429


def test_the_service_cannot_read_what_it_keeps(share, service):
    told = share()
    ciphertext = view(told, service).json()["ciphertext"]
    with pytest.raises(ProofVerificationError):
        ShareLink(service.origin, link_of(told).name, bytes(32)).unseal(ciphertext)


@pytest.mark.parametrize("url", ["", "ftp://a.example", "https://a.example/path", "https://a.example?x", "x"])
def test_an_address_that_is_no_service_is_refused_before_anything_is_shown(furnished, url):
    held = furnished.held("R-1")
    furnished.refused("link.origin", "wallet", "share", "--show", held, "--link", url)
    assert furnished("wallet", "links", "--json").json == []


def test_a_share_that_nobody_keeps_is_no_link(furnished):
    """Nothing listens there."""
    said = furnished.play("wallet", "share", "--show", furnished.held("R-1"), "--link", "http://127.0.0.1:9")
    assert said.status == 2
    assert furnished("wallet", "links", "--json").json == []


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def asked(service):
    link = ShareLink.new(service.origin)
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    return json.loads(
        write(
            {
                "host": service.origin.partition("://")[2],
                "id": link.name,
                "ciphertext": link.seal("a share"),
                "expires": expires.isoformat(),
            }
        )
    )


def put(service):
    body = asked(service)
    return body["id"], service.page.post("/links", json=body).json()["owner"]
