"""The HTTP API under load: quotes beside a bare FastAPI route that returns a constant, then checks of invoices.

The servers run in processes of their own, on this machine; the load comes from this one, over 32 connections that
are kept open. ``python -m benchmarks.web`` prints every figure; ``--requests`` and ``--seconds`` bound it, and
``--only`` chooses a part.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from opqibi_rules.web.openapi import INVOICE, INVOICE_FILE
from opqibi_rules.web.problems import json_bytes

CONNECTIONS = 32
QUESTION = json.dumps(
    {"event": "first", "on": "2026-03-02", "tariffs": {"1": 5, "2": 3}, "turnover": "800 000"}
).encode()
_BARE = """
import socket, sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/constant")
async def constant():
    return {"total_incl_vat": "2164.20"}
listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print("http://127.0.0.1:%d/" % listening.getsockname()[1], file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listening])
"""


class Load(NamedTuple):
    """What a server gave: requests a second, and latencies in milliseconds."""

    rate: float
    median: float
    p99: float


@contextmanager
def serving(*command: str) -> Iterator[tuple[str, int, int]]:
    """A server's host, port and process."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        where = urlsplit(found[0])
        yield str(where.hostname), where.port or 0, process.pid
    finally:
        process.terminate()
        process.wait(20)


def asked(method: str, path: str, body: bytes = b"") -> bytes:
    """A request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def one_connection(host: str, port: int, request: bytes, number: int, latencies: list[float]) -> None:
    """Ask ``number`` times over one connection, one after the other."""
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(number):
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = re.search(rb"content-length: ([0-9]+)", head)
        assert length
        await reader.readexactly(int(length[1]))
        latencies.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()


async def loaded(host: str, port: int, request: bytes, number: int) -> Load:
    """The rates and latencies of ``number`` requests over the connections."""
    latencies: list[float] = []
    started = time.perf_counter()
    await asyncio.gather(
        *(one_connection(host, port, request, number // CONNECTIONS, latencies) for _ in range(CONNECTIONS))
    )
    seconds = time.perf_counter() - started
    cuts = statistics.quantiles(latencies, n=100)
    return Load(len(latencies) / seconds, cuts[49] * 1000, cuts[98] * 1000)


def form(name: str, data: bytes, question: bytes) -> bytes:
    """A check of an invoice, as bytes."""
    parts = (
        b'--cut\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n%b\r\n'
        % (name.encode(), data),
        b'--cut\r\nContent-Disposition: form-data; name="question"\r\n\r\n%b\r\n--cut--\r\n' % question,
    )
    body = b"".join(parts)
    head = b"POST /api/invoices/check HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += b"Content-Type: multipart/form-data; boundary=cut\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Counted(NamedTuple):
    """What an hour-glass of requests gave: latencies in milliseconds, and how many were of each status."""

    latencies: list[float]
    statuses: dict[int, int]

    def quantile(self, hundredth: int) -> float:
        """That hundredth of the latencies."""
        return statistics.quantiles(self.latencies, n=100)[hundredth - 1]


async def asked_until(
    end: float, host: str, port: int, request: bytes, counted: Counted, pause: float = 0
) -> None:
    """Ask over one connection, one after the other, until the clock says so; each answer is counted."""
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < end:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = re.search(rb"content-length: ([0-9]+)", head)
        assert length
        await reader.readexactly(int(length[1]))
        counted.latencies.append((time.perf_counter() - started) * 1000)
        counted.statuses[status] = counted.statuses.get(status, 0) + 1
        await asyncio.sleep(pause)
    writer.close()
    await writer.wait_closed()


async def during(
    seconds: float, host: str, port: int, check: bytes | None, page: bytes, process: int
) -> tuple[Counted, Counted, list[float]]:
    """Checks over all connections, or none, and pages by one reader; the megabytes of the server on the way."""
    end = time.perf_counter() + seconds
    checks, pages, resident = Counted([], {}), Counted([], {}), list[float]()

    async def watched() -> None:
        while time.perf_counter() < end:
            resident.append(memory(process) + sum(map(memory, children(process))))
            await asyncio.sleep(seconds / 6)

    works = [asked_until(end, host, port, check, checks) for _ in range(CONNECTIONS)] if check else []
    await asyncio.gather(*works, asked_until(end, host, port, page, pages, 0.05), watched())
    return checks, pages, resident


def children(process: int) -> list[int]:
    """The processes that a process started: of a server, the mother of its workers."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
    return [int(number) for number in text.split()]


