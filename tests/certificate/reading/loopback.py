"""A real HTTP server on loopback that answers what a test tells it to, faults included."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON_API = "application/vnd.api+json"


@dataclass
class Reply:
    """One answer: what is sent, after how long, how fast, and whether it is cut off half-way."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON_API
    delay: float = 0
    cut: bool = False
    drip: float = 0
    """Seconds between one piece of the body and the next."""
    drip_headers: float = 0
    """Seconds before each header leaves."""

    @classmethod
    def of(cls, status: int, value: Any, **options: Any) -> "Reply":
        return cls(status, json.dumps(value).encode(), **options)

    @classmethod
    def error(cls, status: int, *codes: str, **options: Any) -> "Reply":
        """An error body of the documented form."""
        errors = [{"code": code, "title": f"Titre {code}", "detail": "Détail", "meta": {}} for code in codes]
        return cls.of(status, {"errors": errors}, **options)


@dataclass
class Call:
    path: str
    query: dict[str, list[str]]
    authorization: str


@dataclass
class Loopback:
    address: str
    calls: list[Call]


@contextmanager
def serving(*replies: Reply) -> Iterator[Loopback]:
    """Answer each call with the next reply; the last one serves for all that follow."""
    waiting = list(replies)
    calls: list[Call] = []
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            calls.append(Call(parts.path, parse_qs(parts.query), self.headers.get("Authorization", "")))
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            stopped.wait(reply.delay)
            try:
                self.send_response_only(reply.status)  # with no Date but that of the reply
                self.send_header("Content-Type", reply.media_type)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in {
                    "RateLimit-Limit": "250",
                    "X-Request-Id": "test",
                    **reply.headers,
                }.items():
                    self.send_header(name, value)
                    if reply.drip_headers:
                        self.flush_headers()
                        stopped.wait(reply.drip_headers)
                self.end_headers()
                body = reply.body[: len(reply.body) // 2] if reply.cut else reply.body
                pieces = [body[at : at + 10] for at in range(0, len(body), 10)] if reply.drip else [body]
                for piece in pieces:
                    self.wfile.write(piece)
                    stopped.wait(reply.drip)
            except OSError:
                pass  # the caller has hung up, as some tests want it to
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Loopback(f"http://127.0.0.1:{server.server_address[1]}", calls)
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
