"""A small https server of our own on the loopback, which says exactly what a test wants it to say."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from boundary.fetch import Fetcher

HOST = "issuer.example"
Reply = Callable[[ssl.SSLSocket, threading.Event], None]


@dataclass
class Authority:
    """A certification authority that nobody else trusts."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def certificate(self, subject: str, key: ec.EllipticCurvePrivateKey, *, ended: bool = False) -> bytes:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name("authority.example"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=2))
            .not_valid_after(now + dt.timedelta(days=-1 if ended else 1))
            .add_extension(x509.BasicConstraints(ca=key is self.key, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def server_context(self, folder: Path, subject: str = HOST, *, ended: bool = False) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + self.certificate(subject, key, ended=ended)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def client_context(self) -> ssl.SSLContext:
        own = self.certificate("authority.example", self.key).decode()
        return ssl.create_default_context(cadata=own)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Server:
    """Answers every request with ``reply``, and remembers what was asked."""

    def __init__(self, context: ssl.SSLContext, reply: Reply) -> None:
        self.requests: list[bytes] = []
        self._context, self._reply, self._stopped = context, reply, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            with self._context.wrap_socket(connection, server_side=True) as channel:
                self.requests.append(_head(channel))
                self._reply(channel, self._stopped)
        except OSError:
            pass  # the client left, as it should
        finally:
            connection.close()

    def close(self) -> None:
        self._stopped.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()


def _head(channel: ssl.SSLSocket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = channel.recv(4096)
        if not piece:
            break
        head += piece
    return head


@dataclass
class Web:
    """Starts servers, and makes fetchers that trust them."""

    authority: Authority
    folder: Path
    servers: list[Server] = field(default_factory=list)

    def serve(self, reply: bytes | Reply, *, subject: str = HOST, ended: bool = False) -> Server:
        context = self.authority.server_context(self.folder, subject, ended=ended)
        server = Server(context, _says(reply) if isinstance(reply, bytes) else reply)
        self.servers.append(server)
        return server

    def fetcher(
        self, server: Server, *, seconds: float = 5.0, answers: Sequence[str] = ("127.0.0.1",)
    ) -> Fetcher:
        return Fetcher(
            addresses=lambda address: address == ipaddress.ip_address("127.0.0.1"),
            verify=self.authority.client_context(),
            lookup=lambda host, port: answers,
            ports=(server.port,),
            seconds=seconds,
        )


def _says(answer: bytes) -> Reply:
    return lambda channel, _: channel.sendall(answer)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def web(authority: Authority, tmp_path: Path) -> Iterator[Web]:
    web = Web(authority, tmp_path)
    yield web
    for server in web.servers:
        server.close()
