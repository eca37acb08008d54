"""Who waits for a worker: clients in turn, each with its place, nobody forgotten."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.desk import queue
from opqibi_rules.desk.queue import TURN, BusyError, Queue, Turn


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Crowd:
    """Works that hold their place until they are told to go, and the order in which they got it."""

    def __init__(self, places: int) -> None:
        self.queue = Queue(places)
        self.served: list[str] = []
        self.go = asyncio.Semaphore(0)

    async def work(self, turn: Turn, name: str) -> None:
        TURN.set(turn)
        async with self.queue.place(1):
            self.served.append(name)
            await self.go.acquire()

    def comes(self, client: str, name: str) -> tuple[Turn, asyncio.Task[None]]:
        turn = Turn(client)
        return turn, asyncio.create_task(self.work(turn, name))


def ran(body: Coroutine[Any, Any, None]) -> None:
    asyncio.run(body)


def test_one_who_brings_twenty_lets_the_others_by() -> None:
    async def body() -> None:
        crowd = Crowd(1)
        works = [crowd.comes("a", f"a{n}") for n in range(4)]
        await settled()
        works += [crowd.comes("b", "b0"), crowd.comes("c", "c0"), crowd.comes("b", "b1")]
        await settled()
        # a0 is served; a1 comes next, then one of each.
        assert [turn.before for turn, _ in works] == [0, 0, 3, 5, 1, 2, 4]
        for _ in works:
            crowd.go.release()
            await settled()
        assert crowd.served == ["a0", "a1", "b0", "c0", "a2", "b1", "a3"]
        await asyncio.gather(*(task for _, task in works))

    ran(body())


@given(
    st.integers(1, 3),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=12),
    st.sets(st.integers(0, 11), max_size=4),
)
def test_the_place_shown_is_the_place_kept(places: int, clients: list[str], leaving: set[int]) -> None:
    """Whoever leaves, what each is told is the order in which the others are then served; no place is lost."""

    async def body() -> None:
        crowd = Crowd(places)
        works = [crowd.comes(client, f"{n}") for n, client in enumerate(clients)]
        await settled()
        for number in leaving & set(range(len(works))):
            works[number][1].cancel()
        await settled()
        waiting = {
            str(n): turn.before
            for n, (turn, task) in enumerate(works)
            if not task.done() and str(n) not in crowd.served
        }
        begun = len(crowd.served)
        assert sorted(waiting.values()) == list(range(len(waiting)))
        while not all(task.done() for _, task in works):
            crowd.go.release()
            await settled()
        assert crowd.served[begun:] == sorted(waiting, key=lambda name: waiting[name])
        # As many places as at first.
        again = [crowd.comes("z", f"z{n}") for n in range(places + 1)]
        await settled()
        assert sum(name.startswith("z") for name in crowd.served) == places
        for _, task in again:
            task.cancel()
        await settled()

    ran(body())


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PATIENCE", 0.02)

    async def body() -> None:
        crowd = Crowd(1)
        _, held = crowd.comes("a", "held")
        await settled()
        _, waits = crowd.comes("b", "waits")
        with pytest.raises(BusyError):
            await waits
        crowd.go.release()
        await held
        _, last = crowd.comes("b", "last")
        crowd.go.release()
        await last
        assert crowd.served == ["held", "last"]

    ran(body())


def test_a_place_that_comes_as_its_caller_leaves_is_given_on() -> None:
    async def body() -> None:
        crowd = Crowd(1)
        _, first = crowd.comes("a", "first")
        await settled()
        _, leaves = crowd.comes("b", "leaves")
        _, stays = crowd.comes("c", "stays")
        await settled()
        crowd.go.release()
        await asyncio.sleep(0)  # the first one ends, and its place is given
        leaves.cancel()
        await settled()
        assert crowd.served[-1] == "stays"
        crowd.go.release()
        await asyncio.gather(first, stays)

    ran(body())
