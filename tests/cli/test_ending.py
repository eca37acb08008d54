"""A command that a signal ends: Ctrl-C is one thing, whatever an engine makes of it."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from opqibi_rules.cli.ending import ended_cleanly
from opqibi_rules.errors import FileError, Mistake, RequestError
from opqibi_rules.messages import Message


class PanicException(BaseException):
    """As polars' own: no exception, and of a type that cannot be imported."""


class ComputeError(Exception):
    """As polars' own."""


@pytest.fixture(autouse=True)
def pythons_own() -> Iterator[None]:
    """Ctrl-C as Python handles it, whatever another test's Spark has made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


def test_the_handler_of_another_library_is_called_too() -> None:
    called = []

    def of_spark(number: int, frame: object) -> None:
        called.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, of_spark)
    with pytest.raises(KeyboardInterrupt), ended_cleanly():
        _interrupted_then(OSError(9, "Bad file descriptor"))
    assert called == [signal.SIGINT]
    assert signal.getsignal(signal.SIGINT) is of_spark


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


_BUSY = """
import os, signal, sys, time
from pathlib import Path
from opqibi_rules.cli import ending
from opqibi_rules.paper.files import whole_file

left, remove = os._exit, ending.remove_drafts

def leave_late(code):  # the machine is busy with others
    time.sleep(0.2)
    left(code)

with ending.ended_cleanly(), whole_file(Path(sys.argv[1])) as draft:
    def remove_too_early():
        remove()
        ending.remove_drafts = remove
        if sys.argv[2] == "engine":
            draft.write_text("made as the draft was removed")

    ending.remove_drafts, os._exit = remove_too_early, leave_late
    os.kill(os.getpid(), signal.SIGTERM)
    while sys.argv[2] == "command":
        draft.write_text("made once the draft was removed")
    time.sleep(60)
"""


@pytest.mark.parametrize("who", ["command", "engine"])
def test_a_draft_that_is_made_anew_as_the_signal_comes_is_removed(who: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _BUSY, str(tmp_path / "out.csv"), who]
    assert subprocess.run(command, check=False).returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
