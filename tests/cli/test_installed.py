"""The command as a process of its own: what only a real shell shows."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def process(*arguments: str, folder: Path, **more: object) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPQIBI_LANG": "fr", "OPQIBI_TABLES": ""}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return] # streams are given as keywords
        [sys.executable, "-m", "opqibi_rules.cli.main", *arguments],
        env=environment,
        cwd=folder,
        # What runs in the background of a shell ignores Ctrl-C, and what it starts would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - nothing else runs in the child
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **more},
    )


def test_from_any_folder(tmp_path: Path) -> None:
    arguments = [
        "quote",
        "-t",
        "1=5",
        "-t",
        "2=3",
        "--turnover",
        "800000",
        "--date",
        "2026-03-02",
        "--format",
        "json",
    ]
    with process(*arguments, folder=tmp_path) as running:
        out, err = running.communicate()
    assert (running.returncode, err) == (0, b"")
    assert json.loads(out)["total_incl_vat"] == "2164.20"


def test_exit_code_2_and_nothing_on_standard_output(tmp_path: Path) -> None:
    with process("quote", "-q", "1905", "--turnover", "100000", folder=tmp_path) as running:
        out, err = running.communicate()
    assert (running.returncode, out) == (2, b"")
    assert "--qualification" in err.decode("utf-8")


def test_a_reader_that_leaves_early(tmp_path: Path) -> None:
    with process("tables", "show", "nomenclature", folder=tmp_path) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_ctrl_c(tmp_path: Path) -> None:
    with process("quote", "--structure", "-", folder=tmp_path, stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        os.write(running.stdin.fileno(), b"n")
        while fcntl.ioctl(running.stdin, termios.FIONREAD, bytes(4)) != bytes(4):
            time.sleep(0.02)  # until the command reads
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate()
    assert (running.returncode, out) == (130, b"")
    assert err.decode("utf-8").startswith("Interrompu")


@pytest.mark.parametrize("stream", [path for path in (Path("/dev/full"),) if path.exists()])
def test_a_full_disk(tmp_path: Path, stream: Path) -> None:
    with stream.open("wb") as full, process("quote", "-t", "1=5", folder=tmp_path, stdout=full) as running:
        _, err = running.communicate()
    assert running.returncode == 2
    assert "le disque est plein" in err.decode("utf-8")
    assert b"Exception" not in err
