"""The server as it runs for people: a process of its own, on a free port of this machine."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def command(*arguments: str) -> list[str]:
    """``opqibi-fees ARGUMENTS``, by this interpreter, under the schedule of 2024."""
    return [sys.executable, "-m", "tests.editions.pinned_command", *arguments]


def environment() -> dict[str, str]:
    """This process's, with the package of this checkout first."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OPQIBI_LANG": "en"}


@contextmanager
def server(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running server: its address and its process; stopped at the end."""
    process = subprocess.Popen(
        command("serve", "--port", "0", *arguments),
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=ROOT,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://[^ ]+:[0-9]+", line)
        assert found, line
        yield found[0], process
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr is not None:
            process.stderr.close()
