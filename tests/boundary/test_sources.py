"""A pinned folder stands for the web and gives away nothing else."""

import os
from pathlib import Path

import pytest

from boundary import limits
from boundary.sources import Chain, Mirror, Nowhere, Remembered, Source
from problems import LimitError, MalformedValueError, RetrievalError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    web = tmp_path / "web"
    for name, content in {
        "issuer.example/.well-known/did.json": "root",
        "issuer.example/.well-known/jwt-vc-issuer/tenant": "metadata",
        "issuer.example%3A8443/users/one/did.json": "with port",
        "issuer.example/status/1": "list",
    }.items():
        path = web / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "secret.txt").write_text("secret")
    return web


@pytest.mark.parametrize(
    ("url", "content"),
    [
        ("https://issuer.example/.well-known/did.json", b"root"),
        ("https://issuer.example:443/.well-known/did.json", b"root"),
        ("https://issuer.example/.well-known/jwt-vc-issuer/tenant", b"metadata"),
        ("https://issuer.example:8443/users/one/did.json", b"with port"),
        ("https://issuer.example/status/1", b"list"),
    ],
)
def test_a_pinned_document_is_found_where_the_web_has_it(folder, url, content):
    assert Mirror(folder).get(url) == content
    assert Mirror(folder).path(url).read_bytes() == content


@pytest.mark.parametrize(
    "url",
    [
        "https://issuer.example/absent",
        "https://other.example/.well-known/did.json",
        "https://issuer.example:8443/.well-known/did.json",
        "https://issuer.example/status",
        "https://issuer.example/status/",
        "https://issuer.example/",
        "https://issuer.example/status/1?v=2",
        "https://issuer.example/status%2F1",
        "https://issuer.example/%2e%2e/%2e%2e/secret.txt",
        "https://issuer.example//status/1",
        "https://issuer.example/status/1/deeper",
    ],
)
def test_what_is_not_pinned_is_unknown(folder, url):
    with pytest.raises(RetrievalError, match=r"source\.not_pinned") as caught:
        Mirror(folder).get(url)
    assert caught.value.transient


@pytest.mark.parametrize(
    "url",
    [
        "https://issuer.example/../../secret.txt",
        "https://../secret.txt",
        "https://../../secret.txt",
        "http://issuer.example/status/1",
        "file:///etc/passwd",
        "https://issuer.example/status\\1",
        "https://issuer.example/status/1\x00",
    ],
)
def test_no_address_leads_out_of_the_folder(folder, url):
    with pytest.raises(MalformedValueError, match=r"url\.refused"):
        Mirror(folder).get(url)


def test_a_link_out_of_the_folder_is_not_followed(folder):
    (folder / "issuer.example" / "link").symlink_to(folder.parent / "secret.txt")
    (folder / "escaped.example").symlink_to(folder.parent)
    (folder / "issuer.example" / "loop").symlink_to(folder / "issuer.example" / "loop")
    (folder / "issuer.example" / "same").symlink_to(folder / "issuer.example" / "status" / "1")
    mirror = Mirror(folder)
    for url in (
        "https://issuer.example/link",
        "https://escaped.example/secret.txt",
        "https://issuer.example/loop",
    ):
        with pytest.raises(RetrievalError, match=r"source\.not_pinned"):
            mirror.get(url)
    assert mirror.get("https://issuer.example/same") == b"list"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have names on POSIX only")
def test_a_pipe_is_no_document(folder):
    os.mkfifo(folder / "issuer.example" / "pipe")
    with pytest.raises(RetrievalError, match=r"source\.not_pinned"):
        Mirror(folder).get("https://issuer.example/pipe")


def test_a_folder_that_is_not_there_pins_nothing(tmp_path):
    with pytest.raises(RetrievalError, match=r"source\.not_pinned"):
        Mirror(tmp_path / "absent").get("https://issuer.example/a")


def test_a_large_file_is_refused(folder):
    with pytest.raises(LimitError, match=r"file\.too_large"):
        Mirror(folder).get("https://issuer.example/status/1", limit=3)
    assert Mirror(folder).get("https://issuer.example/status/1", limit=4) == b"list"


def test_nowhere_knows_nothing_and_still_refuses_what_is_no_address():
    with pytest.raises(RetrievalError, match=r"source\.offline"):
        Nowhere().get("https://issuer.example/a")
    with pytest.raises(MalformedValueError, match=r"url\.refused"):
        Nowhere().get("http://issuer.example/a")


def test_a_chain_asks_in_order_and_the_last_explains(folder, tmp_path):
    nearer = tmp_path / "nearer"
    (nearer / "issuer.example/status").mkdir(parents=True)
    (nearer / "issuer.example/status/1").write_text("newer list")
    chain: Source = Chain(Mirror(nearer), Mirror(folder), Nowhere())
    assert chain.get("https://issuer.example/status/1") == b"newer list"
    assert chain.get("https://issuer.example/.well-known/did.json") == b"root"
    with pytest.raises(RetrievalError, match=r"source\.offline"):
        chain.get("https://other.example/a")


def test_a_chain_does_not_shop_around_for_what_one_source_refuses(folder):
    with pytest.raises(LimitError):
        Chain(Mirror(folder), Nowhere()).get("https://issuer.example/status/1", limit=1)


class _Counting:
    """Answers with the address; refuses what ends in ``/no``. Remembers what it was asked."""

    def __init__(self, size: int = 0) -> None:
        self.asked: list[str] = []
        self._size = size

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        self.asked.append(url)
        if url.endswith("/no"):
            raise RetrievalError("source.offline", host="a.example")
        return url.encode() + bytes(self._size)


def test_each_address_is_asked_once_and_a_refusal_remembered_too() -> None:
    counting = _Counting()
    remembered = Remembered(counting)
    for _ in range(3):
        assert remembered.get("https://a.example/1") == b"https://a.example/1"
        with pytest.raises(RetrievalError) as caught:
            remembered.get("https://a.example/no")
        assert (caught.value.code, caught.value.facts) == ("source.offline", {"host": "a.example"})
    assert counting.asked == ["https://a.example/1", "https://a.example/no"]


@pytest.mark.parametrize(("size", "kept"), [(0, limits.REMEMBERED_DOCUMENTS), (8 << 20, 7)])
def test_what_is_remembered_is_bounded(size: int, kept: int) -> None:
    counting = _Counting(size)
    remembered = Remembered(counting)
    urls = [f"https://a.example/{n}" for n in range(kept + 2)]
    for url in (*urls, *urls[2:]):
        remembered.get(url)
    assert counting.asked == urls, "the newest are remembered"
    remembered.get(urls[0])
    assert counting.asked[-1] == urls[0], "the oldest are forgotten"
