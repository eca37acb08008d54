"""Callers who say nothing, or say it slowly, against the server as it runs: the page stays up; and what it lets out."""

import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import h11
import pytest

from opqibi_rules.web.patience import InOnePiece
from tests.web.serving import server

HOST = b"Host: 127.0.0.1\r\n"
SLOW_BODIES = (
    b"POST /api/quote HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    b"POST /facture HTTP/1.1\r\n" + HOST + b"Content-Type: multipart/form-data; boundary=x\r\n"
    b"Content-Length: 1000\r\n\r\n--x",
)


@pytest.fixture
def place() -> Iterator[tuple[str, int]]:
    with server() as (address, _):
        where = urlsplit(address)
        yield str(where.hostname), int(where.port or 0)


def seconds_for(place: tuple[str, int], path: str) -> float:
    began = time.monotonic()
    with urllib.request.urlopen(f"http://{place[0]}:{place[1]}{path}", timeout=10) as answer:
        assert answer.status == 200
        answer.read()
    return time.monotonic() - began


@pytest.mark.long
def test_the_silent_and_the_slow_leave_the_page_up(place: tuple[str, int]) -> None:
    idle = max(seconds_for(place, "/?t1=5&turnover=800000") for _ in range(5))
    with ExitStack() as kept:
        silent = [kept.enter_context(socket.create_connection(place)) for _ in range(600)]
        heads = [kept.enter_context(socket.create_connection(place)) for _ in range(100)]
        bodies = [kept.enter_context(socket.create_connection(place)) for _ in range(100)]
        for number, caller in enumerate(bodies):
            caller.sendall(SLOW_BODIES[number % 2])
        for turn in range(8):
            for caller in heads:
                caller.sendall(b"GET / HTTP/1.1\r\n" if turn == 0 else b"X-Slow: %d\r\n" % turn)
            waited = max(seconds_for(place, path) for path in ("/health", "/?t1=5&turnover=800000"))
            assert waited < max(1.0, 20 * idle)
            time.sleep(0.2)
        silent[0].settimeout(30)
        assert silent[0].recv(1) == b""  # it has been closed
        heads[0].settimeout(30)
        assert heads[0].recv(1) == b""
        bodies[0].settimeout(30)
        assert bodies[0].recv(100).startswith(b"HTTP/1.1 408")
    assert seconds_for(place, "/health") < 10


@pytest.mark.long
def test_a_connection_may_serve_again_after_a_while(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as caller:
        caller.settimeout(10)
        for _ in range(3):
            caller.sendall(b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n")
            answer = b""
            while not answer.endswith(b"}"):
                answer += caller.recv(1000)
            assert answer.startswith(b"HTTP/1.1 200")
            time.sleep(0.3)
        caller.sendall(b"GET /health HTTP/1.1\r\n" + HOST)
        caller.settimeout(30)
        began = time.monotonic()
        assert caller.recv(100) == b""  # half a head
        assert time.monotonic() - began > 5


def test_a_head_leaves_with_what_comes_next() -> None:
    connection, length = InOnePiece(h11.SERVER), [("Content-Length", "2")]
    for _ in range(2):  # the connection is kept
        connection.receive_data(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        assert isinstance(connection.next_event(), h11.Request)
        assert isinstance(connection.next_event(), h11.EndOfMessage)
        early = h11.InformationalResponse(status_code=103, headers=[], reason="Early")
        assert (
            connection.send(early) == b"HTTP/1.1 103 Early\r\n\r\n"
        )  # no head of the answer: it does not wait
        assert connection.send(h11.Response(status_code=200, headers=length, reason="OK")) == b""
        both = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"
        assert connection.send(h11.Data(data=b"{")) == both
        assert connection.send(h11.Data(data=b"}")) == b"}"
        assert connection.send(h11.EndOfMessage()) == b""
        connection.start_next_cycle()
    assert connection.send(h11.ConnectionClosed()) is None


def test_a_head_without_a_body_leaves_at_the_end() -> None:
    connection = InOnePiece(h11.SERVER)
    connection.receive_data(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    connection.next_event()
    assert connection.send(h11.Response(status_code=204, headers=[], reason="Empty")) == b""
    assert connection.send(h11.EndOfMessage()) == b"HTTP/1.1 204 Empty\r\n\r\n"
