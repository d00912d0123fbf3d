"""The guarded fetcher meets honest servers, hostile servers and hostile addresses."""

import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Sequence

import pytest

from boundary import limits
from boundary.fetch import Fetcher, is_public, system_lookup
from problems import LimitError, MalformedValueError, Problem, RetrievalError

OK = b"HTTP/1.1 200 OK\r\n"


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(web, reply, **options) -> bytes:
    server = web.serve(reply)
    limit = options.pop("limit", limits.FETCH_BYTES)
    return web.fetcher(server, **options).get(f"https://issuer.example:{server.port}/did.json", limit=limit)


def test_an_honest_document_arrives(web):
    assert get(web, answer(b'{"id":"did:web:issuer.example"}')) == b'{"id":"did:web:issuer.example"}'


def test_a_chunked_answer_arrives_whole(web):
    reply = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    assert get(web, reply) == b"abcdefg"


def test_the_request_says_little_and_asks_for_no_compression(web):
    server = web.serve(answer(b"{}", b"Set-Cookie: id=1; Path=/"))
    fetcher = web.fetcher(server)
    for _ in range(2):
        fetcher.get(f"https://issuer.example:{server.port}/a?b=c")
    first, second = server.requests
    assert first == second, "nothing is remembered between two requests, cookies least of all"
    assert first.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    names = {line.split(b":")[0].lower() for line in first.split(b"\r\n")[1:] if line}
    assert names == {b"host", b"accept", b"accept-encoding", b"user-agent"}
    assert b"accept-encoding: identity" in first.lower()


def test_proxies_of_the_environment_are_not_used(web, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(web, answer(b"{}")) == b"{}"


# ---- answers that are too large


def forever(start: bytes, piece: bytes) -> Callable[[ssl.SSLSocket, threading.Event], None]:
    def reply(channel: ssl.SSLSocket, stopped: threading.Event) -> None:
        channel.sendall(start)
        while not stopped.is_set():
            channel.sendall(piece)

    return reply


def test_exactly_the_limit_is_accepted_and_one_byte_more_refused(web):
    assert len(get(web, answer(b"x" * 1000), limit=1000)) == 1000
    with pytest.raises(LimitError, match=r"fetch\.too_large"):
        get(web, answer(b"x" * 1001), limit=1000)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"Content-Length: 10737418240\r\n\r\n", b"x" * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"\r\n", b"x" * 65536),
    ],
    ids=["ten gigabytes announced", "chunked for ever", "no length, for ever"],
)
def test_an_endless_answer_is_cut_off(web, start, piece):
    with pytest.raises(LimitError, match=r"fetch\.too_large"):
        get(web, forever(OK + start, piece))


def test_endless_headers_are_cut_off(web):
    with pytest.raises(RetrievalError, match=r"fetch\.failed"):
        get(web, forever(OK, b"X-Padding: " + b"x" * 8000 + b"\r\n"))


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"deflate", b"br", b"identity, gzip"])
def test_a_compressed_answer_is_refused_before_anyone_inflates_it(web, encoding):
    bomb = gzip.compress(b"x" * 10_000_000)
    with pytest.raises(RetrievalError, match=r"fetch\.encoded"):
        get(web, answer(bomb, b"Content-Encoding: " + encoding))


# ---- answers that are too slow: the deadline is one for all, however lively the drip


def drip(start: bytes, piece: bytes) -> Callable[[ssl.SSLSocket, threading.Event], None]:
    def reply(channel: ssl.SSLSocket, stopped: threading.Event) -> None:
        channel.sendall(start)
        while not stopped.wait(0.02):
            channel.sendall(piece)

    return reply


