"""Reading files that may be hostile, each in a process of its own that can be killed.

Where processes can be forked, a *mother* loads what reading needs, once; for each file she is handed one end of a
socket and forks a worker that reads its work there, answers there, and ends. She holds nothing of the server: it
starts her with a clean environment, before any file. Elsewhere (Windows) an interpreter is started for each file.

A worker gets its work as one JSON line and the file's bytes; it answers by a letter (:class:`Outcome`), then JSON,
or bytes: nothing that a file could make it say is ever executed here.

Run as a module, this file is the mother, or the worker itself.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from opqibi_rules.desk.faults import FaultError, described
from opqibi_rules.desk.queue import Queue
from opqibi_rules.paper.shape import Json, Written

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])


class Bounds(NamedTuple):
    """What one work may take."""

    memory: int
    """Bytes of address space."""
    processor: int
    """Seconds."""


TEXTS = Bounds(2_000_000_000, 60)
PICTURES = Bounds(3_000_000_000, 400)
"""Of a document read by its pictures: it takes 0.8 GB, and some seconds a page."""
PICTURES_SECONDS = 150.0
"""How long such a document may take, as the clock goes."""
LARGEST_ANSWER = 20_000_000
_READ_BY_ALL = "opqibi_rules.desk.readings"
_FORKS = hasattr(os, "fork") and hasattr(socket, "send_fds")
_ORDER = struct.Struct("!cQ")
"""What the mother is told: ``W`` (a work, with its socket) or ``K`` (kill it), and the number of the work."""
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "2"}
"""A worker is one of several: what computes in it takes a core, not the machine."""
_NEEDED = ("PATH", "LANG", "LANGUAGE", "LC_", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PYTHONHOME")
"""The variables that a worker is given, or their beginnings: no secret of the server is among them."""

_BOUNDS = (MemoryError, RecursionError, OSError)
"""What a file that asks for too much makes Python say: no memory, no depth, no file to write."""


class Outcome(Enum):
    """How a work ended: the first byte of an answer."""

    JSON = b"J"
    BYTES = b"B"
    STOPPED = b"S"
    FAULT = b"F"


class StoppedError(Exception):
    """The worker died, or was killed: the file asked for too much."""


class _DiedError(Exception):
    """The worker ended without a word."""


class _Line(NamedTuple):
    """A worker, as the server holds it."""

    reader: StreamReader
    writer: StreamWriter
    end: Callable[[], Awaitable[None]]


class Workers:
    """At most ``number`` files read at the same time, each within ``seconds``; ``tables``: the user's own facts."""

    def __init__(
        self, number: int, seconds: float, tables: Path | None = None, bounds: Bounds = TEXTS
    ) -> None:
        self.seconds = seconds
        self._tables, self._bounds = tables, bounds
        self._pictures: Workers | None = None
        self._queue = Queue(number)
        self._mother: asyncio.subprocess.Process | None = None
        self._orders: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._works = 0

    async def run(self, task: str, question: Json, data: bytes) -> Written:
        """The answer of ``task`` (``module:function``) to a question about a file's bytes.

        A worker that died without a word, killed by somebody perhaps, is given its work once more.

        Raises:
            BusyError: no worker came free for it.
            StoppedError: it took too long, too much memory, or ended without an answer.
            FaultError: the fault is ours.
        """
        work = json.dumps({"task": task, "question": question}).encode() + b"\n" + data
        async with self._queue.place(self.seconds):
            try:
                async with asyncio.timeout(self.seconds):
                    try:
                        return await self._done(work)
                    except _DiedError:
                        return await self._done(work)
            except (TimeoutError, _DiedError):
                raise StoppedError from None

    @property
    def pictures(self) -> "Workers":
        """The lane of documents that are read by their pictures, one at a time: the others do not wait for them."""
        if self._pictures is None:
            self._pictures = Workers(1, PICTURES_SECONDS, self._tables, PICTURES)
        return self._pictures

    async def warm(self) -> None:
        """Be ready for the first file."""
        if _FORKS:
            await self._ready()

    async def close(self) -> None:
        """End all workers."""
        if self._pictures is not None:
            await self._pictures.close()
            self._pictures = None
        if self._orders is not None:
            self._orders.close()  # the mother ends, and all hers with her
            self._orders = None
        if self._mother is not None:
            await self._mother.wait()
            self._mother = None

    async def _done(self, work: bytes) -> Written:
        line = await (self._forked() if _FORKS else _started(self._bounds))
        try:
            answer = await _exchange(line, work)
        finally:
            await line.end()
        outcome, said = answer[:1], answer[1:]
        if outcome == Outcome.FAULT.value:
            raise FaultError(said.decode("utf-8", "replace"))
        if outcome == Outcome.STOPPED.value or len(said) > LARGEST_ANSWER:
            raise StoppedError
        if not outcome:
            raise _DiedError
        return said if outcome == Outcome.BYTES.value else json.loads(said)

    async def _forked(self) -> _Line:
        """A worker forked by the mother, who is there, or comes."""
        orders = await self._ready()
        ours, theirs = socket.socketpair()
        self._works += 1
        work = self._works
        with theirs, contextlib.suppress(OSError):  # she is gone: nothing will come from our end
            socket.send_fds(orders, [_ORDER.pack(b"W", work)], [theirs.fileno()])

        reader, writer = await asyncio.open_connection(sock=ours)

        async def end() -> None:
            with contextlib.suppress(OSError):
                orders.send(_ORDER.pack(b"K", work))
            writer.transport.abort()  # what it did not read, it will never read
            with contextlib.suppress(OSError):
                await writer.wait_closed()

        return _Line(reader, writer, end)

    async def _ready(self) -> socket.socket:
        async with self._starting:
            if self._orders is not None and self._mother is not None and not _gone(self._orders):
                return self._orders
            await self.close()
            self._orders, theirs = socket.socketpair()
            with theirs:
                nowhere = asyncio.subprocess.DEVNULL
                tables = "" if self._tables is None else str(self._tables.resolve())
                role = ("mother", *map(str, self._bounds), tables)
                self._mother = await _process(*role, stdin=theirs.fileno(), stdout=nowhere)
            return self._orders


