"""Abuse of HTTP itself, against a service in a process of its own: the slow, the big, the ambiguous."""

import contextlib
import http.client
import json
import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "walks"))  # tests are no package

import processes
from processes import Served

SLOW_BODY = (
    b"POST /credentials/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 1000\r\n\r\n{"verifiable'
)
HONEST_SECONDS = 10.0
"""A generous cap, on a busy machine; ``make bench`` measures."""


@contextlib.contextmanager
def crowd(served: Served, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(opened(served, said)) for _ in range(count)]


def opened(served: Served, said: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=processes.STOP_SECONDS)
    connection.sendall(said)
    return connection


def honest(served: Served) -> None:
    """Ask for something that opens a store, and for something that is verified."""
    begun = time.monotonic()
    assert served.ask("/ready") == (200, b"ready")
    kind = {"Content-Type": "application/json"}
    status, said = served.ask("/credentials/verify", "POST", b'{"verifiableCredential": {}}', **kind)
    assert status == 400, said
    assert time.monotonic() - begun < HONEST_SECONDS


def let_go(connection: socket.socket) -> bool:
    """Wait until the other side ends the connection, with or without a word."""
    with contextlib.suppress(ConnectionError):
        while connection.recv(1 << 16):
            pass
    return True


def answered(served: Served, said: bytes) -> int:
    """Return the status of the answer to raw bytes; 0 when the connection is just closed."""
    with opened(served) as connection, contextlib.suppress(ConnectionError):
        with contextlib.suppress(ConnectionError):
            connection.sendall(said)
        first = connection.recv(1 << 16)
        return int(first.split()[1]) if first else 0
    return 0


