"""Who waits for a worker: clients in turn, however many works one of them brings, and each knows its place."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial

PATIENCE = 120.0
"""Seconds that a work waits for a worker, at most."""

_Line = deque[asyncio.Future[None]]


class BusyError(Exception):
    """No worker was free within :data:`PATIENCE`."""


@dataclass
class Turn:
    """A caller, who may have to wait, with several works perhaps."""

    client: str = ""
    longer: Callable[[float], None] = lambda _: None
    """Gives the caller more seconds, from now on."""
    waits: list[Callable[[], int]] = field(default_factory=list)
    """For each of his works that waits, how many come before it."""

    @property
    def before(self) -> int:
        """How many works will be taken before his last one, as far as is known now."""
        return max((wait() for wait in self.waits), default=0)


TURN: ContextVar[Turn | None] = ContextVar("the caller that is being served", default=None)


class Queue:
    """So many places; those who wait for one get it by turns of their clients."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lines: dict[str, _Line] = {}
        """By client, the next one first; none is empty."""

    @asynccontextmanager
    async def place(self, seconds: float) -> AsyncIterator[None]:
        """Wait for a place, and hold it within the block, for so many ``seconds`` at most.

        Raises:
            BusyError: none came free in time.
        """
        turn = TURN.get() or Turn()
        if self._free:
            self._free -= 1
        else:
            await self._waited(turn)
        try:
            turn.longer(seconds)
            yield
        finally:
            self._give_on()

    async def _waited(self, turn: Turn) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(turn.client, deque()).append(place)
        wait = partial(self._before, turn.client, place)
        turn.waits.append(wait)
        turn.longer(PATIENCE)
        try:
            async with asyncio.timeout(PATIENCE):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self._give_on()  # it came as its caller left
            else:
                self._leave(turn.client, place)
            if isinstance(error, TimeoutError):
                raise BusyError from None
            raise
        finally:
            turn.waits.remove(wait)

    def _give_on(self) -> None:
        """A place is free: for the next client's first work; the client then waits behind the others."""
        while self._lines:
            client = next(iter(self._lines))
            line = self._lines.pop(client)
            place = line.popleft()
            if line:
                self._lines[client] = line
            if not place.cancelled():
                place.set_result(None)
                return
        self._free += 1

    def _leave(self, client: str, place: asyncio.Future[None]) -> None:
        line = self._lines.get(client, deque())
        if place in line:
            line.remove(place)
            if not line:
                del self._lines[client]

    def _before(self, client: str, place: asyncio.Future[None]) -> int:
        """The works of its own client before it, and as many of each other's, one more of those who come first."""
        line = self._lines.get(client)
        if line is None or place not in line:
            return 0
        own, clients = line.index(place), list(self._lines)
        first = clients.index(client)
        others = (
            min(len(self._lines[other]), own + (index < first))
            for index, other in enumerate(clients)
            if other != client
        )
        return own + sum(others)
