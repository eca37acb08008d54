"""A process told to end (SIGTERM, SIGHUP) leaves no draft behind, even in the midst of a library's work."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from opqibi_rules.paper.files import remove_drafts

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def ended_cleanly() -> Iterator[None]:
    """While the block runs, those signals remove the drafts, and the process ends as they would have ended it.

    Python runs a handler between two of its own instructions only: an engine that computes for minutes would keep it
    waiting. A thread of our own is woken by the signal itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    caught = [number for number, handler in before.items() if handler is not signal.SIG_IGN]  # as under nohup
    receive, send = os.pipe()
    os.set_blocking(send, False)
    threading.Thread(target=_end_when_told, args=(receive, caught), daemon=True).start()
    woken = signal.set_wakeup_fd(send)
    try:
        for number in caught:
            signal.signal(number, lambda *_: None)
        yield
    finally:
        for number in caught:
            signal.signal(number, before[number])
        signal.set_wakeup_fd(woken)
        os.close(send)  # which ends the thread


def _end_when_told(receive: int, caught: list[int]) -> None:
    while told := os.read(receive, 1):
        if told[0] in caught:
            remove_drafts()
            os._exit(128 + told[0])
    os.close(receive)
