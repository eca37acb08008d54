"""What the server says to whoever runs it: little, and nothing of a caller."""

import logging
import socket
import subprocess
import time
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from opqibi_rules.web import log
from opqibi_rules.web.log import Sparing
from tests.web.serving import ROOT, command, environment


def said(filter_: Sparing, words: str, *args: object, error: BaseException | None = None) -> str | None:
    """What a record becomes."""
    trace = (type(error), error, None) if error else None
    record = logging.LogRecord("asyncio", logging.ERROR, "", 1, words, args, trace)
    return logging.Formatter().format(record) if filter_.filter(record) else None


def test_the_same_complaint_is_said_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("opqibi_rules.web.log.time.monotonic", lambda: now[0])
    sparing = Sparing()
    assert said(sparing, "out of %s\nsocket: <192.0.2.1>", "files") == "out of files"
    assert said(sparing, "out of %s\nsocket: <192.0.2.2>", "files") is None
    assert said(sparing, "another") == "another"
    now[0] += log.EVERY
    assert said(sparing, "out of files") == "out of files"
    for number in range(1000):
        said(sparing, f"{number}")
    assert len(sparing._said) <= 100  # bounded whatever is said


def test_a_trace_is_told_by_its_place_alone() -> None:
    told = said(Sparing(), "in a task", error=ValueError("the turnover of the caller"))
    assert told == "in a task (ValueError)"


def test_no_more_files_may_be_open() -> None:
    """It once wrote 12 MB in some seconds, and says who calls to nobody."""
    words = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *command("serve", "--port", "0")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) as process:
        assert process.stderr is not None
        where = urlsplit(process.stderr.readline().split()[4])
        place = (str(where.hostname), int(where.port or 0))
        with ExitStack() as kept:
            for _ in range(120):
                kept.enter_context(socket.create_connection(place))
            time.sleep(2.5)
        for _ in range(20):
            try:
                with urllib.request.urlopen(f"http://{place[0]}:{place[1]}/health", timeout=2) as answer:
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("it does not come back")
        process.terminate()
        told = process.communicate(timeout=20)[1]
    assert len(told) < 2000, told[:4000]
    assert "Traceback" not in told
