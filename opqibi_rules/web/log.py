"""What the server says to whoever runs it: bounded, and nothing of a caller."""

import logging
import time

from opqibi_rules.desk.faults import described

EVERY = 60.0
"""Seconds between two complaints of the same words."""
_MOST = 100
"""Complaints that are remembered."""


class Sparing(logging.Filter):
    """Of the complaints of the same words, one a minute; without traces, which may quote a caller.

    Where no more files may be open, the event loop says so two thousand times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is to be said."""
        words = record.getMessage().partition("\n")[0][:200]
        now = time.monotonic()
        if now - self._said.get(words, -EVERY) < EVERY:
            return False
        if len(self._said) >= _MOST:
            self._said.clear()
        self._said[words] = now
        error = record.exc_info[1] if record.exc_info else None
        record.msg, record.args = f"{words} ({described(error)})" if error else words, ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True
