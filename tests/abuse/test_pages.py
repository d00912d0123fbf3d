"""Hostile texts and pictures on the page of results: shown as what they are, or not at all."""

import datetime as dt
import re

import pytest
from attacks import pages

from boundary.sources import Nowhere
from keys.dids import key as did_key
from keys.local import LocalSigner
from passeport import passport
from passeport.pages import render
from passeport.pages.check import Desk
from passeport.pages.result import Result
from proofs import sd_jwt

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def shown(given: bytes) -> str:
    desk = Desk(
        "https://passeport.example", lambda data, _, now: passport.verifier(Nowhere()).verify(data, now)
    )
    found = desk.check(given, "", "fr", NOW)
    if isinstance(found, Result):
        return render.verdict(found, "fr", desk.host)
    return render.entry("fr", desk.host, 1, found)


def inside(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def tags(html: str) -> set[str]:
    return set(re.findall(r"<([a-zA-Z][\w-]*)", inside(html)))


@pytest.mark.parametrize("number", range(len(pages.xss())))
def test_a_text_is_shown_as_text_wherever_it_stands(number):
    text = pages.xss()[number]
    signer = LocalSigner.generate("P-256")
    payload = {
        "iss": did_key.did(signer.public_key),
        "vct": "https://autre.example/vct",
        "iat": 1_790_000_000,
    }
    plain = shown(
        sd_jwt.issue({**payload, "name": "x", "issuing_authority": "y", "z": "t"}, [], signer).encode()
    )
    html = shown(
        sd_jwt.issue({**payload, "name": text, "issuing_authority": text, "z": text}, [], signer).encode()
    )
    assert tags(html) - {"details", "summary"} <= tags(plain)
    assert "49" not in inside(html)
    assert not re.search("[\u202e\u2028]", html)
    assert not re.search(r"\s(?:src|on\w+)=", re.sub(r">[^<]*<", "><", inside(html)))
    assert set(re.findall(r'href="([^"#][^"]*)"', inside(html))) == {"/v?lang=fr"}


@pytest.mark.parametrize("svg", pages.svg_active())
def test_an_active_picture_is_not_shown(svg):
    html = shown(svg.encode())
    assert "autre.example" not in html
    assert not tags(html) & {"iframe", "script", "image", "style", "foreignObject"}