def processor(process: int) -> tuple[float, float]:
    """Seconds of processor of a process, and of those that it waited for."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    own, theirs = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
    tick = os.sysconf("SC_CLK_TCK")
    return own / tick, theirs / tick


def memory(process: int) -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s+([0-9]+) kB", status)
    assert found
    return int(found[1]) / 1024


def main() -> None:
    """Measure, and print a table in Markdown."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=100_000)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--only", choices=("quotes", "checks"))
    given = arguments.parse_args()
    if given.only != "checks":
        quotes(given.requests)
    if given.only != "quotes":
        checks(given.seconds)


def checks(seconds: float) -> None:
    """Thirty-two people who check an invoice (data) without pause, while one reads pages."""
    check = form("F2026-118.csv", INVOICE_FILE, json_bytes(INVOICE))
    page = asked("GET", "/?t1=5&t2=3&turnover=800000")
    with serving("-m", "opqibi_rules.cli.main", "serve", "--port", "0") as (host, port, process):
        asyncio.run(during(2, host, port, check, page, process))
        _, idle, _ = asyncio.run(during(seconds / 6, host, port, None, page, process))
        (mother,) = children(process)
        before = [processor(process), processor(mother)]
        done, pages, resident = asyncio.run(during(seconds, host, port, check, page, process))
        after = [processor(process), processor(mother)]
    number = len(done.latencies)
    server, (own, workers) = after[0][0] - before[0][0], (after[1][i] - before[1][i] for i in (0, 1))
    print(
        f"\nChecks of an invoice by {CONNECTIONS} people, {seconds:.0f} s: {number / seconds:.1f} a second,",
        end=" ",
    )
    print(f"median {done.quantile(50):.0f} ms, p99 {done.quantile(99):.0f} ms; statuses {done.statuses}.")
    print(
        f"Pages meanwhile: p99 {pages.quantile(99):.0f} ms, idle {idle.quantile(99):.0f} ms; {pages.statuses}."
    )
    told = ", ".join(f"{each / number * 1000:.1f}" for each in (server, own, workers))
    print(f"Processor a check, ms, in the server, the mother, the worker: {told}.")
    print(f"Resident memory of the server and the mother, MB: {', '.join(f'{one:.0f}' for one in resident)}.")


def quotes(number: int) -> None:
    """Quotes, beside the bare route."""
    quote, constant = asked("POST", "/api/quote", QUESTION), asked("GET", "/constant")
    with (
        serving("-m", "opqibi_rules.cli.main", "serve", "--port", "0") as (host, port, process),
        serving("-c", _BARE) as (bare_host, bare_port, _),
    ):
        asyncio.run(loaded(host, port, quote, 3_200))
        asyncio.run(loaded(bare_host, bare_port, constant, 3_200))
        rounds = 4
        part = max(number // rounds, CONNECTIONS)
        ours, bare, resident = [], [], [memory(process)]
        for _ in range(rounds):  # in turn, so that a slow moment of the machine falls on both
            ours.append(asyncio.run(loaded(host, port, quote, part)))
            resident.append(memory(process))
            bare.append(asyncio.run(loaded(bare_host, bare_port, constant, part // 4)))
    print("| | requests/s | median, ms | p99, ms |")
    print("|---|---:|---:|---:|")
    for name, loads in (("`POST /api/quote`", ours), ("bare FastAPI route, a constant", bare)):
        best = [statistics.median(values) for values in zip(*loads, strict=True)]
        print(f"| {name} | {best[0]:,.0f} | {best[1]:.1f} | {best[2]:.1f} |")
    told = ", ".join(f"{one:.1f}" for one in resident)
    print(f"\nResident memory of the server, MB, before and after each {part:,} quotes: {told}.")


if __name__ == "__main__":
    main()
