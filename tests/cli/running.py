"""Running the command line in this process, as a shell would, with its own streams and environment."""

import io
import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple
from unittest.mock import patch

from opqibi_rules.cli.main import run

ON = ("--date", "2026-03-02")


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


def asked(*arguments: str, env: Mapping[str, str] | None = None, out: Any = None) -> Outcome:
    """What ``opqibi-fees ARGUMENTS`` answers, in French unless ``env`` says otherwise."""
    stdout = out or io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", errors="backslashreplace")
    environment = {"PATH": os.environ.get("PATH", ""), "OPQIBI_LANG": "fr", **(env or {})}
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(sys, "stdout", stdout),
        patch.object(sys, "stderr", stderr),
    ):
        code = run(arguments)
        stderr.flush()
    said = stdout.buffer.getvalue().decode("utf-8") if out is None else ""
    return Outcome(code, said, stderr.buffer.getvalue().decode("utf-8"))


def plain(text: str) -> str:
    """A text with ordinary spaces, to compare sentences without minding their typography."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def refused(*arguments: str, env: Mapping[str, str] | None = None) -> str:
    """The one message of a refusal: exit code 2, nothing on standard output, no traceback."""
    outcome = asked(*arguments, env=env)
    assert outcome.code == 2, outcome
    assert not outcome.out
    assert "Traceback" not in outcome.err
    return plain(outcome.err).strip()
