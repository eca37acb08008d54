"""How far a long work has come, on the screen of whoever waits; nothing where nobody looks."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from opqibi_rules.messages import Message, Say, marked

_Item = TypeVar("_Item")
_EVERY = 0.2
"""Seconds between two words: often enough to be seen moving, rarely enough to cost nothing."""


class Progress:
    """The last line of the terminal, for a work that lasts."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._started = self._told = time.monotonic()
        self._shown = False

    @property
    def seconds(self) -> float:
        """Since the work began."""
        return time.monotonic() - self._started

    def tell(self, said: Callable[[], str]) -> None:
        """Show where we are, unless it was shown just before."""
        if self._live and time.monotonic() - self._told >= _EVERY:
            self._told, self._shown = time.monotonic(), True
            sys.stderr.write(f"\r{said()}\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave a clean line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")


def watched(
    items: Iterable[_Item], total: int, say: Say, told_as: str = marked("{done} of {total} structures")
) -> Iterator[_Item]:
    """The items, telling how many of them are done."""
    progress = Progress()
    try:
        for done, item in enumerate(items, 1):
            yield item
            said = Message(told_as, done=done, total=total)
            progress.tell(lambda said=said: say(said))  # type: ignore[misc] # the word of this very item
    finally:
        progress.end()