def _gone(orders: socket.socket) -> bool:
    """The mother has closed her end: she never writes on it."""
    return bool(select.select([orders], [], [], 0)[0])


async def _started(bounds: Bounds) -> _Line:
    """A worker that is an interpreter of its own."""
    worker = await _process(
        "worker", *map(str, bounds), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdin is not None

    async def end() -> None:
        if worker.returncode is None:
            worker.kill()
        await worker.wait()

    return _Line(worker.stdout, worker.stdin, end)


async def _process(*role: str, stdin: int, stdout: int) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if name.startswith(_NEEDED)}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a file of the folder that we stand in, org.py or json.py, is none of our modules
        "-m",
        "opqibi_rules.desk.worker",
        *role,
        stdin=stdin,
        stdout=stdout,
        stderr=asyncio.subprocess.DEVNULL,  # a parser's complaint may quote the file
        env={**environment, **_ALONE, "PYTHONPATH": _PACKAGE_PARENT},
    )


async def _exchange(line: _Line, work: bytes) -> bytes:
    """Give a worker its work and take its answer, up to one byte more than the largest."""
    giving = asyncio.create_task(_give(line.writer, work))
    answer = bytearray()
    try:
        while len(answer) <= LARGEST_ANSWER + 1 and (part := await line.reader.read(65_536)):
            answer += part
    except ConnectionError:
        pass  # it ended before it had read all
    finally:
        giving.cancel()  # it has long ended, unless the worker ended without reading all
        await asyncio.gather(giving, return_exceptions=True)
    return bytes(answer)


