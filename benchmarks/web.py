"""The HTTP API under load, beside a bare FastAPI route that returns a constant: rates, latencies, memory.

Both servers run in processes of their own, on this machine; the load comes from this one, over 32 connections that
are kept open. Run it with ``python -m benchmarks.web``; ``--requests`` bounds it.
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
    number = arguments.parse_args().requests
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
