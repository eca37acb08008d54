"""Work that goes on meanwhile: in a thread, or in a process of its own where that is safe."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

_Result = TypeVar("_Result")

_MOST_THREADS = 2
"""Of a process that is copied safely: its own, and the one that waits for signals. An engine's may hold locks."""
_KEPT_EACH = 0.25
"""Seconds."""
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


def meanwhile(work: "Callable[[], _Result]", *, apart: bool = False) -> "Future[_Result]":
    """Work done by a thread of its own, which does not outlive the command.

    ``apart``: by a process of its own, where one can be had, so that both compute at once; what the work gives can be
    pickled. Where that process fails, the thread does the work, and raises what is wrong.
    """
    from concurrent.futures import Future  # noqa: PLC0415 - slow to load, and few need it

    future: Future[_Result] = Future()
    asked = work
    with suppress(OSError):  # no more processes, no memory for one, or no /proc
        if apart and _may_be_copied():
            asked = _apart(work)

    def done() -> None:
        try:
            future.set_result(asked())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)

    Thread(target=done, daemon=True).start()
    return future


def _may_be_copied() -> bool:
    """Linux alone says how many threads there are; elsewhere, a copy of a process is not always fit for use."""
    return sys.platform == "linux" and len([*Path("/proc/self/task").iterdir()]) <= _MOST_THREADS


def _apart(work: "Callable[[], _Result]") -> "Callable[[], _Result]":
    """Work begun in a copy of this process; what waits for its result."""
    from multiprocessing import get_context  # noqa: PLC0415 - slow to load, and few need it

    copies = get_context("fork")
    receive, send = copies.Pipe(duplex=False)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _signals())
    try:
        copy = copies.Process(target=_in_a_copy, args=(work, send), daemon=True)
        copy.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    send.close()

    def result() -> _Result:
        with receive:
            found: list[_Result] = []
            with suppress(EOFError):
                found.append(receive.recv())
        copy.join()
        return found[0] if found else work()

    return result


def _in_a_copy(work: Callable[[], object], send: "Connection") -> None:
    """Do the work and send what it gives; end with the process that asked, or as a signal says, without a word."""
    from multiprocessing import parent_process  # noqa: PLC0415 - loaded already, in the copy

    def end_with_it() -> None:
        if parent := parent_process():
            parent.join()
        os._exit(1)

    signal.set_wakeup_fd(-1)
    for number in _signals():
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background, or under nohup
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _signals())
    try:
        Thread(target=end_with_it, daemon=True).start()
        send.send(work())
    except Exception:  # noqa: BLE001 - met again, and told, by whoever does it in this one's place
        os._exit(1)


def _signals() -> list[signal.Signals]:
    return [getattr(signal, name) for name in _ENDING]


@contextmanager
def kept_meanwhile(path: Path) -> Iterator[None]:
    """What is written to a file goes to the disk meanwhile, so that nobody waits for it at the end.

    Raises:
        OSError: it cannot be kept.
    """
    over = Event()

    def keep() -> None:
        with path.open("rb") as file:
            while not over.wait(_KEPT_EACH):
                os.fsync(file.fileno())

    keeping = meanwhile(keep)
    try:
        yield
    finally:
        over.set()
    keeping.result()