def get(path: bytes = b"/health", *headers: bytes) -> bytes:
    return b"".join((b"GET ", path, b" HTTP/1.1\r\nHost: 127.0.0.1\r\n", *headers, b"\r\n"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with processes.running(tmp_path_factory.mktemp("home"), "all", requests_at_once=8) as found:
        yield found


def test_idle_and_slow_connections_keep_nobody_waiting(served: Served) -> None:
    """RT-002: more slow bodies than are answered at once, too: who makes us wait holds no place."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        with crowd(served, 2_000, b""), crowd(served, 200, b"GET /he"), crowd(served, 40, SLOW_BODY):
            honest(served)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    honest(served)


def test_who_does_not_finish_a_request_is_let_go(tmp_path: Path) -> None:
    hurry = "import passeport.serve.patience as hurried; hurried.SECONDS = 0.5"
    with processes.running(tmp_path, "verifier", hurry) as served:
        for said in (b"", b"GET /he", SLOW_BODY, get() + b"GET /he"):
            with opened(served, said) as connection:
                assert let_go(connection), said
        honest(served)
    assert "Traceback" not in "".join(served.said)


def test_a_large_upload_over_a_slow_line_gets_here(tmp_path: Path) -> None:
    """It takes several times the patience for a head, and comes at more than the least rate."""
    hurry = "import passeport.serve.patience as hurried; hurried.SECONDS, hurried.BYTES_A_SECOND = 0.5, 2_000"
    with processes.running(tmp_path, "verifier", hurry) as served, opened(served) as connection:
        connection.sendall(SLOW_BODY.replace(b": 1000", b": 20000"))
        begun = time.monotonic()
        for _ in range(10):
            connection.sendall(b" " * 1_990)
            time.sleep(0.2)
        connection.sendall(b" " * 100)
        assert time.monotonic() - begun > 3 * 0.5
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_bytes_now_and_then_are_no_progress(tmp_path: Path) -> None:
    """RT-002: slower than the least rate, however steady, is let go before the body is whole."""
    hurry = "import passeport.serve.patience as hurried; hurried.SECONDS, hurried.BYTES_A_SECOND = 0.5, 2_000"
    with processes.running(tmp_path, "verifier", hurry) as served, opened(served, SLOW_BODY) as connection:
        with pytest.raises(ConnectionError):
            drip(connection)
        honest(served)


def drip(connection: socket.socket) -> None:
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.05)


def test_of_too_many_the_one_that_was_waited_for_longest_is_let_go(tmp_path: Path) -> None:
    few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))"
    with (
        processes.running(tmp_path, "verifier", few) as served,
        crowd(served, 300, b"") as idle,
    ):
        honest(served)
        assert let_go(idle[0])


BIG = {
    "a body of 64 MB, announced": (
        b"POST /credentials/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 67108864\r\n\r\n" + bytes(1 << 20)
    ),
    "a body of 3 MB, in chunks": (
        b"POST /credentials/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 48 + b"0\r\n\r\n"
    ),
    "ten thousand headers": get(b"/health", *(b"X-%d: x\r\n" % number for number in range(10_000))),
    "two hundred headers": get(b"/health", *(b"X-%d: x\r\n" % number for number in range(200))),
    "a header without end": get(b"/health", b"X: " + b"x" * 200_000 + b"\r\n"),
    "an address of 64 kB": get(b"/" + b"x" * 65_536),
    "an address of 20 kB": get(b"/" + b"x" * 20_480),
    "ten thousand parameters": get(b"/health?" + b"&".join(b"a=%d" % number for number in range(10_000))),
}


def test_a_crash_would_leave_no_copy_of_the_keys(served: Served) -> None:
    """KY-001: nothing writes the memory of a service to disk."""
    limits = Path(f"/proc/{served.process.pid}/limits")
    if not limits.exists():
        pytest.skip("this system does not tell the limits of a process")
    [line] = [line for line in limits.read_text().splitlines() if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["0", "0"]


LARGE = b"x" * (3 << 20)
SPOKEN = {
    "a problem": ("/credentials/verify", "application/json", b"http.too_large"),
    "an error of OAuth": ("/issuers/none/token", "application/x-www-form-urlencoded", b"invalid_request"),
    "a page": ("/v/check", "application/x-www-form-urlencoded", b"<!doctype html>"),
}


@pytest.mark.parametrize("name", SPOKEN)
def test_who_says_too_much_is_heard_out_and_answered(served: Served, name: str) -> None:
    """RT-003: somebody who only listens after having said everything gets the answer all the same, in their
    language, and may ask again on the same connection."""
    path, kind, expected = SPOKEN[name]
    with contextlib.closing(http.client.HTTPConnection(served.host, served.port, timeout=30)) as connection:
        for _ in range(2):
            connection.request("POST", path, LARGE, {"Content-Type": kind, "Accept-Language": "en"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 413, body
            assert expected in body.lower()
            assert b"larger than this service accepts" in body
            assert "default-src" in answer.headers["content-security-policy"]


def test_who_says_far_too_much_is_let_go(tmp_path: Path) -> None:
    hurry = "import passeport.serve.patience as hurried; hurried.DISCARDED_BYTES = 2 << 20"
    endless = SLOW_BODY.replace(b": 1000", b": 100000000000")
    with processes.running(tmp_path, "verifier", hurry) as served, opened(served, endless) as connection:
        with pytest.raises(ConnectionError):
            pour(connection)
        honest(served)


def pour(connection: socket.socket) -> None:
    for _ in range(1_000):
        connection.sendall(LARGE)


@pytest.mark.parametrize("name", BIG)
def test_what_is_too_large_is_refused(served: Served, name: str) -> None:
    """RT-003."""
    assert answered(served, BIG[name]) in (413, 414, 431)
    honest(served)


def test_parts_within_parts_are_refused(served: Served) -> None:
    """RT-003: a form of several parts is one form; a part that is one again is not looked into."""
    inner = (
        b"--b\r\nContent-Disposition: form-data; name=x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    )
    body = inner * 2_000
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    for path in ("/v/check", "/credentials/verify"):
        assert 400 <= served.ask(path, "POST", body, **kind)[0] < 500, path
    honest(served)


def test_big_requests_leave_no_memory_behind(served: Served) -> None:
    """RT-003: at most 32 MB more than before."""
    status = Path(f"/proc/{served.process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not tell the memory of a process")

    def megabytes() -> int:
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) >> 10

    for _ in range(2):
        before = megabytes()
        for said in BIG.values():
            answered(served, said)
    assert megabytes() - before <= 32


AMBIGUOUS = {
    "two lengths": b"Content-Length: 3\r\nContent-Length: 4\r\n",
    "a length that is none": b"Content-Length: 3x\r\n",
    "a length with a sign": b"Content-Length: +3\r\n",
    "an unknown coding": b"Transfer-Encoding: chunked, gzip\r\n",
    "a chunked that is not": b"Transfer-Encoding: xchunked\r\n",
    "a space before the colon": b"Content-Length : 3\r\n",
    "a line that continues": b"X: a\r\n\tb: c\r\nContent-Length: 3x\r\n",
    "a bare carriage return": b"X: a\rSet-Cookie: a=b\r\n",
    "a zero byte": b"X: a\x00b\r\n",
    "two hosts": b"Host: other.example\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_head_that_two_readers_could_read_differently_is_refused(served: Served, name: str) -> None:
    """RT-005: what a proxy before us might take for another request than we do."""
    said = get(b"/health", AMBIGUOUS[name]).replace(b"GET", b"POST", 1) + b"abc"
    assert answered(served, said) in (400, 501)


def test_a_name_cannot_write_its_own_line_of_the_log(served: Served) -> None:
    """RT-005: each line of the log is one JSON object of ours, whatever was asked."""
    fake = b"2026-01-01%20INFO%20fake"
    for path in (b"/name%0A" + fake, b"/issuers/a%0D%0A" + fake + b"/nonce", b"/health?x=%0A" + fake):
        answered(served, get(path, b"User-Agent: x 2026-01-01 INFO fake\r\n"))
    honest(served)
    for line in served.said:
        assert "fake" not in line
        if line.startswith("{"):
            assert json.loads(line)["event"]
