"""The one guarded HTTP client: https, to public addresses, briefly, and no further than a limit.

The host is looked up once; every address of the answer is checked, and the connection goes to an
address that was checked, so that a second answer (DNS rebinding) is never asked for. No redirects, no
cookies, no proxies, nothing from the environment, no decompression; one deadline for everything.
Whoever calls with a URL from a document has checked that document's signature first, unless the URL
is where the key is found.
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal, Protocol, TypeAlias

import httpcore2

from boundary import limits, urls
from problems import LimitError, MalformedValueError, RetrievalError

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup: TypeAlias = Callable[[str, int], Sequence[str]]
"""From host and port to the addresses that a name server gives; raises OSError."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_CLOUD_PLATFORM: Final = ipaddress.IPv4Address("168.63.129.16")  # Azure's, reachable only from inside
_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "passeport"}
Method: TypeAlias = Literal["GET", "POST", "DELETE"]


def is_public(address: IPAddress) -> bool:
    """Say whether the address belongs to the public internet, whatever it is wrapped in.

    An IPv4 address inside an IPv6 one (mapped, RFC 4291; NAT64, RFC 6052; 6to4, RFC 3056) is judged
    by itself.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address != _CLOUD_PLATFORM
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if inner is not None:
        return is_public(inner)
    return address in _GLOBAL_UNICAST and address.is_global


def system_lookup(host: str, port: int) -> Sequence[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in answers]


@cache
def _authorities() -> ssl.SSLContext:
    """Read once: it takes as long as hundreds of signatures."""
    return httpcore2.default_ssl_context()


@dataclass(frozen=True)
class Answer:
    """What a server said; the names of ``headers`` are in lower case, the last of each counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client(Protocol):
    def send(
        self,
        method: Method,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = {},
        limit: int = limits.FETCH_BYTES,
    ) -> Answer:
        """Return what the server answers, whichever its status; redirects are not followed.

        Raises MalformedValueError for an address that may not be asked, LimitError beyond ``limit``
        bytes, RetrievalError when no answer came, lateness included.
        """
        ...


@dataclass(frozen=True)
class Fetcher:
    """A source (see :mod:`boundary.sources`) that asks the web.

    The fields are for whoever wires the program, and for tests with a server of their own; nothing
    in a document reaches them. ``seconds`` is the deadline of a whole exchange, look-up included. ``ports``
    None is any; ``plain`` allows http to this machine itself (127.0.0.1, localhost), for development.
    """

    addresses: Callable[[IPAddress], bool] = is_public
    verify: ssl.SSLContext = field(default_factory=_authorities)
    lookup: Lookup = system_lookup
    ports: Collection[int] | None = (urls.HTTPS_PORT,)
    plain: bool = False
    seconds: float = limits.FETCH_SECONDS

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        """Return the body of a 200 answer.

        Raises MalformedValueError for an address that may not be asked, LimitError beyond ``limit``
        bytes, RetrievalError for everything else, lateness included.
        """
        answer = self.send("GET", url, limit=limit)
        if 300 <= answer.status < 400:
            raise RetrievalError("fetch.redirect", host=self._address(url).host)
        if answer.status != 200:
            raise RetrievalError("fetch.status", host=self._address(url).host, answer=answer.status)
        return answer.body

    def send(
        self,
        method: Method,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = {},
        limit: int = limits.FETCH_BYTES,
    ) -> Answer:
        """:meth:`Client.send`: what is in ``headers`` is the caller's own, never a document's."""
        address = self._address(url)
        network = _GuardedNetwork(self, _Deadline(self.seconds))
        sent = [(name.encode(), value.encode()) for name, value in {**_HEADERS, **headers}.items()]
        with (
            _plain_errors(address.host),
            httpcore2.ConnectionPool(ssl_context=self.verify, network_backend=network) as pool,
            pool.stream(method, str(address), headers=sent, content=body or None) as response,
        ):
            received = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
            }
            if received.get("content-encoding", "identity").strip().lower() != "identity":
                raise RetrievalError("fetch.encoded", host=address.host)
            return Answer(response.status, received, _read(response, address.host, limit))

    def require(self, url: str) -> None:
        """Look where ``url`` leads, and connect to nobody.

        Raises MalformedValueError for an address that may not be asked, RetrievalError when its host is not
        found. It may lead elsewhere later: :meth:`send` looks again.
        """
        address = self._address(url)
        with _plain_errors(address.host):
            _GuardedNetwork(self, _Deadline(self.seconds)).checked_addresses(address.host, address.port)

    def _address(self, url: str) -> urls.HttpUrl:
        address = urls.parse(url, plain=self.plain)
        if self.ports is not None and address.port not in self.ports:
            raise MalformedValueError("fetch.port", host=address.host, port=address.port)
        return address


def _read(response: httpcore2.Response, host: str, limit: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > limit:
            raise LimitError("fetch.too_large", host=host, limit=limit)
    return bytes(body)


@contextmanager
def _plain_errors(host: str) -> Iterator[None]:
    try:
        yield
    except httpcore2.TimeoutException:
        raise RetrievalError("fetch.too_slow", host=host) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError):
        raise RetrievalError("fetch.failed", host=host) from None


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise httpcore2.ReadTimeout
        return seconds


class _GuardedNetwork(httpcore2.NetworkBackend):
    """Connects only to addresses that may be asked, and only while there is time."""

    def __init__(self, rules: Fetcher, deadline: _Deadline) -> None:
        self._rules, self._deadline = rules, deadline
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the deadline decides)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        *earlier, last = self.checked_addresses(host, port)
        for address in earlier:
            try:
                return self._connect(address, port, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connect(last, port, local_address, socket_options)

    def _connect(self, address: str, port: int, *options: Any) -> httpcore2.NetworkStream:
        stream = self._network.connect_tcp(address, port, self._deadline.remaining(), *options)
        return _TimedStream(stream, self._deadline)

    def checked_addresses(self, host: str, port: int) -> list[str]:
        found = _look_up(self._rules.lookup, host, port, self._deadline.remaining())
        if not found:
            raise httpcore2.ConnectError
        if not all(self._rules.addresses(ipaddress.ip_address(address)) for address in found):
            raise MalformedValueError("fetch.address", host=host)
        return found


class _TimedStream(httpcore2.NetworkStream):
    """Every wait ends at the deadline: a server that drips a byte a second gains nothing."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.remaining())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        seconds = self._deadline.remaining()
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, seconds)
        except httpcore2.ConnectError:
            raise RetrievalError("fetch.tls", host=server_hostname) from None
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _look_up(lookup: Lookup, host: str, port: int, seconds: float) -> list[str]:
    """The system's look-up takes no time limit, so it runs where it can be left behind."""
    answer: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(lookup(host, port))
        except OSError:
            answer.put([])

    threading.Thread(target=ask, daemon=True).start()
    try:
        return list(answer.get(timeout=seconds))
    except queue.Empty:
        raise httpcore2.ConnectTimeout from None