@pytest.mark.parametrize(
    "reply",
    [
        drip(OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
        drip(OK, b"X-A: b\r\n"),
        drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        lambda channel, stopped: stopped.wait(5),
    ],
    ids=["drips its body", "drips its headers", "early hints without end", "says nothing"],
)
def test_a_slow_server_is_left_at_the_deadline(web, reply):
    with pytest.raises(RetrievalError, match=r"fetch\.too_slow") as caught:
        get(web, reply, seconds=0.4)
    assert caught.value.transient


def test_a_server_that_never_begins_tls_is_left_at_the_deadline(web):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        fetcher = Fetcher(
            addresses=lambda address: True,
            lookup=lambda host, port: ["127.0.0.1"],
            ports=(port,),
            seconds=0.3,
        )
        with pytest.raises(RetrievalError, match=r"fetch\.too_slow"):
            fetcher.get(f"https://issuer.example:{port}/")


def test_a_name_server_that_hangs_is_left_at_the_deadline():
    never = threading.Event()

    def hang(host: str, port: int) -> Sequence[str]:
        never.wait(10)
        return []

    try:
        with pytest.raises(RetrievalError, match=r"fetch\.too_slow"):
            Fetcher(lookup=hang, seconds=0.2).get("https://issuer.example/")
    finally:
        never.set()


def test_no_time_is_too_little():
    with pytest.raises(RetrievalError, match=r"fetch\.too_slow"):
        Fetcher(lookup=lambda host, port: ["127.0.0.1"], seconds=0).get("https://issuer.example/")


# ---- answers that are no plain 200


@pytest.mark.parametrize(
    "status", [b"300 Choose", b"301 Moved", b"302 Found", b"303 See Other", b"307 Again", b"308 Moved"]
)
def test_redirects_are_not_followed(web, status):
    server = web.serve(answer(b"", b"Location: https://issuer.example/elsewhere", status=status))
    with pytest.raises(RetrievalError, match=r"fetch\.redirect"):
        web.fetcher(server).get(f"https://issuer.example:{server.port}/")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "status", [b"204 No Content", b"206 Partial Content", b"400 Bad Request", b"404 Not Found", b"500 Oops"]
)
def test_another_status_is_unknown_not_an_answer(web, status):
    with pytest.raises(RetrievalError, match=r"fetch\.status") as caught:
        get(web, answer(b"", status=status))
    assert caught.value.facts["answer"] == int(status[:3])


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        OK + b"Content-Length: 100\r\n\r\nshort",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Bad Header\r\n\r\n",
    ],
    ids=["closes", "not HTTP", "longer announced than sent", "two lengths", "bad chunk", "bad header"],
)
def test_a_lying_or_broken_answer_fails_plainly(web, reply):
    with pytest.raises(RetrievalError, match=r"fetch\.failed"):
        get(web, reply)


def test_what_follows_the_announced_length_is_not_read(web):
    assert get(web, OK + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\nmore") == b"{}"


# ---- whom we talk to


def test_a_certificate_of_an_unknown_authority_is_refused(web):
    server = web.serve(answer(b"{}"))
    trusted = web.fetcher(server)
    stranger = Fetcher(addresses=trusted.addresses, lookup=trusted.lookup, ports=trusted.ports)
    with pytest.raises(RetrievalError, match=r"fetch\.tls"):
        stranger.get(f"https://issuer.example:{server.port}/")


@pytest.mark.parametrize(
    "options", [{"subject": "other.example"}, {"ended": True}], ids=["of another host", "expired"]
)
def test_a_wrong_certificate_is_refused(web, options):
    server = web.serve(answer(b"{}"), **options)
    with pytest.raises(RetrievalError, match=r"fetch\.tls"):
        web.fetcher(server).get(f"https://issuer.example:{server.port}/")
    assert server.requests == []


def test_old_tls_is_refused(web):
    server = web.serve(answer(b"{}"))
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server._context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(RetrievalError, match=r"fetch\.tls"):
        web.fetcher(server).get(f"https://issuer.example:{server.port}/")


SSRF_URLS = [
    "http://127.0.0.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://0.0.0.0/",
    "https://0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://127.0.0.1/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://user:pw@127.0.0.1/",
    "https://issuer.example@127.0.0.1/",
    "https://user@issuer.example/",
    "https://127.0.0.1#issuer.example",
    "https://issuer.example:22/",
    "https://issuer.example:0443/",
    "https://issuer.example:99999/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ftp://127.0.0.1/",
    "data:application/json,{}",
    "unix:/var/run/docker.sock",
    "https://①②⑦.⓪.⓪.①/",
    "//127.0.0.1/x",
    "https://64:ff9b::7f00:1/",
    "https://issuer.example\\@127.0.0.1/",
    "https://issuer.example/a\r\nHost: other.example",
    "https://issuer.example./",
    "https://xn--80ak6aa92e.example/",
    "https://issuer.example/" + "a" * 3000,
    "",
]


@pytest.mark.parametrize("url", SSRF_URLS, ids=[url[:40] for url in SSRF_URLS])
def test_an_address_that_may_not_be_asked_is_refused_before_any_look_up(url):
    asked: list[str] = []
    fetcher = Fetcher(lookup=lambda host, port: asked.append(host) or ["127.0.0.1"])
    with pytest.raises(MalformedValueError):
        fetcher.get(url)
    assert asked == []


def test_every_payload_of_the_abuse_catalogue_is_refused(fixtures, monkeypatch):
    monkeypatch.syspath_prepend(str(fixtures / "abuse"))
    generators = pytest.importorskip("generators")
    fetcher = Fetcher(lookup=lambda host, port: ["127.0.0.1"])
    for url in generators.ssrf_urls():
        with pytest.raises(MalformedValueError):
            fetcher.get(url)


PRIVATE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:1::", "2001:db8::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public_also_when_wrapped(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "fe80::1%lo"])
def test_a_public_name_that_leads_to_a_private_address_is_refused(web, address):
    """As 127.0.0.1.nip.io does."""
    server = web.serve(answer(b"{}"))
    fetcher = Fetcher(
        verify=web.authority.client_context(), lookup=lambda host, port: [address], ports=(server.port,)
    )
    with pytest.raises(MalformedValueError, match=r"fetch\.address"):
        fetcher.get(f"https://issuer.example:{server.port}/")
    assert server.requests == []