async def _give(outgoing: StreamWriter, work: bytes) -> None:
    outgoing.write(work)
    await outgoing.drain()
    outgoing.write_eof()


def bound(bounds: Bounds) -> None:
    """Bound what this process may take, where the system can (it cannot on Windows); a lower bound stays."""
    try:
        import resource  # noqa: PLC0415 - Unix alone has it
    except ImportError:
        return
    for kind, wanted in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_CPU, bounds.processor),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(kind)
        limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(kind, (limit, limit))


def mother(orders: socket.socket, bounds: Bounds, tables: str) -> None:
    """Fork a worker for each work, until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server hears it, and ends us in its time
    importlib.import_module(_READ_BY_ALL).load_all(tables or None)
    gc.collect()
    gc.freeze()  # a collection in a worker would write on, and so copy, all that she shares
    os.nice(5)  # pages come before files
    die_with_her = _death_told()
    works: dict[int, int] = {}
    while order := _order(orders):
        for work, process in [*works.items()]:
            if os.waitpid(process, os.WNOHANG)[0]:
                del works[work]
        letter, work, line = order
        if letter == b"K":
            if work in works:  # not yet waited for: its number is still its own
                os.kill(works[work], signal.SIGKILL)
        elif (process := os.fork()) == 0:
            die_with_her()
            orders.close()
            with os.fdopen(line, "rb", closefd=False) as incoming, os.fdopen(line, "wb", 0) as outgoing:
                _serve(incoming, outgoing, bounds)
            os._exit(0)
        else:
            os.close(line)
            works[work] = process
    for process in works.values():
        os.kill(process, signal.SIGKILL)


def _order(orders: socket.socket) -> tuple[bytes, int, int] | None:
    data, lines, _, _ = socket.recv_fds(orders, _ORDER.size, 1)
    if len(data) < _ORDER.size:
        return None
    letter, work = _ORDER.unpack(data)
    return letter, work, lines[0] if lines else -1


def _death_told() -> Callable[[], object]:
    """What a worker calls so that, where the system can (Linux), it ends once the mother was killed."""
    if sys.platform != "linux":
        return lambda: None
    import ctypes  # noqa: PLC0415 - for this alone

    return partial(ctypes.CDLL(None).prctl, 1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _serve(incoming: BinaryIO, outgoing: BinaryIO, bounds: Bounds) -> None:
    """Serve one file, within bounds: a line that says the task, then the bytes."""
    bound(bounds)
    try:
        answer = serve_one(incoming.read())
    except _BOUNDS:
        answer = Outcome.STOPPED.value
    except BaseException as error:  # noqa: BLE001 - whatever it is, a panic of a compiled library too
        answer = Outcome.FAULT.value + described(error).encode()
    with contextlib.suppress(OSError):  # nobody listens any more
        while answer:
            answer = answer[outgoing.write(answer) :]


def serve_one(work: bytes) -> bytes:
    """The answer to a line about the bytes that follow it."""
    line, _, data = work.partition(b"\n")
    asked = json.loads(line)
    module, _, function = asked["task"].partition(":")
    answer = getattr(importlib.import_module(module), function)(asked["question"], data)
    if isinstance(answer, bytes):
        return Outcome.BYTES.value + answer
    return Outcome.JSON.value + json.dumps(answer).encode()


def main(role: str, memory: str, processor: str, tables: str = "") -> None:
    """The mother of workers, or one worker alone."""
    bounds = Bounds(int(memory), int(processor))
    if role == "mother":
        orders = socket.socket(fileno=os.dup(0))
        os.dup2(1, 0)  # no worker is to hold the server's line
        mother(orders, bounds, tables)
        os._exit(0)
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a parser prints, the answer alone goes out
    importlib.import_module(_READ_BY_ALL)
    with os.fdopen(out, "wb", 0) as stream:
        _serve(sys.stdin.buffer, stream, bounds)


if __name__ == "__main__":
    main(*sys.argv[1:])
