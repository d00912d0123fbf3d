"""One spelling of an address (hostile ones are in test_fetch)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import limits, urls
from problems import MalformedValueError


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://issuer.example", "issuer.example", 443, "/"),
        ("https://issuer.example/", "issuer.example", 443, "/"),
        ("https://a-b.issuer.example:8443/x/did.json", "a-b.issuer.example", 8443, "/x/did.json"),
        ("https://issuer.example/status/1?v=2&w=a/b", "issuer.example", 443, "/status/1?v=2&w=a/b"),
        ("https://issuer.example?v=2", "issuer.example", 443, "/?v=2"),
        ("https://issuer.example/%C3%A9cole/~a", "issuer.example", 443, "/%C3%A9cole/~a"),
        ("https://1a.2b.example/", "1a.2b.example", 443, "/"),
    ],
)
def test_an_ordinary_address_is_taken_apart(url, host, port, target):
    found = urls.parse(url)
    assert (found.host, found.port, found.target) == (host, port, target)
    assert urls.parse(str(found)) == found


@pytest.mark.parametrize(
    "url",
    [
        "https://issuer.example/a/../b",
        "https://issuer.example/./b",
        "https://issuer.example/..",
        "https://issuer.example/a b",
        "https://issuer.example/é",
        "https://issuer.example/%zz",
        "https://issuer.example/#key-1",
        "https://ISSUER.example/",
        "HTTPS://issuer.example/",
        "https://issuer_.example/",
        "https://-issuer.example/",
        "https://issuer-.example/",
        "https://issuer..example/",
        "https://.example/",
        "https://issuer.example:/",
        "https://issuer.example:0/",
        "https://issuer.example:65536/",
        "https://issuer.example/\n",
        " https://issuer.example/",
        "https:///issuer.example",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/",
        "https://a.xn--p1ai/",
        "https://a.b.1/",
    ],
)
def test_a_strange_address_is_refused(url):
    with pytest.raises(MalformedValueError, match=r"url\.refused"):
        urls.parse(url)


def test_the_usual_port_has_one_spelling():
    assert str(urls.parse("https://issuer.example:443/a")) == "https://issuer.example/a"


@given(st.text(max_size=60).map("https://".__add__) | st.text(max_size=60))
def test_whatever_is_accepted_is_plain_ascii_and_stable(url):
    try:
        found = urls.parse(url)
    except MalformedValueError:
        return
    assert str(found).isascii()
    assert urls.parse(str(found)) == found


def test_the_longest_lawful_address_and_host():
    start = "https://issuer.example/"
    urls.parse(start + "a" * (limits.URL_CHARS - len(start)))
    with pytest.raises(MalformedValueError):
        urls.parse(start + "a" * (limits.URL_CHARS - len(start) + 1))
    host = "a." * 124 + "abcde"
    assert len(host) == limits.HOST_CHARS
    assert urls.is_host(host)
    assert not urls.is_host("a" + host)