def test_one_private_address_among_public_ones_spoils_the_answer(web):
    server = web.serve(answer(b"{}"))
    fetcher = web.fetcher(server, answers=["127.0.0.1", "10.0.0.1"])
    with pytest.raises(MalformedValueError, match=r"fetch\.address"):
        fetcher.get(f"https://issuer.example:{server.port}/")
    assert server.requests == []


def test_dns_rebinding_finds_the_connection_made_to_the_address_that_was_checked(web):
    """The name server answers well once, badly ever after: it is asked once per document."""
    server = web.serve(answer(b"{}"))
    answers = iter([["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers, ["10.0.0.1"])

    honest = web.fetcher(server)
    fetcher = Fetcher(honest.addresses, honest.verify, rebinding, honest.ports)
    url = f"https://issuer.example:{server.port}/"
    assert fetcher.get(url) == b"{}"
    assert asked == ["issuer.example"]
    with pytest.raises(MalformedValueError, match=r"fetch\.address"):
        fetcher.get(url)


def test_the_next_address_is_tried_when_the_first_does_not_answer(web):
    server = web.serve(answer(b"{}"))
    honest = web.fetcher(server, answers=["::1", "127.0.0.1"])
    fetcher = Fetcher(lambda address: address.is_loopback, honest.verify, honest.lookup, honest.ports)
    assert fetcher.get(f"https://issuer.example:{server.port}/") == b"{}"


@pytest.mark.parametrize("failing", [[], OSError], ids=["no address", "no such name"])
def test_a_name_that_leads_nowhere_is_unknown(failing):
    def lookup(host: str, port: int) -> Sequence[str]:
        if failing is OSError:
            raise socket.gaierror
        return []

    with pytest.raises(RetrievalError, match=r"fetch\.failed"):
        Fetcher(lookup=lookup).get("https://issuer.example/")


def test_a_port_where_nobody_listens_is_unknown():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    fetcher = Fetcher(lambda address: True, lookup=lambda host, port: ["127.0.0.1"], ports=(port,))
    with pytest.raises(RetrievalError, match=r"fetch\.failed"):
        fetcher.get(f"https://issuer.example:{port}/")


def test_the_default_fetcher_asks_public_addresses_on_the_https_port_only():
    fetcher = Fetcher()
    assert fetcher.addresses is is_public
    assert tuple(fetcher.ports) == (443,)
    assert fetcher.lookup is system_lookup
    assert fetcher.verify.verify_mode is ssl.CERT_REQUIRED
    assert fetcher.verify.check_hostname
    assert fetcher.verify.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_system_look_up_knows_the_loopback():
    assert set(system_lookup("localhost", 443)) <= {"127.0.0.1", "::1"}


def test_no_fact_of_a_problem_repeats_the_address_that_was_asked(web):
    """Addresses may carry a person's identifier; reports show the host and no more."""
    server = web.serve(answer(b"", status=b"404 Not Found"))
    with pytest.raises(Problem) as caught:
        web.fetcher(server).get(f"https://issuer.example:{server.port}/status/person-17")
    assert "person-17" not in str(caught.value)


# ---- asking with a body, as wallets and webhooks do


def test_a_body_is_sent_with_its_length_and_the_answer_comes_whole_whatever_its_status(web):
    received = []

    def reply(channel: ssl.SSLSocket, _stopped: threading.Event) -> None:
        received.append(channel.recv(4096))
        channel.sendall(answer(b'{"error":"invalid_grant"}', b"Cache-Control: no-store", status=b"400 Bad"))

    server = web.serve(reply)
    found = web.fetcher(server).send(
        "POST",
        f"https://issuer.example:{server.port}/token",
        body=b"grant_type=x",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (found.status, found.body) == (400, b'{"error":"invalid_grant"}')
    assert found.headers["cache-control"] == "no-store"
    assert received == [b"grant_type=x"]
    head = server.requests[0].lower()
    assert head.startswith(b"post /token http/1.1")
    assert b"content-length: 12" in head


def test_a_redirect_is_an_answer_and_is_not_followed(web):
    def reply(channel: ssl.SSLSocket, _stopped: threading.Event) -> None:
        channel.recv(4096)  # closing with the body unread would cut the answer off
        channel.sendall(answer(b"", b"Location: https://elsewhere.example/", status=b"303 See Other"))

    server = web.serve(reply)
    found = web.fetcher(server).send("POST", f"https://issuer.example:{server.port}/", body=b"x")
    assert found.status == 303
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\0b"])
def test_a_header_that_would_break_the_request_is_never_sent(web, value):
    server = web.serve(answer(b"{}"))
    with pytest.raises(RetrievalError):
        web.fetcher(server).send("GET", f"https://issuer.example:{server.port}/", headers={"X": value})
    assert not any(b"Injected" in request for request in server.requests)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000/", "http://localhost/", "https://localhost:8443/a", "https://127.0.0.1/"],
)
def test_this_machine_itself_is_asked_only_when_the_wiring_says_so(url):
    with pytest.raises(MalformedValueError):
        Fetcher().get(url)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.2/", "http://issuer.example/", "http://localhost.example/", "http://[::1]/",
     "http://127.1/", "http://user@localhost/", "http://localhost/../x", "ftp://localhost/"],
)  # fmt: skip
def test_plain_http_goes_to_this_machine_itself_and_nowhere_else(url):
    with pytest.raises(MalformedValueError, match=r"url\.refused"):
        Fetcher(plain=True, ports=None).get(url)


def test_plain_http_to_this_machine_arrives():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def serve() -> None:
            channel, _ = listening.accept()
            with channel:
                channel.recv(4096)
                channel.sendall(answer(b"{}"))

        thread = threading.Thread(target=serve)
        thread.start()
        here = Fetcher(plain=True, ports=None, addresses=lambda address: address.is_loopback)
        assert here.get(f"http://127.0.0.1:{port}/") == b"{}"
        thread.join()


# ---- addresses that are looked at, and not asked


def test_where_an_address_leads_is_told_without_asking_anybody(web):
    server = web.serve(answer(b"{}"))
    web.fetcher(server).require(f"https://issuer.example:{server.port}/hook")
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "found", "code"),
    [
        ("https://issuer.example/", ["10.0.0.1"], "fetch.address"),
        ("https://issuer.example/", ["93.184.215.14", "::1"], "fetch.address"),
        ("https://issuer.example:8443/", ["93.184.215.14"], "fetch.port"),
        ("http://issuer.example/", ["93.184.215.14"], "url.refused"),
        ("https://issuer.example/", [], "fetch.failed"),
    ],
)
def test_an_address_that_could_not_be_asked_is_refused_before_anybody_relies_on_it(url, found, code):
    with pytest.raises(Problem, match=code.replace(".", r"\.")):
        Fetcher(lookup=lambda host, port: found).require(url)
