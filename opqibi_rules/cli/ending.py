"""A process told to end (SIGTERM, SIGHUP, Ctrl-C) leaves no draft behind, even in the midst of a library's work."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from opqibi_rules.errors import OpqibiError
from opqibi_rules.paper.files import remove_drafts

_LAST_LOOK = 0.1
"""Seconds after which a file is looked for that an engine was about to make as the signal came."""
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def ended_cleanly() -> Iterator[None]:
    """While the block runs, those signals remove the drafts, and the process ends as they would have ended it.

    Python runs a handler between two of its own instructions only: an engine that computes for minutes would keep it
    waiting. A thread of our own is woken by the signal itself. Ctrl-C is a :class:`KeyboardInterrupt`, whatever an
    engine that was computing makes of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # In a job in the background it is ignored, and an engine that computes would catch it: no thread is to meet it.
    unmet = {signal.SIGINT} if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else set()
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, unmet) if hasattr(signal, "pthread_sigmask") else None
    before = {number: signal.getsignal(number) for number in _ENDING}
    caught = [number for number in _ENDING if before[number] is not signal.SIG_IGN]  # as under nohup
    receive, send = os.pipe()
    os.set_blocking(send, False)
    ending = threading.Event()
    threading.Thread(target=_end_when_told, args=(receive, caught, ending), daemon=True).start()
    woken = signal.set_wakeup_fd(send)
    try:
        for number in caught:
            signal.signal(number, _hold)
        with _interruption_told():
            yield
    finally:
        if ending.is_set():
            # Its drafts are being removed, which whatever still reads them would blame on the user.
            threading.Event().wait()
        for number in caught:
            signal.signal(number, before[number])
        signal.set_wakeup_fd(woken)
        os.close(send)  # which ends the thread
        if masked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)


@contextmanager
def _interruption_told() -> Iterator[None]:
    """While the block runs, what Ctrl-C makes fail is a :class:`KeyboardInterrupt`; an engine's panic, a fault."""
    handler = signal.getsignal(signal.SIGINT)  # Python's own, or one that Spark has put there
    came = False

    def comes(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came = True
        if callable(handler):
            handler(number, frame)

    try:
        if callable(handler):
            signal.signal(signal.SIGINT, comes)
        yield
    except BaseException as error:
        if came or _of_an_interruption(error):
            raise KeyboardInterrupt from None
        if type(error).__name__ == "PanicException":  # polars': nothing that is met as an exception
            raise RuntimeError(str(error)) from error
        raise
    finally:
        if callable(handler):
            signal.signal(signal.SIGINT, handler)


def _of_an_interruption(error: BaseException) -> bool:
    """An engine that Ctrl-C stopped says so in a text of its own."""
    said = str(error).replace("_", "").lower()
    return not isinstance(error, OpqibiError) and "keyboardinterrupt" in said


def _hold(number: int, frame: FrameType | None) -> None:
    """Begin nothing more: an engine that is handed a draft which is being removed makes it anew."""
    del number, frame
    threading.Event().wait()


def _end_when_told(receive: int, caught: list[int], ending: threading.Event) -> None:
    while told := os.read(receive, 1):
        if told[0] in caught:
            ending.set()
            try:
                remove_drafts()
                time.sleep(_LAST_LOOK)
                remove_drafts()
            finally:
                os._exit(128 + told[0])
    os.close(receive)
