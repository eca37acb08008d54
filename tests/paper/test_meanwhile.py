"""Work that goes on meanwhile: by a process of its own where that is safe, and to the same end where it is not."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from opqibi_rules.paper import meanwhile as room
from opqibi_rules.paper.meanwhile import meanwhile

BEGIN = """\
import os, sys, time
from pathlib import Path
from opqibi_rules.paper.meanwhile import meanwhile
def work():
    if not os.path.exists(sys.argv[1]):
        Path(sys.argv[1] + ".new").write_text(str(os.getpid()))
        os.rename(sys.argv[1] + ".new", sys.argv[1])
    time.sleep(120)
"""
"""A program whose work tells by which process it is done, and lasts."""
LINUX = sys.platform == "linux"


def said_by(program: str) -> str:
    """What a program of its own says: this one has threads of its test runner."""
    head = "import os, signal\nfrom opqibi_rules.paper.meanwhile import meanwhile\nhere = os.getpid()\n"
    run = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", head + program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stderr == ""
    return run.stdout


def test_it_is_done_by_another_process_where_one_can_be_had() -> None:
    other = said_by("print(meanwhile(os.getpid, apart=True).result() != here, end='')")
    assert other == str(LINUX)
    assert said_by("print(meanwhile(os.getpid).result() == here, end='')") == "True"


def test_beside_other_threads_no_process_is_copied() -> None:
    over = threading.Event()
    waiting = [threading.Thread(target=over.wait) for _ in range(2)]
    for thread in waiting:
        thread.start()
    try:
        assert meanwhile(os.getpid, apart=True).result() == os.getpid()
    finally:
        over.set()
        for thread in waiting:
            thread.join()


@pytest.mark.parametrize(
    "work",
    [
        "os.kill(os.getpid(), signal.SIGKILL) if os.getpid() != here else 'done'",
        "(lambda: None) if os.getpid() != here else 'done'",  # it cannot be sent
        "1 / 0 if os.getpid() != here else 'done'",
    ],
)
def test_where_that_process_fails_the_work_is_done_here(work: str) -> None:
    assert said_by(f"print(meanwhile(lambda: {work}, apart=True).result(), end='')") == "done"


def test_what_is_wrong_is_raised_where_the_result_is_asked_for() -> None:
    told = said_by(
        "try:\n"
        "    meanwhile(lambda: 1 / 0, apart=True).result()\n"
        "except ZeroDivisionError as error:\n"
        "    print(error, end='')"
    )
    assert told == "division by zero"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_does_not_outlive_who_asked(tmp_path: Path, number: signal.Signals) -> None:
    told = tmp_path / "told"
    program = f"{BEGIN}meanwhile(work, apart=True)\ntime.sleep(120)\n"
    with subprocess.Popen([sys.executable, "-c", program, told], stderr=subprocess.DEVNULL) as asking:
        until(told.exists)
        asking.send_signal(number)
    copy = int(told.read_text())
    assert (copy != asking.pid) is LINUX
    until(lambda: not runs(copy))


def test_ctrl_c_ends_both_without_a_word(tmp_path: Path) -> None:
    told = tmp_path / "told"
    waiting = "try:\n    meanwhile(work, apart=True).result()\nexcept KeyboardInterrupt:\n    sys.exit(130)\n"
    asked = [sys.executable, "-c", BEGIN + waiting, str(told)]
    with subprocess.Popen(asked, stderr=subprocess.PIPE, start_new_session=True) as asking:
        until(told.exists)
        os.killpg(asking.pid, signal.SIGINT)  # as a terminal does: to all of its foreground
        assert asking.stderr is not None
        assert asking.stderr.read() == b""
    assert asking.returncode == 130


def test_a_disk_that_fails_while_it_is_written_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def full(number: int) -> None:
        failed.set()
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(room, "_KEPT_EACH", 0)
    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "out.csv"
    path.touch()
    with pytest.raises(OSError, match="full"), room.kept_meanwhile(path):
        assert failed.wait(10)


def runs(process: int) -> bool:
    with suppress(OSError):
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"  # one that nobody has waited for yet is over
    return False


def until(held: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    end = time.monotonic() + 30
    while not held():
        assert time.monotonic() < end
        time.sleep(0.02)
