"""A command that a signal ends: Ctrl-C is one thing, whatever an engine makes of it."""

import signal
import threading

import pytest

from opqibi_rules.cli.ending import ended_cleanly
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message


class PanicException(BaseException):
    """As polars' own: no exception, and of a type that cannot be imported."""


class ComputeError(Exception):
    """As polars' own."""


@pytest.mark.parametrize(
    "made_of_it",
    [
        PanicException('called `Result::unwrap()` on Panic(Id(3), "__POLARS_ABORT_KEYBOARD_INTERRUPT", ...)'),
        ComputeError("KeyboardInterrupt: "),
        KeyboardInterrupt(),
    ],
)
def test_an_engine_that_was_interrupted_was_interrupted(made_of_it: BaseException) -> None:
    with pytest.raises(KeyboardInterrupt), ended_cleanly():
        raise made_of_it


def _interrupted_then(error: BaseException) -> None:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise error from None


def test_whatever_fails_once_the_signal_has_come_was_interrupted() -> None:
    before = signal.getsignal(signal.SIGINT)
    refused = FileError("t.csv", [Mistake(Message("empty; a header is expected on the first line."))])
    for error in (refused, PanicException("a lock is poisoned"), OSError(9, "Bad file descriptor")):
        with pytest.raises(KeyboardInterrupt), ended_cleanly():
            _interrupted_then(error)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_panic_of_an_engine_is_a_fault_and_a_refusal_is_a_refusal() -> None:
    with pytest.raises(RuntimeError, match="index out of bounds"), ended_cleanly():
        raise PanicException("index out of bounds")
    with pytest.raises(RequestError, match="KeyboardInterrupt"), ended_cleanly():
        raise RequestError("There is no column {name} to carry.", name="KeyboardInterrupt")


def test_a_command_called_from_another_thread_has_no_signals_of_its_own() -> None:
    done = []

    def run() -> None:
        with ended_cleanly():
            done.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [before]
