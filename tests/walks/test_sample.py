"""``make serve`` on an empty home: a newcomer finds a page, a share to verify and an offer to take up."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from passeport.serve import sample
from passeport.serve.settings import Service
from problems import InputError

sys.path.append(str(Path(__file__).parent))  # tests are no package: what they share has names of its own

import processes


def test_a_newcomer_can_click_verify_and_take_up(passeport: Any) -> None:
    both = {"passphrase": passeport.secret, "wallet_passphrase": passeport.secret}
    with processes.running(passeport.home, "all", said=("--sample",), **both) as served:
        said = "".join(served.said)
        assert f"{served.url}/v" in said
        assert served.ask("/v")[0] == served.ask("/openapi.json")[0] == 200
        [picture] = re.findall(r": (/.*\.png)", said)
        assert passeport("verify", picture, "--json").json["verified"]
        [link] = re.findall(r"'(openid-credential-offer://[^']+)'", said)
        status, offer = served.ask(_path(link))
        assert status == 200, offer
        assert b"diploma" in offer


def _path(link: str) -> str:
    from exchange.openid4vci import offer as offers

    return "/" + offers.read_link(link, plain=True).split("/", 3)[3]


def test_a_home_that_is_somebodys_is_left_as_it_is(furnished: Any) -> None:
    before = sorted(furnished.home.rglob("*"))
    assert sample.furnish(Service(home=furnished.home)) is None
    assert sorted(furnished.home.rglob("*")) == before


def test_no_sample_people_where_others_come(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"service\.sample_public"):
        sample.furnish(Service(home=tmp_path, public_url="https://passeport.example"))
    assert not list(tmp_path.iterdir())
