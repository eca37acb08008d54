"""The quota of calls to API Entreprise: one for a token, kept by all the calls of a run, whatever their threads.

The server tells on each answer how many calls are left and when its window ends; until it has told, the published
quota holds. Where it refuses a call (429) and says how long to wait, no call leaves before. The clock and the sleep
are arguments.

Source: the headers of recorded answers (``RateLimit-*`` on every one, windows on the clock's minute).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Self

from opqibi_rules.errors import FetchError
from opqibi_rules.messages import Message, plural
from opqibi_rules.tables.api_errors import Pace

LONGEST_WAIT = 60.0
"""Seconds: the quota is counted by the minute. A longer wait is told, not slept."""


class Quota:
    """How many calls may still leave, and when the next one may.

    Args:
        calls: how many may leave in one window, until the server tells another number.
        seconds: the length of a window, until the server tells when it ends.
        clock: seconds since the epoch.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        calls: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._calls, self._seconds = calls, seconds
        self._clock, self._sleep = clock, sleep
        self._lock = Lock()
        self._left, self._in_flight = calls, 0
        self._window = 0.0
        """When the window in force ends, on the clock of the server."""
        self._window_ends = self._closed_until = 0.0

    @classmethod
    def of(cls, pace: Pace, *, sleep: Callable[[float], None] = time.sleep) -> Self:
        """The published quota."""
        return cls(pace.calls, pace.seconds, sleep=sleep)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn to call; the block is the call.

        Raises:
            FetchError: the server wants no call for longer than is worth waiting; ``retry_in`` says how long.
        """
        while (wait := self._claimed()) > 0:
            if wait > LONGEST_WAIT:
                raise _too_long(wait)
            self._sleep(wait)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def _claimed(self) -> float:
        """Seconds to wait before asking again; 0 where the turn is taken."""
        with self._lock:
            now = self._clock()
            if now >= self._window_ends:
                self._left, self._window_ends = self._calls - self._in_flight, now + self._seconds
            wait = max(self._closed_until - now, 0.0 if self._left > 0 else self._window_ends - now)
            if wait <= 0:
                self._left -= 1
                self._in_flight += 1
            return wait

    def hear(self, headers: Mapping[str, str], *, refused: bool) -> float | None:
        """Take in what an answer says of the quota, within its :meth:`turn`.

        Args:
            headers: of the answer, whose names are found in any case.
            refused: the answer is a 429.

        Returns:
            Seconds that the server asks to wait, if it says so.
        """
        with self._lock:
            now = self._clock()
            # The server's own clock tells how far ahead its hours are; ours may be wrong.
            there = _moment(headers.get("Date"))
            there = now if there is None else there
            reset, left = _number(headers.get("RateLimit-Reset")), _number(headers.get("RateLimit-Remaining"))
            ends_in = None if reset is None else max(reset - there, 0.0)
            self._calls = int(_number(headers.get("RateLimit-Limit")) or 0) or self._calls
            if reset is not None and left is not None and ends_in and reset >= self._window:
                # The others in flight may not be counted yet, and this answer may be older than one heard before:
                # the worst is supposed.
                left -= self._in_flight - 1
                self._left = int(left if reset > self._window else min(left, self._left))
                self._window, self._window_ends = reset, now + min(ends_in, LONGEST_WAIT)
            wait = _retry_after(headers.get("Retry-After"), there)
            if not refused:
                return wait
            wait = ends_in if wait is None else wait
            closed = self._window_ends if wait is None else now + wait
            self._closed_until = max(self._closed_until, closed)
            return wait


def _too_long(seconds: float) -> FetchError:
    """No call may leave for now."""
    error = FetchError("The quota is used up. {wait}", wait=waiting(seconds))
    error.retry_in = seconds
    return error


def waiting(seconds: float) -> Message:
    """How long a register asks to wait; in whole minutes from two minutes on, never less than it asks."""
    n = int(-(-seconds // 1))
    if n < 120:
        return plural("The server asks to wait {n} second.", "The server asks to wait {n} seconds.", n=n)
    return plural(
        "The server asks to wait {n} minute.", "The server asks to wait {n} minutes.", n=-(-n // 60)
    )


def _retry_after(text: str | None, now: float) -> float | None:
    """Seconds of a ``Retry-After``, given as such or as a date."""
    if (seconds := _number(text)) is not None:
        return seconds
    day = _moment(text)
    return None if day is None else max(day - now, 0.0)


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def _moment(text: str | None) -> float | None:
    """Seconds since the epoch of a date as HTTP writes it, always that of Greenwich."""
    try:
        return parsedate_to_datetime(text or "").replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
