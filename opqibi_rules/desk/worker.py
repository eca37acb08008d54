"""Reading files that may be hostile, each in a process of its own that can be killed.

A worker serves one file and ends. It gets the work as one JSON line and the file's bytes on its standard
input, and answers by JSON alone: nothing that a file could make it say is ever executed here. One spare
worker is kept warm, so that the next file does not wait for an interpreter to start.

Run as a module, this file is the worker itself.
"""

import asyncio
import importlib
import json
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any, BinaryIO

from opqibi_rules.desk.faults import FaultError, described

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
MEMORY = 2_000_000_000
"""Bytes of address space that a worker may take."""
LARGEST_ANSWER = 20_000_000
_READ_BY_ALL = ("opqibi_rules.desk.readings",)


_BOUNDS = (MemoryError, RecursionError, OSError)
"""What a file that asks for too much makes Python say: no memory, no depth, no file to write."""
_FAULT = 70
"""How a worker ends on a fault of ours (``EX_SOFTWARE``)."""


class StoppedError(Exception):
    """The worker died, or was killed: the file asked for too much."""


class Workers:
    """At most ``number`` files read at the same time, each within ``seconds``."""

    def __init__(self, number: int, seconds: float) -> None:
        self.seconds = seconds
        self._room = asyncio.Semaphore(number)
        self._spare: deque[asyncio.subprocess.Process] = deque()

    async def run(self, task: str, question: dict[str, Any], data: bytes) -> Any:
        """The answer of ``task`` (``module:function``) to a question about a file's bytes.

        Raises:
            StoppedError: it took too long, too much memory, or ended without an answer.
            FaultError: the fault is ours.
        """
        async with self._room:
            worker = self._spare.popleft() if self._spare else await _start()
            try:
                async with asyncio.timeout(self.seconds):
                    line = json.dumps({"task": task, "question": question}).encode() + b"\n"
                    answer = await _exchange(worker, line + data)
            except TimeoutError:
                raise StoppedError from None
            finally:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()
            if not self._spare:
                self._spare.append(await _start())
        if worker.returncode == _FAULT:
            raise FaultError(answer.decode("utf-8", "replace"))
        if worker.returncode != 0 or len(answer) > LARGEST_ANSWER:
            raise StoppedError
        return json.loads(answer)

    async def close(self) -> None:
        """End the spare workers."""
        while self._spare:
            worker = self._spare.popleft()
            worker.kill()  # no effect on one that has ended
            await worker.wait()


async def _exchange(worker: asyncio.subprocess.Process, work: bytes) -> bytes:
    """Give a worker its work and take its answer, up to one byte more than the largest."""
    incoming, outgoing = worker.stdout, worker.stdin
    assert incoming is not None
    assert outgoing is not None
    giving = asyncio.create_task(_give(outgoing, work))
    answer = bytearray()
    try:
        while len(answer) <= LARGEST_ANSWER and (part := await incoming.read(65_536)):
            answer += part
    finally:
        giving.cancel()  # it has long ended, unless the worker ended without reading all
        await asyncio.gather(giving, return_exceptions=True)
    if len(answer) <= LARGEST_ANSWER:
        await worker.wait()
    return bytes(answer)


async def _give(outgoing: asyncio.StreamWriter, work: bytes) -> None:
    outgoing.write(work)
    await outgoing.drain()
    outgoing.close()


async def _start() -> asyncio.subprocess.Process:
    environment = {**os.environ, "PYTHONPATH": _PACKAGE_PARENT}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # a file of the folder that we stand in, org.py or json.py, is none of our modules
        "-m",
        "opqibi_rules.desk.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a parser's complaint may quote the file
        env=environment,
    )


def bound(seconds: int) -> None:
    """Bound what this process may take, where the system can (it cannot on Windows)."""
    try:
        import resource  # noqa: PLC0415 - Unix alone has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Serve one file: a line that says the task, then the bytes."""
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a parser prints, the answer alone goes out
    bound(60)
    for name in _READ_BY_ALL:
        importlib.import_module(name)  # while it waits for its file
    with os.fdopen(out, "wb") as stream:
        try:
            serve_one(sys.stdin.buffer, stream)
        except _BOUNDS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the file's
            stream.write(described(error).encode())
            stream.flush()
            os._exit(_FAULT)


def serve_one(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Do the work of a line about the bytes that follow it."""
    asked = json.loads(incoming.readline())
    module, _, function = asked["task"].partition(":")
    answer = getattr(importlib.import_module(module), function)(asked["question"], incoming.read())
    outgoing.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
