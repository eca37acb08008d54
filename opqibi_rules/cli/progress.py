"""How far a long work has come, on the screen of whoever waits; nothing where nobody looks."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from opqibi_rules.messages import Message, Say, marked

_Item = TypeVar("_Item")
_EVERY = 0.2
"""Seconds between two words: often enough to be seen moving, rarely enough to cost nothing."""


def watched(
    items: Iterable[_Item], total: int, say: Say, told_as: str = marked("{done} of {total} structures")
) -> Iterator[_Item]:
    """The items, telling on standard error how many are done, if it is a terminal and the work lasts."""
    if not sys.stderr.isatty():
        yield from items
        return
    told = time.monotonic()
    shown = False
    try:
        for done, item in enumerate(items, 1):
            yield item
            if time.monotonic() - told >= _EVERY:
                told, shown = time.monotonic(), True
                text = say(Message(told_as, done=done, total=total))
                sys.stderr.write(f"\r{text}\x1b[K")
                sys.stderr.flush()
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
