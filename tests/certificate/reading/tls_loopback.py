"""API Entreprise as a caller meets it, on loopback: TLS under its own name, behind a proxy, and all that may go wrong.

The real command is pointed at it by the environment alone, as on any network that has a proxy and an authority of
its own: ``HTTPS_PROXY`` names the proxy, ``SSL_CERT_FILE`` the authority. The proxy answers for the host that is
asked for, whatever its name.
"""

import datetime
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = ("entreprise.api.gouv.fr", "staging.entreprise.api.gouv.fr")

Speak = Callable[[socket.socket], None]
"""What the server says on a connection, once it has read what was asked (or, of a proxy, whom)."""


class Authority:
    """A certificate authority made for one run of the tests, and the servers that it vouches for."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        self._own = self._signed(
            self._name, self._key.public_key(), [], x509.BasicConstraints(ca=True, path_length=None)
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        hosts: Sequence[str],
        constraints: x509.BasicConstraints,
        days: tuple[int, int] = (-1, 1),
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
            .add_extension(constraints, critical=True)
        )
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def vouches(self, *hosts: str, days: tuple[int, int] = (-1, 1)) -> ssl.SSLContext:
        """The server side of TLS for ``hosts``, whose certificate holds from one day to another, counted from today."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        leaf = self._signed(
            name, key.public_key(), hosts, x509.BasicConstraints(ca=False, path_length=None), days
        )
        chain = self._folder / f"{hosts[0]}{days[1]}.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + leaf.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


@dataclass
class Listening:
    """A server at work."""

    port: int
    asked: list[str] = field(default_factory=list)
    """The head of each request that came through TLS."""
    first: float | None = None
    """When the first caller came, on the monotonic clock."""

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening(tls: ssl.SSLContext, *speak: Speak, proxy: Speak | None = None) -> Iterator[Listening]:
    """A proxy and the server behind it, for callers one after the other or together.

    Args:
        tls: the server's own certificate.
        speak: what it says to the first request, to the next…; the last serves for all that follow.
        proxy: what the proxy says in place of opening the way.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    found = Listening(listener.getsockname()[1])
    lock, waiting = threading.Lock(), list(speak)

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the caller may hang up, as some faults make it
            connection.settimeout(20)
            _head(connection)
            if proxy is not None:
                proxy(connection)
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with tls.wrap_socket(connection, server_side=True) as inside:
                head = _head(inside)
                with lock:
                    found.asked.append(head)
                    now = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                now(inside)
                with suppress(OSError):
                    inside.unwrap()

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if found.first is None:
                found.first = time.monotonic()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _head(connection: socket.socket) -> str:
    """A request up to its empty line."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            raise ConnectionError("the caller has hung up")
        data += piece
    return data.decode("latin-1")


def environment(found: Listening, authority: Path) -> dict[str, str]:
    """What points a command at the server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "HTTPS_PROXY": found.proxy, "SSL_CERT_FILE": str(authority), "NO_PROXY": ""}
