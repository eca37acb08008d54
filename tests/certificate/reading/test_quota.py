"""One quota for all the calls of a run, against a server that counts: its windows, its clock, its other users."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opqibi_rules.certificate.reading.quota import LONGEST_WAIT, Quota, waiting
from opqibi_rules.errors import FetchError
from opqibi_rules.tables.library import Tables

NOON = 1_717_243_200.0


class Time:
    """A clock that moves when someone sleeps, or says that time passes."""

    def __init__(self) -> None:
        self.now = NOON
        self.naps: list[float] = []
        self._lock = Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.naps.append(seconds)
            self.now += seconds


class Server:
    """Counts the calls in windows aligned on its own clock, and refuses those that are too many."""

    def __init__(self, time: Time, *, limit: int, window: int, ahead: int = 0) -> None:
        self.time, self.limit, self.window, self.ahead = time, limit, window, ahead
        self.counted: dict[int, int] = {}
        self.refused = 0

    def __call__(self, calls: int = 1) -> tuple[dict[str, str], bool]:
        here = int(self.time.now) + self.ahead
        window = here // self.window
        self.counted[window] = self.counted.get(window, 0) + calls
        over = self.counted[window] > self.limit
        self.refused += over
        ends = (window + 1) * self.window
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.limit - self.counted[window], 0)),
            "RateLimit-Reset": str(ends),
            **({"Retry-After": str(ends - here)} if over else {}),
        }
        if self.ahead:  # a server whose clock is not ours says what time it has
            headers["Date"] = f"Sat, 01 Jun 2024 {12 + self.ahead // 3600}:{_minutes(self.time.now)} GMT"
        return headers, over


def _minutes(now: float) -> str:
    past = int(now - NOON)
    assert past < 3600
    return f"{past // 60:02}:{past % 60:02}"


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(1, 20),
    st.sampled_from([2, 10, 60]),
    st.sampled_from([0, 3600]),
)
def test_the_server_never_refuses_one_who_is_alone(
    pauses: list[int], limit: int, window: int, ahead: int
) -> None:
    """Whatever its limit and its windows, once its first answer has told them; and nobody waits past a window."""
    time = Time()
    server = Server(time, limit=limit, window=window, ahead=ahead)
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    for pause in pauses:
        time.now += pause / 10
        with quota.turn():
            headers, over = server()
            quota.hear(headers, refused=over)
    assert server.refused == 0
    assert all(nap <= window for nap in time.naps)
    assert len(time.naps) <= len(pauses) // limit


def test_without_a_word_of_the_server_the_published_quota_holds() -> None:
    pace = Tables().api_errors.limits.quota
    assert (pace.calls, pace.seconds) == (250, 60)
    time = Time()
    quota = Quota(pace.calls, pace.seconds, clock=time.clock, sleep=time.sleep)
    for _ in range(750):
        with quota.turn():
            assert quota.hear({}, refused=False) is None
    assert time.naps == [60.0, 60.0]


def test_others_who_use_the_token_are_felt_at_the_next_answer() -> None:
    time = Time()
    server = Server(time, limit=10, window=60)
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    server(9)  # another program
    for _ in range(2):
        with quota.turn():
            headers, over = server()
            quota.hear(headers, refused=over)
    assert (server.refused, time.naps) == (0, [60.0])


def test_a_refusal_holds_every_call_that_follows() -> None:
    time = Time()
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        assert quota.hear({"Retry-After": "17"}, refused=True) == 17
    for _ in range(3):
        with quota.turn():
            quota.hear({}, refused=False)
    assert time.naps == [17.0]


def test_of_two_refusals_the_longer_wait_holds() -> None:
    time = Time()
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn(), quota.turn():
        quota.hear({"Retry-After": "30"}, refused=True)
        quota.hear({"Retry-After": "5"}, refused=True)
    with quota.turn():
        pass
    assert time.naps == [30.0]


def test_a_refusal_that_says_nothing_holds_until_the_window_ends() -> None:
    time = Time()
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        assert quota.hear({}, refused=True) is None
    time.now += 5
    with quota.turn():
        pass
    assert time.naps == [55.0]


def test_a_wait_longer_than_any_quota_lasts_is_told_not_slept() -> None:
    """And it is told again to each call that comes before its end."""
    time = Time()
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        quota.hear({"Retry-After": "3600"}, refused=True)
    for passed, minutes in ((0, 60), (600, 50)):
        time.now = NOON + passed
        with pytest.raises(FetchError, match=f"asks to wait {minutes} minutes") as raised, quota.turn():
            raise AssertionError("no call may leave")
        assert raised.value.retry_in == 3600 - passed
    time.now = NOON + 3600 - LONGEST_WAIT
    with quota.turn():
        pass
    assert time.naps == [LONGEST_WAIT]


def test_the_word_of_a_failure_that_is_no_429_is_told_and_holds_nothing() -> None:
    time = Time()
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        assert quota.hear({"Retry-After": "1800"}, refused=False) == 1800
    with quota.turn():
        pass
    assert time.naps == []


def test_a_call_that_fails_gives_its_turn_back() -> None:
    time = Time()
    quota = Quota(2, 60, clock=time.clock, sleep=time.sleep)
    for _ in range(2):
        with pytest.raises(FetchError), quota.turn():
            raise FetchError("no answer")
    with quota.turn():
        pass
    assert time.naps == [60.0]  # it was made all the same, and is counted


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit-Limit": "0", "RateLimit-Remaining": "x", "RateLimit-Reset": "-1", "Retry-After": "soon"},
        {"RateLimit-Reset": "9" * 11, "RateLimit-Remaining": "3"},
        {"RateLimit-Reset": "1", "RateLimit-Remaining": "0"},
        {"Date": "no date", "Retry-After": "Fri, 31 Feb 2026 10:00:00 GMT"},
    ],
)
def test_what_cannot_be_read_or_believed_blocks_nobody(headers: dict[str, str]) -> None:
    time = Time()
    quota = Quota(250, 60, clock=time.clock, sleep=time.sleep)
    for _ in range(4):
        with quota.turn():
            assert quota.hear(headers, refused=False) is None
    assert sum(time.naps) <= LONGEST_WAIT


def left_of(remaining: int, ends_in: int) -> dict[str, str]:
    return {"RateLimit-Remaining": str(remaining), "RateLimit-Reset": str(int(NOON) + ends_in)}


def test_a_new_window_is_used_whole_even_where_it_comes_before_its_time() -> None:
    """Ours was thought to last ten seconds; the server's next one begins after nine: its nine calls may leave."""
    time = Time()
    quota = Quota(10, 60, clock=time.clock, sleep=time.sleep)
    for passed, heard in ((0, left_of(1, 10)), (9, left_of(9, 70))):
        time.now = NOON + passed
        with quota.turn():
            quota.hear(heard, refused=False)
    for _ in range(9):
        with quota.turn():
            pass
    assert time.naps == []
    with quota.turn():
        pass
    assert time.naps == [61.0 - 1.0]  # to the end of that window, and never longer than a minute


def test_an_answer_of_a_window_before_tells_nothing_more() -> None:
    """It was sent in a window of which nothing is left, and comes when the next is known to hold five calls."""
    time = Time()
    quota = Quota(10, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        with quota.turn():
            quota.hear(left_of(6, 70), refused=False)
        quota.hear({**left_of(0, 10), "Date": "Sat, 01 Jun 2024 11:59:59 GMT"}, refused=False)
    for _ in range(5):
        with quota.turn():
            pass
    assert time.naps == []


def test_an_answer_of_a_window_that_is_over_opens_no_other() -> None:
    time = Time()
    quota = Quota(3, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        time.now += 60
        for _ in range(2):
            with quota.turn():
                pass
        quota.hear(left_of(1, 30), refused=False)
    with quota.turn():
        pass
    assert time.naps == [60.0]


def test_what_is_in_flight_when_a_window_ends_may_count_in_the_next() -> None:
    time = Time()
    quota = Quota(3, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn(), quota.turn():
        time.now += 60
        with quota.turn():
            pass
        assert time.naps == []
        with quota.turn():
            pass
        assert time.naps == [60.0]


def test_a_window_that_ends_too_far_ahead_is_waited_for_a_minute_at_most() -> None:
    time = Time()
    quota = Quota(10, 60, clock=time.clock, sleep=time.sleep)
    with quota.turn():
        quota.hear(left_of(0, 900_000), refused=False)
    with quota.turn():
        pass
    assert time.naps == [60.0]


@given(
    st.lists(
        st.tuples(st.sampled_from(["start", "start", "first", "last"]), st.sampled_from([0, 0, 0, 1, 300])),
        min_size=20,
        max_size=150,
    ),
    st.integers(1, 12),
    st.integers(0, 59),
)
def test_calls_in_flight_together_never_pass_the_quota(
    events: list[tuple[str, int]], limit: int, second: int
) -> None:
    """Up to six calls wait for their answers, which come in any order, windows later perhaps; none is refused."""
    time = Time()
    time.now += second
    server = Server(time, limit=limit, window=60)
    quota = Quota(limit, 60, clock=time.clock, sleep=time.sleep)
    flying: list[tuple[ExitStack, dict[str, str], bool]] = []
    sent = 0
    for what, tenths in events:
        time.now += tenths / 10
        if what == "start" and len(flying) < min(6, limit):
            turn = ExitStack()
            turn.enter_context(quota.turn())
            flying.append((turn, *server()))
            sent += 1
        elif flying:
            turn, headers, over = flying.pop(0 if what == "first" else -1)
            with turn:
                quota.hear(headers, refused=over)
    assert server.refused == 0
    assert sum(time.naps) <= 60 * sent  # and it always goes on


def test_threads_share_one_quota() -> None:
    """Eight threads, forty calls, ten a window: ten leave in each, whatever their order."""
    time, sent, lock = Time(), [], Lock()
    quota = Quota(10, 60, clock=time.clock, sleep=lambda seconds: None)

    def call(number: int) -> None:
        with quota.turn(), lock:
            sent.append(time.now)
            if len(sent) % 10 == 0:
                time.now += 60

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, range(40)))
    assert sent == [NOON + 60 * (index // 10) for index in range(40)]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (0.2, "1 second."), (1, "1 second."), (119, "119 seconds"), (119.5, "2 minutes"),
     (121, "3 minutes"), (3600, "60 minutes")],
)  # fmt: skip
def test_a_wait_is_never_told_shorter_than_it_is(seconds: float, said: str) -> None:
    assert said in str(waiting(seconds))
